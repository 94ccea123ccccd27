"""What readers and writers of files share: physical lines, rows, archives, files that are whole or not there."""

from __future__ import annotations

from .archive import members
from .array import items
from .table import commas, tabs
from .text import (
    EXCERPT,
    LINE_LIMIT,
    Bad,
    Record,
    excerpt,
    in_words,
    kind_of,
    lines,
    objects,
    undecodable,
    unstorable,
)
from .whole import JsonLines, json_line, whole_file, whole_folder

__all__ = [
    "EXCERPT",
    "LINE_LIMIT",
    "Bad",
    "JsonLines",
    "Record",
    "commas",
    "excerpt",
    "in_words",
    "items",
    "json_line",
    "kind_of",
    "lines",
    "members",
    "objects",
    "tabs",
    "undecodable",
    "unstorable",
    "whole_file",
    "whole_folder",
]
