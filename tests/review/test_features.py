from __future__ import annotations

import doctest

import numpy as np
import pytest

from labkit.review import features
from labkit.review.features import embed

TEXTS = ["the app crashes at start", "the app crashes on exit", "a typo in the readme", "the readme has a typo"] * 5


def near(placed, a, b):
    return float(placed[a] @ placed[b] / np.linalg.norm(placed[a]) / np.linalg.norm(placed[b]))


def test_examples_in_docstrings_run():
    assert doctest.testmod(features).failed == 0


def test_like_texts_are_near_and_the_same_texts_give_the_same_numbers():
    placed = embed(TEXTS)
    assert near(placed, 0, 1) > near(placed, 0, 2)
    assert near(placed, 2, 3) > near(placed, 1, 3)
    assert np.array_equal(placed, embed(TEXTS))
    assert placed.dtype == np.float32


def test_like_spellings_are_near_where_no_word_is_shared():
    placed = embed(["documentation", "documenting", "crashing", "segfault"] * 3)
    assert near(placed, 0, 1) > near(placed, 0, 3)


@pytest.mark.parametrize(
    "texts",
    [[], [""], ["", ""], ["one"], ["a", "b"], ["\x00\x1b", "שלום 🐛", "<script>", " \n "], ["same"] * 7],
    ids=["none", "blank", "blanks", "one", "two", "hostile", "copies"],
)
def test_any_texts_can_be_placed(texts):
    placed = embed(texts)
    assert len(placed) == len(texts)
    assert np.isfinite(placed).all()


def test_texts_beyond_the_sample_are_placed_as_those_in_it(monkeypatch):
    whole = embed(TEXTS)
    monkeypatch.setattr(features, "SAMPLE", 10)
    monkeypatch.setattr(features, "CHUNK", 3)
    placed = embed(TEXTS)
    assert len(placed) == len(TEXTS)
    assert near(placed, 0, 4) == pytest.approx(1)
    assert near(placed, 0, 2) < near(placed, 0, 1) < near(whole, 0, 1) + 0.5


def test_a_text_of_a_million_characters_counts_by_its_beginning():
    long = ["word " * 200_000, "word " * 400, "other text", "another text"]
    placed = embed(long)
    assert placed[0] == pytest.approx(placed[1], abs=1e-4)


def test_there_are_no_more_numbers_than_asked_for():
    assert embed([f"{text} {number}" for number, text in enumerate(TEXTS)], size=3).shape == (20, 3)


def test_many_texts_are_placed_alike_in_a_process_of_their_own(monkeypatch):
    monkeypatch.setattr(features, "FEW", 10)
    assert np.array_equal(features.embed_apart(TEXTS), embed(TEXTS))


def test_spellings_are_counted_as_scikit_learn_counts_them():
    from sklearn.feature_extraction.text import HashingVectorizer

    settings = {"n_features": 2**15, "alternate_sign": False, "norm": None, "dtype": np.float32}
    count = HashingVectorizer(analyzer="char_wb", ngram_range=(3, 5), **settings).transform
    by_word = features._ByWord(count)
    texts = [
        *TEXTS,
        "",
        " \n\t ",
        "a",
        "STRASSE Straße İstanbul ΟΔΟΣ",
        "you\u00a0all  and\x1cyou",
        "😀 \x00 <b>",
        "x" * 300,
    ]
    for some in (texts[:7], texts[5:], [""], texts[::-1]):
        found, expected = by_word(some), count(some)
        assert np.array_equal(found.indptr, expected.indptr)
        assert np.array_equal(found.indices, expected.indices)
        assert np.array_equal(found.data, expected.data)
        assert found.dtype == expected.dtype
