"""How much of an LLM's errors a person meets, by the order in which texts are read.

``python -m tests.bench.queue --data DIR --prompt bare --label DOCUMENTATION [--annotations people.jsonl ...]
[--budget]`` prints one JSON object. `DIR` holds ``texts.jsonl`` (id, text), ``replies.jsonl`` (id, prompt, reply) and
people's labels (id, labels); the person who reads is simulated by these. For each order, the share of the errors met
after 10, 20 and 40 % of the texts, as mean and standard deviation over five seeds; another seed cuts other folds for
the local model, and draws another random order. `learned` is the order of the corrector, asked again after every five
decisions, without blind cards; `learned_with_blind_cards` has the share of them that it has by default.
`cleanlab_logistic` is cleanlab's label quality by scikit-learn's logistic regression in place of labkit's student;
`all_people_known` the order by distance where that regression learned all people's labels of the other folds, which
nobody has who is still to read: what words can tell at best.
Texts without a reply that can be read, or without people's label, are left out and counted.

With ``--budget``, for each order the F on a held-out half of a student that learned the LLM's labels of the other half,
of which the first k were corrected: ``budget``, with ``all_people`` and ``k_15_percent``, means over five splits. The
student is a logistic regression on words and spellings, which chooses its strength by the labels it learns; the one
that ships (``shipped``, for k = 0, 15 % and all) is the weaker on so few texts. Beside them stands what they rest on:
``corrected_labels``, the F of these labels themselves, and ``errors_left``, the share of the LLM's errors that nobody
met, both on the half that is read; ``llm_itself``, the F of the LLM's labels on the other half;
``all_people_by_texts``, what a student reaches by people's labels of fewer texts; and ``learned_to_all_people``, the F
at 15 % less that by all people's labels, split by split. Standard deviations over the splits stand under the same name
and ``_sd``.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if Path(sys.path[0]).resolve() == Path(__file__).resolve().parent:
    sys.path[0] = str(ROOT)  # run as a script, this file would be taken for the standard library's module queue

import argparse  # noqa: E402
import json  # noqa: E402
import logging  # noqa: E402
from collections.abc import Mapping, Sequence  # noqa: E402
from typing import Any  # noqa: E402

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from labkit.review import Comparison, compare, queue  # noqa: E402
from labkit.review.lots import SHARE  # noqa: E402
from labkit.review.yields import baselines, errors_met, read_through  # noqa: E402
from labkit.student import out_of_fold  # noqa: E402
from labkit.tasks import Task, make_task  # noqa: E402
from tests.bench.budget import Half, fifteen_percent, spend  # noqa: E402
from tests.bench.folder import Folder, read_folder  # noqa: E402

STUDENT = ROOT / "configs/issues/cpu.cfg"
SEEDS = range(5)
PARTS = {"10": 0.1, "20": 0.2, "40": 0.4}
MODEL = "local model"


class Trial:
    """One set of texts, what the LLM and people say of them, and orders in which to read them.

    Parameters
    ----------
    task : Task
        What is asked.
    texts : DataFrame
        ``example, key, text``.
    drafts : DataFrame
        The annotations to look for errors in, the LLM's first, then those of other prompts; without scores.
    truth : mapping of int to value
        What a person decides.
    """

    def __init__(self, task: Task, texts: pd.DataFrame, drafts: pd.DataFrame, truth: Mapping[int, Any]) -> None:
        self.task, self.texts, self.drafts, self.truth = task, texts, drafts, truth
        self.of = str(drafts.annotator.iloc[0])
        mine = drafts[drafts.annotator == self.of]
        self.drafted = dict(zip(mine.example, mine.value, strict=True))
        self.wrong = [example for example, value in self.drafted.items() if value != truth[example]]

    def among(self, examples: Sequence[int]) -> Trial:
        """Return the same with some of the texts alone."""
        texts, drafts = (frame[frame.example.isin(examples)] for frame in (self.texts, self.drafts))
        return Trial(self.task, texts.reset_index(drop=True), drafts.reset_index(drop=True), self.truth)

    def compared(self, seed: int) -> Comparison:
        """Compare the drafts with a local model that learned from them, out of fold."""
        return compare(self._scored(out_of_fold(STUDENT, self.task, self._material(), seed=seed)), self.task)

    def orders(self, compared: Comparison, seed: int) -> dict[str, list[int]]:
        """Return each order that is asked for as a list of examples."""
        examples, wrong = self.texts.example.tolist(), set(self.wrong)
        others = baselines(compared, self.of)
        return {
            "random": np.random.default_rng(seed).permutation(examples).tolist(),
            "uncertainty": others["uncertainty"],
            "cleanlab": others["cleanlab"],
            "distance": queue(compared, self.texts).frame.example.tolist(),
            "learned": read_through(queue(compared, self.texts, blind=0).live(), self.truth),
            "perfect": sorted(examples, key=lambda example: example not in wrong),
        }

    def yardsticks(self, compared: Comparison, seed: int) -> dict[str, list[int]]:
        """Return orders that say what others are worth."""
        plain, knowing = (
            compare(self._scored(self._logistic(seed, values)), self.task) for values in (self.drafted, self.truth)
        )
        return {
            "cleanlab_logistic": baselines(plain, self.of)["cleanlab"],
            "all_people_known": queue(knowing, self.texts).frame.example.tolist(),
            "learned_with_blind_cards": read_through(queue(compared, self.texts, blind=SHARE).live(), self.truth),
        }

    def split(self, seed: int) -> tuple[Trial, Half]:
        """Return half of the texts, drawn at random, and with them the other half, to hold a student against."""
        mixed = np.random.default_rng(seed).permutation(self.texts.example)
        read, held_out = (self.among(part.tolist()) for part in np.array_split(mixed, 2))
        texts = (dict(zip(each.texts.example, each.texts.text, strict=True)) for each in (read, held_out))
        return read, Half(self.task, *texts, self.drafted, self.truth)

    def _material(self) -> list[tuple[int, str, Any]]:
        """Return the texts with the labels that a local model learns."""
        return [(e, text, self.drafted[e]) for e, text in zip(self.texts.example, self.texts.text, strict=True)]

    def _logistic(self, seed: int, values: Mapping[int, Any]) -> pd.DataFrame:
        """Score each text by a logistic regression on words that learned these values of the other folds."""
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import KFold, cross_val_predict
        from sklearn.pipeline import make_pipeline

        model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True), LogisticRegression())
        said = np.array(self.task.membership(values[e] for e in self.texts.example))
        chances = np.zeros(said.shape)
        for label, given in enumerate(said.T):
            if 0 < given.sum() < len(given):
                folds = KFold(5, shuffle=True, random_state=seed)
                each = cross_val_predict(model, self.texts.text, given, cv=folds, method="predict_proba")
                chances[:, label] = each[:, 1]
        scores = [dict(zip(self.task.labels, row, strict=True)) for row in chances.tolist()]
        values = [[label for label, chance in each.items() if chance > 0.5] for each in scores]
        return pd.DataFrame({"example": self.texts.example, "value": values, "scores": scores})

    def _scored(self, found: pd.DataFrame) -> pd.DataFrame:
        """Put a local model's labels behind the drafts."""
        model = found[["example", "value", "scores"]].assign(annotator=MODEL, kind="model", outcome="parsed")
        return pd.concat([self.drafts, model], ignore_index=True)


def trial(found: Folder, prompt: str, label: str) -> tuple[Trial, dict[str, Any]]:
    """Return the texts that a prompt's reply and people label, and the counts of all others."""
    if prompt not in found.replies:
        raise SystemExit(
            f"There are no replies to the prompt {prompt!r}, but to: {', '.join(found.replies) or 'none'}."
        )
    truth = found.truth(label)
    said = {prompt: found.said(prompt, label)}
    said |= {name: found.said(name, label) for name in sorted(found.replies) if name != prompt}
    keys = [key for key in found.texts if key in truth and said[prompt].get(key, (None, None))[1] is not None]
    numbers = {key: number for number, key in enumerate(keys)}
    rows = [
        (numbers[key], f"llm {name}", "llm", str(outcome), value, None)
        for name, replies in said.items()
        for key, (outcome, value) in replies.items()
        if key in numbers
    ]
    drafts = pd.DataFrame(rows, columns=["example", "annotator", "kind", "outcome", "value", "scores"])
    texts = pd.DataFrame({"example": range(len(keys)), "key": keys, "text": [found.texts[key] for key in keys]})
    counts = {
        "texts_in_all": len(found.texts),
        "without_people": sum(key not in found.people for key in found.texts),
        "people_split": len(found.people) - len(truth),
        "without_reply": sum(key not in said[prompt] for key in found.texts),
        "not_parsed": sum(not outcome.has_value for outcome, _ in said[prompt].values()),
        "rows_skipped": dict(found.skipped),
        "labels": found.labels(label),
    }
    task = make_task("choices", [label])
    return Trial(task, texts, drafts, {numbers[key]: truth[key] for key in keys}), counts


def shares(orders: Mapping[str, list[int]], wrong: Sequence[int]) -> dict[str, dict[str, float]]:
    """Return the share of the errors that each order meets after each part of the texts."""
    met = errors_met({f"by {name}": order for name, order in orders.items()}, wrong)
    texts, errors = len(met) - 1, max(len(wrong), 1)
    return {
        name: {part: met[f"by {name}"][round(share * texts)] / errors for part, share in PARTS.items()}
        for name in orders
    }


def spread(each: Sequence[float]) -> list[float]:
    """Return mean and standard deviation, to three digits."""
    return [round(float(np.mean(each)), 3), round(float(np.std(each)), 3)]


def budget(whole: Trial) -> dict[str, Any]:
    """Measure students by how much of their labels was corrected, in each order."""
    each = []
    for seed in SEEDS:
        read, half = whole.split(seed)
        each.append(spend(half, read.orders(read.compared(seed), seed), STUDENT, seed))
    fifteen = str(fifteen_percent(half))
    for one in each:
        one["learned_to_all_people"] = one["budget"]["learned"][fifteen] - one["all_people"]
    figures = {name: over([one[name] for one in each]) for name in each[0]}
    means, deviations = ({name: part(figure, at) for name, figure in figures.items()} for at in (0, 1))
    return {**means, **{f"{name}_sd": figure for name, figure in deviations.items()}, "k_15_percent": int(fifteen)}


def over(each: Sequence[Any]) -> Any:
    """Return mean and standard deviation of each figure of tables of one shape."""
    if not isinstance(each[0], dict):
        return spread(each)
    return {name: over([one[name] for one in each]) for name in each[0]}


def part(figures: Any, at: int) -> Any:
    """Return the means, or the standard deviations, of a table of both."""
    return figures[at] if isinstance(figures, list) else {name: part(each, at) for name, each in figures.items()}


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--annotations", nargs="+", default=["people.jsonl"])
    parser.add_argument("--prompt", default="bare")
    parser.add_argument("--label", default="DOCUMENTATION")
    parser.add_argument("--budget", action="store_true")
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    whole, counts = trial(read_folder(asked.data, asked.annotations), asked.prompt, asked.label)
    each = []
    for seed in SEEDS:
        compared = whole.compared(seed)
        each.append(shares(whole.orders(compared, seed) | whole.yardsticks(compared, seed), whole.wrong))
    figures = {
        "texts": len(whole.texts),
        "errors": len(whole.wrong),
        "orders": {name: {part: spread([one[name][part] for one in each]) for part in PARTS} for name in each[0]},
        "by_seed": {name: [round(one[name]["20"], 3) for one in each] for name in ("learned", "cleanlab")},
        **counts,
    }
    print(json.dumps(figures | (budget(whole) if asked.budget else {})))


if __name__ == "__main__":
    main()
