"""What the model writes, shown only when the gate lets it through: one request, one repair that lists the faults, else ModelError.

All of it, waiting included, within the time limit of the settings. The Assistant answers a ModelError with the offline engine.
"""

from __future__ import annotations

import queue
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from app.check import verdict_of
from app.engines.llm.budget import Budget
from app.engines.llm.engine import Engine
from app.engines.llm.reply import ReplyError
from app.engines.offline.bio import candidates
from app.engines.proposal import Proposal
from app.guideline import Guideline
from app.records import Answer, Declined, Draft, Fault, Finding, Profile, Review, Revision
from app.retrieval.retriever import Hit
from app.text.entities import entities
from app.text.language import content_words
from app.verify import as_draft, verify_findings, verify_prose, verify_revision

Check = Callable[[Draft], Review]
LEAST_BIOS = 3
MOST_OWN_WORDS = 2  # of a bio's words that neither the person nor the corpus uses, such as “enthusiast”
LEAST_SECONDS = 0.2  # left for a repair request; with less it isn't worth sending


def revise(engine: Engine, review: Review, check: Check, budget: Budget | None = None, on_text: Callable[[str], None] | None = None) -> Revision:
    """Give the model's revision of a reviewed draft. Raises ModelError when none came or none passed.

    check: checks a changed text; on_text: gets the growing revision, which nobody has verified yet.
    """
    budget = budget or Budget(engine.settings.timeout)

    def attempt(faults: Sequence[Fault], previous: str | None):
        proposal, raw = engine.revise(review, faults, previous, budget, on_text)
        before = _with(review, proposal.findings)
        after = check(as_draft(review.draft, proposal.text)) if proposal.edits else review
        after = _with(after, _standing(proposal))
        refused = [
            *verify_findings(review.draft.text, proposal.findings, engine.guideline),
            *_prose_faults([*(f.explanation for f in proposal.findings), *proposal.for_author], [review.draft.text], engine.guideline),
            *verify_revision(before, proposal.edits, after, proposal.wording),
        ]
        return Revision(proposal.text, proposal.edits, before, after, proposal.for_author, "llm", True, ()), raw, refused

    revision = _repaired(attempt, budget)
    notes = [*_disagreement(review, revision.before), _told(engine, budget)]
    return replace(revision, notes=tuple(notes))


def stream_revision(engine: Engine, review: Review, check: Check, budget: Budget | None = None) -> Iterator[str | Revision]:
    """Yield the growing, unverified revision as texts, and last the verified Revision; closing the generator cancels.

    Raises ModelError as `revise` does.
    """
    budget = budget or Budget(engine.settings.timeout)
    told: queue.SimpleQueue[str | Revision | Exception] = queue.SimpleQueue()

    def work() -> None:
        try:
            told.put(revise(engine, review, check, budget, told.put))
        except Exception as error:
            told.put(error)

    threading.Thread(target=work, name="presend-stream", daemon=True).start()
    try:
        while True:
            item = told.get()
            if isinstance(item, Exception):
                raise item
            yield item
            if isinstance(item, Revision):
                return
    finally:
        budget.cancel()


def answer(
    engine: Engine,
    question: str,
    hits: Sequence[Hit],
    review: Review | None,
    gate: Callable[[Answer], list[Fault]],
    budget: Budget | None = None,
) -> Answer:
    """Give the model's answer to a question. Raises ModelError when none came or none passed."""
    budget = budget or Budget(engine.settings.timeout)

    def attempt(faults: Sequence[Fault], previous: str | None):
        given, raw = engine.answer(question, hits, review, faults, previous, budget)
        refused = [*gate(given), *_prose_faults([given.text, *given.conditions], [question], engine.guideline)]
        if given.answer == "yes-if" and not given.conditions:
            refused.append(Fault("conditions", "“yes-if” needs its conditions."))
        return given, raw, refused

    return replace(_repaired(attempt, budget), notes=(_told(engine, budget),))


def bios(
    engine: Engine, profile: Profile, declined: Iterable[Declined], gate: Callable[[str], list[Fault]], budget: Budget | None = None
) -> list[str]:
    """Give at least three bios of the model's that pass. Raises ModelError when fewer do."""
    budget = budget or Budget(engine.settings.timeout)
    declined = tuple(declined)
    said = [profile.name, profile.role, " ".join(profile.interests), profile.wishes, profile.current_bio]
    organisation = engine.guideline.organisation
    sources = [*said, organisation.main_handle, organisation.full_name, *organisation.aliases]
    vocabulary = f"{engine.guideline.text} {' '.join(candidates(profile, engine.guideline))}"

    def attempt(faults: Sequence[Fault], previous: str | None):
        texts, raw = engine.bios(profile, declined, faults, previous, budget)
        refused: list[Fault] = []
        good = []
        for text in texts:
            wrong = [*gate(text), *verify_prose(text, sources), *_claims(text, sources, vocabulary)]
            refused += [Fault(w.kind, f"“{text[:50]}”: {w.detail}") for w in wrong]
            if not wrong:
                good.append(text)
        enough = len(good) >= LEAST_BIOS
        return good, raw, [] if enough else [*refused, Fault("too-few", f"At least {LEAST_BIOS} different bios are needed.")]

    return _repaired(attempt, budget)


def _repaired(attempt: Callable[[Sequence[Fault], str | None], tuple], budget: Budget):
    """Attempt once, and once more with the faults. Raises ModelError (ReplyError with what the gate said)."""
    faults: Sequence[Fault] = ()
    previous = None
    for last in (False, True):
        try:
            result, previous, faults = attempt(faults, previous)
        except ReplyError as error:
            faults, previous = error.faults, error.raw
        if not faults:
            return result
        if last or budget.left < LEAST_SECONDS or budget.cancelled:
            raise ReplyError(faults)
    raise AssertionError("unreachable")


def _prose_faults(texts: Iterable[str], sources: Sequence[str], guideline: Guideline) -> list[Fault]:
    contacts = " ".join(guideline.organisation.contacts.values())
    return [fault for text in texts for fault in verify_prose(text, [*sources, guideline.text, contacts])]


_CLAIMS = frozenset(
    "award awarded winning winner expert guru leading leader renowned acclaimed certified chartered senior chief principal director "
    "president founder professor doctor phd bestselling author veteran official spokesperson voice".split()
)


def _claims(text: str, sources: Sequence[str], vocabulary: str) -> list[Fault]:
    """Find what a person has not said of themselves: names, titles and honours, and more than a few words of the model's own.

    vocabulary: words that any bio may use.
    """
    said = set(re.findall(r"[^\W_]+", " ".join(sources).casefold()))
    known = content_words(" ".join([*sources, vocabulary]))
    spoken = re.findall(r"[^\W\d_]+", text)
    wrong = [word for word in spoken if word.casefold() in _CLAIMS - said]
    foreign = [word for word in spoken if content_words(word) - known]
    wrong += [word for word in foreign if word[0].isupper()]
    wrong += [e.text for e in entities(text) if e.kind == "name" and not set(re.findall(r"[^\W_]+", e.text.casefold())) <= said]
    faults = [Fault("new-fact", f"“{word}” is not what the person said.") for word in dict.fromkeys(wrong)]
    if len(set(foreign)) > MOST_OWN_WORDS:
        faults.append(Fault("new-claim", "It says more than the person did."))
    return faults


def _with(review: Review, findings: Sequence[Finding]) -> Review:
    """Add a model's findings to a check; the check's own always stay."""
    if not findings:
        return review
    every = tuple(sorted((*review.findings, *findings), key=lambda f: (f.start, f.end, f.rule)))
    return replace(review, findings=every, verdict=verdict_of(every))


def _standing(proposal: Proposal) -> tuple[Finding, ...]:
    """Give the model's findings whose words no edit has touched, at their places in the revision."""
    standing = []
    for finding in proposal.findings:
        if any(e.start < finding.end and finding.start < e.end for e in proposal.edits):
            continue
        shift = sum(len(e.replacement) - (e.end - e.start) for e in proposal.edits if e.end <= finding.start)
        standing.append(replace(finding, start=finding.start + shift, end=finding.end + shift))
    return tuple(standing)


def _disagreement(local: Review, both: Review) -> list[str]:
    """Say where the check and the model differ on stopping a post."""
    stops = [f for f in both.findings if f.level != "should"]
    by_model = [f for f in stops if f.source == "llm"]
    if by_model and local.verdict == "ready":
        return [f"The model would stop this post ({by_model[0].rule}); presend's own check would not. Both are shown."]
    return []


def _told(engine: Engine, budget: Budget) -> str:
    return budget.usage.sentence(engine.settings.price_in, engine.settings.price_out)
