from __future__ import annotations

import pytest

from labkit.errors import LabError
from labkit.student import curve
from labkit.student.curve import learning_curve
from labkit.tasks import make_task


def test_both_orders_start_alike_and_the_same_seed_gives_the_same_curve(task, issues, short):
    steps = []
    first = learning_curve(short, task, issues[:120], issues[120:200], sizes=(20, 60), seeds=2, report=steps.append)
    assert list(first.columns) == ["random", "random_sd", "uncertain", "uncertain_sd"]
    assert list(first.index) == [20, 60]
    assert first.loc[20, "random"] == first.loc[20, "uncertain"]
    assert first.loc[60, "random"] != first.loc[60, "uncertain"]
    assert first[["random", "uncertain"]].stack().between(0, 1).all()
    assert first.random[60] > first.random[20]
    assert (steps[-1].done, steps[-1].total) == (6, 6)
    again = learning_curve(short, task, issues[:120], issues[120:200], sizes=(20, 60), seeds=2)
    assert again.equals(first)


def test_what_it_asks_next_is_what_the_model_is_least_sure_of(task, issues, short, monkeypatch):
    asked = []
    step = curve._step

    def watched(config, task, known, left, test):
        f, sure = step(config, task, known, left, test)
        asked.append((known, dict(zip(left, sure, strict=True))))
        return f, sure

    monkeypatch.setattr(curve, "_step", watched)
    learning_curve(short, task, issues[:100], issues[100:120], sizes=(20, 30), seeds=1)
    (start, sure), (at_random, _), (unsure, _) = asked
    new = [text for text, _ in unsure if text not in dict(start)]
    assert max(sure[text] for text in new) <= min(sure[text] for text in sure if text not in new)
    assert at_random[:20] == unsure[:20] == start
    assert at_random != unsure


def test_the_pool_may_be_used_up_and_one_seed_has_no_deviation(task, issues, short):
    table = learning_curve(short, task, issues[:30], issues[30:40], sizes=(20, 30), seeds=1)
    assert table.loc[30, "random"] == pytest.approx(table.loc[30, "uncertain"], abs=0.2)
    assert table.random_sd.isna().all()


@pytest.mark.parametrize(
    ("sizes", "seeds", "problem"),
    [((), 1, "make no curve"), ((5, 5), 1, "make no curve"), ((10, 5), 1, "make no curve"), ((0, 5), 1, "no curve"),
     ((5,), 0, "make no curve"), ((5, 21), 1, "There are 20 texts")],
)  # fmt: skip
def test_what_can_not_be_played_is_said(task, issues, short, sizes, seeds, problem):
    with pytest.raises(LabError, match=problem):
        learning_curve(short, task, issues[:20], issues[20:30], sizes=sizes, seeds=seeds)
    with pytest.raises(LabError, match="0 to score on"):
        learning_curve(short, task, issues[:20], [], sizes=(5,))


def test_f_is_of_all_that_values_say():
    spans = make_task("spans", ["PERSON"])
    span = {"start": 0, "end": 3, "label": "PERSON"}
    assert curve._f(spans, [[span], []], [[span], [{**span, "end": 4}]]) == pytest.approx(2 / 3)
    assert curve._f(spans, [[]], [[]]) == 1
