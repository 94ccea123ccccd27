"""Makes a rule of what a person wrote: a regular expression, terms, patterns, or a function."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import LabError
from ..tasks import Task
from ..tasks.base import Part
from .matching import Find, pattern_finder, regex_finder, term_finder
from .rule import Rule

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

ABSTAIN, NONE = "abstain", "none"
"""What a rule says of a text in which it finds nothing: nothing at all, or that no label applies."""

MEANS = ("regex", "terms", "patterns", "function")


def make_rule(
    name: str,
    task: Task,
    *,
    label: str | None = None,
    regex: str | Mapping[str, str] | None = None,
    terms: Sequence[str] | str | Path | Mapping[str, Sequence[str] | str | Path] | None = None,
    patterns: Sequence[Any] | Mapping[str, Sequence[Any]] | None = None,
    function: Callable[[str], Any] | None = None,
    otherwise: str = ABSTAIN,
    language: str = "en",
) -> Rule:
    r"""Make a rule.

    Parameters
    ----------
    name : str
        What people call it.
    task : Task
        What the rule's values are values of.
    label : str, optional
        What is said of the texts, or of the characters, that match. Left out where labels come with what they are
        found by, as in ``regex={"BUG": ..., "DOCUMENTATION": ...}``, or where a function gives values.
    regex : str, or mapping of label to str
        A regular expression of Python's `re`; ``(?i)`` at its start passes over case.
    terms : sequence of str, path, or mapping of label to either
        Words and phrases, or a file with one a line. They are found as whole words, whatever their case.
    patterns : sequence, or mapping of label to sequence
        Patterns of spaCy's `Matcher`, each a list of dicts, a token each. Texts are cut into tokens and not analysed:
        what a model would have to say, such as parts of speech, can't be asked for.
    function : callable
        Takes a text. With a label it returns whether the text has it, or ranges ``(start, end)`` that do; without one
        the task's value, or None where it says nothing.
    otherwise : {"abstain", "none"}
        What a text without a match is said to be: nothing, or that it has no label.
    language : str
        Whose tokens terms and patterns are matched with: a language of spaCy's.

    Raises
    ------
    LabError
        If not exactly one of `regex`, `terms`, `patterns` and `function` is given, or it can't be read, a label is
        missing or not the task's, or the source of a function can't be read, by which its versions are told apart.

    Examples
    --------
    >>> from labkit.tasks import make_task
    >>> task = make_task("choices", ["BUG", "DOCUMENTATION"])
    >>> rule = make_rule("crash", task, label="BUG", regex=r"(?i)\bcrash(es|ed)?\b")
    >>> rule.speak("It crashes at start", None), rule.speak("A typo", None)
    (['BUG'], None)
    """
    _check_name(name)
    given = dict(zip(MEANS, (regex, terms, patterns, function), strict=True))
    means = [each for each in MEANS if given[each] is not None]
    if len(means) != 1:
        said = " and ".join(means) or "nothing"
        raise LabError(f"The rule {name!r} goes by {said}.", f"Give exactly one of: {', '.join(MEANS)}.")
    if otherwise not in (ABSTAIN, NONE):
        raise LabError(f"The rule {name!r}: otherwise is {otherwise!r}.", f"Write {ABSTAIN!r} or {NONE!r}.")
    if task.related:
        raise LabError("No rule says what one span is to another.", "Mark relations by hand, or ask an LLM for them.")
    (means_,) = means
    identity = {"otherwise": otherwise, "task": [task.kind, *task.labels]}
    if function is not None:
        find, source = _function_finder(name, task, function, label)
        return Rule(name, {**identity, "function": source, "label": label}, _speaker(task, find, otherwise))
    by_label = _by_label(name, task, given[means_], label)
    nlp = None if means_ == "regex" else _blank(name, language)
    if nlp is None:
        find, what = regex_finder(name, by_label)
    else:
        find, what = (term_finder if means_ == "terms" else pattern_finder)(name, by_label, nlp)
        identity |= {"language": language}
    return Rule(name, {**identity, means_: what}, _speaker(task, find, otherwise), nlp)


def _speaker(task: Task, find: Find, otherwise: str) -> Callable[[str, Doc | None], Any]:
    """Turn what is found in a text into what is said of it."""

    def speak(text: str, doc: Doc | None) -> Any:
        found = find(text, doc)
        if isinstance(found, _Value):
            return task.fit(found.value, text)
        if found:
            return task.gather(found)
        return task.gather([]) if otherwise == NONE else None

    return speak


class _Value:
    """A value that a function gave as a whole, unchecked."""

    def __init__(self, value: Any) -> None:
        self.value = value


def _function_finder(name: str, task: Task, function: Any, label: str | None) -> tuple[Find, str]:
    """Wrap a function, and return it with its source."""
    if not callable(function):
        raise LabError(f"The rule {name!r} goes by {function!r}, which is no function.", "Give a function of a text.")
    if label is not None:
        _check_labels(name, task, [label])

    def find(text: str, doc: Doc | None) -> Any:
        said = function(text)
        if label is not None:
            return _parts(said, label, text, task)
        return [] if said is None else _Value(said)

    return find, _source(name, function)


def _parts(said: Any, label: str, text: str, task: Task) -> list[Part]:
    """Read what a function for one label returned: whether the text has it, or which ranges do."""
    if not isinstance(said, (list, tuple)):
        if said and not task.whole_text:
            raise LabError(f"It returned {said!r}.", "Return ranges: [(start, end), ...].")
        return [Part(label)] * bool(said)
    try:
        ranges = [(int(start), int(end)) for start, end in said]
    except (TypeError, ValueError):
        raise LabError(f"It returned {said!r}.", "Return True, False, or ranges: [(start, end), ...].") from None
    if any(not 0 <= start < end <= len(text) for start, end in ranges):
        raise LabError(f"It returned {said!r} of a text of {len(text)} characters.", "Count from 0, end exclusive.")
    return [Part(label, each) for each in ranges]


def _source(name: str, function: Callable[[str], Any]) -> str:
    """Return a function's source, by which its versions are told apart."""
    plain = inspect.unwrap(function)
    for each in (plain, type(plain)):
        try:
            return textwrap.dedent(inspect.getsource(each))
        except (TypeError, OSError):
            continue
    raise LabError(
        f"The source of the function of the rule {name!r} can't be read.", "Define it with def, in a cell or a file."
    )


def _by_label(name: str, task: Task, given: Any, label: str | None) -> dict[str, Any]:
    """Return what each label is found by."""
    if isinstance(given, Mapping) == (label is not None):
        problem = "has labels twice" if label else "names no label"
        raise LabError(f"The rule {name!r} {problem}.", 'Give label="...", or {label: ...} in place of what matches.')
    _check_labels(name, task, list(given) if label is None else [label])
    return dict(given) if label is None else {label: given}


def _check_labels(name: str, task: Task, labels: Any) -> None:
    """Raise LabError for a label that is not the task's, and for none."""
    unknown = [label for label in labels if label not in task.labels]
    if unknown or not labels:
        said = f"gives the label {unknown[0]!r}, which is not in this project" if unknown else "names no label"
        raise LabError(f"The rule {name!r} {said}.", f"Use: {', '.join(task.labels)}.")


def _check_name(name: Any) -> None:
    """Raise LabError for what can't be an annotator's name."""
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        raise LabError(f"{name!r} is no name for a rule.", "Give a word or two, such as 'crash'.")


def _blank(name: str, language: str) -> Language:
    """Return a tokenizer, or raise LabError."""
    import spacy

    try:
        return spacy.blank(language)
    except (ImportError, ValueError, TypeError):
        raise LabError(
            f"The rule {name!r}: spaCy has no language {language!r}, or it lacks a library.",
            "Use 'en', or 'xx' for any.",
        ) from None
