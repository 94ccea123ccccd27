"""A project moves to a server with three lines, and no password is shown."""

import psycopg
import pytest

from labkit import Lab
from labkit.errors import LabError
from labkit.lab.moving import STEPS


@pytest.fixture
def server(postgres):
    """Make an empty database with a user who has a password, and return its address."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("CREATE DATABASE elsewhere")
        connection.execute("CREATE ROLE mover LOGIN SUPERUSER PASSWORD 'canary-password'")
        yield postgres.replace("/postgres?", "/elsewhere?").replace("postgres:@", "mover:canary-password@")
        connection.execute("DROP DATABASE elsewhere WITH (FORCE)")
        connection.execute("DROP ROLE mover")


def test_three_lines_move_a_project(lab, root, server, monkeypatch):
    lab.annotate("llm")
    monkeypatch.setenv("NEW_DATABASE_URL", server)
    moved = lab.move_to("NEW_DATABASE_URL")
    assert "counts and checksums agree" in repr(moved)
    assert "canary" not in repr(moved) + moved._repr_html_()
    assert moved.tables.loc["example", "rows"] == 160
    monkeypatch.setenv("DATABASE_URL", server)
    there = Lab("issues", root=root, person="anna")
    assert there.summary().equals(lab.summary())
    assert repr(there.annotate("llm")) == repr(lab.annotate("llm"))
    assert lab.move_to("NEW_DATABASE_URL").tables["written"].loc["annotation"] == 0
    with pytest.raises(LabError, match="already"):
        there.move_to("NEW_DATABASE_URL")
    there.store.close()
    assert len(STEPS) == 3


def test_a_variable_that_is_not_set_is_said(lab):
    with pytest.raises(LabError, match="NOWHERE is neither an address nor a variable"):
        lab.move_to("NOWHERE")


def test_a_server_that_is_not_there_is_said_without_its_password(lab, unused_port):
    with pytest.raises(LabError) as failed:
        lab.move_to(f"postgresql://mover:canary-password@127.0.0.1:{unused_port}/db")
    assert "canary" not in str(failed.value)
