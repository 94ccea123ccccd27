"""What runs in a container: the functions that run here, with input and output on the volume.

A job has a folder there, ``jobs/<its id>``: ``job.json`` says what is to be done, ``events.jsonl`` how far it is,
``result.json`` how it ended. A job whose container is lost is called again with the same folder, and goes on.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import traceback
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from ..errors import LabError
from .failures import describe_inside
from .journal import STOP, Journal
from .manifest import describe_folder

JOBS = "jobs"
JOB, RESULT, PARTS, OUT = "job.json", "result.json", "parts", "out"
CHECKPOINT_SECONDS = 60.0

Work = Callable[[Path, dict[str, Any], Journal], dict[str, Any]]


def train(volume: str, mount: str, job: str) -> dict[str, Any]:
    """Train the small model of a job; see `perform` for what is given and returned."""
    return perform(volume, mount, job, _train)


def label(volume: str, mount: str, job: str) -> dict[str, Any]:
    """Have an LLM label a project's texts, in the store that everyone shares; see `perform`."""
    return perform(volume, mount, job, _label)


def perform(volume: str, mount: str, job: str, work: Work) -> dict[str, Any]:
    """Do the work of a job, and say how it ended.

    It raises nothing that could be tried again in vain: an error that would come again is a result, too.

    Parameters
    ----------
    volume : str
        The volume's name.
    mount : str
        Where it is mounted.
    job : str
        The job's id.
    work : callable
        Is given the job's folder, what ``job.json`` says, and its journal, and returns the result, as JSON.

    Returns
    -------
    dict
        What `work` returned, with ``state`` (done, stopped, failed), ``seconds`` and ``device``; of a failure
        ``problem``, ``remedy`` and ``traceback``. The same stands in ``result.json``.

    Raises
    ------
    KeyboardInterrupt
        If the container is to be given back: then the same call is made again in another.
    """
    import modal

    from ..student.checkpoint import FILE as CHECKPOINT

    path = f"{JOBS}/{job}"
    folder = Path(mount) / path
    if (folder / RESULT).exists():
        found: dict[str, Any] = json.loads((folder / RESULT).read_text("utf-8"))
        return found
    device = _device()
    journal = None
    try:
        given = json.loads((folder / JOB).read_text("utf-8"))
        journal = Journal(folder, modal.Volume.from_name(volume), path, given["seconds"])
        journal.begin(device=device, versions=versions(), call=modal.current_function_call_id())
        _check(given["versions"])
        if journal.attempt == 1 and (folder / STOP).exists():
            raise LabError("The job was asked to end before it began.", "Start it again.")
        result = work(folder, given, journal)
    except KeyboardInterrupt:
        if journal:
            journal.commit()  # the next container sees what was committed
        raise
    except Exception as error:
        said = describe_inside(error)
        lines = "" if isinstance(error, LabError) else "".join(traceback.format_exception(error))
        result = {"state": "failed", "problem": said.problem, "remedy": said.remedy, "traceback": lines}
    result |= {"seconds": journal.seconds if journal else 0.0, "device": device}
    try:
        part = folder / f"{RESULT}.part"
        part.write_text(json.dumps(result), "utf-8")
        part.replace(folder / RESULT)
        modal.Volume.from_name(volume).commit()
        (folder / OUT / CHECKPOINT).unlink(missing_ok=True)  # from now on it is the result that another call finds
    except Exception as error:  # the answer of the call is the second way home
        if result["state"] != "failed":
            said = describe_inside(error)
            result |= {"state": "failed", "problem": said.problem, "remedy": said.remedy, "traceback": ""}
    return result


def versions() -> dict[str, str]:
    """Return what has to be the same here and there: Python to its minor version, labkit and spaCy."""
    import spacy

    import labkit

    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return {"Python": python, "labkit": labkit.__version__, "spaCy": spacy.__version__}


def _check(there: dict[str, str]) -> None:
    """Raise LabError where the notebook has another version of something than this container."""
    for name, version in versions().items():
        if there.get(name) != version:
            raise LabError(
                f"The notebook has {name} {there.get(name)}, and the container {version}.",
                f"Restart the notebook's kernel with {name} {version}, or start the job again from this notebook.",
            )


def _train(folder: Path, given: dict[str, Any], journal: Journal) -> dict[str, Any]:
    """Train, and describe the model that was kept."""
    from confection import Config

    from ..student import train as train_student
    from ..tasks import make_task

    register()
    texts = {part: _read(folder / f"{part}.jsonl") for part in ("train", "dev")}
    trained = train_student(
        Config().from_str(given["config"], interpolate=False),
        make_task(**given["task"]),
        texts["train"],
        texts["dev"],
        out=folder / OUT,
        report=journal,
        checkpoint_seconds=given["checkpoint_seconds"],
        must_end=journal.must_end,
    )
    if trained.interrupted and not journal.why:
        raise KeyboardInterrupt  # the container is to be given back: another one goes on
    for other in {"model-best", "model-last"} - {trained.pipeline.name}:
        shutil.rmtree(folder / OUT / other, ignore_errors=True)
    names = ("digest", "steps", "curve", "score", "per_label", "seconds", "words_per_second")
    return {
        "state": "stopped" if trained.interrupted else "done",
        "why": journal.why,
        "trained": {name: getattr(trained, name) for name in names},
        "pipeline": f"{OUT}/{trained.pipeline.name}",
        "files": describe_folder(trained.pipeline, folder / PARTS),
    }


def _label(folder: Path, given: dict[str, Any], journal: Journal) -> dict[str, Any]:
    """Run a pass of an LLM: replies and labels are kept in the store as they come."""
    from confection import Config

    from ..store import open_store
    from ..tasks import make_task
    from ..teacher import Teacher, run_pass

    register()
    with closing(open_store(os.environ["DATABASE_URL"], folder)) as store:
        config, task = Config().from_str(given["config"], interpolate=False), make_task(**given["task"])
        teacher = Teacher(config, task, store.replies, folder)
        try:
            passed = run_pass(teacher, store, given["project"], given["name"], budget=given["budget"], report=journal)
        except KeyboardInterrupt:
            if not journal.why:
                raise  # the container is to be given back: another one goes on
            return {"state": "stopped", "why": journal.why, "failures": {}, "llm_dollars": 0.0}
    return {"state": "done", "why": None, "failures": passed.failures, "llm_dollars": float(passed.dollars)}


def register() -> None:
    """Make known what an installed labkit makes known by its entry points: here it is nothing but source."""
    from spacy_llm.registry import registry

    from ..chat import make_chat
    from ..tasks.parser import make_span_parser

    registry.llm_models.register("labkit.Chat.v1", func=make_chat)
    registry.llm_misc.register("labkit.SpanParser.v1", func=make_span_parser)


def _read(path: Path) -> list[tuple[str, Any]]:
    """Read texts and their values."""
    with path.open(encoding="utf-8") as lines:
        return [(text, value) for text, value in map(json.loads, lines)]


def _device() -> str:
    """Name the GPU as its driver does, or say that there is none."""
    command = shutil.which("nvidia-smi")
    if command is None:
        return "CPU"
    query = [command, "--query-gpu=name", "--format=csv,noheader"]
    try:
        said = subprocess.run(query, capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return "CPU"
    return said.splitlines()[0].strip() if said.strip() else "CPU"
