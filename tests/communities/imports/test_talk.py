"""Posts and comments from a file: taken once, answered in order, told as facts, and nobody is written to."""

import pytest

from communities.models import Circle, Comment, Post
from engagement.models import Fact
from members.models import Membership, Message
from tests import make
from tests.members.imports.files import counts, problems, send

pytestmark = pytest.mark.django_db
HEADER = "id,circle,author,author_name,author_email,written_at,title,text,answers"
ROWS = (
    "1,Tea,u1,Lin Yue,lin@example.org,2026-01-06T10:00:00Z,Morning,Which **one**?,",
    "2,Tea,u2,Ada,,2026-01-06T11:00:00Z,,Oolong.,1",
    "3,Tea,u1,,,2026-01-05T12:00:00Z,,Why?,2",
    "4,Walks,u2,,,2026-01-07T12:00:00Z,,Sunday,",
)


@pytest.fixture
def community():
    return make.community("lantern", at=make.EARLY)


def talk(community, *rows, header=HEADER):
    return send(community, "\n".join([header, *rows]), kind="talk")


def facts(community):
    rows = Fact.objects.of(community.pk).filter(verb__in=("posted", "commented")).order_by("occurred_at")
    return list(rows.values_list("member", "verb", "target", "object_kind"))


def test_messages_become_posts_comments_members_and_facts(community):
    here = Membership.objects.of(community.pk).count()
    run = talk(community, *ROWS)
    assert (counts(run), problems(run)) == ((4, 0, 0, 0), [])
    lin, ada = Membership.objects.of(community.pk).exclude(external_id=None).order_by("external_id")
    assert (lin.name, lin.email, lin.joined_at.isoformat()) == (
        "Lin Yue",
        "lin@example.org",
        "2026-01-05T12:00:00+00:00",
    )
    assert (ada.name, ada.joined_at.isoformat()) == ("Ada", "2026-01-06T11:00:00+00:00")
    tea, walks = Circle.objects.of(community.pk).filter(name__in=("Tea", "Walks")).order_by("name")
    morning, sunday = Post.objects.of(community.pk).order_by("created_at")
    assert (morning.title, morning.body, morning.circle, morning.author) == (
        "Morning",
        "Which **one**?",
        tea,
        lin,
    )
    assert (morning.comment_count, morning.last_at.isoformat()) == (2, "2026-01-06T11:00:00+00:00")
    assert (sunday.circle, sunday.author, sunday.comment_count) == (walks, ada, 0)
    oolong, why = Comment.objects.of(community.pk).order_by("body")
    assert (oolong.post, oolong.parent, why.parent, why.author) == (morning, None, oolong, lin)
    assert facts(community) == [
        (lin.number, "commented", ada.number, "post"),
        (lin.number, "posted", None, "post"),
        (ada.number, "commented", lin.number, "post"),
        (ada.number, "posted", None, "post"),
    ]
    assert set(tea.circle_memberships.values_list("membership", flat=True)) == {lin.pk, ada.pk}
    assert Membership.objects.of(community.pk).count() == here + 2
    assert not Message.objects.filter(membership__in=(lin, ada)).exists()


def test_a_file_sent_twice_or_grown_brings_what_is_new_alone(community):
    talk(community, *ROWS[:2])
    run = talk(community, *ROWS)
    assert counts(run) == (2, 0, 2, 0)
    assert Post.objects.of(community.pk).get(title="Morning").comment_count == 2
    assert len(facts(community)) == 4
    assert counts(talk(community, *ROWS)) == (0, 0, 4, 0)


def test_what_cannot_be_taken_is_said_and_the_rest_is_taken(community):
    run = talk(
        community,
        "1,Tea,u1,Lin,,2026-01-06T10:00:00Z,,Hello,",
        "2,Tea,u1,Lin,,yesterday,,Hello,",
        "3,Tea,u1,Lin,,2026-01-06T10:00:00Z,,,",
        "4,Tea,u1,Lin,,2026-01-06T10:00:00Z,,Hello,9",
        f"5,{'T' * 81},u1,Lin,,2026-01-06T10:00:00Z,,Hello,",
        f"6,Tea,u1,Lin,,2026-01-06T10:00:00Z,,{'x' * 20_001},",
    )
    assert counts(run) == (1, 0, 0, 5)
    assert problems(run) == [
        (3, "written_at", "time"),
        (4, "text", "needed"),
        (5, "answers", "unknown_message"),
        (6, "circle", "too_long"),
        (7, "text", "too_long"),
    ]
    assert list(Post.objects.of(community.pk).values_list("body", flat=True)) == ["Hello"]


def test_who_is_here_already_is_found_by_id_and_by_address(community):
    lin = make.member(community, name="Lin", email="lin@example.org")
    run = talk(community, *ROWS[:1])
    assert counts(run) == (1, 0, 0, 0)
    assert Post.objects.of(community.pk).get().author == lin


def test_a_message_of_another_community_is_not_answered(community):
    talk(community, *ROWS[:1])
    other = make.community("other", at=make.EARLY)
    run = talk(other, ROWS[1])
    assert (counts(run), problems(run)) == ((0, 0, 0, 1), [(2, "answers", "unknown_message")])
    assert Post.objects.of(community.pk).get().comment_count == 0
