"""Reporting from a thread, the queue at the desk and for hosts, and a member's own record."""

import pytest
from django.test import Client
from django.urls import reverse

from communities.models import Case, Circle, Measure, Report
from communities.services import appeals, circle_hosts, circles, comments, measures, posts, reports, settings
from kernel.clock import now
from members.actors import Actor
from members.models import Membership
from members.roles import Role
from members.services import standing
from tests import api, make
from tests.communities.services.test_attachments import _own_folder, keep
from tests.kernel.test_photos import picture

__all__ = ["_own_folder"]
pytestmark = pytest.mark.django_db

HOME = "/c/lantern/"
QUEUE = f"{HOME}desk/reports/"


@pytest.fixture
def community():
    community = make.community("lantern")
    Circle.objects.of(community.pk).delete()
    return community


@pytest.fixture
def circle(community):
    return circles.create(community=community, name="Owls", at=make.EARLY, by=make.SITE)


def inside(circle, name="", **fields):
    member = make.member(circle.community, name=name, **fields)
    circles.put_in(circle=circle, membership=member, at=make.EARLY, by=make.SITE)
    return member


def signed_in(member: Membership) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


@pytest.fixture
def ada(circle):
    return inside(circle, "Ada")


@pytest.fixture
def post(circle, ada):
    return posts.write(circle=circle, author=ada, title="Hello", body="Buy this", at=now())


@pytest.fixture
def keeper(circle):
    return inside(circle, "Kim", role=Role.MODERATOR)


def reported(written, circle, reason="spam", name="Bo"):
    return reports.make(written=written, reporter=inside(circle, name), reason=reason, at=now()).case


def text(answer) -> str:
    return answer.content.decode()


def test_a_reader_reports_from_the_thread_and_hears_of_it_in_their_record(circle, post):
    bo = inside(circle, "Bo")
    client = signed_in(bo)
    assert f'href="{HOME}posts/{post.key}/report/"' in text(client.get(f"{HOME}posts/{post.key}/"))
    place = f"{HOME}posts/{post.key}/report/"
    page = client.post(place, {"reason": "other", "words": " "})
    assert page.context["form"].errors == {"words": ["Say in a few words what it is."]}
    page = client.post(place, {"reason": "spam", "words": "An advert"}, follow=True)
    assert "Thank you. Somebody looks at it" in text(page)
    page = client.post(place, {"reason": "spam", "words": "Mine again"})
    assert "You have reported this already" in text(page) and "Mine again" in text(page)
    assert "being looked at" in text(client.get(f"{HOME}record/"))
    assert list(Report.objects.values_list("reporter", "words")) == [(bo.pk, "An advert")]


def test_one_s_own_words_have_no_way_to_report_them(post, ada):
    page = text(signed_in(ada).get(f"{HOME}posts/{post.key}/"))
    assert "/report/" not in page


@pytest.mark.parametrize("many", [1, 3])
def test_the_queue_at_one_and_at_three(circle, ada, keeper, many, django_assert_num_queries):
    for n in range(many):
        written = posts.write(circle=circle, author=ada, body=f"Buy {n}", at=now())
        reported(written, circle, name=f"B{n}")
    client = signed_in(keeper)
    client.get(QUEUE)
    with django_assert_num_queries(6):
        page = client.get(QUEUE)
    assert len(page.context["page"].rows) == many
    with django_assert_num_queries(3):
        assert f"{many}<span" in text(client.get(f"{QUEUE}waiting/"))


def test_the_most_urgent_stands_first(circle, ada, keeper):
    written = [posts.write(circle=circle, author=ada, body=f"P{n}", at=now()) for n in range(3)]
    for one, reason in zip(written, ["off_topic", "private", "spam"], strict=True):
        reported(one, circle, reason=reason)
    page = signed_in(keeper).get(QUEUE)
    assert [case.post for case in page.context["page"].rows] == [written[1], written[2], written[0]]


def test_the_page_of_a_case_shows_all_and_decides(circle, ada, post, keeper, django_assert_num_queries):
    case = reported(post, circle)
    client = signed_in(keeper)
    client.get(QUEUE)
    with django_assert_num_queries(7):
        page = text(client.get(f"{QUEUE}{case.key}/"))
    for word in ("Buy this", "Spam or advertising", "Bo", "Nothing: they have never been acted upon."):
        assert word in page
    assert [key for _l, _u, _c, key in client.get(f"{QUEUE}{case.key}/").context["acts"]] == list("khlmwur")
    refused = client.post(f"{QUEUE}{case.key}/?act=hide", {"reason": " "})
    assert refused.context["form"].errors == {"reason": ["This field is required."]}
    done = client.post(f"{QUEUE}{case.key}/?act=hide", {"reason": "An advert"})
    assert done["Location"] == QUEUE
    post.refresh_from_db()
    assert post.reason == "An advert"
    late = signed_in(Membership.objects.get(role=Role.OWNER))
    page = late.post(f"{QUEUE}{case.key}/?act=keep", follow=True)
    assert "Kim has decided already: Hide it." in text(page)


def test_the_pictures_of_what_was_reported_are_shown_until_it_is_taken_back(circle, ada, keeper):
    file = keep(ada, content=picture("PNG"), name="owl.png")
    written = posts.write(circle=circle, author=ada, body="Look", files=[file.key], at=now())
    case, client = reported(written, circle), signed_in(keeper)
    shown = reverse("communities:small_file", args=["lantern", file.key])
    assert f'src="{shown}"' in text(client.get(f"{QUEUE}{case.key}/"))
    posts.remove(post=written, author=ada, at=now())
    assert shown not in text(client.get(f"{QUEUE}{case.key}/"))


def test_a_mute_from_the_queue_is_shown_where_one_would_write(circle, ada, post, keeper):
    case = reported(post, circle)
    given = {"reason": "Take a day", "hours": "24"}
    signed_in(keeper).post(f"{QUEUE}{case.key}/?act=mute", given)
    post.refresh_from_db()
    assert post.hidden_at is None
    other = posts.write(circle=circle, author=inside(circle), body="x", at=now())
    client = signed_in(ada)
    for place in (f"{HOME}posts/{other.key}/", f"{HOME}circles/owls/write/"):
        page = text(client.get(place))
        assert "You are muted for a time" in page and "Take a day" in page
    refused = client.post(f"{HOME}circles/owls/write/", {"title": "", "body": "My words"})
    assert "My words" in text(refused) and "You are muted for a time" in text(refused)


def test_moving_offers_the_circles_where_one_keeps_order(community, circle, post, keeper):
    there = circles.create(community=community, name="Larks", at=make.EARLY, by=make.SITE)
    case = reported(post, circle)
    client = signed_in(keeper)
    form = client.get(f"{QUEUE}{case.key}/?act=move").context["form"]
    assert list(form.fields["circle"].queryset) == [there]
    client.post(f"{QUEUE}{case.key}/?act=move", {"reason": "Fits there", "circle": there.pk})
    post.refresh_from_db()
    assert post.circle == there


def test_a_host_has_the_queue_of_their_circle_among_the_rooms(community, circle, ada, post):
    host = inside(circle, "Hana")
    circle_hosts.appoint(circle=circle, membership=host, at=make.EARLY, by=make.SITE)
    case = reported(post, circle)
    other = circles.create(community=community, name="Larks", at=make.EARLY, by=make.SITE)
    circles.put_in(circle=other, membership=ada, at=make.EARLY, by=make.SITE)
    elsewhere = reported(posts.write(circle=other, author=ada, body="x", at=now()), other, name="Cy")
    client = signed_in(host)
    assert f'href="{QUEUE}"' in text(client.get(f"{HOME}circles/owls/care/"))
    page = client.get(QUEUE)
    assert [one.pk for one in page.context["page"].rows] == [case.pk]
    assert 'class="desk"' not in text(page)
    assert client.get(f"{QUEUE}{elsewhere.key}/").status_code == 404
    assert client.get(f"{QUEUE}{case.key}/").status_code == 200
    assert signed_in(ada).get(QUEUE).status_code == 403


def test_what_was_reported_of_one_s_own_does_not_exist_for_them(circle, keeper):
    written = posts.write(circle=circle, author=keeper, body="x", at=now())
    case = reported(written, circle)
    client = signed_in(keeper)
    assert list(client.get(QUEUE).context["page"].rows) == []
    assert client.get(f"{QUEUE}{case.key}/").status_code == 404
    assert client.post(f"{QUEUE}{case.key}/").status_code == 404
    assert Case.objects.get().is_open


def test_the_record_at_the_desk_warns_and_mutes(community, ada, keeper):
    client = signed_in(keeper)
    place = f"{HOME}desk/members/{ada.number}/record/"
    assert f'href="{place}"' in text(client.get(f"{HOME}desk/members/{ada.number}/"))
    client.post(place, {"act": "warn", "reason": "Be kind", "hours": "24"})
    client.post(place, {"act": "mute", "reason": "Take a day", "hours": "24"})
    page = text(client.get(place))
    assert page.index("Take a day") < page.index("Be kind")
    client.post(place, {"act": "unmute"})
    assert measures.muted(ada, now()) is None
    own = text(signed_in(ada).get(f"{HOME}record/"))
    assert "Be kind" in own and "lifted" in own and "Kim" not in own
    owner = Membership.objects.get(role=Role.OWNER)
    page = client.post(
        f"{HOME}desk/members/{owner.number}/record/", {"act": "warn", "reason": "x", "hours": "1"}
    )
    assert "Only an owner may do this to an owner." in text(page)
    assert Measure.objects.filter(membership=owner).count() == 0


def test_who_was_removed_still_reads_their_record(community, ada):
    client = signed_in(ada)
    standing.act("remove", membership=ada, reason="Adverts", at=now(), by=make.SITE)
    page = client.get(f"{HOME}record/")
    assert page.status_code == 200 and "Adverts" in text(page)
    assert client.get(f"{HOME}posts/").status_code == 404


def test_reporting_and_deciding_by_the_api(circle, ada, post, keeper):
    answer = comments.write(post=post, author=ada, body="Buy", at=now())
    client = signed_in(inside(circle, "Bo"))
    place = f"/api/v1/communities/lantern/comments/{answer.key}/reports/"
    made = client.post(place, {"reason": "spam"}, content_type="application/json")
    assert (made.status_code, made.json()["outcome"]) == (201, "open")
    again = client.post(place, {"reason": "spam"}, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (422, "already")
    program = api.Program(circle.community)
    (row,) = program.get("reports/").json()["results"]
    assert (row["comment"], row["author"], row["state"]) == (str(answer.key), ada.number, "open")
    done = program.post(f"reports/{row['id']}/decide/", {"act": "mute", "hours": 2, "reason": "x"})
    assert (done.status_code, done.json()["state"], done.json()["act"]) == (200, "acted", "mute")
    late = program.post(f"reports/{row['id']}/decide/", {"act": "keep"})
    assert (late.status_code, late.json()["code"]) == (422, "decided")
    (measure,) = program.get(f"members/{ada.number}/measures/").json()["results"]
    assert (measure["kind"], measure["ended_at"]) == ("mute", None)
    assert program.client.delete(f"{program.root}members/{ada.number}/mute/").status_code == 204
    made = program.post(f"members/{ada.number}/measures/", {"act": "warn", "reason": "Be kind"})
    assert (made.status_code, made.json()["kind"]) == (201, "warn")


def test_acting_by_hand_names_who_did_it_to_the_staff_only(ada, post, keeper):
    posts.hide(post=post, reason="An advert", at=now(), by=Actor.person(keeper.user, keeper))
    page = text(signed_in(keeper).get(f"{HOME}desk/members/{ada.number}/record/"))
    assert "Kim" in page and "An advert" in page and "Buy this" in page


def test_a_member_appeals_from_their_record_and_another_answers(circle, ada, post, keeper):
    posts.hide(post=post, reason="An advert", at=now(), by=Actor.person(keeper.user, keeper))
    client, place = signed_in(ada), f"{HOME}record/"
    measure = Measure.objects.get()
    assert f'href="{place}{measure.key}/appeal/"' in text(client.get(place))
    assert client.get(f"{place}{measure.key}/appeal/").status_code == 200
    client.post(f"{place}{measure.key}/appeal/", {"words": "I was quoting."})
    assert "Waiting for an answer" in text(client.get(place))
    assert signed_in(keeper).get(f"{place}{measure.key}/appeal/").status_code == 404
    assert signed_in(keeper).get(f"{QUEUE}appeals/").context["rows"] == []
    owner = signed_in(Membership.objects.get(role=Role.OWNER))
    ((appeal, _form),) = owner.get(f"{QUEUE}appeals/").context["rows"]
    refused = owner.post(f"{QUEUE}appeals/{appeal.key}/", {"act": "lift", "answer": " "})
    assert "This field is required." in text(refused)
    owner.post(f"{QUEUE}appeals/{appeal.key}/", {"act": "lift", "answer": "You are right."})
    page = text(client.get(place))
    assert "Lifted" in page and "You are right." in page
    late = owner.post(f"{QUEUE}appeals/{appeal.key}/", {"act": "uphold", "answer": "x"}, follow=True)
    assert "has decided already: Lifted." in text(late)


def test_who_is_alone_is_told_that_they_did_it_themselves(ada, post):
    owner = Membership.objects.get(role=Role.OWNER)
    posts.hide(post=post, reason="x", at=now(), by=Actor.person(owner.user, owner))
    appeals.make(measure=Measure.objects.get(), membership=ada, words="x", at=now())
    assert "You did this yourself" in text(signed_in(owner).get(f"{QUEUE}appeals/"))


@pytest.mark.parametrize("private", [False, True])
def test_who_was_banned_finds_their_record_and_appeals(community, ada, private):
    client = signed_in(ada)
    standing.act("ban", membership=ada, reason="Adverts", at=now(), by=make.SITE)
    if private:
        settings.update(community=community, at=now(), by=make.SITE, visibility="private")
        assert client.get(HOME).status_code == 404
    else:
        assert f'href="{HOME}record/"' in text(client.get(HOME))
    assert "Adverts" in text(client.get(f"{HOME}record/"))
    measure = Measure.objects.get()
    client.post(f"{HOME}record/{measure.key}/appeal/", {"words": "I was not."})
    assert measure.appeal.words == "I was not."


def test_the_log_tells_what_was_done_without_addresses(ada, post, keeper, django_assert_num_queries):
    client = signed_in(keeper)
    client.post(f"{HOME}posts/{post.key}/act/", {"act": "hide", "reason": "An advert"})
    client.post(f"{HOME}desk/members/{ada.number}/record/", {"act": "mute", "reason": "x", "hours": "24"})
    client.get(f"{QUEUE}log/")
    with django_assert_num_queries(5):
        page = client.get(f"{QUEUE}log/")
    assert [line.words for line in page.context["lines"]] == ["Muted a member for a time", "Hid a post"]
    assert "127.0.0.1" not in text(page)


def test_staff_see_as_a_member_sees(circle, ada, post, keeper):
    answer = comments.write(post=post, author=ada, body="Hidden words", at=now())
    comments.hide(comment=answer, reason="A secret reason", at=now(), by=make.SITE)
    client, place = signed_in(keeper), f"{HOME}posts/{post.key}/"
    assert "A secret reason" in text(client.get(place)) and 'value="pin"' in text(client.get(place))
    page = text(client.get(f"{place}?as=member"))
    assert "You see this as a plain member does." in page
    assert "A secret reason" not in page and 'value="pin"' not in page
    posts.hide(post=post, reason="x", at=now(), by=make.SITE)
    assert client.get(f"{place}?as=member").status_code == 404
    assert "You see this as a plain member does." in text(client.get(f"{HOME}posts/?as=member"))
    assert "You see this as a plain member does." not in text(signed_in(ada).get(f"{HOME}posts/?as=member"))


def test_what_may_be_written_is_set_at_the_desk_and_kept_where_refused(community, circle):
    owner = signed_in(Membership.objects.get(role=Role.OWNER))
    place = f"{HOME}desk/settings/talk/"
    given = owner.get(place).context["form"].initial | {
        "held_words": "free money\n\n加微信 ",
        "links": "hold",
    }
    assert owner.post(place, given)["Location"] == place
    assert owner.get(place).context["form"].initial["held_words"] == "free money\n加微信"
    refused = owner.post(place, given | {"new_days": "999", "refused_words": "mine"})
    assert refused.context["form"].errors.keys() == {"new_days"} and "mine" in text(refused)
    ada = inside(circle, "Ada")
    page = signed_in(ada).post(f"{HOME}circles/owls/write/", {"title": "", "body": "加微信"}, follow=True)
    assert "This post waits for approval" in text(page)
    program = api.Program(community)
    changed = program.patch("talk-rules/", {"new_links": 1, "domains": ["https://Example.org/"]})
    assert (changed.status_code, changed.json()["domains"]) == (200, ["example.org"])
    assert program.get("talk-rules/").json()["held_words"] == ["free money", "加微信"]
    assert program.patch("talk-rules/", {"new_links": -1}).status_code == 400


def test_appealing_and_deciding_by_the_api(community, circle, ada):
    measure = measures.warn(membership=ada, reason="x", at=now(), by=make.SITE)
    client, root = signed_in(ada), "/api/v1/communities/lantern/"
    assert [row["id"] for row in client.get(f"{root}record/").json()["results"]] == [str(measure.key)]
    place = f"{root}record/{measure.key}/appeal/"
    made = client.post(place, {"words": "I was not."}, content_type="application/json")
    assert (made.status_code, made.json()["state"]) == (201, "open")
    program = api.Program(community)
    (row,) = program.get("appeals/?state=open").json()["results"]
    done = program.post(f"appeals/{row['id']}/decide/", {"decision": "lift", "answer": "Sorry."})
    assert (done.status_code, done.json()["state"], done.json()["answer"]) == (200, "lifted", "Sorry.")
    late = program.post(f"appeals/{row['id']}/decide/", {"decision": "uphold", "answer": "x"})
    assert (late.status_code, late.json()["code"]) == (422, "decided")
