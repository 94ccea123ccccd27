"""Places texts so that those with like words and spellings are near each other."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from ..apart import processes
from .cores import one_core

SIZE = 150
"""Most numbers that stand for a text."""
CHARACTERS = 2_000
"""How much of a text is looked at, in characters; of its title, `TITLE`."""
TITLE = 150
SAMPLE = 2_000
"""Most texts from which words and directions are learned; others are only placed."""
CHUNK = 1_000
FEW = 5_000
"""Most texts that are placed in this process."""
_TERMS = 2**15
_SHORTEST = 1e-4  # of a direction along which no text lies
_WORDS = {"ngram_range": (1, 2), "token_pattern": r"\w+"}
_SPELLINGS = {"analyzer": "char_wb", "ngram_range": (3, 5)}

Count = Callable[[Sequence[str]], Any]
"""Takes texts, and returns how often each term stands in each: a sparse table."""


def embed(texts: Sequence[str], size: int = SIZE) -> NDArray[np.float32]:
    """Place texts by latent semantic analysis of their words and spellings, those of the first line once more.

    Parameters
    ----------
    texts : sequence of str
        Any texts; of one that is longer than `CHARACTERS` the beginning counts.
    size : int
        Most numbers that stand for a text.

    Returns
    -------
    array of float, shape (texts, at most `size`)
        The same texts in the same order give the same numbers. A text of which little is known elsewhere is short
        as a vector. There are no columns where no two texts share a word or a spelling.

    Notes
    -----
    Deerwester, S. et al. (1990). Indexing by latent semantic analysis. Journal of the American Society for
    Information Science 41(6), pages 391-407; by the products of texts instead of a
    decomposition of the table of terms. What a report is about stands in its title
    more often than below it, so the first line counts as a text of its own.

    Examples
    --------
    >>> near = embed(["the app crashes", "an app crashes at start", "a typo in the docs", "docs have a typo"])
    >>> bool(near[0] @ near[1] > near[0] @ near[2])
    True
    """
    if not len(texts):
        return np.zeros((0, 0), np.float32)
    whole = [text[:CHARACTERS] for text in texts]
    titles = [text.strip().split("\n", 1)[0][:TITLE] for text in whole]
    mixed = np.random.default_rng(0).permutation(len(whole))
    views = [
        _View(source, count)
        for source in (whole, titles)
        for count in (_terms(**_WORDS), _ByWord(_terms(**_SPELLINGS)))
    ]
    learned = _beside([view.learn(mixed[:SAMPLE].tolist()) for view in views])
    directions = _directions(learned, size)
    places = np.empty((len(whole), directions.shape[1]), np.float32)
    places[mixed[:SAMPLE]] = learned @ directions
    for start in range(SAMPLE, len(whole), CHUNK):
        rows = mixed[start : start + CHUNK]
        places[rows] = _beside([view.place(rows.tolist()) for view in views]) @ directions
    return places


def embed_apart(texts: Sequence[str], size: int = SIZE) -> NDArray[np.float32]:
    """Place texts as `embed` does; where they are many, in a process of its own.

    Whoever works meanwhile is not held up, and what it takes is given back with the process: some hundred MiB.
    """
    if len(texts) <= FEW:
        return embed(texts, size)
    with processes(1, _stand_back) as apart:
        return np.asarray(apart.submit(embed, texts, size).result())


def _stand_back() -> None:
    """Let others have the processor first: on a machine with two cores this one takes half of it for long."""
    if hasattr(os, "nice"):  # Windows has none
        os.nice(10)


def _directions(table: Any, size: int) -> NDArray[np.float32]:
    """Return the directions in which texts differ most, shape (terms, directions), by the products of texts."""
    from scipy.linalg import eigh

    products = (table @ table.T).toarray()
    count = len(products)
    with one_core():
        lengths, vectors = eigh(products, subset_by_index=[max(count - size, 0), count - 1])
    real = lengths > _SHORTEST
    return np.asarray(table.T @ (vectors[:, real] / np.sqrt(lengths[real])), np.float32)


class _View:
    """One way of counting what stands in texts."""

    def __init__(self, texts: Sequence[str], count: Count) -> None:
        from sklearn.feature_extraction.text import TfidfTransformer

        self._texts, self._count = texts, count
        self._weigh = TfidfTransformer(sublinear_tf=True)

    def learn(self, rows: Sequence[int]) -> Any:
        """Learn which terms are rare, and return these texts by the weight of their terms."""
        return self._weigh.fit_transform(self._counted(rows))

    def place(self, rows: Sequence[int]) -> Any:
        """Return texts by the weight of their terms."""
        return self._weigh.transform(self._counted(rows))

    def _counted(self, rows: Sequence[int]) -> Any:
        return self._count([self._texts[row] for row in rows])


def _terms(**kind: Any) -> Count:
    """Return what counts the terms of texts: a table of texts by hashed terms."""
    from sklearn.feature_extraction.text import HashingVectorizer

    terms = HashingVectorizer(n_features=_TERMS, alternate_sign=False, norm=None, dtype=np.float32, **kind)
    return cast("Count", terms.transform)


class _ByWord:
    """Counts in texts what stands within their words, and looks into each word once."""

    def __init__(self, count: Count) -> None:
        from scipy.sparse import csr_matrix

        self._count = count
        self._places: dict[str, int] = {}
        self._within = csr_matrix((0, _TERMS), dtype=np.float32)

    def __call__(self, texts: Sequence[str]) -> Any:
        """Return what `count` returns of the texts."""
        from scipy.sparse import csr_matrix, vstack

        words = [text.lower().split() for text in texts]
        new = [word for word in dict.fromkeys(chain.from_iterable(words)) if word not in self._places]
        if new:
            self._places |= {word: place for place, word in enumerate(new, len(self._places))}
            self._within = vstack([self._within, self._count(new)], "csr")
        column = np.fromiter(map(self._places.__getitem__, chain.from_iterable(words)), np.int64)
        ends = np.cumsum([0, *map(len, words)])
        table = csr_matrix((np.ones(len(column), np.float32), column, ends), (len(texts), len(self._places)))
        counted = table @ self._within
        counted.sort_indices()
        return counted


def _beside(tables: Sequence[Any]) -> Any:
    """Put the views of texts beside each other, all of one weight."""
    from scipy.sparse import hstack

    return (hstack(tables).tocsr() / np.sqrt(len(tables))).astype(np.float32)
