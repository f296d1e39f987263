"""Reactions on the page: one tap, who gave them, and the set of a community."""

import pytest
from django.test import Client

from communities import emoji
from communities.models import Circle, Community, Reaction
from communities.services import circles, comments, posts, reactions
from tests import make

pytestmark = pytest.mark.django_db
ROOT = "/c/lantern/"


@pytest.fixture
def circle(settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    community = make.community("lantern")
    Circle.objects.of(community.pk).delete()
    return circles.create(community=community, name="Owls", at=make.EARLY, by=make.SITE)


@pytest.fixture
def ada(circle):
    member = make.member(circle.community, name="Ada")
    circles.put_in(circle=circle, membership=member, at=make.EARLY, by=make.SITE)
    return member


@pytest.fixture
def post(circle, ada):
    return posts.write(circle=circle, author=ada, title="Hello", body="Who?", at=make.EARLY)


def visitor(member) -> Client:
    client = Client()
    client.force_login(member.user)
    client.get(f"{ROOT}circles/")
    return client


def test_a_tap_swaps_the_part_and_a_form_comes_back(circle, ada, post):
    bo = make.member(circle.community, name="Bo")
    comment = comments.write(post=post, author=ada, body="I am", at=make.EARLY)
    client, place = visitor(bo), f"{ROOT}posts/{post.key}/"
    part = client.post(f"{place}reactions/", {"give": "👍"}, headers={"HX-Request": "true"})
    assert part.templates[0].name == "communities/talk/_reactions.html"
    assert 'name="take" value="👍" aria-pressed="true"' in part.content.decode()
    back = client.post(f"{ROOT}comments/{comment.key}/reactions/", {"give": "🎉"})
    assert back["Location"] == f"{place}?comment={comment.key}#comment-{comment.key}"
    client.post(f"{place}reactions/", {"take": "👍"})
    assert list(Reaction.objects.values_list("comment__key", "emoji")) == [(comment.key, "🎉")]
    who = client.get(f"{ROOT}comments/{comment.key}/reactions/")
    assert [one.member for one in who.context["page"].rows] == [bo]
    refused = client.post(f"{place}reactions/", {"give": "🦉"}, headers={"HX-Request": "true"})
    assert "This is none of the reactions here." in refused.content.decode()


def test_one_reads_who_and_how_many_and_takes_no_part_in_one_s_own(circle, ada, post):
    for name in ("Bo", "Cy", "Di", "Ed", "Flo"):
        reactions.give(on=post, member=make.member(circle.community, name=name), emoji="🙏", at=make.EARLY)
    page = visitor(ada).get(f"{ROOT}posts/{post.key}/")
    assert "Thank you: Bo, Cy, Di, 2 others" in page.content.decode()
    assert 'name="give"' not in page.content.decode()
    for path in ("posts/", "circles/owls/"):
        assert visitor(ada).get(f"{ROOT}{path}").context["page"].rows[0].tallies[0].count == 5


def test_what_is_hidden_tells_nobody_who_reacted(circle, ada, post):
    comment = comments.write(post=post, author=ada, body="Rude", at=make.EARLY)
    comments.hide(comment=comment, reason="Rude", at=make.EARLY, by=make.SITE)
    assert visitor(ada).get(f"{ROOT}comments/{comment.key}/reactions/").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_a_thread_full_of_reactions_asks_once(circle, ada, post, rows, django_assert_num_queries):
    people = [make.member(circle.community, name=f"P{n}") for n in range(rows)]
    for _n in range(rows):
        comment = comments.write(post=post, author=ada, body="I am", at=make.EARLY)
        for one in people:
            reactions.give(on=comment, member=one, emoji="👍", at=make.EARLY)
    client = visitor(ada)
    with django_assert_num_queries(10):
        page = client.get(f"{ROOT}posts/{post.key}/")
    assert [one.comment.tallies[0].count for one in page.context["thread"].answers] == [rows] * rows


def test_the_set_of_a_community(circle):
    owner = make.member(circle.community, role="manager")
    client, place = visitor(owner), f"{ROOT}desk/settings/reactions/"
    shown = client.get(place).context["form"]
    usual = {field.html_name: field.value() for row in shown.rows() for field in row}
    client.post(place, usual)
    assert Community.objects.get().reactions == []
    own = dict.fromkeys(usual, "") | {"emoji_3": "🦉", "en_3": "Hoot", "zh-hans_3": "咕"}
    client.post(place, own)
    assert Community.objects.get().reactions == [{"emoji": "🦉", "en": "Hoot", "zh-hans": "咕"}]
    refused = client.post(place, own | {"emoji_4": "ok"})
    assert refused.context["form"].non_field_errors() == ["“ok” is no single emoji."]
    client.post(place, dict.fromkeys(usual, ""))
    assert emoji.of(Community.objects.get()) == emoji.usual()
