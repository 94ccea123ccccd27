"""Labels without reading: rules, lists of terms, agreement; and a model that asks for what it does not know."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .desk import Part

if TYPE_CHECKING:
    import pandas as pd

    from ..review import Queue
    from .rules import Ruled

    Terms = Sequence[str] | str | Path


class Ruling(Part):
    """Labels without reading: rules, lists of terms, agreement; and a model that asks for what it does not know."""

    def rule(
        self,
        name: str,
        *,
        label: str | None = None,
        regex: str | Mapping[str, str] | None = None,
        terms: Terms | Mapping[str, Terms] | None = None,
        patterns: Sequence[Any] | Mapping[str, Sequence[Any]] | None = None,
        function: Callable[[str], Any] | None = None,
        otherwise: str = "abstain",
        language: str = "en",
        against: str = "person",
    ) -> Ruled:
        r"""Have a rule label the texts it knows something of: weak supervision.

        A rule is an annotator like any other: `compare`, `summary` and `evaluate` take it by its name. It does not
        vote on labels unless it is named. Change it, and it is another version; run it again, and what it no longer
        says is taken back.

        Parameters
        ----------
        name : str
            What it is called. Without a means below, the rule of this name in the project's `rules.toml`.
        label : str, optional
            What is said of a text that matches, or of the characters that do where the task is of spans.
        regex, terms, patterns, function
            What it goes by, one of them; see `labkit.rules.make_rule`. Each but the function may be a mapping of
            label to its own.
        otherwise : {"abstain", "none"}
            What is said of a text that does not match: nothing, or that no label applies.
        language : str
            Whose tokens terms and patterns are matched with.
        against : str
            Whose labels say how often it is right: ``"person"``, or ``"reference"``.

        Returns
        -------
        Ruled
            Its coverage, how often it is right, and the texts on which it failed, which are set aside.

        Raises
        ------
        LabError
            If there are no texts, the rule can't be made, or another annotator has its name.

        Examples
        --------
        >>> lab.rule("crash", label="BUG", regex=r"(?i)\bcrash(es|ed)?\b")  # doctest: +SKIP
               texts  coverage  overlaps  conflicts
        rule
        crash     40     0.053       0.0        0.0
        """
        from .rules import rule

        means = {"label": label, "regex": regex, "terms": terms, "patterns": patterns, "function": function}
        return rule(self._desk, name, against, otherwise=otherwise, language=language, **means)

    def rules(self, *names: str, name: str = "rules", against: str = "person") -> Ruled:
        """Run all rules of the project's `rules.toml`, and make an annotator of what they say together.

        Parameters
        ----------
        *names : str
            Only these; also rules that `rule` has run.
        name : str
            The annotator of what they say together: all labels and spans that one of them gives; of a task with one
            label, what most of them give. Texts on which they contradict each other have none.
        against : str
            Whose labels say how often they are right: ``"person"``, or ``"reference"``.

        Returns
        -------
        Ruled
            One row a rule: coverage, overlaps and conflicts with the others, and how often it is right.

        Raises
        ------
        LabError
            If there are no texts, no rules, or one of them can't be made.
        """
        from .rules import rules

        return rules(self._desk, names, name, against)

    def distant(self, terms: Terms | Mapping[str, Terms], *, label: str | None = None, name: str = "distant") -> Ruled:
        """Label every text by lists of terms: distant supervision.

        A text, or its characters, has a label where a term of it stands. Unlike a `rule`, it says of all other texts
        that no label applies: it takes the lists to be complete, as they seldom are.

        Parameters
        ----------
        terms : sequence of str, path, or mapping of label to either
            The terms, or a file with one a line.
        label : str, optional
            Their label, where there is one list.
        name : str
            The annotator.

        Returns
        -------
        Ruled
            As from `rule`.

        Raises
        ------
        LabError
            If there are no texts or no terms, or a label is not the project's.

        Notes
        -----
        Mintz, M. et al. (2009). Distant supervision for relation extraction without labeled data. Proceedings of the
        47th annual meeting of the ACL, pages 1003-1011.
        """
        return self.rule(name, label=label, terms=terms, otherwise="none")

    def pseudo_labels(self, agree: Sequence[str], *, confidence: float = 0.9, name: str = "pseudo") -> int:
        """Take for true what annotators agree on and are sure of, and return how many texts that labels.

        Learn from it with ``learn_from=["pseudo"]``. It is no person's decision, and does not vote.

        Parameters
        ----------
        agree : sequence of str
            Annotators that must all give the same value.
        confidence : float
            How sure each must be that gives scores, 0 to 1.
        name : str
            The annotator. Run again, it gives up what they no longer agree on.

        Raises
        ------
        LabError
            If one of them has labelled nothing, or `confidence` is not between 0 and 1.
        """
        from .rules import pseudo_labels

        return pseudo_labels(self._desk, agree, confidence, name)

    def uncertain(self, name: str = "cpu") -> Queue:
        """Train a model on the decisions so far, and rank the other texts by how unsure it is: active learning.

        Correct from the top of the queue, and call it again: the model learns anew from all decisions. It needs no
        LLM, and keeps no model and no annotations.

        Parameters
        ----------
        name : str
            A training configuration of the project.

        Returns
        -------
        Queue
            The texts that nobody decided, the least sure first; at random as long as all decisions say the same.

        Raises
        ------
        LabError
            If there are no texts, or no such configuration.

        Notes
        -----
        Lewis, D. D. and Gale, W. A. (1994). A sequential algorithm for training text classifiers. Proceedings of
        SIGIR '94, pages 3-12.
        """
        from .rules import uncertain

        return uncertain(self._desk, name)

    def learning_curve(
        self, name: str = "cpu", *, by: str = "reference", sizes: Sequence[int] = (25, 50, 100, 200), seeds: int = 3
    ) -> pd.DataFrame:
        """Play `uncertain` on texts whose labels are known, against decisions on texts at random.

        Parameters
        ----------
        name : str
            A training configuration of the project.
        by : str
            Whose labels are played as decisions, and scored against: of the train split, and of the others.
        sizes : sequence of int
            After how many decisions the model learns anew.
        seeds : int
            How often it is played, each time with another draw.

        Returns
        -------
        DataFrame
            F by decisions and order; see `labkit.student.curve.learning_curve`.

        Raises
        ------
        LabError
            If `by` has labelled nothing, or too few texts.
        """
        from .rules import learning_curve

        return learning_curve(self._desk, name, by, sizes, seeds)
