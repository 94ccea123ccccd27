"""What all figures share: how they show in a notebook, their colours, and how names are written."""

from __future__ import annotations

import io
import textwrap
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure

WIDTH = 9.0
"""Inches; what fits a notebook at `SCREEN` pixels an inch."""
SCREEN = 96
SHARP = 1.5
NAME = 24

# Okabe, M. and Ito, K. (2008). Color Universal Design: colours that colour-blind people tell apart.
SERIES = ("#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9", "#000000")
BLUE, VERMILLION = SERIES[:2]
MARKERS = ("o", "s", "D", "^", "v", "P", "X")
GREY = "#767676"


class Plot(Figure):
    """A figure that a notebook shows by itself.

    Jupyter shows a plain `Figure` only after `%matplotlib inline` or an import of pyplot, and pyplot keeps
    every figure in memory. This one needs neither.
    """

    def draw(self, renderer: RendererBase) -> None:
        """Draw the figure."""
        with _any_characters():
            super().draw(renderer)

    def get_tightbbox(self, *args: Any, **options: Any) -> Any:
        """Measure the figure, as `%matplotlib inline` does before it draws."""
        with _any_characters():
            return super().get_tightbbox(*args, **options)

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """Give Jupyter a picture sharp enough for dense screens, and the width to show it at, in pixels."""
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=SHARP * SCREEN)
        return buffer.getvalue(), {"width": round(self.get_figwidth() * SCREEN)}


@contextmanager
def _any_characters() -> Iterator[None]:
    """Keep matplotlib from warning of each character that no font on this machine has."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing", category=UserWarning)
        yield


def blank(height: float) -> Plot:
    """Make an empty figure of notebook width; `height` in inches."""
    return Plot(figsize=(WIDTH, height), layout="constrained")


def written(name: object, width: int = NAME, lines: int = 2) -> str:
    """Write a name on a few lines, with no ``$`` taken for mathematics."""
    return textwrap.fill(str(name), width, max_lines=lines, placeholder=" …").replace("$", r"\$")


def short(name: object, width: int = NAME) -> str:
    """Write a name on one line, as a part of a sentence that `title` or `written` will take."""
    text = str(name)
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def texts(number: int) -> str:
    """Count texts in words: ``"1 text"``, ``"1,200 texts"``."""
    return f"{number:,} text{'' if number == 1 else 's'}"


def title(axes: Axes, text: str, width: int = 76) -> None:
    """Say above a plot what to see, flush left, on up to three lines of `width` characters."""
    axes.set_title(written(text, width, 3), loc="left", fontsize="medium", fontweight="bold")


def plain(axes: Axes) -> None:
    """Take away the frame of a plot, but for the line that the data stand on."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(length=0)
