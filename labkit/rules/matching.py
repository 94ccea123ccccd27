"""Finds what a rule looks for: regular expressions in the characters, terms and patterns in the tokens."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import LabError, one_line
from ..files import lines, undecodable
from ..tasks.base import Part

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

Find = Callable[[str, "Doc | None"], Any]
LISTED = 100
"""Up to how many terms a rule's identity lists; longer lists it knows by their hash."""


def regex_finder(name: str, by_label: Mapping[str, Any]) -> tuple[Find, Any]:
    """Compile regular expressions; return what finds them, and what they are."""
    compiled = {}
    for label, expression in by_label.items():
        if not isinstance(expression, str):
            raise LabError(f"The rule {name!r} has {expression!r} for a regular expression.", "Give a string.")
        try:
            compiled[label] = re.compile(expression)
        except (re.error, RecursionError, OverflowError) as error:
            raise LabError(
                f"The regular expression {expression!r} of the rule {name!r} can't be read: {one_line(error)}.",
                "Mend it; a bracket or dot that stands for itself is written with a backslash.",
            ) from None

    def find(text: str, doc: Doc | None) -> list[Part]:
        found = ((label, hit.span()) for label, each in compiled.items() for hit in each.finditer(text))
        return [Part(label, span) for label, span in found if span[0] < span[1]]

    return find, dict(by_label)


def term_finder(name: str, by_label: Mapping[str, Any], nlp: Language) -> tuple[Find, Any]:
    """Read lists of terms; return what finds them, and what they are."""
    from spacy.matcher import PhraseMatcher

    matcher, identity = PhraseMatcher(nlp.vocab, attr="LOWER"), {}
    for label, given in by_label.items():
        terms = sorted({" ".join(term.split()) for term in _terms(name, given)} - {""})
        if not terms:
            raise LabError(f"The rule {name!r} has no terms for {label}.", "Give words, or a file with one a line.")
        matcher.add(label, [nlp.make_doc(term) for term in terms])
        digest = sha256("\n".join(terms).encode("utf-8", "backslashreplace")).hexdigest()
        identity[label] = terms if len(terms) <= LISTED else {"terms": len(terms), "sha256": digest}
    return _in_tokens(matcher), identity


def pattern_finder(name: str, by_label: Mapping[str, Any], nlp: Language) -> tuple[Find, Any]:
    """Take patterns of spaCy's `Matcher`; return what finds them, and what they are."""
    from spacy.matcher import Matcher

    matcher = Matcher(nlp.vocab, validate=True)
    for label, patterns in by_label.items():
        try:
            if not patterns:
                raise ValueError("there is none")
            matcher.add(label, patterns, greedy="LONGEST")
            matcher(nlp.make_doc("a"))  # says what a blank pipeline does not set
        except (ValueError, TypeError, AttributeError, KeyError, re.error) as error:
            raise LabError(
                f"A pattern for {label} of the rule {name!r} can't be used: {one_line(error)[:300]}.",
                'Give a list of patterns, each a list of tokens: [[{"LOWER": "typo"}]].',
            ) from None
    return _in_tokens(matcher), dict(by_label)


def _in_tokens(matcher: Any) -> Find:
    """Return what turns the matches of a matcher into parts."""

    def find(text: str, doc: Doc | None) -> list[Part]:
        assert doc is not None, "a rule that reads tokens is given a Doc"
        return [Part(span.label_, (span.start_char, span.end_char)) for span in matcher(doc, as_spans=True)]

    return find


def _terms(name: str, given: Any) -> Sequence[str]:
    """Return the terms of a list, or of a file."""
    if isinstance(given, (str, Path)):
        return [_decoded(Path(given), number, line) for number, line in lines(Path(given))]
    terms = list(given) if isinstance(given, (list, tuple, set, frozenset)) else [given]
    wrong = [term for term in terms if not isinstance(term, str)]
    if wrong:
        raise LabError(f"The rule {name!r} has the term {wrong[0]!r}.", "Give strings, or a file with one a line.")
    return terms


def _decoded(path: Path, number: int, line: str) -> str:
    """Return a line of a file, or raise LabError where it is not as it stands there."""
    if problem := undecodable(line):
        raise LabError(f"{path.name}, line {number}: {problem}.", "Save the file as UTF-8.")
    return line
