"""The parser inside spacy-llm's own tasks, as labkit's teacher runs them and as spaCy does."""

from dataclasses import replace
from pathlib import Path

import pytest
from spacy.tokens import Doc
from spacy_llm.util import assemble_from_config

from labkit.project import load_project
from labkit.tasks import Outcome, make_task
from labkit.teacher import Teacher

ROOT = Path(__file__).parents[2]
TEXT = "In İstanbul the Bank of England's AnkaraLab met Ada."
LISTED = [("Bank of England", "ORGANISATION"), ("England", "PERSON"), ("Lab", "ORGANISATION"), ("Ada", "PERSON")]
REPLY = "\n".join(f"{n}. {said} | True | {label} | why" for n, (said, label) in enumerate(LISTED, 1))
EXACT = {said: (TEXT.index(said), TEXT.index(said) + len(said)) for said, _ in LISTED}


@pytest.fixture
def project():
    return load_project("news", ROOT)


@pytest.fixture
def teach(project, store):
    """Return a function that makes a teacher which has one reply to one text."""

    def make(task_name="spacy.NER.v3", reply=REPLY):
        task = replace(project.task, overlap=task_name == "spacy.SpanCat.v3")
        config = replace(project, task=task).config("llm")
        config["components"]["llm"]["task"]["@llm_tasks"] = task_name
        teacher = Teacher(config, task, store.replies)
        store.replies.add([teacher.chat.record(teacher.prompts([TEXT])[0], reply)])
        return teacher

    return make


@pytest.mark.parametrize(
    ("task_name", "kept"),
    [
        ("spacy.NER.v3", ["Bank of England", "Lab", "Ada"]),
        ("spacy.SpanCat.v3", ["Bank of England", "England", "Lab", "Ada"]),
    ],
)
def test_values_are_exact_and_docs_hold_whole_tokens(teach, task_name, kept):
    teacher = teach(task_name)
    (said,) = teacher.label([TEXT])
    assert said.outcome is Outcome.PARSED
    assert [(span["start"], span["end"]) for span in said.value] == [EXACT[name] for name in kept]
    ((doc, again),) = teacher.docs([TEXT])
    assert again == said
    pieces = doc.ents if task_name == "spacy.NER.v3" else doc.spans["sc"]
    assert [piece.text for piece in pieces] == [name.replace("Lab", "AnkaraLab") for name in kept]


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ("==NONE==", Outcome.NONE),
        (REPLY + "\n5. Bursa | True | PERSON | not there", Outcome.ABSENT),
        (REPLY + "\n5. Ada | True | WRITER | no such label", Outcome.UNKNOWN),
        (REPLY + "\nI hope this helps", Outcome.UNREADABLE),
        ("", Outcome.EMPTY),
    ],
)
def test_a_reply_that_is_not_read_whole_gives_no_value(teach, reply, outcome):
    teacher = teach(reply=reply)
    (said,) = teacher.label([TEXT])
    assert (said.outcome, said.value) == (outcome, [] if outcome is Outcome.NONE else None)
    ((doc, _),) = teacher.docs([TEXT])
    assert doc.has_annotation("ENT_IOB") is (outcome is Outcome.NONE)


def test_a_configuration_that_names_no_parser_gets_this_one(teach, project):
    config = project.config("llm")
    del config["components"]["llm"]["task"]["parse_responses"]
    teacher = Teacher(config, project.task, teach().chat.ledger)
    (said,) = teacher.label([TEXT])
    assert [span["start"] for span in said.value] == [EXACT[name][0] for name in ("Bank of England", "Lab", "Ada")]
    assert "parse_responses" not in config["components"]["llm"]["task"]
    assert teacher.digest == teach().digest


def test_a_label_that_is_asked_for_and_not_kept_is_left_out(teach, project):
    narrower = Teacher(project.config("llm"), make_task("spans", ["PERSON"]), teach().chat.ledger)
    (said,) = narrower.label([TEXT])
    assert [(span["start"], span["label"]) for span in said.value] == [(EXACT["Ada"][0], "PERSON")]


@pytest.mark.filterwarnings("ignore:Task supports sharding")
@pytest.mark.filterwarnings("ignore:.*W101.*'rel'")  # REL.v1 gives every Doc of a process this place for relations
def test_spacy_runs_the_shipped_configuration_by_itself(project, teach):
    nlp = assemble_from_config(project.config("llm"))
    nlp.get_pipe("llm")._model.ledger = teach().chat.ledger
    doc = nlp(TEXT)
    assert [ent.text for ent in doc.ents] == ["Bank of England", "AnkaraLab", "Ada"]
    assert [(span["start"], span["end"]) for span in project.task.read(doc)] == [
        EXACT[name] for name in ("Bank of England", "Lab", "Ada")
    ]
    merged = Doc.from_docs([nlp.make_doc("Yes."), doc])
    assert [span["start"] for span in project.task.read(merged)] == [ent.start_char for ent in merged.ents]
