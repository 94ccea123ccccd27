"""How well an LLM and a small model mark spans, and how soon a person meets the LLM's errors, by the order of reading.

``python -m tests.bench.spans --data DIR [--prompt bare] [--people people.jsonl] [--seeds 5]`` prints a JSON object.
`DIR` holds ``texts.jsonl`` (id, text), people's spans (id, spans: start, end, label; in code points, end exclusive) and
``replies.jsonl`` (id, prompt, reply as NER.v3 of spacy-llm asks for it); the labels are those that people gave. The
person who reads is simulated by people's spans. A text counts as an error where the LLM's spans are not exactly theirs.

`llm_f` and `student_f` are the F of exact spans against people's; the student learned from the LLM's spans, and marks
each text by a model that was trained on other folds. `orders` gives for each order the share of the errors met after
10, 20 and 40 % of the texts, as mean and standard deviation over the seeds: another seed cuts other folds and draws
another random order. `cleanlab` is its label quality of tokens, a text by its worst token. `words_per_second` is the
student's speed on one core, in words between blanks and seconds by the clock on the wall, as an installed package that
reads the texts again and again until they are `WORDS`; `words_per_cpu_second` goes by that core's time for it, which
says more on a busy machine. `model_mb` is the package unpacked, `wheel_mb` as it is sent, in units of 10^6 bytes.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import pandas as pd

from labkit.errors import LabError
from labkit.review import compare, queue
from labkit.review.yields import baselines, read_through
from labkit.student import out_of_fold, train
from labkit.tasks import Outcome, Task, make_task
from labkit.wheels import package
from tests.bench.folder import rows
from tests.bench.queue import PARTS, ROOT, Trial, shares, spread

STUDENT, OVERLAPPING = ROOT / "configs/news/cpu.cfg", ROOT / "configs/news/spancat.cfg"
PEOPLE = ("reference.jsonl", "people.jsonl")
WORDS = 200_000
"""How many words the student reads, at the least, when its speed is measured."""


class SpansTrial(Trial):
    """Texts with spans; see `Trial`."""

    @property
    def config(self) -> Path:
        """The student's configuration."""
        return OVERLAPPING if self.task.variables()["overlap"] else STUDENT

    def orders(self, seed: int) -> dict[str, list[int]]:
        """Return each order as a list of examples; the F of the student of this seed is kept as `student_f`."""
        examples, wrong = self.texts.example.tolist(), set(self.wrong)
        found = out_of_fold(self.config, self.task, self._material(), seed=seed)
        self.student_f = f_score(self.task, dict(zip(found.example, found.value, strict=True)), self.truth)
        compared = compare(self._scored(found), self.task)
        ranked = queue(compared, self.texts, blind=0)
        return {
            "random": np.random.default_rng(seed).permutation(examples).tolist(),
            "uncertainty": baselines(compared, self.of)["uncertainty"],
            "cleanlab": self._token_quality(found.scores.tolist()),
            "distance": ranked.frame.example.tolist(),
            "learned": read_through(ranked.live(), self.truth),
            "perfect": sorted(examples, key=lambda example: example not in wrong),
        }

    def _token_quality(self, scores: Sequence[Mapping[str, float]]) -> list[int]:
        """Order texts by cleanlab's quality of the labels of their tokens."""
        from cleanlab.token_classification.rank import get_label_quality_scores

        said, chances = [], []
        for example, text, each in zip(self.texts.example, self.texts.text, scores, strict=True):
            tokens = self.task.tokens(text) or [(0, len(text))]
            label, chance = np.zeros(len(tokens), int), np.zeros((len(tokens), len(self.task.labels) + 1))
            for span in self.drafted[example]:
                label[_covered(tokens, span["start"], span["end"])] = 1 + self.task.labels.index(span["label"])
            for name, probability in each.items():
                if name not in self.task.labels:
                    own, _, place = name.rpartition(" ")
                    start, end = map(int, place.split(":"))
                    chance[_covered(tokens, start, end), 1 + self.task.labels.index(own)] += probability
            chance[:, 0] = np.clip(1 - chance.sum(axis=1), 0, 1)
            said.append(label.tolist())
            chances.append(chance / chance.sum(axis=1, keepdims=True))
        quality, _ = get_label_quality_scores(said, chances)
        return self.texts.example.to_numpy()[np.argsort(quality, kind="stable")].tolist()


def _covered(tokens: Sequence[tuple[int, int]], start: int, end: int) -> list[int]:
    """Return the tokens that share a character with a range."""
    return [place for place, (first, last) in enumerate(tokens) if first < end and start < last]


def trial(folder: Path, prompt: str | None, people: str | None) -> tuple[SpansTrial, dict[str, Any]]:
    """Return the texts that people and the prompt's reply mark, and the counts of all others."""
    skipped = Counter[str]()
    texts = {str(row["id"]): str(row["text"]) for row in rows(folder / "texts.jsonl", skipped, "id", "text")}
    replies: dict[str, dict[str, str]] = {}
    for row in rows(folder / "replies.jsonl", skipped, "id", "prompt", "reply"):
        replies.setdefault(str(row["prompt"]), {})[str(row["id"])] = str(row["reply"])
    file = folder / (people or next((name for name in PEOPLE if (folder / name).is_file()), PEOPLE[0]))
    given = {str(row["id"]): row["spans"] for row in rows(file, skipped, "id", "spans")}
    task = task_of(given.values())
    first = prompt or ("bare" if "bare" in replies else next(iter(replies), None))
    if first not in replies:
        raise SystemExit(f"There are no replies to the prompt {first!r}, but to: {', '.join(replies) or 'none'}.")
    outcomes = Counter(str(task.outcome(reply, texts[key])) for key, reply in replies[first].items() if key in texts)
    truth = {key: value for key, spans in given.items() if (value := _fitting(task, spans, texts.get(key))) is not None}
    said = {
        name: {k: _read(task, reply, texts[k]) for k, reply in replies[name].items() if k in truth} for name in replies
    }
    keys = [key for key in texts if said[first].get(key) is not None]
    numbers = {key: number for number, key in enumerate(keys)}
    drafts = pd.DataFrame(
        [
            (numbers[key], f"llm {name}", "llm", str(Outcome.PARSED), value, None)
            for name in [first, *sorted(set(replies) - {first})]
            for key, value in said[name].items()
            if key in numbers and value is not None
        ],
        columns=["example", "annotator", "kind", "outcome", "value", "scores"],
    )
    frame = pd.DataFrame({"example": range(len(keys)), "key": keys, "text": [texts[key] for key in keys]})
    counts = {
        "labels": list(task.labels),
        "texts_in_all": len(texts),
        "people_fit": len(truth),
        "outcomes": dict(outcomes),
        "rows_skipped": dict(skipped),
    }
    return SpansTrial(task, frame, drafts, {numbers[key]: truth[key] for key in keys}), counts


def task_of(values: Iterable[Any]) -> Task:
    """Return the task whose labels people gave; spans may overlap where theirs do."""
    spans = [value for value in values if isinstance(value, list)]
    labels = sorted(
        {str(each["label"]) for value in spans for each in value if isinstance(each, dict) and "label" in each}
    )
    apart = make_task("spans", labels)
    for value in spans:
        try:
            apart.check(value)
        except LabError as error:
            if "overlap" in error.problem:
                return make_task("spans", labels, overlap=True)
    return apart


def _fitting(task: Task, spans: Any, text: str | None) -> Any | None:
    """Return people's spans of a text, or None where they don't fit it."""
    try:
        return None if text is None else task.fit(spans, text)
    except LabError:
        return None


def _read(task: Task, reply: str, text: str) -> Any | None:
    """Return the spans of a reply, or None where it can't be read."""
    if not task.outcome(reply, text).has_value:
        return None
    kept = (part for part in task.findings(reply, text) if part["kept"])
    return task.check([{name: part[name] for name in ("start", "end", "label")} for part in kept])


def f_score(task: Task, said: Mapping[int, Any], truth: Mapping[int, Any]) -> float:
    """Return the F of exact spans, all texts together."""
    pairs = [(task.parts(value), task.parts(truth[example])) for example, value in said.items()]
    total = sum(len(a) + len(b) for a, b in pairs)
    return 2 * sum(len(a & b) for a, b in pairs) / max(total, 1)


def speed_and_size(whole: SpansTrial) -> dict[str, float]:
    """Train the student on all of the LLM's spans, package it, and measure how fast it reads, and how large it is."""
    import spacy

    material = [
        (text, whole.drafted[example]) for example, text in zip(whole.texts.example, whole.texts.text, strict=True)
    ]
    with tempfile.TemporaryDirectory() as folder, one_core():
        pipeline = train(whole.config, whole.task, material, [], out=Path(folder) / "trained").pipeline
        wheel = package(pipeline, name="student", version="1.0.0", meta={}, out=Path(folder))
        unpacked = Path(folder) / "unpacked"
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(unpacked)
        nlp, texts = spacy.load(next(unpacked.rglob("config.cfg")).parent), whole.texts.text.tolist()
        words = sum(len(text.split()) for text in texts)
        for _ in nlp.pipe(texts):  # the first words are slower, as the tokenizer meets them
            pass
        times = -(-WORDS // words)
        started, used = perf_counter(), process_time()
        read = sum(1 for _ in nlp.pipe(texts * times))
        seconds, cpu_seconds = perf_counter() - started, process_time() - used
        sizes = {"model_mb": sum(each.stat().st_size for each in unpacked.rglob("*")), "wheel_mb": wheel.stat().st_size}
    assert read == len(texts) * times
    speed = {"words_per_second": seconds, "words_per_cpu_second": cpu_seconds}
    return {name: round(words * times / each) for name, each in speed.items()} | {
        name: round(size / 1e6, 2) for name, size in sizes.items()
    }


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process on one core, where the system can."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--prompt")
    parser.add_argument("--people")
    parser.add_argument("--seeds", type=int, default=5)
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    whole, counts = trial(asked.data, asked.prompt, asked.people)
    each, student = [], []
    for seed in range(asked.seeds):
        each.append(shares(whole.orders(seed), whole.wrong))
        student.append(whole.student_f)
    figures = {
        "texts": len(whole.texts),
        "errors": len(whole.wrong),
        "llm_f": round(f_score(whole.task, whole.drafted, whole.truth), 3),
        "student_f": round(float(np.mean(student)), 3),
        "student_f_sd": round(float(np.std(student)), 3),
        "orders": {name: {part: spread([one[name][part] for one in each]) for part in PARTS} for name in each[0]},
        **speed_and_size(whole),
        **counts,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
