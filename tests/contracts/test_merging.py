"""Every field that points at a membership is spoken for: what becomes of it when the record is merged into another."""

import pytest
from django.apps import apps
from django.utils import translation

from kernel import merging
from members.models import Membership
from tests import make


def test_every_field_that_points_at_a_record_is_spoken_for():
    found = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if field.concrete and field.is_relation and field.related_model is Membership
    }
    moved = [field for part in merging.parts for field in part.fields]
    assert len(moved) == len(set(moved)) and not set(moved) & set(merging.stays)
    spoken = set(moved) | set(merging.stays)
    assert found - spoken == set(), "Say in the app's merging_parts.py whether it goes over or stays."
    assert spoken - found == set(), "There is no such field."
    assert all(len(reason) > 20 for reason in merging.stays.values())


@pytest.mark.django_db
@pytest.mark.parametrize("part", list(merging.parts), ids=lambda part: part.key)
def test_a_part_moves_and_restores(part):
    community = make.community()
    kept, merged = make.member(community), make.member(community)
    assert part.count(merged.pk) == 0
    part.restore(merged.pk, kept.pk, part.move(merged.pk, kept.pk))
    with translation.override("zh-hans"):
        assert str(part.label)
