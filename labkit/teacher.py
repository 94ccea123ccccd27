"""Runs an LLM pipeline over texts, and sorts its replies by outcome."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .chat import Chat
from .errors import LabError
from .progress import Progress, Report, silent
from .store import Replies
from .tasks import Outcome, Task

if TYPE_CHECKING:
    from confection import Config
    from spacy.language import Language

BATCH = 256


@dataclass(frozen=True)
class Labelled:
    """What an LLM said of one text.

    Parameters
    ----------
    prompt, reply : str
        What was asked, and the raw answer.
    outcome : Outcome
        Whether the answer could be read, and if not, why.
    value : JSON
        The task's value; None unless the outcome has one.
    key : str or None
        The reply's key in the ledger; None for a model that keeps none.
    """

    prompt: str
    reply: str
    outcome: Outcome
    value: Any
    key: str | None


class Teacher:
    """An LLM with one prompt, as a spacy-llm pipeline.

    Parameters
    ----------
    config : Config
        A spaCy configuration with one component made by the factory `llm`.
    task : Task
        The task whose values are read.
    ledger : Replies, optional
        Where `labkit.Chat.v1` keeps replies. Other models of spacy-llm keep none.

    Raises
    ------
    LabError
        If the configuration has no LLM in it, or spacy-llm can't make the pipeline.
    """

    def __init__(self, config: Config, task: Task, ledger: Replies | None = None) -> None:
        self.task = task
        self._component = llm_component(config)
        if self._component is None:
            raise LabError("The configuration has no component made by the factory 'llm'.", "Add one, as in llm.cfg.")
        config["components"][self._component]["save_io"] = True
        self._nlp = _assemble(config)
        pipe: Any = self._nlp.get_pipe(self._component)
        self._prompter = pipe.task
        # An LLM may be asked for more labels than the project keeps: naming one of those is no unreadable reply.
        self._asked = replace(task, labels=tuple(pipe.labels) or task.labels)
        self._model = pipe._model  # spacy-llm offers no public way to the model
        self._settings = config["components"][self._component]
        if isinstance(self._model, Chat):
            self._model.ledger = ledger

    @property
    def chat(self) -> Chat | None:
        """The model, where it is `labkit.Chat.v1`."""
        return self._model if isinstance(self._model, Chat) else None

    @property
    def identity(self) -> dict[str, Any]:
        """Model, parameters and prompt template: what makes this LLM another annotator than the next."""
        model = self.chat.identity if self.chat else self._settings["model"]
        task = {key: value for key, value in self._settings["task"].items() if key != "template"}
        return {"model": model, "task": task, "template": self._prompter.prompt_template}

    @property
    def digest(self) -> str:
        """SHA-256 of `identity`, 64 hexadecimal digits."""
        return hashlib.sha256(json.dumps(self.identity, sort_keys=True, default=str).encode()).hexdigest()

    def prompts(self, texts: Sequence[str]) -> list[str]:
        """Return the exact prompt for each text."""
        docs = (self._nlp.make_doc(text) for text in texts)
        return [str(next(iter(prompts))) for prompts, _ in self._prompter.generate_prompts(docs)]

    def label(self, texts: Sequence[str], report: Report = silent) -> Iterator[Labelled]:
        """Ask the LLM for the label of each text, or take its reply from the ledger.

        Parameters
        ----------
        texts : sequence of str
            Any number of texts; they are worked off in batches.
        report : callable
            Is told how many texts are done.

        Yields
        ------
        Labelled
            One a text, in order.

        Raises
        ------
        LabError
            If replies are missing that can't be asked for. Checked over all texts before the first is labelled.
        """
        if self.chat and (missing := self.chat.missing(self.prompts(texts))):
            raise self.chat.unanswered(len(missing), len(texts))
        for done, doc in enumerate(self._nlp.pipe(texts, batch_size=BATCH), start=1):
            io = doc.user_data["llm_io"][self._component]
            prompt, reply = io["prompt"][0], io["response"][0]
            outcome = self._asked.outcome(reply)
            value = self.task.read(doc) if outcome.has_value else None
            yield Labelled(prompt, reply, outcome, value, self.chat.key(prompt) if self.chat else None)
            if done % BATCH == 0 or done == len(texts):
                report(Progress("labelling", done, len(texts)))


def llm_component(config: Config) -> str | None:
    """Return the name of the configuration's component made by the factory `llm`, or None."""
    components: Mapping[str, Any] = config.get("components", {})
    return next((name for name, settings in components.items() if settings.get("factory") == "llm"), None)


def _assemble(config: Config) -> Language:
    """Make the pipeline, without spacy-llm's remark that a text is never cut to fit a model's context."""
    from spacy_llm.util import assemble_from_config

    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Task supports sharding")
            return assemble_from_config(config)
    except (ValueError, OSError, TypeError) as error:  # confection's and spaCy's errors are ValueErrors
        raise LabError(f"spacy-llm can't make this pipeline: {error}", "Mend the configuration.") from None
