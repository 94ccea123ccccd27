"""Containers: each a process of this interpreter that runs Modal's own entry point."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import ctypes
import os
import shlex
import signal
import sys
import time
from pathlib import Path, PurePosixPath

import grpclib.server
from modal_proto import api_pb2 as pb

from .records import App, Result, Task
from .scheduler import Scheduler
from .world import PREFIX


class Containers(Scheduler):
    """Starts and stops containers."""

    def _image_files(self, image_id: str) -> tuple[list, dict[str, str]]:
        """Local files copied into the image at build time, and ENV set by it, base image first."""
        image, files, env = self.images.get(image_id), [], {}
        if image is None:
            return files, env
        for base in image.base_images:
            f, e = self._image_files(base.image_id)
            files += f
            env.update(e)
        for cmd in image.dockerfile_commands:
            word, _, rest = cmd.partition(" ")
            if word == "ENV":
                env.update(t.split("=", 1) for t in shlex.split(rest) if "=" in t)
            elif word == "COPY" and image.context_mount_id and rest.startswith(". "):
                prefix = PurePosixPath(rest[2:].strip())
                files += [
                    (str(prefix / m.filename.lstrip("/")), m.sha256_hex)
                    for m in self.mounts.get(image.context_mount_id, [])
                ]
        return files, env

    def _bind(self, inside: str, outside: Path):
        """Make container path `inside` reach `outside`, by a symlink at that same host path."""
        link = Path(inside)
        if link.is_symlink() and (link in self._links or _ours(link)):  # ours, or left by a killed run
            link.unlink()
            self._links.append(link)
        elif link.is_symlink() or link.exists():
            raise RuntimeError(f"modal-server: {inside} exists on this host; mount somewhere else in tests")
        else:
            self._links.append(link)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(outside, target_is_directory=outside.is_dir())

    async def run_container(self, task: Task):
        try:
            await self._run_container(task)
        except Exception as exc:
            await self.task_failed(
                task,
                Result(
                    status=Result.GENERIC_STATUS_INIT_FAILURE,
                    exception=f"modal-server could not start a container: {exc!r}",
                ),
            )
        finally:
            task.stopping = True
            if task.server:
                task.server.close()
            self.tasks.pop(task.id, None)
            await self.notify()
            if not self.apps[task.app].stopped:
                self.scale(task.fn)

    async def _run_container(self, task: Task):
        fn, app = self.functions[task.fn], self.apps[task.app]
        task.dir = self.root / "tasks" / task.id
        home = task.dir / "fs" / "root"
        home.mkdir(parents=True)
        files, env = self._image_files(fn.image_id)
        for mid in fn.mount_ids:
            files += [(m.filename, m.sha256_hex) for m in self.mounts.get(mid, [])]
        outside = set()
        for name, sha in files:
            dest = task.dir / "fs" / name.lstrip("/")
            dest.parent.mkdir(parents=True, exist_ok=True)
            dest.write_bytes(self.files[sha])
            if not name.startswith("/root/"):  # link the highest directory the host does not have
                p = PurePosixPath(name)
                tops = [
                    q
                    for q in (*reversed(p.parents), p)
                    if not Path(q).exists() or (Path(q).is_symlink() and _ours(Path(q)))
                ]
                outside.add(str(tops[0]) if tops else name)
        for name in outside:
            self._bind(name, task.dir / "fs" / name.lstrip("/"))
        for v in fn.volume_mounts:
            self._bind(v.mount_path, self.volume_dir(v.volume_id))

        args = pb.ContainerArguments(
            task_id=task.id,
            function_id=task.fn,
            app_id=app.id,
            function_def=fn,
            environment_name="main",
            app_layout=self.layout(app),
            serialized_params=self.params.get(task.fn, b""),
        )
        args.app_layout.function_ids[fn.function_name] = task.fn
        if task.fn not in app.functions.values():
            args.app_layout.objects.append(pb.Object(object_id=task.fn, function_handle_metadata=self.meta(task.fn)))
        (task.dir / "args.pb").write_bytes(args.SerializeToString())

        view = copy.copy(self.servicer)  # same state, but calls on this port are known to come from this container
        view.task = task
        task.server = grpclib.server.Server([view])
        await task.server.start("127.0.0.1", 0)
        port = task.server._server.sockets[0].getsockname()[1]

        env = {  # nothing of the caller's environment leaks in, as on Modal
            "PATH": os.environ.get("PATH", ""),
            "LANG": "C.UTF-8",
            "HOME": str(home),
            "PYTHONPATH": str(home),
            "PYTHONUNBUFFERED": "1",
            **env,
            "MODAL_SERVER_URL": f"http://127.0.0.1:{port}",
            "MODAL_IS_REMOTE": "1",
            "MODAL_TASK_ID": task.id,
            "MODAL_IMAGE_ID": fn.image_id,
            "MODAL_ENVIRONMENT": "main",
            "MODAL_CONTAINER_ARGUMENTS_PATH": str(task.dir / "args.pb"),
        }
        for sid in fn.secret_ids:
            env.update(self.secrets[sid])
        task.proc = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "modal._container_entrypoint",
            cwd=home,
            env=env,
            start_new_session=True,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )

        async def pump(pipe, fd):
            while line := await pipe.readline():
                log = pb.TaskLogs(data=line.decode(errors="replace"), file_descriptor=fd, timestamp=time.time())
                app.logs.append((task.id, task.fn, log))
                await self.notify()

        async def end():
            await task.proc.wait()
            with contextlib.suppress(ProcessLookupError):  # what it started ends with it, and lets go of its pipes
                os.killpg(task.proc.pid, signal.SIGKILL)

        await asyncio.gather(
            pump(task.proc.stdout, pb.FILE_DESCRIPTOR_STDOUT), pump(task.proc.stderr, pb.FILE_DESCRIPTOR_STDERR), end()
        )
        for iid in list(task.running):  # died mid-input
            given = self.find_input(iid)
            if not given.done:
                await self.finish(
                    given,
                    Result(
                        status=Result.GENERIC_STATUS_FAILURE,
                        exception=f"Runner failed with exit code: {task.proc.returncode}",
                    ),
                )

    async def stop_app(self, app: App):
        app.state = pb.APP_STATE_STOPPED
        for task in [t for t in self.tasks.values() if t.app == app.id]:
            task.stopping = True
        await self.notify()
        await self.wait(lambda: not any(t.app == app.id and not t.running for t in self.tasks.values()), 5)
        for task in [t for t in self.tasks.values() if t.app == app.id]:
            self.kill(task)
        for call in self.function_calls.values():
            if self.app_of[call.fn] == app.id:
                for given in call.inputs.values():
                    if not given.done:
                        await self.finish(
                            given, Result(status=Result.GENERIC_STATUS_TERMINATED, exception="The app was stopped")
                        )
        await self.notify()


def _die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _ours(link: Path) -> bool:
    """Say whether a link was made by a stand-in."""
    return PREFIX in str(link.readlink())
