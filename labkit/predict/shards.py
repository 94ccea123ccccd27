"""Cuts a stream of texts into shards, each known by what is in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from ..corpus import Row
from .seen import Seen

SIZE = 1000
"""Texts of a shard."""

CHARACTERS = 1_000_000
"""Characters after which a shard ends before it has all its texts, so that long texts need no more memory."""


@dataclass(frozen=True)
class Shard:
    """Some texts of a corpus that are predicted together.

    Parameters
    ----------
    number : int
        Its place in the corpus, from 0.
    digest : str
        What it is known by, 32 hex digits: it follows from the model, and from the keys and texts in their order.
    keys, hashes, sources, texts : tuple of str
        The texts, in their order; see `labkit.corpus.Row`.
    """

    number: int
    digest: str
    keys: tuple[str, ...]
    hashes: tuple[str, ...]
    sources: tuple[str, ...]
    texts: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.keys)


def cut(rows: Iterable[Row], model: str, size: int = SIZE) -> Iterator[Shard]:
    """Cut texts into shards; a text that repeats an earlier one, under the same key, is left out.

    Parameters
    ----------
    rows : iterable of Row
        The texts; of these one shard at a time is in memory, and eight bytes of each text before it.
    model : str
        What tells the model from others: the shards of another are others.
    size : int
        Texts of a shard. One that holds `CHARACTERS` characters ends before.

    Examples
    --------
    >>> rows = [Row(text, text, text * 8, "", {}, None) for text in ("a", "b", "a", "c")]
    >>> [shard.texts for shard in cut(rows, "a model", size=2)]
    [('a', 'b'), ('c',)]
    """
    seen, number = Seen(), 0
    kept: list[Row] = []
    held = 0
    for row in rows:
        if not seen.add(f"{row.hash} {row.key}"):
            continue
        kept.append(row)
        held += len(row.text)
        if len(kept) == size or held >= CHARACTERS:
            yield _shard(number, kept, model)
            number, kept, held = number + 1, [], 0
    if kept:
        yield _shard(number, kept, model)


def _shard(number: int, rows: list[Row], model: str) -> Shard:
    """Return the shard of some texts."""
    whole = sha256(model.encode())
    for row in rows:
        whole.update(f"\n{len(row.key)} {row.key} {row.hash}".encode())
    sources, keys, hashes, texts = zip(*((row.source, row.key, row.hash, row.text) for row in rows), strict=True)
    return Shard(number, whole.hexdigest()[:32], keys, hashes, sources, texts)
