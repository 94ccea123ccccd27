"""The pretrained weights that a configuration names: whether they can be had, and what is said where they can't."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path, PurePosixPath, PureWindowsPath
from textwrap import shorten
from traceback import walk_tb
from typing import TYPE_CHECKING, Any

from ..errors import LabError, one_line

if TYPE_CHECKING:
    from confection import Config
    from spacy.language import Language

ARCHITECTURES = "spacy-transformers."
LIBRARIES = {"torch": "PyTorch", "spacy_transformers": "spacy-transformers"}
LINE = 300
"""Most characters of what a library says: one of them names all tokenizers that it knows."""

SECONDS = 10
"""How long Hugging Face is waited for."""


def blocks(section: Any) -> Iterator[dict[str, Any]]:
    """Yield the blocks of a configuration that name pretrained weights.

    Examples
    --------
    >>> model = {"@architectures": "spacy-transformers.TransformerModel.v3", "name": "FacebookAI/roberta-base"}
    >>> [block["name"] for block in blocks({"transformer": {"model": model}})]
    ['FacebookAI/roberta-base']
    """
    if isinstance(section, dict):
        if str(section.get("@architectures")).startswith(ARCHITECTURES) and "name" in section:
            yield section
        for part in section.values():
            yield from blocks(part)


@contextmanager
def reading(settings: Config) -> Iterator[None]:
    """Check that the weights can be had, then let them be read, with what goes wrong in words.

    Raises
    ------
    LabError
        If a library is missing, the folder or the name does not exist, Hugging Face is out of reach or wants a token,
        or the files are damaged or incomplete.
    """
    names = [str(block["name"]) for block in blocks(settings.interpolate()["components"])]
    if not names:
        yield
        return
    for module, library in LIBRARIES.items():
        if find_spec(module) is None:
            raise LabError(
                f"The configuration trains a transformer, and {library} is not installed.",
                'Run `pip install "labkit[transformers]"`, or "labkit[gpu]" on a machine with a GPU.',
            )
    for name in names:
        _find(name)
    try:
        yield
    except LabError:
        raise
    except Exception as error:  # tokenizers and safetensors raise no other
        if not _by_transformers(error):
            raise
        raise _words(error, ", ".join(names)) from None


def forget_place(nlp: Language) -> None:
    """Leave of the folder that weights were read from its name: a model should hold no path of this machine."""
    for _, component in nlp.pipeline:
        for node in component.model.walk() if hasattr(component, "model") else ():
            if is_path(str(node.attrs.get("name", ""))):
                node.attrs["name"] = Path(node.attrs["name"]).name
            for shim in node.shims:
                config = getattr(shim._model, "config", None)
                if config is not None and is_path(str(config.name_or_path)):
                    config.name_or_path = Path(config.name_or_path).name


def is_path(name: str) -> bool:
    """Return whether a name is that of a folder, and can't be one of Hugging Face's."""
    return name.startswith((".", "~")) or PurePosixPath(name).is_absolute() or PureWindowsPath(name).is_absolute()


def _find(name: str) -> None:
    """Raise `LabError` where there are no weights of this name, on this disk or at Hugging Face."""
    from huggingface_hub import HfApi, try_to_load_from_cache
    from huggingface_hub.errors import GatedRepoError, HFValidationError, RepositoryNotFoundError

    if Path(name).is_dir():
        return
    if is_path(name):
        raise LabError(f"The folder {name} with a transformer's weights does not exist.", "Mend the setting `name`.")
    try:
        if not try_to_load_from_cache(name, "config.json"):
            HfApi().model_info(name, timeout=SECONDS)
    except GatedRepoError:
        raise LabError(
            f"The weights {name} are given to those alone who agreed to their terms.",
            "Agree on their page at huggingface.co, and set HF_TOKEN.",
        ) from None
    except (RepositoryNotFoundError, HFValidationError):
        raise LabError(
            f"There are no weights called {name!r}: no folder here, and nothing public at huggingface.co.",
            'Mend the setting `name`, for example name = "FacebookAI/roberta-base".',
        ) from None
    except OSError as error:
        raise LabError(
            f"The weights {name} are not on this machine, and huggingface.co is out of reach ({type(error).__name__}).",
            "Go online, or give the folder of weights that are here as the setting `name`.",
        ) from None


def _by_transformers(error: Exception) -> bool:
    """Return whether an error came up in transformers, or in what it called."""
    frames = walk_tb(error.__traceback__)
    return any(frame.f_globals.get("__name__", "").partition(".")[0] == "transformers" for frame, _ in frames)


def _words(error: Exception, names: str) -> LabError:
    """Say what the files of weights lack."""
    said = shorten(one_line(error), LINE)
    missing = "sentencepiece" in said.lower() and find_spec("sentencepiece") is None
    if missing or "protobuf library" in said:  # transformers names sentencepiece also where its file is damaged
        return LabError(
            f"The tokenizer of {names} needs the libraries sentencepiece and protobuf.",
            'Run `pip install "labkit[transformers]"`.',
        )
    return LabError(f"The weights {names} can't be read: {said}.", "Mend their folder, or download them again.")
