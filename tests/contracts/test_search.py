"""Every source of the one search: it finds what is there, of the community that is asked and of no other."""

import pytest

from communities.models import Circle, Comment, Post
from communities.search_forms import SearchForm
from kernel import search
from kernel.clock import now
from tests import api, make
from tests.gatherings import holding

pytestmark = pytest.mark.django_db


def furnished(slug):
    """A community in which one of everything is called glue; its member."""
    community = make.community(slug)
    member = make.member(community, name="Glue")
    circle = Circle.objects.create(community=community, slug="glue", name="Glue", position=90)
    told = {"author": member, "body": "Glue", "created_at": make.EARLY}
    Comment.objects.create(
        post=Post.objects.create(circle=circle, title=slug, last_at=make.EARLY, **told), **told
    )
    holding.event(community, title="Glue")
    return member


def test_a_source_finds_what_is_of_its_community():
    here, _elsewhere = furnished("here"), furnished("elsewhere")
    client, program = api.browser(here.user), api.Program(here.community)
    for key in search.sources.keys():  # noqa: SIM118  a registry is no mapping
        for asker in (client, program.client):
            found = asker.get(f"{program.root}search/?q=glue&kind={key}").json()["results"]
            assert [hit["url"].startswith("/c/here/") for hit in found] == [True], key


def test_what_is_not_asked_narrows_nothing():
    form = SearchForm({}, circles=[])
    assert form.is_valid() and form.asked(now()) == search.Asked("")
