"""Predictions in Parquet: a folder with a file a shard, or one file."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import LabError
from ..files import in_words, whole_file
from ..store import Prediction
from .shards import Shard

if TYPE_CHECKING:
    import pyarrow as pa

MANIFEST = "_manifest.json"
"""Says what a folder holds, and whether all of it is there; readers of Parquet folders pass over such a name."""

SIGN = b"labkit.predictions"
"""Under which name one file says what it holds."""

_PART = re.compile(r"part-\d{6,}-([0-9a-f]{32})\.parquet")


class Parts:
    """A folder of Parquet files, one a shard; each is written beside its place and then moved there.

    Parameters
    ----------
    folder : Path
        The folder; it is made.
    about : mapping of str to JSON value
        What the predictions are of: the model, and the corpus by its name.

    Raises
    ------
    LabError
        If the folder holds anything else, or can't be written.
    """

    def __init__(self, folder: Path, about: Mapping[str, Any]) -> None:
        self.where, self._folder, self._about = str(folder), folder, dict(about)
        with in_words(folder, "written"):
            folder.mkdir(parents=True, exist_ok=True)
            files = [entry.name for entry in folder.iterdir() if not entry.name.startswith(".")]
        said = self._said()
        if {name: said.get(name) for name in about} != self._about if said else files:
            raise LabError(f"{folder} holds something else.", "Name another folder for these predictions.")
        self._complete = bool(said.get("complete"))
        if not said:
            self._say(complete=False)
        self._names = {found[1]: name for name in files if (found := _PART.fullmatch(name))}

    def done(self) -> set[str]:
        """Return the digests of the shards that are there."""
        return set(self._names)

    def put(self, shard: Shard, predictions: Sequence[Prediction]) -> None:
        """Keep a shard."""
        from pyarrow import parquet

        if self._complete:  # the corpus has grown
            self._say(complete=False)
        name = _name(shard.number, shard.digest)
        with whole_file(self._folder / name) as place:
            parquet.write_table(_table(predictions), place)
        self._names[shard.digest] = name

    def finish(self, digests: Sequence[str]) -> None:
        """Write the manifest; shards that are none of the corpus, and what was killed half-way, are removed."""
        names = {digest: _name(number, digest) for number, digest in enumerate(digests)}
        with in_words(self._folder, "written"):
            for digest, name in self._names.items():
                if digest not in names:
                    (self._folder / name).unlink()
                elif name != names[digest]:
                    (self._folder / name).rename(self._folder / names[digest])
            for half in self._folder.glob(".part-*"):
                half.unlink()
        self._names = names
        if not self._complete:
            self._say(complete=True, parts=list(names.values()))

    def read(self, digest: str) -> Iterator[Prediction]:
        """Yield the predictions of one shard, in the order of the corpus."""
        return _predictions(self.table(digest))

    def table(self, digest: str) -> pa.Table:
        """Return one shard."""
        from pyarrow import parquet

        path = self._folder / self._names[digest]
        with in_words(path, "read"):
            return parquet.ParquetFile(path).read()

    def _said(self) -> dict[str, Any]:
        """Return what the manifest says; nothing where there is none."""
        path = self._folder / MANIFEST
        if not path.exists():
            return {}
        try:
            with in_words(path, "read"):
                return dict(json.loads(path.read_text("utf-8")))
        except (ValueError, TypeError):
            raise LabError(f"{path} is damaged.", "Remove the folder, or name another one.") from None

    def _say(self, *, complete: bool, parts: Sequence[str] = ()) -> None:
        """Write the manifest."""
        with whole_file(self._folder / MANIFEST) as place:
            place.write_text(json.dumps(self._about | {"complete": complete, "parts": list(parts)}, indent=1), "utf-8")
        self._complete = complete


class OneFile:
    """One Parquet file, a row group a shard; it is put together of `Parts` beside it once all of them are there.

    Parameters
    ----------
    path : Path
        The file.
    about : mapping of str to JSON value
        As for `Parts`.

    Raises
    ------
    LabError
        If the file holds anything else, or can't be written.
    """

    def __init__(self, path: Path, about: Mapping[str, Any]) -> None:
        self.where, self._path, self._about = str(path), path, dict(about)
        self._groups = {digest: number for number, digest in enumerate(self._shards())}
        self._beside = path.with_name(f".{path.name}.parts")
        self._parts = Parts(self._beside, about)

    def done(self) -> set[str]:
        """Return the digests of the shards that are there."""
        return {*self._groups, *self._parts.done()}

    def put(self, shard: Shard, predictions: Sequence[Prediction]) -> None:
        """Keep a shard."""
        self._parts.put(shard, predictions)

    def finish(self, digests: Sequence[str]) -> None:
        """Put the file together, if it is not what it has to be, and remove the parts."""
        from pyarrow import parquet

        if list(self._groups) != list(digests):
            said = json.dumps(self._about | {"shards": list(digests)})
            schema = _schema().with_metadata({SIGN: said.encode()})
            with whole_file(self._path) as place, parquet.ParquetWriter(place, schema) as writer:
                for digest in digests:
                    table = self._table(digest)
                    writer.write_table(table.replace_schema_metadata(schema.metadata), row_group_size=len(table))
            self._groups = {digest: number for number, digest in enumerate(digests)}
        shutil.rmtree(self._beside, ignore_errors=True)

    def read(self, digest: str) -> Iterator[Prediction]:
        """Yield the predictions of one shard, in the order of the corpus."""
        return _predictions(self._table(digest))

    def _table(self, digest: str) -> pa.Table:
        """Return one shard, from its part or from the file as it stands."""
        from pyarrow import parquet

        if digest not in self._groups:
            return self._parts.table(digest)
        with in_words(self._path, "read"):
            return parquet.ParquetFile(self._path).read_row_group(self._groups[digest])

    def _shards(self) -> list[str]:
        """Return the digests of the shards in the file, if there is one."""
        import pyarrow as pa
        from pyarrow import parquet

        if not self._path.exists():
            return []
        try:
            with in_words(self._path, "read"):
                said = json.loads((parquet.read_schema(self._path).metadata or {})[SIGN])
            found = list(said.pop("shards")) if said.keys() >= self._about.keys() else None
        except (pa.ArrowException, KeyError, ValueError, AttributeError):
            said = found = None
        if found is None or said != self._about:
            raise LabError(f"{self._path} holds something else.", "Name another file for these predictions.")
        return found


def _name(number: int, digest: str) -> str:
    """Return the name of the file of a shard: names are in the order of the corpus."""
    return f"part-{number:06d}-{digest}.parquet"


def _schema() -> pa.Schema:
    """Return the columns: what stands in `Prediction`, the value as JSON."""
    import pyarrow as pa

    texts = [pa.field(name, pa.string(), nullable=False) for name in ("key", "hash", "source", "value")]
    return pa.schema([*texts, ("scores", pa.map_(pa.string(), pa.float64())), ("confidence", pa.float64())])


def _table(predictions: Sequence[Prediction]) -> pa.Table:
    """Return predictions as a table."""
    import pyarrow as pa

    rows = [
        each._asdict() | {"value": json.dumps(each.value), "scores": list(each.scores.items())} for each in predictions
    ]
    return pa.Table.from_pylist(rows, schema=_schema())


def _predictions(table: pa.Table) -> Iterator[Prediction]:
    """Return a table as predictions."""
    for row in table.to_pylist():
        yield Prediction(**(row | {"value": json.loads(row["value"]), "scores": dict(row["scores"])}))
