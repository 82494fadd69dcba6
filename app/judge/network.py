"""The judge's network (torch, training only): one encoder with a head for posts, one for words, one for questions.

Posts are read twice from the same token vectors: their mean, and for each output a mean weighted towards the
words that speak for it. Those weights are trained on the evidence spans, so the same pass says which words
count (the word head) and a sentence need not be read on its own, out of its context.
"""

from __future__ import annotations

from pathlib import Path


def build(base: Path, outputs: int, question_outputs: int, seed: int, dropout: float = 0.2):
    """A fresh network on the encoder weights in `base`; its forward gives (posts, questions, words) logits."""
    import torch
    from torch import nn
    from transformers import AutoModel

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = AutoModel.from_pretrained(base, attn_implementation="eager", add_pooling_layer=False,
                                                     dtype=torch.float32)
            width = self.encoder.config.hidden_size
            self.dropout = nn.Dropout(dropout)
            self.words = nn.Linear(width, outputs)
            self.whole = nn.Linear(width, outputs)
            self.focus = nn.Parameter(torch.randn(outputs, width) * 0.02)
            self.questions = nn.Linear(width, question_outputs)
            # A rule is broken by few posts: start from those odds.
            nn.init.constant_(self.whole.bias, -2.5)
            nn.init.constant_(self.questions.bias, -2.5)

        def forward(self, input_ids, attention_mask):
            tokens = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            tokens = self.dropout(tokens)
            mask = attention_mask.unsqueeze(-1).to(tokens.dtype)
            mean = (tokens * mask).sum(1) / mask.sum(1)
            words = self.words(tokens)
            weights = torch.softmax(words + (mask - 1) * 1e4, dim=1)
            focused = (torch.matmul(weights.transpose(1, 2), tokens) * self.focus).sum(-1)
            return self.whole(mean) + focused, self.questions(mean), words

    torch.manual_seed(seed)
    network = Network()
    # The word embeddings are half of the weights: frozen, they cannot learn the teaching posts by heart.
    network.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    return network
