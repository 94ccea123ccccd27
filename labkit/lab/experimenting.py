"""Treats prompts as experiments: compares them, and makes new ones of what people decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .desk import Part

if TYPE_CHECKING:
    import pandas as pd

    from ..prompts import PromptComparison, Suggestion


class Experimenting(Part):
    """Treats prompts as experiments: compares them, and makes new ones of what people decided."""

    def compare_prompts(
        self, names: Sequence[str] | str | None = None, *, split: str | None = None
    ) -> PromptComparison:
        """Compare prompts on the texts that people decided.

        Texts that one of the prompts shows as examples are left out.

        Parameters
        ----------
        names : sequence of str, optional
            Annotators that are an LLM with a prompt; all of them by default.
        split : {"train", "dev", "test"}, optional
            Only on this part. A prompt that was made of corrections, as `suggest_definitions` makes them, is
            measured on "dev" or "test", where it was not made.

        Returns
        -------
        PromptComparison
            Each prompt's F with 95 % intervals, McNemar's test between each two, dollars for a thousand texts,
            and the texts on which they differ.

        Raises
        ------
        LabError
            If no person has decided anything, or one of them has not labelled anything or is no LLM.
        """
        from .prompts import compare

        return compare(self._desk, [names] if isinstance(names, str) else names, split)

    def draw_examples(self, name: str = "llm", *, n: int = 6) -> pd.DataFrame:
        """Return the examples that `few_shot` would put into a prompt; nothing is written.

        Parameters
        ----------
        name : str
            The configuration of the prompt.
        n : int
            How many at most.

        Returns
        -------
        DataFrame
            ``key, category, changed`` (whether a person changed the label of `name`), ``text``, ``value``, by the
            rule of `labkit.prompts.draw_examples`: only decided texts of the train split.

        Raises
        ------
        LabError
            If no person has decided on a text of the train split, or the configuration has no LLM in it.
        """
        from .prompts import draw

        return draw(self._desk, name, n)

    def few_shot(self, name: str = "llm", *, n: int = 6) -> str:
        """Write a copy of a prompt that also shows examples of people's decisions, and return its name.

        Parameters
        ----------
        name : str
            The configuration to start from.
        n : int
            How many examples at most.

        Returns
        -------
        str
            The new configuration's name, such as ``"llm-few-6"``, for `annotate`. Beside it stands the file of the
            examples. What is there is never overwritten: other examples get the next free name, the same ones the
            same name.

        Raises
        ------
        LabError
            If no person has decided on a text of the train split, or the configuration has no LLM in it.
        """
        from .prompts import few_shot

        return few_shot(self._desk, name, n)

    def corrections(self, label: str, *, name: str = "llm") -> pd.DataFrame:
        """Return the texts of the train split where a person added or removed a label against an LLM.

        Parameters
        ----------
        label : str
            The label.
        name : str
            The LLM with one prompt.

        Returns
        -------
        DataFrame
            ``key, change, llm, person, text``; see `labkit.prompts.corrections`.

        Raises
        ------
        LabError
            If the label is none of the task's, or the annotator has labelled nothing.
        """
        from .prompts import corrected

        return corrected(self._desk, label, name)

    def suggest_definitions(self, label: str, config: str = "llm") -> Suggestion:
        """Ask an LLM for a sharper definition of a label, by what people corrected, and write it as a new prompt.

        Parameters
        ----------
        label : str
            The label.
        config : str
            The configuration that was corrected, whose LLM is asked. The question is made by the project's own
            ``definition.jinja`` where there is one, else by labkit's.

        Returns
        -------
        Suggestion
            The corrections, both definitions, and the name of the new configuration, such as
            ``"llm-definitions"``, for a person to edit. What is there is never overwritten.

        Raises
        ------
        LabError
            If no person corrected the label, or the LLM can't be asked or gives no definition.
        """
        from .prompts import suggest

        return suggest(self._desk, label, config)
