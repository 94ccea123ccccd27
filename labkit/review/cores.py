"""Keeps linear algebra to one core while a person works."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

_ONE_AT_A_TIME = threading.Lock()


@contextmanager
def one_core() -> Iterator[None]:
    """Compute on one core, and leave the others to whoever works there.

    A product of small tables takes one core some milliseconds. Shared out among all cores, it waits for the slowest of
    them: on two cores that others keep busy it took seven times as long, and these cores with it. Such blocks take
    turns, for the number of cores is the whole process's.

    Examples
    --------
    >>> import numpy as np
    >>> with one_core():
    ...     product = np.ones((2, 3)) @ np.ones((3, 2))
    """
    with _ONE_AT_A_TIME, _controller().limit(limits=1, user_api="blas"):
        yield


@cache
def _controller() -> ThreadpoolController:
    """Return who knows the libraries of linear algebra that are loaded; to find them takes milliseconds."""
    import numpy
    import scipy.linalg
    from threadpoolctl import ThreadpoolController

    del numpy, scipy  # they are only to be loaded by now
    return ThreadpoolController()
