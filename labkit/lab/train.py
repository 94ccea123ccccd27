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

    from .places import Place

KIND = "training"
STUDENT = "student"
FIGURES = ("score", "steps", "seconds", "words_per_second", "per_label", "curve")
"""What a run keeps of how a training went."""

UNFINISHED = ("queued", "running")


@dataclass(frozen=True)
class Run:
    """A training: what it was made of, how it went, and where its model is.

    Parameters
    ----------
    row : RunRow
        The run, as the store has it.
    pipeline : Path
        The folder of the trained spaCy pipeline; of a model that was trained elsewhere, once it was fetched.
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
        return list(self.row.figures.get("curve", []))

    def load(self) -> Language:
        """Return the trained pipeline."""
        import spacy

        self.refuse_absent()
        try:
            return spacy.load(self.pipeline)
        except OSError:
            raise LabError(f"The model of run {self.row.id} can't be read.", "Train it again.") from None

    def refuse_absent(self) -> None:
        """Raise LabError where the model is still elsewhere, or not trained yet."""
        if self.row.state in UNFINISHED:
            raise LabError(f"Run {self.row.id} is {self.row.state}.", f"Wait for it: lab.attach({self.row.id})")
        if self.row.remote and not self.pipeline.is_dir():
            raise LabError(f"The model of run {self.row.id} is not here yet.", f"Run lab.fetch({self.row.id}) first.")
        if not self.pipeline.is_dir():
            raise LabError(f"The model of run {self.row.id} is gone from this disk.", "Train it again.")

    def __repr__(self) -> str:
        row = self.row
        where = f" on {row.place}, run {row.id}" if row.remote else "" if row.place == "here" else f" ({row.place})"
        said = [f"Training of {row.name}: {row.state}{where}"]
        if "score" in self.figures:
            said.append("no development texts" if (best := self.figures["score"]) is None else f"best score {best:.3f}")
        if row.dollars is not None:
            said.append(f"${row.dollars:.4f}")
        said.append("labels: " + ", ".join(f"{count} from {origin}" for origin, count in row.config["labels"].items()))
        return ", ".join(said)

    def _repr_html_(self) -> str:
        """Show the same sentence."""
        return f"<p>{html.escape(repr(self))}</p>"


def need_run(given: object) -> Run:
    """Return what was given as a run; a LabError if it is none."""
    if not isinstance(given, Run):
        raise LabError(f"{given!r} is no run.", "Give what lab.train or lab.fetch returned.")
    return given


@dataclass(frozen=True)
class Training:
    """What is to be trained, wherever.

    Parameters
    ----------
    name : str
        The configuration's name.
    config : Config
        The configuration.
    sets : sequence of (sequence of (str, value))
        What to learn from, and what to choose the best model by.
    origins : dict of str to int
        How many labels come from whom.
    digest : str
        What all of it adds up to: the same digest, the same model.
    """

    name: str
    config: Config
    sets: tuple[list[tuple[str, Any]], ...]
    origins: dict[str, int]
    digest: str

    def begin(self, desk: Desk, place: str) -> int:
        """Record that it begins, and return the run's number in the store."""
        config = {"config": self.config, "labels": self.origins}
        return desk.store.runs.begin(desk.number, KIND, self.name, self.digest, config, place)


def run(
    desk: Desk, name: str, config: Config, report: Report, place: Place, learn_from: Sequence[str] | None = None
) -> Run:
    """Train on the best label known for each text; a training of the same inputs is not done twice."""
    sets, origins = material(desk, learn_from)
    # The same labels from somebody else give the same model; but a run and its wheel say where the labels came from.
    digest = sha256(f"{fingerprint(config, desk.task, *sets)} {sorted(origins.items())}".encode()).hexdigest()
    found = desk.store.runs.done(desk.number, KIND, digest)
    if found and (found.remote or (desk.home / str(found.artefact)).is_dir()):
        return as_run(desk, found)
    return place.train(Training(name, config, sets, origins, digest), report)


def as_run(desk: Desk, row: RunRow) -> Run:
    """Return a run of the store with the place of its model."""
    return Run(row, desk.home / (row.artefact or f"models/{row.id}"))


def train_here(desk: Desk, training: Training, report: Report) -> Run:
    """Train in this process."""
    id_ = training.begin(desk, "here")
    state, figures, artefact, error = "failed", {}, None, None
    try:
        trained = train(training.config, desk.task, *training.sets, out=desk.home / "models" / str(id_), report=report)
        state = "stopped" if trained.interrupted else "done"
        artefact = str(trained.pipeline.relative_to(desk.home))
        figures = {name: getattr(trained, name) for name in FIGURES}
    except LabError as failure:
        error = str(failure)
        raise
    finally:
        desk.store.runs.end(id_, state, figures, artefact, error)
    return as_run(desk, desk.store.runs.get(id_))


def material(desk: Desk, learn_from: Sequence[str] | None) -> tuple[tuple[list[tuple[str, Any]], ...], dict[str, int]]:
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
    trained = None if trained is None else need_run(trained)
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
    need_run(trained).refuse_absent()
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
