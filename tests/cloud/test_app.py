"""Functions run at Modal, from a thread of their own."""

from __future__ import annotations

import asyncio

from labkit.cloud import Rent

from . import functions


def test_a_function_runs_in_a_container_with_what_was_asked_for(server, cloud):
    with cloud.running([functions.double], Rent(["L4", "A10G"], 3.0, 2048, timeout=77), detach=True) as made:
        call = cloud(made["double"].spawn, 21)
        assert cloud(call.get, timeout=60) == 42
    assert server.gpu("double") == ["L4:1", "A10G:1"]
    given = server.function("double")
    assert (given.timeout_secs, given.resources.milli_cpu, given.resources.memory_mb) == (77, 3000, 2048)


def test_it_runs_where_a_loop_runs_already(cloud):
    async def cell():
        with cloud.running([functions.double], Rent(max_containers=2)) as made:

            async def collect():
                return [found async for found in made["double"].map.aio(range(4))]

            return cloud(asyncio.run, collect())

    assert asyncio.run(cell()) == [0, 2, 4, 6]
