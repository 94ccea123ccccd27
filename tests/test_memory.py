"""What a large table needed goes back to the system, and a batch is made in peace."""

import gc
import sys
from contextlib import suppress

import pandas as pd
import psutil
import pytest

from labkit.memory import give_back, uncollected


@pytest.mark.skipif(sys.platform != "linux", reason="what is given back is only seen under Linux")
def test_memory_is_given_back():
    def resident():
        return psutil.Process().memory_info().rss / 2**20

    give_back()
    before = resident()
    held = [pd.DataFrame({"text": [f"{number} {place}" * 20 for place in range(2_000)]}) for number in range(50)]
    grown = resident() - before
    del held
    give_back()
    assert grown > 15
    assert resident() - before < 0.5 * grown


def test_cycles_are_not_looked_for_within_one_batch_or_two_and_are_afterwards():
    with uncollected():
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
    with suppress(ZeroDivisionError), uncollected():
        raise ZeroDivisionError
    assert gc.isenabled()
