"""Texts are found a page at a time, and counted no further than anybody wants to know."""

import pytest

from labkit.store.cards import COUNTED, PAGE

from .conftest import example


@pytest.mark.parametrize("count", [0, 1, PAGE, PAGE + 1, COUNTED - 1, COUNTED, COUNTED + PAGE + 10])
def test_every_text_is_on_one_page_and_the_total_is_that_of_all_or_enough(store, count):
    project = store.examples.project("many")
    store.examples.add(project, [example(f"text {number}", f"k{number}") for number in range(count)])
    anna = store.annotations.annotator(project, "anna", "person", "")
    met, total = [], 1
    while len(met) < total:
        total, page = store.cards.find(project, anna, ["person"], offset=len(met))
        assert total == min(count, max(COUNTED, len(met) + PAGE + 1))
        assert len(page) == min(PAGE, count - len(met))
        met += page
    assert met == list(store.examples.frame(project).example)
