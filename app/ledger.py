"""The clause ledger: every sentence of the guideline, its place, its hash, and the entry that carries it.

`python -m app.ledger [CORPUS_FOLDER]` writes clauses.jsonl anew: sentences that a rule or an advice quotes are
assigned to it, earlier assignments are kept, and a new or altered sentence is left with an empty list, which a
test (and a person) must resolve by naming entries or "context".
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path

from app.files import corpus_folder, read_text
from app.guideline import Guideline, load_guideline

NAME = "clauses.jsonl"
_MARKS = " \t*-#"


def clauses(text: str) -> list[tuple[int, int]]:
    """Give the (start, end) of every sentence of the guideline, headings included, marks of layout left out."""
    spans = []
    for line in re.finditer(r"[^\n]+", text):
        body = line[0]
        numbered = re.match(r"\d\. ", body)
        begin = numbered.end() if numbered else 0
        for piece in re.finditer(r".+?(?:(?<!etc)(?<!e\.g)[.!?](?:[)”*]+)?(?=\s+[“*A-Z(])|$)", body[begin:]):
            start, end = piece.span()
            part = piece[0]
            start += len(part) - len(part.lstrip(_MARKS))
            end -= len(part) - len(part.rstrip(_MARKS))
            if end > start:
                spans.append((line.start() + begin + start, line.start() + begin + end))
    return spans


def sha(words: str) -> str:
    """Give the first 12 hex digits of the SHA-256 of the words, white space folded."""
    return hashlib.sha256(" ".join(words.split()).encode()).hexdigest()[:12]


def ledger(guideline: Guideline, earlier: list[dict]) -> list[dict]:
    """Build the ledger's records; `earlier` assignments of unaltered sentences are kept."""
    kept = {record["sha"]: record["entries"] for record in earlier}
    records = []
    for number, (start, end) in enumerate(clauses(guideline.text), start=1):
        words = guideline.text[start:end]
        quoting = sorted({p.id.rsplit(".", 1)[0] for p in guideline.passages.values() if p.start < end and start < p.end})
        entries = sorted(set(quoting) | (set(kept.get(sha(words), [])) - {"context"})) or kept.get(sha(words), [])
        records.append({"id": f"c{number:03}", "start": start, "end": end, "sha": sha(words), "text": words, "entries": entries})
    return records


def read_ledger(folder: Path) -> list[dict]:
    """Read clauses.jsonl of a corpus folder; an absent file is an empty ledger."""
    path = folder / NAME
    return [json.loads(line) for line in read_text(path).splitlines()] if path.exists() else []


def main(folder: Path) -> int:
    """Write the ledger and say which sentences still need an assignment; gives their number."""
    records = ledger(load_guideline(folder), read_ledger(folder))
    lines = [json.dumps(record, ensure_ascii=False) for record in records]
    (folder / NAME).write_text("\n".join(lines) + "\n", encoding="utf-8")
    open_ones = [record for record in records if not record["entries"]]
    for record in open_ones:
        print(f"{record['id']}: assign this sentence to entries or to \"context\": {record['text']}")
    print(f"{len(records)} sentences, {len(open_ones)} unassigned.")
    return len(open_ones)


if __name__ == "__main__":
    raise SystemExit(1 if main(corpus_folder(sys.argv[1] if len(sys.argv) > 1 else None)) else 0)
