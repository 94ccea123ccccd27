"""An app at Modal for the length of one job, and the thread from which everything there is called."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

from ..errors import LabError
from ..project import read_secret
from .failures import Saved, Unreachable, in_words
from .image import add_labkit, make_image
from .money import Rent
from .settings import Settings
from .worker import Worker

if TYPE_CHECKING:
    import modal

P = ParamSpec("P")
T = TypeVar("T")

CONNECT_SECONDS = 5.0
"""How long the server's address is tried: Modal's client would try for a minute."""


class Cloud:
    """Modal, as one job uses it. Leave it with `close`, or use it as a context.

    Parameters
    ----------
    settings : Settings
        Names of the app, the volume and the secret.
    root : Path, optional
        The folder of `.env`.

    Raises
    ------
    LabError
        If there is no token, or the server can't be reached.

    Examples
    --------
    >>> with Cloud(read_settings()) as cloud, cloud.running([work], Rent(gpu=["L4"])) as functions:  # doctest: +SKIP
    ...     call = cloud(functions["work"].spawn, 1)
    """

    def __init__(self, settings: Settings, root: Path | None = None) -> None:
        self.settings, self.root = settings, root
        self._worker = Worker()
        self._log: list[str] = []
        try:
            self(_refuse_unreachable)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Cloud:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __call__(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function of Modal's client in the thread that is kept for it; its errors come in words.

        For a coroutine: ``cloud(asyncio.run, work())``.
        """
        with in_words(self._log):
            return self._worker(function, *args, **kwargs)

    def post(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have a function called in that thread, and wait for nothing; its errors come as they are."""
        return self._worker.post(function, *args, **kwargs)

    def close(self) -> None:
        """End the thread."""
        self._worker.close()

    @property
    def volume(self) -> modal.Volume:
        """The volume; made when it is first needed."""
        import modal

        return modal.Volume.from_name(self.settings.volume, create_if_missing=True)

    @contextmanager
    def running(
        self,
        functions: Sequence[Callable[..., Any]],
        rent: Rent,
        *,
        image: modal.Image | None = None,
        extras: Sequence[str] = (),
        inputs: int = 1,
        secrets: Sequence[str] = (),
        detach: bool = False,
        report: Callable[[str], None] = lambda stage: None,
    ) -> Iterator[dict[str, modal.Function[Any, Any, Any]]]:
        """Run an app with some functions, and yield them by their names, as Modal has them.

        Parameters
        ----------
        functions : sequence of callable
            Functions at the top of a module that containers can import.
        rent : Rent
            What each container is given.
        image : modal.Image, optional
            What containers start from, before labkit is added; what labkit needs by default.
        extras : sequence of str
            Extras of labkit that containers need, in the image by default.
        inputs : int
            How many calls one container works on at a time.
        secrets : sequence of str
            Names of environment variables that containers need: of the secret at Modal where it has them, else of
            `.env` or the environment here.
        detach : bool
            Whether calls that were spawned go on after this; else leaving stops them.
        report : callable
            Is told what is waited for.

        Raises
        ------
        LabError
            If the image can't be built, or Modal refuses something.
        """
        import modal

        packages = {function.__module__.partition(".")[0] for function in functions} - {"labkit"}
        app = modal.App(self.settings.app)
        base = image or make_image(extras=extras, mount=self.settings.mount)
        given = [self(_secret, self.settings.secret, list(secrets), self.root)] if secrets else []
        made = {
            function.__name__: app.function(
                image=add_labkit(base, *sorted(packages)),
                gpu=list(rent.gpu) or None,
                cpu=rent.cpu,
                memory=rent.memory,
                timeout=rent.timeout,
                retries=rent.retries,
                max_containers=rent.max_containers,
                volumes={self.settings.mount: self.volume},
                secrets=given,
                include_source=False,
            )(modal.concurrent(max_inputs=inputs)(function) if inputs > 1 else function)
            for function in functions
        }
        report("the image at Modal")
        begun: list[Any] = []

        def enter() -> None:
            context = app.run(detach=detach)
            with _listening(self._log):
                context.__enter__()
            begun.append(context)

        def leave() -> None:
            if begun:  # of what happened here it is told nothing: it would swallow interrupts
                begun.pop().__exit__(None, None, None)

        try:
            for last in (False, False, True):
                try:
                    self(enter)
                    break
                except Saved:
                    if last:
                        raise
            yield made
        except BaseException:
            self._worker.post(leave)
            raise
        self(leave)


def _refuse_unreachable() -> None:
    """Raise where there is no token, or nobody answers at the server's address."""
    from modal.config import config

    if not (config.get("token_id") and config.get("token_secret")):
        raise LabError("Modal does not know you: there is no token.", "Run in a terminal: modal setup")
    address = urlsplit(str(config.get("server_url")))
    port = address.port or (443 if address.scheme == "https" else 80)
    try:
        socket.create_connection((address.hostname or "", port), CONNECT_SECONDS).close()
    except OSError:
        raise Unreachable(
            f"Modal's server {address.hostname} can't be reached.", "Check the network, and status.modal.com."
        ) from None


def _secret(name: str, keys: list[str], root: Path | None) -> modal.Secret:
    """Return the secret at Modal that has these keys, or one of what `.env` or the environment here says they are."""
    import modal

    stored = modal.Secret.from_name(name, required_keys=keys)
    try:
        stored.hydrate()
    except modal.exception.Error:
        values = {key: read_secret(key, root) for key in keys}
        if missing := [key for key, value in values.items() if value is None]:
            raise LabError(
                f"{missing[0]} is neither in the secret {name!r} at Modal nor here.",
                f"Write it as a line into .env, or run: modal secret create {name} {missing[0]}=...",
            ) from None
        return modal.Secret.from_dict(values)
    return stored


@contextmanager
def _listening(log: list[str]) -> Iterator[None]:
    """Have the build of an image print into `log`: what it printed is how a failed one is understood.

    Modal's client gives these lines to its output alone, which has no public way in; without it they are lacking.
    """
    try:
        from modal._output.manager import DisabledOutputManager, OutputManager
    except ImportError:
        yield
        return

    class Listener(DisabledOutputManager):
        """Keeps what a build prints, and shows nothing."""

        async def put_streaming_log(self, log_: Any, prefix: str = "") -> None:
            log.append(log_.data)

    before = OutputManager.get()
    log.clear()
    OutputManager._set(Listener())
    try:
        yield
    finally:
        OutputManager._set(before)
