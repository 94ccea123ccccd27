"""What a large table needed goes back to the system."""

import sys

import pandas as pd
import psutil
import pytest

from labkit.memory import give_back


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
