"""How much a training has to read: what its price is reckoned from before it begins."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..tasks import Task
from .inputs import check_texts, read_settings

if TYPE_CHECKING:
    from confection import Config


def words_to_train(config: Path | Config, task: Task, texts: Sequence[str]) -> int | None:
    """Return how many words a training reads at the most; it may end sooner, where no better model comes.

    Parameters
    ----------
    config : Path or Config
        A spaCy training configuration.
    task : Task
        What is learned.
    texts : sequence of str
        The texts to learn from.

    Returns
    -------
    int or None
        Tokens, each as often as it is read, or None where the configuration sets no end.

    Raises
    ------
    LabError
        If the configuration can't be read, or a text is none.

    Examples
    --------
    >>> from labkit.tasks import make_task
    >>> task = make_task("choices", ["BUG", "DOCUMENTATION"])
    >>> words_to_train(Path("configs/issues/cpu.cfg"), task, ["It crashes at start"] * 32)
    19200
    """
    import spacy
    from spacy.util import registry

    check_texts(texts)
    settings = read_settings(config, task).interpolate()
    training = settings["training"]
    nlp = spacy.blank(settings["nlp"]["lang"])
    docs = [nlp.make_doc(text) for text in texts]
    words = sum(map(len, docs))
    batches = sum(1 for _ in registry.resolve({"batcher": training["batcher"]})["batcher"](docs))
    limits = [training["max_epochs"] * words] if training["max_epochs"] > 0 else []
    limits += [training["max_steps"] * words / max(batches, 1)] if training["max_steps"] else []
    return round(min(limits)) if limits else None
