"""Writes a new prompt beside an old one: a configuration, and what it reads. Nothing is ever overwritten."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import LabError, one_line
from ..files import in_words

if TYPE_CHECKING:
    from confection import Config

HEADER = re.compile(r"\[([^\]]+)\]")


def examples_of(config: Config, component: str) -> list[dict[str, Any]]:
    """Return the examples that a configuration's prompt shows, as spacy-llm reads them.

    Parameters
    ----------
    config : Config
        A configuration with an LLM in it, its variables filled in.
    component : str
        The LLM's component.

    Raises
    ------
    LabError
        If their file can't be read.
    """
    from spacy_llm.registry import registry

    settings = config["components"][component]["task"].get("examples")
    try:
        found = registry.resolve({"examples": settings})["examples"]
        return list((found() if callable(found) else found) or ())
    except (ValueError, TypeError, OSError) as error:
        raise LabError(f"The examples of a prompt can't be read: {one_line(error)}.", "Mend their file.") from None


def with_section(config: str, section: str, settings: Mapping[str, Any], note: str) -> str:
    r"""Return a configuration with one section put in, in the place of what stood there under that name.

    Everything else stays as a person wrote it, comments and variables included.

    Parameters
    ----------
    config : str
        The configuration's text.
    section : str
        The section's full name, such as ``"components.llm.task.examples"``.
    settings : mapping
        What stands in it. Variables (``${...}``) are kept; see `literal` for other texts.
    note : str
        What a comment at its head says, in one line.

    Examples
    --------
    >>> print(with_section('[a]\nb = 1\nc = 2\n', "a.b", {"d": "x"}, "new"))
    [a]
    c = 2
    <BLANKLINE>
    [a.b]
    # new
    d = "x"
    <BLANKLINE>
    """
    kept = "".join(_without(config, section)).rstrip("\n")
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in settings.items()]
    return "\n".join([kept, "", f"[{section}]", f"# {note}", *lines, ""])


def literal(text: str) -> str:
    """Return a text in which a configuration finds no variable: a blank parts ``${``, for which it has no sure escape.

    Examples
    --------
    >>> literal("the shell's ${HOME}")
    "the shell's $ {HOME}"
    """
    return text.replace("${", "$ {")


def add_prompt(folder: Path, name: str, files: Callable[[str], Mapping[str, str]]) -> str:
    """Write a prompt's files under the first name that is free, or that holds just this, and return the name.

    Parameters
    ----------
    folder : Path
        The project's folder.
    name : str
        The name to begin with; then ``<name>-2`` and so on.
    files : callable
        Returns, for a name, the files' names and texts; the configuration last, so that it is never there
        without what it reads.

    Raises
    ------
    LabError
        If a file can't be written.
    """
    for number in count(1):
        free = name if number == 1 else f"{name}-{number}"
        wanted = {folder / file: text for file, text in files(free).items()}
        if all(not path.exists() or _holds(path, text) for path, text in wanted.items()):
            for path, text in wanted.items():
                _write(path, text)
            if all(_holds(path, text) for path, text in wanted.items()):  # else another process took the name
                return free
    raise AssertionError("numbers do not end")


def _without(config: str, section: str) -> Iterator[str]:
    """Yield the lines of a configuration but those of one section, and of the setting that it would be."""
    parent, _, leaf = section.rpartition(".")
    here, skipping = "", False
    for line in config.splitlines(keepends=True):
        if header := HEADER.match(line):
            here, skipping = header[1].strip(), False
        elif here == parent and line[:1] not in (" ", "\t"):  # what is indented goes on with the setting above
            skipping = re.match(rf"{re.escape(leaf)}\s*[=:]", line) is not None
        if not skipping and here != section and not here.startswith(f"{section}."):
            yield line


def _holds(path: Path, text: str) -> bool:
    """Whether a file holds this text."""
    with in_words(path, "read"):
        return path.read_bytes() == text.encode()


def _write(path: Path, text: str) -> None:
    """Write a file that is not there yet, whole or not at all."""
    with in_words(path, "written"), suppress(FileExistsError), path.open("x", encoding="utf-8", newline="\n") as file:
        try:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            path.unlink(missing_ok=True)
            raise
