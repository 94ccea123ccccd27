"""Texts that labkit measures itself on and does not ship: each is downloaded from its source, once."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from .errors import LabError
from .files import JsonLines, in_words

MIRROR = "LABKIT_DATA_MIRROR"
"""The environment variable that names a folder to take data sets from, in place of the network."""

_TIMEOUT = 20  # seconds without an answer
_CUT = 1200


@dataclass(frozen=True)
class Source:
    """Where a data set comes from.

    Parameters
    ----------
    url : str
        The file, at a commit that can't change.
    sha256 : str
        Its SHA-256, 64 hex digits.
    left_out : frozenset of str
        Ids of texts that are not taken.
    """

    url: str
    sha256: str
    left_out: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The file's name."""
        return self.url.rpartition("/")[2]


DOCS_ISSUES = Source(
    url="https://raw.githubusercontent.com/explosion/projects/504e1e428238a08fb038c04af04ea4b3b34756af"
    "/tutorials/textcat_docs_issues/assets/docs_issues_training.jsonl",
    sha256="57f0fa13c13f0eec490a3f6b55a95592c247519a7c0389b342ce36197c3747af",
    # Automatic dependency alerts, which list addresses of packages.
    left_out=frozenset({"d7805f4890", "40ef1722bd", "736a9a6366", "e00c84b3ac", "3cc9045b35"}),
)


@dataclass(frozen=True, repr=False)
class DocsIssues:
    """The files of the data set.

    Parameters
    ----------
    texts : Path
        JSONL with `id`, `text` and `url`.
    people : Path
        JSONL with `id` and `labels`, a list that holds ``"DOCUMENTATION"`` or nothing.
    origin : str
        The address they were downloaded from, or the name of the variable that names the mirror.
    """

    texts: Path
    people: Path
    origin: str

    def __repr__(self) -> str:
        # Without folders, so that a notebook shows the same on every machine.
        return f"DocsIssues: {self.texts.name}, {self.people.name}"


def docs_issues(folder: str | Path | None = None, source: Source = DOCS_ISSUES) -> DocsIssues:
    """Return the files of 656 GitHub issues, labelled DOCUMENTATION or not by people.

    They are the training half of Explosion's tutorial "Predicting whether a GitHub issue is about documentation" (MIT
    licence). Texts are cut at 1,200 characters; the id of a text is the start of the SHA-1 of the whole of it.

    Parameters
    ----------
    folder : str or Path, optional
        Where the files are kept; the user's cache folder if left out. What is there already is not downloaded again.
    source : Source
        Another copy of the source file. Not asked for where the environment variable `MIRROR` names a folder
        that holds the converted files in ``docs-issues/``; that folder may also hold the source file.

    Raises
    ------
    LabError
        If the file can't be downloaded, is not the one expected, or can't be kept; or the mirror has no such files.

    Examples
    --------
    >>> found = docs_issues()  # doctest: +SKIP
    >>> lab.ingest(found.texts)  # doctest: +SKIP
    """
    mirror = os.environ.get(MIRROR)
    if mirror and (ready := _ready(Path(mirror).expanduser() / "docs-issues")):
        return ready
    kept = Path(folder) if folder else _cache()
    if mirror:
        return _converted(_in_mirror(Path(mirror).expanduser(), source), kept, source, MIRROR)
    return _converted(_download(source, kept), kept, source, source.url)


def _ready(folder: Path) -> DocsIssues | None:
    """Return the converted files of a mirror, if they are there."""
    found = DocsIssues(folder / "texts.jsonl", folder / "people.jsonl", MIRROR)
    return found if found.texts.is_file() and found.people.is_file() else None


def _in_mirror(mirror: Path, source: Source) -> Path:
    """Return the source file that stands in a mirror, if it is the one expected."""
    raw = next((file for file in (mirror / "docs-issues" / source.name, mirror / source.name) if file.is_file()), None)
    if raw is None:
        raise LabError(
            f"{MIRROR} names {mirror}, which holds no docs-issues/texts.jsonl and people.jsonl.",
            f"Put them or {source.name} there, or unset {MIRROR} to download the data.",
        )
    with in_words(raw, "read"):
        digest = hashlib.sha256(raw.read_bytes()).hexdigest()
    if digest != source.sha256:
        raise LabError(f"{raw} is not the file expected: its SHA-256 differs.", f"Take it from {source.url}.")
    return raw


def _cache() -> Path:
    """Return this user's folder for what was downloaded."""
    import pooch

    return Path(pooch.os_cache("labkit")) / "docs-issues"


def _download(source: Source, folder: Path) -> Path:
    """Return the source file, downloaded unless it is there already."""
    import pooch

    pooch.get_logger().setLevel("WARNING")  # it would print folders of this machine
    loader = pooch.HTTPDownloader(timeout=_TIMEOUT)
    try:
        return Path(pooch.retrieve(source.url, f"sha256:{source.sha256}", source.name, folder, downloader=loader))
    except ValueError:
        raise LabError(
            f"{source.url} gave another file than the one expected.",
            f"Check that no proxy answers in its place, or set {MIRROR} to a folder that holds the data.",
        ) from None
    except OSError as error:  # those of the library requests are, too
        raise LabError(
            f"{source.url} could not be downloaded to {folder} ({type(error).__name__}).",
            f"Check the network and the folder, or set {MIRROR} to a folder that holds the data.",
        ) from None


def _converted(raw: Path, folder: Path, source: Source, origin: str) -> DocsIssues:
    """Write the source file's texts and labels in labkit's form."""
    found = DocsIssues(folder / "texts.jsonl", folder / "people.jsonl", origin)
    with raw.open(encoding="utf-8") as lines, JsonLines(found.texts) as texts, JsonLines(found.people) as people:
        for row in map(json.loads, lines):
            key = hashlib.sha1(row["text"].encode(), usedforsecurity=False).hexdigest()[:10]
            if key not in source.left_out:
                text = row["text"].replace("\r\n", "\n").strip()[:_CUT]
                texts.write({"id": key, "text": text, "url": row["meta"]["url"]})
                people.write({"id": key, "labels": [row["label"]] if row["answer"] == "accept" else []})
    return found
