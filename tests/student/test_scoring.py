import pytest
import spacy

from labkit.errors import LabError
from labkit.student import score, train
from labkit.tasks import make_task


@pytest.fixture(scope="module")
def pipeline(task, issues, tmp_path_factory):
    """Train one short model for all tests."""
    from .conftest import CPU

    return train(CPU, task, issues[:100], [], out=tmp_path_factory.mktemp("model")).pipeline


def test_values_and_scores_come_in_the_order_of_the_texts(task, issues, pipeline):
    texts = [text for text, _ in issues[:150]]
    found = score(pipeline, task, texts)
    nlp = spacy.load(pipeline)
    alone = [nlp(text).cats for text in texts]
    assert [list(scores) for _, scores in found] == [list(task.labels)] * 150
    assert [scores[label] for _, scores in found for label in task.labels] == pytest.approx(
        [cats[label] for cats in alone for label in task.labels], abs=1e-6
    )
    assert [value for value, _ in found] == [[label for label in task.labels if cats[label] > 0.5] for cats in alone]
    assert score(nlp, task, texts) == found


def test_progress_is_told(task, issues, pipeline):
    told = []
    score(pipeline, task, [text for text, _ in issues[:250]], told.append)
    assert [(progress.stage, progress.done, progress.total) for progress in told] == [
        ("scoring", done, 250) for done in (100, 200, 250)
    ]


def test_nothing_to_score_is_nothing(task, pipeline):
    assert score(pipeline, task, []) == []


@pytest.mark.parametrize("texts", ["a text", ["a text", None], ["half \udc00"]])
def test_what_is_no_list_of_texts_is_refused(task, pipeline, texts):
    with pytest.raises(LabError):
        score(pipeline, task, texts)


def test_a_pipeline_that_is_not_there_is_named(task, tmp_path):
    with pytest.raises(LabError, match="gone can't be loaded"):
        score(tmp_path / "gone", task, ["a text"])


def test_a_pipeline_of_another_task_is_refused(pipeline):
    with pytest.raises(LabError, match="none of the labels SPORT, POLITICS"):
        score(pipeline, make_task("choices", ["SPORT", "POLITICS"]), ["a text"])
    with pytest.raises(LabError, match="none of the labels"):
        score(spacy.blank("en"), make_task("choices", ["BUG", "DOCUMENTATION"]), ["a text"])
