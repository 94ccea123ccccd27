"""How much a training reads is known before it begins."""

from __future__ import annotations

import pytest

from labkit.student.workload import words_to_train

TEXTS = ["It crashes at start", "A typo"] * 32


@pytest.mark.parametrize(
    ("epochs", "steps", "words"),
    [(0, 10, 10 * 16 * 3), (2, 0, 2 * 64 * 3), (2, 10, 2 * 64 * 3), (100, 10, 10 * 16 * 3), (0, 0, None), (-1, 4, 192)],
)
def test_the_limit_that_comes_first_counts(short, task, epochs, steps, words):
    short["training"] |= {"max_epochs": epochs, "max_steps": steps}
    assert words_to_train(short, task, TEXTS) == words


def test_no_text_is_no_word(short, task):
    assert words_to_train(short, task, []) == 0
