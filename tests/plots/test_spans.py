from __future__ import annotations

from xml.etree import ElementTree

import pandas as pd
import pytest

from labkit import LabError, plots
from labkit.plots.spans import AROUND
from labkit.review import compare
from labkit.tasks import make_task

from ..review.test_spans import ADA, FRAME, SPANS, TEXT, TEXTS, THE_WHEN, WHEN, spans
from ..said import TASK, said

KEYED = TEXTS.assign(key=["k-1", "k-2", "k-3"])
HOSTILE = "<script>alert(1)</script> & \N{BUG} \u202eabc"


def shown(page: str) -> ElementTree.Element:
    """Read a page as XML, which fails where something is not escaped or not closed."""
    return ElementTree.fromstring(f"<html>{page.replace('<br>', '<br/>')}</html>")


def test_texts_stand_side_by_side_with_how_they_differ():
    found = plots.span_differences(compare(FRAME, SPANS, ["reference", "llm"]), "reference", "llm", KEYED)
    assert found.title == "reference and llm mark other spans in 2 texts"
    assert [row["key"] for row in found.rows] == ["k-2", "k-1"]  # the one with more differences first
    page = shown(found._repr_html_())
    cells = [" ".join("".join(cell.itertext()).split()) for cell in page.iter("td")]
    assert cells[0] == "Ada Lovelace PERSON · boundary wrote it in the 1840s DATE · missing ."
    assert cells[1] == "Ada Lovelace PERSON · boundary wrote it in the 1840s."
    assert repr(found).splitlines()[1:4] == [
        "k-2",
        "  reference: 'Ada Lovelace' PERSON (boundary), '1840s' DATE (missing)",
        "  llm: 'Lovelace' PERSON (boundary)",
    ]


def test_the_sorts_have_colours_of_their_own_and_their_names():
    found = plots.span_differences(compare(FRAME, SPANS, ["reference", "llm"]), "reference", "llm", KEYED)
    colours = {
        mark.get("style").split(";")[0]: "".join(mark.itertext()) for mark in shown(found._repr_html_()).iter("mark")
    }
    assert len(colours) == 3  # boundary, missing, exact


def test_nothing_in_a_text_or_a_name_is_taken_for_html():
    task = make_task("spans", ["<b>P</b>"])
    frame = spans(llm=[[(0, 8, "<b>P</b>")]], cpu=[[]]).replace({"annotator": {"cpu": "<i>cpu</i>"}})
    texts = pd.DataFrame({"example": [1], "key": ["k"], "text": [HOSTILE]})
    page = plots.span_differences(compare(frame, task), "llm", "<i>cpu</i>", texts)._repr_html_()
    assert "<script" not in page and "<b>P" not in page and "<i>" not in page
    assert HOSTILE[8:] in "".join(shown(page).itertext())


def test_spans_that_overlap_stand_on_a_line_each():
    task = make_task("spans", ["PERSON", "DATE"], overlap=True)
    frame = spans(llm=[[ADA, (4, 12, "PERSON"), WHEN]], cpu=[[THE_WHEN]])
    page = shown(plots.span_differences(compare(frame, task), "llm", "cpu", KEYED)._repr_html_())
    left = next(page.iter("td"))
    assert "".join(left.itertext()).count("wrote it in") == 2


def test_long_texts_are_cut_around_what_differs():
    text = "x " * 2_000 + TEXT + " y" * 2_000
    moved = [(start + 4_000, end + 4_000, label) for start, end, label in (ADA, WHEN)]
    frame = spans(llm=[moved], cpu=[[moved[0]]])
    texts = pd.DataFrame({"example": [1], "key": ["k"], "text": [text]})
    (row,) = plots.span_differences(compare(frame, SPANS), "llm", "cpu", texts).rows
    assert len(row["text"]) == 2 * AROUND + 5
    assert [row["text"][span["start"] : span["end"]] for span in row["a"]] == ["Ada Lovelace", "1840s"]


def test_no_difference_is_an_empty_table_and_labels_of_texts_are_refused():
    same = compare(spans(llm=[[ADA]], cpu=[[ADA]]), SPANS)
    found = plots.span_differences(same, "llm", "cpu", KEYED)
    assert (found.rows, found.title) == ([], "llm and cpu mark other spans in 0 texts")
    assert shown(found._repr_html_()) is not None
    with pytest.raises(LabError, match="of whole texts, not of spans"):
        plots.span_differences(compare(said({"llm": "B", "cpu": "D"}), TASK), "llm", "cpu", KEYED)
