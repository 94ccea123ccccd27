"""What a second costs, and when a job has to end."""

from __future__ import annotations

import pytest

from labkit.cloud import PRICES, Rent, dollars_a_second
from labkit.cloud.money import seconds_allowed
from labkit.errors import LabError

BARE = {"CPU core": 0.0, "GiB of memory": 0.0}


@pytest.mark.parametrize("gpu", ["L4", "A10G", "a100-80gb:8", "H100!", "B200+", "A10:4", "RTX-PRO-6000"])
def test_gpus_of_modal_are_taken(gpu):
    assert dollars_a_second(Rent(gpu=[gpu]), BARE) > 0


@pytest.mark.parametrize("gpu", ["L44", "", "L4:0", "L4:nine", "A10:5", "CPU core", "L4,A10G"])
def test_others_are_refused_before_anything_is_sent(gpu):
    with pytest.raises(LabError):
        Rent(gpu=[gpu])


def test_one_gpu_is_given_as_a_list():
    with pytest.raises(LabError, match=r"gpu=\['L4'\]"):
        Rent(gpu="L4")


@pytest.mark.parametrize(
    ("got", "price"),
    [
        (None, PRICES["A100-80GB"] * 2),
        ("NVIDIA L4", PRICES["L4"]),
        ("NVIDIA A10G", PRICES["A10"]),
        ("NVIDIA A100-SXM4-80GB", PRICES["A100-80GB"] * 2),
        ("CPU", PRICES["A100-80GB"] * 2),
    ],
)
def test_what_a_container_got_is_what_it_costs_and_until_then_the_dearest(got, price):
    assert dollars_a_second(Rent(gpu=["L4", "A10G", "A100-80GB:2"]), BARE, got) == pytest.approx(price)


def test_prices_can_be_replaced():
    assert dollars_a_second(Rent(gpu=["A10G"]), {**BARE, "A10": 1.0}) == 1.0
    assert dollars_a_second(Rent(cpu=2, memory=1024), {"CPU core": 1.0, "GiB of memory": 3.0}) == 5.0


def test_the_limit_that_comes_first_counts():
    assert seconds_allowed(1, None, 0.1) == 60
    assert seconds_allowed(None, 3, 0.1) == pytest.approx(30)
    assert seconds_allowed(1, 3, 0.1) == pytest.approx(30)


@pytest.mark.parametrize(("minutes", "dollars"), [(None, None), (0, None), (None, -1), (float("nan"), None)])
def test_no_limit_is_none(minutes, dollars):
    with pytest.raises(LabError):
        seconds_allowed(minutes, dollars, 0.1)


def test_nothing_lasts_longer_than_modal_allows():
    with pytest.raises(LabError, match="24 hours"):
        Rent(timeout=24 * 3600 + 1)
