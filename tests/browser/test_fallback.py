"""Where the front end can't load the card, plain buttons come by themselves, and do the same."""

import pytest
from playwright.sync_api import expect

from .card import notebook, rows
from .jupyter import execute

pytestmark = pytest.mark.browser

SOON, LATE = (f"from labkit.widgets import unseen; unseen.PATIENCE = {seconds}" for seconds in (2, 600))


@pytest.fixture
def without_anywidget(jupyter, browser):
    """Open JupyterLab in a page that can't load what shows the card."""
    page = browser.new_page()
    page.route("**/extensions/anywidget/**", lambda route: route.abort())
    jupyter.enter(page)
    yield page
    jupyter.close(page)
    page.close()


def test_buttons_come_below_the_card_that_did_not_load_and_decide(jupyter, without_anywidget, database):
    page = without_anywidget
    jupyter.open(page, [SOON, *notebook(database, ["<b>first</b>", "second", "third"])])
    accept = page.get_by_role("button", name="Accept")
    accept.wait_for()
    expect(page.get_by_text("the card with its keys did not load here")).to_be_visible()
    expect(page.locator(".jp-OutputArea pre[dir=auto]")).to_have_text("<b>first</b>")
    page.get_by_role("button", name="DOCUMENTATION", exact=True).click()
    page.wait_for_timeout(400)
    accept.click()
    expect(page.get_by_text("1 done · 2 left · Saved")).to_be_visible()
    page.wait_for_timeout(400)
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_text("2 done · 1 left · Saved")).to_be_visible()
    assert rows(database) == [(0, ["BUG", "DOCUMENTATION"], "accept"), (1, None, "reject")]
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("1 done · 2 left · Saved")).to_be_visible()


def test_no_buttons_come_where_the_card_has_loaded(jupyter_page, database):
    page = jupyter_page([LATE, *notebook(database, ["first"])])
    page.locator(".lk-corrector .lk-text").first.wait_for()
    execute(page, SOON)  # the time is counted anew
    page.wait_for_timeout(3000)
    assert page.get_by_text("did not load here").count() == 0
