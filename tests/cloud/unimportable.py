"""A function that a container can't import: it lacks a module that the notebook has."""

import os

if "MODAL_TASK_ID" in os.environ:
    import a_module_that_is_only_in_the_notebook  # noqa: F401


def work() -> None:
    """Do nothing."""
