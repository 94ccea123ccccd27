"""An LLM is asked through REL.v1 for relations between entities that components before it mark."""

from __future__ import annotations

import json

import pytest

from labkit.errors import LabError
from labkit.tasks import Outcome
from labkit.teacher import Teacher
from tests import related
from tests.llm_server import LLMServer, serving
from tests.related import ENTITIES, TASK, TEXTS, value


@pytest.fixture
def server():
    """Start a server."""
    with serving(LLMServer()) as running:
        yield running


@pytest.fixture
def project(tmp_path):
    return related.make(tmp_path)


@pytest.fixture
def teach(server, store, project):
    """Return what makes a teacher of the project with the server as its LLM; `change` may change its configuration."""

    def made(change=lambda config: None):
        config = project.config("llm")
        config["components"]["llm"]["model"].update({"model": "m", "base_url": server.url, "key_variable": ""})
        change(config)
        return Teacher(config, project.task, store.replies)

    return made


def test_a_prompt_shows_the_entities_with_their_numbers(teach):
    prompts = teach().prompts(TEXTS)
    assert [prompt.rsplit("Text: ", 1)[1].removesuffix("\nRelations:") for prompt in prompts] == [
        "Ada[ENT0:PERSON] lives in London[ENT1:PLACE] with Bob[ENT2:PERSON].",
        "\U0001f98a İda[ENT0:PERSON] <b>married</b> Max[ENT1:PERSON] in Rome[ENT2:PLACE].",
        "Nobody lives here.",
        "Eve[ENT0:PERSON] moved from Oslo[ENT1:PLACE] to Bern[ENT2:PLACE].",
    ]
    assert "- LIVES_IN: whose home it is\n" in prompts[0] and "PLACE:" not in prompts[0].split("Text: ")[0]


@pytest.mark.parametrize(
    ("reply", "finish", "outcome", "links"),
    [
        ('{"dep": 0, "dest": 1, "relation": "lives_in"}', "stop", Outcome.PARSED, [("Ada", "LIVES_IN", "London")]),
        ("==NONE==", "stop", Outcome.NONE, []),
        (" \n", "stop", Outcome.EMPTY, None),
        ("Ada lives in London.", "stop", Outcome.UNREADABLE, None),
        ('{"dep": 0, "dest": 3, "relation": "LIVES_IN"}', "stop", Outcome.ABSENT, None),
        ('{"dep": 0, "dest": 1, "relation": "OWNS"}', "stop", Outcome.UNKNOWN, None),
        ('{"dep": 0, "dest": 1, "rel', "length", Outcome.TRUNCATED, None),
        ("refuse: no", "stop", Outcome.REFUSED, None),
    ],
)
def test_only_a_readable_reply_has_a_value_and_it_keeps_the_entities(server, teach, reply, finish, outcome, links):
    server.reply, server.finish = (lambda prompt: reply), finish
    teacher = teach()
    (said,) = teacher.label(TEXTS[:1])
    assert (said.outcome, said.reply) == (outcome, reply)
    assert said.value == (None if links is None else value(0, *links))
    ((doc, again),) = teacher.docs(TEXTS[:1])
    assert (again, doc.text) == (said, TEXTS[0])
    assert [entity.text for entity in doc.ents] == ["Ada", "London", "Bob"]
    assert len(doc._.rel) == len(links or ())


def test_recorded_replies_are_read_without_a_key_or_a_network(project, store):
    teacher = Teacher(project.config("llm"), project.task, store.replies)
    prompts = teacher.prompts(TEXTS)
    rows = [json.loads(line) for line in project.replies.read_text("utf-8").splitlines()]
    teacher.chat.ledger.add([teacher.chat.record(p, row["reply"]) for p, row in zip(prompts, rows, strict=True)])
    said = list(teacher.label(TEXTS))
    assert [row.outcome for row in said] == [Outcome.PARSED, Outcome.PARSED, Outcome.NONE, Outcome.UNREADABLE]
    assert said[1].value == value(1, ("Max", "MARRIED_TO", "İda"))
    assert [said[2].value, said[3].value, teacher.tally] == [[], None, None]


def test_entities_of_any_component_are_asked_about_under_the_names_of_the_project(teach):
    def ruler(config):
        config["components"]["entities"] = {"factory": "entity_ruler"}

    teacher = teach(ruler)
    marked = (("PERSON", "Ada"), ("GPE", "London"), ("X", "Bob"))
    teacher._nlp.get_pipe("entities").add_patterns([{"label": label, "pattern": words} for label, words in marked])
    (prompt,) = teacher.prompts(TEXTS[:1])
    assert prompt.endswith("Text: Ada[ENT0:PERSON] lives in London[ENT1:PLACE] with Bob.\nRelations:")


def test_other_entities_make_another_annotator(teach):
    def rename(config):
        config["components"]["entities"]["path"] += "x"

    assert teach().digest != teach(rename).digest


def test_a_pipeline_that_marks_nothing_before_the_llm_is_refused(teach):
    def alone(config):
        config["nlp"]["pipeline"] = ["llm"]
        del config["components"]["entities"]

    with pytest.raises(LabError, match=r"No component before 'llm' marks .* doc.ents"):
        teach(alone)


def test_a_text_whose_entities_are_not_known_has_not_none(project, teach):
    path = project.folder / "entities.jsonl"
    path.write_text("".join(path.read_text("utf-8").splitlines(keepends=True)[:2]), "utf-8")
    with pytest.raises(LabError, match="entities.jsonl says nothing of the text that begins 'Nobody lives here.'"):
        teach().prompts(TEXTS)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", "is empty"),
        ('{"text": "a", "spans": [{"start": 0, "end": 9, "label": "PERSON"}]}', r"entities.jsonl, line 1: a span"),
        ("no json", "is of no format that is known"),
    ],
)
def test_a_file_of_entities_that_is_wrong_is_named(project, teach, written, why):
    (project.folder / "entities.jsonl").write_text(written, "utf-8")
    with pytest.raises(LabError, match=why):
        teach().prompts(TEXTS)


def test_of_entities_that_overlap_the_longest_is_asked_about(project, teach):
    rows = [
        {
            "text": TEXTS[0],
            "spans": [{"start": 0, "end": 3, "label": "PERSON"}, {"start": 0, "end": 9, "label": "PERSON"}],
        }
    ]
    related.lines(project.folder / "entities.jsonl", rows)
    assert "Text: Ada lives[ENT0:PERSON] in London" in teach().prompts(TEXTS[:1])[0]


def test_the_project_is_what_its_file_says(project):
    assert (project.task.labels, project.task.span_labels) == (TASK.labels, TASK.span_labels)
    assert len(ENTITIES) == len(TEXTS)
