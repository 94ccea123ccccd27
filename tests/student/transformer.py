"""A transformer for tests: real, of few weights, set at random; nothing is downloaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from confection import Config

PIECES = 400
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def make_weights(folder: Path, texts: Sequence[str], **sizes: int) -> Path:
    """Save a RoBERTa of one layer, and a tokenizer that learned its pieces from `texts`."""
    import torch
    from tokenizers import ByteLevelBPETokenizer
    from transformers import RobertaConfig, RobertaModel, RobertaTokenizerFast

    pieces = ByteLevelBPETokenizer()
    pieces.train_from_iterator(texts, PIECES, special_tokens=SPECIAL, show_progress=False)
    tokenizer = RobertaTokenizerFast(tokenizer_object=pieces._tokenizer, model_max_length=128)
    small = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32} | sizes
    with torch.random.fork_rng():
        torch.manual_seed(0)
        RobertaModel(RobertaConfig(vocab_size=len(tokenizer), max_position_embeddings=130, **small)).save_pretrained(
            folder
        )
    tokenizer.save_pretrained(folder)
    return folder


def shortened(config: Config, weights: Path | str, steps: int = 20, rate: float = 0.01) -> Config:
    """Return a configuration that ships, with other weights, cut to some steps at a rate that suits few weights."""
    config["components"]["transformer"]["model"]["name"] = str(weights)
    config["training"] |= {"max_steps": steps, "eval_frequency": 10, "patience": 0}
    config["training"]["optimizer"]["learn_rate"] |= {"initial_rate": rate, "warmup_steps": 5, "total_steps": 2 * steps}
    return config
