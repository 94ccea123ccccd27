"""Has a project's texts labelled: by an LLM, or by a local model that did not train on them."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..errors import LabError
from ..files import Bad
from ..formats.replies import read_replies
from ..progress import Report
from ..review import consensus
from ..store import Annotation, Reply
from ..student import fingerprint, out_of_fold
from ..tasks import Outcome
from ..teacher import BATCH, Teacher
from .desk import Desk

if TYPE_CHECKING:
    from confection import Config


def by_llm(desk: Desk, name: str, config: Config, report: Report) -> None:
    """Ask an LLM for the label of each text, or take its reply from the ledger; keep what it said."""
    from spacy.util import minibatch

    teacher, texts = Teacher(config, desk.task, desk.store.replies), desk.texts()
    recall(desk, teacher, texts)
    annotator = desk.store.annotations.annotator(desk.number, name, "llm", teacher.digest, teacher.identity)
    labelled = zip(texts.example, teacher.label(list(texts.text), report), strict=True)
    for batch in minibatch(labelled, BATCH):
        desk.store.annotations.add(
            annotator,
            (
                Annotation(int(example), said.outcome, said.value, source=f"{name}.cfg", reply=said.key)
                for example, said in batch
            ),
        )


def recall(desk: Desk, teacher: Teacher, texts: pd.DataFrame) -> None:
    """Load into the ledger those replies of the project's file that answer this configuration's prompts.

    A recorded reply is known by the hash of its prompt: it answers that prompt, and no changed one.
    """
    path, chat = desk.project.replies, teacher.chat
    if not path or not chat:
        return
    missing = {
        sha256(prompt.encode()).hexdigest(): prompt for prompt in chat.missing(teacher.prompts(list(texts.text)))
    }
    found: list[Reply] = []
    for row in read_replies(path) if missing else ():
        if isinstance(row, Bad):
            raise LabError(f"{row.source}, line {row.line}: {row.reason}.", "Mend that line, or take it out.")
        if row.prompt_sha256 in missing and row.model == chat.model:
            found.append(chat.record(missing[row.prompt_sha256], row.reply))
    desk.store.replies.add(found)


def by_model(desk: Desk, name: str, config: Config, folds: int, learn_from: Sequence[str], report: Report) -> None:
    """Train a small model on all folds but one and let it label that one, for each fold; keep what it said.

    Where the same texts, labels and configuration were run before, nothing is trained.
    """
    texts = desk.texts()
    annotations = desk.store.annotations.latest(desk.number)
    if not annotations.kind.isin(learn_from).any():
        raise LabError("There is no label that a model could learn from.", "Run lab.annotate('llm') first.")
    known = consensus(annotations, desk.task, by=learn_from).set_index("example").value
    rows = [(int(e), t, known.get(e)) for e, t in zip(texts.example, texts.text, strict=True)]
    digest = fingerprint(config, desk.task, [(text, value) for _, text, value in rows], folds=folds)
    annotator = desk.store.annotations.annotator(desk.number, name, "model", digest, {"folds": folds})
    if desk.store.annotations.count(annotator) == len(rows):
        return
    scored = out_of_fold(config, desk.task, rows, folds=folds, report=report)
    desk.store.annotations.add(annotator, (_annotation(row, name) for row in scored.itertuples()))


def _annotation(row: Any, name: str) -> Annotation:
    """Return what a model said of one text."""
    outcome = Outcome.PARSED if row.value else Outcome.NONE
    return Annotation(int(row.example), outcome, row.value, row.scores, source=f"{name}.cfg, fold {row.fold}")
