"""What a project asks for, taken out of an annotation and put into one."""

from hypothesis import given, settings

from labkit.formats.record import Judgement, Relation, Span
from labkit.formats.values import parts_of, value_of
from tests.related import TASK
from tests.tasks.test_relations import values


@given(values())
@settings(max_examples=60)
def test_relations_come_out_as_they_went_in(value):
    said = Judgement(**parts_of(value, "relations"))
    assert value_of(said, "relations") == value
    assert value_of(said, "spans") == TASK.marks(value)
    assert Judgement(**parts_of(TASK.marks(value), "spans")).relations is None


def test_spans_alone_say_nothing_of_relations():
    said = Judgement(spans=(Span(0, 3, "PERSON"),))
    assert value_of(said, "relations") is None
    assert value_of(Judgement(relations=(Relation(0, 1, "LIVES_IN"),)), "relations") is None
