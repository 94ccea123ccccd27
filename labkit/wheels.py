"""Makes an installable wheel of a trained pipeline."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from tempfile import TemporaryDirectory
from typing import Any

from .errors import LabError, one_line

# What pip shows of a package. A saved pipeline has these too, empty.
TEXT_FIELDS = {"description", "author", "email", "url", "license"}
# The sections that a pipeline runs by; the others say how it was trained.
RUN_SECTIONS = {"nlp", "components"}


def package(pipeline: Path, *, name: str, version: str, meta: Mapping[str, Any], out: Path) -> Path:
    """Make a wheel of a trained pipeline with `spacy package`, without asking the network for anything.

    The wheel holds no path of this machine, and of the words that the pipeline met in training none: only
    those that spaCy brings along, and the labels.

    Parameters
    ----------
    pipeline : Path
        The folder of a pipeline that was trained.
    name : str
        Letters of a to z, digits, underscores, hyphens and dots, such as ``"issues"``. The package, the
        module and the name for `spacy.load` are its normal form with the language before it: ``en_issues``.
    version : str
        As PEP 440 has it, such as ``"0.1.0"``.
    meta : mapping
        What goes into meta.json besides what spaCy says of the pipeline: the texts `description`, `author`,
        `email`, `url` and `license`, and whatever else is JSON, such as numbers of texts, scores, a digest.
    out : Path
        The folder for the wheel; made if need be. A wheel of this name and version there is replaced.

    Returns
    -------
    Path
        The wheel.

    Raises
    ------
    LabError
        If the pipeline can't be loaded, name or version is not usable, `meta` is no JSON or contradicts the
        pipeline, or the wheel can't be built or written.

    Examples
    --------
    >>> package(run.pipeline, name="issues", version="0.1.0", meta={}, out=Path("dist"))  # doctest: +SKIP
    PosixPath('dist/en_issues-0.1.0-py3-none-any.whl')
    """
    saved = _read_meta(pipeline)
    named = {"name": _normal_name(name, saved["lang"]), "version": _normal_version(version)}
    complete = saved | _checked_meta(meta, saved) | named
    with TemporaryDirectory(prefix="labkit-") as folder:
        return _build(_source(pipeline, complete, Path(folder)), out)


def _read_meta(pipeline: Path) -> dict[str, Any]:
    """Return the meta.json that spaCy saved with the pipeline."""
    try:
        meta = json.loads((Path(pipeline) / "meta.json").read_text("utf-8"))
        return {**meta, "lang": str(meta["lang"]), "labels": dict(meta["labels"])}
    except (OSError, ValueError, KeyError, TypeError):
        raise LabError(f"{pipeline} is no trained pipeline.", "Give the folder that a training left.") from None


def _normal_name(name: str, lang: str) -> str:
    """Return the package's name without the language, in PEP 503's normal form with underscores, as modules have."""
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", name):
        raise LabError(f"{name!r} can't name a package.", "Use letters of a to z, digits and underscores.")
    return re.sub(r"[-_.]+", "_", name).lower().removeprefix(f"{lang}_")


def _normal_version(version: str) -> str:
    """Return the version in PEP 440's normal form."""
    from packaging.version import InvalidVersion, Version

    try:
        return str(Version(version))
    except (InvalidVersion, TypeError):
        raise LabError(f"{version!r} is no version.", "Write for example 0.1.0 (PEP 440).") from None


def _checked_meta(meta: Mapping[str, Any], saved: Mapping[str, Any]) -> dict[str, Any]:
    """Return `meta` with the texts each on one line; refuse what is no JSON or says what the pipeline itself says."""
    taken = sorted(set(meta) & set(saved) - TEXT_FIELDS)
    if taken:
        raise LabError(f"The meta of the package holds {taken[0]!r}, which the pipeline says.", "Leave it out.")
    try:
        plain = json.loads(json.dumps(dict(meta), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise LabError(f"The meta of the package is no JSON: {error}.", "Give texts, numbers, lists, dicts.") from None
    return plain | {key: _one_line(str(plain[key])) for key in TEXT_FIELDS & set(plain)}


def _one_line(text: str) -> str:
    """Return `text` without line breaks and control characters, which a package's metadata can't hold."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _source(pipeline: Path, meta: Mapping[str, Any], folder: Path) -> Path:
    """Return the folder of the Python package that spaCy writes round a copy of the pipeline."""
    from spacy.cli import package as spacy_package

    model, written = folder / "model", folder / "source"
    written.mkdir()
    try:
        shutil.copytree(pipeline, model)
        _forget_words(model, meta)
        _forget_paths(model)
        (model / "meta.json").write_text(json.dumps(meta), "utf-8")
        spacy_package(model, written, create_sdist=False, require_parent=True, silent=True)
    except (OSError, ValueError, ImportError, SystemExit) as error:
        raise LabError(f"spaCy can't load or package {pipeline}: {one_line(error)}.", "Train it again.") from None
    return next(written.iterdir())


def _forget_words(model: Path, meta: Mapping[str, Any]) -> None:
    """Leave of a saved pipeline's words those that spaCy brings along, and the labels."""
    import spacy

    labels = {label for labels in meta["labels"].values() for label in labels}
    words = labels | set(spacy.blank(meta["lang"]).vocab.strings)
    (model / "vocab" / "strings.json").write_text(json.dumps(sorted(words)), "utf-8")


def _forget_paths(model: Path) -> None:
    """Take this machine's paths out of a saved pipeline's configuration."""
    from spacy.util import load_config

    config = load_config(model / "config.cfg", interpolate=False)
    for section in config:
        config[section] = _without_paths(config[section], named=section in RUN_SECTIONS)
    config.to_disk(model / "config.cfg")


def _without_paths(value: Any, named: bool) -> Any:
    """Return a section of a configuration with the last name, or None, in the place of every absolute path."""
    if isinstance(value, dict):
        return {key: _without_paths(part, named) for key, part in value.items()}
    for kind in (PurePosixPath, PureWindowsPath):
        if isinstance(value, str) and kind(value).is_absolute():
            return (kind(value).name or None) if named else None
    return value


def _build(source: Path, out: Path) -> Path:
    """Build the wheel with the setuptools that is installed: `spacy package` itself would download one."""
    from build import BuildBackendException, BuildException, ProjectBuilder
    from pyproject_hooks import quiet_subprocess_runner

    try:
        out.mkdir(parents=True, exist_ok=True)
        return Path(ProjectBuilder(source, runner=quiet_subprocess_runner).build("wheel", out))
    except OSError as error:
        raise LabError(f"The wheel can't be written to {out}: {error.strerror or error}.", "Free space.") from None
    except (BuildException, BuildBackendException) as error:
        raise LabError(f"The wheel can't be built: {one_line(error)}.", 'Run: pip install "setuptools>=70.1"') from None
