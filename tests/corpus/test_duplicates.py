"""Near duplicates: pairs that are real, exact similarities, and crowds that end."""

from __future__ import annotations

import random
import subprocess
import sys
from itertools import pairwise

import pandas as pd
import pytest

from labkit.corpus import near_duplicates
from labkit.errors import LabError

WORDS = [
    "the",
    "build",
    "fails",
    "on",
    "windows",
    "since",
    "version",
    "two",
    "when",
    "docs",
    "are",
    "rendered",
    "twice",
]


def frame(texts: list[str]) -> pd.DataFrame:
    """Return texts as the store gives them, with keys "0", "1", and so on."""
    return pd.DataFrame({"key": [str(number) for number in range(len(texts))], "text": texts})


def sentences(count: int, seed: int = 0) -> list[str]:
    """Return texts that are far from each other."""
    chance = random.Random(seed)
    return [" ".join(chance.choices(WORDS, k=30)) + f" {chance.getrandbits(200):x}" for _ in range(count)]


def runs(text: str) -> set[str]:
    """Return the runs of five characters, the slow and plain way."""
    text = " ".join(text.lower().split())
    return {text[place : place + 5] for place in range(len(text) - 4)}


def test_pairs_and_their_exact_similarity():
    texts = sentences(200)
    texts[150] = f"{texts[20]} indeed"
    texts[180] = texts[30].upper().replace(" ", " \n ")
    pairs = near_duplicates(frame(texts))
    assert pairs[["key_a", "key_b"]].to_numpy().tolist() == [["30", "180"], ["20", "150"]]
    a, b = runs(texts[20]), runs(texts[150])
    assert pairs.similarity.tolist() == [1.0, len(a & b) / len(a | b)]


def test_all_pairs_of_a_small_group():
    pairs = near_duplicates(frame([f"{sentences(1)[0]} {end}" for end in "abcd"]))
    assert len(pairs) == 6


def test_most_pairs_above_the_threshold_are_found():
    chance = random.Random(1)
    texts = sentences(300)
    changed = []
    for text in texts:
        place = chance.randrange(len(text) - 10)
        changed.append(f"{text[:place]}*****{text[place + 5 :]}")
    pairs = near_duplicates(frame(texts + changed))
    assert (pairs.similarity >= 0.8).all()
    assert len(pairs) >= 295


def test_no_pair_below_the_threshold():
    texts = sentences(50)
    half = [text[: len(text) // 2] + other[len(other) // 2 :] for text, other in pairwise(texts)]
    assert near_duplicates(frame(texts + half)).empty
    assert not near_duplicates(frame(texts + half), threshold=0.3).empty


@pytest.mark.parametrize("texts", [[], ["one"], ["a", "b"], ["", "x"]])
def test_nothing_to_compare(texts):
    pairs = near_duplicates(frame(texts))
    assert list(pairs.columns) == ["key_a", "key_b", "similarity"]
    assert pairs.empty
    assert pairs.similarity.dtype == "float64"


def test_short_texts_are_compared_as_a_whole():
    assert near_duplicates(frame(["Fix", "fix ", "fox"])).to_numpy().tolist() == [["0", "1", 1.0]]


@pytest.mark.parametrize("threshold", [0.01, 0.5, 0.95, 1.0])
def test_any_threshold_in_range(threshold):
    assert len(near_duplicates(frame(["the same text", "The same text"]), threshold)) == 1


@pytest.mark.parametrize("threshold", [0, -1, 1.01, float("nan")])
def test_a_threshold_that_is_none_is_refused(threshold):
    with pytest.raises(LabError, match="is no similarity"):
        near_duplicates(frame(["a"]), threshold)


def test_a_crowd_of_copies_ends():
    notice = sentences(1)[0]
    pairs = near_duplicates(frame([f"{notice} {number % 7}" for number in range(2000)]))
    assert 2000 <= len(pairs) <= 2000 * 25
    assert set(pairs.key_b) == {str(number) for number in range(1, 2000)}


def test_the_same_pairs_whatever_the_hash_seed_of_python():
    code = (
        "from tests.corpus.test_duplicates import *;"
        "texts = sentences(60);"
        "print(near_duplicates(frame(texts + [t[:200] for t in texts]), 0.5).to_json())"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


def test_progress_is_told():
    told = []
    near_duplicates(frame(sentences(3)), progress=told.append)
    assert [(report.done, report.total) for report in told] == [(1, 3), (2, 3), (3, 3)]
