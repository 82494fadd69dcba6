"""The language-model engine: fills the prompts, sends them, and turns strict replies into proposals.

It takes nothing on trust and decides nothing: what it gives goes through the gate (see verified.py).
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterable, Sequence

from app.engines.llm import context
from app.engines.llm.budget import Budget, Usage
from app.engines.llm.edits import outer_space, tie, unasked
from app.engines.llm.privacy import Mask
from app.engines.llm.reply import ANSWER, BIOS, REVISION, ReplyError, growing_text, read_reply
from app.engines.llm.wire import Messages, Wire
from app.engines.offline.bio import bio_length, wishes
from app.engines.proposal import Proposal
from app.guideline import Guideline
from app.manuscript import apply_edits
from app.prompts import load_prompt
from app.records import Answer, Declined, Fault, Finding, Profile, Review
from app.retrieval.retriever import Hit, Retriever
from app.settings import Settings
from app.tokens import count

CONFIDENCE = 0.5  # of a model's finding: nobody has measured how often this model is right
NEIGHBOURS = 5
MOST_CITATIONS = 3


class Engine:
    """Writes revisions, answers and bios with the configured model; safe to call from several threads.

    `previous` and `faults` of each method make it the one repair request: they are the reply that was refused, and why.
    """

    def __init__(self, settings: Settings, guideline: Guideline, retriever: Callable[[], Retriever] | None = None):
        self.settings = settings
        self.guideline = guideline
        self.wire = Wire(settings)
        self.usage = Usage()
        self._retriever = retriever
        self._lock = threading.Lock()

    def revise(
        self,
        review: Review,
        faults: Sequence[Fault] = (),
        previous: str | None = None,
        budget: Budget | None = None,
        on_text: Callable[[str], None] | None = None,
    ) -> tuple[Proposal, str]:
        """Give a proposal for a reviewed draft and the reply as it came.

        `on_text` gets the growing, unverified revision. Raises ReplyError when the reply can't be used, ModelError when none came.
        """
        messages, mask = self._revision_messages(review)

        def show(partial: str) -> None:
            if text := growing_text(partial, "revision"):
                on_text(mask.restore(text))

        raw = self._ask(messages, REVISION, budget, faults, previous, show if on_text else None)
        return _naming(raw, lambda: self._proposal(review, _restored(read_reply(raw, REVISION), mask))), raw

    def answer(
        self,
        question: str,
        hits: Sequence[Hit],
        review: Review | None,
        faults: Sequence[Fault] = (),
        previous: str | None = None,
        budget: Budget | None = None,
    ) -> tuple[Answer, str]:
        """Give an answer to a question and the reply as it came. Raises ReplyError or ModelError."""
        messages, mask = self._answer_messages(question, hits, review)
        raw = self._ask(messages, ANSWER, budget, faults, previous)
        return _naming(raw, lambda: self._answer(_restored(read_reply(raw, ANSWER), mask), review)), raw

    def bios(
        self,
        profile: Profile,
        declined: Iterable[Declined] = (),
        faults: Sequence[Fault] = (),
        previous: str | None = None,
        budget: Budget | None = None,
    ) -> tuple[list[str], str]:
        """Give bios and the reply as it came. Raises ReplyError or ModelError."""
        messages, mask = self._bio_messages(profile, declined)
        raw = self._ask(messages, BIOS, budget, faults, previous)
        reply = _naming(raw, lambda: _restored(read_reply(raw, BIOS), mask))
        return list(dict.fromkeys(" ".join(text.split()) for text in reply["bios"])), raw

    def show_prompt(self, kind: str, *about) -> str:
        """Show what would be sent, and where: kind "revise" (a Review), "answer" (as `answer`) or "bio" (as `bios`)."""
        make = {"revise": self._revision_messages, "answer": self._answer_messages, "bio": self._bio_messages}[kind]
        form = {"revise": REVISION, "answer": ANSWER, "bio": BIOS}[kind]
        messages, mask = make(*about)
        total, counted = count("\n".join(text for _, text in messages) + json.dumps(form), self.settings)
        how = "counted with tiktoken" if counted else "an estimate: tiktoken's table is not on this machine"
        key = "with the key of the settings" if self.settings.openai_api_key else "without a key"
        lines = [
            f"To: {self.wire.address} (model {self.settings.model}, {key})",
            f"About {total:,} tokens ({how}); {mask.hidden} values are hidden behind placeholders.",
        ]
        for role, text in messages:
            lines += ["", f"[{role}]", text]
        return "\n".join([*lines, "", "[form of the reply]", json.dumps(form)])

    def _ask(
        self,
        messages: Messages,
        form: dict,
        budget: Budget | None,
        faults: Sequence[Fault],
        previous: str | None,
        on_text: Callable[[str], None] | None = None,
    ) -> str:
        if faults and previous:
            listed = "\n".join(f"- {fault.detail}" for fault in faults)
            messages = [*messages, ("assistant", previous), *load_prompt("repair").messages(faults=listed)]
        budget = budget or Budget(self.settings.timeout)
        before = budget.usage
        try:
            return self.wire.ask(messages, form, budget, on_text)
        finally:
            spent = budget.usage
            with self._lock:
                self.usage = self.usage.plus(
                    Usage(spent.requests - before.requests, spent.tokens_in - before.tokens_in, spent.tokens_out - before.tokens_out, spent.counted)
                )

    def _revision_messages(self, review: Review) -> tuple[Messages, Mask]:
        draft = review.draft
        mask = Mask(self.settings.hide_names, self.guideline.organisation, draft.text, draft.audience)
        near = [p for f in review.findings for p in self.guideline.rules[f.rule].passages]
        if self._retriever and draft.text.strip():
            near += [hit.passage for hit in self._retriever().search(draft.text, NEIGHBOURS)]
        text = mask.hide(draft.text)
        limit = review.figures.limit
        messages = load_prompt("revise").messages(
            guideline=self.guideline.organisation.title,
            catalogue=context.catalogue(self.guideline, "post"),
            platform=draft.platform,
            limit=f"at most {limit} characters" if limit else "no limit of characters",
            account=draft.account,
            audience=mask.hide(draft.audience) or "anybody",
            passages=context.passages(self.guideline, near),
            findings=mask.hide(context.findings(review)),
            fence=context.fence(text),
            draft=text,
        )
        return messages, mask

    def _answer_messages(self, question: str, hits: Sequence[Hit], review: Review | None) -> tuple[Messages, Mask]:
        organisation = self.guideline.organisation
        mask = Mask(self.settings.hide_names, organisation, question)
        text = mask.hide(question)
        messages = load_prompt("answer").messages(
            guideline=organisation.title,
            manager=organisation.contacts["manager"],
            passages=context.all_passages(self.guideline),
            likely=", ".join(dict.fromkeys(hit.passage for hit in hits)) or "nothing",
            findings=mask.hide(context.findings(review)),
            account=review.draft.account if review else "personal",
            fence=context.fence(text),
            question=text,
        )
        return messages, mask

    def _bio_messages(self, profile: Profile, declined: Iterable[Declined] = ()) -> tuple[Messages, Mask]:
        organisation = self.guideline.organisation
        refused = {one.wish for one in declined}
        lines = {
            "Name": profile.name,
            "Role": profile.role,
            "Interests": ", ".join(profile.interests),
            "Wishes": "; ".join(wish for wish in wishes(profile.wishes) if wish not in refused),
            "Present bio": profile.current_bio,
        }
        mask = Mask(self.settings.hide_names, organisation, *lines.values())
        text = "\n".join(f"{label}: {mask.hide(value)}" for label, value in lines.items() if value.strip())
        messages = load_prompt("bio").messages(
            guideline=organisation.title,
            organisation=organisation.name,
            handle=organisation.main_handle,
            catalogue=context.catalogue(self.guideline, "bio"),
            most=str(bio_length(self.guideline)),
            fence=context.fence(text),
            profile=text,
        )
        return messages, mask

    def _proposal(self, review: Review, reply: dict) -> Proposal:
        draft = review.draft.text
        found = self._findings(draft, reply["findings"], review.findings)
        findings = (*review.findings, *found)
        rewritten = outer_space(draft, reply["revision"])
        edits = tie(draft, rewritten, findings, self.guideline)
        if review.figures.limit and review.figures.length > review.figures.limit:
            faults = []  # what is too long loses whole sentences, and may
        else:
            faults = unasked(draft, edits, findings)
        asks = tuple(dict.fromkeys(" ".join(ask.split()) for ask in reply["for_author"] if ask.strip()))
        if findings and not edits and not asks:
            faults.append(Fault("unmended", "Nothing was done about what was found."))
        if faults:
            raise ReplyError(faults)
        return Proposal(apply_edits(draft, edits), edits, asks, (), self._wording(findings), found)

    def _findings(self, draft: str, replied: list[dict], local: Sequence[Finding]) -> tuple[Finding, ...]:
        """Turn the reply's findings into ours; leaves out what the check has found itself. Raises ReplyError."""
        faults, found, taken = [], [], {}
        for item in replied:
            rule, words = self.guideline.rules.get(item["rule"]), item["words"].strip()
            if rule is None or "post" not in rule.applies_to:
                faults.append(Fault("unknown-rule", f"There is no rule “{item['rule'][:60]}” for a post."))
                continue
            if item["passage"] not in rule.passages:
                faults.append(Fault("unknown-passage", f"“{item['passage'][:60]}” is no passage of “{rule.id}”."))
            start = _place(draft, words, taken.get((rule.id, words), 0))
            if start < 0:
                faults.append(Fault("evidence", f"The words “{words[:60]}” are not in the draft."))
                continue
            taken[rule.id, words] = end = start + len(words)
            if any(f.rule == rule.id and f.start < end and start < f.end for f in (*local, *found)):
                continue
            explanation = " ".join(item["explanation"].split())
            found.append(
                Finding(rule.id, rule.level, start, end, explanation, item["passage"], rule.suggest or None, source="llm", confidence=CONFIDENCE)
            )
        if faults:
            raise ReplyError(faults)
        return tuple(found)

    def _wording(self, findings: Iterable[Finding]) -> tuple[str, ...]:
        """Give the words in which the corpus speaks of the rules found: a revision may use them."""
        rules = dict.fromkeys(f.rule for f in findings)
        return tuple(f"{self.guideline.rules[r].suggest} {' '.join(p.text for p in self.guideline.passages_of(r))}" for r in rules)

    def _answer(self, reply: dict, review: Review | None) -> Answer:
        ids = list(dict.fromkeys(reply["passages"]))[:MOST_CITATIONS]
        if unknown := [p for p in ids if p not in self.guideline.passages]:
            raise ReplyError([Fault("unknown-passage", f"There is no passage “{p[:60]}”.") for p in unknown])
        rules = tuple(dict.fromkeys(p.rpartition(".")[0] for p in ids))
        conditions = tuple(c for c in (" ".join(c.split()) for c in reply["conditions"]) if c) if reply["answer"] == "yes-if" else ()
        citations = tuple(self.guideline.passages[p] for p in ids)
        return Answer(reply["answer"], " ".join(reply["text"].split()), conditions, rules, citations, review, "llm")


def _place(draft: str, words: str, begin: int) -> int:
    """Give where these words stand in the draft as whole words, from `begin` on, or -1: a letter is no evidence.

    Scripts written without spaces have no such ends.
    """
    ends = (r"(?<![^\W\u2e80-\U0003ffff])" if words[:1].isalnum() else "", r"(?![^\W\u2e80-\U0003ffff])" if words[-1:].isalnum() else "")
    found = re.compile(ends[0] + re.escape(words) + ends[1]).search(draft, begin) if words else None
    return found.start() if found else -1


def _naming(raw: str, work: Callable):
    """Do `work`; let a ReplyError carry the reply that it speaks of."""
    try:
        return work()
    except ReplyError as error:
        error.raw = raw
        raise


def _restored(value, mask: Mask):
    """Put hidden values back into every text of a reply. Raises ReplyError for a placeholder that stands for nothing."""
    if isinstance(value, str):
        text = mask.restore(value)
        if stray := mask.leftover(text):
            raise ReplyError([Fault("placeholder", f"{stray} stands for nothing.")])
        return text
    if isinstance(value, list):
        return [_restored(item, mask) for item in value]
    return {key: _restored(item, mask) for key, item in value.items()}
