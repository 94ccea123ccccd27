"""A real JupyterLab on a free port, with nothing of the developer's settings, and notebooks opened in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import nbformat
import psutil
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Page

TOKEN = "test"
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
START_SECONDS = 120
QUIET = {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True}
# Run before that, JupyterLab asks which kernel is meant.
KERNEL_IS_IDLE = """
name => {
  const { context } = window.jupyterapp.shell.currentWidget ?? {};
  return context?.path === name && context.sessionContext.session?.kernel?.status === "idle";
}
"""
CLOSE = """
async () => {
  for (const widget of [...window.jupyterapp.shell.widgets("main")].filter((each) => each.context)) {
    await widget.context.sessionContext.shutdown().catch(() => {});
    widget.dispose();
  }
  await window.jupyterapp.serviceManager.sessions.shutdownAll();
}
"""

_names = count(1)


class Jupyter:
    """A running server: its address, the folder of its notebooks, and the number of its process."""

    def __init__(self, url: str, folder: Path, pid: int) -> None:
        self.url, self.folder = url, folder
        self._server = psutil.Process(pid)

    def enter(self, page: Page) -> None:
        """Open JupyterLab in `page`, in a workspace of its own."""
        page.goto(f"{self.url}lab/workspaces/{next(_names)}?token={TOKEN}")
        page.wait_for_function("window.jupyterapp?.restored.then(() => true)")

    def open(self, page: Page, cells: Sequence[str]) -> None:
        """Write a notebook of these code cells, open it in `page`, and run it from top to bottom."""
        name = f"test{next(_names)}.ipynb"
        notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells], metadata={"kernelspec": KERNEL})
        nbformat.write(notebook, self.folder / name)
        command(page, "docmanager:open", path=name)
        page.wait_for_function(KERNEL_IS_IDLE, arg=name)
        command(page, "notebook:run-all-cells")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold all kernels, so that nothing in them answers."""
        kernels = self._server.children()
        for kernel in kernels:
            kernel.suspend()
        try:
            yield
        finally:
            for kernel in kernels:
                kernel.resume()

    def close(self, page: Page) -> None:
        """Close what is open in `page`, without a question, and stop all kernels, those that came after a death too."""
        page.evaluate(CLOSE)


def command(page: Page, name: str, **arguments: Any) -> None:
    """Start one of JupyterLab's commands; what it does may go on after the return."""
    page.evaluate("([name, args]) => void window.jupyterapp.commands.execute(name, args)", [name, arguments])


def execute(page: Page, code: str) -> None:
    """Start running `code` in the kernel of the notebook in `page`, in no cell."""
    kernel = "window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel"
    page.evaluate(f"code => void {kernel}.requestExecute({{code}})", code)


@contextmanager
def running(folder: Path) -> Iterator[Jupyter]:
    """Start a server that keeps everything in `folder`, and stop it at the end."""
    notebooks, log = folder / "notebooks", folder / "server.log"
    notebooks.mkdir()
    _write_settings(folder / "settings")
    options = {
        "ServerApp.root_dir": notebooks,
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": 0,
        "IdentityProvider.token": TOKEN,
        "ServerApp.allow_root": True,
        "LabApp.expose_app_in_browser": True,
    }
    arguments = [f"--{name}={value}" for name, value in options.items()]
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", *arguments],
            env=_environment(folder),
            stdout=output,
            stderr=output,
        )
        try:
            yield Jupyter(_address(server, folder / "runtime", log), notebooks, server.pid)
        finally:
            server.terminate()
            server.wait(timeout=120)


def _environment(folder: Path) -> dict[str, str]:
    """Return the environment of a server and its kernels, with all their folders in `folder`."""
    places = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
        "LABKIT_HOME": "labkit",
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "IPYTHON"))}
    return kept | {name: str(folder / place) for name, place in places.items()}


def _write_settings(folder: Path) -> None:
    """Keep JupyterLab from asking about news and updates."""
    path = folder / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(QUIET))


def _address(server: subprocess.Popen[bytes], runtime: Path, log: Path) -> str:
    """Wait for the server's own word on where it listens, and return that."""
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        for path in runtime.glob("jpserver-*.json"):
            if said := path.read_text():  # it is made before it is written
                return str(json.loads(said)["url"])
        time.sleep(0.05)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")
