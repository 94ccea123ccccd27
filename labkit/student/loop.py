"""Joins spaCy's training loop to texts in memory and to whoever watches."""

from __future__ import annotations

import random
import shutil
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import LabError, one_line
from ..tasks import Task
from . import device, weights
from .checkpoint import Checkpoints
from .follower import Follower
from .inputs import Texts

if TYPE_CHECKING:
    from confection import Config
    from spacy.language import Language
    from spacy.training import Example

    from .checkpoint import Evaluate

READER = "labkit.Texts.v1"

# spaCy's loop draws from the process's random numbers and finds texts in its registry: two trainings
# at once in one process would disturb each other.
_ONE_AT_A_TIME = threading.Lock()


def run_loop(
    settings: Config,
    task: Task,
    texts: Mapping[str, Texts],
    out: Path,
    follower: Follower,
    checkpoints: Checkpoints | None = None,
) -> None:
    """Train with spaCy's loop until it ends or is stopped; `model-best` and `model-last` are left in `out`.

    Parameters
    ----------
    settings : Config
        A complete configuration.
    task : Task
        Writes the values on the documents.
    texts : mapping of str to texts
        The texts and values under `train` and `dev`.
    out : Path
        The folder for the models.
    follower : Follower
        Is told of every evaluation, and asked after every batch whether to go on.
    checkpoints : Checkpoints, optional
        Where the training stands is kept there, and taken up from there.

    Raises
    ------
    LabError
        If spaCy can't build the pipeline, or `out` can't be written.
    """
    with _ONE_AT_A_TIME, _registered(task, texts), _stopping_between_batches(follower):
        number = device.choose(settings)
        follower.device, _ = device.describe(number)
        nlp = _build(settings, follower.has_dev, number)
        try:
            out.mkdir(parents=True, exist_ok=True)
            with device.memory_in_words(device.to_train(settings)):
                _train(nlp, out, follower, checkpoints)
        except OSError as error:
            raise LabError(
                f"The model can't be written to {out}: {error.strerror or error}.", "Free space, or use another folder."
            ) from None
        finally:
            follower.device, follower.gpu_bytes = device.describe(number)


def _train(nlp: Language, out: Path, follower: Follower, checkpoints: Checkpoints | None) -> None:
    """Train as spaCy's own command does, from the last checkpoint where there is one."""
    from spacy.schemas import ConfigSchemaTraining
    from spacy.training import loop
    from spacy.util import fix_random_seed, registry, resolve_dot_names

    config = nlp.config.interpolate()
    if config["training"]["seed"] is not None:
        fix_random_seed(config["training"]["seed"])
    settings = registry.resolve(config["training"], schema=ConfigSchemaTraining)
    train_corpus, dev_corpus = resolve_dot_names(config, [settings["train_corpus"], settings["dev_corpus"]])
    # These sections have been read: the author's own are put back before a model is saved.
    own = follower.settings.copy()
    nlp.config["corpora"], nlp.config["training"] = own["corpora"], own["training"]
    optimizer = settings["optimizer"]
    batches = _drawn_apart(loop.create_train_batches(nlp, train_corpus, settings["batcher"], settings["max_epochs"]))
    evaluate = _evaluating(loop.create_evaluation_callback(nlp, dev_corpus, settings["score_weights"]), follower)
    if checkpoints:
        batches, evaluate = checkpoints.batches(nlp, optimizer, batches), checkpoints.evaluating(evaluate)
    names = ("dropout", "accumulate_gradient", "patience", "max_steps", "eval_frequency", "annotating_components")
    steps = loop.train_while_improving(
        nlp,
        optimizer,
        batches,
        evaluate,
        exclude=settings["frozen_components"],
        before_update=settings["before_update"],
        **{name: settings[name] for name in names},
    )
    follower.begin(checkpoints.last.followed if checkpoints else {})
    done = follower.steps
    if not done:
        loop.clean_output_dir(out)
    save = partial(_save, nlp, optimizer, loop.create_before_to_disk_callback(settings["before_to_disk"]), out)
    saved = done

    def keep(info: dict[str, Any], is_best: bool) -> None:
        nonlocal saved
        with nlp.select_pipes(disable=settings["frozen_components"]):
            loop.update_meta(settings, nlp, info)
        save(is_best)
        saved = follower.steps
        follower.keep(info)

    try:
        for _, info, is_best in steps:
            if info["step"] < done:
                continue
            follower.steps += 1
            if is_best is not None:
                keep(info, is_best)
                if checkpoints and checkpoints.due():
                    checkpoints.write(nlp, optimizer, follower.steps, follower.state)
                follower.tell()
            if follower.ends():
                break
            if is_best is None:
                follower.tell_between(info)
        if follower.out_of_time and follower.unscored:
            with nlp.use_params(optimizer.averages):
                score, others = evaluate()
            keep({**info, "score": score, "other_scores": others}, follower.best is None or score >= follower.best)
            follower.tell()
    finally:
        if follower.steps > saved:
            save(False)


def _drawn_apart(batches: Iterable[Any]) -> Iterator[Any]:
    """Yield batches in an order that hangs on nothing that is drawn between them.

    A training that is taken up again runs through its batches without learning from them; spacy-transformers draws
    from Python's random numbers whenever it learns.
    """
    left, own = iter(batches), random.getstate()
    while True:
        others = random.getstate()
        random.setstate(own)
        found = next(left, None)
        own = random.getstate()
        random.setstate(others)
        if found is None:
            return
        yield found


def _evaluating(evaluate: Evaluate, follower: Follower) -> Evaluate:
    """Return `evaluate`, which says what to change where the texts that it looks at together are too many."""

    def evaluated() -> tuple[float, dict[str, Any]]:
        follower.evaluates()
        with device.memory_in_words(device.to_run(follower.settings)):
            return evaluate()

    return evaluated


def _save(nlp: Language, optimizer: Any, before: Callable[[Language], Language], out: Path, is_best: bool) -> None:
    """Write the model as the last one, and where it is the best so far, as that."""
    last, best, part = out / "model-last", out / "model-best", out / "model-part"
    with nlp.use_params(optimizer.averages):
        before(nlp).to_disk(last)
    if is_best:
        shutil.rmtree(part, ignore_errors=True)  # half a copy of a process that was killed
        shutil.copytree(last, part)
        shutil.rmtree(best, ignore_errors=True)
        part.rename(best)


def _build(settings: Config, has_dev: bool, number: int) -> Language:
    """Return the initialised pipeline, joined to our reader; nobody reads the tables of a logger here."""
    from spacy.training.initialize import init_nlp

    joined = settings.copy()
    joined["corpora"] = {part: {"@readers": READER, "part": part} for part in ("train", "dev")}
    joined["training"]["train_corpus"], joined["training"]["dev_corpus"] = "corpora.train", "corpora.dev"
    joined["training"]["logger"] = {"@loggers": "spacy.ConsoleLogger.v1"}
    if not has_dev:
        joined["training"]["patience"] = 0
    if number < 0:
        for block in weights.blocks(joined["components"]):
            block["mixed_precision"] = False  # it is for NVIDIA's GPUs alone
    try:
        with weights.reading(settings), device.memory_in_words("Take smaller weights, or more memory."):
            nlp = init_nlp(joined, use_gpu=number)
    except (ValueError, ImportError) as error:
        raise LabError(f"spaCy can't build the pipeline: {one_line(error)}.", "Mend the configuration.") from None
    weights.forget_place(nlp)
    return nlp


@contextmanager
def _registered(task: Task, texts: Mapping[str, Texts]) -> Iterator[None]:
    """Let configurations name these texts as a reader."""
    from spacy.util import registry

    held = dict(texts)
    registry.readers.register(READER, func=lambda part: cache(partial(_examples, task=task, texts=held[part])))
    try:
        yield
    finally:
        held.clear()  # the registry forgets nothing: it should not hold on to the texts


def _examples(nlp: Language, task: Task, texts: Texts) -> list[Example]:
    """Make spaCy's training examples of texts and values; spaCy works on copies, so they can be handed out again."""
    from spacy.training import Example

    references = [nlp.make_doc(text) for text, _ in texts]
    for reference, (_, value) in zip(references, texts, strict=True):
        task.write(reference, value)
    return [Example(nlp.make_doc(reference.text), reference) for reference in references]


@contextmanager
def _stopping_between_batches(follower: Follower) -> Iterator[None]:
    """Turn the first Ctrl-C into a request, so that no model is left half written; a second one raises at once."""
    here = threading.current_thread() is threading.main_thread()
    if not here or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return

    def ask(number: int, frame: Any) -> None:
        follower.stopping = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
