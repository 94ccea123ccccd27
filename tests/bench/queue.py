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

With ``--budget``, for each order the F on a held-out half of a student trained on the LLM's labels of the other half,
of which the first k were corrected, as mean over five splits; `budget_sd` is their standard deviation, and
`k_15_percent` the number of decisions that is 15 % of the half that is read.
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
import tempfile  # noqa: E402
from collections.abc import Mapping, Sequence  # noqa: E402
from typing import Any  # noqa: E402

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from labkit.review import compare, queue  # noqa: E402
from labkit.review.lots import SHARE  # noqa: E402
from labkit.review.yields import baselines, errors_met, read_through  # noqa: E402
from labkit.student import out_of_fold, score, train  # noqa: E402
from labkit.tasks import Task, make_task  # noqa: E402
from tests.bench.folder import Folder, read_folder  # noqa: E402

STUDENT = ROOT / "configs/issues/cpu.cfg"
SEEDS = range(5)
PARTS = {"10": 0.1, "20": 0.2, "40": 0.4}
BUDGET = (0, 25, 50, 100, 200)
MODEL = "local model"
ASKED = ("random", "uncertainty", "cleanlab", "distance", "learned", "perfect")
"""The orders for which students are trained."""


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

    def orders(self, seed: int) -> dict[str, list[int]]:
        """Return each order as a list of examples."""
        examples = self.texts.example.tolist()
        scored = self._scored(out_of_fold(STUDENT, self.task, self._material(), seed=seed))
        compared = compare(scored, self.task)
        others = baselines(compared, self.of)
        quality = baselines(compare(self._scored(self._logistic(seed, self.drafted)), self.task), self.of)["cleanlab"]
        knowing = queue(compare(self._scored(self._logistic(seed, self.truth)), self.task), self.texts)
        far = queue(compared, self.texts)
        random = np.random.default_rng(seed)
        wrong = set(self.wrong)
        return {
            "random": random.permutation(examples).tolist(),
            "uncertainty": others["uncertainty"],
            "cleanlab": others["cleanlab"],
            "distance": far.frame.example.tolist(),
            "learned": read_through(queue(compared, self.texts, blind=0).live(), self.truth),
            "perfect": sorted(examples, key=lambda example: example not in wrong),
            "cleanlab_logistic": quality,
            "all_people_known": knowing.frame.example.tolist(),
            "learned_with_blind_cards": read_through(queue(compared, self.texts, blind=SHARE).live(), self.truth),
        }

    def student(self, values: Mapping[int, Any], held_out: Trial) -> float:
        """Return the F of the labels, by people, of a student that learned these values."""
        rows = [(text, values[example]) for example, text in zip(self.texts.example, self.texts.text, strict=True)]
        with tempfile.TemporaryDirectory() as out:
            pipeline = train(STUDENT, self.task, rows, [], out=Path(out)).pipeline
            said = score(pipeline, self.task, held_out.texts.text.tolist())
        guess = np.array(self.task.membership(value for value, _ in said), bool)
        true = np.array(self.task.membership(self.truth[e] for e in held_out.texts.example), bool)
        return float(2 * (guess & true).sum() / max(guess.sum() + true.sum(), 1))

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
    found: dict[str, dict[str, list[float]]] = {}
    all_people, fifteen = [], 0
    for seed in SEEDS:
        mixed = np.random.default_rng(seed).permutation(whole.texts.example)
        half, held_out = (whole.among(part.tolist()) for part in np.array_split(mixed, 2))
        true = {example: whole.truth[example] for example in half.drafted}
        fifteen = round(0.15 * len(true))
        all_people.append(half.student(true, held_out))
        plain = half.student(half.drafted, held_out)
        for name, order in half.orders(seed).items():
            if name not in ASKED:
                continue
            scores = found.setdefault(name, {})
            for count in sorted({*BUDGET, fifteen}):
                corrected = half.drafted | {example: true[example] for example in order[:count]}
                scores.setdefault(str(count), []).append(half.student(corrected, held_out) if count else plain)
            scores.setdefault("all", []).append(all_people[-1])
    return {
        "budget": {name: {k: spread(f)[0] for k, f in by.items()} for name, by in found.items()},
        "budget_sd": {name: {k: spread(f)[1] for k, f in by.items()} for name, by in found.items()},
        "all_people": spread(all_people)[0],
        "all_people_sd": spread(all_people)[1],
        "k_15_percent": fifteen,
    }


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
    each = [shares(whole.orders(seed), whole.wrong) for seed in SEEDS]
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
