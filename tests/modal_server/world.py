"""What the stand-in knows: apps, functions, volumes, secrets, and how they are looked up."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from pathlib import Path, PurePosixPath

from grpclib import GRPCError, Status
from modal_proto import api_pb2 as pb

from .records import App, Call, Input, Result, Task

PREFIX = "labkit-modal-"


class World:
    """Everything that one stand-in holds.

    Parameters
    ----------
    root : Path, optional
        Where its folder is made.
    idle_s : float
        Seconds after which an idle container ends.
    max_containers : int
        Containers a function, unless it asks for less.
    """

    def __init__(self, root: str | Path | None = None, idle_s: float = 5.0, max_containers: int = 4):
        self.root = Path(tempfile.mkdtemp(prefix=PREFIX, dir=root))
        self.token = ("ak-fake", "as-fake")
        self.idle_s, self.max_containers = idle_s, max_containers
        self.calls: list[tuple[str, object, str | None]] = []  # every RPC: (name, request, task id or None)
        self.apps: dict[str, App] = {}
        self.tasks: dict[str, Task] = {}
        self.function_calls: dict[str, Call] = {}
        self.functions: dict[str, pb.Function] = {}
        self.ranked: dict[str, list] = {}
        self.app_of: dict[str, str] = {}
        self.params: dict[str, bytes] = {}
        self.bound: dict[bytes, str] = {}
        self.queues: dict[str, list[Input]] = defaultdict(list)
        self.files: dict[str, bytes] = {}
        self.blobs: dict[str, bytes] = {}
        self.mounts: dict[str, list] = {}
        self.images: dict[str, pb.Image] = {}
        self.image_ids: dict[bytes, str] = {}
        self.builds: list[str] = []
        self.fail_build: str | None = None
        self.secrets: dict[str, dict[str, str]] = {}
        self.secret_names: dict[str, str] = {}
        self.volume_names: dict[str, str] = {}
        self.volume_versions: dict[str, int] = {}
        self.commits: dict[str, int] = defaultdict(int)
        self.reloads: dict[str, int] = defaultdict(int)
        self.inject: dict[str, list[Result]] = defaultdict(
            list
        )  # function name -> results to return instead of running
        self._n: dict[str, int] = defaultdict(int)
        self._links: list[Path] = []
        self._bg: set = set()

    def new_id(self, prefix: str) -> str:
        self._n[prefix] += 1
        return f"{prefix}-{self._n[prefix]}"

    def deployed(self, name: str) -> App | None:
        return next((a for a in self.apps.values() if a.name == name and a.state == pb.APP_STATE_DEPLOYED), None)

    def lookup(self, request, kind: str) -> str:
        app = self.deployed(request.app_name)
        oid = getattr(app, kind).get(request.object_tag) if app else None
        if oid is None:
            what = "Function" if kind == "functions" else "Class"
            raise GRPCError(
                Status.NOT_FOUND,
                f"{what} '{request.object_tag}' not found in app '{request.app_name}' (environment 'main').",
            )
        return oid

    def add_secret(self, name: str, env: dict[str, str]) -> str:
        sid = self.secret_names.setdefault(name, f"st-{name}")
        self.secrets[sid] = env
        return sid

    def volume_dir(self, vid: str) -> Path:
        return self.root / "volumes" / vid

    def volume_path(self, vid: str, path: str) -> Path:
        parts = [p for p in PurePosixPath("/" + path).parts[1:] if p != "."]
        if ".." in parts:
            raise GRPCError(Status.INVALID_ARGUMENT, f"bad path {path!r}")
        return self.volume_dir(vid).joinpath(*parts)

    def volume(self, name: str) -> Path:
        """Host directory behind a named volume."""
        return self.volume_dir(self.volume_names[name])

    def function(self, name: str) -> pb.Function:
        return next(f for f in reversed(self.functions.values()) if f.function_name == name)

    def gpu(self, name: str) -> list[str]:
        fid = next(k for k, f in reversed(self.functions.items()) if f.function_name == name)
        cfgs = [f.resources.gpu_config for f in self.ranked[fid]]
        return [f"{c.gpu_type}:{c.count}" for c in cfgs if c.count]

    def logs(self, app_id: str | None = None) -> str:
        return "".join(b[2].data for a in self.apps.values() if app_id in (None, a.id) for b in a.logs)

    def rpcs(self) -> list[str]:
        return [c[0] for c in self.calls]

    def method_meta(self, name: str, m, app_id: str) -> pb.FunctionHandleMetadata:
        return pb.FunctionHandleMetadata(
            is_method=True,
            use_method_name=name,
            function_name=m.function_name,
            function_type=m.function_type,
            function_schema=m.function_schema,
            app_id=app_id,
            supported_input_formats=m.supported_input_formats,
            supported_output_formats=m.supported_output_formats,
        )

    def meta(self, fid: str) -> pb.FunctionHandleMetadata:
        f = self.functions[fid]
        return pb.FunctionHandleMetadata(
            function_name=f.function_name,
            function_type=f.function_type,
            definition_id=f"de-{fid}",
            app_id=self.app_of[fid],
            function_schema=f.function_schema,
            class_parameter_info=f.class_parameter_info,
            supported_input_formats=f.supported_input_formats,
            supported_output_formats=f.supported_output_formats,
            method_handle_metadata={
                k: self.method_meta(k, m, self.app_of[fid]) for k, m in f.method_definitions.items()
            },
        )

    def data(self, fid: str) -> pb.FunctionData:
        f, data = self.functions[fid], pb.FunctionData()
        data.ranked_functions.extend(
            pb.FunctionData.RankedFunction(rank=i, function=x) for i, x in enumerate(self.ranked[fid])
        )
        for field in data.DESCRIPTOR.fields:  # the fields that both messages have
            twin = f.DESCRIPTOR.fields_by_name.get(field.name)
            if twin and not field.is_repeated and (not field.has_presence or f.HasField(field.name)):
                value = getattr(f, field.name)
                getattr(data, field.name).CopyFrom(value) if field.message_type else setattr(data, field.name, value)
        return data

    def layout(self, app: App) -> pb.AppLayout:
        objects = {}
        for fid in app.functions.values():
            objects[fid] = pb.Object(object_id=fid, function_handle_metadata=self.meta(fid))
            for dep in self.functions[fid].object_dependencies:
                oid, obj = dep.object_id, pb.Object(object_id=dep.object_id)
                if oid.startswith("vo-"):
                    obj.volume_metadata.version = self.volume_versions[oid]
                objects.setdefault(oid, obj)
        for cid in app.classes.values():
            objects[cid] = pb.Object(object_id=cid, class_handle_metadata=pb.ClassHandleMetadata())
        return pb.AppLayout(objects=list(objects.values()), function_ids=app.functions, class_ids=app.classes)
