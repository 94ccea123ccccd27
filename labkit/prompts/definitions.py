"""Asks an LLM for a sharper definition of a label, by what people corrected."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..chat import CUT_SHORT, DECLINED, Chat
from ..errors import LabError, one_line

if TYPE_CHECKING:
    from ..store.replies import Replies

TEMPLATE = Path(__file__).with_name("definition.jinja")
CASES, LONGEST = 20, 1000
"""How many corrections are shown to the LLM, and how many characters of each text."""


@dataclass(frozen=True, eq=False, repr=False)
class Suggestion:
    """A sharper definition of a label, written into a new configuration for a person to edit.

    Parameters
    ----------
    label : str
        The label.
    before, after : str
        Its definition in the old configuration (``""`` for none), and the one that the LLM suggests.
    corrections : DataFrame
        What it was made of; see `labkit.prompts.corrections`.
    prompt : str
        What the LLM was asked.
    name : str
        The new configuration's name.
    folder : str
        The folder that it stands in, from the project's root.
    """

    label: str
    before: str
    after: str
    corrections: pd.DataFrame
    prompt: str
    name: str
    folder: str

    @property
    def advice(self) -> str:
        """Where it stands, and what to do next."""
        return (
            f"It stands in {self.folder}/{self.name}.cfg: edit it there, then run lab.annotate({self.name!r}). These"
            " corrections are of the train split; compare prompts with split='test' or 'dev', where it was not made."
        )

    def __repr__(self) -> str:
        definitions = f"before: {self.before or 'none'}\nafter:  {self.after}"
        return f"{self._caption()}\n{definitions}\n{self.advice}\n{self._counts().to_string()}"

    def _repr_html_(self) -> str:
        """Show both definitions and the corrections, with nothing in a text taken for HTML."""
        rows = pd.DataFrame({"definition": [self.before or "none", self.after]}, index=["before", "after"])
        with pd.option_context("display.max_colwidth", None):
            definitions = rows.to_html()
        tables = f"{definitions}<p>{html.escape(self.advice)}</p>{self._counts().to_html()}"
        return f"<p>{html.escape(self._caption())}</p>{tables}{self.corrections.head(CASES).to_html(index=False)}"

    def _caption(self) -> str:
        """Say what it is."""
        used = min(len(self.corrections), CASES)
        return f"A sharper definition of {self.label}, by {used:,} of {len(self.corrections):,} corrections."

    def _counts(self) -> pd.DataFrame:
        """Count the corrections, by what they changed to what."""
        return self.corrections.groupby(["change", "llm", "person"]).size().rename("texts").to_frame()


def question(
    label: str, labels: Sequence[str], definitions: Mapping[str, str], corrections: pd.DataFrame, template: str
) -> str:
    """Return the prompt that asks for a sharper definition.

    Parameters
    ----------
    label : str
        The label to define.
    labels : sequence of str
        All labels.
    definitions : mapping of str to str
        What they mean so far.
    corrections : DataFrame
        What people corrected; the first `CASES` are shown, `LONGEST` characters of each text.
    template : str
        A Jinja template of `label`, `labels`, `definitions`, `added` and `removed` (whether there are such
        corrections), and `cases`, each with `change`, `text`, `llm` and `person`.

    Raises
    ------
    LabError
        If the template can't be rendered.
    """
    from jinja2 import TemplateError
    from jinja2.sandbox import SandboxedEnvironment

    cases = corrections.head(CASES).assign(text=corrections["text"].str.slice(0, LONGEST)).to_dict("records")
    changes = {case["change"] for case in cases}
    try:
        return (
            SandboxedEnvironment()
            .from_string(template)
            .render(
                label=label,
                labels=labels,
                definitions=definitions,
                added="added" in changes,
                removed="removed" in changes,
                cases=cases,
            )
        )
    except TemplateError as error:
        raise LabError(f"definition.jinja can't be rendered: {one_line(error)}.", "Mend that file.") from None


def ask(model: Mapping[str, Any], prompt: str, ledger: Replies, root: Path) -> str:
    """Ask an LLM one question in plain text, or take its answer from the ledger.

    Parameters
    ----------
    model : mapping
        The settings of a configuration's model, which must be ``labkit.Chat.v1``.
    prompt : str
        The question.
    ledger : Replies
        Where the answer is kept.
    root : Path
        The folder of `.env`, where the key may stand.

    Returns
    -------
    str
        The answer on one line, not empty.

    Raises
    ------
    LabError
        If the model is another one, there is no key, nobody answers, or the answer is empty, declined or cut short.
    """
    chat = _chat(model)
    chat.ledger, chat.root = ledger, root
    if chat.missing([prompt]):
        if not chat.can_ask:
            variable = chat.endpoint.key_variable
            raise LabError(
                f"{chat.model!r} has not answered this before, and {variable} is not set.",
                f"Set {variable} in the environment or .env, or write the definition yourself.",
            )
        chat.ask([prompt], 1)
    ((_, entry),) = chat.find([prompt])
    if entry.finish in CUT_SHORT:
        raise LabError(f"The answer of {chat.model!r} was cut short.", "Raise max_tokens in the configuration.")
    answer = " ".join((entry.reply or "").split()).strip("\"'“”")
    if not answer or entry.finish in DECLINED:
        why = entry.error or entry.finish or "an empty answer"
        raise LabError(f"{chat.model!r} gave no definition: {why}.", "Ask another model, or write the definition.")
    return answer


def _chat(model: Mapping[str, Any]) -> Chat:
    """Make the model, without a schema for its answers: a definition is no label."""
    from spacy_llm.registry import registry

    try:
        chat = registry.resolve({"model": dict(model)})["model"]
    except (ValueError, TypeError) as error:
        raise LabError(f"The model can't be made: {one_line(error)}.", "Mend the configuration.") from None
    if not isinstance(chat, Chat):
        raise LabError("Only labkit.Chat.v1 can be asked for a definition.", "Name it under [components.llm.model].")
    return chat
