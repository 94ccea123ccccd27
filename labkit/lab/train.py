"""Trains the small model on the best labels known, measures it, and makes a wheel of it."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..errors import LabError
from ..progress import Report
from ..review import consensus, evaluate, majority
from ..review.voting import BEST_FIRST
from ..store import RunRow
from ..student import fingerprint, score, train
from ..tasks import Outcome
from ..wheels import package
from .desk import REFERENCE, Desk

if TYPE_CHECKING:
    from confection import Config
    from spacy.language import Language

KIND = "training"
STUDENT = "student"


@dataclass(frozen=True)
class Run:
    """A training: what it was made of, how it went, and where its model is.

    Parameters
    ----------
    row : RunRow
        The run, as the store has it.
    pipeline : Path
        The folder of the trained spaCy pipeline.
    """

    row: RunRow
    pipeline: Path

    @property
    def figures(self) -> dict[str, Any]:
        """What was measured: score, steps, seconds, words a second."""
        return self.row.figures

    @property
    def curve(self) -> list[dict[str, Any]]:
        """Loss and score, a row an evaluation: `step`, `epoch`, `loss`, `score`."""
        return list(self.row.figures["curve"])

    def load(self) -> Language:
        """Return the trained pipeline."""
        import spacy

        try:
            return spacy.load(self.pipeline)
        except OSError:
            raise LabError(f"The model of run {self.row.number} is gone from this disk.", "Train it again.") from None

    def __repr__(self) -> str:
        learned = ", ".join(f"{count} from {origin}" for origin, count in self.row.config["labels"].items())
        found = "no development texts" if (best := self.figures["score"]) is None else f"best score {best:.3f}"
        return f"Training of {self.row.name}: {self.row.state}, {found}, labels: {learned}"

    def _repr_html_(self) -> str:
        """Show the same sentence."""
        return f"<p>{html.escape(repr(self))}</p>"


def run(desk: Desk, name: str, config: Config, report: Report, learn_from: Sequence[str] | None = None) -> Run:
    """Train on the best label known for each text; a training of the same inputs is not done twice."""
    sets, origins = _material(desk, learn_from)
    # The same labels from somebody else give the same model; but a run and its wheel say where the labels came from.
    digest = sha256(f"{fingerprint(config, desk.task, *sets)} {sorted(origins.items())}".encode()).hexdigest()
    found = desk.store.runs.done(desk.number, KIND, digest)
    if found and (desk.home / str(found.artefact)).is_dir():
        return Run(found, desk.home / str(found.artefact))
    id_ = desk.store.runs.begin(desk.number, KIND, name, digest, {"config": config, "labels": origins})
    state, figures, artefact, error = "failed", {}, None, None
    try:
        trained = train(config, desk.task, *sets, out=desk.home / "models" / str(id_), report=report)
        state = "stopped" if trained.interrupted else "done"
        artefact = str(trained.pipeline.relative_to(desk.home))
        figures = {
            "score": trained.score,
            "steps": trained.steps,
            "seconds": trained.seconds,
            "words_per_second": trained.words_per_second,
            "per_label": trained.per_label,
            "curve": trained.curve,
        }
    except LabError as failure:
        error = str(failure)
        raise
    finally:
        desk.store.runs.end(id_, state, figures, artefact, error)
    return Run(desk.store.runs.get(id_), desk.home / artefact)


def _material(desk: Desk, learn_from: Sequence[str] | None) -> tuple[tuple[list[tuple[str, Any]], ...], dict[str, int]]:
    """Return the texts and labels to train on and to choose by, and where the labels come from."""
    by = BEST_FIRST if learn_from is None else learn_from
    known = consensus(desk.store.annotations.latest(desk.number), desk.task, by).set_index("example")
    texts = desk.texts().join(known, on="example", how="inner")
    if texts.empty:
        raise LabError(f"No text of {desk.name!r} has a label to learn from.", "Run lab.annotate('llm') first.")
    parts = [texts[texts.split == split] for split in ("train", "dev")]
    origins = pd.concat(parts).origin.value_counts(sort=False)
    sets = tuple(list(zip(part.text, part.value, strict=True)) for part in parts)
    return sets, {str(origin): int(count) for origin, count in origins.items()}


def measure(desk: Desk, trained: Run | None, split: str | None) -> pd.DataFrame:
    """Score annotators and a trained model against the reference, on one split or on all texts."""
    texts, said = desk.texts(split), desk.annotations()
    if REFERENCE not in set(said.annotator):
        raise LabError(
            f"{desk.name!r} has no reference labels to measure against.",
            "Load some that people gave: lab.load_labels('people.jsonl').",
        )
    kinds = ["llm", REFERENCE] if trained else ["llm", "model", "rule", REFERENCE]
    said = said[said.example.isin(texts.example) & said.kind.isin(kinds)]
    if trained:
        said = pd.concat([said, predictions(desk, trained, texts)], ignore_index=True)
        said = pd.concat([said, majority(said, desk.task)], ignore_index=True)
    return evaluate(said, desk.task, REFERENCE)


def predictions(desk: Desk, trained: Run, texts: pd.DataFrame) -> pd.DataFrame:
    """Return what the trained model says of `texts`, as annotations of an annotator called "student"."""
    found = score(trained.load(), desk.task, list(texts.text))
    return pd.DataFrame(
        {
            "example": texts.example.to_numpy(),
            "annotator": STUDENT,
            "kind": "model",
            "outcome": [str(Outcome.PARSED if value else Outcome.NONE) for value, _ in found],
            "value": [value for value, _ in found],
            "scores": [scores for _, scores in found],
        }
    )


def wheel(desk: Desk, trained: Run) -> Path:
    """Make a wheel of a trained pipeline, its name, version and description from the store."""
    row = trained.row
    meta = {
        "description": f"Learned from the labels of the labkit project {desk.name!r} with {row.name}.cfg",
        "labkit": {
            "project": desk.name,
            "task": {"kind": desk.task.kind, "labels": list(desk.task.labels)},
            "labels_from": row.config["labels"],
            "digest": row.digest,
            "score": row.figures["score"],
            "per_label": row.figures["per_label"],
        },
    }
    out = desk.home / "wheels"
    return package(trained.pipeline, name=f"{desk.name}_{row.name}", version=f"0.{row.number}.0", meta=meta, out=out)
