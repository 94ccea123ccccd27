"""Relations: what a value is, how it goes into a Doc and out, what of an LLM's list is read, and how two differ."""

from __future__ import annotations

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from labkit.errors import LabError
from labkit.tasks import Outcome, make_task
from labkit.tasks.base import Part
from labkit.tasks.boundary import Boundary
from tests.related import LABELS, SPAN_LABELS, TASK, TEXTS, TRUE, by_number, span, value

TEXT = TEXTS[0]
ADA, LONDON, BOB = span(TEXT, "Ada", "PERSON"), span(TEXT, "London", "PLACE"), span(TEXT, "Bob", "PERSON")
LIVES = {"head": ADA, "tail": LONDON, "label": "LIVES_IN"}
OVERLAP = make_task("relations", LABELS, span_labels=SPAN_LABELS, overlap=True)

HOSTILE = [
    "LIVES_IN",
    3,
    True,
    {"relations": []},
    [3],
    [{**LIVES, "label": "lives_in"}],
    [{**LIVES, "label": ["LIVES_IN"]}],
    [{**LIVES, "label": "PERSON"}],
    [{**ADA, "label": "LIVES_IN"}],
    [{"head": ADA, "label": "LIVES_IN"}],
    [{**LIVES, "tail": None}],
    [{**LIVES, "tail": "London"}],
    [{**LIVES, "tail": 1}],
    {"spans": [ADA, LONDON], "relations": [{"head": 0, "tail": 2, "label": "LIVES_IN"}]},
    {"spans": [ADA, LONDON], "relations": [{"head": True, "tail": 0, "label": "LIVES_IN"}]},
    {"spans": [ADA, LONDON], "relations": [{"head": -1, "tail": 0, "label": "LIVES_IN"}]},
    {"spans": [ADA, LONDON], "relations": [7]},
    {"spans": {}, "relations": {"head": 1}},
]


@st.composite
def values(draw, task=TASK):
    """Draw spans of a text, which overlap only where they may, and relations between them."""
    places = draw(st.lists(st.tuples(st.integers(0, 28), st.integers(1, 9)), max_size=5))
    spans = [
        {"start": start, "end": min(start + size, 29), "label": draw(st.sampled_from(SPAN_LABELS))}
        for start, size in places
    ]
    if not task.overlap:
        spans = make_task("spans", SPAN_LABELS).gather([Part(s["label"], (s["start"], s["end"])) for s in spans])
    ends = st.sampled_from(spans) if spans else st.nothing()
    drawn = st.tuples(ends, ends, st.sampled_from(LABELS)) if spans else st.nothing()
    links = draw(st.lists(drawn.filter(lambda link: link[0] != link[1]), max_size=5)) if len(spans) > 1 else []
    found = [{"head": head, "tail": tail, "label": label} for head, tail, label in links]
    return task.check([*found, *spans])


@pytest.mark.parametrize("given", HOSTILE, ids=repr)
def test_what_is_no_relation_is_refused_by_name(given):
    with pytest.raises(LabError, match="label"):
        TASK.check(given)


def test_a_relation_is_between_two_spans():
    with pytest.raises(LabError, match="LIVES_IN is from a span to itself"):
        TASK.check([{**LIVES, "tail": ADA}])
    with pytest.raises(LabError, match="ends beyond its text"):
        TASK.fit([LIVES], TEXT[:10])


def test_a_value_is_canonical():
    married = {"head": BOB, "tail": ADA, "label": "MARRIED_TO"}
    assert TASK.check([married, LIVES, BOB, LIVES, {**ADA, "text": "Ada"}]) == [ADA, LONDON, BOB, LIVES, married]
    assert TASK.check({"spans": [BOB, LONDON, ADA], "relations": [{"head": 2, "tail": 1, "label": "LIVES_IN"}]}) == [
        *(ADA, LONDON, BOB),
        LIVES,
    ]
    assert TASK.check(None) == TASK.check([]) == TASK.check({"spans": None}) == []
    for each in TRUE:
        assert TASK.check(by_number(each)) == TASK.check(tuple(reversed(each))) == each


def test_labels_of_relations_and_of_spans_are_kept_apart():
    named = make_task("relations", ["R"], {"R": "r", "P": "p"}, {"ORG": "P", "rel": "R"}, span_labels=["P"])
    assert (named.names, named.mark_labels, named.variables()["definitions"]) == (("R", "P"), ("P",), {"R": "r"})
    spans = [{"start": 0, "end": 1, "label": "ORG"}, {"start": 1, "end": 2, "label": "P"}]
    (*_, link) = named.check([{"head": spans[0], "tail": spans[1], "label": "rel"}])
    assert (link["label"], link["head"]["label"]) == ("R", "P")
    with pytest.raises(LabError, match="The label 'ORG' is not in this project"):
        named.check([{"head": spans[0], "tail": spans[1], "label": "ORG"}])


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({}, "no labels of spans"),
        ({"span_labels": "PERSON"}, "no labels of spans"),
        ({"span_labels": [3]}, "no labels of spans"),
        ({"span_labels": ["PERSON", "lives_in"]}, "not usable"),
        ({"span_labels": ["a|b"]}, "a bar"),
        ({"span_labels": ["P"], "overlap": 1}, "overlap is 1"),
        ({"span_labels": ["P"], "language": "tlh"}, "none of spaCy's"),
        ({"span_labels": ["P"], "exclusive": True}, "no setting 'exclusive'"),
        ({"span_labels": ["P"], "definitions": {"X": "x"}}, "has a definition and is no label"),
        ({"span_labels": ["P"], "aliases": {"P": "LIVES_IN"}}, "names no label of its own"),
    ],
)
def test_settings_that_are_wrong_are_said(more, why):
    with pytest.raises(LabError, match=why):
        make_task("relations", LABELS, **more)


@given(values())
@settings(max_examples=60)
def test_parts_make_the_value_again_and_no_value_reads_like_another(drawn):
    assert TASK.gather(sorted(TASK.parts(drawn))) == drawn
    assert TASK.elect({part: {True: 0.9, False: 0.1} for part in TASK.parts(drawn)}) == drawn
    assert TASK.vote([drawn, [], drawn]) == drawn
    assert TASK.distance(drawn, drawn) == 0
    assert {each.sort for each in TASK.differences(drawn, drawn)} <= {"exact"}
    assert (TASK.words(drawn) == "none") is (drawn == [])


@pytest.mark.parametrize("task", [TASK, OVERLAP], ids=["apart", "overlap"])
@given(data=st.data())
@settings(max_examples=40)
def test_a_doc_gives_back_what_was_set_on_it(task, data):
    drawn = data.draw(values(task))
    doc = spacy.blank("en").make_doc(TEXT)
    task.write(doc, drawn)
    read = task.read(doc)
    assert [item for item in read if "head" not in item] == [item for item in drawn if "head" not in item]
    assert all(item in drawn for item in read)
    whole = {(entity.start_char, entity.end_char) for entity in doc.ents}
    kept = [r for r in drawn if "head" in r and {(r[e]["start"], r[e]["end"]) for e in ("head", "tail")} <= whole]
    assert all(relation in read for relation in kept) or task.overlap


def test_a_part_goes_with_the_spans_that_it_needs():
    (link,) = TASK.parts([ADA, LONDON, LIVES]) - TASK.parts([ADA, LONDON])
    assert TASK.gather([link]) == [ADA, LONDON, LIVES]
    assert TASK.elect({link: {True: 0.9}, Part("PERSON", (0, 3)): {True: 0.9}}) == [ADA]
    assert TASK.part_words(link, TEXT) == "LIVES_IN: Ada \N{RIGHTWARDS ARROW} London"
    assert TASK.part_words(Part("PERSON", (0, 3)), TEXT) == "PERSON: Ada"
    assert TASK.scored([ADA, LONDON, LIVES]) == {Part("LIVES_IN", (0, 3, 13, 19))}
    assert TASK.membership([TRUE[0], [ADA], []]) == [[1, 1], [0, 0], [0, 0]]
    assert TASK.key(TRUE[0]) == "2 LIVES_IN + MARRIED_TO"
    assert TASK.key([ADA]) == "none"


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ("==NONE==", Outcome.NONE),
        ("", Outcome.EMPTY),
        ("```\n```", Outcome.EMPTY),
        ('{"dep": 0, "dest": 1, "relation": "LIVES_IN"}', Outcome.PARSED),
        ('```json\n{"dep": "ENT0", "dest": 1, "relation": "lives_in"}\n```\n', Outcome.PARSED),
        ('{"dep": 0, "dest": 2, "relation": "LIVES_IN"}', Outcome.ABSENT),
        ('{"dep": -1, "dest": 1, "relation": "LIVES_IN"}', Outcome.ABSENT),
        ('{"dep": 0, "dest": 1, "relation": "OWNS"}', Outcome.UNKNOWN),
        ('{"dep": 0, "dest": 0, "relation": "LIVES_IN"}', Outcome.UNREADABLE),
        ('{"dep": 0, "dest": 1, "relation": "OWNS"}\nand so on', Outcome.UNREADABLE),
        ('{"dep": [], "dest": 1, "relation": "LIVES_IN"}', Outcome.UNREADABLE),
        ('{"dep": null, "dest": 1, "relation": "LIVES_IN"}', Outcome.UNREADABLE),
        ('{"dep": 1e999, "dest": 1, "relation": "LIVES_IN"}', Outcome.UNREADABLE),
        ('{"dep": "Ada", "dest": "London", "relation": "LIVES_IN"}', Outcome.UNREADABLE),
        ('[{"dep": 0, "dest": 1, "relation": "LIVES_IN"}]', Outcome.UNREADABLE),
        ("There are none.", Outcome.UNREADABLE),
        ("[" * 100_000, Outcome.UNREADABLE),
        ("\u202e\x00\ud800", Outcome.UNREADABLE),
    ],
)
def test_a_reply_is_sorted_and_one_bad_line_spoils_it(reply, outcome):
    assert TASK.outcome(reply, TEXT, 2) is outcome


def test_each_line_of_a_reply_is_accounted_for():
    reply = '{"dep": 0, "dest": 1, "relation": "lives_in"}\n\nAda\n{"dep": 0, "dest": 1, "relation": "OWNS"}'
    found = [(each["line"], each["label"], each["finding"], each["kept"]) for each in TASK.findings(reply, TEXT)]
    assert found == [
        (1, "LIVES_IN", "exact", True),
        (3, None, "malformed", False),
        (4, "OWNS", "unknown label", False),
    ]
    assert TASK.findings("==NONE==", TEXT) == []


def sorts(a, b):
    """Return how the relations of two values go together: sort and both labels."""
    found = TASK.differences(TASK.check(a), TASK.check(b))
    return [(str(e.sort), e.label_a, e.label_b) for e in found if (e.tail_start_a, e.tail_start_b) != (None, None)]


def test_relations_differ_by_label_and_direction_and_go_missing():
    turned, other = {**LIVES, "head": LONDON, "tail": ADA}, {**LIVES, "label": "MARRIED_TO"}
    assert sorts([LIVES], [LIVES]) == [("exact", "LIVES_IN", "LIVES_IN")]
    assert sorts([LIVES], [turned]) == [("direction", "LIVES_IN", "LIVES_IN")]
    assert sorts([LIVES], [other]) == [("label", "LIVES_IN", "MARRIED_TO")]
    assert sorts([LIVES], [ADA, LONDON]) == [("missing", "LIVES_IN", None)]
    assert sorts([ADA, LONDON], [LIVES]) == [("extra", None, "LIVES_IN")]
    assert sorts([LIVES, other], [other, turned]) == [
        ("direction", "LIVES_IN", "LIVES_IN"),
        ("exact", "MARRIED_TO", "MARRIED_TO"),
    ]
    assert TASK.distance([ADA, LONDON, LIVES], [ADA, LONDON, turned]) == pytest.approx(1 - 2 * 2 / 6)


def test_a_relation_follows_the_spans_that_stand_for_its_own():
    longer = {**LONDON, "start": LONDON["start"] - 3}
    moved, renamed = {**LIVES, "tail": longer}, {**LIVES, "tail": {**LONDON, "label": "PERSON"}}
    assert sorts([LIVES], [moved]) == [("boundary", "LIVES_IN", "LIVES_IN")]
    assert sorts([LIVES], [renamed]) == [("exact", "LIVES_IN", "LIVES_IN")]  # the label of the span is what differs
    assert sorts([LIVES], [{**moved, "head": longer, "tail": ADA}]) == [("direction", "LIVES_IN", "LIVES_IN")]
    assert sorts([LIVES], [{**LIVES, "head": BOB}]) == [("missing", "LIVES_IN", None), ("extra", None, "LIVES_IN")]


def test_what_is_contested_names_who_gives_it():
    said = {"llm": value(0, ("Ada", "LIVES_IN", "London")), "anna": [ADA, LONDON]}
    assert TASK.contested(said) == [
        {**BOB, "annotators": ["llm"]},
        {**LIVES, "annotators": ["llm"]},
    ]


def test_relations_move_with_their_spans_where_a_boundary_is_settled():
    far, rule = {**BOB, "start": BOB["start"] - 5}, Boundary("PERSON", before="with")
    given = TASK.check([ADA, LONDON, far, {"head": far, "tail": LONDON, "label": "LIVES_IN"}])
    assert TASK.settle(given, TEXT, rule) == TASK.check([ADA, LONDON, BOB, {**LIVES, "head": BOB}])
    both = OVERLAP.check([far, BOB, {"head": far, "tail": BOB, "label": "MARRIED_TO"}])
    assert OVERLAP.settle(both, TEXT, rule) == [BOB]  # they were one, and nothing is married to itself


def test_no_model_of_relations_is_trained():
    with pytest.raises(LabError, match="No model of the kind 'relations' is trained here"):
        TASK.check_learnable()
