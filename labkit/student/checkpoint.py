"""Where a training stands, on disk, so that one that was killed goes on as if it had not been.

spaCy's loop can't begin in the middle. A training that is taken up again runs through the steps it has done with empty
batches, which costs next to nothing and leaves schedules, epochs and the order of texts where they were; then weights,
optimizer and random numbers are put back.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import LabError

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.training import Example
    from thinc.api import Model, Optimizer

    Batches = Iterable[tuple[int, list[Example]]]
    Evaluate = Callable[[], tuple[float, dict[str, Any]]]

FILE = "checkpoint.msgpack"
MOMENTS = ("mom1", "mom2", "averages")
COUNTS = ("nr_update", "last_seen")


@dataclass
class Checkpoint:
    """Where a training stood after an evaluation.

    Parameters
    ----------
    digest : str
        The training's `fingerprint`.
    steps : int
        Batches trained on.
    results : list
        Score and other scores of each evaluation.
    followed : dict
        What the follower had noted.
    weights : dict of str to bytes
        Each component's model.
    optimizer : dict
        Moments and counts, by the name of the weights that they belong to.
    chance : dict
        The states of the process's random numbers.
    """

    digest: str
    steps: int = 0
    results: list[Any] = field(default_factory=list)
    followed: dict[str, Any] = field(default_factory=dict)
    weights: dict[str, bytes] = field(default_factory=dict)
    optimizer: dict[str, Any] = field(default_factory=dict)
    chance: dict[str, Any] = field(default_factory=dict)


class Checkpoints:
    """The last checkpoint of one training, kept in a file of its folder.

    Parameters
    ----------
    folder : Path
        The training's folder.
    digest : str
        The training's `fingerprint`: the checkpoint of another one is not taken up.
    every : float
        Seconds between two checkpoints at the least; they are written after evaluations alone.
    """

    def __init__(self, folder: Path, digest: str, every: float) -> None:
        self._path, self._every = folder / FILE, every
        self.last = self._read(digest) or Checkpoint(digest)
        self._results: list[Any] = []
        self._written = time.monotonic()

    def batches(self, nlp: Language, optimizer: Optimizer, batches: Batches) -> Iterator[tuple[int, list[Example]]]:
        """Yield epochs and batches; those that were trained on before are empty."""
        left = iter(batches)
        for step in count():
            if step == self.last.steps and step:
                self._restore(nlp, optimizer)
            found = next(left, None)
            if found is None:
                return
            epoch, batch = found
            yield epoch, batch if step >= self.last.steps else []

    def evaluating(self, evaluate: Evaluate) -> Evaluate:
        """Return a function that gives the results of evaluations made before, then those of `evaluate`."""
        before = iter(self.last.results)

        def evaluated() -> tuple[float, dict[str, Any]]:
            score, others = next(before, None) or evaluate()
            self._results.append((score, others))
            return score, others

        return evaluated

    def due(self) -> bool:
        """Whether it is time for another checkpoint."""
        return time.monotonic() - self._written >= self._every

    def write(self, nlp: Language, optimizer: Optimizer, steps: int, followed: dict[str, Any]) -> None:
        """Put where the training stands in place of the checkpoint before.

        Raises
        ------
        LabError
            If the file can't be written; then the one before is still there.
        """
        import srsly

        now = Checkpoint(
            self.last.digest,
            steps,
            self._results,
            followed,
            {name: model.to_bytes() for name, model in _models(nlp)},
            _moments(nlp, optimizer),
            _chance(),
        )
        part = self._path.with_suffix(".part")
        try:
            with part.open("wb") as file:
                file.write(srsly.msgpack_dumps(asdict(now)))
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._path)
        except OSError as error:
            raise LabError(
                f"The checkpoint can't be written to {self._path.parent}: {error.strerror or error}.",
                "Free space there, and go on: the training takes up the checkpoint before.",
            ) from None
        self._written = time.monotonic()

    def _read(self, digest: str) -> Checkpoint | None:
        """Return the checkpoint of this training, or None: there is none, of another training, or half of one."""
        import srsly

        try:
            found = Checkpoint(**srsly.msgpack_loads(self._path.read_bytes()))
        except (OSError, ValueError, TypeError):
            return None
        return found if found.digest == digest else None

    def _restore(self, nlp: Language, optimizer: Optimizer) -> None:
        """Put weights, optimizer and random numbers back."""
        from thinc.api import get_current_ops

        for name, model in _models(nlp):
            model.from_bytes(self.last.weights[name])
        keys = {name: key for key, name in _names(nlp).items()}
        for kind in (*MOMENTS, *COUNTS):
            table = getattr(optimizer, kind)
            for name, value in self.last.optimizer.get(kind, {}).items():
                table[keys[name]] = get_current_ops().asarray(value) if kind in MOMENTS else value
        _draw_on(self.last.chance)


def _models(nlp: Language) -> Iterator[tuple[str, Model[Any, Any]]]:
    """Yield the components that are trained, and their models."""
    pipeline: list[tuple[str, Any]] = nlp.pipeline
    for name, component in pipeline:
        if getattr(component, "is_trainable", False):
            yield name, component.model


def _names(nlp: Language) -> dict[tuple[int, str], str]:
    """Name each weight by its place: the numbers that the optimizer knows them by are another process's."""
    names: dict[tuple[int, str], str] = {}
    for component, model in _models(nlp):
        for place, node in enumerate(model.walk()):
            names |= {(node.id, name): f"{component}/{place}/{name}" for name in node.param_names}
            for number, shim in enumerate(node.shims):
                inner = shim._model.named_parameters() if hasattr(shim._model, "named_parameters") else ()
                names |= {(shim.id, name): f"{component}/{place}.{number}/{name}" for name, _ in inner}
    return names


def _moments(nlp: Language, optimizer: Optimizer) -> dict[str, Any]:
    """Return what the optimizer holds of each weight."""
    from thinc.api import to_numpy

    names = _names(nlp)
    tables: dict[str, Any] = {}
    for kind in (*MOMENTS, *COUNTS):
        table = getattr(optimizer, kind) or {}
        tables[kind] = {
            names[key]: to_numpy(value) if kind in MOMENTS else int(value)
            for key, value in table.items()
            if key in names
        }
    return tables


def _chance() -> dict[str, Any]:
    """Return the states of Python's, NumPy's and, where it is used, PyTorch's random numbers."""
    version, state, following = random.getstate()
    kind, words, *rest = np.random.get_state(legacy=True)
    states: dict[str, Any] = {"python": [version, list(state), following], "numpy": [kind, np.asarray(words), *rest]}
    if torch := sys.modules.get("torch"):
        states["torch"] = torch.get_rng_state().numpy()
        if torch.cuda.is_available():
            states["cuda"] = [state.numpy() for state in torch.cuda.get_rng_state_all()]
    return states


def _draw_on(states: dict[str, Any]) -> None:
    """Go on drawing random numbers where `_chance` was asked."""
    version, state, following = states["python"]
    random.setstate((version, tuple(state), following))
    kind, words, *rest = states["numpy"]
    np.random.set_state((kind, np.array(words), *rest))
    if "torch" in states and (torch := sys.modules.get("torch")):
        torch.set_rng_state(torch.from_numpy(np.array(states["torch"])))
        if "cuda" in states:
            torch.cuda.set_rng_state_all([torch.from_numpy(np.array(state)) for state in states["cuda"]])
