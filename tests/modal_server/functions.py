"""Functions and classes, and calls as the client sees them."""

from __future__ import annotations

from grpclib import GRPCError, Status
from modal_proto import api_pb2 as pb

from .records import Call, Input, Result, claims, token
from .service import Service


class Functions(Service):
    """Functions and classes, and calls as the client sees them."""

    # ---- functions and classes
    async def _FunctionPrecreate(self, request):
        fid = request.existing_function_id or self.world.new_id("fu")
        meta = pb.FunctionHandleMetadata(
            function_name=request.function_name,
            function_type=request.function_type,
            function_schema=request.function_schema,
            supported_input_formats=request.supported_input_formats,
            supported_output_formats=request.supported_output_formats,
            app_id=request.app_id,
            definition_id=f"de-{fid}",
            method_handle_metadata={
                k: self.world.method_meta(k, m, request.app_id) for k, m in request.method_definitions.items()
            },
        )
        return pb.FunctionPrecreateResponse(function_id=fid, handle_metadata=meta)

    async def _FunctionCreate(self, request):
        fid = request.existing_function_id or self.world.new_id("fu")
        ranked = [x.function for x in request.function_data.ranked_functions]
        self.world.ranked[fid] = ranked or [request.function]
        self.world.functions[fid] = self.world.ranked[fid][0]  # a GPU list means preference order: "schedule" the first
        self.world.app_of[fid] = request.app_id
        return pb.FunctionCreateResponse(
            function_id=fid,
            function=self.world.functions[fid],
            handle_metadata=self.world.meta(fid),
            function_data=self.world.data(fid),
        )

    async def _ClassCreate(self, request):
        return pb.ClassCreateResponse(
            class_id=request.existing_class_id or self.world.new_id("cs"), handle_metadata=pb.ClassHandleMetadata()
        )

    async def _ClassGet(self, request):
        return pb.ClassGetResponse(
            class_id=self.world.lookup(request, "classes"), handle_metadata=pb.ClassHandleMetadata()
        )

    async def _FunctionGet(self, request):
        fid = self.world.lookup(request, "functions")
        return pb.FunctionGetResponse(
            function_id=fid, handle_metadata=self.world.meta(fid), function=self.world.data(fid)
        )

    async def _FunctionBindParams(self, request):  # .with_options(...) and parametrised classes
        key = request.SerializeToString(deterministic=True)
        fid = self.world.bound.get(key)
        if fid is None:
            fid = self.world.bound[key] = self.world.new_id("fu")
            fn, o = pb.Function(), request.function_options
            fn.CopyFrom(self.world.functions[request.function_id])
            if o.HasField("resources"):
                fn.resources.MergeFrom(o.resources)
            if o.HasField("timeout_secs"):
                fn.timeout_secs = o.timeout_secs
            if o.HasField("retry_policy"):
                fn.retry_policy.CopyFrom(o.retry_policy)
            if o.replace_secret_ids or o.secret_ids:
                fn.secret_ids[:] = o.secret_ids
            if o.replace_volume_mounts or o.volume_mounts:
                del fn.volume_mounts[:]
                fn.volume_mounts.extend(o.volume_mounts)
            self.world.functions[fid], self.world.ranked[fid] = fn, [fn]
            self.world.app_of[fid] = self.world.app_of[request.function_id]
            self.world.params[fid] = request.serialized_params
        return pb.FunctionBindParamsResponse(bound_function_id=fid, handle_metadata=self.world.meta(fid))

    # ---- calls, client side
    def _add_input(self, call: Call, item) -> pb.FunctionPutInputsResponseItem:
        given = Input(self.world.new_id("in"), item.idx, call, item.input)
        call.inputs[given.id] = given
        self.world.enqueue(given)
        return pb.FunctionPutInputsResponseItem(
            idx=given.idx,
            input_id=given.id,
            input_jwt=token(idx=given.idx, input_id=given.id, function_call_id=call.id),
        )

    async def _FunctionMap(self, request):
        app = self.world.apps[self.world.app_of[request.function_id]]
        if app.stopped:
            raise GRPCError(Status.FAILED_PRECONDITION, "App is stopped")
        call = Call(self.world.new_id("fc"), request.function_id, request.function_call_invocation_type)
        self.world.function_calls[call.id] = call
        items = [self._add_input(call, i) for i in request.pipelined_inputs]
        return pb.FunctionMapResponse(
            function_call_id=call.id,
            function_call_jwt=token(function_call_id=call.id),
            pipelined_inputs=items,
            retry_policy=self.world.functions[request.function_id].retry_policy,
            sync_client_retries_enabled=True,
            max_inputs_outstanding=1000,
        )

    async def _FunctionPutInputs(self, request):
        call = self.world.function_calls[request.function_call_id]
        return pb.FunctionPutInputsResponse(inputs=[self._add_input(call, i) for i in request.inputs])

    async def _FunctionFinishInputs(self, request): ...

    async def _FunctionRetryInputs(self, request):
        tokens = []
        for item in request.inputs:
            given = self.world.find_input(claims(item.input_jwt)["input_id"])
            given.retry, given.done, given.proto = max(item.retry_count, given.retry + 1), False, item.input
            self.world.enqueue(given)
            tokens.append(token(idx=given.idx, input_id=given.id, function_call_id=given.call.id, retry=given.retry))
        return pb.FunctionRetryInputsResponse(input_jwts=tokens)

    async def _FunctionGetOutputs(self, request):
        call = self.world.function_calls.get(request.function_call_id)
        if call is None:
            raise GRPCError(Status.NOT_FOUND, f"Function call {request.function_call_id} not found")

        def ready():
            if request.HasField("start_idx"):  # .remote / FunctionCall.get: the latest attempt of given indexes
                return [
                    o
                    for o in call.outputs
                    if request.start_idx <= o.idx <= request.end_idx
                    and call.inputs[o.input_id].done
                    and o.retry_count == call.inputs[o.input_id].retry
                ]
            return call.outputs[int(request.last_entry_id.split("-")[0] or 0) :]

        await self.world.wait(ready, request.timeout)
        return pb.FunctionGetOutputsResponse(
            outputs=ready(), last_entry_id=f"{len(call.outputs)}-0", num_unfinished_inputs=call.unfinished()
        )

    async def _FunctionCallFromId(self, request):
        call = self.world.function_calls.get(request.function_call_id)
        if call is None:
            raise GRPCError(Status.NOT_FOUND, f"Function call {request.function_call_id} not found")
        meta = pb.FunctionCallHandleMetadata(app_id=self.world.app_of[call.fn], function_id=call.fn)
        return pb.FunctionCallFromIdResponse(function_call_id=call.id, num_inputs=len(call.inputs), metadata=meta)

    async def _FunctionCallCancel(self, request):
        for given in self.world.function_calls[request.function_call_id].inputs.values():
            if not given.done:
                await self.world.finish(
                    given, Result(status=Result.GENERIC_STATUS_TERMINATED, exception="Input was cancelled by user")
                )
                if given.task:
                    self.world.kill(given.task)

    async def _FunctionCallGetDataOut(self, request):
        call, pos = self.world.function_calls[request.function_call_id], request.last_index
        while True:
            if not await self.world.wait(lambda pos=pos: len(call.chunks) > pos, 55):
                return
            for chunk in call.chunks[pos:]:
                pos += 1
                yield chunk
