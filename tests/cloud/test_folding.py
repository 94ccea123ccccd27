"""Folds are trained and scored in containers, with the very figures of this machine."""

import pandas as pd
import pytest
from spacy.util import load_config

from labkit.cloud import Rent, read_settings
from labkit.cloud.folding import MATERIAL, Folds
from labkit.cloud.volume import put
from labkit.errors import LabError
from labkit.student import out_of_fold

from ..predicted import CPU, TASK
from .killing import killing


@pytest.fixture
def rows(request):
    """Return texts of this test alone: what other tests left on the volume is none of its."""
    said = (("it crashes", ["BUG"]), ("a typo", []))
    return [(n, f"{text} {n} {request.node.name}", value) for n in range(20) for text, value in said]


@pytest.fixture
def config():
    """Return the configuration that ships, cut to a few steps."""
    config = load_config(CPU)
    config["training"] |= {"max_steps": 20, "patience": 0}
    return config


@pytest.fixture
def containers(server):
    """Return what runs folds at the stand-in."""
    return Folds(read_settings(), None, Rent(max_containers=2, timeout=600), seconds=600)


@pytest.fixture
def lose(cloud):
    """Return a function that takes files of some name off the volume, and returns where they were."""

    def lost(name):
        found = [each.path for each in cloud(cloud.volume.listdir, "folds", recursive=True)]
        paths = [path for path in found if path.rpartition("/")[2] == name]
        for path in paths:
            cloud(cloud.volume.remove_file, path)
        return paths

    return lost


def test_folds_in_containers_give_the_figures_of_this_machine(config, containers, rows):
    reports = []
    there = out_of_fold(config, TASK, rows, folds=3, runner=containers, report=reports.append)
    pd.testing.assert_frame_equal(there, out_of_fold(config, TASK, rows, folds=3), check_exact=True)
    assert [(each.done, each.total) for each in reports] == [(1, 3), (2, 3), (3, 3)]
    assert 0 < reports[0].figures["dollars"] < reports[2].figures["dollars"] == containers.dollars


def test_folds_that_are_done_are_kept_and_the_others_alone_are_scored(config, containers, rows, server, lose):
    there = out_of_fold(config, TASK, rows, folds=3, runner=containers)
    assert lose("1.json")
    apps, spent, reports = len(server.apps), containers.dollars, []
    again = out_of_fold(config, TASK, rows, folds=3, runner=containers, report=reports.append)
    pd.testing.assert_frame_equal(there, again, check_exact=True)
    assert [(each.done, each.total) for each in reports] == [(3, 3)]
    assert (len(server.apps), containers.dollars > spent) == (apps + 1, True)
    out_of_fold(config, TASK, rows, folds=3, runner=containers)
    assert len(server.apps) == apps + 1, "where nothing is left, nothing is rented"


def test_a_fold_whose_container_was_lost_is_sent_again_alone(config, rows, server):
    containers = Folds(read_settings(), None, Rent(max_containers=2, timeout=600, retries=0), seconds=600)
    with killing(server, 1) as killed:
        there = out_of_fold(config, TASK, rows, folds=3, runner=containers)
    assert len(killed) == 1
    pd.testing.assert_frame_equal(there, out_of_fold(config, TASK, rows, folds=3), check_exact=True)


def test_folds_end_when_time_is_up(config, containers, rows, server):
    containers.seconds = 0.01
    with pytest.raises(LabError, match=r"Time is up after 0\.0 minutes, with 3 of 3 folds not done\. .* kept"):
        out_of_fold(config, TASK, rows, folds=3, runner=containers)
    assert all(app.stopped for app in server.apps.values())


def test_a_fold_that_fails_is_said_and_not_tried_in_vain(config, containers, rows, server):
    alike = [(number, text, ["BUG"]) for number, text, _ in rows]
    with pytest.raises(LabError, match=r"Scoring fold \d: All texts to train on .* have the value 'BUG'"):
        out_of_fold(config, TASK, alike, folds=3, runner=containers)
    assert "FunctionRetryInputs" not in server.rpcs()


def test_what_nobody_foresaw_comes_with_its_traceback(config, containers, rows, cloud, lose):
    out_of_fold(config, TASK, rows, folds=3, runner=containers)
    lose("0.json")
    put(cloud, dict.fromkeys(lose(MATERIAL), b"no JSON"))
    with pytest.raises(LabError, match="raised JSONDecodeError in its container") as caught:
        out_of_fold(config, TASK, rows, folds=3, runner=containers)
    assert "in score_fold" in str(caught.value.__cause__)
