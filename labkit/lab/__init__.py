"""The façade of DESIGN's one cell: binds a project, the store and a task."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .desk import sit_down

if TYPE_CHECKING:
    import pandas as pd

    from ..corpus import Ingested
    from ..project import Project
    from ..review import Queue
    from ..store import Store
    from ..widgets import Corrector
    from .gap import Gap
    from .train import Run

__all__ = ["Lab"]


class Lab:
    """One labelling project, from raw texts to a packaged model.

    Parameters
    ----------
    project : str
        The project's folder under `configs/`.
    name : str, optional
        The name under which its rows are kept, where several experiments share one folder; the
        project's own by default.
    root : Path, optional
        The folder that holds `configs/`; found from the working directory upwards by default.
    person : str, optional
        Who decides here; by default the user of the JupyterHub or of the system.

    Raises
    ------
    LabError
        If the project's settings are missing or malformed, or the store can't be opened.

    Notes
    -----
    The store is the PostgreSQL server that `DATABASE_URL` names, in the environment or in `.env`, else an
    embedded one in `.labkit/`.

    Examples
    --------
    >>> lab = Lab("issues")
    >>> lab.ingest("data/issues/texts.jsonl").texts
    750
    """

    def __init__(
        self, project: str, *, name: str | None = None, root: Path | None = None, person: str | None = None
    ) -> None:
        self._desk = sit_down(project, name, root, person)

    def __repr__(self) -> str:
        return f"Lab({self._desk.name!r})"

    @property
    def project(self) -> Project:
        """The project's settings and task."""
        return self._desk.project

    @property
    def store(self) -> Store:
        """Where everything is kept."""
        return self._desk.store

    def ingest(
        self,
        path: str | Path,
        *,
        text: str | None = None,
        id: str | None = None,
        label: str | None = None,
        limit: int = 100_000,
    ) -> Ingested:
        """Read texts into the project; what it holds already stays as it is.

        Parameters
        ----------
        path : str or Path
            A file (JSONL, CSV, TSV, Parquet, plain text) or a folder of them.
        text, id, label : str, optional
            The columns of the text, of its id, and of labels that come with it; found by name if left out.
        limit : int
            The longest text, in characters.

        Returns
        -------
        Ingested
            How many texts the project has, which rows were set aside and why, and near duplicates.

        Raises
        ------
        LabError
            If the path can't be read, or no column holds texts. A bad row is set aside, and no error.
        """
        from .ingest import ingest

        return ingest(self._desk, self.project.path(path), text=text, id=id, label=label, limit=limit)

    def texts(self, split: str | None = None) -> pd.DataFrame:
        """Return the project's texts: `example`, `key`, `text`, `split`.

        Parameters
        ----------
        split : {"train", "dev", "test"}, optional
            Only this part.
        """
        return self._desk.texts(split)

    def annotate(self, name: str, *, folds: int = 5, learn_from: Sequence[str] = ("llm",)) -> pd.DataFrame:
        """Have every text labelled by the annotator that `<name>.cfg` describes.

        Parameters
        ----------
        name : str
            A configuration of the project: an LLM with one prompt, or a local model.
        folds : int
            Into how many parts a local model's texts are cut: each part is labelled by a model that
            learned from the others, so that none scores a text it was trained on.
        learn_from : sequence of {"llm", "person"}
            Whose labels a local model learns, the best first. Those of the LLM alone by default: the model
            is there to disagree with it.

        Returns
        -------
        DataFrame
            One row, for the annotator: how many texts, outcomes and labels.

        Raises
        ------
        LabError
            If there are no texts, no such configuration, or LLM replies are missing that can't be asked for.
        """
        from ..review import describe
        from ..teacher import llm_component
        from ..widgets import monitor
        from .annotate import by_llm, by_model

        config = self.project.config(name)
        with monitor(f"{name} labels") as report:
            if llm_component(config):
                by_llm(self._desk, name, config, report)
            else:
                by_model(self._desk, name, config, folds, learn_from, report)
        return describe(self._desk.annotations([name]), self._desk.task)

    def annotations(self, *names: str) -> pd.DataFrame:
        """Return what each annotator said last: `example`, `annotator`, `kind`, `outcome`, `value`, `scores`.

        Parameters
        ----------
        *names : str
            Only these annotators.
        """
        return self._desk.annotations(names or None)

    def compare(self, *names: str) -> Gap:
        """Compare what annotators say of the same texts.

        Parameters
        ----------
        *names : str
            Two or more annotators; everyone but the reference if left out.

        Returns
        -------
        Gap
            Agreement, kappa and confusion, a plot, and the queue of what to read.

        Raises
        ------
        LabError
            If one of them has not labelled anything.
        """
        from .gap import gap

        return gap(self._desk, names)

    def correct(self, queue: Queue | None = None) -> Corrector:
        """Show texts one at a time and take a person's decisions, each committed before it shows as saved.

        Parameters
        ----------
        queue : Queue, optional
            What to read, in this order; by default what all annotators disagree on. Texts that this
            person has decided are left out.
        """
        from .correct import corrector

        return corrector(self._desk, queue or self.compare().queue())

    def load_labels(self, path: str | Path, annotator: str = "reference") -> int:
        """Load labels that people gave elsewhere, and return how many texts they are of.

        Parameters
        ----------
        path : str or Path
            JSONL with the columns `id` and `labels`.
        annotator : str
            Whose labels they are. Those of ``"reference"`` are measured against and never trained on;
            any other name is a person's, whose decisions are trained on.
        """
        from .correct import load_labels

        return load_labels(self._desk, self.project.path(path), annotator)

    def train(self, name: str) -> Run:
        """Train a small model on the best label known for each text: a person's, the consensus, or the LLM's.

        Parameters
        ----------
        name : str
            A training configuration of the project.

        Returns
        -------
        Run
            The trained model and its figures. The same configuration on the same labels is not trained twice.

        Raises
        ------
        LabError
            If there are no labels, or the configuration can't be trained.
        """
        from ..widgets import monitor
        from .train import run

        with monitor(f"{name} trains") as report:
            return run(self._desk, name, self.project.config(name), report)

    def evaluate(self, run: Run, split: str = "test") -> pd.DataFrame:
        """Score the LLMs, the trained model and their majority against the reference labels.

        Parameters
        ----------
        run : Run
            What `train` returned.
        split : {"test", "dev", "train"}
            On which texts.

        Returns
        -------
        DataFrame
            Precision, recall and F by annotator and label, each with a 95 % bootstrap interval.

        Raises
        ------
        LabError
            If there are no reference labels.
        """
        from .train import measure

        return measure(self._desk, run, split)

    def package(self, run: Run) -> Path:
        """Make a wheel of a trained model, for `pip install`, and return its path."""
        from .train import wheel

        return wheel(self._desk, run)

    def runs(self) -> pd.DataFrame:
        """Return the project's runs, newest first."""
        return self._desk.store.runs.frame(self._desk.number)
