"""Has an LLM's pass run at Modal, in the store that everyone shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..cloud import Cloud, Rent, read_engine
from ..cloud.following import Job
from ..cloud.labelling import STORE, describe_labelling
from ..errors import LabError
from ..progress import Report
from ..project import read_secret
from ..store import RunRow
from ..teacher import Passed, Teacher
from .desk import Desk
from .moving import STEPS

if TYPE_CHECKING:
    from confection import Config

    from .annotate import Annotated

KIND = "annotation"


def send(
    desk: Desk,
    name: str,
    config: Config,
    budget: float | None,
    report: Report,
    *,
    rent: Rent,
    seconds: float,
    detach: bool,
) -> tuple[Passed, RunRow]:
    """Label in a container; replies that were recorded are in the ledger before it starts.

    Raises
    ------
    LabError
        If the store is the embedded one, the LLM needs a GPU of its own, or the job fails.
    """
    from .annotate import recall
    from .remote import run

    if read_secret(STORE, desk.project.root) is None:
        steps = "".join(f"\n    {step}" for step in STEPS)
        raise LabError(
            "The store is the embedded PostgreSQL of this machine, which no container at Modal can reach.",
            f"Move the project to a server, in three lines:{steps}",
        )
    if read_engine(config):
        raise LabError(
            f"{name}.cfg rents a GPU for its own LLM, and is steered from here.",
            f"Leave out on=: lab.annotate({name!r})",
        )
    teacher = Teacher(config, desk.task, desk.store.replies, desk.project.root)
    recall(desk, teacher, desk.texts())

    def describe(cloud: Cloud) -> Job:
        return describe_labelling(cloud, config, desk.task, desk.number, name, rent, seconds, budget=budget)

    begun = desk.store.runs.begin(desk.number, KIND, name, teacher.digest, {"config": config}, "modal")
    row = run(desk, begun, describe, report, detach=detach)
    return passed(row), row


def figures(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a run keeps of how a pass ended."""
    return {name: result[name] for name in ("failures", "llm_dollars", "seconds")}


def passed(row: RunRow) -> Passed:
    """Return what became of a pass, as far as its run knows."""
    spent = Decimal(str(row.figures.get("llm_dollars", 0))) + Decimal(str(row.dollars or 0))
    return Passed(Counter(row.figures.get("failures", {})), spent)


def show(desk: Desk, row: RunRow) -> Annotated:
    """Return what a cell shows of a pass."""
    from .annotate import summarise

    return summarise(desk, row.name, passed(row), row)
