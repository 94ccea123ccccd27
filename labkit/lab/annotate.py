"""Has a project's texts labelled: by an LLM, or by a local model that did not train on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..cloud import Hosting, read_engine, read_settings
from ..errors import LabError
from ..files import Bad
from ..formats.replies import read_replies
from ..progress import Report
from ..review import consensus, describe
from ..store import Annotation, Reply, RunRow
from ..student import CALIBRATION, Runner, fingerprint, out_of_fold
from ..tasks import Outcome
from ..teacher import Passed, Teacher, llm_component, run_pass
from ..widgets import monitor
from .desk import Desk
from .pretrained import by_pipeline, caution
from .settle import settle_again
from .train import UNFINISHED

if TYPE_CHECKING:
    from confection import Config

    from ..chat import Estimate
    from .places import Place

FINDINGS = ["key", "outcome", "line", "said", "label", "finding", "start", "end", "kept"]


def annotate(
    desk: Desk, name: str, *, where: Place, budget: float | None, folds: int, learn_from: Sequence[str]
) -> Annotated:
    """Have every text labelled; see `labkit.Lab.annotate`."""
    learn_from = [learn_from] if isinstance(learn_from, str) else learn_from
    config = None if name in desk.project.pipelines else desk.project.config(name)
    passed, row = Passed(Counter(), Decimal(0)), None
    with monitor(f"{name} labels") as report:
        if config is None:
            by_pipeline(desk, name, folds, learn_from, report)
        elif llm_component(config):
            passed, row = where.label(name, config, budget, report)
        else:
            runner = where.folds()
            by_model(desk, name, config, folds, learn_from, report, runner)
            passed = Passed(Counter(), Decimal(str(runner.dollars if runner else 0)))
    return summarise(desk, name, passed, row)


def summarise(desk: Desk, name: str, passed: Passed, row: RunRow | None = None) -> Annotated:
    """Say what an annotator's pass came to."""
    settle_again(desk)
    table = pd.DataFrame(passed.failures.most_common(), columns=["reason", "texts"]).set_index("reason")
    said = desk.store.annotations.latest(desk.number, [name])
    summary = describe(said, desk.task, [name])
    return Annotated(
        name, summary, table, passed.dollars, row, caution(desk, name) if said.scores.notna().any() else ""
    )


@dataclass(frozen=True, repr=False)
class Annotated:
    """What one pass of an annotator came to.

    Parameters
    ----------
    name : str
        The annotator.
    summary : DataFrame
        One row, for the annotator: how many texts, outcomes and labels.
    failures : DataFrame
        Texts without a reply, by ``reason``: the column ``texts``.
    dollars : Decimal
        Spent in this pass.
    row : RunRow or None
        Its run, where it ran or runs elsewhere.
    caution : str
        What to know of its scores, in sentences; empty where there is nothing to say.
    """

    name: str
    summary: pd.DataFrame
    failures: pd.DataFrame
    dollars: Decimal
    row: RunRow | None = None
    caution: str = ""

    def __repr__(self) -> str:
        return "\n".join([self.summary.to_string(), *self._facts(), *([self.failures.to_string()] * self._failed)])

    def _repr_html_(self) -> str:
        """Show the same, with nothing in a reason taken for HTML."""
        facts = "".join(f"<p>{escape(fact)}</p>" for fact in self._facts())
        return self.summary.to_html() + facts + self.failures.to_html() * self._failed

    @property
    def _failed(self) -> bool:
        """Whether a text has no reply."""
        return not self.failures.empty

    def _facts(self) -> list[str]:
        """Say where it runs, what was spent, and how to ask again for what is missing."""
        run = []
        if self.row:
            follow = f" Follow it: lab.attach({self.row.id})" if self.row.state in UNFINISHED else ""
            run = [f"Run {self.row.id} at {self.row.place.capitalize()} is {self.row.state}.{follow}"]
        spent = [f"{self.dollars:.4f} dollars were spent."] * bool(self.dollars)
        again = f"{self.failures.texts.sum():,} texts have no reply. Ask for those alone: lab.annotate({self.name!r})"
        return [*run, *spent, *filter(None, [self.caution]), *[again] * self._failed]


def by_llm(desk: Desk, name: str, config: Config, budget: float | None, report: Report) -> Passed:
    """Ask an LLM for the label of each text, or take its reply from the ledger; keep what it said."""
    teacher = Teacher(config, desk.task, desk.store.replies, desk.project.root)
    recall(desk, teacher, desk.texts())
    if teacher.chat and (hosting := _hosting(desk, config)):
        teacher.chat.host = hosting
    return run_pass(teacher, desk.store, desk.number, name, budget=budget, report=report)


def _hosting(desk: Desk, config: Config) -> Hosting | None:
    """Return what rents the engine that a configuration asks for, if it asks for one."""
    engine = read_engine(config)
    return Hosting(engine, read_settings(desk.project.modal), desk.project.root) if engine else None


def estimate(desk: Desk, name: str) -> Estimate:
    """Reckon what a pass will take; see `labkit.Lab.estimate`."""
    texts, config = desk.texts(), desk.project.config(name)
    teacher = Teacher(config, desk.task, desk.store.replies, desk.project.root)
    recall(desk, teacher, texts)
    found, hosting = teacher.estimate(list(texts.text)), _hosting(desk, config)
    return hosting.reckon(found) if hosting else found


def findings(desk: Desk, name: str) -> pd.DataFrame:
    """Read an LLM's replies again, and say what became of each part; see `labkit.Lab.findings`."""
    desk.annotations([name])
    said = desk.store.annotations.replies(desk.number, name).dropna(subset="reply")
    texts = desk.texts().set_index("key").text
    parts = [
        {"key": key, "outcome": outcome, **part}
        for key, outcome, reply in zip(said.key, said.outcome, said.reply, strict=True)
        for part in desk.task.findings(reply, texts[key])
    ]
    return pd.DataFrame(parts, columns=FINDINGS).astype({"start": "Int64", "end": "Int64"})


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


def by_model(
    desk: Desk,
    name: str,
    config: Config,
    folds: int,
    learn_from: Sequence[str],
    report: Report,
    runner: Runner | None = None,
) -> None:
    """Train a small model on all folds but one and let it label that one, for each fold; keep what it said.

    Where the same texts, labels and configuration were run before, nothing is trained.
    """
    texts = desk.texts()
    annotations = desk.store.annotations.latest(desk.number)
    if not annotations[["kind", "annotator"]].isin(list(learn_from)).any(axis=None):
        raise LabError("There is no label that a model could learn from.", "Run lab.annotate('llm') first.")
    known = consensus(annotations, desk.task, by=learn_from).set_index("example").value
    rows = [(int(e), t, known.get(e)) for e, t in zip(texts.example, texts.text, strict=True)]
    how = {"folds": folds, "calibration": CALIBRATION}
    digest = fingerprint(config, desk.task, [(text, value) for _, text, value in rows], **how)
    annotator = desk.store.annotations.annotator(desk.number, name, "model", digest, how)
    if desk.store.annotations.count(annotator) == len(rows):
        return
    scored = out_of_fold(config, desk.task, rows, folds=folds, runner=runner, report=report)
    desk.store.annotations.add(annotator, (_annotation(row, name) for row in scored.itertuples()))


def _annotation(row: Any, name: str) -> Annotation:
    """Return what a model said of one text."""
    outcome = Outcome.PARSED if row.value else Outcome.NONE
    return Annotation(int(row.example), outcome, row.value, row.scores, source=f"{name}.cfg, fold {row.fold}")
