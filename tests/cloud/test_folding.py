"""Folds are trained and scored in containers, with the very figures of this machine."""

import pandas as pd
import pytest
from spacy.util import load_config

from labkit.cloud import Rent, read_settings
from labkit.cloud.folding import Folds
from labkit.errors import LabError
from labkit.student import out_of_fold

from ..predicted import CPU, TASK

ROWS = [(n, f"{said} {n}", value) for n in range(20) for said, value in (("it crashes", ["BUG"]), ("a typo", []))]


@pytest.fixture
def config():
    """Return the configuration that ships, cut to a few steps."""
    config = load_config(CPU)
    config["training"] |= {"max_steps": 20, "patience": 0}
    return config


@pytest.fixture
def containers(server):
    """Return what runs folds at the stand-in."""
    return Folds(read_settings(), None, Rent(max_containers=2, timeout=600))


def test_folds_in_containers_give_the_figures_of_this_machine(config, containers):
    reports = []
    there = out_of_fold(config, TASK, ROWS, folds=3, runner=containers, report=reports.append)
    pd.testing.assert_frame_equal(there, out_of_fold(config, TASK, ROWS, folds=3), check_exact=True)
    assert [(each.done, each.total) for each in reports] == [(1, 3), (2, 3), (3, 3)]
    assert 0 < reports[0].figures["dollars"] < reports[2].figures["dollars"] == containers.dollars


def test_a_fold_that_fails_is_said(config, containers):
    alike = [(number, text, ["BUG"]) for number, text, _ in ROWS]
    with pytest.raises(LabError, match=r"Scoring fold \d: All texts to train on .* have the value 'BUG'"):
        out_of_fold(config, TASK, alike, folds=3, runner=containers)
