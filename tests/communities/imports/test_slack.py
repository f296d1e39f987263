"""What Slack exports, as it comes."""

import io
import json
import zipfile

import pytest

from communities.imports_from.slack import markdown
from communities.models import Circle, Comment, Post
from kernel.errors import Refused
from members.models import Membership
from tests import make
from tests.members.imports.files import counts, send

pytestmark = pytest.mark.django_db

USERS = [
    {"id": "U1", "name": "lin", "profile": {"real_name": "Lin Yue", "email": "lin@example.org"}},
    {"id": "U2", "name": "ada", "profile": {"real_name": "", "display_name": "Ada"}},
]
CHANNELS = [{"id": "C1", "name": "general"}, {"id": "C2", "name": "茶"}]
FIRST = [
    {
        "type": "message",
        "user": "U1",
        "text": "Tea, *strong*?",
        "ts": "1767607200.000100",
        "thread_ts": "1767607200.000100",
    },
    {"type": "message", "subtype": "channel_join", "user": "U2", "text": "joined", "ts": "1767607201.000100"},
    {
        "type": "message",
        "user": "U2",
        "text": "Yes <@U1>",
        "ts": "1767607260.000200",
        "thread_ts": "1767607200.000100",
    },
    {"type": "message", "subtype": "bot_message", "text": "beep", "ts": "1767607300.000100"},
]
#: Of this thread the beginning is gone.
SECOND = [
    {"type": "message", "user": "U2", "text": "One", "ts": "1767693600.0001", "thread_ts": "1767000000.0001"},
    {"type": "message", "user": "U1", "text": "Two", "ts": "1767693700.0001", "thread_ts": "1767000000.0001",
     "files": [{"name": "tea.pdf"}]},
]  # fmt: skip


def export(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, found in files.items():
            archive.writestr(name, found if isinstance(found, str) else json.dumps(found))
    return out.getvalue()


def whole():
    return export(**{
        "users.json": USERS, "channels.json": CHANNELS, "general/2026-01-05.json": FIRST, "茶/2026-01-06.json": SECOND,
        "dms.json": [{"id": "D1"}],
    })  # fmt: skip


@pytest.fixture
def community():
    return make.community("lantern", at=make.EARLY)


def test_channels_become_circles_and_messages_posts(community):
    run = send(community, whole(), kind="slack")
    assert counts(run) == (4, 0, 0, 0)
    tea, one = Post.objects.of(community.pk).order_by("created_at")
    assert (tea.body, tea.circle.name, tea.author.name, tea.author.email) == (
        "Tea, **strong**?", "general", "Lin Yue", "lin@example.org",
    )  # fmt: skip
    assert tea.created_at.isoformat() == "2026-01-05T10:00:00.000100+00:00"
    assert (one.body, one.circle.name, one.author.name) == ("One", "茶", "Ada")
    said = Comment.objects.of(community.pk).order_by("created_at")
    assert [(c.body, c.post) for c in said] == [("Yes @Lin Yue", tea), ("Two\n\n📎 tea.pdf", one)]
    assert counts(send(community, whole(), kind="slack")) == (0, 0, 4, 0)
    assert Membership.objects.of(community.pk).filter(external_id__in=("U1", "U2")).count() == 2


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"id,circle\n1,Tea\n", "no_export"),
        (export(**{"a.txt": "x"}), "zip_without_tables"),
        (export(**{"users.json": USERS}), "no_export"),
        (export(**{"channels.json": "{["}), "json"),
        (export(**{"channels.json": "[" * 100_000}), "json"),
    ],
)
def test_what_is_no_export_is_refused_and_changes_nothing(community, content, code):
    circles = Circle.objects.of(community.pk).count()
    with pytest.raises(Refused) as refusal:
        send(community, content, kind="slack")
    assert (refusal.value.code, refusal.value.field) == (code, "file")
    assert Circle.objects.of(community.pk).count() == circles


@pytest.mark.parametrize(
    "odd",
    [[1, None, "x"], {"a": 1}, [{"ts": {}, "user": [], "text": 5}], [{"ts": "x", "user": "U1", "text": "t"}]],
)
def test_odd_messages_are_left_out(community, odd):
    content = export(**{"users.json": {}, "channels.json": CHANNELS, "general/1.json": odd})
    assert counts(send(community, content, kind="slack")) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("*bold* and _it_ and ~gone~", "**bold** and _it_ and ~~gone~~"),
        ("2*3*4 a ~ b", "2*3*4 a ~ b"),
        ("<https://a.example/x|here> <https://b.example>", "[here](https://a.example/x) <https://b.example>"),
        ("<@U1> in <#C1|general> <!here>", "@Lin in #general @here"),
        ("a &lt; b &amp;&amp; c", "a < b && c"),
        ("one\ntwo\n\nthree", "one  \ntwo\n\nthree"),
        ("`*x*` and ```\n*y*\n&lt;```", "`*x*` and ```\n*y*\n<```"),
    ],
)
def test_slack_s_marks_are_markdown(said, meant):
    assert markdown(said, lambda user: "Lin", lambda channel: "general") == meant
