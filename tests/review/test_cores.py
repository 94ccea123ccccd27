import doctest
import threading

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from labkit.review import cores
from labkit.review.cores import one_core


def threads():
    np.ones((2, 2)) @ np.ones((2, 2))
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


def test_examples_in_docstrings_run():
    assert doctest.testmod(cores).failed == 0


def test_inside_there_is_one_thread_and_after_it_as_many_as_before():
    with threadpool_limits(2, user_api="blas"):
        with one_core():
            assert threads() == {1}
        assert threads() == {2}


def test_what_goes_wrong_inside_leaves_the_threads_as_they_were():
    with threadpool_limits(2, user_api="blas"):
        with pytest.raises(ZeroDivisionError), one_core():
            raise ZeroDivisionError
        assert threads() == {2}


def test_blocks_of_several_threads_take_turns_and_restore_what_was_there():
    inside: list[int] = []
    most: list[int] = []

    def block():
        for _ in range(20):
            with one_core():
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    with threadpool_limits(2, user_api="blas"):
        several = [threading.Thread(target=block) for _ in range(4)]
        for thread in several:
            thread.start()
        for thread in several:
            thread.join()
        assert threads() == {2}
    assert set(most) == {1}
    assert len(most) == 80
