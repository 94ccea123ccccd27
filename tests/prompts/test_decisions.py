"""Examples are drawn by the stated rule, from the train split and nowhere else."""

from contextlib import suppress

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labkit.errors import LabError
from labkit.prompts import corrections, draw_examples
from tests.said import SHORT, TASK, said

VALUES = st.sampled_from([*SHORT, "?", "."])
ROWS = st.lists(
    st.tuples(VALUES, VALUES, st.sampled_from(["train", "dev", "test"]), st.text(min_size=1, max_size=5)), min_size=1
)


def material(rows: list[tuple[str, str, str, str]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return annotations and texts of rows: what the LLM said, what a person said, the split, the text."""
    llm, person, splits, words = zip(*rows, strict=True)
    numbers = range(1, len(rows) + 1)
    frame = pd.DataFrame({"example": numbers, "key": [f"k{i:03}" for i in numbers], "text": words, "split": splits})
    return said({"llm": " ".join(llm), "anna": " ".join(person)}), frame


def draw(rows, n=6):
    """Draw examples."""
    return draw_examples(*material(rows), TASK, "llm", n)


@settings(max_examples=50)
@given(ROWS, st.integers(1, 8))
def test_no_example_is_ever_of_dev_or_test(rows, n):
    usable = {f"k{i:03}" for i, row in enumerate(rows, 1) if row[2] == "train" and row[1] in SHORT}
    try:
        drawn = draw(rows, n)
    except LabError:
        assert not usable
        return
    assert set(drawn.key) <= usable
    assert len(drawn) == len(set(drawn.key)) == min(n, len(usable))


@settings(max_examples=50)
@given(ROWS, st.sampled_from(TASK.labels))
def test_no_correction_is_ever_of_dev_or_test(rows, label):
    held = {f"k{i:03}" for i, row in enumerate(rows, 1) if row[2] != "train"}
    with suppress(LabError):
        assert not held & set(corrections(*material(rows), TASK, "llm", label).key)


@settings(max_examples=50)
@given(ROWS, st.randoms())
def test_the_order_of_the_texts_changes_nothing(rows, random):
    annotations, texts = material(rows)
    shuffled = texts.sample(frac=1, random_state=random.randrange(100))
    try:
        drawn = draw_examples(annotations, texts, TASK, "llm")
    except LabError:
        return
    pd.testing.assert_frame_equal(drawn, draw_examples(annotations, shuffled, TASK, "llm"))


def test_categories_take_turns_and_what_was_changed_comes_first_then_what_is_short():
    rows = [
        ("B", "B", "train", "short"),
        ("D", "B", "train", "quite a long one that was changed"),
        ("D", "B", "train", "long, and changed"),
        ("-", "-", "train", "none"),
        (".", "D", "train", "not labelled by the LLM"),
    ]
    drawn = draw(rows, 5)
    assert list(drawn.category) == ["BUG", "DOCUMENTATION", "none", "BUG", "BUG"]
    assert list(drawn.key) == ["k003", "k005", "k004", "k002", "k001"]
    assert list(drawn.changed) == [True, False, False, True, False]


def test_of_few_decisions_all_are_taken():
    assert len(draw([("B", "B", "train", "a"), ("B", "-", "train", "b")], 6)) == 2


@pytest.mark.parametrize("n", [0, -1, 2.5, True, "6", None])
def test_a_number_that_is_none_is_refused(n):
    with pytest.raises(LabError, match="can't be drawn"):
        draw([("B", "B", "train", "a")], n)


def test_without_a_decision_to_learn_from_the_remedy_is_said():
    with pytest.raises(LabError, match=r"train split. Decide on some with lab\.correct"):
        draw([("B", "B", "test", "a"), ("B", "?", "train", "b")])


def test_a_correction_adds_or_removes_the_label_and_says_which():
    rows = [
        ("B", "BD", "train", "added, and longer"),
        ("D", "-", "train", "removed"),
        ("B", "BD", "train", "added"),
        ("D", "BD", "train", "another label"),
        ("D", "D", "train", "the same"),
        ("?", "D", "train", "unread before"),
    ]
    found = corrections(*material(rows), TASK, "llm", "DOCUMENTATION")
    assert list(found.key) == ["k003", "k002", "k001"]
    assert list(found.change) == ["added", "removed", "added"]
    assert found.iloc[0][["llm", "person"]].tolist() == ["BUG", "BUG + DOCUMENTATION"]


def test_a_label_without_corrections_and_one_that_is_none():
    rows = [("B", "BD", "train", "a")]
    with pytest.raises(LabError, match=r"No person has changed what 'llm' said of BUG.*lab\.correct"):
        corrections(*material(rows), TASK, "llm", "BUG")
    with pytest.raises(LabError, match="'BUGG' is not in this project"):
        corrections(*material(rows), TASK, "llm", "BUGG")
