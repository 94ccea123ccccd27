"""What project.toml and the environment say of Modal."""

from __future__ import annotations

import pytest

from labkit.cloud import read_settings
from labkit.errors import LabError


def test_the_environment_goes_before_the_project_and_the_project_before_the_usual(monkeypatch):
    monkeypatch.setenv("LABKIT_MODAL_VOLUME", "mine")
    settings = read_settings({"volume": "ours", "secret": "keys", "prices": {"L4": 0.1}})
    assert read_settings({"cpu": 0.5, "memory": 512}).memory == 512
    assert (settings.volume, settings.secret, settings.app, settings.prices) == ("mine", "keys", "labkit", {"L4": 0.1})


@pytest.mark.parametrize(
    "given",
    [
        {"volumes": "x"},
        {"volume": 3},
        {"volume": ""},
        {"mount": "labkit"},
        {"mount": "/"},
        {"cpu": 0},
        {"cpu": float("nan")},
        {"memory": 512.5},
        {"memory": "8 GiB"},
        {"prices": 3},
        {"prices": {"L4": "cheap"}},
        {"prices": {"L4": -1}},
        {"prices": {"L4": True}},
    ],
)
def test_what_can_not_be_meant_is_refused(given):
    with pytest.raises(LabError, match="modal"):
        read_settings(given)
