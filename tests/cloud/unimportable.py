"""A function that a container can't import: it lacks a module that the notebook has."""

import importlib

import modal

if not modal.is_local():
    importlib.import_module("a_module_that_is_only_in_the_notebook")


def work() -> None:
    """Do nothing."""
