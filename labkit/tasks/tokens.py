"""The tokens of a text, to which marks on it snap."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import LabError

if TYPE_CHECKING:
    from spacy.language import Language


def check_language(language: str) -> None:
    """Raise LabError for a language that spaCy does not know; spaCy is found, and not imported.

    Examples
    --------
    >>> check_language("tlh")
    Traceback (most recent call last):
    ...
    labkit.errors.LabError: The language 'tlh' is none of spaCy's. Use a code such as "en", or "xx" for any language.
    """
    spec = find_spec("spacy")
    folders = [Path(folder) / "lang" for folder in (spec.submodule_search_locations or () if spec else ())]
    if not isinstance(language, str) or not any((folder / language / "__init__.py").is_file() for folder in folders):
        raise LabError(
            f"The language {language!r} is none of spaCy's.", 'Use a code such as "en", or "xx" for any language.'
        )


def tokenize(text: str, language: str) -> list[tuple[int, int]]:
    """Return start and end of the tokens of `text`, in code points, end exclusive; white space is none.

    Examples
    --------
    >>> tokenize("Ada  didn't.", "en")
    [(0, 3), (5, 8), (8, 11), (11, 12)]
    """
    doc = _tokenizer(language).make_doc(text)
    return [(token.idx, token.idx + len(token)) for token in doc if not token.is_space]


@lru_cache(maxsize=4)
def _tokenizer(language: str) -> Language:
    """Return a pipeline of a tokenizer alone, whose texts may be of any length."""
    import spacy

    try:
        pipeline = spacy.blank(language)
    except ImportError:
        raise LabError(
            f"spaCy needs another package for the language {language!r}.", 'Install it, or use "xx".'
        ) from None
    pipeline.max_length = 10**9
    return pipeline
