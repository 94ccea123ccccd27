"""Compares a project's prompts, and writes new ones into its folder."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..corpus import normalise
from ..errors import LabError
from ..files import in_words
from ..prompts import (
    TEMPLATE,
    PromptComparison,
    Suggestion,
    add_prompt,
    ask,
    compare_prompts,
    corrections,
    draw_examples,
    examples_of,
    literal,
    question,
    with_section,
)
from ..teacher import llm_component
from .desk import Desk

if TYPE_CHECKING:
    import pandas as pd
    from confection import Config


def compare(desk: Desk, names: Sequence[str] | None, split: str | None) -> PromptComparison:
    """Compare prompts; see `labkit.Lab.compare_prompts`."""
    said = desk.annotations()
    chosen = said.annotator[said.kind == "llm"].unique().tolist() if names is None else list(names)
    shown = {normalise(str(each.get("text", ""))) for name in chosen for each in examples_of(*_llm(desk, name))}
    costs = desk.store.annotations.costs(desk.number, chosen)
    return compare_prompts(said, desk.texts(split), desk.task, chosen, costs, shown)


def draw(desk: Desk, name: str, n: int) -> pd.DataFrame:
    """Draw examples; see `labkit.Lab.draw_examples`."""
    _llm(desk, name)
    return draw_examples(desk.annotations(), desk.texts(), desk.task, name, n)


def few_shot(desk: Desk, name: str, n: int) -> str:
    """Write a prompt with examples; see `labkit.Lab.few_shot`."""
    _, component = _llm(desk, name)
    drawn, old = draw(desk, name, n), _text(desk, name)
    rows = [desk.task.example(text, value) for text, value in zip(drawn.text, drawn.value, strict=True)]
    examples = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
    note = f"Decisions of people, drawn by labkit for {name}.cfg: texts of the train split only."

    def files(new: str) -> dict[str, str]:
        reader = {"@misc": "spacy.FewShotReader.v1", "path": f"${{project.folder}}/{new}.jsonl"}
        section = with_section(old, f"components.{component}.task.examples", reader, note)
        return {f"{new}.jsonl": examples, f"{new}.cfg": section}

    stem = re.sub(r"-few-\d+(-\d+)?$", "", name)
    return add_prompt(desk.project.folder, f"{stem}-few-{len(drawn)}", files)


def corrected(desk: Desk, label: str, name: str) -> pd.DataFrame:
    """Collect the corrections of a label; see `labkit.Lab.corrections`."""
    return corrections(desk.annotations(), desk.texts(), desk.task, name, label)


def suggest(desk: Desk, label: str, name: str) -> Suggestion:
    """Ask for a sharper definition, and write it; see `labkit.Lab.suggest_definitions`."""
    found = corrected(desk, label, name)
    config, component = _llm(desk, name)
    settings: dict[str, Any] = config["components"][component]
    before: dict[str, str] = settings["task"].get("label_definitions") or {}
    own = desk.project.folder / TEMPLATE.name
    template = _read(own if own.is_file() else TEMPLATE)
    prompt = question(label, desk.task.labels, before, found, template)
    after = ask(settings["model"], prompt, desk.store.replies, desk.project.root)
    definitions = {key: literal(text) for key, text in {**before, label: after}.items()}
    section = f"components.{component}.task.label_definitions"
    note = f"{label} as the LLM of {name}.cfg defined it after corrections: edit it here."
    text = with_section(_text(desk, name), section, definitions, note)
    stem = re.sub(r"-definitions(-\d+)?$", "", name)
    new = add_prompt(desk.project.folder, f"{stem}-definitions", lambda free: {f"{free}.cfg": text})
    folder = desk.project.folder.relative_to(desk.project.root).as_posix()
    return Suggestion(label, before.get(label, ""), after, found, prompt, new, folder)


def _llm(desk: Desk, name: str) -> tuple[Config, str]:
    """Return a configuration and the name of its LLM's component; a LabError if there is none."""
    config = desk.project.config(name)
    component = llm_component(config)
    if component is None:
        raise LabError(f"{name}.cfg has no LLM in it, and so no prompt.", "Name a configuration with an LLM.")
    return config, component


def _text(desk: Desk, name: str) -> str:
    """Return a configuration as a person wrote it."""
    return _read(desk.project.folder / f"{name}.cfg")


def _read(path: Path) -> str:
    """Return a file's text."""
    with in_words(path, "read"):
        try:
            return path.read_text("utf-8")
        except UnicodeDecodeError:
            raise LabError(f"{path.name} is not written in UTF-8.", "Save it as UTF-8.") from None
