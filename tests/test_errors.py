"""LabError: two sentences, and no traceback in IPython."""

from IPython.core.interactiveshell import InteractiveShell

from labkit import LabError
from labkit.errors import one_line


def test_a_lab_error_is_two_sentences():
    error = LabError("The file is empty.", "Put texts in it.")
    assert str(error) == "The file is empty. Put texts in it."
    assert (error.problem, error.remedy) == ("The file is empty.", "Put texts in it.")


def test_ipython_shows_only_the_sentences(capsys, monkeypatch):
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)  # IPython warns of one that is not this one
    shell = InteractiveShell.instance()
    shell.run_cell("from labkit import LabError\nraise LabError('The file is empty.', 'Put texts in it.')")
    shown = "".join(capsys.readouterr())
    assert "The file is empty." in shown and "Put texts in it." in shown
    assert "Traceback" not in shown and "ipython-input" not in shown


def test_a_librarys_message_becomes_part_of_a_sentence():
    assert one_line(ValueError("Expected a number.\n\n  Got:\t'much'...")) == "Expected a number. Got: 'much'"
