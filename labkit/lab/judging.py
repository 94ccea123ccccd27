"""Compares annotators, and has a person settle what they disagree on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..errors import LabError
from ..tasks.boundary import Boundary
from .desk import Part

if TYPE_CHECKING:
    import pandas as pd

    from ..review import Queue
    from ..widgets import Corrector
    from .gap import Gap


class Judging(Part):
    """Compares annotators, and has a person settle what they disagree on."""

    def compare(self, *names: str, settled: bool = True) -> Gap:
        """Compare what annotators say of the same texts.

        Parameters
        ----------
        *names : str
            Two or more annotators; if left out, all that draft labels: neither people nor the reference, and of rules
            only where there is nothing else, for most speak of one label among several, and what they leave out would
            count as a difference. `Gap.left_out` names them; how often they are right stands in `rules`.
        settled : bool
            Whether a boundary that was settled, see `settle`, is no difference any more.

        Returns
        -------
        Gap
            Agreement, kappa and confusion, a plot, and the queue of what to read.

        Raises
        ------
        LabError
            If one of them has not labelled anything.

        Examples
        --------
        >>> gap = lab.compare("llm", "llm-bare")
        >>> gap.headline
        'llm and llm-bare give 11 of 750 texts different labels'
        """
        from .gap import gap

        return gap(self._desk, names, settled=settled)

    def correct(
        self,
        queue: Queue | None = None,
        *,
        overlap: int = 1,
        share: float = 1.0,
        auto_accept: bool = False,
        plain: bool = False,
    ) -> Corrector:
        """Show texts one at a time and take a person's decisions, each committed before it shows as saved.

        Several people may do so at once: a text is handed to one of them, or to as many as the overlap asks for, and
        goes back when its card is closed or nobody has touched it for five minutes. Each sees only their own
        decisions; see `adjudicate`. Who comes back after that decides on the card if nobody else got it, and
        otherwise goes on with the next. What was decided while the store was out of reach is kept and counts in any
        case: such a text may have one decision more than asked for.

        Parameters
        ----------
        queue : Queue, optional
            What to read, in this order; by default all that annotators say, what they disagree on first. Texts that
            this person has decided are left out, and stand before the first card: undo leads back to them.
        overlap : int
            How many people decide on a text. A second person needs a queue that holds what the first has decided:
            the default, or ``gap.queue(decided=True)``.
        share : float
            Of which share of the texts, 0 to 1; one person decides on each of the others. Which they are is the
            same for everyone.
        auto_accept : bool
            Whether picking a label also accepts it; only where a text takes one label.
        plain : bool
            Whether to show plain buttons, for a front end that can't load the card. They are shown in any case
            where it has not loaded in 15 seconds.

        Returns
        -------
        Corrector
            The card, to be shown as the last expression of a cell.

        Raises
        ------
        LabError
            If the overlap is out of range, no queue is given and nobody has labelled anything, or decisions of a
            corrector that was open here before can't be saved.

        Examples
        --------
        >>> lab.correct(lab.compare("llm", "llm-bare").queue(decided=True)[:20])
        Corrector: issues
        """
        from ..review import Queue
        from ..store import Overlap
        from .correct import corrector

        if queue is not None and not isinstance(queue, Queue):
            raise LabError(f"{queue!r} is no queue.", "Give one: lab.compare().queue(), or a slice of it.")
        given = self.compare().queue(decided=True) if queue is None else queue
        return corrector(self._desk, given, Overlap(overlap, share), auto_accept=auto_accept, plain=plain)

    def settle(
        self,
        label: str,
        *,
        before: str = "",
        after: str = "",
        keep: Literal["shorter", "longer"] = "shorter",
        words: str = "",
        why: str = "",
    ) -> pd.DataFrame:
        """Settle once where the spans of a label begin or end, and apply it to all: see `Gap.boundaries`.

        The labels that follow are those of an annotator of their own, "settled", which says so: nobody read each
        text. They take the place of what models say, never of a person's decision or of what was accepted in bulk,
        and in comparisons a boundary that was settled is no difference.

        Parameters
        ----------
        label : str
            Whose spans.
        before, after : str
            The words that the longer of two spans has more, such as ``before="the"``.
        keep : {"shorter", "longer"}
            Whether spans go without these words, or with them wherever they stand beside one.
        words : str
            Only for spans of these words, such as ``"1990s"``.
        why : str
            The reason, kept with the rule.

        Returns
        -------
        DataFrame
            All rules that hold, as `settled` gives them.

        Raises
        ------
        LabError
            If the project is not of spans or has no such label, nobody has labelled anything, or the same words of
            the label are settled the other way.
        """
        from .settle import settle

        return settle(self._desk, Boundary(label, before, after, keep, words), why)

    def settled(self) -> pd.DataFrame:
        """Return the rules on boundaries: `rule` and its number, `by` whom and `why`, `spans` and `texts` it moved."""
        from .settle import settled

        return settled(self._desk)

    def unsettle(self, number: int) -> pd.DataFrame:
        """Take a rule on boundaries back, with all that followed from it.

        Parameters
        ----------
        number : int
            The rule's number in `settled`.

        Returns
        -------
        DataFrame
            The rules that hold, as `settled` gives them; they are numbered anew.

        Raises
        ------
        LabError
            If there is no rule of that number.
        """
        from .settle import unsettle

        return unsettle(self._desk, number)

    def load_labels(self, path: str | Path, annotator: str = "reference") -> int:
        """Load labels that people gave elsewhere, and return how many texts they are of.

        Parameters
        ----------
        path : str or Path
            JSONL with the columns `id` and `labels`, or `spans`, or `spans` and `relations`.
        annotator : str
            Whose labels they are. Those of ``"reference"`` are measured against and never trained on;
            any other name is a person's, whose decisions are trained on.

        Returns
        -------
        int
            How many texts. The same file loaded again changes nothing.

        Raises
        ------
        LabError
            If the file can't be read, a row is malformed, names a text that is not in the project, or a label that is
            none of the task's; with the line.

        Examples
        --------
        >>> lab.load_labels("data/issues/decisions.jsonl", annotator="recorded")
        100
        """
        from .ingest import load_labels

        return load_labels(self._desk, self._desk.project.path(path), annotator)

    def labels(
        self,
        *names: str,
        by: Sequence[str] = ("person", "accepted", "settled", "consensus", "llm"),
        method: str = "majority",
    ) -> pd.DataFrame:
        """Return the best label known for each text.

        Parameters
        ----------
        *names : str
            Whose labels to use; everyone's but the reference's if left out, and then rules do not vote.
        by : sequence of str
            Whose word counts, the best first: a kind of annotator, an annotator, or ``"consensus"``. By default a
            person's decision comes first, then what was accepted in bulk, then what follows from settled boundaries,
            then what most say, then the LLM's label.
        method : {"majority", "dawid-skene"}
            How the consensus is found; see `labkit.review.consensus`.

        Returns
        -------
        DataFrame
            One row a text that has a label: ``example``, ``value``, and ``origin``, which of `by` it is from.

        Raises
        ------
        LabError
            If one of `names` has labelled nothing, or there is no such method.

        Examples
        --------
        >>> lab.labels("llm", "llm-bare").origin.value_counts().to_dict()
        {'consensus': 739, 'llm': 11}
        """
        from ..review import consensus

        return consensus(self._desk.annotations(), self._desk.task, by, names or None, method)
