"""Has texts labelled, and says what was labelled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import LabError
from .desk import Part

if TYPE_CHECKING:
    import pandas as pd

    from ..chat import Estimate
    from .annotate import Annotated


class Labelling(Part):
    """Has texts labelled, and says what was labelled."""

    def estimate(self, name: str) -> Estimate:
        """Reckon the tokens, dollars and minutes that `annotate` would take; nothing is asked.

        Parameters
        ----------
        name : str
            A configuration of an LLM.

        Returns
        -------
        Estimate
            How many prompts have no reply yet, their tokens, dollars (None where the configuration has no prices) and
            minutes, and on how many replies of this model that rests. An engine that is rented for the pass counts with
            its start.

        Raises
        ------
        LabError
            If there are no texts, no such configuration, or its model is not `labkit.Chat.v1`.

        Examples
        --------
        Where all replies were recorded, nothing would be asked:

        >>> lab.estimate("llm")
        Of 750 prompts all have a reply: nothing is asked, and nothing is paid.
        """
        from .annotate import estimate

        return estimate(self._desk, name)

    def annotate(
        self,
        name: str,
        *,
        budget: float | None = None,
        folds: int = 5,
        learn_from: Sequence[str] = ("llm",),
        on: str = "here",
        gpu: Sequence[str] | None = None,
        containers: int | None = None,
        max_minutes: float | None = None,
        max_dollars: float | None = None,
        detach: bool | None = None,
    ) -> Annotated:
        """Have every text labelled by the annotator that `<name>.cfg` describes.

        What an LLM answered once is not asked again: run it once more, and only what has no reply is asked.

        Parameters
        ----------
        name : str
            A configuration of the project: an LLM with one prompt, or a local model.
        budget : float, optional
            Dollars that an LLM may cost at most in this pass; the configuration's budget by default.
        folds : int
            Into how many parts a local model's texts are cut: each part is labelled by a model that
            learned from the others, so that none scores a text it was trained on. The scores of a pretrained pipeline
            are calibrated in such parts.
        learn_from : sequence of str
            Whose labels a local model learns, the best first: kinds of annotator, such as "llm" and "person", or
            annotators by name. Those of the LLM alone by default: the model is there to disagree with it. A pretrained
            pipeline's scores are calibrated by people's decisions first, then by these.
        on : {"here", "modal"}
            Where it is done. At Modal, an LLM is asked from one container, which writes to the store that
            `DATABASE_URL` names; a local model's folds are spread over several.
        gpu : sequence of str, optional
            At Modal, kinds of GPU for a local model, the one that is wanted most first; none if left out.
        containers : int, optional
            At Modal, how many containers a local model's folds may have at the most; 4 if left out.
        max_minutes, max_dollars : float, optional
            At Modal, when it ends: at the limit that comes first; 120 minutes if both are left out. What an LLM itself
            costs comes on top: that is `budget`'s. Folds of a local model that are done by then are kept.
        detach : bool, optional
            At Modal, whether an LLM's pass goes on by itself: the cell returns at once, and the kernel may end. Follow
            it with `attach`.

        Returns
        -------
        Annotated
            How many texts, outcomes and labels; what failed and why; dollars spent.

        Raises
        ------
        LabError
            If there are no texts, no such configuration, or an LLM has to be asked and can't be. At Modal also for all
            that can go wrong there. What failed for one text alone is no error: it stands in ``failures``.

        Examples
        --------
        >>> said = lab.annotate("llm")
        >>> said.summary.loc["llm", ["texts", "parsed", "BUG"]].tolist()
        [750, 534, 323]
        """
        from .annotate import annotate
        from .places import place

        limits = {"max_minutes": max_minutes, "max_dollars": max_dollars, "detach": detach}
        where = place(on, self._desk, gpu=gpu, containers=containers, **limits)
        return annotate(self._desk, name, where=where, budget=budget, folds=folds, learn_from=learn_from)

    def annotations(self, *names: str) -> pd.DataFrame:
        """Return what each annotator said last of each text.

        Parameters
        ----------
        *names : str
            Only these annotators; everyone if left out.

        Returns
        -------
        DataFrame
            One row a text and annotator: ``example``, ``annotator`` and its ``kind``; the ``outcome``; the ``value``,
            None where the outcome carries none; and ``scores``, probabilities by label, where it gives some.

        Raises
        ------
        LabError
            If one of them has labelled nothing.

        Examples
        --------
        >>> lab.annotations("llm").outcome.value_counts().to_dict()
        {'parsed': 534, 'explicitly none': 216}
        """
        return self._desk.annotations(names or None)

    def summary(self, *names: str) -> pd.DataFrame:
        """Count what annotators said: one row an annotator, with its texts, outcomes and labels.

        Parameters
        ----------
        *names : str
            Only these annotators; everyone if left out.

        Returns
        -------
        DataFrame
            Indexed by ``annotator``; all in texts: ``texts`` labelled, one column for each outcome that occurs, and
            one for each label.

        Raises
        ------
        LabError
            If one of them has labelled nothing.

        Examples
        --------
        >>> lab.summary("llm", "llm-bare").DOCUMENTATION.to_dict()
        {'llm': 258, 'llm-bare': 249}
        """
        from ..review import describe

        return describe(self.annotations(*names), self._desk.task, names or None)

    def replies(self, name: str | None = None, *, outcome: str | None = None) -> pd.DataFrame:
        """Return what LLMs were asked and answered, a row a text and annotator.

        Parameters
        ----------
        name : str, optional
            Only this annotator.
        outcome : str, optional
            Only replies with this outcome, such as ``"unknown label"``.

        Returns
        -------
        DataFrame
            Columns `key`, `annotator`, `outcome`, `reply`, `prompt`, `error`, `tokens_in`, `tokens_out`,
            `dollars`, `seconds`; the last four are NaN where a reply was recorded elsewhere. No row for an annotator
            that is no LLM.

        Raises
        ------
        LabError
            If there is no such annotator, or no such outcome.

        Examples
        --------
        >>> lab.replies("llm", outcome="explicitly none").reply.unique().tolist()
        ['==NONE==']
        """
        from ..tasks import Outcome

        if outcome is not None and outcome not in set(Outcome):
            raise LabError(f"There is no outcome {outcome!r}.", f"Use one of: {', '.join(Outcome)}.")
        annotations, project = self._desk.store.annotations, self._desk.number
        if name is not None and name not in annotations.used(project):
            raise LabError(f"{name!r} has not labelled anything here.", f"Run lab.annotate({name!r}) first.")
        return annotations.replies(project, name, outcome)

    def findings(self, name: str) -> pd.DataFrame:
        """Say what became of each line in which an LLM listed a span.

        Parameters
        ----------
        name : str
            The annotator.

        Returns
        -------
        DataFrame
            One row a line of a reply: the text's `key` and the reply's `outcome`; `line`, `said`, `label`; the
            `finding`, such as ``"repeated"`` or ``"not in text"``; `start` and `end` in characters, and whether
            the span was `kept`. Count them with ``.finding.value_counts()``.

        Raises
        ------
        LabError
            If the project's task is not of spans, or there is no such annotator.
        """
        from .annotate import findings

        return findings(self._desk, name)
