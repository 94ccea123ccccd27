"""Which prompt is right more often, by how much, at what price, and where they differ."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pandas as pd

from ..errors import LabError
from ..metrics import MACRO, WHOLE, mcnemar, scores
from ..tasks import Task
from .decisions import people_say, says

PERSON = "person"
OWN_COLUMNS = {"key", "text", PERSON}
COSTS = ["tokens_in", "tokens_out", "dollars"]
SHOWN, WIDTH, DIGITS = 10, 80, 3
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
CAUTION = (
    "People decided on these texts, and nobody drew them at random: where a queue chose them they are the hard ones."
    " The figures tell the prompts apart; they do not say how right a prompt is on all texts."
)


@dataclass(frozen=True, eq=False, repr=False)
class PromptComparison:
    """How prompts do on the texts that people decided. Made by `compare_prompts`.

    Parameters
    ----------
    summary : DataFrame
        One row a prompt: the share of texts whose whole value is ``right``, and ``f``, the mean over labels of
        F1; each with the ends of its 95 % bootstrap interval (``right_low, right_high, f_low, f_high``). Then
        ``left_out``, decided texts to which it gave no readable label; ``tokens_in, tokens_out``, the mean of a
        text; and ``dollars``, the cost of a thousand texts. NaN where the ledger does not know: recorded replies
        carry no tokens.
    scores : DataFrame
        Indexed by ``prompt`` and ``label``: the table of `labkit.metrics.scores`.
    tests : DataFrame
        One row a pair: ``a, b``, in texts ``both_right, only_a, only_b, neither``, and ``p``: how likely a
        difference this large is between two equally good prompts (`labkit.metrics.mcnemar`).
    differences : DataFrame
        One row for each text on which they differ: ``key``, ``text`` (cut), each prompt's value in words, and the
        ``person``'s.
    texts : int
        How many texts all of this is counted on: those that a person decided and every prompt labelled.
    shown : int
        How many decided texts are left out because a prompt shows them, with the answer, as examples.
    """

    summary: pd.DataFrame
    scores: pd.DataFrame
    tests: pd.DataFrame
    differences: pd.DataFrame
    texts: int
    shown: int

    @property
    def headline(self) -> str:
        """What to see, in one sentence."""
        shares = ", ".join(f"{name} {right:.1%}" for name, right in self.summary["right"].items())
        without = f" (without {self.shown:,} that prompts show as examples)" if self.shown else ""
        return f"Right on {self.texts:,} texts that people decided{without}: {shares}"

    def __repr__(self) -> str:
        tables = [self.summary.to_string(), self._tests().to_string(index=False)]
        differences = f"{self._caption()}\n{self._top().to_string(index=False)}"
        return "\n\n".join([f"{self.headline}. {CAUTION}", *tables, differences])

    def _repr_html_(self) -> str:
        """Show the headline, the caution, and the tables, with nothing in a text taken for HTML."""
        tables = [self.summary.to_html(na_rep="unknown"), self._tests().to_html(index=False)]
        differences = f"<p>{html.escape(self._caption())}</p>{self._top().to_html(index=False)}"
        return f"<p>{html.escape(self.headline)}. {CAUTION}</p>{''.join(tables)}{differences}"

    def _tests(self) -> pd.DataFrame:
        """Return the tests with p to two digits that count."""
        return self.tests.assign(p=[f"{p:.2g}" for p in self.tests["p"]])

    def _caption(self) -> str:
        """Say on how many texts they differ."""
        shown = f", the first {SHOWN} shown" if len(self.differences) > SHOWN else ""
        return f"They differ on {len(self.differences):,} texts{shown}."

    def _top(self) -> pd.DataFrame:
        """Return the first differences."""
        return self.differences.head(SHOWN)


def compare_prompts(
    annotations: pd.DataFrame,
    texts: pd.DataFrame,
    task: Task,
    names: Sequence[str],
    costs: pd.DataFrame | None = None,
    shown: Collection[str] = (),
) -> PromptComparison:
    """Compare prompts by what people decided.

    Parameters
    ----------
    annotations : DataFrame
        One row an example and annotator, with the columns ``example, annotator, kind, outcome, value``, people's in
        the order in which they decided. Of several people the one who decided last counts.
    texts : DataFrame
        The texts to compare on: ``example, key, text``.
    task : Task
        What the values are values of.
    names : sequence of str
        The prompts, by their annotators' names. All are measured on the same texts: those that each gave a label.
    costs : DataFrame, optional
        Indexed by prompt, the mean of a text: ``tokens_in, tokens_out, dollars``.
    shown : collection of str
        Texts that stand in a prompt with their answer; to count those would be to copy from the key.

    Raises
    ------
    LabError
        If no prompt is named, one has not labelled anything or is called like a column of the result, no person
        decided on any of the texts, or none of those has a label of every prompt.

    Examples
    --------
    >>> from labkit.tasks import make_task
    >>> rows = [(1, "llm", "llm", ["BUG"]), (1, "bare", "llm", []), (1, "anna", "person", ["BUG"])]
    >>> said = pd.DataFrame(rows, columns=["example", "annotator", "kind", "value"]).assign(outcome="parsed")
    >>> texts = pd.DataFrame({"example": [1], "key": ["a"], "text": ["it crashes"]})
    >>> compare_prompts(said, texts, make_task("choices", ["BUG"]), ["llm", "bare"]).headline
    'Right on 1 texts that people decided: llm 100.0%, bare 0.0%'
    """
    chosen = list(dict.fromkeys(names))
    _check(chosen, annotations)
    texts = texts.set_index("example")
    decided = people_say(annotations).rename(PERSON).to_frame().join(texts[["key", "text"]], how="inner")
    if decided.empty:
        raise LabError(
            "No person has decided on any of these texts, so that nothing says which prompt is right.",
            "Decide on some with lab.correct(), or load decisions with lab.load_labels(path, annotator='anna').",
        )
    # By the texts' own ids, which are the same in every store: the intervals are drawn in this order.
    unseen = decided[~decided["text"].isin(set(shown))].sort_values("key")
    answers = unseen.join([says(annotations, name).rename(name) for name in chosen])
    whole = answers.dropna(subset=chosen)
    if whole.empty:
        raise LabError(
            f"None of the {len(unseen):,} texts to compare on has a readable label of every prompt.",
            f"See lab.summary({', '.join(map(repr, chosen))}), or compare fewer prompts.",
        )
    tables = {name: _scores(whole, task, name) for name in chosen}
    costs = pd.DataFrame(columns=COSTS, dtype=float) if costs is None else costs
    return PromptComparison(
        summary=_summary(tables, answers[chosen].isna().sum(), costs),
        scores=pd.concat(tables, names=["prompt", "label"]),
        tests=_tests(whole, task, chosen),
        differences=_differences(whole, task, chosen),
        texts=len(whole),
        shown=len(decided) - len(unseen),
    )


def _check(names: Sequence[str], annotations: pd.DataFrame) -> None:
    """Raise LabError where there is nothing to compare, or a name can't be used."""
    if not names:
        raise LabError("No prompt is named.", "Name two or more: lab.compare_prompts(['llm', 'llm-bare']).")
    for name in names:
        if name in OWN_COLUMNS:
            raise LabError(f"A prompt is called {name!r}, as a column of the result is.", "Rename its configuration.")
        if name not in set(annotations["annotator"]):
            raise LabError(f"{name!r} has not labelled anything here.", f"Run lab.annotate({name!r}) first.")


def _scores(whole: pd.DataFrame, task: Task, name: str) -> pd.DataFrame:
    """Score one prompt against the person's labels."""
    truth, guess = (pd.DataFrame(task.membership(whole[who])).to_numpy() for who in (PERSON, name))
    return scores(truth, guess, task.labels).round(DIGITS)


def _summary(tables: dict[str, pd.DataFrame], left_out: pd.Series[int], costs: pd.DataFrame) -> pd.DataFrame:
    """Put what counts of each prompt in a row."""
    ends = {"": "", "_low": "_low", "_high": "_high"}
    rows: dict[str, dict[str, Any]] = {}
    for name, table in tables.items():
        right = {f"right{end}": table.loc[WHOLE, f"f{end}"] for end in ends}
        mean = {f"f{end}": table.loc[MACRO, f"f{end}"] for end in ends}
        rows[name] = {**right, **mean, "left_out": int(left_out[name])}
    paid = costs.reindex(list(tables))[COSTS].astype(float)
    summary = pd.DataFrame.from_dict(rows, orient="index").join(paid.assign(dollars=1000 * paid["dollars"]))
    return summary.rename_axis("prompt")


def _tests(whole: pd.DataFrame, task: Task, names: Sequence[str]) -> pd.DataFrame:
    """Count for each pair the texts on which only one is right, and test the difference."""
    truth = whole[PERSON].map(task.words)
    right = {name: whole[name].map(task.words) == truth for name in names}
    rows = []
    for a, b in combinations(names, 2):
        both, only_a, only_b = (right[a] & right[b]).sum(), (right[a] & ~right[b]).sum(), (~right[a] & right[b]).sum()
        neither = len(whole) - both - only_a - only_b
        rows.append((a, b, both, only_a, only_b, neither, mcnemar(only_a, only_b)))
    return pd.DataFrame(rows, columns=["a", "b", "both_right", "only_a", "only_b", "neither", "p"])


def _differences(whole: pd.DataFrame, task: Task, names: Sequence[str]) -> pd.DataFrame:
    """Return the texts on which prompts differ, in words."""
    words = whole[[*names, PERSON]].map(task.words)
    differ = words[words[list(names)].nunique(axis=1) > 1]
    rows = whole.loc[differ.index, ["key", "text"]]
    return rows.assign(text=rows["text"].map(_cut)).join(differ).reset_index(drop=True)


def _cut(text: str) -> str:
    """Put a text on one line of at most `WIDTH` characters."""
    line = " ".join(CONTROL.sub(" ", text).split())
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 1].rstrip()}…"
