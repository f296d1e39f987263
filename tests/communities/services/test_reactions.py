"""Reactions: one of a kind for each, a fact once, and nothing where one may not."""

from datetime import timedelta

import pytest

from communities.models import Circle, Reaction
from communities.services import circles, comments, posts, reactions
from communities.services import settings as community_settings
from engagement.models import Fact
from kernel.errors import Refused
from members.models import AuditEntry, Membership
from members.roles import Status
from tests import make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db
LATER = EARLY + timedelta(hours=1)
OWN = [{"emoji": "🦉", "en": "Hoot", "zh-hans": "咕"}, {"emoji": "🌙", "en": "Night", "zh-hans": "晚安"}]


@pytest.fixture
def circle():
    community = make.community("lantern")
    Circle.objects.of(community.pk).delete()
    return circles.create(community=community, name="Owls", at=EARLY, by=SITE)


@pytest.fixture
def ada(circle):
    member = make.member(circle.community, name="Ada")
    circles.put_in(circle=circle, membership=member, at=EARLY, by=SITE)
    return member


@pytest.fixture
def bo(circle):
    return make.member(circle.community, name="Bo")


@pytest.fixture
def post(circle, ada):
    return posts.write(circle=circle, author=ada, body="Who is awake?", at=EARLY)


def there():
    return list(Reaction.objects.order_by("pk").values_list("member__number", "emoji"))


def facts():
    found = Fact.objects.filter(verb="reacted").order_by("occurred_at")
    return list(found.values_list("member", "target", "object_kind", "object_id", "circle_id"))


def test_a_reaction_is_a_fact_once_however_often_it_is_given(circle, ada, bo, post):
    comment = comments.write(post=post, author=ada, body="I am", at=EARLY)
    for on in (post, comment):
        reactions.give(on=on, member=bo, emoji="👍", at=LATER)
        reactions.give(on=on, member=bo, emoji="👍", at=LATER)
        reactions.take(on=on, member=bo, emoji="👍", at=LATER)
        reactions.take(on=on, member=bo, emoji="👍", at=LATER)
        reactions.give(on=on, member=bo, emoji="👍", at=LATER)
    assert there() == [(bo.number, "👍"), (bo.number, "👍")]
    assert sorted(facts()) == sorted(
        [
            (bo.number, ada.number, "post", str(post.key), circle.pk),
            (bo.number, ada.number, "comment", str(comment.key), circle.pk),
        ]
    )


def closed_to(bo, circle, post):
    Circle.objects.filter(pk=circle.pk).update(kind="closed")


def paused(bo, circle, post):
    Membership.objects.filter(pk=bo.pk).update(status=Status.PAUSED)


def archived(bo, circle, post):
    circles.put_in(circle=circle, membership=bo, at=EARLY, by=SITE)
    circles.archive(circle=circle, at=EARLY, by=SITE)


def hidden(bo, circle, post):
    posts.hide(post=post, reason="No", at=EARLY, by=SITE)


def taken_back(bo, circle, post):
    posts.remove(post=post, author=post.author, at=EARLY)


@pytest.mark.parametrize(
    ("meanwhile", "code"),
    [
        (closed_to, "not_in_it"),
        (paused, "not_active"),
        (archived, "archived"),
        (hidden, "gone"),
        (taken_back, "gone"),
    ],
)
def test_nobody_reacts_where_they_may_not(circle, bo, post, meanwhile, code):
    comment = comments.write(post=post, author=post.author, body="I am", at=EARLY)
    meanwhile(bo, circle, post)
    for on in (post, comment):
        with pytest.raises(Refused) as refusal:
            reactions.give(on=on, member=bo, emoji="👍", at=LATER)
        assert refusal.value.code == code
    assert (there(), facts()) == ([], [])


def test_neither_to_oneself_nor_with_what_is_no_reaction_here(ada, bo, post):
    for member, emoji, code in ((ada, "👍", "own"), (bo, "🦉", "unknown"), (bo, "", "unknown")):
        with pytest.raises(Refused) as refusal:
            reactions.give(on=post, member=member, emoji=emoji, at=LATER)
        assert refusal.value.code == code
    assert (there(), facts()) == ([], [])


def test_a_closed_thread_takes_reactions(bo, post):
    posts.lock(post=post, locks=True, reason="Enough", at=EARLY, by=SITE)
    reactions.give(on=post, member=bo, emoji="👍", at=LATER)
    assert there() == [(bo.number, "👍")]


def test_a_community_chooses_its_own_and_what_was_given_stays(circle, bo, post):
    reactions.give(on=post, member=bo, emoji="👍", at=LATER)
    community_settings.update(community=circle.community, at=LATER, by=SITE, reactions=OWN)
    post.refresh_from_db()
    reactions.give(on=post, member=bo, emoji="🦉", at=LATER)
    with pytest.raises(Refused):
        reactions.give(on=post, member=bo, emoji="👍", at=LATER)
    assert there() == [(bo.number, "👍"), (bo.number, "🦉")]
    reactions.take(on=post, member=bo, emoji="👍", at=LATER)
    assert there() == [(bo.number, "🦉")]
    entry = AuditEntry.objects.get(action="community.settings_changed")
    assert (entry.before, entry.after) == ({"reactions": []}, {"reactions": OWN})


@pytest.mark.parametrize(
    ("chosen", "code"),
    [
        ([OWN[0], OWN[0]], "taken"),
        ([{"emoji": "ok", "en": "Ok", "zh-hans": "好"}], "invalid"),
        ([{"emoji": "🦉", "en": "Hoot"}], "required"),
        ([{"emoji": "🦉", "en": "Hoot" * 10, "zh-hans": "咕"}], "length"),
        ([{"emoji": chr(0x1F400 + n), "en": "A", "zh-hans": "一"} for n in range(9)], "too_many"),
    ],
)
def test_what_is_no_set_of_reactions_is_refused(circle, chosen, code):
    with pytest.raises(Refused) as refusal:
        community_settings.update(community=circle.community, at=LATER, by=SITE, reactions=chosen)
    assert refusal.value.code == code
    circle.community.refresh_from_db()
    assert circle.community.reactions == []
