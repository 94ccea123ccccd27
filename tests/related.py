"""A small project of relations, made where a test wants it: texts, people's entities, prompts, and recorded replies."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from labkit.project import Project, load_project
from labkit.tasks import make_task
from labkit.teacher import Teacher

ROOT = Path(__file__).parents[1]
LABELS = ("LIVES_IN", "MARRIED_TO")
SPAN_LABELS = ("PERSON", "PLACE")
TASK = make_task("relations", LABELS, span_labels=SPAN_LABELS)

TOML = """
kind = "relations"
labels = ["LIVES_IN", "MARRIED_TO"]
span_labels = ["PERSON", "PLACE"]
replies = "replies.jsonl"
reference = "reference.jsonl"

[definitions]
LIVES_IN = "whose home it is"
PLACE = "a town"

[aliases]
GPE = "PLACE"
"""

CFG = """
[nlp]
lang = "en"
pipeline = ["entities", "llm"]

[components]

[components.entities]
factory = "labkit_entities"
path = "${project.folder}/entities.jsonl"

[components.llm]
factory = "llm"

[components.llm.task]
@llm_tasks = "spacy.REL.v1"
labels = ${task.labels}
label_definitions = ${task.definitions}

[components.llm.task.template]
@misc = "spacy.FileReader.v1"
path = "${project.configs}/presets/relations.jinja"

[components.llm.model]
@llm_models = "labkit.Chat.v1"
model = "recorded"
base_url = "http://127.0.0.1:9/v1"
key_variable = "NO_SUCH_KEY"
"""

TEXTS = (
    "Ada lives in London with Bob.",
    "\U0001f98a İda <b>married</b> Max in Rome.",
    "Nobody lives here.",
    "Eve moved from Oslo to Bern.",
)
ENTITIES = (
    [("Ada", "PERSON"), ("London", "GPE"), ("Bob", "PERSON")],
    [("İda", "PERSON"), ("Max", "PERSON"), ("Rome", "GPE")],
    [],
    [("Eve", "PERSON"), ("Oslo", "GPE"), ("Bern", "GPE")],
)
REPLIES = (
    '{"dep": 0, "dest": 1, "relation": "LIVES_IN"}\n{"dep": 2, "dest": 1, "relation": "lives_in"}',
    '{"dep": 1, "dest": 0, "relation": "MARRIED_TO"}',
    "==NONE==",
    "Eve lives in Bern.",
)


def span(text: str, words: str, label: str) -> dict[str, Any]:
    """Return the first place of some words as a span."""
    start = text.index(words)
    return {"start": start, "end": start + len(words), "label": label}


def value(number: int, *relations: tuple[str, str, str]) -> list[dict[str, Any]]:
    """Return the entities of a text with relations between them, each named by its words: (head, label, tail)."""
    text, entities = TEXTS[number], ENTITIES[number]
    spans = {words: span(text, words, "PLACE" if label == "GPE" else label) for words, label in entities}
    links = [{"head": spans[head], "tail": spans[tail], "label": label} for head, label, tail in relations]
    return TASK.check([*spans.values(), *links])


TRUE = (
    value(0, ("Ada", "LIVES_IN", "London"), ("Bob", "LIVES_IN", "London"), ("Ada", "MARRIED_TO", "Bob")),
    value(1, ("İda", "MARRIED_TO", "Max")),
    value(2),
    value(3, ("Eve", "LIVES_IN", "Bern")),
)


def make(root: Path, replies: Sequence[str] = REPLIES) -> Project:
    """Write the project `people` into a folder, with the replies to its prompts, and return it."""
    folder = root / "configs" / "people"
    shutil.copytree(ROOT / "configs" / "presets", root / "configs" / "presets")
    folder.mkdir()
    (folder / "project.toml").write_text(TOML, "utf-8")
    (folder / "llm.cfg").write_text(CFG, "utf-8")
    rows = [
        {"text": text, "spans": [span(text, *entity) for entity in entities]}
        for text, entities in zip(TEXTS, ENTITIES, strict=True)
    ]
    lines(folder / "entities.jsonl", rows)
    lines(root / "texts.jsonl", [{"id": f"t-{number}", "text": text} for number, text in enumerate(TEXTS)])
    lines(root / "reference.jsonl", [{"id": f"t-{number}", **by_number(each)} for number, each in enumerate(TRUE)])
    project = load_project("people", root)
    prompts = Teacher(project.config("llm"), project.task).prompts(TEXTS)
    names = ("prompt_sha256", "model", "recorded", "reply")
    recorded = [
        dict(zip(names, (sha256(prompt.encode()).hexdigest(), "recorded", "2026-11-21", reply), strict=True))
        for prompt, reply in zip(prompts, replies, strict=True)
    ]
    lines(root / "replies.jsonl", recorded)
    return project


def by_number(items: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a value as spans, and relations that name these by their numbers."""
    spans = [item for item in items if "head" not in item]
    links = [item for item in items if "head" in item]
    return {
        "spans": spans,
        "relations": [{**each, "head": spans.index(each["head"]), "tail": spans.index(each["tail"])} for each in links],
    }


def lines(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    """Write JSON lines."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path
