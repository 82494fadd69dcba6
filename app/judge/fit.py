"""Fine-tuning of the judge's network on labelled posts and questions (torch, training only)."""

from __future__ import annotations

import random
import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from app.judge.data import (
    MASKED,
    Labels,
    Post,
    Question,
    post_input,
    post_targets,
    question_input,
    question_targets,
    spelled,
)
from app.judge.network import build

MAX_TOKENS = 256


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one network is trained.

    Rates are peaks of a one-cycle schedule; losses are weighted against the posts'; `questions` is the share of the
    questions that an epoch reads.
    """

    epochs: int = 4
    batch: int = 24
    encoder_rate: float = 1e-4
    head_rate: float = 2e-3
    layer_decay: float = 0.85
    positive_weight: float = 3.0
    stop_weight: float = 4.0
    pointing_weight: float = 0.4
    pair_weight: float = 0.3
    question_weight: float = 0.5
    masking: float = 0.05
    average: float = 0.985
    questions: float = 0.5
    seed: int = 1


class Encoded:
    """Tokens, targets and evidence of posts (or questions), ready for batching."""

    def __init__(self, tokenizer, texts: Sequence[str], targets: Sequence[Sequence[float]],
                 evidence: Sequence[dict[int, tuple[int, int]]] | None = None) -> None:
        encodings = tokenizer.encode_batch(list(texts))
        self.ids = [e.ids[:MAX_TOKENS] for e in encodings]
        self.targets = targets
        self.words: list[dict[int, list[int]]] = []
        for index, encoding in enumerate(encodings):
            marked = {}
            for output, (start, end) in (evidence[index] if evidence else {}).items():
                offsets = enumerate(encoding.offsets[:MAX_TOKENS])
                places = [i for i, (a, b) in offsets if a < end and b > start and b > a]
                if places:
                    marked[output] = places
            self.words.append(marked)


def encode_posts(tokenizer, posts: Sequence[Post], known: Labels) -> Encoded:
    """Posts as the network reads them, with the tokens of each violated rule's evidence."""
    texts, evidence = [], []
    for post in posts:
        words, origins = spelled(post.text)
        text = post_input(words, post.platform, post.account)
        shift = len(text) - len(words)
        texts.append(text)
        evidence.append({known.rules.index(rule): (bisect_left(origins, start) + shift, bisect_left(origins, end) + shift)
                         for rule, (start, end) in post.evidence.items() if rule in known.rules})
    return Encoded(tokenizer, texts, [post_targets(p, known) for p in posts], evidence)


def encode_questions(tokenizer, questions: Sequence[Question], known: Labels) -> Encoded:
    """Questions as the network reads them."""
    return Encoded(tokenizer, [question_input(q.text) for q in questions],
                   [question_targets(q, known) for q in questions])


def _batches(groups: list[list[int]], ids: Sequence[Sequence[int]], size: int,
             dice: random.Random) -> list[list[list[int]]]:
    """Groups (pairs stay together) in batches of about `size` inputs of similar length."""
    groups = sorted(groups, key=lambda g: max(len(ids[i]) for i in g) + dice.uniform(-8, 8))
    batches: list[list[list[int]]] = []
    for group in groups:
        if not batches or sum(map(len, batches[-1])) + len(group) > size:
            batches.append([])
        batches[-1].append(group)
    return batches


def _pairs(posts: Sequence[Post]) -> list[list[int]]:
    place = {post.id: i for i, post in enumerate(posts)}
    groups, used = [], set()
    for i, post in enumerate(posts):
        if i in used:
            continue
        other = place.get(post.pair or "")
        group = [i] if other is None or other in used or other == i else [i, other]
        used.update(group)
        groups.append(group)
    return groups


def tensors(encoded: Encoded, batch: Sequence[int]):
    """(input_ids, attention_mask) of a batch, padded with 0 (the tokenizer's [PAD])."""
    import torch

    longest = max(len(encoded.ids[i]) for i in batch)
    ids = torch.zeros(len(batch), longest, dtype=torch.long)
    mask = torch.zeros(len(batch), longest, dtype=torch.long)
    for row, i in enumerate(batch):
        ids[row, :len(encoded.ids[i])] = torch.tensor(encoded.ids[i])
        mask[row, :len(encoded.ids[i])] = 1
    return ids, mask


def _question_loss(recipe: Recipe, logits, targets, entries: int):
    """Loss of one batch of questions: the entries that carry the answer, and the answer."""
    from torch.nn import functional as F

    wanted = targets[:, :entries]
    loss = F.binary_cross_entropy_with_logits(logits[:, :entries], wanted, weight=1 + 4 * wanted, reduction="none")
    answer = F.cross_entropy(logits[:, entries:], targets[:, entries:])
    return recipe.question_weight * (loss.sum() / len(logits) + 3 * answer)


def _post_loss(recipe: Recipe, posts, words, mask, targets, marked, pairs):
    """Loss of one batch of posts: labels, pointing at the evidence, and the order within contrast pairs."""
    import torch
    from torch.nn import functional as F

    known = (targets != MASKED).float()
    weight = torch.where(targets > 0.5, recipe.positive_weight, 1.0) * known
    weight[:, -1] = known[:, -1] * recipe.stop_weight
    loss = F.binary_cross_entropy_with_logits(posts, targets.clamp(min=0), weight=weight, reduction="none")
    loss = loss.sum() / len(posts)

    scores = torch.log_softmax(words + (mask.unsqueeze(-1) - 1) * 1e4, dim=1)
    pointing = [-torch.logsumexp(scores[row, places, output], 0)
                for row, marks in enumerate(marked) for output, places in marks.items()]
    if pointing:
        loss = loss + recipe.pointing_weight * torch.stack(pointing).sum() / len(posts)
    margins = []
    for a, b in pairs:
        order = (targets[a] - targets[b]) * ((targets[a] >= 0) & (targets[b] >= 0))
        margins.append(F.softplus(2.0 - order * (posts[a] - posts[b]))[order != 0].sum())
    if margins:
        loss = loss + recipe.pair_weight * torch.stack(margins).sum() / len(posts)
    return loss


def _parameter_groups(network, recipe: Recipe):
    """Lower layers learn slower: what they know of English is worth keeping."""
    depth = network.encoder.config.num_hidden_layers
    groups: dict[float, list] = {}
    for name, parameter in network.named_parameters():
        if not parameter.requires_grad:
            continue
        if not name.startswith("encoder."):
            rate = recipe.head_rate
        else:
            layer = int(name.split("layer.")[1].split(".")[0]) + 1 if "layer." in name else 0
            rate = recipe.encoder_rate * recipe.layer_decay ** (depth - layer)
        groups.setdefault(rate, []).append(parameter)
    return [{"params": parameters, "lr": rate} for rate, parameters in groups.items()]


def _schedule(recipe: Recipe, post_data: Encoded, post_groups: list[list[int]], question_data: Encoded):
    """For each epoch a shuffled list of (is_question, groups of one batch)."""
    dice = random.Random(recipe.seed)
    asked = range(len(question_data.ids))
    for _ in range(recipe.epochs):
        question_groups = [[i] for i in dice.sample(asked, round(recipe.questions * len(asked)))]
        plan = [(False, b) for b in _batches(post_groups, post_data.ids, recipe.batch, dice)]
        plan += [(True, b) for b in _batches(question_groups, question_data.ids, recipe.batch, dice)]
        dice.shuffle(plan)
        yield plan


class _Average:
    """An exponential moving average of the trained weights."""

    def __init__(self, network, decay: float) -> None:
        self.trained = [p for p in network.parameters() if p.requires_grad]
        self.weights = [p.detach().clone() for p in self.trained]
        self.decay, self.steps = decay, 0

    def update(self) -> None:
        import torch

        self.steps += 1
        keep = min(self.decay, self.steps / (self.steps + 10))
        torch._foreach_lerp_(self.weights, [p.detach() for p in self.trained], 1 - keep)

    def write(self) -> None:
        for parameter, weights in zip(self.trained, self.weights):
            parameter.data.copy_(weights)


def train(base: Path, tokenizer, posts: Sequence[Post], questions: Sequence[Question], known: Labels, recipe: Recipe,
          start: dict | None = None, log: Callable[[str], None] = print):
    """A network trained by `recipe`, its weights averaged over the last steps.

    `start` is the state of a network to go on from, instead of the bare encoder; `log` is told of every epoch.
    """
    import torch

    network = build(base, len(known.rules) + 1, len(known.entries) + len(known.answers), recipe.seed)
    if start:
        network.load_state_dict(start)
    post_data = encode_posts(tokenizer, posts, known)
    question_data = encode_questions(tokenizer, questions, known)
    plans = list(_schedule(recipe, post_data, _pairs(posts), question_data))
    parameter_groups = _parameter_groups(network, recipe)
    optimiser = torch.optim.AdamW(parameter_groups, weight_decay=0.02, fused=True)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimiser, [g["lr"] for g in parameter_groups], pct_start=0.1,
                                                total_steps=sum(len(plan) for plan in plans))
    average, mask_token, began = _Average(network, recipe.average), tokenizer.token_to_id("[MASK]"), time.monotonic()
    network.train()
    for epoch, plan in enumerate(plans):
        total = 0.0
        for is_question, groups in plan:
            data, batch = question_data if is_question else post_data, [i for group in groups for i in group]
            ids, mask = tensors(data, batch)
            hide = (torch.rand(ids.shape) < recipe.masking) & (mask == 1)
            hide[:, 0] = False
            # A processor that multiplies in bfloat16 trains twice as fast with it; the weights stay in 32 bits.
            with torch.autocast("cpu", dtype=torch.bfloat16):
                outputs = network(ids.masked_fill(hide, mask_token), mask)
            post_logits, question_logits, words = (output.float() for output in outputs)
            targets = torch.tensor([data.targets[i] for i in batch])
            if is_question:
                loss = _question_loss(recipe, question_logits, targets, len(known.entries))
            else:
                starts = list(accumulate((len(group) for group in groups), initial=0))
                pairs = [(a, a + 1) for a, group in zip(starts, groups) if len(group) == 2]
                loss = _post_loss(recipe, post_logits, words, mask, targets,
                                  [data.words[i] for i in batch], pairs)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            rates.step()
            average.update()
            total += loss.item()
        log(f"epoch {epoch + 1} of {recipe.epochs}: loss {total / len(plan):.3f}, {time.monotonic() - began:.0f} s")
    average.write()
    return network.eval()


def predict(network, encoded: Encoded, batch: int = 64):
    """Logits of the trained network as numpy arrays: posts, questions, and for each input its words' logits."""
    import numpy as np
    import torch

    order = sorted(range(len(encoded.ids)), key=lambda i: len(encoded.ids[i]))
    posts, questions, words = [None] * len(order), [None] * len(order), [None] * len(order)
    with torch.inference_mode():
        for begin in range(0, len(order), batch):
            chosen = order[begin:begin + batch]
            ids, mask = tensors(encoded, chosen)
            outputs = [o.numpy() for o in network(ids, mask)]
            for row, i in enumerate(chosen):
                posts[i], questions[i] = outputs[0][row], outputs[1][row]
                words[i] = outputs[2][row, :len(encoded.ids[i])]
    return np.array(posts), np.array(questions), words
