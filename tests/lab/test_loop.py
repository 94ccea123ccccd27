"""The cell at the top of DESIGN, on a real PostgreSQL, twice in a row."""

import json
import subprocess
import sys

import pandas as pd
import psycopg
import pytest

from labkit import Lab, LabError

from .conftest import TEXTS

TABLES = ("project", "example", "annotator", "annotation", "reply", "run")


def rows(database: str) -> dict[str, int]:
    """Count the rows of every table."""
    with psycopg.connect(database) as connection:
        return {t: connection.execute(f"SELECT count(*) FROM labkit.{t}").fetchone()[0] for t in TABLES}


def loop(root):
    """Run the whole cell and return what it shows."""
    lab = Lab("issues", root=root, person="anna")
    read = lab.ingest("data/issues/texts.jsonl")
    lab.annotate("llm")
    lab.annotate("llm-bare")
    lab.annotate("cpu", folds=3)
    gap = lab.compare("llm", "llm-bare", "cpu")
    figure, queue = gap.plot(), gap.queue(decided=True)
    decided = queue.frame.head(5)
    corrector = lab.correct(queue)
    for _ in range(min(5, corrector.left)) if not lab.annotations().kind.eq("person").any() else ():
        corrector.decide(["BUG"])
    run = lab.train("cpu")
    shown = (repr(read), repr(gap), repr(queue), repr(run), lab.evaluate(run).to_string(), lab.package(run).name)
    assert len(figure.axes) >= 3
    assert list(lab.annotations("anna").example) == list(decided.example)
    return shown


def test_the_cell_runs_and_running_it_again_shows_the_same_and_adds_no_row(root, database):
    first = loop(root)
    before = rows(database)
    assert loop(root) == first
    assert rows(database) == before
    assert before["example"] == TEXTS
    assert before["run"] == 1


def test_the_reference_comes_with_the_texts(lab):
    summary = lab.summary("reference")
    assert summary.loc["reference", "texts"] == TEXTS


def test_replies_are_shown_with_their_prompt_and_outcome(lab):
    lab.annotate("llm")
    replies = lab.replies("llm")
    assert len(replies) == TEXTS
    assert set(replies.outcome) == {"parsed", "explicitly none"}
    assert all(text in prompt for text, prompt in zip(lab.texts().text, replies.prompt, strict=True))
    assert lab.replies("llm", outcome="empty").empty


def test_an_unreadable_reply_is_left_out_everywhere(root, database, lab):
    path = root / "data/issues/replies.jsonl"
    path.write_text(path.read_text("utf-8").replace('"reply": "BUG"', '"reply": "It is a BUG"'), "utf-8")
    summary = lab.annotate("llm").summary.loc["llm"]
    said = lab.annotations("llm")
    unread = said[said.outcome == "unknown label"]
    assert len(unread) == summary["unknown label"] > 10
    assert unread.value.isna().all()
    assert not set(unread.example) & set(lab.labels().example)
    lab.annotate("llm-bare")
    coverage = lab.compare("llm", "llm-bare").coverage
    assert coverage.loc["llm", "used"] == TEXTS - len(unread)


def test_missing_replies_are_counted_before_anything_is_asked(root, lab):
    path = root / "data/issues/replies.jsonl"
    path.write_text("", "utf-8")
    with pytest.raises(LabError, match=rf"{TEXTS} of {TEXTS} prompts"):
        lab.annotate("llm-bare")


def test_a_changed_prompt_is_another_annotator_with_no_replies(root, lab):
    lab.annotate("llm")
    prompt = root / "configs/issues/prompt.jinja"
    prompt.write_text(prompt.read_text().replace("You sort", "Please sort"))
    with pytest.raises(LabError, match=rf"{TEXTS} of {TEXTS} prompts"):
        lab.annotate("llm")


def test_what_has_not_labelled_anything_is_named_with_the_remedy(lab):
    for ask in (lambda: lab.compare("llm", "cpu"), lambda: lab.annotations("nobody"), lambda: lab.summary("x")):
        with pytest.raises(LabError, match="has not labelled anything"):
            ask()
    with pytest.raises(LabError, match="lab.annotate"):
        lab.annotate("cpu")
    with pytest.raises(LabError, match="No text of"):
        lab.train("cpu")
    with pytest.raises(LabError, match="does not exist"):
        lab.annotate("gpu4")


def test_a_project_without_texts_says_so(root):
    lab = Lab("issues", name="empty", root=root)
    for ask in (lab.texts, lambda: lab.annotate("llm")):
        with pytest.raises(LabError, match="has no texts"):
            ask()


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda lab: lab.ingest(None), "None is no path"),
        (lambda lab: lab.attach("x"), "'x' is no run"),
        (lambda lab: lab.package(None), "None is no run"),
        (lambda lab: lab.evaluate("cpu"), "'cpu' is no run"),
        (lambda lab: lab.predict("data/issues/texts.jsonl", None), "None is no run"),
        (lambda lab: lab.correct([1]), "no queue"),
        (lambda lab: lab.replies("nobody"), "'nobody' has not labelled anything"),
        (lambda lab: lab.replies(outcome="unknwon label"), "no outcome 'unknwon label'.*unknown label"),
        (lambda lab: lab.compare("llm").queue(blind=2), "2 is no share of cards"),
        (lambda lab: lab.annotate("cpu", folds=10_000), "folds is 10000"),
        (lambda lab: Lab(None), "None is no project's name"),
        (lambda lab: Lab("issues", name="a\0b"), "characters that don't show"),
    ],
)
def test_what_is_not_what_it_should_be_is_named(lab, ask, said):
    lab.annotate("llm")
    with pytest.raises(LabError, match=said):
        ask(lab)


def test_a_closed_store_is_opened_again(root, lab):
    lab.store.close()
    assert len(Lab("issues", root=root).texts()) == TEXTS


def test_an_empty_queue_shows_no_card(lab):
    lab.annotate("llm")
    assert lab.correct(lab.compare("llm").queue()[:0]).left == 0


def test_two_names_share_a_folder_and_no_rows(root, lab):
    other = Lab("issues", name="other", root=root)
    with pytest.raises(LabError, match="has no texts"):
        other.texts()
    assert len(lab.texts()) == TEXTS


def test_a_decision_counts_before_consensus_and_llm(lab):
    lab.annotate("llm")
    lab.annotate("llm-bare")
    corrector = lab.correct(lab.compare("llm", "llm-bare").queue())
    decided = corrector.decide(["BUG", "DOCUMENTATION"])
    best = lab.labels().set_index("example")
    assert list(best.loc[decided.example]) == [["BUG", "DOCUMENTATION"], "person"]
    assert set(best.origin) == {"person", "consensus", "llm"} - ({"llm"} - set(best.origin))
    assert best.drop(decided.example).origin.isin(["consensus", "llm"]).all()


def test_rejected_ignored_and_undone_are_no_labels(lab, database):
    lab.annotate("llm")
    lab.annotate("llm-bare")
    corrector = lab.correct(lab.compare("llm", "llm-bare").queue())
    corrector.decide(answer="reject")
    corrector.decide(answer="ignore")
    corrector.decide(["BUG"])
    corrector.undo()
    assert list(lab.annotations("anna").outcome) == ["rejected", "ignored"]
    assert lab.annotations("anna").value.isna().all()
    with psycopg.connect(database) as connection:
        kept = connection.execute("SELECT outcome FROM labkit.annotation WHERE source = 'corrector' ORDER BY id")
        assert [row[0] for row in kept] == ["rejected", "ignored", "parsed", "undone"]


def test_the_corrector_goes_on_where_it_stopped(root, lab):
    lab.annotate("llm")
    lab.annotate("llm-bare")
    queue = lab.compare("llm", "llm-bare").queue()
    first = lab.correct(queue)
    done = {first.decide([]).example for _ in range(3)}
    again = Lab("issues", root=root, person="anna").correct(queue)
    assert again.left == len(queue) - 3
    assert again.decide([]).example not in done
    ben = Lab("issues", root=root, person="ben")
    assert ben.correct(queue).left == len(queue) - 4
    assert ben.correct(queue, overlap=2).left == len(queue)


def test_labels_of_an_unknown_text_or_label_are_refused(root, lab):
    path = root / "people.jsonl"
    for row, problem in (('{"id": "nobody", "labels": []}', "is not in"), ('{"id": "%s", "labels": ["X"]}', "'X'")):
        path.write_text(row.replace("%s", lab.texts().key[0]))
        with pytest.raises(LabError, match=problem):
            lab.load_labels(path, annotator="ben")


def test_a_key_that_names_another_text_is_set_aside(root, lab):
    path = root / "more.jsonl"
    rows = [{"id": lab.texts().key[0], "text": "quite another text"}, {"text": "a new one"}]
    path.write_text("\n".join(map(json.dumps, rows)))
    report = lab.ingest(path)
    assert report.texts == TEXTS + 1
    assert "quite another text" in report.set_aside.read_text("utf-8")


def test_labels_that_come_with_the_texts_are_an_annotator(root):
    lab = Lab("issues", name="labelled", root=root)
    path = root / "labelled.csv"
    path.write_text("text,label\nit crashes,BUG\na typo in the docs,DOCUMENTATION\nhello,FEATURE\n")
    report = lab.ingest(path)
    assert lab.summary("given").loc["given", ["texts", "BUG", "DOCUMENTATION"]].tolist() == [2, 1, 1]
    assert "FEATURE" in report.set_aside.read_text("utf-8")
    assert report.texts == 3


def test_a_model_that_was_deleted_is_trained_again(lab, root):
    import shutil

    lab.annotate("llm")
    run = lab.train("cpu")
    shutil.rmtree(run.pipeline)
    with pytest.raises(LabError, match="gone from this disk"):
        run.load()
    again = lab.train("cpu")
    assert again.load()("It crashes").cats.keys() == {"BUG", "DOCUMENTATION"}
    assert list(lab.runs().state) == ["done", "done"]


def test_importing_labkit_imports_nothing_heavy():
    heavy = ("spacy", "pandas", "matplotlib", "sklearn", "anywidget", "psycopg_pool")
    program = f"import sys, labkit; from labkit import Lab; print([m for m in {heavy} if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == "[]"


def test_evaluation_tells_annotators_and_labels_apart(lab):
    lab.annotate("llm")
    figures = lab.evaluate(split=None)
    assert isinstance(figures, pd.DataFrame)
    assert {"BUG", "DOCUMENTATION"} <= set(figures.loc["llm"].index)


def test_a_split_that_is_none_is_named(lab):
    with pytest.raises(LabError, match=r"There is no split 'tests'\. Use one of: train, dev, test\."):
        lab.texts("tests")


def test_one_annotator_may_be_named_without_a_list(lab):
    lab.annotate("llm")
    assert lab.labels(by="llm").origin.unique().tolist() == ["llm"]
    assert lab.train("cpu", learn_from="llm").row.config["labels"].keys() == {"llm"}
    assert lab.annotate("cpu", folds=2, learn_from="llm").summary.texts["cpu"] == TEXTS
