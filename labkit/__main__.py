"""The command line: ``python -m labkit check``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from .check import examine


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : sequence of str, optional
        What stands after ``python -m labkit``; taken from the command line by default.

    Returns
    -------
    int
        0, or 1 where something that labkit needs is missing.

    Examples
    --------
    >>> main(["check"])  # doctest: +SKIP
    0
    """
    parser = argparse.ArgumentParser(prog="python -m labkit", description="labkit, outside a notebook.")
    commands = parser.add_subparsers(required=True, metavar="command")
    commands.add_parser("check", help="say what is there and what is missing, a line each, with the remedy")
    parser.parse_args(arguments)
    fit = True
    for finding in examine():
        print(finding, flush=True)
        fit = fit and (finding.present or not finding.required)
    return 0 if fit else 1


if __name__ == "__main__":
    sys.exit(main())
