"""Prompts as experiments: compared, given examples and sharper definitions, on a real store and an endpoint."""

import json
import re

import pytest

from labkit import Lab, LabError
from tests.llm_server import LLMServer, labels_of, serving

SHARP = 'faults of the software\'s "behaviour", ${HOME} and 100 % of crashes; not wishes'


def answer(prompt: str) -> str:
    """Answer a question for labels, or for a definition."""
    return f' "{SHARP}"\n' if "sharper definition" in prompt else labels_of(prompt)


@pytest.fixture
def server():
    """Start an endpoint."""
    with serving(LLMServer(reply=answer)) as running:
        yield running


@pytest.fixture
def asked(root, server, lab):
    """Return a lab whose prompts ask the endpoint, at a price, with forty decisions of a person."""
    for name in ("llm", "llm-bare"):
        path = root / f"configs/issues/{name}.cfg"
        text = path.read_text().replace("https://api.anthropic.com/v1", server.url).replace("ANTHROPIC_API_KEY", "")
        text = text.replace('model = "claude"', 'model = "m"')  # the one that no reply was recorded of
        path.write_text(f"{text}\n[components.llm.model.prices]\ninput = 10.0\noutput = 100.0\n")
    rows = (root / "data/issues/reference.jsonl").read_text("utf-8").splitlines(keepends=True)[:40]
    (root / "decisions.jsonl").write_text("".join(rows), "utf-8")
    lab.load_labels("decisions.jsonl", annotator="anna")
    lab.annotate("llm")
    return lab


def configs(root):
    """Return the names and contents of all files of the project."""
    return {path.name: path.read_text("utf-8") for path in (root / "configs/issues").iterdir()}


def test_prompts_are_compared_with_what_their_replies_cost(asked):
    asked.annotate("llm-bare")
    result = asked.compare_prompts(["llm", "llm-bare"])
    assert result.texts == 40
    assert result.summary["tokens_in"].tolist() == [100, 100]
    assert result.summary["dollars"].tolist() == pytest.approx([1.2, 1.2])
    assert repr(asked.compare_prompts()) == repr(result)
    assert asked.compare_prompts("llm").summary.index.tolist() == ["llm"]


def test_recorded_replies_have_no_cost(lab, root):
    lab.annotate("llm")
    lab.load_labels("data/issues/reference.jsonl", annotator="anna")
    assert lab.compare_prompts("llm").summary["dollars"].isna().all()


def test_examples_of_decisions_stand_in_the_prompt_and_are_not_counted(asked, root, server):
    before = configs(root)
    name = asked.few_shot("llm", n=6)
    assert name == asked.few_shot("llm", n=6) == "llm-few-6"
    after = configs(root)
    assert {file: after[file] for file in before} == before
    assert set(after) - set(before) == {"llm-few-6.cfg", "llm-few-6.jsonl"}

    shown = [json.loads(line) for line in after["llm-few-6.jsonl"].splitlines()]
    train = set(asked.texts("train").text)
    assert {row["text"] for row in shown} <= train
    asked.annotate(name)
    assert len(asked.replies(name)) == len(asked.texts())
    for prompt in asked.replies(name).prompt:
        assert all(f'{row["text"]}\n"""\nLabels: {row["answer"]}' in prompt for row in shown)

    result = asked.compare_prompts(["llm", name])
    assert (result.texts, result.shown) == (34, 6)
    assert not {row["text"] for row in shown} & set(asked.texts().set_index("key").text.loc[result.differences.key])


def test_other_decisions_give_other_examples_under_the_next_name(asked, root):
    first = asked.few_shot("llm", n=2)
    drawn = asked.draw_examples("llm", n=2)
    other = json.dumps({"id": drawn.key[0], "labels": ["BUG", "DOCUMENTATION"]})
    (root / "again.jsonl").write_text(other + "\n", "utf-8")
    asked.load_labels("again.jsonl", annotator="ben")
    assert (first, asked.few_shot("llm", n=2)) == ("llm-few-2", "llm-few-2-2")
    assert asked.few_shot("llm-few-2", n=3) == "llm-few-3"
    assert configs(root)["llm-few-3.cfg"].count("FewShotReader") == 1


def test_a_definition_is_asked_for_once_written_and_used(asked, root, server):
    before, count = configs(root), len(server.requests)
    suggestion = asked.suggest_definitions("BUG", "llm")
    assert suggestion.name == asked.suggest_definitions("BUG", "llm").name == "llm-definitions"
    assert len(server.requests) == count + 1
    assert {**configs(root), **before} == configs(root)
    assert suggestion.after == SHARP
    assert asked.project.config(suggestion.name)["components"]["llm"]["task"]["label_definitions"] == {
        **asked.project.task.definitions,
        "BUG": SHARP.replace("${", "$ {"),
    }
    assert suggestion.prompt == server.requests[-1].prompt
    assert "response_format" not in server.requests[-1].body
    assert set(suggestion.corrections.key) <= set(asked.texts("train").key)
    assert suggestion.after in repr(suggestion) and "configs/issues/llm-definitions.cfg" in repr(suggestion)
    asked.annotate(suggestion.name)
    assert all(SHARP[:30] in prompt for prompt in asked.replies(suggestion.name).prompt)


def test_what_a_person_edited_stays_and_the_next_suggestion_gets_the_next_name(asked, root):
    path = root / f"configs/issues/{asked.suggest_definitions('BUG').name}.cfg"
    path.write_text(path.read_text() + "# mine\n")
    assert asked.suggest_definitions("BUG").name == "llm-definitions-2"
    assert path.read_text().endswith("# mine\n")
    assert asked.suggest_definitions("BUG").name == "llm-definitions-2"


def test_a_project_may_have_its_own_question(asked, root, server):
    own = root / "configs/issues/definition.jinja"
    own.write_text("A sharper definition of {{ label }}, {{ cases|length }} cases")
    asked.suggest_definitions("BUG")
    assert re.fullmatch(r"A sharper definition of BUG, \d+ cases", server.requests[-1].prompt)
    own.write_bytes(b"\xff")
    with pytest.raises(LabError, match="definition.jinja is not written in UTF-8"):
        asked.suggest_definitions("BUG")
    own.write_text("{{ label")
    with pytest.raises(LabError, match="definition.jinja can't be rendered"):
        asked.suggest_definitions("BUG")


def test_a_model_that_holds_answers_to_a_schema_is_asked_in_plain_text(asked, root, server):
    path = root / "configs/issues/llm.cfg"
    path.write_text(path.read_text().replace('key_variable = ""', 'key_variable = ""\nstructured = true'))
    assert asked.suggest_definitions("BUG").after == SHARP
    assert "response_format" not in server.requests[-1].body


@pytest.mark.parametrize(
    ("reply", "finish", "problem"),
    [
        ("  \n", "stop", "gave no definition"),
        ("refuse: no", "stop", "gave no definition"),
        ("a", "length", "cut short"),
    ],
)
def test_an_answer_that_is_no_definition_writes_nothing(asked, root, server, reply, finish, problem):
    before = configs(root)
    server.reply, server.finish = (lambda prompt: reply), finish
    with pytest.raises(LabError, match=problem):
        asked.suggest_definitions("BUG")
    assert configs(root) == before


def test_without_decisions_corrections_or_a_key_the_remedy_is_said(lab, root):
    lab.annotate("llm")
    before = configs(root)
    for ask in (lab.few_shot, lambda: lab.suggest_definitions("BUG"), lab.compare_prompts):
        with pytest.raises(LabError, match=r"No person has decided.*lab\.correct"):
            ask()
    lab.load_labels("data/issues/reference.jsonl", annotator="anna")
    with pytest.raises(LabError, match="ANTHROPIC_API_KEY is not set"):
        lab.suggest_definitions("DOCUMENTATION")
    with pytest.raises(LabError, match="'BUGG' is not in this project"):
        lab.suggest_definitions("BUGG")
    for name, problem in (("cpu", "has no LLM in it"), ("gpu4", "does not exist")):
        for ask in (lab.few_shot, lab.draw_examples, lab.compare_prompts):
            with pytest.raises(LabError, match=problem):
                ask(name)
    assert configs(root) == before


def test_nobody_has_labelled_anything(root):
    empty = Lab("issues", name="empty", root=root)
    for ask in (empty.compare_prompts, empty.few_shot, lambda: empty.suggest_definitions("BUG")):
        with pytest.raises(LabError):
            ask()
