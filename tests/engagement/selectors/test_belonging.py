"""What members have in common, and who may be named: read by figures, held to what members allow."""

import pytest

from communities.models import Block
from communities.services import circles, messages
from engagement.models import FigureRequest
from engagement.selectors import loading
from engagement.services import figures
from kernel.clock import now
from members.actors import Actor
from members.models import Membership
from members.services import profiles, standing
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return make.community("lantern", owner=make.person(name="Ada"))


def person(place, name, **profile):
    member = make.member(place, name=name)
    return profiles.present(membership=member, at=make.EARLY, **profile) if profile else member


def read(place):
    return loading.Stored(place.pk).belonging


def test_only_who_stands_in_the_directory_may_write_and_takes_messages_of_everybody_is_named(place):
    person(place, "Bob", listed=True)
    person(place, "Cleo", listed=False)
    closed = person(place, "Dan")
    messages.wish(member=closed, who="nobody")
    picky = person(place, "Dora")
    messages.wish(member=picky, who="circles")
    owner = Membership.objects.get(community=place, number=1)
    silenced = person(place, "Don")
    standing.act("restrict", membership=silenced, at=now(), by=Actor.person(owner.user, owner), reason="Spam")
    open_again = person(place, "Dov")
    messages.wish(member=open_again, who="nobody")
    messages.wish(member=open_again, who="everyone")
    gone = person(place, "Eve")
    standing.act("leave", membership=gone, at=now(), by=make.SITE)
    Membership.objects.create(
        community=place, number=50, status="active", joined_at=make.EARLY, name="From a file"
    )
    other = make.community("other")
    person(other, "Fay")
    assert read(place).named.tolist() == [1, 2, open_again.number]


def test_interests_count_for_pairs_where_they_are_shown_and_for_many_all(place):
    person(place, "Bob", interests=["Tea", "Go"], shown=["interests"], city="Oslo")
    person(place, "Cleo", interests=["tea ", "Rugby"], shown=["city"], city="Oslo")
    person(place, "Dan", interests=["Go"], shown=["interests", "city"], listed=False, city="Oslo")
    found = read(place)
    shown, every = found.shown_interests, found.interests
    assert [(n, shown.words[w]) for n, w in zip(shown.member, shown.word, strict=True)] == [
        (2, "Go"),
        (2, "Tea"),
    ]
    told = [(n, every.words[w]) for n, w in zip(every.member, every.word, strict=True)]
    assert told == [(2, "Go"), (2, "Tea"), (3, "Rugby"), (3, "Tea"), (4, "Go")]
    assert found.shown_cities.tolist() == [3]


def test_secret_and_archived_circles_name_nothing(place):
    bob = person(place, "Bob")
    owner = Membership.objects.get(community=place, number=1)
    by = Actor.person(owner.user, owner)
    made = {}
    for name, kind in (("Tea", "open"), ("Board", "secret"), ("Old", "open"), ("Closed", "closed")):
        made[name] = circles.create(community=place, name=name, kind=kind, at=make.EARLY, by=by)
        circles.put(made[name], bob, make.EARLY)
    circles.archive(circle=made["Old"], at=make.EARLY, by=by)
    said = read(place).circles
    mine = [
        said.words[word] for number, word in zip(said.member, said.word, strict=True) if number == bob.number
    ]
    assert sorted(mine) == ["Closed", "Tea"]
    assert {"Board", "Old"}.isdisjoint(said.words)


def test_who_closed_themselves_to_one_another_stays_apart(place):
    bob, cleo = person(place, "Bob"), person(place, "Cleo")
    Block.objects.create(by=cleo, whom=bob, at=make.EARLY)
    one, other = read(place).apart
    assert (one.tolist(), other.tolist()) == ([cleo.number], [bob.number])
    assert read(make.community("other")).apart[0].tolist() == []


def test_the_page_names_nobody_who_has_left_the_directory_since(place, client):
    bob = person(place, "Bob", interests=["Tea"], shown=["interests"])
    person(place, "Cleo", interests=["tea"], shown=["interests"])
    dan = person(place, "Dan", interests=["Tea"], shown=["interests"])
    client.force_login(Membership.objects.get(community=place, number=1).user)
    page = "/c/lantern/desk/figures/introductions/"
    client.get(page)
    figures.answer(request_id=FigureRequest.objects.get().pk, at=now())
    shown = client.get(page)
    assert [(str(row.one), str(row.other), row.interests) for row in shown.context["rows"]] == [
        ("Bob", "Cleo", ["Tea"]), ("Bob", "Dan", ["Tea"]), ("Cleo", "Dan", ["tea"]),
    ]  # fmt: skip
    assert shown.context["finding"] == "Bob and Cleo should meet first."
    profiles.present(membership=bob, at=now(), listed=False)
    again = client.get(page)
    assert [(str(row.one), row.interests) for row in again.context["rows"]] == [("Cleo", ["tea"])]
    assert "Bob" not in again.content.decode()
    profiles.present(membership=dan, at=now(), shown=[])
    assert client.get(page).context["rows"] == []
