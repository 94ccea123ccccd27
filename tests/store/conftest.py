"""A store on a fresh database, with one project of three texts in it."""

import hashlib

import pytest

from labkit.store import NewExample


def example(text: str, key: str | None = None, split: str = "train") -> NewExample:
    """Make a text on its way into a project."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return NewExample(digest, key or digest[:12], text, split, "texts.jsonl:1")


@pytest.fixture
def project(store):
    """Return the number of a project with the texts a, b and c."""
    number = store.examples.project("issues")
    store.examples.add(number, [example("a", "A"), example("b", "B", "dev"), example("c", "C", "test")])
    return number


@pytest.fixture
def ids(store, project):
    """Return the example numbers of the keys A, B and C."""
    return store.examples.ids(project)
