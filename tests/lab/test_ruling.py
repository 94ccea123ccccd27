"""Rules, distant supervision, pseudo-labels, active learning and blind estimates, on a real PostgreSQL."""

from __future__ import annotations

import json

import pandas as pd
import psycopg
import pytest

from labkit import Lab, LabError

from .conftest import TEXTS

CRASH = r"(?i)\b(?:crash|exception|traceback|error|broken|fails?)"
DOCS = ["docs", "documentation", "readme", "tutorial", "typo"]


def matching(lab, expression=CRASH):
    texts = lab.texts()
    return set(texts.example[texts.text.str.contains(expression)])


def count(database):
    with psycopg.connect(database) as connection:
        return connection.execute("SELECT count(*) FROM labkit.annotation").fetchone()[0]


def test_a_rule_labels_what_matches_and_abstains_elsewhere(lab, database):
    ruled = lab.rule("crash", label="BUG", regex=CRASH)
    said = lab.annotations("crash")
    assert set(said.example) == matching(lab)
    assert 0 < len(said) < TEXTS
    assert set(said.kind) == {"rule"}
    assert all(value == ["BUG"] for value in said.value)
    assert ruled.table.loc["crash", ["texts", "coverage"]].tolist() == [len(said), len(said) / TEXTS]
    assert "right" not in repr(ruled)
    before = count(database)
    lab.rule("crash", label="BUG", regex=CRASH)
    assert count(database) == before


def test_a_rule_that_changed_is_another_version_and_says_only_what_it_says_now(lab):
    lab.rule("crash", label="BUG", regex=CRASH)
    lab.rule("crash", label="BUG", regex="(?i)crash")
    said = lab.annotations("crash")
    assert set(said.example) == matching(lab, "(?i)crash") < matching(lab)


def test_what_a_function_no_longer_says_is_taken_back(lab, database):
    wanted = {"docs", "crash"}

    def mentions(text):
        return any(word in text.lower() for word in wanted)

    lab.rule("mentions", label="BUG", function=mentions)
    wanted.remove("docs")
    lab.rule("mentions", label="BUG", function=mentions)
    assert set(lab.annotations("mentions").example) == matching(lab, "(?i)crash")


def test_how_often_a_rule_is_right_follows_from_decisions_or_the_reference(root, lab):
    found = lab.rule("docs", label="DOCUMENTATION", terms=DOCS, against="reference")
    assert found.table.decided["docs"] == found.table.texts["docs"]
    assert 0 < found.table.low["docs"] < found.table.right["docs"] < found.table.high["docs"] <= 1
    assert "right" in repr(found)
    assert not lab.rule("docs", label="DOCUMENTATION", terms=DOCS).table.decided.any()
    rows = [{"id": key, "labels": ["DOCUMENTATION"]} for key in lab.texts().key]
    (root / "people.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    lab.load_labels("people.jsonl", "ben")
    assert lab.rule("docs", label="DOCUMENTATION", terms=DOCS).table.right["docs"] == 1
    with pytest.raises(LabError, match="'nobody' has not labelled"):
        lab.rule("docs", label="DOCUMENTATION", terms=DOCS, against="nobody")


def test_a_function_that_fails_sets_texts_aside_and_labels_the_rest(lab):
    def picky(text):
        if len(text) % 2:
            raise ValueError("<b>odd</b>")
        return "BUG"

    ruled = lab.rule("picky", function=picky)
    odd = lab.texts()[lab.texts().text.str.len() % 2 == 1]
    assert ruled.failures.to_dict("records") == [
        {"rule": "picky", "reason": "ValueError: <b>odd</b>", "texts": len(odd)}
    ]
    aside = [json.loads(line) for line in ruled.set_aside.read_text("utf-8").splitlines()]
    assert [row["key"] for row in aside] == odd.key.tolist()
    assert aside[0]["reason"] == "ValueError: <b>odd</b>"
    assert "<b>odd" not in ruled._repr_html_()
    assert f"{len(odd):,} texts could not be labelled" in repr(ruled)
    said = lab.annotations("picky").outcome.value_counts()
    assert said.to_dict() == {"parsed": TEXTS - len(odd), "error": len(odd)}
    again = lab.rule("picky", function=lambda text: "BUG")
    assert again.set_aside is None
    assert again.table.texts["picky"] == TEXTS


def test_rules_of_the_project_run_together(root, lab):
    (root / "configs/issues/rules.toml").write_text(
        f"[crash]\nlabel = 'BUG'\nregex = '{CRASH}'\n\n[docs]\nlabel = 'DOCUMENTATION'\nterms = 'docs.txt'\n"
    )
    (root / "configs/issues/docs.txt").write_text("\n".join(DOCS))
    ruled = lab.rules(against="reference")
    assert list(ruled.table.index) == ["crash", "docs"]
    assert ruled.table.overlaps["crash"] == ruled.table.overlaps["docs"] > 0
    crash, docs, both = (lab.annotations(name).set_index("example").value for name in ("crash", "docs", "rules"))
    assert set(both.index) == set(crash.index) | set(docs.index)
    twice = sorted(set(crash.index) & set(docs.index))
    assert all(both[example] == ["BUG", "DOCUMENTATION"] for example in twice)
    assert lab.rule("docs").table.texts["docs"] == len(docs)
    lab.rules("crash")
    assert set(lab.annotations("rules").example) == set(crash.index)
    lab.rule("own", label="BUG", function=lambda text: len(text) < 40)
    assert list(lab.rules("crash", "own", name="bugs").table.index) == ["crash", "own"]
    assert set(lab.annotations("own").example) <= set(lab.annotations("bugs").example)


def test_the_rules_that_ship_run(lab):
    table = lab.rules(against="reference").table
    assert list(table.index) == ["crash", "wrong", "docs", "prose"]
    assert (table.texts > 0).all()


def test_rules_do_not_vote_unless_they_are_named(lab):
    for name in ("llm", "llm-bare"):
        lab.annotate(name)
    before = lab.labels()
    for name in ("one", "two", "three"):
        lab.rule(name, label="BUG", function=lambda text: True)
    pd.testing.assert_frame_equal(lab.labels(), before)
    assert (lab.labels(by=["one"]).value.map(tuple) == ("BUG",)).all()


def test_distant_supervision_says_none_where_no_term_stands(lab, root):
    (root / "terms.txt").write_text("\n".join(DOCS))
    lab.distant("terms.txt", label="DOCUMENTATION")
    listed = lab.annotations("distant").set_index("example")
    assert len(listed) == TEXTS
    assert set(listed.outcome) == {"parsed", "explicitly none"}
    lab.distant({"DOCUMENTATION": "terms.txt", "BUG": ["crash"]}, name="both")
    assert lab.summary("both").loc["both", ["texts", "BUG"]].tolist() == [TEXTS, len(matching(lab, r"(?i)\bcrash\b"))]


def test_pseudo_labels_are_an_annotator_that_can_be_learned_from(lab):
    for name in ("llm", "llm-bare"):
        lab.annotate(name)
    agreeing = lab.compare("llm", "llm-bare").agreement.agreed[0]
    assert lab.pseudo_labels(["llm", "llm-bare"]) == agreeing == len(lab.annotations("pseudo"))
    lab.rule("crash", label="BUG", regex=CRASH)
    assert 0 < lab.pseudo_labels(["llm", "crash"]) < agreeing
    assert len(lab.annotations("pseudo")) == lab.pseudo_labels(["llm", "crash"])
    lab.pseudo_labels(["llm", "llm-bare"])
    run = lab.train("cpu", learn_from=["pseudo"])
    assert set(run.row.config["labels"]) == {"pseudo"}
    assert lab.train("cpu", learn_from=["pseudo"]).row.number == run.row.number
    assert lab.annotate("cpu", folds=2, learn_from=["pseudo"]).summary.loc["cpu", "texts"] == TEXTS


def test_active_learning_starts_at_random_and_goes_on_with_what_the_model_is_unsure_of(lab):
    first = lab.uncertain()
    assert "at random" in repr(first)
    assert len(first) == TEXTS
    assert first.frame.example.tolist() == lab.uncertain().frame.example.tolist() != lab.texts().example.tolist()
    truth = lab.annotations("reference").set_index("example").value
    corrector = lab.correct(first)
    for _ in range(12):
        card = corrector._sitting.deck.wait(corrector._sitting.head)
        corrector.decide(truth[card["example"]])
    then = lab.uncertain()
    assert len(then) == TEXTS - 12
    assert "least sure" in then.order
    assert not set(then.frame.example) & set(lab.annotations("anna").example)
    assert "cpu" not in set(lab.store.annotations.used(lab._desk.number))


def test_blind_estimates_follow_from_what_was_decided_in_the_corrector(lab):
    for name in ("llm", "llm-bare"):
        lab.annotate(name)
    gap = lab.compare("llm", "llm-bare")
    assert "No text drawn by lot" in repr(gap.blind("llm", share=0.5))
    corrector = lab.correct(gap.queue(blind=0.5))
    while corrector.left:
        corrector.decide()  # what the card preselects: the LLM's labels, or none where it shows nobody's
    table = gap.blind("llm").table
    pd.testing.assert_frame_equal(table, gap.blind("llm", share=0.5).table)
    history = lab.store.history.frame(lab._desk.number)
    assert {"corrector", "corrector: blind (0.5)", "corrector: blind, in turn (0.5)"} == set(history.source)
    assert table.texts["wrong"] > 10
    assert table.loc["agreed, seen", "share"] == 1
    llm = lab.annotations("llm").set_index("example").value
    assert table.share["pull"] == pytest.approx(1 - table.share["agreed, unseen"])
    assert table.share["wrong"] == pytest.approx(sum(map(bool, llm)) / TEXTS, abs=0.2)


@pytest.mark.parametrize(
    ("ask", "problem"),
    [
        (lambda lab: lab.rule("mine"), "no rule 'mine'"),
        (lambda lab: (lab.project.folder / "rules.toml").unlink() or lab.rules(), "no rules in"),
        (lambda lab: lab.rules("mine"), "no rule 'mine'"),
        (lambda lab: lab.rule("llm", label="BUG", regex="a"), "already another annotator"),
        (lambda lab: lab.rule("anna", label="BUG", regex="a"), "already another annotator"),
        (lambda lab: lab.rule("reference", label="BUG", regex="a"), "already another annotator"),
        (lambda lab: lab.rule("a", label="BUG", regex="("), "can't be read"),
        (lambda lab: lab.distant([], label="BUG"), "no terms"),
        (lambda lab: lab.distant("nowhere.txt", label="BUG"), "can't be read"),
        (lambda lab: lab.pseudo_labels(["llm"]), "has not labelled"),
        (lambda lab: lab.pseudo_labels(["reference"], name="llm"), "gives no scores"),
        (lambda lab: lab.uncertain("nothing"), "does not exist"),
        (lambda lab: lab.train("cpu", learn_from=["nobody"]), "No text of"),
    ],
)
def test_what_can_not_be_is_said_in_words(lab, ask, problem):
    with pytest.raises(LabError, match=problem):
        ask(lab)


def test_a_project_without_texts_says_so(root):
    empty = Lab("issues", name="empty", root=root)
    for ask in (lambda: empty.rule("a", label="BUG", regex="a"), empty.uncertain):
        with pytest.raises(LabError, match="has no texts"):
            ask()


def test_active_learning_is_played_by_labels_that_are_known(lab):
    table = lab.learning_curve(sizes=(30, 60), seeds=1)
    assert list(table.index) == [30, 60]
    assert table[["random", "uncertain"]].stack().between(0, 1).all()
    with pytest.raises(LabError, match="has not labelled"):
        lab.learning_curve(by="nobody")


def test_rules_are_compared_only_where_they_are_named_or_alone(lab):
    lab.rule("crash", label="BUG", regex=CRASH)
    assert lab.compare().annotators == ("crash",)
    for name in ("llm", "llm-bare"):
        lab.annotate(name)
    gap = lab.compare()
    assert gap.annotators == ("llm", "llm-bare")
    assert gap.left_out == ("crash",)
    assert "left out here: crash." in repr(gap)
    assert "left out here: crash." in gap._repr_html_()
    named = lab.compare("llm", "crash")
    assert named.annotators == ("llm", "crash")
    assert "left out" not in repr(named)
