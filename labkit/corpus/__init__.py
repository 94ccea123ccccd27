"""Reads texts from files, cleans them, finds duplicates, and splits them into train, dev and test."""

from __future__ import annotations

from .clean import SHARES, SPLITS, hash_of, move_span, normalise, normalise_with_offsets, split_of
from .duplicates import near_duplicates
from .read import read
from .report import Ingested, set_aside
from .rows import Row

__all__ = [
    "SHARES",
    "SPLITS",
    "Ingested",
    "Row",
    "hash_of",
    "move_span",
    "near_duplicates",
    "normalise",
    "normalise_with_offsets",
    "read",
    "set_aside",
    "split_of",
]
