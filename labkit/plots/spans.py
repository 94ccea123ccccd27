"""Texts on whose spans two annotators differ, set side by side by spaCy's displaCy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from ..errors import LabError
from ..tasks.differences import Sort
from .figure import short

if TYPE_CHECKING:
    import pandas as pd

    from ..review import Comparison

AROUND = 160
"""How many characters are shown before the first difference of a long text and after its last."""
# Light enough for black words on them; the name of the sort stands beside, for those who can't tell them apart.
COLOURS = {
    Sort.EXACT: "#e6e6e6",
    Sort.BOUNDARY: "#f7d98b",
    Sort.LABEL: "#f2b8d5",
    Sort.MISSING: "#9fd3f5",
    Sort.EXTRA: "#ffb48a",
}
HEAD = "text-align:left;vertical-align:top;width:50%;padding:0.4em 0.8em"


@dataclass(frozen=True, eq=False, repr=False)
class SideBySide:
    """A table of texts with the spans of two annotators. Made by `span_differences`.

    Parameters
    ----------
    a, b : str
        The annotators; `a` is what `b` is held against.
    total : int
        On how many texts they differ.
    rows : list of dict
        The texts that are shown: ``key, text`` and, under ``a`` and ``b``, spans with ``start, end, label, sort``.
    """

    a: str
    b: str
    total: int
    rows: list[dict[str, Any]]

    @property
    def title(self) -> str:
        """What to see."""
        shown = f", {len(self.rows)} of them shown" if len(self.rows) < self.total else ""
        return f"{self.a} and {self.b} mark other spans in {self.total:,} texts{shown}"

    def __repr__(self) -> str:
        return "\n".join([self.title, *(line for row in self.rows for line in self._lines(row))])

    def _repr_html_(self) -> str:
        """Show the texts, with nothing in them or in a name taken for HTML."""
        names = "".join(f'<th style="{HEAD}">{escape(name)}</th>' for name in (self.a, self.b))
        cells = "".join(
            "<tr>"
            + "".join(f'<td dir="auto" style="{HEAD}">{_drawn(row["text"], row[side])}</td>' for side in "ab")
            + "</tr>"
            for row in self.rows
        )
        head = f"<p><b>{escape(self.title)}</b></p>"
        return f'{head}<table style="table-layout:fixed;width:100%"><tr>{names}</tr>{cells}</table>'

    def _lines(self, row: Mapping[str, Any]) -> list[str]:
        """Write one text's differences: what either marks, and how they differ."""
        lines = [row["key"]]
        for side, name in (("a", self.a), ("b", self.b)):
            marked = [
                f"{row['text'][span['start'] : span['end']]!r} {span['label']} ({span['sort']})"
                for span in row[side]
                if span["sort"] != Sort.EXACT
            ]
            lines += [f"  {name}: {', '.join(marked) or 'nothing'}"]
        return lines


def span_differences(comparison: Comparison, a: str, b: str, texts: pd.DataFrame, top: int = 5) -> SideBySide:
    """Show texts on whose spans two annotators differ, side by side.

    Parameters
    ----------
    comparison : Comparison
        What `labkit.review.compare` found.
    a, b : str
        Two of its annotators; `a` is what `b` is held against.
    texts : DataFrame
        The texts, with the columns ``example, key, text``.
    top : int
        How many texts are shown at most, those with the most differences.

    Returns
    -------
    SideBySide
        A table that a notebook shows.

    Raises
    ------
    LabError
        If one of them is not compared, or labels are of whole texts.

    Examples
    --------
    >>> span_differences(lab.compare("llm", "cpu"), "llm", "cpu", lab.texts())  # doctest: +SKIP
    """
    task = comparison.answers.task
    if task.whole_text:
        raise LabError("These labels are of whole texts, not of spans.", "See plots.labels and plots.confusion.")
    table = comparison.differences(a, b)
    if task.related:  # relations stand in the corrector; here are the spans
        table = table[table[["tail_start_a", "tail_start_b"]].isna().all(axis=1)]
    differing = table[table["sort"] != Sort.EXACT]["example"].value_counts(sort=False).sort_index(kind="stable")
    # By the texts' own ids, which are the same in every store.
    known = texts.set_index("example")
    order = sorted(differing.index, key=lambda example: (-differing[example], known.loc[example, "key"]))
    rows = [_row(table[table["example"] == example], known.loc[example]) for example in order[:top]]
    return SideBySide(a, b, len(differing), rows)


def _row(differences: pd.DataFrame, text: pd.Series[Any]) -> dict[str, Any]:
    """Lay out one text: cut around its differences, its spans counted from there."""
    sides = {
        side: [
            {"start": int(start), "end": int(end), "label": label, "sort": Sort(sort)}
            for start, end, label, sort in differences[[f"start_{side}", f"end_{side}", f"label_{side}", "sort"]]
            .dropna()
            .to_numpy()
        ]
        for side in "ab"
    }
    marked = [span for spans in sides.values() for span in spans if span["sort"] != Sort.EXACT]
    first = max(min(span["start"] for span in marked) - AROUND, 0)
    last = min(max(span["end"] for span in marked) + AROUND, len(text["text"]))
    for side, spans in sides.items():
        within = [span for span in spans if first <= span["start"] and span["end"] <= last]
        sides[side] = [{**span, "start": span["start"] - first, "end": span["end"] - first} for span in within]
    return {"key": text["key"], "text": text["text"][first:last], **sides}


def _drawn(text: str, spans: list[dict[str, Any]]) -> str:
    """Draw the spans of one annotator in a text; those that overlap on a line each."""
    from spacy import displacy

    lines: list[list[dict[str, Any]]] = [[]]
    for span in sorted(spans, key=lambda span: (span["start"], span["end"])):
        free = next((line for line in lines if not line or line[-1]["end"] <= span["start"]), None)
        if free is None:
            lines.append(free := [])
        free.append(span)
    docs = [{"text": text, "ents": [{**span, "label": _name(span)} for span in line], "title": None} for line in lines]
    colours = {_name(span).upper(): COLOURS[span["sort"]] for span in spans}
    return displacy.render(docs, style="ent", manual=True, jupyter=False, options={"colors": colours})


def _name(span: Mapping[str, Any]) -> str:
    """Name a span's label, and how it differs, with nothing in it taken for HTML."""
    sort = "" if span["sort"] is Sort.EXACT else f"\N{NO-BREAK SPACE}·\N{NO-BREAK SPACE}{span['sort']}"
    return escape(short(span["label"]) + sort)
