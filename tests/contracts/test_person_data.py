"""Every field that points at a person is spoken for: told to them and erased, or kept for a reason."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models
from django.utils import translation

from kernel import person_data
from kernel.clock import now
from kernel.person_data import Person, Place
from members.models import Membership, User
from tests import make


def pointing_at_people() -> Iterator[str]:
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields():
            one = field.concrete and field.is_relation and not field.many_to_many
            if one and field.related_model in (User, Membership):
                yield f"{model._meta.label}.{field.name}"


def test_every_field_that_points_at_a_person_is_spoken_for():
    spoken = {field for holding in person_data.holdings for field in holding.fields} | set(person_data.kept)
    found = set(pointing_at_people())
    assert len(found) > 25
    assert found - spoken == set(), "Say in the app's person_data.py what is told and what is erased."
    assert spoken - found == set(), "There is no such field."


def free_words() -> Iterator[str]:
    """Models with columns in which anything of a person may stand, whatever they point at."""
    kinds = (
        models.BinaryField,
        models.EmailField,
        models.FileField,
        models.GenericIPAddressField,
        models.JSONField,
        models.TextField,
    )
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            if isinstance(field, kinds) or field.name == "name" or field.name.endswith("_words"):
                yield model._meta.label
                break


def test_every_model_with_words_of_people_is_spoken_for():
    fields = [*(field for holding in person_data.holdings for field in holding.fields), *person_data.kept]
    pointing = {field.rsplit(".", 1)[0] for field in fields}
    there = {model._meta.label for model in apps.get_models(include_auto_created=True)}
    beside = set(person_data.beside)
    assert len(set(free_words())) > 25
    assert set(free_words()) - pointing - beside == set(), (
        "Say in the app's person_data.py how it is with it."
    )
    assert (beside - there, beside & pointing) == (set(), set())
    assert all(len(reason) > 20 for reason in person_data.beside.values())


def test_nothing_is_spoken_for_twice():
    fields = [field for holding in person_data.holdings for field in holding.fields]
    assert len(fields) == len(set(fields)) and not set(fields) & set(person_data.kept)
    assert all(len(reason) > 20 for reason in person_data.kept.values())


@pytest.mark.django_db
@pytest.mark.parametrize("holding", list(person_data.holdings), ids=lambda holding: holding.key)
def test_a_holding_tells_and_erases(holding):
    member = make.member(make.community())
    person = Person(
        member.user_id, (Place(member.community_id, member.pk, member.number),), (member.user.email,)
    )
    for table in holding.export(person):
        for row in table.rows():
            assert list(row) == list(table.columns)
    holding.erase(person, now())
    holding.erase(person, now())
    with translation.override("zh-hans"):
        assert str(holding.label)


@pytest.mark.django_db
def test_tables_have_names_of_their_own():
    person = Person(1, (Place(1, 1, 1),), ("a@example.org",))
    names = [table.name for holding in person_data.holdings for table in holding.export(person)]
    assert len(names) == len(set(names)) > 15
