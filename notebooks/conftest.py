"""Leaves a notebook out, and says why, where the texts it needs can't be had."""

from __future__ import annotations

import pytest

from labkit import LabError, datasets

REAL = "07_real_issues.ipynb"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the notebook on real texts where they are neither downloaded, nor mirrored, nor within reach."""
    cells = [item for item in items if item.path.name == REAL]
    if not cells:
        return
    try:
        datasets.docs_issues()
    except LabError as error:
        for cell in cells:
            cell.add_marker(pytest.mark.skip(reason=str(error)))
