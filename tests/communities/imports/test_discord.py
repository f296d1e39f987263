"""What DiscordChatExporter writes, as it comes."""

import io
import json
import zipfile

import pytest

from communities.models import Comment, Post
from kernel.errors import Refused
from tests import make
from tests.members.imports.files import counts, send

pytestmark = pytest.mark.django_db

LIN = {"id": "11", "name": "lin", "nickname": "Lin Yue", "isBot": False}
ADA = {"id": "12", "name": "ada", "isBot": False}
BOT = {"id": "13", "name": "bot", "isBot": True}


def message(own_id, author, content, minute, **more):
    at = f"2026-01-05T10:{minute:02}:00.123+00:00"
    return {"id": own_id, "type": "Default", "timestamp": at, "content": content, "author": author} | more


GENERAL = {
    "guild": {"id": "1", "name": "Tea"},
    "channel": {"id": "2", "type": "GuildTextChat", "category": "Rooms", "name": "general"},
    "messages": [
        message("101", LIN, "Which\none?", 0),
        message("102", ADA, "Oolong", 1, type="Reply", reference={"messageId": "101"}),
        message("103", LIN, "Why?", 2, type="Reply", reference={"messageId": "102"}),
        message("104", ADA, "Gone?", 3, type="Reply", reference={"messageId": "99"}),
        message("105", BOT, "beep", 4),
        message("106", ADA, "", 5, attachments=[{"fileName": "leaf.png"}]),
        message("107", ADA, "joined", 6, type="GuildMemberJoin"),
    ],
}
THREAD = {
    "guild": {"id": "1", "name": "Tea"},
    "channel": {"id": "3", "type": "GuildPublicThread", "category": "general", "name": "Sunday walk"},
    "messages": [message("201", ADA, "Who comes?", 30), message("202", LIN, "Me", 31)],
}


def packed(*channels):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for n, channel in enumerate(channels):
            archive.writestr(f"{n}.json", json.dumps(channel))
    return out.getvalue()


@pytest.fixture
def community():
    return make.community("lantern", at=make.EARLY)


def test_a_channel_and_its_thread_become_a_circle(community):
    run = send(community, packed(THREAD, GENERAL), kind="discord")
    assert counts(run) == (7, 0, 0, 0)
    posts = Post.objects.of(community.pk).order_by("created_at")
    assert [(p.title, p.body, p.circle.name, p.author.name, p.comment_count) for p in posts] == [
        ("", "Which  \none?", "general", "Lin Yue", 2),
        ("", "Gone?", "general", "ada", 0),
        ("", "📎 leaf.png", "general", "ada", 0),
        ("Sunday walk", "Who comes?", "general", "ada", 1),
    ]
    oolong, why, me = Comment.objects.of(community.pk).order_by("created_at")
    assert (oolong.parent, why.parent, me.parent, me.post) == (None, oolong, None, posts[3])


def test_one_file_alone_sent_twice_is_taken_once(community):
    content = json.dumps(GENERAL)
    assert counts(send(community, content, kind="discord")) == (5, 0, 0, 0)
    assert counts(send(community, content, kind="discord")) == (0, 0, 5, 0)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"id\n1\n", "json"),
        (b"[]", "no_export"),
        (b'{"channel": {"name": "x"}}', "no_export"),
        (b"\xff\xfe", "json"),
    ],
)
def test_what_is_no_export_is_refused(community, content, code):
    with pytest.raises(Refused) as refusal:
        send(community, content, kind="discord")
    assert refusal.value.code == code
