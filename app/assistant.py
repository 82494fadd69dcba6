"""The one core behind every surface: check, revise, ask, bio; engines propose, the gate disposes."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from app.check import Checker, verdict_of
from app.engines.offline import answer as offline_answer
from app.engines.offline import bio as offline_bio
from app.engines.offline import revise as offline_revise
from app.engines.proposal import Proposal
from app.errors import ModelError, SettingsError, UsageError
from app.files import corpus_folder, model_folder
from app.guideline import Guideline, load_guideline
from app.judge.judge import Judge
from app.manuscript import apply_edits, compose
from app.records import Answer, Bio, Bios, Declined, Draft, Finding, Profile, Review, Revision
from app.settings import Settings
from app.verify import as_draft, verify_answer, verify_bio, verify_revision

MOST_CHARACTERS = 30_000  # of a draft: half as long again as the longest article worth one post
MOST_QUESTION = 5_000
SETTLING = 3  # further revisions tried until one changes nothing
ENGINES = ("offline", "llm")
_EXPERTS = re.compile(r"\b(?:experts?|committee|delegates?|technical|specialists?|engineers?|auditors?|secretar(?:y|ies)|convenors?|peers)\b", re.I)


class Assistant:
    """Answers the four questions for one guideline and one set of settings; safe to call from several threads.

    `engine` is "offline", "llm", or None for "llm" when a model is configured and "offline" otherwise.
    """

    def __init__(self, settings: Settings, engine: str | None = None):
        self.settings = settings
        self._engine = engine
        self._lock = threading.RLock()

    @cached_property
    def guideline(self) -> Guideline:
        """The corpus. Raises CorpusError."""
        return load_guideline(corpus_folder(self.settings.corpus or None))

    @cached_property
    def judge(self) -> Judge:
        """The embedded judge."""
        return Judge(model_folder("judge"), tuple(self.guideline.rules))

    @cached_property
    def checker(self) -> Checker:
        """The matchers and the judge."""
        return Checker(self.guideline, self.judge)

    @cached_property
    def retriever(self):
        """The search over passages and situations; built at first use."""
        from app.judge.encoder import Encoder
        from app.retrieval.retriever import Retriever
        from app.retrieval.situations import read_situations

        with self._lock:
            return Retriever(self.guideline, read_situations(self.guideline), Encoder(model_folder("encoder")), self.settings.cache_folder)

    @cached_property
    def _model(self):
        from app.engines.llm.engine import Engine

        return Engine(self.settings, self.guideline, lambda: self.retriever)

    def engine_name(self, engine: str | None = None) -> str:
        """Say which engine a call would use. Raises UsageError or SettingsError when that one cannot be."""
        chosen = engine or self._engine or ("llm" if self.settings.model else "offline")
        if chosen not in ENGINES:
            raise UsageError(f"There is no engine '{chosen}'. Use one of: {', '.join(ENGINES)}.")
        if chosen == "llm" and not self.settings.model:
            raise SettingsError("No language model is configured. Set PRESEND_MODEL (and OPENAI_BASE_URL for a server of your own), or use --engine offline.")
        return chosen

    def check(self, draft: Draft, field: str = "post") -> Review:
        """Check a draft, or a profile's field. Raises UsageError for a draft that is too long."""
        if len(draft.text) > MOST_CHARACTERS:
            raise UsageError(f"The draft has {len(draft.text):,} characters; presend reads up to {MOST_CHARACTERS:,}. Check it in parts.")
        return self.checker.review(draft, field)

    def revise(self, draft: Draft, engine: str | None = None) -> Revision:
        """Check a draft and give a revision that the gate has let through; at worst the draft itself, and why."""
        review = self.check(draft)
        notes: list[str] = []
        if self.engine_name(engine) == "llm":
            from app.engines.llm import verified

            try:
                return verified.revise(self._model, review, self.check)
            except ModelError as error:
                notes.append(f"{error} This is the offline revision.")
        return self._revise_offline(review, notes)

    def stream(self, draft: Draft, engine: str | None = None) -> Iterator[str | Revision]:
        """Give growing, unverified text while a model writes, and last the Revision that the gate let through."""
        if self.engine_name(engine) == "llm":
            from app.engines.llm import verified

            review = self.check(draft)
            try:
                yield from verified.stream_revision(self._model, review, self.check)
            except ModelError as error:
                yield self._revise_offline(review, [f"{error} This is the offline revision."])
        else:
            yield self.revise(draft, engine)

    def warm(self) -> None:
        """Load what the first check and question need, so that they are answered at once."""
        self.check(Draft("Hello from the warm-up, which nobody reads."))
        _ = self.retriever

    def _revise_offline(self, review: Review, notes: list[str]) -> Revision:
        """Revise until a further revision would change nothing; a text that never settles is handed back."""
        first = revision = self._revise_once(review)
        for _ in range(SETTLING):
            again = self._revise_once(revision.after) if revision.edits else revision
            if again.text == revision.text:
                return replace(revision, notes=(*notes, *revision.notes))
            edits = compose(review.draft.text, revision.edits, again.edits)
            if verify_revision(review, edits, again.after, [e.replacement for e in edits]):
                break
            revision = replace(again, edits=edits, before=review)
        reason = "No revision came to rest; the draft is handed back unchanged."
        return Revision(review.draft.text, (), review, review, first.for_author, notes=(*notes, reason))

    def _revise_once(self, review: Review) -> Revision:
        draft = review.draft
        proposal = offline_revise.revise(review, self.check, keep_terms=bool(_EXPERTS.search(draft.audience)))
        notes: list[str] = []
        after, faults = self._gate(review, proposal)
        if faults:  # take back the edits that the faults concern; if that does not help, all of them
            notes.append(f"Not every change passed the check ({faults[0].detail}); what did not was taken back.")
            proposal = self._without_faulty_edits(review, proposal)
            after, faults = self._gate(review, proposal)
        if faults:
            notes.append(f"No revision passed the check ({faults[0].detail}); the draft is handed back unchanged.")
            proposal = Proposal(draft.text, (), proposal.for_author)
            after = review
        return Revision(proposal.text, proposal.edits, review, after, proposal.for_author, notes=(*notes, *proposal.notes))

    def _gate(self, review: Review, proposal: Proposal):
        after = review if proposal.text == review.draft.text else self.check(as_draft(review.draft, proposal.text))
        return after, verify_revision(review, proposal.edits, after, proposal.wording)

    def _without_faulty_edits(self, review: Review, proposal: Proposal) -> Proposal:
        """Keep the edits that pass the gate one by one, in their order."""
        kept = []
        for edit in proposal.edits:
            trial = [*kept, edit]
            text = apply_edits(review.draft.text, trial)
            if not self._gate(review, replace(proposal, text=text, edits=tuple(trial)))[1]:
                kept = trial
        numbered = tuple(replace(edit, id=n) for n, edit in enumerate(kept, start=1))
        return replace(proposal, text=apply_edits(review.draft.text, numbered), edits=numbered)

    def show_prompt(self, draft: Draft) -> str:
        """Give exactly what a revision would send to the configured model, and where; nothing is sent."""
        self.engine_name("llm")
        return self._model.show_prompt("revise", self.check(draft))

    def ask(self, question: str, account: str = "personal", engine: str | None = None) -> Answer:
        """Answer a question from the guideline. Raises UsageError for an empty or too long question."""
        question = question.strip()
        if not question:
            raise UsageError('The question is empty. Ask something, for instance: presend ask "May I post a photo of my team?"')
        if len(question) > MOST_QUESTION:
            raise UsageError(f"The question has {len(question):,} characters; presend reads up to {MOST_QUESTION:,}. Check a long draft with 'presend check'.")
        notes: list[str] = []
        offline = offline_answer.answer(question, self.guideline, self.retriever, self.judge, self.check, account)
        if self.engine_name(engine) == "llm":
            from app.engines.llm import verified

            try:
                hits = self.retriever.search(question, 8)
                return verified.answer(self._model, question, hits, offline.check, lambda a: verify_answer(a, self.guideline))
            except ModelError as error:
                notes.append(f"{error} This is the offline answer.")
        faults = verify_answer(offline, self.guideline)
        if faults:
            raise UsageError(f"No answer passed the check: {faults[0].detail}")
        return replace(offline, notes=(*notes, *offline.notes))

    def bio(self, profile: Profile, engine: str | None = None) -> Bios:
        """Write bios and handles for a profile, check the current ones, decline wishes that break a rule."""
        if not profile.name.strip():
            raise UsageError("Give a name, for instance: presend bio --name 'John Smith' --role 'Project Manager'.")
        declined = self._declined(profile)
        notes: list[str] = []
        made_by, texts = "offline", offline_bio.candidates(profile, self.guideline)
        if self.engine_name(engine) == "llm":
            from app.engines.llm import verified

            try:
                texts = [*verified.bios(self._model, profile, declined, self._bio_faults), *texts]
                made_by = "llm"
            except ModelError as error:
                notes.append(f"{error} These are the offline bios.")
        bios = self._passing(texts, 5)
        names = [h for h in offline_bio.handles(profile.name, profile.role) if not self._field(h, "handle").findings]
        if any(c.isalpha() and ord(c) > 0x24F for c in profile.name):  # beyond the Latin blocks
            notes.append("Handles take the letters a to z only. These are a machine's romanisation: put your own in its place where you write your name differently.")
        present = {"bio": profile.current_bio, "handle": profile.current_handle}
        return Bios(tuple(bios), tuple(names[:5]), self._current(present), present, tuple(declined), made_by, tuple(notes))

    def _bio_faults(self, text: str):
        bio = Bio(text, self._field(text, "bio"))
        return verify_bio(bio, offline_bio.bio_length(self.guideline))

    def _passing(self, texts: list[str], most: int) -> list[Bio]:
        bios: list[Bio] = []
        for text in dict.fromkeys(texts):
            bio = Bio(text, self._field(text, "bio"))
            if not verify_bio(bio, offline_bio.bio_length(self.guideline)):
                bios.append(bio)
            if len(bios) == most:
                break
        return bios

    def _field(self, text: str, field: str) -> Review:
        return self.checker.review(Draft(text, "twitter"), field)

    def _declined(self, profile: Profile) -> list[Declined]:
        """Give the wishes that a rule forbids, each with its first rule."""
        found = ((wish, self._field(wish, "wish").findings) for wish in offline_bio.wishes(profile.wishes))
        return [Declined(wish, findings[0].rule, findings[0].passage) for wish, findings in found if findings]

    def _current(self, present: dict[str, str]) -> Review | None:
        """Check the present bio and handle; findings say which of them."""
        reviews = [(field, self._field(text, field)) for field, text in present.items() if text.strip()]
        if not reviews:
            return None
        findings: list[Finding] = [replace(f, field=field) for field, review in reviews for f in review.findings]
        base = reviews[0][1]
        return Review(base.draft, tuple(findings), verdict_of(findings), base.figures)
