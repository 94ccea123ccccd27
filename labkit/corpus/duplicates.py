"""Near duplicates: pairs of texts that say almost the same."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from ..errors import LabError
from ..progress import Progress, Report, silent

if TYPE_CHECKING:
    import pandas as pd

_SHINGLE = 5
_PERMUTATIONS = 64
_SEED = 1
_SLACK = 0.15  # three standard deviations of a similarity of 0.8 estimated from 64 permutations
_CLOSEST = 25
_COPIES = 10
_CROWD = 1000
_CACHED = 2000


def near_duplicates(texts: pd.DataFrame, threshold: float = 0.8, progress: Report = silent) -> pd.DataFrame:
    """Find the pairs of texts that are nearly the same.

    The similarity of two texts is the Jaccard index of their shingles: the share of the runs of five characters, in
    lower case and with white space as one blank, that both have. Candidates are found by MinHash and banding; the
    similarity of each is then computed from the shingles themselves, so that every pair is real and its similarity
    exact. At the default threshold about one pair in eight of similarity 0.8 is missed, one in three hundred of 0.9.

    Parameters
    ----------
    texts : DataFrame
        One row a text, with columns `key` and `text`.
    threshold : float
        Least similarity of a pair, above 0 and up to 1.
    progress : callable
        Is told how many texts are done.

    Returns
    -------
    DataFrame
        One row a pair, with columns `key_a`, `key_b` and `similarity` (0 to 1): `key_b` is the later of the two
        in `texts`; the most similar come first. A text is paired with at most the 25 before it that are most like
        it; one that has ten near duplicates before it, or a thousand texts that come close to being one (all
        from one template), is not compared with later ones. So a hundred thousand copies of a notice end.

    Raises
    ------
    LabError
        If the threshold is not above 0 and up to 1.

    Notes
    -----
    Shingles and their resemblance: A. Z. Broder, "On the resemblance and containment of documents", Compression and
    Complexity of Sequences, 1997, pages 21-29. Banding: J. Leskovec, A. Rajaraman, J. Ullman, "Mining of Massive
    Datasets", section 3.4.

    Examples
    --------
    >>> import pandas as pd
    >>> said = ["The build fails on Windows since 2.1", "the build fails on  Windows since 2.1!", "Add a dark theme"]
    >>> near_duplicates(pd.DataFrame({"key": ["a", "b", "c"], "text": said})).round(2)
      key_a key_b  similarity
    0     a     b        0.97
    """
    import pandas as pd

    if not 0 < threshold <= 1:
        raise LabError(f"{threshold} is no similarity.", "Give a threshold above 0 and up to 1.")
    keys = list(texts["key"])
    pairs = [(keys[a], keys[b], value) for a, b, value in _pairs(list(texts["text"]), threshold, progress)]
    found = pd.DataFrame(pairs, columns=["key_a", "key_b", "similarity"])
    found = found.astype({"key_a": "str", "key_b": "str", "similarity": "float64"})
    return found.sort_values("similarity", ascending=False, kind="stable", ignore_index=True)


def _pairs(texts: Sequence[str], threshold: float, progress: Report) -> Iterator[tuple[int, int, float]]:
    """Yield the positions of two texts, the earlier first, and their similarity."""
    import numpy as np
    from datasketch import MinHash, MinHashLSH

    shingles = lru_cache(_CACHED)(lambda number: _shingles(texts[number]))
    encoded = ([shingle.encode() for shingle in shingles(number)] for number in range(len(texts)))
    sketches = MinHash.generator(encoded, num_perm=_PERMUTATIONS, seed=_SEED, hashfunc=zlib.crc32)
    values = np.empty((len(texts), _PERMUTATIONS), np.uint64)
    index = MinHashLSH(min(threshold, 0.9), _PERMUTATIONS, weights=(0.1, 0.9))  # a missed pair costs more than a check
    for number, sketch in enumerate(sketches):
        values[number] = sketch.hashvalues
        found = np.sort(np.array(index.query(sketch), np.intp))
        estimates = (values[found] == values[number]).mean(axis=1)
        alike = found[np.argsort(-estimates, kind="stable")][: (estimates > threshold - _SLACK).sum()].tolist()
        checked = [(other, _jaccard(shingles(other), shingles(number))) for other in alike[:_CLOSEST]]
        near = [(other, number, similarity) for other, similarity in checked if similarity >= threshold]
        yield from near
        if len(near) < _COPIES and len(alike) < _CROWD:
            index.insert(number, sketch, check_duplication=False)
        progress(Progress("looking for near duplicates", number + 1, len(texts)))


def _shingles(text: str) -> set[str]:
    """Return the runs of five characters of a text; a shorter text is its own and only one."""
    plain = " ".join(text.lower().split())
    return {plain[start : start + _SHINGLE] for start in range(max(1, len(plain) - _SHINGLE + 1))}


def _jaccard(a: set[str], b: set[str]) -> float:
    """Return the share of the shingles of either that both have."""
    both = len(a & b)
    return both / (len(a) + len(b) - both)
