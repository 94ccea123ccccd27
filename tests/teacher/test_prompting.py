"""Prompts are the ones that spacy-llm makes, whether each is rendered or the text is put into what stands around it."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest
from spacy_llm.registry import registry

from labkit.teacher import prompting
from labkit.teacher.prompting import puts_down, render, whole

TEXTS = [
    "It crashes.",
    "",
    " \n ",
    "{{ text }} {% if text %}",
    "<b>&amp;</b>",
    "naïve 你好 مرحبا \u202e 😀",
    "a\x00b\r\nc",
    "word " * 20_000,
]
TEMPLATE = "Of {{ labels|join(', ') }}:{% if label_definitions %} {{ label_definitions }}{% endif %}\n'''{{ text }}'''"


def task(kind: str, template: str | None = None, **settings):
    """Make a task of spacy-llm."""
    given = {} if template is None else {"template": template}
    return registry.llm_tasks.get(f"spacy.{kind}.v3")(labels=["BUG", "DOCS"], **given, **settings)


def made(prompter) -> list[str]:
    """Return the prompts of `TEXTS` as spacy-llm makes them."""
    return [next(iter(prompts)) for prompts, _ in prompter.generate_prompts(whole(TEXTS))]


def test_examples_in_docstrings_run():
    assert doctest.testmod(prompting).failed == 0


@pytest.mark.parametrize("kind", ["TextCat", "NER", "SpanCat"])
@pytest.mark.parametrize("template", [None, TEMPLATE, "{{ text }} and once more {{ text }}", "no text at all"])
@pytest.mark.parametrize("definitions", [None, {"BUG": "'''{{ text }}'''", "DOCS": "a page"}])
def test_a_text_that_is_only_put_down_is_put_where_spacy_llm_puts_it(kind, template, definitions):
    prompter = task(kind, template, label_definitions=definitions)
    drawn = whole(TEXTS)
    assert render(prompter, TEXTS, drawn) == made(prompter)
    assert len(list(drawn)) == len(TEXTS)  # no Doc was needed


@pytest.mark.parametrize(
    "template",
    [
        "{{ text|upper }}",
        "{{ text[:2] }}",
        "{% if 'crash' in text %}yes{% else %}{{ text }}{% endif %}",
        "{% set said %}{{ text }}{% endset %}{{ said|upper }}",
        "{% filter upper %}{{ text }}{% endfilter %}",
        "{% macro say() %}{{ text }}{% endmacro %}{{ say()|upper }}",
        "{% set text = 'other' %}{{ text }}",
        "{% for label in labels recursive %}{{ text }}{% if loop.depth0 < 1 %}{{ loop(labels)|upper }}{% endif %}"
        "{% endfor %}",
    ],
)
def test_a_text_that_more_is_done_with_is_rendered_each_time(template):
    assert not puts_down(template)
    prompter = task("TextCat", template)
    assert render(prompter, TEXTS, whole(TEXTS)) == made(prompter)


def test_a_task_that_may_take_more_of_a_doc_than_its_text_sees_every_doc():
    class Longer(type(task("TextCat"))):
        def _get_prompt_data(self, shard, *places):
            return {**super()._get_prompt_data(shard, *places), "length": len(shard.text)}

    prompter = task("TextCat", "{{ text }} has {{ length }} characters")
    prompter.__class__ = Longer
    assert render(prompter, TEXTS, whole(TEXTS))[0] == "It crashes. has 11 characters"


def test_templates_that_ship_put_their_text_down():
    shipped = [*(Path(__file__).parents[2] / "configs").rglob("prompt.jinja")]
    assert shipped
    assert all(puts_down(path.read_text(encoding="utf-8")) for path in shipped)
