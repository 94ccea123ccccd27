from __future__ import annotations

import doctest
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.tasks import differences, make_task
from labkit.tasks.base import Part
from labkit.tasks.differences import Difference, Sort, span_differences

SPANS = make_task("spans", ["P", "D"], overlap=True)


def spans(*places):
    return [{"start": start, "end": end, "label": label} for start, end, label in places]


def sorts(a, b):
    return [str(each.sort) for each in span_differences(a, b)]


def test_examples_in_docstrings_run():
    assert doctest.testmod(differences).failed == 0


@pytest.mark.parametrize(
    ("a", "b", "found"),
    [
        (spans((0, 3, "P")), spans((0, 3, "P")), ["exact"]),
        (spans((0, 3, "P")), spans((0, 4, "P")), ["boundary"]),
        (spans((0, 3, "P")), spans((0, 3, "D")), ["label"]),
        (spans((0, 3, "P")), spans((1, 9, "D")), ["label"]),
        (spans((0, 3, "P")), [], ["missing"]),
        ([], spans((0, 3, "P")), ["extra"]),
        ([], [], []),
        (spans((0, 3, "P")), spans((3, 5, "P")), ["missing", "extra"]),  # they touch, and share no character
        (spans((0, 9, "P")), spans((0, 3, "P"), (4, 9, "P")), ["extra", "boundary"]),  # the longer half is its partner
        (spans((0, 3, "P"), (4, 9, "P")), spans((0, 9, "P")), ["missing", "boundary"]),
        (spans((0, 3, "D"), (0, 3, "P")), spans((0, 3, "P")), ["exact", "missing"]),
    ],
)
def test_spans_are_sorted_by_how_they_go_together(a, b, found):
    assert sorted(sorts(a, b)) == sorted(found)


def test_a_difference_says_both_sides():
    (each,) = span_differences(spans((0, 4, "D")), spans((4 - 1, 9, "P")))
    assert each == Difference(Sort.LABEL, "D", "P", 0, 4, 3, 9)


values = st.lists(
    st.tuples(st.integers(0, 12), st.integers(1, 6), st.sampled_from("PD")).map(
        lambda t: {"start": t[0], "end": t[0] + t[1], "label": t[2]}
    ),
    max_size=8,
).map(SPANS.check)


@given(values, values)
def test_every_span_is_counted_once_and_what_is_equal_is_exact(a, b):
    found = span_differences(a, b)
    assert sorted((f.start_a, f.end_a, f.label_a) for f in found if f.label_a) == sorted(map(_place, a))
    assert sorted((f.start_b, f.end_b, f.label_b) for f in found if f.label_b) == sorted(map(_place, b))
    assert sum(f.sort is Sort.EXACT for f in found) == len(SPANS.parts(a) & SPANS.parts(b))
    turned = {Sort.MISSING: Sort.EXTRA, Sort.EXTRA: Sort.MISSING}
    assert sorted(turned.get(f.sort, f.sort) for f in found) == sorted(f.sort for f in span_differences(b, a))


def _place(span):
    return span["start"], span["end"], span["label"]


def test_thousands_of_spans_do_not_take_long():
    many = spans(*((n * 5, n * 5 + 3, "P") for n in range(20_000)))
    start = process_time()
    assert set(sorts(many, spans(*((n * 5, n * 5 + 4, "P") for n in range(20_000))))) == {"boundary"}
    assert process_time() - start < 10


def test_labels_of_a_text_are_missing_or_extra_and_where_there_is_one_another():
    many, one = make_task("choices", ["X", "Y"]), make_task("choice", ["X", "Y"])
    assert [each.sort for each in many.differences(["X"], ["Y"])] == [Sort.MISSING, Sort.EXTRA]
    assert one.differences(["X"], ["Y"]) == [Difference(Sort.LABEL, "X", "Y")]
    assert [each.sort for each in one.differences(["X"], ["X"])] == [Sort.EXACT]
    assert [each.sort for each in one.differences([], ["X"])] == [Sort.EXTRA]


def test_a_value_is_elected_from_its_parts():
    assert SPANS.elect({Part("P", (0, 3)): {True: 0.9, False: 0.1}, Part("D", (1, 5)): {True: 0.6}}) == spans(
        (0, 3, "P"), (1, 5, "D")
    )
    apart = make_task("spans", ["P", "D"])
    assert apart.elect({Part("P", (0, 3)): {True: 0.7}, Part("D", (1, 5)): {True: 0.9}}) == spans((1, 5, "D"))
    assert apart.elect({Part("P", (0, 3)): {False: 1.0}}) == []
    one = make_task("choice", ["X", "Y"])
    assert one.elect({Part(""): {"none": 0.5, "Y": 0.5}}) == ["Y"]
    assert one.elect({Part(""): {"none": 0.6, "Y": 0.4}}) == []
    assert make_task("choices", ["X", "Y"]).elect({Part("Y"): {True: 0.6}, Part("X"): {True: 0.5}}) == ["Y"]
