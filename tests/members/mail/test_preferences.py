"""What people want to be told: chosen for each community, in the page and over the API; notices and their bell."""

import json
from datetime import time, timedelta

import pytest

from kernel import mails
from members.models import DailyWish, Notification, OptOut, QuietHours
from members.roles import Role
from members.selectors import mail
from members.services import memberships, notifications
from members.services import preferences as choices
from tests import api, make

pytestmark = pytest.mark.django_db
AT = make.EARLY + timedelta(days=60)
WISHES = "/api/v1/communities/lantern/notifications/"
LOGIN = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def member(client):
    """A member of one community, signed in; the welcome is read."""
    member = make.member(make.community("lantern"), name="Li Lei")
    client.force_login(member.user, backend=LOGIN)
    Notification.objects.all().delete()
    return member


def tell(member, **given):
    return notifications.tell(
        to=member, kind="member.paused", words={"reason": ""}, at=AT, url="/c/lantern/", **given
    )


def test_the_page_saves_one_community_and_leaves_the_other(client, member):
    other = make.community("harbour")
    memberships.enrol(community=other, user=member.user, at=AT, by=make.SITE)
    page = client.get("/me/notifications/").content.decode()
    assert page.count('value="digest" checked') == 2
    answer = client.post(
        "/me/notifications/", {"community": "lantern", "mail": ["member.welcome"], "page": []}
    )
    assert answer.status_code == 302
    off = OptOut.objects.filter(membership=member)
    assert set(off.values_list("channel", "kind")) == {
        (channel, kind.key)
        for channel in ("mail", "page")
        for kind in choices.offered(channel, member)
        if (channel, kind.key) != ("mail", "member.welcome")
    }
    assert OptOut.objects.exclude(membership=member).count() == 0


def test_all_but_what_must_reach_is_switched_off_at_once_until_one_chooses_anew(client, member):
    client.post("/me/notifications/", {"community": "lantern", "none": "1", "mail": ["digest"]})
    assert set(OptOut.objects.values_list("membership", "channel", "kind")) == {
        (member.pk, "mail", ""),
        (member.pk, "page", ""),
    }
    page = client.get("/me/notifications/").content.decode()
    assert 'value="digest"' in page and " checked" not in page and 'value="member.removed"' not in page
    assert "Membership ended by staff" in page
    client.post("/me/notifications/", {"community": "lantern", "mail": ["digest"]})
    off = set(OptOut.objects.values_list("channel", "kind"))
    assert not off & {("mail", ""), ("page", ""), ("mail", "digest")} and ("mail", "member.welcome") in off


def test_what_must_reach_is_neither_offered_nor_switched_off(client, member):
    client.post("/me/notifications/", {"community": "lantern"})
    kinds = set(OptOut.objects.values_list("kind", flat=True))
    assert kinds == {kind.key for kind in mails.kinds if kind.optional and mails.reaches(kind, member)}
    assert tell(member) is not None


def test_each_is_shown_what_they_can_receive(client, member):
    manager = make.member(member.community, role=Role.MANAGER)
    for person, shown in ((member, False), (manager, True)):
        client.force_login(person.user, backend=LOGIN)
        page = client.get("/me/notifications/").content.decode()
        # Any member may be the host of a circle.
        assert ('value="application.made"' in page, 'value="circle.asked"' in page) == (shown, True)
        assert 'value="invitation"' not in page and 'value="digest"' in page
        wishes = {one["kind"] for one in api.browser(person.user).get(WISHES).json()["kinds"]}
        assert ("application.made" in wishes) == shown
    # What they are not shown stays as it was: whoever becomes staff later is told.
    client.force_login(member.user, backend=LOGIN)
    client.post("/me/notifications/", {"community": "lantern"})
    assert not OptOut.objects.filter(kind="application.made").exists()


def test_of_a_community_that_is_not_theirs_nothing_is_saved(client, member):
    make.community("harbour")
    assert client.post("/me/notifications/", {"community": "harbour"}).status_code == 404
    assert OptOut.objects.count() == 0


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_with_one_community_as_with_three(client, count, django_assert_num_queries):
    user = make.person()
    for _ in range(count):
        memberships.enrol(community=make.community(), user=user, at=AT, by=make.SITE)
    client.force_login(user, backend=LOGIN)
    client.get("/me/notifications/")
    with django_assert_num_queries(5):
        assert client.get("/me/notifications/").status_code == 200


def test_notices_about_the_same_count_up_while_unread(member):
    for _ in range(3):
        tell(member, about="idea:7")
    tell(member, about="idea:8")
    rows = Notification.objects.filter(membership=member).order_by("about")
    assert list(rows.values_list("about", "times")) == [("idea:7", 3), ("idea:8", 1)]
    notifications.mark_read(user_id=member.user_id, at=AT)
    tell(member, about="idea:7")
    assert Notification.objects.filter(about="idea:7").count() == 2


def test_a_kind_switched_off_in_the_page_is_not_told(member):
    OptOut.objects.create(
        community=member.community, membership=member, channel="page", kind="member.welcome", at=AT
    )
    assert notifications.tell(to=member, kind="member.welcome", words={}, at=AT) is None


def test_the_bell_counts_and_opening_a_notice_reads_it(client, member):
    notice = tell(member)
    assert "1 new notice" in client.get("/me/notices/bell/").content.decode()
    assert "The staff have paused your membership." in client.get("/me/notices/").content.decode()
    assert client.get(f"/me/notices/{notice.pk}/").status_code == 405
    answer = client.post(f"/me/notices/{notice.pk}/")
    assert (answer.status_code, answer["Location"]) == (302, "/c/lantern/")
    assert "bell-count" not in client.get("/me/notices/bell/").content.decode()


def test_all_are_read_at_once_and_htmx_gets_the_part(client, member):
    for _ in range(2):
        tell(member)
    answer = client.post("/me/notices/", {"community": "lantern"}, headers={"HX-Request": "true"})
    assert "<html" not in answer.content.decode()
    assert Notification.objects.filter(read_at=None).count() == 0
    assert client.post("/me/notices/").status_code == 302


def test_nobody_reads_or_opens_another_s_notices(client, member):
    other = make.member(member.community)
    Notification.objects.all().delete()
    notice = tell(other)
    assert client.post(f"/me/notices/{notice.pk}/").status_code == 404
    client.post("/me/notices/")
    notice.refresh_from_db()
    assert notice.read_at is None
    assert "paused" not in client.get("/me/notices/").content.decode()


def test_a_notice_leads_nowhere_else(client, member):
    notice = notifications.tell(to=member, kind="member.paused", words={}, at=AT, url="https://evil.example/")
    assert client.post(f"/me/notices/{notice.pk}/")["Location"] == "/me/notices/"


def test_a_name_in_a_notice_is_text(client, member):
    notifications.tell(
        to=member, kind="member.restricted", words={"reason": "<script>x</script>\nBcc"}, at=AT
    )
    page = client.get("/me/notices/").content.decode()
    assert "<script>x" not in page and "&lt;script&gt;x&lt;/script&gt; Bcc" in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_of_notices_costs_the_same(client, member, count, django_assert_num_queries):
    for _ in range(count):
        tell(member)
    client.get("/me/notices/")
    with django_assert_num_queries(4):
        assert client.get("/me/notices/").content.decode().count('class="notice"') == count
    with django_assert_num_queries(2):
        client.get("/me/notices/bell/")


def test_the_bell_is_sent_where_it_has_changed_and_asks_no_more_once_one_has_signed_out(client, member):
    live = {"HX-Request": "true"}
    tell(member)
    first = client.get("/me/notices/bell/", headers=live)
    again = {**live, "If-None-Match": first["ETag"]}
    assert client.get("/me/notices/bell/", headers=again).status_code == 304
    tell(member)
    assert client.get("/me/notices/bell/", headers=again).status_code == 200
    client.logout()
    answer = client.get("/me/notices/bell/", headers=live)
    assert (answer.status_code, answer.content, answer["HX-Reswap"]) == (286, b"", "none")


def test_an_open_page_gets_what_is_new_and_nothing_else(client, member):
    tell(member)
    state = client.get("/me/notices/").context["state"]
    asks = {"path": "/me/notices/", "query_params": {"had": state}, "headers": {"HX-Request": "true"}}
    assert client.get(**asks).status_code == 204
    tell(member)
    assert client.get(**asks).content.decode().count('class="notice"') == 2


def test_the_unread_alone_and_page_by_page(client, member, monkeypatch):
    monkeypatch.setattr(mail, "NOTICES", 2)
    for n in range(3):
        last = notifications.tell(
            to=member, kind="member.paused", words={}, at=AT + timedelta(minutes=n), url="/"
        )
    notifications.mark_read(user_id=member.user_id, at=AT, notification_id=last.pk)
    first = client.get("/me/notices/").context["page"]
    rest = client.get("/me/notices/", {"at": first.after}).context["page"]
    assert [len(page.rows) for page in (first, rest)] == [2, 1]
    unread = client.get("/me/notices/", {"show": "unread"}).context["page"]
    assert [notice.unread for notice in unread.rows] == [True, True]


def test_quiet_hours_and_the_daily_letter_are_chosen_on_one_page(client, member):
    client.post("/me/notifications/", {"quiet": "1", "begins": "22:00", "ends": "07:30", "timezone": ""})
    quiet = QuietHours.objects.get()
    assert (quiet.user, quiet.begins, quiet.ends) == (member.user, time(22), time(7, 30))
    refused = client.post("/me/notifications/", {"quiet": "1", "begins": "22:00", "ends": ""})
    assert 'value="22:00"' in refused.content.decode()
    client.post("/me/notifications/", {"community": "lantern", "daily": ["talk.answered", "digest"]})
    assert list(DailyWish.objects.values_list("kind", flat=True)) == ["talk.answered"]
    assert not OptOut.objects.filter(channel="mail", kind="talk.answered").exists()
    read = client.get(WISHES).json()["kinds"]
    assert {one["kind"] for one in read if one["daily"]} == {"talk.answered"}
    patch(client, "lantern", {"daily": []})
    assert not DailyWish.objects.exists()


def test_strangers_sign_in_first(client):
    for address in ("/me/notices/", "/me/notifications/", "/me/notices/bell/"):
        assert client.get(address).status_code == 302


def patch(client, slug, body, **headers):
    return client.patch(
        f"/api/v1/communities/{slug}/notifications/",
        json.dumps(body),
        content_type="application/json",
        headers=headers,
    )


def test_a_member_reads_and_changes_them_over_the_api(client, member):
    read = client.get("/api/v1/communities/lantern/notifications/")
    by_kind = {wish["kind"]: wish for wish in read.json()["kinds"]}
    assert by_kind["digest"]["mail"] is True and by_kind["digest"]["page"] is None
    assert by_kind["member.removed"]["fixed"] is True
    changed = patch(client, "lantern", {"mail_off": ["digest"]}, **{"If-Match": read["ETag"]})
    assert changed.status_code == 200
    assert list(OptOut.objects.values_list("membership", "channel", "kind")) == [
        (member.pk, "mail", "digest")
    ]
    assert patch(client, "lantern", {"page_off": []}, **{"If-Match": read["ETag"]}).status_code == 412
    assert patch(client, "lantern", {"page_off": ["member.welcome"]}).status_code == 200
    assert OptOut.objects.count() == 2
    assert patch(client, "lantern", {"mail_off": []}).status_code == 200
    assert list(OptOut.objects.values_list("channel", "kind")) == [("page", "member.welcome")]


def test_what_must_reach_is_refused_over_the_api(client, member):
    answer = patch(client, "lantern", {"mail_off": ["member.removed"]})
    assert (answer.status_code, OptOut.objects.count()) == (400, 0)


def test_a_key_is_nobody():
    program = api.Program(make.community())
    assert program.get("notifications/").status_code == 403
