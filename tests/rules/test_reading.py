from __future__ import annotations

import doctest

import pytest

from labkit import LabError
from labkit.rules import read_rules, reading, run
from labkit.tasks import make_task

TASK = make_task("choices", ["BUG", "DOCUMENTATION"])


def written(folder, text):
    (folder / "rules.toml").write_text(text, "utf-8")
    return folder


def test_examples_in_docstrings_run():
    assert doctest.testmod(reading).failed == 0


def test_a_project_may_have_no_rules(tmp_path):
    assert read_rules(tmp_path, TASK) == {}
    assert read_rules(written(tmp_path, "# none yet\n"), TASK) == {}


def test_rules_stand_in_a_file_of_the_project(tmp_path):
    (tmp_path / "docs.txt").write_text("readme\nchangelog\n")
    folder = written(
        tmp_path,
        """
        [crash]
        label = "BUG"
        regex = '(?i)\\bcrash'

        [docs]
        otherwise = "none"
        terms = { DOCUMENTATION = "docs.txt", BUG = ["broken"] }

        [typo]
        label = "DOCUMENTATION"
        patterns = [[{LOWER = "typo"}]]
        """,
    )
    rules = read_rules(folder, TASK)
    assert list(rules) == ["crash", "docs", "typo"]
    said = [[each.value for each in row] for row in run(list(rules.values()), ["It crashes", "A typo in the README"])]
    assert said == [[["BUG"], [], None], [None, ["DOCUMENTATION"], ["DOCUMENTATION"]]]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[crash", "is not TOML"),
        ("crash = 5", "'crash' is no table"),
        ("[crash]\nlabel = 'BUG'\nregexp = 'a'", "holds 'regexp'"),
        ("[crash]\nlabel = 'BUG'\nregex = '('", "can't be read"),
        ("[crash]\nlabel = 'BUG'\nterms = 'nowhere.txt'", "nowhere.txt can't be read"),
        ("[crash]\nlabel = ['BUG']\nregex = 'a'", "BUG"),
        ("[crash]\nlabel = 5\nregex = 'a'", "label 5"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path, text, problem):
    with pytest.raises(LabError, match=problem) as caught:
        read_rules(written(tmp_path, text), TASK)
    assert f"{tmp_path.name}/rules.toml" in str(caught.value)


def test_another_encoding_is_refused(tmp_path):
    (tmp_path / "rules.toml").write_bytes("[straße]".encode("utf-16"))
    with pytest.raises(LabError, match="is not TOML"):
        read_rules(tmp_path, TASK)
