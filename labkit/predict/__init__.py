"""Predicts texts beyond the project's own, however many: in shards, here or in containers, each kept once."""

from __future__ import annotations

from .parquet import OneFile, Parts
from .places import Failed, Place, Scored
from .reckoning import Reckoned, reckon
from .result import Predicted
from .running import predict
from .shards import SIZE, Shard, cut
from .sinks import Sink, Table

__all__ = [
    "SIZE",
    "Failed",
    "OneFile",
    "Parts",
    "Place",
    "Predicted",
    "Reckoned",
    "Scored",
    "Shard",
    "Sink",
    "Table",
    "cut",
    "predict",
    "reckon",
]
