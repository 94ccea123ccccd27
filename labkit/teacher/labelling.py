"""Runs an LLM pipeline over texts, and sorts its replies by outcome."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..chat import CUT_SHORT, DECLINED, Chat, Estimate, Tally
from ..errors import LabError
from ..memory import uncollected
from ..progress import Progress, Report, silent
from ..store.replies import Entry, Replies
from ..tasks import Outcome, Task
from .pipeline import Words, assemble, before, keep_whole, llm_component
from .prompting import render, whole

if TYPE_CHECKING:
    from confection import Config
    from spacy.tokens import Doc

BATCH = 1024


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
        The reply's key in the ledger; None for a model that keeps none, and for a question that was not asked.
    scores : dict of str to float or None
        A probability a label, where the endpoint says how sure the LLM was.
    error : str or None
        Why there is no answer.
    """

    prompt: str
    reply: str
    outcome: Outcome
    value: Any
    key: str | None
    scores: dict[str, float] | None = None
    error: str | None = None


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
    root : Path, optional
        The folder of `.env`; that of `configs/` by default.

    Attributes
    ----------
    tally : Tally or None
        What the last `label` asked; None if every reply was there.

    Raises
    ------
    LabError
        If the configuration has no LLM in it, spacy-llm can't make the pipeline, or the task is asked about what no
        component before the LLM marks.

    Notes
    -----
    Components before the LLM run first, and what they mark stands on the Docs from which prompts are made. Those
    behind it are left out: the value is the LLM's.
    """

    def __init__(self, config: Config, task: Task, ledger: Replies | None = None, root: Path | None = None) -> None:
        self.task = task
        self._component = llm_component(config)
        if self._component is None:
            raise LabError("The configuration has no component made by the factory 'llm'.", "Add one, as in llm.cfg.")
        if task.parser:
            config = config.copy()
            asked = config["components"][self._component].setdefault("task", {})
            asked.setdefault("parse_responses", {"@llm_misc": task.parser})
        self._nlp = assemble(config)
        self._words = Words(self._nlp)
        self._before = before(self._nlp, self._component, task.asks_about)
        pipe: Any = self._nlp.get_pipe(self._component)
        self._prompter = pipe.task
        # An LLM may be asked for more labels than the project keeps: naming one of those is no unreadable reply.
        self._asked = replace(task, labels=tuple(pipe.labels) or task.labels)
        self._model = pipe._model  # spacy-llm offers no public way to the model
        self._settings = config["components"][self._component]
        self.tally: Tally | None = None
        if isinstance(self._model, Chat):
            self._model.ledger, self._model.root = ledger, root
            self._model.shape(self._asked.schema(), self._asked.plain)
        keep_whole(self._prompter)

    @property
    def chat(self) -> Chat | None:
        """The model, where it is `labkit.Chat.v1`."""
        return self._model if isinstance(self._model, Chat) else None

    @property
    def identity(self) -> dict[str, Any]:
        """Model, parameters, prompt template and examples: what makes this LLM another annotator than the next."""
        model = self.chat.identity if self.chat else self._settings["model"]
        # Template and examples count by what they say, not by the place of their files on this disk.
        task = {key: value for key, value in self._settings["task"].items() if key not in ("template", "examples")}
        examples = [example.model_dump() for example in getattr(self._prompter, "_prompt_examples", [])]
        earlier = {name: self._nlp.config["components"][name] for name in self._before}
        found = {"model": model, "task": task, "template": self._prompter.prompt_template, "examples": examples}
        return {**found, "before": earlier} if earlier else found

    @property
    def digest(self) -> str:
        """SHA-256 of `identity`, 64 hexadecimal digits."""
        return hashlib.sha256(json.dumps(self.identity, sort_keys=True, default=str).encode()).hexdigest()

    def prompts(self, texts: Sequence[str]) -> list[str]:
        """Return the exact prompt for each text."""
        batches = (texts[start : start + BATCH] for start in range(0, len(texts), BATCH))
        return [prompt for batch in batches for prompt in self._render(batch)]

    def estimate(self, texts: Sequence[str]) -> Estimate:
        """Reckon tokens, dollars and minutes of labelling texts, without asking anything.

        Raises
        ------
        LabError
            If the model is not `labkit.Chat.v1`, which alone counts.
        """
        if not self.chat:
            raise LabError("Only labkit.Chat.v1 can be estimated.", "Name it under [components.llm.model].")
        return self.chat.estimate(self._stream(texts))

    def label(
        self, texts: Sequence[str], report: Report = silent, *, budget: float | None = None
    ) -> Iterator[Labelled]:
        """Ask the LLM for the label of each text, or take its reply from the ledger.

        Parameters
        ----------
        texts : sequence of str
            Any number of texts; they are worked off in batches.
        report : callable
            Is told how many texts have a reply while they are asked, then how many are labelled.
        budget : float, optional
            Dollars that may be spent at most; the configuration's budget by default.

        Yields
        ------
        Labelled
            One a text, in order. A text whose question failed, or was not asked because the budget was spent, has
            the outcome `ERROR`; it is asked when the same is run again.

        Raises
        ------
        LabError
            If texts have no reply and there is no key, nobody answers, or the endpoint refuses every request.

        Notes
        -----
        `tally` tells afterwards what was asked, what it cost, and what failed for which reason.
        """
        self.tally = None
        for start in range(0, len(texts), BATCH):
            batch = texts[start : start + BATCH]
            rows = self._rows(batch)
            if self.chat and not self.tally and any(row.outcome is Outcome.ERROR for row in rows):
                self.tally = self.chat.ask(self._stream(texts[start:]), len(texts) - start, report, budget=budget)
                rows = self._rows(batch)
            yield from rows
            report(Progress("labelling", start + len(batch), len(texts)))

    def docs(self, texts: Sequence[str]) -> Iterator[tuple[Doc, Labelled]]:
        """Return each text as a Doc with the labels that the LLM's stored reply gives it.

        Parameters
        ----------
        texts : sequence of str
            A batch at most: the Docs of a million texts fill the memory. Nothing is asked.

        Yields
        ------
        tuple of Doc and Labelled
            One a text, in order. The Doc of a reply that can't be read carries no label at all, not an empty one.
        """
        self._words.learn(texts)
        with uncollected():
            docs = self._docs(texts)
        yield from self._read(texts, docs)

    def _read(self, texts: Sequence[str], docs: list[Doc]) -> list[tuple[Doc, Labelled]]:
        """Set the labels of texts on their Docs, from the ledger's answers to their prompts."""
        prompts = render(self._prompter, texts, docs)
        entries = self._entries(prompts)
        with uncollected():
            said = [self._sort(*row) for row in zip(texts, docs, prompts, entries, strict=True)]
            readable = [i for i, labelled in enumerate(said) if labelled.outcome.has_value]
            parsed = self._prompter.parse_responses(
                ([docs[i]] for i in readable), ([self._plain(said[i].reply)] for i in readable)
            )
            for i, doc in zip(readable, parsed, strict=True):
                value, confidence = self.task.read(doc), entries[i][1].confidence
                scores = None if confidence is None else self.task.belief(value, confidence)
                docs[i], said[i] = doc, replace(said[i], value=value, scores=scores)
        return list(zip(docs, said, strict=True))

    def _rows(self, texts: Sequence[str]) -> list[Labelled]:
        """Return what the LLM said of a batch of texts, and let go of their Docs and words."""
        bare = self.task.whole_text and not self._before
        with self._nlp.memory_zone():
            with uncollected():
                docs = list(whole(texts)) if bare else self._docs(texts)
            return [labelled for _, labelled in self._read(texts, docs)]

    def _docs(self, texts: Sequence[str]) -> list[Doc]:
        """Return Docs with tokens, and with what the components before the LLM mark."""
        if not self._before:
            return [self._nlp.make_doc(text) for text in texts]
        with self._nlp.select_pipes(enable=self._before):
            docs = list(self._nlp.pipe(texts))
        for doc in docs:
            self.task.prepare(doc)
        return docs

    def _render(self, texts: Sequence[str]) -> list[str]:
        """Return the prompts of a batch of texts, whose Docs are made only where they are needed."""
        return render(self._prompter, texts, self._docs(texts) if self._before else whole(texts))

    def _stream(self, texts: Sequence[str]) -> Iterator[str]:
        """Render the prompts of any number of texts, a batch at a time."""
        for start in range(0, len(texts), BATCH):
            yield from self.prompts(texts[start : start + BATCH])

    def _entries(self, prompts: list[str]) -> Sequence[tuple[str | None, Entry]]:
        """Return the ledger's key and entry of each prompt; a model without a ledger is asked."""
        if self.chat:
            return self.chat.find(prompts)
        try:
            answers = [str(next(iter(answer))) for answer in self._model([[prompt] for prompt in prompts])]
        except Exception as error:  # whatever a model of spacy-llm or its service raises
            raise LabError(
                f"The model failed: {type(error).__name__}.", "Use labkit.Chat.v1, which costs a failure its own text."
            ) from None
        return [(None, Entry(answer, "", None, None)) for answer in answers]

    def _sort(self, text: str, doc: Doc, prompt: str, found: tuple[str | None, Entry]) -> Labelled:
        """Give a reply its outcome."""
        key, entry = found
        if entry.reply is None:
            stopped = self.tally and self.tally.stopped
            error = entry.error or (f"not asked: {stopped}" if stopped else "not asked")
            return Labelled(prompt, "", Outcome.ERROR, None, key if entry.error else None, error=error)
        if entry.finish in DECLINED:
            outcome = Outcome.REFUSED
        elif entry.finish in CUT_SHORT:
            outcome = Outcome.TRUNCATED
        else:
            entities = len(doc.ents) if self.task.asks_about else None  # counted where they matter: it takes time
            outcome = self._asked.outcome(self._plain(entry.reply), text, entities)
        return Labelled(prompt, entry.reply, outcome, None, key)

    def _plain(self, reply: str) -> str:
        """Return a raw reply as the text that the task's parser reads."""
        return self.chat.plain(reply) if self.chat else reply
