"""A function that a container can't import: it lacks a module that the notebook has."""

import importlib
import os

if "MODAL_TASK_ID" in os.environ:
    importlib.import_module("a_module_that_is_only_in_the_notebook")


def work() -> None:
    """Do nothing."""
