"""What a large table needed goes back to the system, and a batch is made in peace."""

import gc
import subprocess
import sys
from contextlib import suppress

import pytest

from labkit.memory import uncollected

# In a process of its own: where other tests have left room in the heap, a table need not grow it.
GROWS_AND_SHRINKS = """
import pandas as pd, psutil
from labkit.memory import give_back

def resident():
    return psutil.Process().memory_info().rss / 2**20

give_back()
before = resident()
held = [pd.DataFrame({"text": [f"{number} {place}" * 20 for place in range(2_000)]}) for number in range(50)]
grown = resident() - before
del held
give_back()
print(grown, resident() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="what is given back is only seen under Linux")
def test_memory_is_given_back():
    printed = subprocess.run([sys.executable, "-c", GROWS_AND_SHRINKS], check=True, capture_output=True, text=True)
    grown, left = map(float, printed.stdout.split())
    assert grown > 10
    assert left < 0.5 * grown


def test_cycles_are_not_looked_for_within_one_batch_or_two_and_are_afterwards():
    with uncollected():
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
    with suppress(ZeroDivisionError), uncollected():
        raise ZeroDivisionError
    assert gc.isenabled()
