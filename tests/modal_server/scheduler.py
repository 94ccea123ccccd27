"""Hands inputs to containers, takes their results, and wakes whoever waits."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from pathlib import Path

from modal_proto import api_pb2 as pb

from .records import Input, Result, Task
from .world import World


class Scheduler(World):
    """Hands inputs to containers, takes their results, and wakes whoever waits."""

    async def notify(self):
        pulse, self._pulse = self._pulse, asyncio.Event()
        pulse.set()

    async def wait(self, predicate, timeout: float) -> bool:
        end = time.monotonic() + max(0.0, timeout)
        while not predicate():  # nothing awaits between this check and reading _pulse: no wake-up is lost
            left = end - time.monotonic()
            if left <= 0:
                return False
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._pulse.wait(), left)
        return True

    def spawn_bg(self, coro):
        t = self.loop.create_task(coro)
        self._bg.add(t)
        t.add_done_callback(self._bg.discard)

    def find_input(self, input_id: str) -> Input:
        return next(c.inputs[input_id] for c in self.function_calls.values() if input_id in c.inputs)

    def enqueue(self, given: Input):
        fid = given.call.fn
        if canned := self.inject.get(self.functions[fid].function_name):
            self.spawn_bg(self.finish(given, canned.pop(0)))
            return
        self.queues[fid].append(given)
        self.spawn_bg(self.notify())
        self.scale(fid)

    def scale(self, fid: str):
        fn = self.functions[fid]
        live = [t for t in self.tasks.values() if t.fn == fid and not t.stopping]
        free = [t for t in live if not t.running]
        limit = fn.autoscaler_settings.max_containers or self.max_containers
        for _ in range(min(len(self.queues[fid]) - len(free), limit - len(live))):
            task = Task(self.new_id("ta"), fid, self.app_of[fid], Path())
            self.tasks[task.id] = task
            self.spawn_bg(self.run_container(task))

    async def finish(self, given: Input, result: Result, data_format: int = pb.DATA_FORMAT_PICKLE):
        if given.timer:
            given.timer.cancel()
        if given.task:
            given.task.running.discard(given.id)
        bad = result.status not in (Result.GENERIC_STATUS_SUCCESS, Result.GENERIC_STATUS_TERMINATED)
        server_retries = (
            given.call.invocation != pb.FUNCTION_CALL_INVOCATION_TYPE_SYNC
        )  # .remote/.map retry in the client
        if bad and server_retries and given.retry < self.functions[given.call.fn].retry_policy.retries:
            given.retry += 1
            self.enqueue(given)
            return
        given.done = True
        given.call.outputs.append(
            pb.FunctionGetOutputsItem(
                result=result,
                idx=given.idx,
                input_id=given.id,
                data_format=data_format,
                retry_count=given.retry,
                output_created_at=time.time(),
                task_id=given.task.id if given.task else "",
            )
        )
        await self.notify()
        self.scale(given.call.fn)

    async def timeout(self, given: Input, secs: int):
        if not given.done:
            self.kill(given.task)
            await self.finish(
                given,
                Result(
                    status=Result.GENERIC_STATUS_TIMEOUT,
                    exception=f"Task's current input {given.id} hit its timeout of {secs}s",
                ),
            )

    async def task_failed(self, task: Task, result: Result):
        task.stopping = True
        pending = [i for c in self.function_calls.values() if c.fn == task.fn for i in c.inputs.values() if not i.done]
        self.queues[task.fn].clear()
        for given in pending:
            await self.finish(given, result)

    def kill(self, task: Task):
        task.stopping = True
        if task.proc and task.proc.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(task.proc.pid, signal.SIGKILL)
