"""onnxruntime, quietly: its builds write to the home folder and call their maker unless told not to before the import."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any


def open_session(model: Path | bytes, threads: int) -> Any:
    """Give an InferenceSession on the CPU for a model file or its bytes. Raises onnxruntime's own errors."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # A thread that spins while it waits takes the core from whatever else runs here.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    source = model if isinstance(model, bytes) else str(model)
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
