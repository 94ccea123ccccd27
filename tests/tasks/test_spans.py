"""Spans: what a value is, how it goes into a Doc and out, and what of an LLM's list is read."""

from __future__ import annotations

import math

import pytest
import spacy

from labkit.errors import LabError
from labkit.tasks import Outcome, make_task

LABELS = ("PERSON", "PLACE", "DATE")
TEXT = "Ada met Ida in Ankara in 1815. Ankara was hot."
HOSTILE = [
    "",
    "PERSON",
    3,
    True,
    b"PERSON",
    {"start": 0, "end": 3, "label": "PERSON"},
    [3],
    [["PERSON"]],
    [{"start": 0, "end": 3}],
    [{"start": 0, "end": 3, "label": "person"}],
    [{"start": 0, "end": 3, "label": ["PERSON"]}],
    [{"start": 0, "end": 3, "label": None}],
]
NO_RANGES = [(0, 0), (3, 0), (-1, 3), (True, 3), (0, True), (0.0, 3), ("0", 3), (None, 3), (0, math.nan)]


def span(start, end, label="PERSON"):
    return {"start": start, "end": end, "label": label}


def listing(*lines):
    """Write a reply as the prompt asks for it; a line is the words, or words and label."""
    pairs = [line if isinstance(line, tuple) else (line, "PLACE") for line in lines]
    return "\n".join(f"{n}. {said} | True | {label} | a reason" for n, (said, label) in enumerate(pairs, 1))


def found(reply, text, *, overlap=False):
    """Return what became of each line, and the spans that are kept."""
    parts = make_task("spans", LABELS, overlap=overlap).findings(reply, text)
    return [part["finding"] for part in parts], [(part["start"], part["end"]) for part in parts if part["kept"]]


@pytest.fixture(params=[False, True], ids=["apart", "overlap"])
def task(request):
    return make_task("spans", LABELS, overlap=request.param)


@pytest.fixture
def doc():
    return spacy.blank("en").make_doc(TEXT)


@pytest.mark.parametrize("value", HOSTILE, ids=repr)
def test_what_is_no_span_is_refused_by_name(task, value):
    with pytest.raises(LabError, match="label"):
        task.check(value)


@pytest.mark.parametrize(("start", "end"), NO_RANGES)
def test_what_is_no_range_is_refused_by_name(task, start, end):
    with pytest.raises(LabError, match=r"PERSON from .* is no range"):
        task.check([span(start, end)])


def test_a_value_is_canonical(task):
    given = [{"label": "DATE", "end": 29, "start": 25, "text": "1815"}, span(0, 3), span(0, 3)]
    assert task.check(given) == [span(0, 3), span(25, 29, "DATE")]
    assert [list(each) for each in task.check(tuple(given))] == [["start", "end", "label"]] * 2
    assert task.check(None) == task.check([]) == []


def test_overlap_is_a_setting():
    nested = [span(0, 11), span(8, 11, "PLACE")]
    assert make_task("spans", LABELS, overlap=True).check(nested) == nested
    for value in (nested, [span(0, 3), span(0, 3, "PLACE")]):
        with pytest.raises(LabError, match=r"PERSON 0:\d+ and PLACE \d:\d+ overlap"):
            make_task("spans", LABELS).check(value)
    assert make_task("spans", LABELS).check([span(0, 3), span(3, 5)]) == [span(0, 3), span(3, 5)]


def test_settings_that_there_are_not_are_refused():
    with pytest.raises(LabError, match="'choices' have no setting 'overlap'"):
        make_task("choices", LABELS, overlap=True)
    with pytest.raises(LabError, match="overlap is 'yes'"):
        make_task("spans", LABELS, overlap="yes")
    with pytest.raises(LabError, match="holds a bar"):
        make_task("spans", ["A|B"])


def test_a_value_in_words(task):
    value = task.check([span(0, 3), span(8, 11), span(25, 29, "DATE")])
    assert task.key(value) == "2 PERSON + DATE"
    assert task.words(value) == "PERSON 0:3 + PERSON 8:11 + DATE 25:29"
    assert task.key([]) == task.words([]) == "none"


def test_a_text_has_a_label_if_a_span_has(task):
    assert task.membership([[span(0, 3), span(8, 11)], [], [span(25, 29, "DATE")]]) == [[1, 0, 0], [0, 0, 0], [0, 0, 1]]


def test_a_vote_is_of_whole_values_and_needs_more_than_half(task):
    assert task.vote([[span(0, 3)], [span(0, 3)], [span(0, 4)]]) == [span(0, 3)]
    assert task.vote([[span(0, 3)], [span(0, 4)]]) is None
    assert task.vote([[], [], [span(0, 3)]]) == []
    assert task.vote([]) is None


def test_a_written_value_reads_back_from_a_doc(task, doc):
    for value in ([], [span(0, 3)], [span(0, 3), span(15, 21, "PLACE"), span(25, 29, "DATE")]):
        task.write(doc, value)
        assert task.read(doc) == value
        assert task.scores(doc) == {}
    assert task.components[0] == ("spancat" if task.overlap else "ner")


def test_a_doc_without_spans_has_none_said_of_every_token(doc):
    make_task("spans", LABELS).write(doc, [])
    assert {token.ent_iob_ for token in doc} == {"O"}


def test_a_span_inside_a_token_grows_to_the_token(task, doc):
    task.write(doc, [span(0, 2), span(16, 18, "PLACE")])
    assert task.read(doc) == [span(0, 3), span(15, 21, "PLACE")]


def test_of_spans_that_grow_into_one_another_the_longest_is_written(doc):
    value = [span(15, 17, "PERSON"), span(18, 29, "DATE")]
    apart, over = make_task("spans", LABELS), make_task("spans", LABELS, overlap=True)
    apart.write(doc, value)
    assert apart.read(doc) == [span(15, 29, "DATE")]
    over.write(doc, value)
    assert over.read(doc) == [span(15, 21, "PERSON"), span(15, 29, "DATE")]


def test_a_span_beyond_its_text_is_refused(task, doc):
    with pytest.raises(LabError, match="PERSON 40:99 ends beyond its text, at 46"):
        task.write(doc, [span(40, 99)])


def test_labels_of_others_are_not_read(task, doc):
    make_task("spans", [*LABELS, "FOOD"], overlap=task.overlap).write(doc, [span(0, 3), span(8, 11, "FOOD")])
    assert task.read(doc) == [span(0, 3)]


def test_probabilities_are_those_of_the_surest_span_of_a_label(doc):
    task = make_task("spans", LABELS, overlap=True)
    task.write(doc, [span(0, 3), span(8, 11), span(25, 29, "DATE")])
    doc.spans["sc"].attrs["scores"] = [0.75, 0.5, 0.625]
    scores = task.scores(doc)
    assert scores == {"PERSON": 0.75, "DATE": 0.625, "PERSON 0:3": 0.75, "PERSON 8:11": 0.5, "DATE 25:29": 0.625}
    assert task.confidence(task.read(doc), scores) == 0.5
    assert task.confidence([span(0, 3)], scores) == 0.375
    assert task.confidence([*task.read(doc), span(15, 21)], scores) == 0
    assert task.confidence([span(0, 3)], {"PERSON": 0.75, "DATE": 0.125}) == 0.75
    assert math.isnan(task.confidence([span(0, 3)], {}))


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (listing("Ankara"), Outcome.PARSED),
        (" \n" + listing("Ankara", ("Ada", "person")) + "\n\n", Outcome.PARSED),
        ("```\n" + listing("Ankara") + "\n```", Outcome.PARSED),
        ("Ankara | True | PLACE", Outcome.PARSED),
        ("- Ankara | true | PLACE | a | b", Outcome.PARSED),
        (listing(*["Ankara"] * 3), Outcome.PARSED),
        (listing("Ankara", "kara in"), Outcome.PARSED),
        ("==NONE==", Outcome.NONE),
        (" 1. == NONE ==\n", Outcome.NONE),
        ("1. Ankara | False | == NONE == | not here", Outcome.NONE),
        ("", Outcome.EMPTY),
        (" \n\t", Outcome.EMPTY),
        ("```\n```", Outcome.EMPTY),
        ("There is none.", Outcome.UNREADABLE),
        ("Here they are:\n" + listing("Ankara"), Outcome.UNREADABLE),
        (listing("Ankara") + "\n2. Ad", Outcome.UNREADABLE),
        (listing("Ankara") + "\n==NONE==", Outcome.UNREADABLE),
        ("1. Ankara | maybe | PLACE | a city", Outcome.UNREADABLE),
        ("1. | True | PLACE | nothing", Outcome.UNREADABLE),
        ("1. Ankara | True", Outcome.UNREADABLE),
        (listing("Ankara", ("Ada", "WRITER")), Outcome.UNKNOWN),
        (listing("Ankara", "Bursa"), Outcome.ABSENT),
        (listing("Bursa", ("Ada", "WRITER")) + "\nand so on", Outcome.UNREADABLE),
    ],
)
def test_replies_are_sorted_by_outcome(task, reply, outcome):
    assert task.outcome(reply, TEXT) is outcome


def test_a_mention_goes_to_the_place_of_its_turn():
    assert found(listing("Ankara"), TEXT) == (["exact"], [(15, 21)])
    assert found(listing("Ankara", "Ankara"), TEXT) == (["exact", "repeated"], [(15, 21), (31, 37)])
    assert found(listing("1815", "Ankara"), TEXT) == (["exact", "exact"], [(25, 29), (31, 37)])
    assert found(listing("1815", "Ankara", "Ankara"), TEXT)[1] == [(25, 29), (31, 37), (15, 21)]
    assert found(listing(*["Ankara"] * 3), TEXT)[0] == ["exact", "repeated", "listed too often"]


def test_words_by_themselves_come_before_those_inside_a_word():
    text = "He said that the AIDS ward has an AI. Merkels Rede, sagt Merkel."
    assert found(listing("AI"), text)[1] == [(34, 36)]
    assert found(listing("Merkel", "Merkel"), text)[1] == [(57, 63), (38, 44)]
    assert found(listing("東京"), "昨日東京で会った")[1] == [(2, 4)]


def test_overlapping_mentions_are_kept_or_dropped_and_counted():
    text = "The Bank of England is in England."
    both = listing("Bank of England", "England")
    assert found(both, text) == (["exact", "exact"], [(4, 19), (26, 33)])
    assert found(both, text[:19]) == (["exact", "overlapping"], [(4, 19)])
    assert found(both, text[:19], overlap=True) == (["overlapping", "overlapping"], [(4, 19), (12, 19)])
    # Of those that overlap the longest is kept, whichever is listed first; the other goes on to its next place.
    assert found(listing("England", "Bank of England"), text[:19]) == (["overlapping", "exact"], [(4, 19)])
    assert found(listing("England", "Bank of England"), text)[1] == [(26, 33), (4, 19)]


def test_two_labels_on_one_place():
    twice = listing("Ada", ("Ada", "PERSON"))
    assert found(twice, "Ada") == (["exact", "overlapping"], [(0, 3)])
    assert found(twice, "Ada", overlap=True) == (["overlapping", "overlapping"], [(0, 3), (0, 3)])
    assert found(listing("Ada", "Ada"), "Ada", overlap=True) == (["exact", "listed too often"], [(0, 3)])


@pytest.mark.parametrize(
    ("text", "said", "start", "finding"),
    [
        ("İstanbul, then Ankara", "Ankara", 15, "exact"),
        ("İİİ ANKARA", "Ankara", 4, "nearly exact"),
        ("İİİ Straße 5", "STRASSE 5", 4, "nearly exact"),
        ("ẞß STRASSE", "straße", 3, "nearly exact"),
        ("ŉ Ankara", "ankara", 2, "nearly exact"),
        ("😀👨‍👩‍👧 Zoë", "ZOË", 7, "nearly exact"),
        ("cafe\u0301 Cafe", "Cafe", 6, "exact"),
        ("cafe\u0301 bar", "CAFÉ", 0, "nearly exact"),
        ("قال مُحَمَّد أمس", "محمد", None, "not in text"),
        ("قال مُحَمَّد أمس", "مُحَمَّد", 4, "exact"),
        ("\u202eשנה\u202c לאדם", "לאדם", 6, "exact"),
        ("one\r\ntwo\r\nAcme\r\nCorp", "Acme Corp", 10, "nearly exact"),
        ("O\u2019Brien \u2013 yes", "O'Brien", 0, "nearly exact"),
        ("2011\u20132015", "2011-2015", 0, "nearly exact"),
        ("ﬁnance Ankara", "FINANCE", 0, "nearly exact"),
        ("Straße", "STRAS", None, "not in text"),
        ("a | b", "a | b", 0, "exact"),
        ("Ltd. | True | story", "Ltd.", 0, "exact"),
    ],
)
def test_offsets_are_those_of_the_text_itself(task, text, said, start, finding):
    (part,) = task.findings(listing(said), text)
    assert (part["start"], part["finding"], part["kept"]) == (start, finding, start is not None)


def test_numbers_in_front_of_a_line_are_no_part_of_it():
    for line in ("1. 1815", "1) 1815", "1815", "12.1815", "• 1815", "* 1815"):
        said = "12.1815" if line == "12.1815" else "1815"
        assert found(f"{line} | True | DATE | a year", f"in {said}") == (["exact"], [(3, 3 + len(said))])
    assert found("Die 3. Liga - Ost | True | PLACE | x", "In: Die 3. Liga - Ost")[1] == [(4, 21)]
    assert found("1. St. Ives | True | PLACE | x", "St. Ives")[1] == [(0, 8)]
    assert found("St. Ives | True | PLACE | x", "St. Ives")[1] == [(0, 8)]


def test_each_line_is_answered_for():
    reply = listing("Ankara", "Bursa", ("Ada", "WRITER")) + "\n\nIda | False | PERSON | no\nand so on"
    parts = make_task("spans", LABELS).findings(reply, TEXT)
    assert [(part["line"], part["said"], part["label"], part["finding"]) for part in parts] == [
        (1, "Ankara", "PLACE", "exact"),
        (2, "Bursa", "PLACE", "not in text"),
        (3, "Ada", "WRITER", "unknown label"),
        (5, "Ida", "PERSON", "said to be none"),
        (6, "and so on", None, "malformed"),
    ]


def test_whole_text_labels_have_no_parts():
    with pytest.raises(LabError, match="'choices' are of one piece"):
        make_task("choices", LABELS).findings("PERSON", TEXT)
