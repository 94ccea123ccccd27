"""The front end's files: nothing from a network, data never as markup, no file too long."""

import re
from importlib import resources

import pytest

from labkit.widgets import Corrector, Monitor

FILES = {path.name: path.read_text("utf-8") for path in (resources.files("labkit.widgets") / "static").iterdir()}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_short(name):
    assert len(FILES[name].splitlines()) < 300


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_fetched(name):
    addresses = set(re.findall(r"(?:https?:)?//[\w.]+\.\w+[^\"\s]*", FILES[name]))
    assert addresses <= {"http://www.w3.org/2000/svg"}
    assert not re.search(r"@import|\burl\(|\bfetch\(|\bimport\s*\(|^import ", FILES[name], re.M)


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".js")])
def test_data_never_becomes_markup(name):
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", FILES[name])


@pytest.mark.parametrize("widget", [Corrector, Monitor])
def test_a_widget_is_one_module(widget):
    assert widget._esm.count("export default") == 1
    assert ".lk {" in widget._css


def test_every_file_is_used():
    used = Corrector._esm + Corrector._css + Monitor._esm + Monitor._css
    assert all(text in used for text in FILES.values())
