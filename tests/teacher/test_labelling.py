"""Each reply gets the outcome that it deserves, and one that can't be read is never an empty label."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import spacy

from labkit.chat import Chat
from labkit.errors import LabError
from labkit.project import load_project
from labkit.store.claims import Claims
from labkit.tasks import Outcome, make_task
from labkit.teacher import Teacher
from tests.llm_server import LLMServer, labels_of, serving

ROOT = Path(__file__).parents[2]
TEXTS = [f"Report number {i}: it crashes" for i in range(40)]


@pytest.fixture
def server():
    """Start a server."""
    with serving(LLMServer()) as running:
        yield running


@pytest.fixture
def project():
    return load_project("issues", ROOT)


@pytest.fixture
def teach(server, store, project):
    """Return a function that makes a teacher of the project with the server as its LLM."""

    def make(task=project.task, name="llm", **settings):
        config = replace(project, task=task).config(name)
        model = config["components"]["llm"]["model"]
        model.update({"model": "m", "base_url": server.url, "key_variable": "", "timeout": 3.0, **settings})
        return Teacher(config, task, store.replies)

    return make


def test_texts_are_asked_once_and_labelled_in_their_order(server, teach):
    said = list(teach().label(TEXTS))
    assert [row.value for row in said] == [
        [label for label in ("BUG", "DOCUMENTATION") if label in labels_of(row.prompt)] for row in said
    ]
    assert {row.outcome for row in said} == {Outcome.PARSED, Outcome.NONE}
    again = teach()
    assert list(again.label(TEXTS)) == said
    assert again.tally is None
    assert len(server.requests) == len(TEXTS)


def test_words_met_alone_leave_tokens_as_they_are(teach):
    teacher = teach()
    texts = [
        "don't can't stop. e.g. :-)bar I'm... http://a.b/c?d=1).",
        "\u202eאבג isn't\tx\n\n y  ",
        "İstanbul's 10km/h",
        "",
    ]
    list(teacher.label(texts))
    words = [[token.text_with_ws for token in doc] for doc, _ in teacher.docs(texts)]
    assert words == [[token.text_with_ws for token in spacy.blank("en")(text)] for text in texts]
    assert words == [[token.text_with_ws for token in doc] for doc, _ in teacher.docs(texts)]


@pytest.mark.parametrize(
    ("reply", "finish", "outcome"),
    [
        ("BUG", "stop", Outcome.PARSED),
        ("==NONE==", "stop", Outcome.NONE),
        ("CRASH", "stop", Outcome.UNKNOWN),
        ("The label is BUG", "stop", Outcome.UNKNOWN),
        ("BUG, CRASH", "stop", Outcome.UNKNOWN),
        (" \n", "stop", Outcome.EMPTY),
        ("refuse: no", "stop", Outcome.REFUSED),
        ("", "content_filter", Outcome.REFUSED),
        ("BUG", "length", Outcome.TRUNCATED),
    ],
)
def test_a_reply_has_an_outcome_and_only_a_readable_one_a_value(server, teach, reply, finish, outcome):
    server.reply, server.finish = (lambda prompt: reply), finish
    teacher = teach()
    (said,) = teacher.label(["a text"])
    assert (said.outcome, said.reply) == (outcome, reply)
    assert (said.value is not None) is outcome.has_value
    ((doc, again),) = teacher.docs(["a text"])
    assert again == said
    assert doc.text == "a text"
    assert bool(doc.cats) is outcome.has_value


def test_of_several_labels_where_one_is_asked_for_none_is_taken(server, teach, project):
    server.reply = lambda prompt: "BUG, DOCUMENTATION"
    one = make_task("choice", project.task.labels, project.task.definitions)
    (said,) = teach(one).label(["a text"])
    assert (said.outcome, said.value) == (Outcome.SEVERAL, None)


def test_a_failure_costs_its_own_text_and_is_asked_again(server, teach):
    server.share, server.faults = 0.5, ["500"]
    teacher = teach(attempts=1)
    said = list(teacher.label(TEXTS))
    failed = [row for row in said if row.outcome is Outcome.ERROR]
    assert 5 < len(failed) < 35
    assert teacher.tally.failures == {"HTTP 500": len(failed)}
    assert {(row.value, row.reply) for row in failed} == {(None, "")}
    assert all(row.error.startswith("HTTP 500") and row.key for row in failed)
    server.share = 0
    assert Outcome.ERROR not in {row.outcome for row in teach().label(TEXTS)}
    assert set(server.answers.values()) == {1}


def test_replies_are_read_again_after_a_change_of_labels_without_asking(server, teach, project):
    server.reply = lambda prompt: "BUG, CRASH"
    teacher = teach()
    assert {row.outcome for row in teacher.label(TEXTS)} == {Outcome.UNKNOWN}
    # A label more changes the prompt, so the same replies are given to the new prompts as recorded ones.
    wider = teach(make_task("choices", [*project.task.labels, "CRASH"], project.task.definitions))
    wider.chat.ledger.add([wider.chat.record(prompt, "BUG, CRASH") for prompt in wider.prompts(TEXTS)])
    assert {tuple(row.value) for row in wider.label(TEXTS)} == {("BUG", "CRASH")}
    # A project that keeps fewer labels than the LLM was asked for reads the same replies.
    config = project.config("llm")
    model = config["components"]["llm"]["model"]
    model.update({"model": "m", "base_url": server.url, "key_variable": ""})
    narrower = Teacher(config, make_task("choices", ["BUG"]), teacher.chat.ledger)
    assert narrower.prompts(TEXTS) == teacher.prompts(TEXTS)
    assert len(server.requests) == len(TEXTS)


@pytest.mark.parametrize("kind", ["choice", "choices"])
def test_answers_in_a_schema_are_stored_raw_and_read_like_plain_ones(server, teach, project, kind):
    if kind == "choice":
        server.reply = lambda prompt: labels_of(prompt).partition(",")[0]
    task = make_task(kind, project.task.labels, project.task.definitions)
    plain = [(row.outcome, row.value) for row in teach(task).label(TEXTS)]
    structured = list(teach(task, structured=True).label(TEXTS))
    assert [(row.outcome, row.value) for row in structured] == plain
    assert all(row.reply.startswith('{"label') for row in structured)
    schema = server.requests[-1].body["response_format"]["json_schema"]["schema"]
    assert schema["additionalProperties"] is False
    assert "response_format" not in server.requests[0].body


def test_a_schema_is_part_of_the_question_and_of_who_answers(teach):
    plain, structured = teach(), teach(structured=True)
    assert plain.chat.key("p") != structured.chat.key("p")
    assert plain.digest != structured.digest
    assert plain.digest == teach(concurrency=99, logprobs=True, budget=1.0).digest


def test_confidence_becomes_the_scores(teach):
    for row in teach(logprobs=True).label(TEXTS):
        sure = pytest.approx(0.861, abs=0.001)
        assert {label: row.scores[label] for label in row.value} == dict.fromkeys(row.value, sure)
        assert sum(row.scores.values()) < 2
    assert {row.scores for row in teach().label(["another text"])} == {None}


def test_a_spent_budget_leaves_the_rest_unasked_and_says_so(server, teach):
    server.tokens = (1000, 10)
    settings = {"prices": {"input": 1.0, "output": 1.0}, "parameters": {"max_tokens": 10}}
    teacher = teach(**settings)
    said = list(teacher.label(TEXTS, budget=0.02))
    unasked = [row for row in said if row.error == "not asked: the budget is spent"]
    assert 0 < len(unasked) == 40 - len(server.requests)
    assert {(row.outcome, row.key) for row in unasked} == {(Outcome.ERROR, None)}
    assert teacher.tally.dollars <= 0.02
    assert Outcome.ERROR not in {row.outcome for row in teach(**settings).label(TEXTS)}


def test_an_estimate_asks_nothing(server, teach):
    estimate = teach(prices={"input": 1.0, "output": 1.0}).estimate(TEXTS)
    assert (estimate.texts, estimate.prompts) == (40, 40)
    assert estimate.tokens_in > 40 * 100
    assert estimate.dollars > 0
    assert server.requests == []


def test_without_a_key_the_missing_replies_are_counted(teach):
    with pytest.raises(LabError, match="40 of 40 prompts.*NO_SUCH_KEY"):
        list(teach(key_variable="NO_SUCH_KEY").label(TEXTS))


def test_another_model_of_spacy_llm_goes_on_working(project):
    config = project.config("llm")
    config["components"]["llm"]["model"] = {"@llm_models": "spacy.NoOp.v1"}
    teacher = Teacher(config, project.task)
    assert teacher.chat is None
    assert {(row.outcome, row.key) for row in teacher.label(TEXTS)} == {(Outcome.EMPTY, None)}
    with pytest.raises(LabError, match=r"Chat\.v1"):
        teacher.estimate(TEXTS)


def test_prompts_and_labels_are_those_of_spacy_llm_itself(server, teach):
    """The pipeline that spacy-llm would run by itself gives the same."""
    teacher = teach()
    said = list(teacher.label(TEXTS))
    docs = list(teacher._nlp.pipe(TEXTS))
    assert [teacher.task.read(doc) for doc in docs] == [row.value for row in said]
    assert len(server.requests) == len(TEXTS)


def test_any_text_survives_the_way_there_and_back(server, teach):
    texts = ["<script>alert(1)</script> &amp;", "a\u202eb مرحبا", "😀" * 500, "a\x00\x1b[31m", "x" * 100_000, " ", "\n"]
    said = list(teach().label(texts))
    assert {row.outcome for row in said} <= {Outcome.PARSED, Outcome.NONE}
    assert sorted(request.prompt for request in server.requests) == sorted({row.prompt for row in said})
    assert list(teach().label([])) == []


def test_a_store_that_goes_away_for_a_moment_loses_no_answer(server, teach, monkeypatch):
    keep, failures = Claims.keep, iter([True, True])

    def unreliable(self, *results):
        if next(failures, False):
            raise LabError("The store can't be used.", "Start it.")
        keep(self, *results)

    monkeypatch.setattr(Claims, "keep", unreliable)
    assert Outcome.ERROR not in {row.outcome for row in teach().label(TEXTS)}
    assert set(server.answers.values()) == {1}


def test_the_key_may_stand_in_the_env_file_of_the_project(server, store, project, tmp_path):
    server.key = "sk-canary-from-a-file"
    shutil.copytree(ROOT / "configs/issues", tmp_path / "configs/issues")
    (tmp_path / ".env").write_text("FILE_KEY=sk-canary-from-a-file\n")
    config = project.config("llm")
    model = config["components"]["llm"]["model"]
    model.update({"model": "m", "base_url": server.url, "key_variable": "FILE_KEY"})
    teacher = Teacher(config, project.task, store.replies, tmp_path)
    assert isinstance(teacher.chat, Chat)
    assert Outcome.ERROR not in {row.outcome for row in teacher.label(TEXTS)}


def test_examples_count_by_what_they_say_and_not_by_where_they_stand(tmp_path):
    def digest(place, answer):
        shutil.copytree(ROOT / "configs/issues", tmp_path / place / "configs/issues")
        folder = tmp_path / place / "configs" / "issues"
        (folder / "examples.jsonl").write_text(f'{{"text": "It crashes.", "answer": "{answer}"}}\n')
        examples = '[components.llm.task.examples]\n@misc = "spacy.FewShotReader.v1"\n'
        few = (folder / "llm.cfg").read_text() + f'\n{examples}path = "${{project.folder}}/examples.jsonl"\n'
        (folder / "few.cfg").write_text(few)
        project = load_project("issues", tmp_path / place)
        return Teacher(project.config("few"), project.task).digest

    assert digest("here", "BUG") == digest("there", "BUG")
    assert digest("elsewhere", "DOCUMENTATION") != digest("home", "BUG")
