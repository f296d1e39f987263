"""What is being written: one text for each place, no window's words lost to another's, gone once it is published."""

from datetime import timedelta

import pytest

from communities import person_data
from communities.models import Circle, Draft
from communities.models.poll import UNWRITTEN
from communities.services import circles, comments, drafts, polls, posts
from engagement.models import Fact
from kernel.errors import Refused
from kernel.person_data import Person, Place
from tests import make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db
LATER = EARLY + timedelta(minutes=5)
ASK = {"options": "Green\r\n\r\nBla", "several": True, "results": "closed", "closes_at": "soon"}


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


def save(place, author, body, version=0, **more):
    return drafts.save(place=place, author=author, body=body, version=version, at=LATER, **more)


def refused(*given, **more):
    with pytest.raises(Refused) as refusal:
        save(*given, **more)
    return refusal.value.code


def kept(author):
    return list(Draft.objects.filter(author=author).order_by("pk").values_list("title", "body", "version"))


def test_there_is_one_draft_for_each_place(circle, ada):
    place = drafts.new_post(circle)
    first = save(place, ada, "Wh", title="Tea")
    assert save(place, ada, "Which?", version=1, title="Tea") == first
    post = posts.write(circle=circle, author=ada, body="Hello", at=EARLY)
    comment = comments.write(post=post, author=ada, body="Hm", at=EARLY)
    for other in (
        drafts.answer(post),
        drafts.answer(post, comment),
        drafts.change(post),
        drafts.change(comment),
    ):
        save(other, ada, "B")
    assert kept(ada) == [("Tea", "Which?", 2), *[("", "B", 1)] * 4]
    assert Fact.objects.filter(verb="posted").count() == 1


def test_the_later_of_two_windows_is_told_and_takes_nothing_away(circle, ada):
    place = drafts.new_post(circle)
    save(place, ada, "One")
    save(place, ada, "One, here", version=1)
    assert refused(place, ada, "Two, there", version=1) == "changed"
    assert refused(place, ada, "Two, there") == "changed"
    assert kept(ada) == [("", "One, here", 2)]
    assert save(place, ada, "One, here", version=1).version == 2  # the same words are no clash
    assert save(place, ada, "Two, there", version=2).version == 3


def test_published_is_no_draft_any_more(circle, ada):
    place = drafts.new_post(circle)
    save(place, ada, "Hello")
    post = posts.write(circle=circle, author=ada, body="Hello, all", at=LATER, draft=1)
    assert kept(ada) == []
    assert refused(place, ada, "Hello, a", version=1) == "gone"
    save(drafts.change(post), ada, "Hello, all of you")
    posts.change(post=post, author=ada, title="", body="Hello, all of you", at=LATER)
    save(drafts.answer(post), ada, "And")
    comment = comments.write(post=post, author=ada, body="And so?", at=LATER, draft=1)
    save(drafts.change(comment), ada, "And")
    comments.change(comment=comment, author=ada, body="And then?", at=LATER, draft=1)
    assert kept(ada) == []


def test_what_another_window_saved_since_is_not_published_away(circle, ada):
    place = drafts.new_post(circle)
    save(place, ada, "Short")
    save(place, ada, "A long text of hours", version=1)
    posts.write(circle=circle, author=ada, body="Short", at=LATER, draft=1)
    assert kept(ada) == [("", "A long text of hours", 2)]


def test_an_emptied_draft_is_none_and_nobody_throws_another_s_away(circle, ada):
    bo, place = make.member(circle.community), drafts.new_post(circle)
    assert save(place, ada, " \n") is None
    draft = save(place, ada, "Hm")
    drafts.throw_away(draft=draft, author=bo)
    assert kept(ada) == [("", "Hm", 1)]
    assert save(place, ada, "", version=1) is None
    again = save(place, ada, "Hm")
    drafts.throw_away(draft=again, author=ada)
    assert kept(ada) == []


def test_drafts_have_an_end(circle, ada, monkeypatch):
    monkeypatch.setattr(drafts, "MOST", 1)
    place = drafts.new_post(circle)
    assert refused(place, ada, "a" * 20_001) == refused(place, ada, "a\x00") == "length"
    save(place, ada, "a" * 20_000)
    post = posts.write(circle=circle, author=ada, body="Hello", at=EARLY)
    assert refused(drafts.answer(post), ada, "B") == "too_many"
    assert [draft.place for draft in Draft.objects.all()] == [place.key]


def test_drafts_are_told_to_their_writer_and_erased_with_them(circle, ada):
    save(drafts.new_post(circle), ada, "Hello", title="Tea")
    person = Person(None, (Place(ada.community_id, ada.pk, ada.number),))
    told = {table.name: [list(row.values()) for row in table.rows()] for table in person_data.written(person)}
    assert told["drafts"] == [["lantern", "Tea", "Hello", {}, LATER]]
    person_data.erase_written(person, LATER)
    assert kept(ada) == []


def test_a_poll_is_kept_as_it_was_typed_and_is_a_draft_alone(circle, ada):
    place = drafts.new_post(circle)
    draft = save(place, ada, "", poll=ASK)
    assert (draft.poll, str(draft)) == (ASK | {"options": "Green\n\nBla"}, "Green / Bla")
    # Who says nothing of it leaves it; who begins from before it is told.
    assert save(place, ada, "Tea?", version=1).poll == draft.poll
    assert refused(place, ada, "Tea?", version=1, poll=ASK | {"options": "Red"}) == "changed"
    assert save(place, ada, "", version=2, poll={}) is None
    assert kept(ada) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"options": "a" * 2_001},
        {"options": "a\x00"},
        {"options": ["a"]},
        {"results": "never"},
        {"results": ["voted"]},
        {"several": "yes"},
        {"closes_at": 5},
    ],
)
def test_what_is_no_form_of_a_poll_is_not_kept(circle, ada, wrong):
    post = posts.write(circle=circle, author=ada, body="Hello", at=EARLY)
    assert refused(drafts.new_post(circle), ada, "B", poll=wrong) == "length"
    assert refused(drafts.answer(post), ada, "B", poll=ASK) == "no_poll"
    assert kept(ada) == []


def test_a_draft_takes_a_poll_away_and_what_another_window_asked_stays(circle, ada):
    plain, polled = (
        posts.write(circle=circle, author=ada, body="Tea?", poll=ask, at=EARLY)
        for ask in (None, polls.Ask(("Yes", "No")))
    )
    said = [save(drafts.change(post), ada, "Tea?", poll={}).poll for post in (plain, polled)]
    assert said == [{}, UNWRITTEN]
    place = drafts.new_post(circle)
    save(place, ada, "Hello", poll=ASK)
    posts.write(circle=circle, author=ada, body="Hello", at=LATER)
    assert drafts.at_place(place, ada).version == 1
    posts.write(circle=circle, author=ada, body="Hello", at=LATER, draft=1)
    assert drafts.at_place(place, ada) is None
