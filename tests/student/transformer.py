"""Transformers for tests: real, of few weights, set at random, in files as theirs are; nothing is downloaded."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from confection import Config

PIECES = 400
LONGEST = 514
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
BERT_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
SMALL = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}


def make_weights(folder: Path, texts: Sequence[str], **sizes: int) -> Path:
    """Save a RoBERTa of one layer, and a tokenizer that learned its pieces from `texts`."""
    from tokenizers import ByteLevelBPETokenizer
    from transformers import RobertaConfig, RobertaModel, RobertaTokenizerFast

    pieces = ByteLevelBPETokenizer()
    pieces.train_from_iterator(texts, PIECES, special_tokens=SPECIAL, show_progress=False)
    tokenizer = RobertaTokenizerFast(tokenizer_object=pieces._tokenizer)
    sizes = SMALL | sizes
    _save(
        lambda: RobertaModel(RobertaConfig(vocab_size=len(tokenizer), max_position_embeddings=LONGEST, **sizes)), folder
    )
    tokenizer.save_pretrained(folder)
    return folder


def make_distilbert(folder: Path, texts: Sequence[str]) -> Path:
    """Save what distilbert-base-cased is in small: word pieces, and a network that takes no token types."""
    from transformers import DistilBertConfig, DistilBertModel

    pieces = _word_pieces(folder, texts)
    config = DistilBertConfig(
        vocab_size=pieces, max_position_embeddings=LONGEST, dim=16, hidden_dim=32, n_layers=1, n_heads=2
    )
    _save(lambda: DistilBertModel(config), folder)
    return folder


def make_biobert(folder: Path, texts: Sequence[str]) -> Path:
    """Save what BioBERT is in small: a cased BERT, whose tokenizer comes as a list of word pieces alone."""
    from transformers import BertConfig, BertModel

    pieces = _word_pieces(folder, texts)
    _save(lambda: BertModel(BertConfig(vocab_size=pieces, max_position_embeddings=LONGEST, **SMALL)), folder)
    return folder


def make_deberta(folder: Path, texts: Sequence[str]) -> Path:
    """Save what deberta-v3-base is in small: a tokenizer in SentencePiece's form alone, and relative positions."""
    from sentencepiece import SentencePieceTrainer
    from transformers import DebertaV2Config, DebertaV2Model

    folder.mkdir(parents=True, exist_ok=True)
    pieces = BytesIO()
    ids: dict[str, Any] = {f"{name}_id": place for place, name in enumerate(("pad", "bos", "eos", "unk"))}
    names = {"pad_piece": "[PAD]", "bos_piece": "[CLS]", "eos_piece": "[SEP]", "unk_piece": "[UNK]"}
    SentencePieceTrainer.train(
        sentence_iterator=iter(texts),
        model_writer=pieces,
        vocab_size=PIECES,
        hard_vocab_limit=False,
        minloglevel=2,
        **ids,
        **names,
    )
    (folder / "spm.model").write_bytes(pieces.getvalue())
    (folder / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": False, "vocab_type": "spm"}))
    config = DebertaV2Config(
        vocab_size=PIECES + 100,
        max_position_embeddings=LONGEST,
        relative_attention=True,
        position_buckets=16,
        norm_rel_ebd="layer_norm",
        share_att_key=True,
        pos_att_type=["p2c", "c2p"],
        position_biased_input=False,
        type_vocab_size=0,
        **SMALL,
    )
    _save(lambda: DebertaV2Model(config), folder)
    return folder


def _word_pieces(folder: Path, texts: Sequence[str]) -> int:
    """Save a cased list of word pieces as BERT's come, and return how many there are."""
    from tokenizers import BertWordPieceTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    pieces = BertWordPieceTokenizer(lowercase=False)
    pieces.train_from_iterator(texts, PIECES, special_tokens=BERT_SPECIAL, show_progress=False)
    pieces.save_model(str(folder))
    (folder / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": False}))
    return pieces.get_vocab_size()


def _save(make: Callable[[], Any], folder: Path) -> None:
    """Save a network whose weights are the same each time."""
    import torch

    with torch.random.fork_rng():
        torch.manual_seed(0)
        make().save_pretrained(folder)


def shortened(config: Config, weights: Path | str, steps: int = 20, rate: float = 0.01) -> Config:
    """Return a configuration that ships, with other weights, cut to some steps at a rate that suits few weights."""
    config["components"]["transformer"]["model"]["name"] = str(weights)
    config["training"] |= {"max_steps": steps, "eval_frequency": 10, "patience": 0}
    config["training"]["optimizer"]["learn_rate"] |= {"initial_rate": rate, "warmup_steps": 5, "total_steps": 2 * steps}
    return config
