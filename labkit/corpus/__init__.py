"""Reads texts from files, cleans them, finds duplicates, and splits them into train, dev and test."""

from __future__ import annotations

from .clean import SHARES, SPLITS, hash_of, move_span, normalise, normalise_with_offsets, split_of
from .duplicates import near_duplicates
from .read import LIMIT, read, read_source
from .report import Account, Ingested, aside, counted, first_of, set_aside
from .rows import Columns, Keeper, Row, plain

__all__ = [
    "LIMIT",
    "SHARES",
    "SPLITS",
    "Account",
    "Columns",
    "Ingested",
    "Keeper",
    "Row",
    "aside",
    "counted",
    "first_of",
    "hash_of",
    "move_span",
    "near_duplicates",
    "normalise",
    "normalise_with_offsets",
    "plain",
    "read",
    "read_source",
    "set_aside",
    "split_of",
]
