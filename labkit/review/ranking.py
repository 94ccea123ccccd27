"""The order in which a person should read texts, and why."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import LabError
from .answers import NO_VALUE, Answers, distinct
from .comparison import Comparison, join
from .evidence import gather
from .learner import Lesson
from .learning import Learning
from .live import Fixed, Order
from .logistic import chance
from .lots import SHARE, check_share

SHOWN = 10
WIDTH = 80
DIGITS = 9  # below which two urgencies differ by how they were summed up, not by what was said
OWN_COLUMNS = ("example", "key", "text", "why", "distance")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


@dataclass(frozen=True, eq=False, repr=False)
class Queue:
    """Examples in the order in which a person should read them. Made by `queue`.

    Parameters
    ----------
    frame : DataFrame
        One row an example, the most worth reading first: ``example``, ``key`` and ``text`` where the texts
        were given, ``why`` in a sentence, ``distance`` (0 to 1, NaN for one annotator alone), and a
        column for each annotator with its value in words.
    order : str
        What the order goes by.
    source : str
        What is kept of each decision as where it came from.
    blind : bool
        Whether every text is shown without suggestions.
    lesson : Lesson, optional
        What the order learns from while somebody reads; without one it stays as it is.
    goal : callable, optional
        Says how far it is to what the texts are read for: a line, and a sentence where that is reached, or None. It
        is asked when the reading begins, and after each decision.

    Examples
    --------
    A queue is cut like a list, and gives its rows as dicts::

        for row in gap.queue()[:20]:
            print(row["why"])
    """

    frame: pd.DataFrame
    order: str
    source: str = "corrector"
    blind: bool = False
    lesson: Lesson | None = None
    goal: Callable[[], tuple[str, str | None]] | None = None

    def head(self, n: int = SHOWN) -> Queue:
        """Return the first `n` examples as a queue."""
        return self[:n]

    def __len__(self) -> int:
        return len(self.frame)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        names = list(self.frame.columns)
        return (dict(zip(names, row, strict=True)) for row in self.frame.itertuples(index=False, name=None))

    @overload
    def __getitem__(self, place: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, place: slice) -> Queue: ...
    def __getitem__(self, place: int | slice) -> dict[str, Any] | Queue:
        if isinstance(place, slice):
            return replace(self, frame=self.frame.iloc[place].reset_index(drop=True))
        return next(iter(replace(self, frame=self.frame.iloc[[place]])))

    def differing(self) -> NDArray[np.int64]:
        """Return the examples to which two annotators gave different values; of one annotator alone, none."""
        words = [self.frame[name].to_numpy(object) for name in self.frame if name not in OWN_COLUMNS]
        if not words:
            return np.zeros(0, np.int64)
        numbers, known = pd.factorize(np.concatenate(words))
        said = np.where(known[numbers] == "", -1, numbers).reshape(len(words), -1)
        highest = said.max(axis=0)
        lowest = np.where(said < 0, highest, said).min(axis=0)
        return np.asarray(self.frame["example"].to_numpy(np.int64)[lowest < highest])

    def live(self) -> Order:
        """Return the order in which the texts come while somebody reads them."""
        if self.blind or self.lesson is None:
            return Fixed(self.frame, self.blind)
        return Learning(self.frame, self.lesson)

    def __repr__(self) -> str:
        return f"{self._caption()}\n{self._top().to_string(index=False)}"

    def _repr_html_(self) -> str:
        """Show the first rows, with nothing in a text taken for HTML."""
        return f"<p>{html.escape(self._caption())}</p>{self._top().to_html(index=False)}"

    def _caption(self) -> str:
        """Say how many there are and what the order goes by."""
        shown = f", the first {SHOWN} shown" if len(self) > SHOWN else ""
        return f"{len(self):,} texts to read{shown}; {self.order}."

    def _top(self) -> pd.DataFrame:
        """Return the rows to show, without what only a program needs, long texts cut."""
        top = self.frame.head(SHOWN).drop(columns="example" if "key" in self.frame else []).round({"distance": 2})
        return top.assign(text=[_cut(text) for text in top["text"]]) if "text" in top else top


def queue(
    comparison: Comparison,
    texts: pd.DataFrame | None = None,
    decided: Collection[int] | Mapping[int, Any] = (),
    blind: float = SHARE,
) -> Queue:
    """Rank the texts of a comparison, the most worth reading first.

    Parameters
    ----------
    comparison : Comparison
        Who says what. Whose errors are looked for comes first.
    texts : DataFrame, optional
        The texts, with the columns ``example, key, text``, to be shown beside the reasons, and to learn from.
    decided : collection of int, or mapping of int to value, optional
        Examples that a person has decided already; they are left out. Values that are not None are learned from.
    blind : float
        The share of the cards that show no suggestion, 0 to 1; half of them are drawn by lot.

    Returns
    -------
    Queue
        Texts with different labels first, then by distance. Spans are seldom the same to the character: of them those
        come first that annotators without scores mark otherwise, then those of whose first value the scores of
        others make least. Of one annotator alone: the least sure first where it gives scores, else at random. Ties
        stand in a random order that never changes.
        Texts without a value from two annotators (or from the only one) are left out. `Queue.live` goes on from
        there: it learns from every decision what the errors have in common.

    Raises
    ------
    LabError
        If `blind` is not between 0 and 1, or an annotator is called like one of the queue's own columns.

    Examples
    --------
    >>> from labkit.review import compare
    >>> from labkit.tasks import make_task
    >>> rows = [(1, "llm", ["BUG"]), (1, "cpu", ["BUG"]), (2, "llm", []), (2, "cpu", ["BUG"])]
    >>> annotations = pd.DataFrame(rows, columns=["example", "annotator", "value"])
    >>> annotations = annotations.assign(kind="llm", outcome="parsed", scores=None)
    >>> queue(compare(annotations, make_task("choices", ["BUG"])))[0]["why"]
    'llm says none, cpu says BUG'
    """
    check_share(blind)
    answers = comparison.answers
    clash = set(OWN_COLUMNS) & set(answers.annotators)
    if clash:
        raise LabError(f"An annotator is called {clash.pop()!r}, as a column of every queue is.", "Rename it.")
    urgency, distance, order = _urgency(comparison)
    wanted = ~np.isnan(urgency) & ~np.isin(answers.examples, list(decided))
    rows = np.flatnonzero(wanted)
    places = None if texts is None else pd.Index(texts["example"]).get_indexer(pd.Index(answers.examples[rows]))
    # A text's own id is the same in every store, the store's number of it is not.
    ties = answers.examples[rows] if texts is None or places is None else texts["key"].to_numpy(object)[places]
    ranked = np.lexsort((pd.util.hash_array(ties, categorize=False), -urgency[rows].round(DIGITS)))
    rows = rows[ranked]
    frame = pd.DataFrame({"example": answers.examples[rows]})
    if texts is not None and places is not None:
        known = texts[["key", "text"]].take(places[ranked]).reset_index(drop=True)
        known[places[ranked] < 0] = ""
        frame = frame.join(known)
    # As objects, for pandas takes longer to pack a million short strings than all else takes.
    words = {"why": _reasons(answers, rows), "distance": distance[rows], **_values(answers, rows)}
    frame = frame.join(pd.DataFrame({name: pd.Series(each, dtype=each.dtype) for name, each in words.items()}))
    return Queue(frame, order, lesson=_lesson(answers, texts, decided, blind))


def _lesson(
    answers: Answers, texts: pd.DataFrame | None, decided: Collection[int] | Mapping[int, Any], blind: float
) -> Lesson:
    """Put together what the order learns from."""
    past = pd.DataFrame({"example": [], "value": []}, dtype=object)
    if isinstance(decided, Mapping):
        known = {example: value for example, value in decided.items() if value is not None}
        past = pd.DataFrame({"example": list(known), "value": pd.Series(list(known.values()), dtype=object)})
    past = past.astype({"example": "int64"})
    if texts is not None:
        past = past.join(texts.set_index("example")["text"], on="example")
    return Lesson(answers, past, blind)


def _urgency(comparison: Comparison) -> tuple[NDArray[np.float64], NDArray[np.float64], str]:
    """Give each text its urgency (NaN: not to be read), its distance, and say what the order goes by."""
    answers, nowhere = comparison.answers, np.full(len(comparison.answers.examples), np.nan)
    if len(answers.annotators) > 1:
        shared = np.isin(answers.examples, comparison.texts.index)
        urgency, distance = nowhere.copy(), nowhere.copy()
        distance[shared] = comparison.distance
        if answers.trust:
            found = gather(answers, np.flatnonzero(shared))
            urgency[shared] = found.apart + chance(found.unsure)
            return urgency, distance, "those that others mark otherwise first, then those that models are least sure of"
        urgency[shared] = comparison.distance + comparison.texts["differ"]
        return urgency, distance, "those with different labels first, then by distance"
    (name,) = answers.annotators
    if name in answers.scores:
        doubt = np.nan_to_num(1 - answers.confidence[name])
        return np.where(answers.given[:, 0], doubt, np.nan), nowhere, f"those that {name} is least sure of first"
    return np.where(answers.given[:, 0], 0.0, np.nan), nowhere, f"at random, for {name} is alone and gives no scores"


def _values(answers: Answers, rows: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Write each annotator's value in words; nothing where it has none."""
    words = np.array([*map(answers.task.words, answers.values), ""], object)
    return {name: words[answers.codes[rows, column]] for column, name in enumerate(answers.annotators)}


def _reasons(answers: Answers, rows: NDArray[Any]) -> NDArray[Any]:
    """Say of each row who says what, and how sure: one sentence for each case that occurs, not for each text."""
    cases = pd.DataFrame(answers.codes[rows])
    for name in answers.scores:
        cases[name] = np.round(100 * answers.confidence[name][rows])
    first, number = distinct(cases)
    sure = {name: cases[name].to_numpy() / 100 for name in answers.scores}
    sentences = [_sentence(answers, rows[row], {name: sure[name][row] for name in sure}) for row in first]
    return np.asarray(np.array(sentences, object)[number])


def _sentence(answers: Answers, row: int, sure: dict[str, float]) -> str:
    """Write who says what of one text: ``"llm says BUG, cpu says none (0.93)"``."""
    said: dict[str, list[str]] = {}
    for name, code in zip(answers.annotators, answers.codes[row], strict=True):
        if code != NO_VALUE:
            said.setdefault(answers.task.words(answers.values[code]), []).append(name)
    return ", ".join(_clause(names, value, sure) for value, names in said.items())


def _clause(names: list[str], value: str, sure: dict[str, float]) -> str:
    """Write who gives one value: ``"llm and cpu say BUG (cpu 0.55)"``."""
    one = len(names) == 1
    figures = [f"{'' if one else name + ' '}{sure[name]:.2f}" for name in names if not np.isnan(sure.get(name, np.nan))]
    return f"{join(names)} {'says' if one else 'say'} {value}{' (' + ', '.join(figures) + ')' if figures else ''}"


def _cut(text: str) -> str:
    """Put a text on one line of at most `WIDTH` characters."""
    line = " ".join(CONTROL.sub(" ", text).split())
    return line if len(line) <= WIDTH else line[: WIDTH - 1].rstrip() + "…"
