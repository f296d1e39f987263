"""What every community type promises."""

import pytest
from django.conf import settings
from django.utils import translation

from communities.blueprints import blueprints
from communities.models import Community, JoinQuestion
from kernel.activity import VERBS
from kernel.metrics import metrics

pytestmark = pytest.mark.parametrize("blueprint", list(blueprints), ids=lambda blueprint: blueprint.key)


def test_its_parts_fit_together(blueprint):
    assert blueprint.join_policy in Community.JoinPolicy.values
    assert [tier.is_default for tier in blueprint.tiers].count(True) == 1
    assert len({tier.rank for tier in blueprint.tiers}) == len(blueprint.tiers) >= 2
    assert len({circle.slug for circle in blueprint.circles}) == len(blueprint.circles) >= 2
    assert {question.kind for question in blueprint.questions} <= set(JoinQuestion.Kind.values)
    assert blueprint.milestone.verbs <= set(VERBS)


def test_its_dashboard_names_figures_that_exist(blueprint):
    assert set(blueprint.dashboard) <= set(metrics.keys())
    assert len(blueprint.dashboard) == len(set(blueprint.dashboard)) >= 4


def words(blueprint):
    yield from (blueprint.name, blueprint.gathers_around, blueprint.value_made, blueprint.silence)
    yield blueprint.milestone.label
    for sketch in (*blueprint.circles, *blueprint.tiers):
        yield from (sketch.name, sketch.description)
    for question in blueprint.questions:
        yield from (question.text, *question.options)


def test_its_words_are_in_both_languages(blueprint):
    spoken = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            spoken[language] = [str(word) for word in words(blueprint)]
    same = [english for english, chinese in zip(*spoken.values(), strict=True) if english == chinese]
    assert same == []


def test_its_mark_and_hue_are_in_the_look(blueprint):
    root = settings.ROOT
    tokens = (root / "crowdecon/static/css/tokens.css").read_text()
    assert f'[data-type="{blueprint.key}"] {{\n    --accent: {blueprint.hue};' in tokens
    assert f"type-{blueprint.key}" in (root / "crowdecon/static/img/icons.svg").read_text()
