from __future__ import annotations

import doctest

import numpy as np
import pytest

from labkit import LabError
from labkit.metrics import differences, newcombe


def test_examples_in_docstrings_run():
    assert doctest.testmod(differences).failed == 0


@pytest.mark.parametrize(
    ("counts", "ends"),
    [((9, 10, 3, 10), (0.1705, 0.8090)), ((6, 7, 2, 7), (0.0582, 0.8062)), ((5, 56, 0, 29), (-0.0381, 0.1926))],
)
def test_the_ends_are_those_of_the_paper(counts, ends):
    """Newcombe (1998), Table II, method 10 rows (b), (c) and (d)."""
    assert newcombe(*counts) == pytest.approx(ends, abs=5e-4)


def test_it_turns_round_with_its_sides_and_narrows_with_texts():
    low, high = newcombe(3, 10, 6, 9)
    assert newcombe(6, 9, 3, 10) == pytest.approx((-high, -low))
    assert newcombe(300, 1000, 600, 900)[1] < high


def test_of_no_texts_nothing_is_known():
    assert newcombe(0, 0, 0, 0) == (-1, 1)
    with pytest.raises(LabError, match="is no share"):
        newcombe(3, 2, 0, 0)


def test_it_covers():
    random, p, q = np.random.default_rng(0), 0.9, 0.7
    held = [
        low <= p - q <= high
        for low, high in (newcombe(random.binomial(40, p), 40, random.binomial(25, q), 25) for _ in range(500))
    ]
    assert np.mean(held) > 0.92
