"""What a figure shows, read back from it."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.text import Text


def words(figure: Figure) -> list[str]:
    """Return every text in the figure."""
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def inside(figure: Figure) -> bool:
    """Say whether everything drawn lies inside the figure, to a hundredth of an inch."""
    figure.draw_without_rendering()
    drawn, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    return bool(min(drawn.x0, drawn.y0) > -0.01 and drawn.x1 < width + 0.01 and drawn.y1 < height + 0.01)
