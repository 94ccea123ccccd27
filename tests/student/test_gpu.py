"""A real GPU learns by the configuration that ships: `python -m pytest -m gpu -s tests/student/test_gpu.py`."""

from __future__ import annotations

import json

import pytest

from labkit.project import load_project

from ..bench import gpu
from .conftest import ROOT
from .transformer import make_weights

BASE = {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072}
"""The sizes of RoBERTa-base; its vocabulary is 125 times as large."""


@pytest.mark.gpu
def test_it_learns_on_the_gpu_in_mixed_precision(issues, tmp_path):
    config = load_project("issues", ROOT).config("gpu")
    texts = [text for text, _ in issues]
    config["components"]["transformer"]["model"]["name"] = str(make_weights(tmp_path, texts, **BASE))
    figures = gpu.measure(config)
    print(json.dumps(figures))
    assert figures["device"] != "CPU"
    assert figures["gpu_mb"] > 85e6 * 4 / 2**20, "the weights alone are 85 million numbers"
    assert figures["words_per_second"] > 0
