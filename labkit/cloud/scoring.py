"""What runs in a container that predicts: the function that predicts here, and what it took."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from ..student import load_pipeline, score
from ..tasks import Task
from .failures import describe_inside

if TYPE_CHECKING:
    from spacy.language import Language

STARTED = time.monotonic()

CONTAINER = uuid4().hex
"""What tells this container from others."""


class Answer(NamedTuple):
    """What a container says of one shard.

    Parameters
    ----------
    number : int
        The shard.
    found : list of (value, dict of str to float) or None
        The value and each label's probability of each text; None where it failed.
    reason : str
        Why it failed.
    container : str
        Which container it was.
    lived : float
        For how many seconds this container has run.
    """

    number: int
    found: list[tuple[Any, dict[str, float]]] | None
    reason: str
    container: str
    lived: float


def score_shard(given: tuple[int, Sequence[str]], *, pipeline: str, task: Task) -> Answer:
    """Predict the texts of one shard.

    Parameters
    ----------
    given : (int, sequence of str)
        The number of the shard, and its texts.
    pipeline : str
        Where the container sees the folder of the pipeline.
    task : Task
        What is predicted.
    """
    number, texts = given
    found, reason = None, ""
    try:
        found = score(_loaded(pipeline), task, texts)
    except Exception as error:  # which shard it was would be lost on the way
        reason = describe_inside(error).problem.rstrip(".")
    return Answer(number, found, reason, CONTAINER, lived())


def lived() -> float:
    """Return for how many seconds this container has run, as far as it can know."""
    return time.monotonic() - STARTED


@lru_cache(maxsize=1)
def _loaded(pipeline: str) -> Language:
    """Load a pipeline, once a container, on its GPU if it has one."""
    import spacy

    spacy.prefer_gpu()
    return load_pipeline(pipeline)
