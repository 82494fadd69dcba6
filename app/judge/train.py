"""Train the judge: `python -m app.judge.train --base WEIGHTS` (needs torch and transformers; two CPU cores are enough).

The voices are dealt into folds. For each fold one network learns from all the others and is tried on it, so that
every post is read once by a network that has never seen its voice: those logits give the calibration, the
thresholds and the published figures. The mean of these networks' weights is tried on the --test voices, which no fold
has seen; trained further on all voices, it ships as 8-bit ONNX. Finished stages are kept in --work, so a run that
was cut short goes on where it stopped: give a new folder when the examples have changed.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from app.files import corpus_folder, model_folder
from app.guideline import load_guideline
from app.judge import data, measure
from app.judge.calibrate import fit_scales
from app.judge.export import quantise
from app.judge.fit import Recipe, encode_posts, encode_questions, predict, train
from app.judge.network import build
from app.judge.scales import Scales, to_json

# Voices that no fold learns from, by writers of their own.
TEST = [f"{writer}{voice}" for writer in range(17, 33) for voice in "ABC"]
NO_FOLD = -1
# 8-bit steps are too coarse behind the activations of the lower layers: they took 0.003 off the AUC.
FINER = tuple(f"layer.{i}/output/dense" for i in range(3))
FOLD = Recipe(epochs=3)
# The averaged network has seen most voices in some fold: two gentler epochs on all of them settle it.
LAST = Recipe(epochs=2, encoder_rate=5e-5, head_rate=5e-4, questions=1.0, seed=9)


@dataclass(frozen=True, slots=True)
class Material:
    """What teaches: labelled posts (rule files' examples and wishes among them), questions, and their labels' order."""

    posts: tuple[data.Post, ...]
    questions: tuple[data.Question, ...]
    known: data.Labels


def main(arguments: list[str] | None = None) -> None:
    """The command line; see the module's docstring."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--base", type=Path, required=True, help="folder of the MiniLM weights, config and tokenizer")
    options.add_argument("--corpus", help="guideline folder (default: the one that comes with presend)")
    options.add_argument("--out", type=Path, default=model_folder("judge"))
    options.add_argument("--work", type=Path, default=Path("runs/judge"), help="where finished stages are kept")
    options.add_argument("--folds", type=int, default=3, help="two or more")
    options.add_argument("--test", nargs="+", default=TEST, metavar="VOICE", help="voices for the averaged network")
    given = options.parse_args(arguments)
    if given.folds < 2:
        options.error("--folds needs two or more: each is tried on what the others have not seen")
    given.work.mkdir(parents=True, exist_ok=True)
    material = read_material(corpus_folder(given.corpus))
    if absent := sorted(set(given.test) - {p.voice for p in material.posts}):
        options.error(f"--test: no example is of voice {', '.join(absent)}")
    folds = deal(material.posts, given.folds, given.test)
    for fold in range(given.folds):
        one_fold(given.base, material, folds, fold, given.work)

    scales, figures = try_on_unseen(material, folds, given.work)
    mean = average(given.base, material.known, given.folds, given.work)
    figures["test"] = try_average(mean, given.base, material, folds, scales)
    export(last_stage(mean, given.base, material, given.work), given.out)
    about = {"version": 4, "data": data.data_hash(material.posts, material.questions), "posts": len(material.posts),
             "questions": len(material.questions), "folds": given.folds, "test": given.test, "recipe": [asdict(FOLD), asdict(LAST)]}
    write_scales(scales, about, figures, given.out)
    print("\n".join(measure.as_lines(figures["all"])))
    print("The averaged network on the test voices:", *measure.as_lines(figures["test"]), sep="\n")


def read_material(corpus: Path) -> Material:
    """All that teaches in a guideline folder."""
    posts = data.read_posts(corpus / "examples") + data.rule_posts(load_guideline(corpus).rules.values())
    questions = data.read_questions([corpus / "situations.jsonl"])
    return Material(tuple(posts), tuple(questions), data.labels(posts, questions))


def deal(posts: Sequence[data.Post], count: int, test: Sequence[str] = ()) -> list[int]:
    """The fold of each post: the voices of one writer stay together, the largest families are dealt first.

    The rule files' examples are dealt one by one. Posts of the `test` voices are in no fold: they get NO_FOLD.
    """
    families = Counter(family(p.voice) for p in posts if p.voice != data.RULES and p.voice not in test)
    sizes, dealt = [0] * count, {}
    for name, size in sorted(families.items(), key=lambda item: (-item[1], item[0])):
        dealt[name] = sizes.index(min(sizes))
        sizes[dealt[name]] += size
    return [zlib.crc32(p.text.encode()) % count if p.voice == data.RULES else
            NO_FOLD if p.voice in test else dealt[family(p.voice)] for p in posts]


def family(voice: str) -> str:
    """The writer of a voice: the number that its name begins with, else the first letter (which several writers may share)."""
    return re.match(r"\d+|.", voice)[0]


def one_fold(base: Path, material: Material, folds: Sequence[int], fold: int, work: Path) -> None:
    """Train the network that does not see `fold`, and keep its weights and its logits there in `work`."""
    import numpy as np
    import torch

    kept = work / f"fold-{fold}.npz"
    if kept.exists():
        return
    tokenizer, known = open_tokenizer(base), material.known
    asked = [i for i in range(len(material.questions)) if i % (max(folds) + 1) != fold]
    network = train(base, tokenizer, [p for p, f in zip(material.posts, folds) if f not in (fold, NO_FOLD)],
                    [material.questions[i] for i in asked], known, FOLD,
                    log=lambda line: print(f"fold {fold}: {line}", flush=True))
    unseen = [p for p, f in zip(material.posts, folds) if f == fold]
    unasked = material.questions[fold::max(folds) + 1]
    torch.save(network.state_dict(), work / f"fold-{fold}.pt")
    np.savez(kept, posts=predict(network, encode_posts(tokenizer, unseen, known))[0],
             questions=predict(network, encode_questions(tokenizer, unasked, known))[1])


def try_on_unseen(material: Material, folds: Sequence[int], work: Path) -> tuple[Scales, dict]:
    """Calibration and thresholds from all folds' logits on what they have not seen, and the figures.

    Both come from posts as people write them; the rule files' near misses and the wishes, of which there are far more
    than their share, are measured apart, with the calibration of all folds. Each fold's figures use the calibration of the other folds.
    """
    import numpy as np

    count = max(folds) + 1
    posts, questions = [None] * len(folds), [None] * len(material.questions)
    for fold in range(count):
        with np.load(work / f"fold-{fold}.npz") as held:
            for i, row in zip((i for i, f in enumerate(folds) if f == fold), held["posts"], strict=True):
                posts[i] = row
            questions[fold::count] = list(held["questions"])
    width = len(material.known.rules) + 1
    logits = np.array([np.zeros(width) if row is None else row for row in posts])
    written = [i for i, p in enumerate(material.posts)
               if folds[i] != NO_FOLD and p.voice != data.RULES and p.platform != data.WISH]
    others = {"rule files": [i for i, p in enumerate(material.posts) if p.voice == data.RULES],
              "wishes": [i for i, p in enumerate(material.posts) if p.platform == data.WISH and folds[i] != NO_FOLD]}
    chosen = [material.posts[i] for i in written]
    scales = fit_scales(chosen, logits[written], material.known, material.questions, np.array(questions))
    found, decided = cross_fitted(chosen, logits[written], material.known, [folds[i] for i in written])
    figures = {"all": measure.post_figures(chosen, found, decided, material.known)}
    for voice in sorted({p.voice for p in chosen}):
        places = [i for i, p in enumerate(chosen) if p.voice == voice]
        figures[voice] = _short(measure.post_figures([chosen[i] for i in places], [found[i] for i in places],
                                                     [decided[i] for i in places], material.known))
    for name, places in others.items():
        if places:
            read = [scales.probabilities(logits[i]) for i in places]
            decide = scales.refuse if name == "wishes" else scales.decide
            figures[name] = _short(measure.post_figures([material.posts[i] for i in places], read,
                                                        [decide(r) for r in read], material.known))
    figures["questions"] = measure.question_figures(material.questions, questions, scales)
    return scales, figures


def _short(figures: dict) -> dict:
    return {name: value for name, value in figures.items() if name != "rules"}


def cross_fitted(posts: Sequence[data.Post], logits, known: data.Labels,
                 folds: Sequence[int]) -> tuple[list[dict], list[dict]]:
    """Probabilities and decisions for posts, each fold with the calibration and thresholds of the other folds."""
    found, decided = [{}] * len(posts), [{}] * len(posts)
    for fold in sorted(set(folds)):
        rest = [i for i, f in enumerate(folds) if f != fold]
        scales = fit_scales([posts[i] for i in rest], logits[rest], known)
        for i, f in enumerate(folds):
            if f == fold:
                found[i] = scales.probabilities(logits[i])
                decided[i] = scales.decide(found[i])
    return found, decided


def average(base: Path, known: data.Labels, count: int, work: Path):
    """The network whose weights are the mean of the folds' (Wortsman et al. 2022, arXiv:2203.05482)."""
    import torch

    states = [torch.load(work / f"fold-{fold}.pt") for fold in range(count)]
    network = build(base, len(known.rules) + 1, len(known.entries) + len(known.answers), 0)
    network.load_state_dict({name: sum(state[name].double() for state in states).div(count).to(first.dtype)
                             for name, first in states[0].items()})
    return network.eval()


def try_average(network, base: Path, material: Material, folds: Sequence[int], scales: Scales) -> dict:
    """Figures of the averaged network on the posts that are in no fold."""
    posts = [p for p, f in zip(material.posts, folds) if f == NO_FOLD]
    logits = predict(network, encode_posts(open_tokenizer(base), posts, material.known))[0]
    found = [scales.probabilities(row) for row in logits]
    return measure.post_figures(posts, found, [scales.decide(p) for p in found], material.known)


def last_stage(mean, base: Path, material: Material, work: Path):
    """The network that ships: the averaged one, trained on with everything (kept in `work`)."""
    import torch

    kept = work / "last.pt"
    if kept.exists():
        mean.load_state_dict(torch.load(kept))
        return mean
    network = train(base, open_tokenizer(base), material.posts, material.questions, material.known, LAST,
                    start=mean.state_dict(), log=lambda line: print(f"last: {line}", flush=True))
    torch.save(network.state_dict(), kept)
    return network


def open_tokenizer(base: Path):
    """The base model's tokenizer with no cutting and no padding."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def export(network, folder: Path) -> None:
    """Write the network as model.onnx, most of its weights in 8 bits, into `folder`."""
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    example = torch.tensor([[101, 7592, 2088, 102], [101, 7592, 102, 0]])
    rows = {0: "texts", 1: "tokens"}
    with tempfile.TemporaryDirectory() as scratch:
        full = Path(scratch) / "full.onnx"
        torch.onnx.export(network, (example, (example > 0).long()), str(full), dynamo=False, opset_version=17,
                          input_names=["input_ids", "attention_mask"],
                          output_names=["post_logits", "question_logits", "word_logits"],
                          dynamic_axes={"input_ids": rows, "attention_mask": rows, "post_logits": {0: "texts"},
                                        "question_logits": {0: "texts"}, "word_logits": rows})
        quantise(full, folder / "model.onnx", FINER)


def write_scales(scales: Scales, about: dict, figures: dict, folder: Path) -> None:
    """Write judge.json: what the model is, its scales, and its figures on unseen voices."""
    text = json.dumps({**about, **to_json(scales), "figures": figures}, indent=1, ensure_ascii=False)
    (folder / "judge.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
