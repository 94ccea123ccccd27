"""Calls as a container sees them."""

from __future__ import annotations

from functools import partial

from modal_proto import api_pb2 as pb

from .records import Input
from .service import Service


class Inside(Service):
    """Calls as a container sees them."""

    # ---- calls, container side
    async def _ContainerHello(self, request): ...

    async def _ContainerHeartbeat(self, request):
        await self.world.wait(lambda: self.task.stopping, 10)
        return pb.ContainerHeartbeatResponse()

    async def _FunctionGetInputs(self, request):
        task, queue = self.task, self.world.queues[request.function_id]
        await self.world.wait(lambda: queue or task.stopping, self.world.idle_s)
        if task.stopping or not queue:  # idle container: scale to zero
            task.stopping = True
            return pb.FunctionGetInputsResponse(inputs=[pb.FunctionGetInputsItem(kill_switch=True)])
        batch, queue[:] = queue[: max(1, request.batch_max_size)], queue[max(1, request.batch_max_size) :]
        for given in batch:
            given.task = task
            task.running.add(given.id)
            secs = self.world.functions[request.function_id].timeout_secs
            given.timer = self.world.loop.call_later(secs, partial(self._expire, given, secs)) if secs else None
        return pb.FunctionGetInputsResponse(
            inputs=[
                pb.FunctionGetInputsItem(
                    input_id=i.id,
                    input=i.proto,
                    function_call_id=i.call.id,
                    retry_count=i.retry,
                    function_call_invocation_type=i.call.invocation,
                    function_map_idx=i.idx,
                )
                for i in batch
            ]
        )

    async def _FunctionPutOutputs(self, request):
        for o in request.outputs:
            given = self.world.find_input(o.input_id)
            if not given.done and o.retry_count == given.retry:
                await self.world.finish(given, o.result, o.data_format)

    async def _FunctionCallPutDataOut(self, request):
        self.world.function_calls[request.function_call_id].chunks.extend(request.data_chunks)
        await self.world.notify()

    async def _TaskResult(self, request):  # the container could not start (import error, @enter failed ...)
        await self.world.task_failed(self.task, request.result)

    async def _ContainerStop(self, request):
        if t := self.world.tasks.get(request.task_id):
            self.world.kill(t)

    def _expire(self, given: Input, seconds: int):
        """End an input whose time is up."""
        self.world.spawn_bg(self.world.timeout(given, seconds))
