"""A job's progress is drawn in the cell that runs it."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

JOB = """
import time
from labkit.progress import Progress
from labkit.widgets import monitor

with monitor("<b>training</b>") as report:
    for done in range(30):
        report(Progress("epoch", done + 1, {total}, {{"loss": 1 / (done + 1), "score": done / 30, "dollars": 0.1}}))
        time.sleep(0.01)
    {end}
"""


@pytest.mark.parametrize(
    ("end", "state", "tone"),
    [("pass", "done", "good"), ("raise ValueError", "failed", "bad"), ("raise KeyboardInterrupt", "stopped", "bad")],
)
def test_it_draws_the_job_and_how_it_ended(jupyter_page, end, state, tone):
    page = jupyter_page([JOB.format(total=30, end=end)])
    shown = page.locator(".lk-monitor")
    expect(shown.locator(".lk-state")).to_have_text(state)
    expect(shown.locator(".lk-state")).to_have_attribute("data-tone", tone)
    expect(shown.locator(".lk-title")).to_have_text("<b>training</b>")
    expect(shown.locator(".lk-facts")).to_contain_text("30 of 30")
    expect(shown.locator(".lk-facts")).to_contain_text("$0.1000")
    assert shown.get_by_role("progressbar").get_attribute("aria-valuenow") == "30"
    assert [name.split("\n")[0] for name in shown.locator("figcaption").all_inner_texts()] == ["loss", "score"]
    points = shown.locator("polyline").first.get_attribute("points").split()
    heights = [float(point.split(",")[1]) for point in points]
    assert len(points) == 30
    assert heights == sorted(heights)  # a falling loss is drawn downwards


def test_a_total_that_is_not_known_is_not_drawn(jupyter_page):
    page = jupyter_page([JOB.format(total=0, end="pass")])
    shown = page.locator(".lk-monitor")
    expect(shown.locator(".lk-state")).to_have_text("done")
    assert shown.get_by_role("progressbar").get_attribute("aria-valuenow") is None
    assert shown.locator(".lk-facts").inner_text().startswith("30 · ")
