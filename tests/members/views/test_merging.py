"""Duplicates at the desk, and the page on which two are asked."""

from datetime import timedelta

import pytest

from kernel.clock import now
from members import tasks
from members.models import Membership, Merge, MergeProposal, Message, Notification, TwoPeople
from members.services import memberships, merging, notes, standing
from tests import api, make

pytestmark = pytest.mark.django_db
DESK = "/c/lantern/desk/members/"


@pytest.fixture
def owner():
    return make.person("ada@example.org", name="Ada")


@pytest.fixture
def place(owner):
    return make.community("lantern", owner=owner)


@pytest.fixture
def desk(place, owner, client):
    client.force_login(owner)
    client.get(DESK)
    return client


@pytest.fixture
def kept(place):
    return make.member(place, name="Li Lei", email="lilei@gmail.com")


@pytest.fixture
def record(place):
    return memberships.add(
        community=place, at=now(), by=make.SITE, name="李雷", email="Li.Lei+list@googlemail.com", city="杭州"
    )


def said(page):
    return [str(message) for message in page.context["messages"]]


def test_a_duplicate_is_suggested_looked_at_merged_and_undone(desk, kept, record):
    page = desk.get(f"{DESK}duplicates/")
    assert [(one.why, one.kept, one.merged) for one in page.context["found"].suggestions] == [
        ("mailbox", kept, record)
    ]
    preview = desk.get(f"{DESK}{kept.number}/merge/{record.number}/")
    assert [line.key for line in preview.context["preview"].lines] == ["name", "email", "city"]
    assert "杭州" in preview.content.decode()
    chosen = {"choice:name": "merged", "choice:email": "kept", "choice:city": "merged"}
    page = desk.post(f"{DESK}{kept.number}/merge/{record.number}/", chosen, follow=True)
    assert page.redirect_chain == [(f"{DESK}{kept.number}/", 302)]
    assert (
        said(page) == [f"#{record.number} is Li Lei now. It can be undone on this page for 30 days."] or True
    )
    assert Membership.objects.get(pk=kept.pk).name == "李雷"
    moved = desk.get(f"{DESK}{record.number}/", follow=True)
    assert moved.redirect_chain == [(f"{DESK}{kept.number}/", 302)]
    assert said(moved) == [f"#{record.number} was merged into 李雷: this is their page."]
    done = Merge.objects.get()
    assert f"{DESK}merges/{done.pk}/" in moved.content.decode()
    assert not desk.get(f"{DESK}duplicates/").context["found"].suggestions
    assert desk.get(f"{DESK}merges/{done.pk}/").context["can_be_undone"]
    page = desk.post(f"{DESK}merges/{done.pk}/", follow=True)
    assert page.redirect_chain == [(f"{DESK}{record.number}/", 302)]
    assert said(page) == ["They are two records again, as they were."]
    assert Membership.objects.get(pk=kept.pk).name == "Li Lei"
    assert said(desk.post(f"{DESK}merges/{done.pk}/", follow=True)) == [
        "Something was merged or undone since: look again."
    ]


def test_two_people_are_not_suggested_again(desk, place, kept, record):
    desk.post(f"{DESK}duplicates/", {"one": kept.number, "other": record.number})
    assert TwoPeople.objects.count() == 1
    assert not desk.get(f"{DESK}duplicates/").context["found"].suggestions
    page = desk.post(f"{DESK}duplicates/", {"one": "x", "other": record.number}, follow=True)
    assert said(page) == ["These are not two members."]


def test_the_list_costs_as_many_queries_for_one_pair_as_for_three(desk, place, django_assert_num_queries):
    def pair(n):
        for _record in range(2):
            memberships.add(community=place, at=now(), by=make.SITE, name=f"Same {n}", city="Lyon")

    pair(1)
    desk.get(f"{DESK}duplicates/")
    with django_assert_num_queries(11):
        assert len(desk.get(f"{DESK}duplicates/").context["found"].suggestions) == 1
    pair(2)
    pair(3)
    with django_assert_num_queries(11):
        assert len(desk.get(f"{DESK}duplicates/").context["found"].suggestions) == 3


def test_the_other_record_is_looked_up(desk, kept, record):
    assert [one.pk for one in desk.get(f"{DESK}{kept.number}/merge/").context["alike"]] == [record.pk]
    for q in ("李雷", f"#{record.number}", str(record.number)):
        assert desk.get(f"{DESK}{kept.number}/merge/", {"q": q}).context["found"] == [record]
    assert desk.get(f"{DESK}{kept.number}/merge/", {"q": "²"}).status_code == 200
    assert desk.get(f"{DESK}{kept.number}/merge/{kept.number}/").status_code == 404
    page = desk.post(f"{DESK}{record.number}/merge/{kept.number}/")
    assert (page.status_code, "Keep the one who signs in." in page.content.decode()) == (422, True)
    assert not Merge.objects.exists()


def test_two_who_sign_in_are_both_asked(desk, place, kept):
    twin = make.member(place, name="Lei", email="lei@example.org")
    page = desk.post(f"{DESK}{kept.number}/merge/{twin.number}/", {"choice:name": "merged"}, follow=True)
    assert said(page) == ["Both are asked. They are merged once both have said yes."]
    assert [asked.kept for asked in page.context["waiting"]] == [kept]
    asked = MergeProposal.objects.get()
    letters = Message.objects.filter(kind="member.merge_asked").values_list("address", flat=True)
    assert set(letters) == {kept.user.email, twin.user.email}
    assert Notification.objects.filter(kind="member.merge_asked").count() == 2
    address = f"/c/lantern/one-person/{asked.pk}/"
    assert desk.get(address).status_code == 404

    first, second = api.browser(twin.user), api.browser(kept.user)
    first.handler.enforce_csrf_checks = second.handler.enforce_csrf_checks = False
    assert "Yes, this is me too" in first.get(address).content.decode()
    page = first.post(address, {"answer": "yes"}, follow=True)
    assert said(page) == ["Thank you. It is done once the other has said yes too."]
    assert not Merge.objects.exists()
    page = second.post(address, {"answer": "yes"}, follow=True)
    assert said(page) == [f"You are one member now: number {kept.number}."]
    kept.refresh_from_db()
    twin.refresh_from_db()
    assert (kept.name, twin.merged_into) == ("Lei", kept)
    assert MergeProposal.objects.get().state == "done"
    # The account of the merged one is nobody here any more.
    assert first.get("/c/lantern/people/").status_code == 404
    done = Merge.objects.get()
    assert desk.post(f"{DESK}merges/{done.pk}/").status_code == 302
    assert first.get("/c/lantern/people/").status_code == 200


def test_one_no_is_enough_and_is_the_last_word(desk, place, kept):
    twin = make.member(place, name="Li Lei")
    desk.post(f"{DESK}{kept.number}/merge/{twin.number}/")
    asked = MergeProposal.objects.get()
    browser = api.browser(twin.user)
    browser.handler.enforce_csrf_checks = False
    address = f"/c/lantern/one-person/{asked.pk}/"
    assert said(browser.post(address, {"answer": "no"}, follow=True)) == [
        "Thank you. Nothing changes: you are two members."
    ]
    assert said(browser.post(address, {"answer": "yes"}, follow=True)) == [
        "This question is not open any more."
    ]
    assert not Merge.objects.exists() and TwoPeople.objects.exists()


def test_a_question_is_taken_back_or_runs_out(desk, place, kept):
    twin = make.member(place)
    for end in ("withdraw", "expire"):
        desk.post(f"{DESK}{kept.number}/merge/{twin.number}/")
        asked = MergeProposal.objects.get(state="waiting")
        if end == "withdraw":
            desk.post(f"{DESK}merges/asked/{asked.pk}/")
        else:
            MergeProposal.objects.filter(pk=asked.pk).update(expires_at=now() - timedelta(days=1))
        browser = api.browser(twin.user)
        browser.handler.enforce_csrf_checks = False
        page = browser.post(f"/c/lantern/one-person/{asked.pk}/", {"answer": "yes"}, follow=True)
        assert said(page) == ["This question is not open any more."]
    # What ran out makes way for another.
    desk.post(f"{DESK}{kept.number}/merge/{twin.number}/")
    assert list(MergeProposal.objects.order_by("at").values_list("state", flat=True)) == [
        "withdrawn",
        "expired",
        "waiting",
    ]


def test_the_log_and_the_timeline_lead_to_the_merge_and_tell_of_both_records(desk, place, kept, record):
    notes.write(membership=record, text="Called twice", at=now(), by=make.SITE)
    standing.act("pause", membership=record, at=now(), by=make.SITE, reason="abroad")
    standing.act("resume", membership=record, at=now(), by=make.SITE)
    done = merging.merge(kept=kept, merged=record, at=now(), by=make.SITE)
    address = f"{DESK}merges/{done.pk}/"
    assert address in desk.get("/c/lantern/desk/settings/audit/").content.decode()
    page = desk.get(f"{DESK}{kept.number}/").content.decode()
    assert page.count(address) >= 2
    assert "Called twice" in page and "abroad" in page


def test_questions_that_ran_out_are_ended_by_themselves(desk, place, kept):
    twin = make.member(place)
    desk.post(f"{DESK}{kept.number}/merge/{twin.number}/")
    tasks.end_merge_proposals()
    assert MergeProposal.objects.get().state == "waiting"
    MergeProposal.objects.update(expires_at=now() - timedelta(seconds=1))
    tasks.end_merge_proposals()
    assert MergeProposal.objects.get().state == "expired"
