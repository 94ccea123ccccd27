"""Clients, environments and apps."""

from __future__ import annotations

import time

from grpclib import GRPCError, Status
from modal_proto import api_pb2 as pb

from .records import App
from .service import Service


class Apps(Service):
    """Clients, environments and apps."""

    # ---- client, environment, app
    async def _ClientHello(self, request):
        return pb.ClientHelloResponse(image_builder_version="2025.06")

    async def _EnvironmentGetOrCreate(self, request):
        settings = pb.EnvironmentSettings(image_builder_version="2025.06")
        return pb.EnvironmentGetOrCreateResponse(
            environment_id="en-1",
            metadata=pb.EnvironmentMetadata(name=request.deployment_name or "main", settings=settings),
        )

    async def _AppCreate(self, request):
        app = App(self.world.new_id("ap"), request.description, request.app_state)
        self.world.apps[app.id] = app
        return pb.AppCreateResponse(app_id=app.id, app_page_url=f"http://fake.modal/apps/{app.id}")

    async def _AppGetOrCreate(self, request):
        app = self.world.deployed(request.app_name)
        if app is None:
            if request.object_creation_type != pb.OBJECT_CREATION_TYPE_CREATE_IF_MISSING:
                raise GRPCError(Status.NOT_FOUND, f"App '{request.app_name}' not found in environment 'main'.")
            app = App(self.world.new_id("ap"), request.app_name, pb.APP_STATE_DEPLOYED)
            self.world.apps[app.id] = app
        return pb.AppGetOrCreateResponse(app_id=app.id)

    async def _AppGetByDeploymentName(self, request):
        app = self.world.deployed(request.name)
        return pb.AppGetByDeploymentNameResponse(app_id=app.id if app else "", environment_name="main")

    async def _AppGetLayout(self, request):
        return pb.AppGetLayoutResponse(app_layout=self.world.layout(self.world.apps[request.app_id]))

    async def _AppPublish(self, request):
        app = self.world.apps[request.app_id]
        app.functions, app.classes, app.name = (
            dict(request.function_ids),
            dict(request.class_ids),
            request.name or app.name,
        )
        if request.app_state:
            app.state = request.app_state
        return pb.AppPublishResponse(url=f"http://fake.modal/apps/{app.id}", deployed_at=time.time())

    async def _AppHeartbeat(self, request):
        if self.world.apps[request.app_id].stopped:
            raise GRPCError(Status.FAILED_PRECONDITION, "App is stopped")

    async def _AppClientDisconnect(self, request):
        app = self.world.apps[request.app_id]
        app.disconnect = request
        if app.state in (pb.APP_STATE_EPHEMERAL, pb.APP_STATE_INITIALIZING):  # detached/deployed live on
            await self.world.stop_app(app)

    async def _AppStop(self, request):
        await self.world.stop_app(self.world.apps[request.app_id])

    async def _AppGetLogs(self, request):
        app, pos = self.world.apps[request.app_id], int(request.last_entry_id or 0)
        deadline = time.time() + request.timeout
        while True:
            for batch in app.logs[pos:]:
                pos += 1
                yield pb.TaskLogsBatch(entry_id=str(pos), task_id=batch[0], function_id=batch[1], items=[batch[2]])
            if app.stopped:
                yield pb.TaskLogsBatch(app_done=True)
                return
            if not await self.world.wait(lambda pos=pos: len(app.logs) > pos or app.stopped, deadline - time.time()):
                return
