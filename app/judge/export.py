"""Make the embedded encoder: all-MiniLM-L6-v2 weights to one ONNX file, 8-bit, pooling and L2 norm inside.

The file has two outputs: the last of the six layers ("vectors") and the fourth ("middle").

`python -m app.judge.export WEIGHTS [FOLDER]` writes model.onnx and tokenizer.json into FOLDER (where the program
looks for the encoder when it is left out). WEIGHTS holds model.safetensors, config.json and tokenizer.json.
Needs torch 2.13.0, transformers, onnx and onnxruntime; none of them but onnxruntime is needed to run presend.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from app.files import model_folder


def export(weights: Path, folder: Path) -> Path:
    """Write model.onnx and tokenizer.json into `folder`; gives the path of the model."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        full = Path(scratch) / "full.onnx"
        _trace(weights, full)
        quantise(full, folder / "model.onnx")
    _write_tokenizer(weights / "tokenizer.json", folder / "tokenizer.json")
    return folder / "model.onnx"


def quantise(full: Path, small: Path, finer: Sequence[str] = ()) -> None:
    """Write `full` with 8-bit weights (one scale a channel) as `small`: about a quarter of the size.

    MatMul nodes with one of `finer` in their names keep 16-bit floats, which are reckoned with in 32 bits.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    nodes = onnx.load(full).graph.node
    kept = [node.name for node in nodes if node.op_type == "MatMul" and any(part in node.name for part in finer)]
    quantize_dynamic(full, small, weight_type=QuantType.QInt8, per_channel=True, nodes_to_exclude=kept)
    if kept:
        model = onnx.load(small)
        _halve(model, kept)
        onnx.save(model, small)


def _halve(model, names: Sequence[str]) -> None:
    """Store the weights of the named MatMul nodes as 16-bit floats, cast back when they are used."""
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    weights = {node.input[1] for node in model.graph.node if node.name in names}
    casts = []
    for tensor in model.graph.initializer:
        if tensor.name in weights:
            name = tensor.name
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), name + "_half"))
            casts.append(helper.make_node("Cast", [name + "_half"], [name], to=TensorProto.FLOAT))
    for cast in reversed(casts):
        model.graph.node.insert(0, cast)


def _trace(weights: Path, path: Path) -> None:
    import torch
    from torch import nn
    from transformers import AutoModel

    class Pooled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = AutoModel.from_pretrained(weights, attn_implementation="eager", add_pooling_layer=False)

        def forward(self, input_ids, attention_mask):
            layers = self.encoder(input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=True).hidden_states
            mask = attention_mask.unsqueeze(-1).to(layers[0].dtype)
            pooled = [(tokens * mask).sum(1) / mask.sum(1) for tokens in (layers[6], layers[4])]
            return tuple(nn.functional.normalize(mean, dim=1) for mean in pooled)

    example = torch.tensor([[101, 7592, 2088, 102], [101, 7592, 102, 0]])
    axes = {0: "texts", 1: "tokens"}
    torch.onnx.export(
        Pooled().eval(),
        (example, (example > 0).long()),
        path,
        dynamo=False,
        opset_version=17,
        input_names=["input_ids", "attention_mask"],
        output_names=["vectors", "middle"],
        dynamic_axes={"input_ids": axes, "attention_mask": axes, "vectors": {0: "texts"}, "middle": {0: "texts"}},
    )


def _write_tokenizer(source: Path, target: Path) -> None:
    # The published file cuts and pads to 128 tokens; the encoder sets its own limits.
    tokenizer = json.loads(source.read_text(encoding="utf-8"))
    tokenizer["truncation"] = tokenizer["padding"] = None
    target.write_text(json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


if __name__ == "__main__":
    print(export(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else model_folder("encoder")))
