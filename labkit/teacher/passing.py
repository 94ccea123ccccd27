"""One pass of an LLM over a project's texts: each is labelled, and what was said is kept."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from ..progress import Report, silent
from ..store import Annotation, Store
from .labelling import BATCH, Teacher


@dataclass(frozen=True)
class Passed:
    """What became of a pass.

    Parameters
    ----------
    failures : Counter
        Why texts have no reply: each reason with the number of its texts.
    dollars : Decimal
        Spent.
    """

    failures: Counter[str]
    dollars: Decimal


def run_pass(
    teacher: Teacher, store: Store, project: int, name: str, *, budget: float | None = None, report: Report = silent
) -> Passed:
    """Ask an LLM for the label of each text of a project, or take its reply from the ledger; keep what it said.

    Parameters
    ----------
    teacher : Teacher
        The LLM, with the store's ledger.
    store : Store
        Where the texts are, and what is said of them is kept.
    project : int
        The store's number of the project.
    name : str
        What the annotator is called there.
    budget : float, optional
        Dollars that may be spent at most; the configuration's budget by default.
    report : callable
        See `Teacher.label`.

    Raises
    ------
    LabError
        See `Teacher.label`.
    """
    from spacy.util import minibatch

    texts = store.examples.frame(project)
    annotator = store.annotations.annotator(project, name, "llm", teacher.digest, teacher.identity)
    failures: Counter[str] = Counter()
    labelled = zip(texts.example, teacher.label(list(texts.text), report, budget=budget), strict=True)
    for batch in minibatch(labelled, BATCH):
        failures.update(said.error for _, said in batch if said.error)
        store.annotations.add(
            annotator,
            (
                Annotation(int(example), said.outcome, said.value, said.scores, source=f"{name}.cfg", reply=said.key)
                for example, said in batch
                if said.key or not said.error  # what was not asked is not labelled
            ),
        )
    return Passed(failures, teacher.tally.spent if teacher.tally else Decimal(0))
