"""Public sets that the user brings: JSON lines of a stated shape, each measured in the figure it is known by.

The shapes are described in evals/README.md. A file that is absent is skipped with a word; nothing is downloaded.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import CorpusError, UsageError
from app.records import Draft
from evals.cases import lines
from evals.metrics import macro_f1
from evals.sari import sari
from evals.work import Bar

if TYPE_CHECKING:
    from app.assistant import Assistant

OFFENCE = ("no-offence",)
SLANT = ("remain-impartial", "separate-fact-from-opinion", "sensitive-topics", "no-criticism")
ASSET_IDENTITY = "the source itself scores 20.73 on the ASSET test (Alva-Manchego et al. 2020)"
Rows = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class PublicSet:
    """A set: its file, its fields with their kinds, and how it is measured."""

    name: str
    file: str
    fields: Mapping[str, type | tuple[type, ...]]
    measure: Callable[[Sequence[Mapping[str, Any]], Assistant, Bar], Rows]


def run_public(folder: Path, assistant: Assistant, limit: int | None, seed: int, bar: Bar) -> list[dict[str, Any]]:
    """Measure the sets that lie in a folder. Gives {"name", "rows"} or {"name", "missing"} for each.

    Raises UsageError when there is no such folder, CorpusError for a line of another shape.
    """
    if not folder.is_dir():
        raise UsageError(f"There is no folder '{folder}' of public sets.")
    found = []
    for chosen in SETS:
        path = folder / chosen.file
        if not path.is_file():
            found.append({"name": chosen.name, "missing": f"{chosen.file} is not in {folder}"})
            continue
        records = [_checked(record, chosen, where) for where, record in lines(path)]
        if limit is not None and limit < len(records):
            records = [records[i] for i in sorted(random.Random(seed).sample(range(len(records)), limit))]
        bar.start(chosen.name[:12], len(records))
        found.append({"name": chosen.name, "rows": chosen.measure(records, assistant, bar)})
        bar.end()
    return found


def _checked(record: Mapping[str, Any], chosen: PublicSet, where: str) -> Mapping[str, Any]:
    for name, kind in chosen.fields.items():
        if not isinstance(record.get(name), kind):
            raise CorpusError(f"{where}: '{name}' is missing or of the wrong kind. The shape of {chosen.file} is in evals/README.md.")
    return record


def _row(what: str, figure: str, beside: str = "") -> dict[str, str]:
    return {"what": what, "shown": figure, "beside": beside}


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f}\u00a0%" if whole else "–"


def _finds(assistant: Assistant, text: str, rules: Sequence[str], platform: str = "twitter") -> bool:
    """Does the check find one of the rules, as sure as the rule's own level?"""
    return any(f.rule in rules and f.level != "should" for f in assistant.check(Draft(text, platform)).findings)


def _offence(records: Sequence[Mapping[str, Any]], assistant: Assistant, bar: Bar) -> Rows:
    pairs = []
    for record in records:
        said = "offensive" if _finds(assistant, record["text"], OFFENCE) else "not-offensive"
        pairs.append((record["label"], said))
        bar.step()
    hit = sum(e == g == "offensive" for e, g in pairs)
    return [
        _row(f"macro-F1, {len(pairs)} texts", f"{macro_f1(pairs, ('offensive', 'not-offensive')):.3f}", "always the commoner class: " + f"{_majority(pairs):.3f}"),
        _row("recall of the offensive ones", _percent(hit, sum(e == "offensive" for e, _ in pairs))),
        _row("precision", _percent(hit, sum(g == "offensive" for _, g in pairs))),
    ]


def _majority(pairs: Sequence[tuple[str, str]]) -> float:
    names = [e for e, _ in pairs]
    common = max(set(names), key=names.count)
    return macro_f1([(e, common) for e in names], ("offensive", "not-offensive"))


def _functions(records: Sequence[Mapping[str, Any]], assistant: Assistant, bar: Bar) -> Rows:
    by_name: dict[str, list[bool]] = {}
    for record in records:
        said = _finds(assistant, record["text"], OFFENCE)
        by_name.setdefault(record["function"], []).append(said == (record["label"] == "hateful"))
        bar.step()
    right = sum(map(sum, by_name.values()))
    rows = [_row(f"all {len(records)} cases right", _percent(right, len(records)))]
    return rows + [_row(name, _percent(sum(v), len(v)), f"{len(v)} cases") for name, v in sorted(by_name.items(), key=lambda i: sum(i[1]) / len(i[1]))]


def _simplification(records: Sequence[Mapping[str, Any]], assistant: Assistant, bar: Bar) -> Rows:
    from app.files import model_folder
    from app.judge.encoder import Encoder
    from app.text.entities import entities

    encoder = Encoder(model_folder("encoder"))
    sources, references = [r["text"] for r in records], [r["references"] for r in records]
    outputs, likeness, kept, had = [], [], 0, 0
    for text in sources:
        output = assistant.revise(Draft(text, "blog")).text
        outputs.append(output)
        one, other = encoder.encode([text, output])
        likeness.append(float(one @ other))
        facts = [e.text for e in entities(text) if e.kind != "emoji"]
        kept += sum(fact in output for fact in facts)
        had += len(facts)
        bar.step()
    cut = [" ".join(t.split()[: max(1, round(0.8 * len(t.split())))]) for t in sources]
    changed = sum(a != b for a, b in zip(sources, outputs, strict=True))
    return [
        _row(f"SARI, {len(records)} texts, {min(map(len, references))} or more references", f"{sari(sources, outputs, references):.2f}", f"{_percent(changed, len(records))} of them changed"),
        _row("SARI of the source itself", f"{sari(sources, sources, references):.2f}", ASSET_IDENTITY),
        _row("SARI of the source without its last fifth", f"{sari(sources, cut, references):.2f}", "why SARI alone says little"),
        _row("meaning kept (mean cosine, MiniLM)", f"{sum(likeness) / len(likeness):.3f}", f"least {min(likeness):.3f}"),
        _row("numbers, names and links kept", _percent(kept, had), f"{had} in all"),
    ]


def _neutrality(records: Sequence[Mapping[str, Any]], assistant: Assistant, bar: Bar) -> Rows:
    slanted = neutral = exact = changed = 0
    for record in records:
        slanted += _finds(assistant, record["biased"], SLANT, "blog")
        neutral += _finds(assistant, record["neutral"], SLANT, "blog")
        text = assistant.revise(Draft(record["biased"], "blog")).text
        changed += text != record["biased"]
        exact += " ".join(text.split()) == " ".join(record["neutral"].split())
        bar.step()
    n = len(records)
    return [
        _row(f"slanted sentences found, of {n}", _percent(slanted, n)),
        _row("their neutral versions found too (lower is better)", _percent(neutral, n)),
        _row("revised to the neutral version exactly", _percent(exact, n), f"{_percent(changed, n)} changed at all"),
    ]


def _length(records: Sequence[Mapping[str, Any]], assistant: Assistant, bar: Bar) -> Rows:
    from app.text.length import limit, post_length

    right = fits = 0
    for record in records:
        length = post_length(record["text"], "twitter")
        right += length == record["length"]
        fits += (length <= limit("twitter")) == (record["length"] <= limit("twitter"))
        bar.step()
    return [_row(f"weighted length exactly right, of {len(records)}", _percent(right, len(records))), _row("fits or not: right", _percent(fits, len(records)))]


SETS = (
    PublicSet("offence", "offence.jsonl", {"text": str, "label": str}, _offence),
    PublicSet("functions of offence", "hatecheck.jsonl", {"text": str, "function": str, "label": str}, _functions),
    PublicSet("simplification", "simplification.jsonl", {"text": str, "references": list}, _simplification),
    PublicSet("neutrality", "neutrality.jsonl", {"biased": str, "neutral": str}, _neutrality),
    PublicSet("tweet length", "tweet-length.jsonl", {"text": str, "length": int}, _length),
)
