"""How fast LLM labels come: spacy-llm's own OpenAI model, labkit at 32 and 128 requests at once, and the ledger.

``python -m tests.bench.replies`` prints one JSON object: texts a second, `limit_*` being what so many requests of
200 ms each allow at best, and the process's peak memory in MiB after 100,000 texts. The server runs in another
process and counts the times of labelling too: everything from a list of texts to their labels. The project is issues;
its texts are numbered, so that no two prompts are alike.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter
from typing import Any

from spacy_llm.models.rest.openai.model import OpenAI
from spacy_llm.util import assemble_from_config

from labkit.project import Project, load_project
from labkit.store import Store, open_store
from labkit.teacher import BATCH, Teacher

LATENCY = 0.2
ONE_AT_A_TIME, AT_32, AT_128, REPLAYED, MANY = 40, 4_800, 12_800, 10_000, 100_000
ROOT = Path(__file__).parents[2]


class Unchecked(OpenAI):
    """spacy-llm's OpenAI model, without its question to api.openai.com."""

    def _verify_auth(self) -> None:
        pass


@contextmanager
def server() -> Iterator[str]:
    """Run the test server in a process of its own, and yield its address."""
    command = [sys.executable, "-m", "tests.llm_server", "--latency", str(LATENCY)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.kill()


def numbered(project: Project, name: str, count: int) -> list[str]:
    """Return so many of the project's texts, each made different from all others."""
    with (ROOT / "data/issues/texts.jsonl").open(encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in file]
    return [f"{text}\n\n{name} {number}" for number, text in enumerate(islice(cycle(texts), count))]


def teacher(project: Project, store: Store, url: str, concurrency: int) -> Teacher:
    """Return the project's LLM, with the server in the place of its endpoint."""
    config = project.config("llm")
    model = config["components"]["llm"]["model"]
    model.update({"model": "bench", "base_url": url, "key_variable": "", "concurrency": concurrency})
    return Teacher(config, project.task, store.replies)


def spacy_llm(project: Project, url: str, texts: Sequence[str]) -> float:
    """Return spacy-llm's texts a second."""
    config = project.config("llm")
    config["components"]["llm"]["model"] = {"@llm_models": "spacy.NoOp.v1"}
    nlp = assemble_from_config(config)
    os.environ["OPENAI_API_KEY"] = "none is needed"
    settings: dict[str, Any] = {"strict": True, "max_tries": 5, "interval": 1.0, "max_request_time": 30}
    model = Unchecked("bench", f"{url}/chat/completions", {"temperature": 0.0}, context_length=None, **settings)
    nlp.get_pipe("llm")._model = model
    return rate(len(texts), lambda: sum(1 for _ in nlp.pipe(texts)))


def rate(count: int, work: Any) -> float:
    """Return units a second of a piece of work, after checking that it did all of them."""
    started = perf_counter()
    done = work()
    assert done == count, f"{done} of {count}"
    return round(count / (perf_counter() - started), 1)


def asked(said: Teacher, texts: Sequence[str]) -> float:
    """Return texts a second from text to label, asking for each."""
    return rate(len(texts), lambda: sum(labelled.outcome.has_value for labelled in said.label(texts)))


def replayed(said: Teacher, texts: Sequence[str]) -> float:
    """Return texts a second from text to a Doc with its labels set, from the ledger."""
    batches = [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]
    return rate(len(texts), lambda: sum(bool(doc.cats) for batch in batches for doc, _ in said.docs(batch)))


def keep(said: Teacher, store: Store, texts: Sequence[str]) -> None:
    """Put a recorded reply to each text into the ledger."""
    for start in range(0, len(texts), REPLAYED):
        prompts = said.prompts(texts[start : start + REPLAYED])
        assert said.chat
        store.replies.add([said.chat.record(prompt, "BUG") for prompt in prompts])


def main() -> None:
    """Measure, and print."""
    project = load_project("issues", ROOT)
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, server() as url:
        store = open_store(None, Path(home))
        figures["spacy_llm"] = spacy_llm(project, url, numbered(project, "one", ONE_AT_A_TIME))
        for concurrency, count in ((32, AT_32), (128, AT_128)):
            texts = numbered(project, f"at {concurrency}", count)
            figures[f"labkit_{concurrency}"] = asked(teacher(project, store, url, concurrency), texts)
            figures[f"limit_{concurrency}"] = concurrency / LATENCY
        said, texts = teacher(project, store, url, 32), numbered(project, "stored", MANY)
        keep(said, store, texts)
        figures["replay"] = replayed(said, texts[:REPLAYED])
        asked(said, texts)
        store.close()
    figures["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
