"""Where spans begin and end, by rules."""

import pytest

from labkit.errors import LabError
from labkit.tasks import make_task
from labkit.tasks.boundary import Boundary, Edge, edge
from labkit.tasks.occurrences import Range


def span(start, end, label="DATE"):
    return {"start": start, "end": end, "label": label}


def moved(rule, text, *words, overlap=False):
    """Return the words of the spans after a rule, given those before it."""
    spans = [span(text.index(each), text.index(each) + len(each)) for each in words]
    return [text[each["start"] : each["end"]] for each in rule.settle(spans, text, overlap=overlap)]


def test_an_edge_is_what_the_longer_range_has_more():
    text = "in  The 1990s' end"
    assert edge(text, Range(4, 13), Range(8, 13)) == edge(text, Range(8, 13), Range(4, 13)) == Edge("the", "")
    assert edge(text, Range(4, 14), Range(8, 13)) == Edge("the", "'")
    assert edge(text, Range(4, 11), Range(8, 13)) is None


@pytest.mark.parametrize(
    ("text", "given", "found"),
    [
        ("in the 1990s", "the 1990s", "1990s"),
        ("THE  1990s", "THE  1990s", "1990s"),
        ("in the 1990s", "1990s", "1990s"),
        ("the", "the", "the"),
        ("the ", "the ", "the "),
        ("thesis week", "thesis week", "thesis week"),
        ("in the\u00a01990s", "the\u00a01990s", "1990s"),
    ],
)
def test_the_shorter_is_kept(text, given, found):
    assert moved(Boundary("DATE", before="The "), text, given) == [found]


@pytest.mark.parametrize(
    ("text", "given", "found"),
    [
        ("in the 1990s", "1990s", "the 1990s"),
        ("in The  1990s", "1990s", "The  1990s"),
        ("1990s", "1990s", "1990s"),
        ("bathe 1990s", "1990s", "1990s"),
        ("the the 1990s", "the 1990s", "the the 1990s"),
    ],
)
def test_the_longer_is_kept(text, given, found):
    assert moved(Boundary("DATE", before="the", keep="longer"), text, given) == [found]


def test_words_after_a_span_are_left_or_taken():
    assert moved(Boundary("DATE", after="'s"), "today's news", "today's") == ["today"]
    assert moved(Boundary("DATE", after="'s", keep="longer"), "today's news", "today") == ["today's"]
    assert moved(Boundary("DATE", after="day", keep="longer"), "May days", "May") == ["May"]
    assert moved(Boundary("DATE", before="the", after="ago"), "the year ago", "the year ago") == ["year"]


def test_a_rule_may_speak_of_some_words_alone_and_of_its_label():
    only = Boundary("DATE", before="the", words="1990S")
    assert moved(only, "the 1990s, the 1980s", "the 1990s", "the 1980s") == ["1990s", "the 1980s"]
    assert only.settle([span(0, 9, "ERA")], "the 1990s", overlap=False) == [span(0, 9, "ERA")]
    assert str(only) == "DATE without 'the' before it, where it is '1990s'"


def test_no_span_runs_into_another():
    rule = Boundary("DATE", before="may", keep="longer")
    assert moved(rule, "may 3", "may", "3") == ["may", "3"]
    assert moved(rule, "may 3", "may", "3", overlap=True) == ["may", "may 3"]


@pytest.mark.parametrize("wrong", [{}, {"before": " "}, {"before": "the", "keep": "both"}])
def test_a_rule_that_says_nothing_is_refused(wrong):
    with pytest.raises(LabError, match="nothing to settle for DATE"):
        Boundary("DATE", **wrong)


def test_labels_of_whole_texts_have_no_boundaries():
    with pytest.raises(LabError, match="'choices' have no boundaries"):
        make_task("choices", ["DATE"]).settle(["DATE"], "the 1990s", Boundary("DATE", before="the"))
