"""Zip archives: their files, read through a folder of our own, so that no name in an archive names a place here."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from ..errors import LabError
from .text import Bad, excerpt, in_words

SIZE_LIMIT = 1 << 31
"""How much may be unpacked from one archive, in bytes."""

COUNT_LIMIT = 10_000
"""How many files an archive may hold."""

_PIECE = 1 << 20


def members(path: Path, source: str) -> Iterator[tuple[str, Path] | Bad]:
    """Unpack the files of an archive one at a time.

    Parameters
    ----------
    path : Path
        A zip archive.
    source : str
        How the archive is named in rows that are set aside.

    Yields
    ------
    (str, Path) or Bad
        The file's name, without its folders, and where its content is, until the next one is asked for. A `Bad` for
        a file whose name leads out of the archive. Hidden files and folders are passed over.

    Raises
    ------
    LabError
        If it is no zip archive, is damaged or locked, or holds more than `SIZE_LIMIT` bytes or `COUNT_LIMIT` files.
    """
    try:
        with in_words(path, "read"), zipfile.ZipFile(path) as archive, TemporaryDirectory() as folder:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > COUNT_LIMIT or sum(entry.file_size for entry in entries) > SIZE_LIMIT:
                raise _too_large(path)
            left = SIZE_LIMIT
            for entry in entries:
                name = PurePosixPath(entry.filename.replace("\\", "/"))
                if name.is_absolute() or ".." in name.parts or ":" in name.parts[0]:
                    yield Bad(source, 0, f"the archive's file {entry.filename!r} leads out of it", "")
                elif not any(part.startswith((".", "__MACOSX")) for part in name.parts):
                    unpacked = Path(folder, "member")
                    left -= _unpack(archive, entry, unpacked, left, path)
                    yield excerpt(name.name), unpacked
    except (zipfile.BadZipFile, zlib.error, EOFError):
        raise LabError(f"{path} is no zip archive, or is damaged.", "Download or write it again.") from None
    except (RuntimeError, NotImplementedError):  # what zipfile raises for a password, and for a rare compression
        raise LabError(f"{path} is locked, or packed in a rare way.", "Unpack it, and give the files.") from None


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, place: Path, left: int, path: Path) -> int:
    """Unpack one file, and return its size in bytes; what an archive says of its sizes may be wrong."""
    size = 0
    with archive.open(entry) as packed, place.open("wb") as unpacked:
        while piece := packed.read(_PIECE):
            size += len(piece)
            if size > left:
                raise _too_large(path)
            unpacked.write(piece)
    return size


def _too_large(path: Path) -> LabError:
    """Return the error for an archive that holds too much."""
    return LabError(
        f"{path} unpacks to more than {SIZE_LIMIT:,} bytes or {COUNT_LIMIT:,} files.", "Unpack it, and give the files."
    )
