from __future__ import annotations

import doctest

import pytest

from labkit import LabError
from labkit.rules import Rule, make_rule, making
from labkit.tasks import make_task

CHOICES = make_task("choices", ["BUG", "DOCUMENTATION"])
CHOICE = make_task("choice", ["SPORT", "POLITICS"])
SPANS = make_task("spans", ["PERSON", "DATE"])
CRASH = r"(?i)\bcrash"


def says(rule: Rule, text: str) -> object:
    return rule.speak(text, rule.nlp.make_doc(text) if rule.nlp else None)


def test_examples_in_docstrings_run():
    assert doctest.testmod(making).failed == 0


def test_a_rule_abstains_where_it_finds_nothing_unless_it_says_none():
    silent, telling = (make_rule("crash", CHOICES, label="BUG", regex=CRASH, otherwise=o) for o in ("abstain", "none"))
    assert (says(silent, "It CRASHED"), says(silent, "a typo")) == (["BUG"], None)
    assert (says(telling, "It CRASHED"), says(telling, "a typo")) == (["BUG"], [])


def test_labels_may_come_with_what_they_are_found_by():
    rule = make_rule("both", CHOICES, regex={"DOCUMENTATION": "docs", "BUG": CRASH})
    assert says(rule, "the docs build crashes") == ["BUG", "DOCUMENTATION"]


def test_of_one_label_the_one_found_most_often_counts_and_none_where_two_are():
    rule = make_rule("words", CHOICE, terms={"SPORT": ["goal", "match"], "POLITICS": ["vote"]})
    assert says(rule, "A goal late in the match, said the vote") == ["SPORT"]
    assert says(rule, "a vote, a goal") is None


def test_terms_are_whole_words_whatever_their_case_and_spacing():
    rule = make_rule("docs", CHOICES, label="DOCUMENTATION", terms=["read me", " README ", "straße", ""])
    assert says(rule, "The ReadMe lies") == ["DOCUMENTATION"]
    assert says(rule, "Please Read Me first") == ["DOCUMENTATION"]
    assert says(rule, "STRASSE, Straße") == ["DOCUMENTATION"]
    assert says(rule, "readmes") is None


def test_terms_come_from_a_file_with_one_a_line(tmp_path):
    path = tmp_path / "terms.txt"
    path.write_bytes("\ufeffreadme\r\n\r\nChangelog\n".encode())
    from_file = make_rule("docs", CHOICES, label="DOCUMENTATION", terms=path)
    assert says(from_file, "see the changelog") == ["DOCUMENTATION"]
    assert says(from_file, "see README") == ["DOCUMENTATION"]
    assert from_file.digest == make_rule("docs", CHOICES, label="DOCUMENTATION", terms=["readme", "Changelog"]).digest


def test_spans_are_the_characters_that_match():
    rule = make_rule("year", SPANS, label="DATE", regex=r"\b\d{4}\b")
    assert says(rule, "İ 1815, 1843") == [
        {"start": 2, "end": 6, "label": "DATE"},
        {"start": 8, "end": 12, "label": "DATE"},
    ]
    names = make_rule("names", SPANS, label="PERSON", terms=["Ada", "Ada Lovelace"])
    assert says(names, "👩‍💻 Ada Lovelace") == [{"start": 4, "end": 16, "label": "PERSON"}]


def test_overlapping_spans_stay_where_they_may():
    task = make_task("spans", ["PERSON"], overlap=True)
    rule = make_rule("names", task, label="PERSON", terms=["Ada", "Ada Lovelace"])
    assert [span["end"] for span in says(rule, "Ada Lovelace")] == [3, 12]


def test_patterns_are_those_of_spacy():
    rule = make_rule("typo", CHOICES, label="DOCUMENTATION", patterns=[[{"LOWER": "typo"}, {"IS_PUNCT": True}]])
    assert says(rule, "A Typo!") == ["DOCUMENTATION"]
    assert says(rule, "A typo here") is None


def test_an_expression_that_matches_nothing_but_emptiness_finds_nothing():
    assert says(make_rule("x", CHOICES, label="BUG", regex="x*"), "a b c") is None


def test_a_function_gives_a_value_or_nothing():
    rule = make_rule("own", CHOICES, function=lambda text: {"b": "BUG", "n": []}.get(text))
    assert [says(rule, text) for text in "bnx"] == [["BUG"], [], None]


def test_a_function_for_one_label_says_yes_or_no_or_where():
    short = make_rule("short", CHOICES, label="BUG", function=lambda text: len(text) < 3)
    assert (says(short, "ab"), says(short, "abc")) == (["BUG"], None)
    first = make_rule("first", SPANS, label="PERSON", function=lambda text: [(0, 3)] if text else [])
    assert says(first, "Ada") == [{"start": 0, "end": 3, "label": "PERSON"}]
    assert says(first, "") is None


@pytest.mark.parametrize("said", [True, [(0, 9)], [(1, 1)], ["ab"], [("a", "b", "c")], 5])
def test_a_function_that_gives_no_ranges_where_they_are_asked_for_is_told(said):
    rule = make_rule("bad", SPANS, label="PERSON", function=lambda text: said)
    with pytest.raises(LabError, match="It returned"):
        says(rule, "Ada")


@pytest.mark.parametrize("said", ["BUGG", 7, ["BUG", "X"], b"BUG", [{"start": 0}]])
def test_a_function_that_gives_no_value_is_told(said):
    with pytest.raises(LabError):
        says(make_rule("bad", CHOICES, function=lambda text: said), "a")


def test_a_rule_is_known_by_what_it_is():
    def one(text):
        return "BUG" if "crash" in text else None

    made = [
        make_rule("r", CHOICES, label="BUG", regex="a"),
        make_rule("r", CHOICES, label="BUG", regex="b"),
        make_rule("r", CHOICES, label="DOCUMENTATION", regex="a"),
        make_rule("r", CHOICES, label="BUG", regex="a", otherwise="none"),
        make_rule("r", CHOICES, label="BUG", terms=["a"]),
        make_rule("r", CHOICES, label="BUG", patterns=[[{"TEXT": "a"}]]),
        make_rule("r", CHOICES, function=one),
        make_rule("r", CHOICES, label="BUG", function=one),
        make_rule("r", make_task("choices", ["BUG"]), label="BUG", regex="a"),
    ]
    assert len({rule.digest for rule in made}) == len(made)
    assert made[0].digest == make_rule("other name", CHOICES, label="BUG", regex="a").digest
    assert "crash" in made[6].identity["function"]


def test_a_long_list_is_known_by_its_hash():
    many = [f"term{number}" for number in range(500)]
    rules = [make_rule("r", CHOICES, label="BUG", terms=terms) for terms in (many, many[::-1], many[1:])]
    assert rules[0].identity["terms"]["BUG"]["terms"] == 500
    assert rules[0].digest == rules[1].digest != rules[2].digest


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"label": "BUG"}, "goes by nothing"),
        ({"label": "BUG", "regex": "a", "terms": ["b"]}, "goes by regex and terms"),
        ({"label": "BUG", "regex": "a("}, "can't be read"),
        ({"label": "BUG", "regex": "a{99999999999}"}, "can't be read"),
        ({"label": "BUG", "regex": 5}, "for a regular expression"),
        ({"label": "BUGG", "regex": "a"}, "'BUGG'"),
        ({"regex": "a"}, "names no label"),
        ({"regex": {}}, "names no label"),
        ({"label": "BUG", "regex": {"BUG": "a"}}, "has labels twice"),
        ({"label": "BUG", "terms": []}, "no terms"),
        ({"label": "BUG", "terms": [" "]}, "no terms"),
        ({"label": "BUG", "terms": ["a", None]}, "the term None"),
        ({"label": "BUG", "terms": "nowhere.txt"}, "can't be read"),
        ({"label": "BUG", "patterns": []}, "can't be used"),
        ({"label": "BUG", "patterns": [[{"LOWERR": "a"}]]}, "can't be used"),
        ({"label": "BUG", "patterns": [[{"POS": "NOUN"}]]}, "can't be used"),
        ({"label": "BUG", "patterns": "typo"}, "can't be used"),
        ({"label": "BUG", "patterns": [{"LOWER": "a"}]}, "can't be used"),
        ({"function": 5}, "which is no function"),
        ({"function": len}, "source of the function"),
        ({"label": "X", "function": lambda text: True}, "'X'"),
        ({"label": "BUG", "regex": "a", "otherwise": "maybe"}, "'maybe'"),
        ({"label": "BUG", "terms": ["a"], "language": "klingon"}, "no language"),
    ],
)
def test_what_can_not_be_a_rule_is_said_in_words(given, problem):
    with pytest.raises(LabError, match=problem) as caught:
        make_rule("mine", CHOICES, **given)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 700


@pytest.mark.parametrize("name", ["", "  ", None, 3, "a\nb", "a\0", "\u202eevil"])
def test_a_name_is_a_word_or_two(name):
    with pytest.raises(LabError, match="no name for a rule"):
        make_rule(name, CHOICES, label="BUG", regex="a")


def test_a_file_of_terms_in_another_encoding_is_refused(tmp_path):
    path = tmp_path / "terms.txt"
    path.write_bytes("straße\n".encode("latin-1"))
    with pytest.raises(LabError, match="line 1"):
        make_rule("mine", CHOICES, label="BUG", terms=path)
