"""Train the judge: `python -m app.judge.train --base WEIGHTS` (needs torch and transformers; two CPU cores are enough).

For each group of voices a network is trained without them and tried on them; its logits there give the calibration,
the thresholds and the published figures. The judge itself is then trained on all voices, exported as 8-bit ONNX, and
the report printed. Finished networks are kept in --work, so a run that was cut short goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import pickle
import tempfile
from dataclasses import asdict, replace
from pathlib import Path

from app.files import corpus_folder, model_folder
from app.judge import data, measure
from app.judge.calibrate import fit_scales
from app.judge.export import quantise
from app.judge.fit import Recipe, encode_posts, encode_questions, predict, train
from app.judge.network import build
from app.judge.scales import Scales, to_json


def main(arguments: list[str] | None = None) -> None:
    """The command line; see the module's docstring."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--base", type=Path, required=True, help="folder of the MiniLM weights, config and tokenizer")
    options.add_argument("--corpus", help="guideline folder (default: the one that comes with presend)")
    options.add_argument("--questions", type=Path, nargs="*", help="question files (default: the corpus's situations.jsonl)")
    options.add_argument("--out", type=Path, default=model_folder("judge"))
    options.add_argument("--work", type=Path, default=Path("runs/judge"), help="where finished networks are kept")
    options.add_argument("--folds", type=int, default=3, help="groups of voices held out in turn")
    options.add_argument("--epochs", type=int, default=Recipe.epochs)
    options.add_argument("--seeds", type=int, default=1, help="networks trained on all voices, their weights averaged")
    given = options.parse_args(arguments)
    corpus = corpus_folder(given.corpus)
    posts = data.read_posts(corpus / "examples")
    questions = data.read_questions(given.questions or [corpus / "situations.jsonl"])
    given.work.mkdir(parents=True, exist_ok=True)
    known = data.labels(posts, questions)
    recipe = Recipe(epochs=given.epochs)
    tokenizer = open_tokenizer(given.base)
    trainer = Trainer(given.base, tokenizer, known, recipe, given.work, data.data_hash(posts, questions))

    logits, question_logits = trainer.held_out(posts, questions, given.folds)
    scales = fit_scales(posts, logits, known, questions, question_logits)
    figures = cross_fitted(posts, logits, known, given.folds)
    figures["questions"] = measure.question_figures(questions, question_logits, scales)
    network = trainer.final(posts, questions, given.seeds)
    export(network, given.out)
    about = {"version": 1, "data": trainer.hash, "posts": len(posts), "questions": len(questions),
             "voices": sorted({p.voice for p in posts}), "recipe": asdict(recipe), "seeds": given.seeds}
    write_scales(scales, about, figures, given.out)
    print("\n".join(measure.as_lines(figures)))


def open_tokenizer(base: Path):
    """The base model's tokenizer with no cutting and no padding."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


class Trainer:
    """Trains networks by one recipe and keeps them, so that none is trained twice."""

    def __init__(self, base: Path, tokenizer, known: data.Labels, recipe: Recipe, work: Path, digest: str) -> None:
        self.base, self.tokenizer, self.known, self.recipe, self.work, self.hash = base, tokenizer, known, recipe, work, digest

    def network(self, name: str, posts, questions, recipe: Recipe):
        """The network called `name`: read from the work folder, or trained and kept there."""
        import torch

        kept = self.work / f"{self.hash}-{name}-{recipe.epochs}-{recipe.seed}.pt"
        if not kept.exists():
            network = train(self.base, self.tokenizer, posts, questions, self.known, recipe,
                            lambda line: print(f"{name}: {line}", flush=True))
            torch.save(network.state_dict(), kept)
            return network
        network = build(self.base, len(self.known.rules) + 1, len(self.known.entries) + len(self.known.answers), 0)
        network.load_state_dict(torch.load(kept))
        return network.eval()

    def held_out(self, posts, questions, folds: int):
        """Logits for every post and question, each by a network that has not seen its voice (its question)."""
        import numpy as np

        post_logits = np.zeros((len(posts), len(self.known.rules) + 1))
        question_logits = np.zeros((len(questions), len(self.known.entries) + len(self.known.answers)))
        for number, voices in enumerate(data.folds(posts, folds)):
            out = [i for i, p in enumerate(posts) if p.voice in voices]
            asked = question_fold(questions, number, folds)
            name = f"without-{''.join(voices)}"
            network = self.network(name, [p for p in posts if p.voice not in voices],
                                   [q for i, q in enumerate(questions) if i not in set(asked)], self.recipe)
            post_logits[out] = predict(network, encode_posts(self.tokenizer, [posts[i] for i in out], self.known))[0]
            if asked:
                chosen = encode_questions(self.tokenizer, [questions[i] for i in asked], self.known)
                question_logits[asked] = predict(network, chosen)[1]
        with open(self.work / f"{self.hash}-held-out.pkl", "wb") as file:
            pickle.dump((posts, post_logits, questions, question_logits, self.known), file)
        return post_logits, question_logits

    def final(self, posts, questions, seeds: int):
        """The network trained on everything: `seeds` runs from the same start in different order, weights averaged."""
        import torch

        networks = [self.network("all", posts, questions, replace(self.recipe, seed=s + 1)) for s in range(seeds)]
        states = [n.state_dict() for n in networks]
        with torch.no_grad():
            for name, value in networks[0].state_dict().items():
                if value.is_floating_point():
                    value.copy_(sum(s[name].clone() for s in states) / len(states))
        return networks[0]


def question_fold(questions, number: int, folds: int) -> list[int]:
    """Places of the questions held out in fold `number`; the two questions of a pair stay together."""
    order: dict[str, int] = {}
    for question in questions:
        order.setdefault(min(question.id, question.pair or question.id), len(order))
    return [i for i, q in enumerate(questions) if order[min(q.id, q.pair or q.id)] % folds == number]


def cross_fitted(posts, logits, known: data.Labels, folds: int) -> dict:
    """Figures with calibration and thresholds, too, measured on other voices than those they are tried on."""
    found, decided = [{}] * len(posts), [{}] * len(posts)
    for voices in data.folds(posts, folds):
        rest = [i for i, p in enumerate(posts) if p.voice not in voices]
        scales = fit_scales([posts[i] for i in rest], logits[rest], known)
        for i, post in enumerate(posts):
            if post.voice in voices:
                found[i] = scales.probabilities(logits[i])
                decided[i] = scales.decide(found[i])
    return measure.post_figures(posts, found, decided, known)


def export(network, folder: Path) -> None:
    """Write the network as 8-bit model.onnx into `folder`."""
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
        quantise(full, folder / "model.onnx")


def write_scales(scales: Scales, about: dict, figures: dict, folder: Path) -> None:
    """Write judge.json: what the model is, its scales, and its figures on unseen voices."""
    text = json.dumps({**about, **to_json(scales), "figures": figures}, indent=1, ensure_ascii=False)
    (folder / "judge.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
