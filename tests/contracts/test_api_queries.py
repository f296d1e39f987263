"""Every list of the API runs with one row and with three at the same literal number of queries."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from commerce.models import Coupon, Difference, ReconciliationRun, ReferralReward
from communities.models import (
    Appeal,
    Circle,
    CircleRequest,
    Comment,
    Community,
    JoinQuestion,
    Measure,
    Post,
    Reaction,
)
from communities.services import drafts, joining, message_reports, messages, reports
from engagement.api.rows import of as rows_of
from engagement.models import Assignment, Experiment
from engagement.services import activities
from gatherings.models import Event, TicketKind
from gatherings.services import chapters, seats, waitlist
from kernel.api.operations import of as operation_of
from members.models import BulkAct, CustomField, Membership, Message, Note, Segment, Tier
from members.services import audit, imports, invitations, memberships, merge_proposals, merging, notifications
from tests import api, make
from tests.commerce import dues
from tests.contracts.addresses import views
from tests.engagement import acting, trying
from tests.gatherings import holding

pytestmark = pytest.mark.django_db

POST = "00000000-0000-0000-0000-000000000001"


def a_member(community, n):
    memberships.add(community=community, at=make.EARLY, by=make.SITE, external_id=f"u{n}")


def a_person(community, n):
    make.member(community)


def a_circle(community, n):
    Circle.objects.create(community=community, slug=f"c{n}", name="Circle", position=n)


def a_tier(community, n):
    Tier.objects.create(community=community, key=f"t{n}", name="Tier", rank=n)


def a_circle_request(community, n):
    circle = Circle.objects.filter(community=community).first()
    CircleRequest.objects.create(circle=circle, membership=make.member(community), asked_at=make.EARLY)


def a_question(community, n):
    JoinQuestion.objects.create(community=community, position=20 + n, text="Why?")


def an_entry(community, n):
    audit.record(
        action="member.added", object_kind="member", object_id=n, by=make.SITE, at=make.EARLY,
        community_id=community.pk,
    )  # fmt: skip


def an_import(community, n):
    file = SimpleUploadedFile("m.csv", b"member,joined_at\nx,2026-01-01\n")
    imports.begin(
        community=community, kind="members", file=file, filename="m.csv", at=make.EARLY, by=make.SITE
    )


def a_fact(community, n):
    at = (make.EARLY + timedelta(hours=n + 1)).isoformat()
    row = {"member": "a", "verb": "posted", "occurred_at": at, "circle": "one"}
    activities.take(community=community, rows=rows_of(row), at=make.EARLY + timedelta(days=3), by=make.SITE)


def a_bulk_act(community, n):
    BulkAct.objects.create(
        community=community, kind="tag", options={"tag": "a"}, members=[1], total=1, created_at=make.EARLY,
        touched_at=make.EARLY,
    )  # fmt: skip


def a_note(community, n):
    member = Membership.objects.get(community=community, number=2)
    Note.objects.create(membership=member, text="Note", by_words="Ada", at=make.EARLY)


def a_field(community, n):
    CustomField.objects.create(community=community, key=f"f{n}", name=f"f{n}", kind="text")


def a_segment(community, n):
    Segment.objects.create(
        community=community, name=f"S{n}", rules={"all": []}, made_at=make.EARLY, changed_at=make.EARLY
    )


def a_letter(community, n):
    Message.objects.create(
        community=community, kind="welcome", address=f"l{n}@example.org", language="en", subject="Welcome",
        created_at=make.EARLY, next_at=make.EARLY,
    )  # fmt: skip


def an_application(community, n):
    Community.objects.filter(pk=community.pk).update(join_policy="application")
    reviewed = Community.objects.get(pk=community.pk)
    reviewed.join_questions.all().delete()
    joining.join(community=reviewed, user=make.person(), answers={}, at=make.EARLY, by=make.SITE)


def a_link(community, n):
    invitations.create_link(community=community, channel=f"c{n}", at=make.EARLY, by=make.SITE)


def an_invitee(community, n):
    inviter = Membership.objects.of(community.id).get(number=2)
    memberships.add(community=community, at=make.EARLY, by=make.SITE, name=f"i{n}", invited_by=inviter)


def a_post(community, n):
    circle, author = Circle.objects.filter(community=community)[0], make.member(community)
    Post.objects.create(circle=circle, author=author, body="Hello", created_at=make.EARLY, last_at=make.EARLY)


def a_comment(community, n):
    circle = Circle.objects.filter(community=community)[0]
    told = {"circle": circle, "author": make.member(community), "body": "Hello", "last_at": make.EARLY}
    post, _new = Post.objects.get_or_create(key=POST, defaults={**told, "created_at": make.EARLY})
    Comment.objects.create(post=post, author=make.member(community), body="Hi", created_at=make.EARLY)


def a_reaction(community, n):
    if not Comment.objects.filter(key=POST).exists():
        a_comment(community, n)
        Comment.objects.update(key=POST)
    for where in ({"post": Post.objects.get(key=POST)}, {"comment": Comment.objects.get(key=POST)}):
        Reaction.objects.create(**where, member=make.member(community), emoji="👍", at=make.EARLY)


def a_case(community, n):
    circle = Circle.objects.filter(community=community)[0]
    author, reporter = make.member(community), make.member(community)
    told = {"circle": circle, "author": author, "body": "Hello", "last_at": make.EARLY}
    post = Post.objects.create(created_at=make.EARLY, **told)
    reports.make(written=post, reporter=reporter, reason="spam", at=make.EARLY)


def a_measure(community, n):
    member = Membership.objects.get(community=community, number=2)
    Measure.objects.create(membership=member, kind="warn", reason="x", at=make.EARLY)


def a_measure_of_mine(community, me, n):
    Measure.objects.create(membership=me, kind="warn", reason="x", at=make.EARLY)


def an_appeal(community, n):
    measure = Measure.objects.create(
        membership=make.member(community), kind="warn", reason="x", at=make.EARLY
    )
    Appeal.objects.create(measure=measure, words="x", at=make.EARLY)


def a_merge(community, n):
    kept, merged = (memberships.add(community=community, at=make.EARLY, by=make.SITE) for _n in range(2))
    merging.merge(kept=kept, merged=merged, at=make.EARLY, by=make.SITE)


def a_merge_proposal(community, n):
    kept, merged = make.member(community), make.member(community)
    merge_proposals.propose(kept=kept, merged=merged, at=make.EARLY, by=make.SITE)


def a_plan(community, n):
    dues.plan(community, name=f"Plan {n}")


def a_coupon(community, n):
    code = f"CODE-{Coupon.objects.count()}"
    coupon = Coupon.objects.create(community=community, code=code, percent=1000, created_at=make.EARLY)
    coupon.plans.add(dues.plan(community))


def an_invoice(community, n):
    dues.invoice(make.member(community))


def a_payment(community, n):
    dues.paid(make.member(community))


def a_subscription(community, n):
    dues.a_group(make.member(community))


def a_gift(community, n):
    dues.a_gift(make.member(community))


def an_order(community, n):
    dues.an_order(make.member(community))


def a_reward(community, n):
    came = dues.received(dues.invoice(make.member(community)))
    ReferralReward.objects.create(
        community=community, inviter=make.member(community), invitee=came.membership, payment=came, amount=100,
        currency="CNY", made_at=make.EARLY, held_until=make.EARLY,
    )  # fmt: skip


def a_dispute(community, n):
    dues.disputed(dues.received(dues.invoice(make.member(community))))


def a_difference(community, n):
    found = dues.difference(community)
    came = dues.received(dues.invoice(make.member(community)))
    Difference.objects.filter(pk=found.pk).update(payment=came)


def a_comparison(community, n):
    sums = [{"currency": "CNY", "kind": "payment", "here": [n, 100], "there": [n, 100]}]
    ReconciliationRun.objects.create(
        account=dues.difference(community).account, day=make.EARLY.date(), since=make.EARLY, until=make.EARLY,
        began_at=make.EARLY, sums=sums,
    )  # fmt: skip


def an_event(community, n):
    holding.event(community, host=make.member(community), rooms={"in_person": 5, "online": None})


def a_chapter(community, n):
    chapters.found(
        community=community, city=("Basel", "Bern", "Chur", "Lugano")[n % 4], at=make.EARLY, by=make.SITE
    )


def a_ticket(community, n):
    seats.take(kind=holding.kind(holding.event(community)), member=make.member(community), at=make.EARLY)


def a_kind(community, n):
    event = Event.objects.filter(key=POST).first()
    if event is None:
        event = holding.event(community)
        Event.objects.filter(pk=event.pk).update(key=POST)
    TicketKind.objects.create(event=event, room=event.rooms.get(), name=f"Kind {n}", position=n)


def a_turn(community, n):
    kind = holding.kind(holding.event(community, places=1))
    seats.take(kind=kind, member=make.member(community), at=make.EARLY)
    waitlist.join(kind=kind, member=make.member(community), at=make.EARLY)


def an_experiment(community, n):
    trying.an_experiment(community, title=f"Try {n}")


def a_spend(community, n):
    acting.a_cost(community)


def a_row(community, n):
    """One more who was assigned to the experiment that has ended."""
    done = Experiment.objects.filter(key=POST).first()
    if done is None:
        done = trying.ended(community)
        Experiment.objects.filter(pk=done.pk).update(key=POST)
    Assignment.objects.create(experiment=done, place=n, arm="A", member=n, at=make.EARLY)


def an_act(community, n):
    acting.an_act(community, 1, week=acting.monday_before(n))


def an_introduction(community, n):
    acting.an_introduction(community, 1, n + 2)


#: What makes a row of a list, and how many queries the list takes: two for the community and the key.
LISTS = {
    "members/": (a_member, 3),
    "circles/": (a_circle, 3),
    "people/": (a_person, 4),
    "tiers/": (a_tier, 3),
    "imports/": (an_import, 3),
    "audit/": (an_entry, 3),
    "mail/": (a_letter, 3),
    "invitations/": (a_link, 3),
    "members/2/invitees/": (an_invitee, 4),
    "segments/": (a_segment, 3),
    "bulk/": (a_bulk_act, 3),
    "fields/": (a_field, 3),
    "members/2/notes/": (a_note, 4),
    "members/2/timeline/": (a_fact, 6),
    "applications/": (an_application, 3),
    "circle-requests/": (a_circle_request, 3),
    "merges/": (a_merge, 3),
    "posts/": (a_post, 5),
    "search/?q=hello": (a_post, 5),
    f"posts/{POST}/comments/": (a_comment, 8),
    f"posts/{POST}/reactions/": (a_reaction, 6),
    f"comments/{POST}/reactions/": (a_reaction, 6),
    "reports/": (a_case, 4),
    "appeals/": (an_appeal, 3),
    "members/2/measures/": (a_measure, 4),
    "merge-proposals/": (a_merge_proposal, 3),
    "join-questions/": (a_question, 3),
    "events/": (an_event, 8),
    "chapters/": (a_chapter, 13),
    "attendances/": (a_ticket, 3),
    "tickets/": (a_ticket, 3),
    f"events/{POST}/kinds/": (a_kind, 4),
    "waiting/": (a_turn, 3),
    "week-acts/": (an_act, 3),
    "experiments/": (an_experiment, 3),
    f"experiments/{POST}/rows/": (a_row, 4),
    "introductions/": (an_introduction, 3),
    "spends/": (a_spend, 3),
    "plans/": (a_plan, 3),
    "coupons/": (a_coupon, 4),
    "subscriptions/": (a_subscription, 3),
    "gifts/": (a_gift, 3),
    "orders/": (an_order, 4),
    "rewards/": (a_reward, 3),
    "invoices/": (an_invoice, 3),
    "payments/": (a_payment, 3),
    "refunds/": (a_payment, 3),
    "credit-notes/": (a_payment, 3),
    "disputes/": (a_dispute, 3),
    "reconciliation/runs/": (a_comparison, 3),
    "reconciliation/differences/": (a_difference, 3),
    "ledger/entries/?account=receivable": (an_invoice, 3),
}


def a_conversation(community, me, n):
    messages.write(author=make.member(community), to=me, body="Hi", at=make.EARLY)


def a_message(community, me, n):
    messages.write(author=me, to=Membership.objects.of(community.pk).get(number=2), body="Hi", at=make.EARLY)


def a_report(community, me, n):
    message = messages.write(author=make.member(community), to=me, body="Hi", at=make.EARLY)
    message_reports.report(message=message, by=me, reason="spam", at=make.EARLY)


def a_draft(community, me, n):
    circle = Circle.objects.filter(community=community)[0]
    told = {"circle": circle, "author": me, "body": "Hello", "last_at": make.EARLY, "created_at": make.EARLY}
    place = drafts.answer(Post.objects.create(**told))
    drafts.save(place=place, author=me, body="B", version=0, at=make.EARLY)


def a_notice(community, me, n):
    notifications.tell(to=me, kind="member.welcome", words={}, at=make.EARLY)


#: The same of lists that are a person's own, or read by one alone: three for the session, the community and them.
OF_A_PERSON = {
    "conversations/": (a_conversation, 4),
    "conversations/2/messages/": (a_message, 6),
    "message-reports/": (a_report, 3),
    "drafts/": (a_draft, 4),
    "notices/": (a_notice, 3),
    "record/": (a_measure_of_mine, 3),
}


@pytest.mark.parametrize("path", OF_A_PERSON)
def test_a_list_of_a_person_of_one_and_of_three(path, django_assert_num_queries):
    community = make.community()
    me = Membership.objects.of(community.pk).get(number=1)
    make.member(community)
    client = api.browser(me.user)
    made, queries = OF_A_PERSON[path]
    for many in (1, 3):
        while len(client.get(f"/api/v1/communities/{community.slug}/{path}").json()["results"]) < many:
            made(community, me, many)
        with django_assert_num_queries(queries):
            found = client.get(f"/api/v1/communities/{community.slug}/{path}").json()["results"]
        assert len(found) == many


@pytest.mark.parametrize("path", LISTS)
def test_a_list_of_one_and_of_three(path, django_assert_num_queries):
    community = make.community()
    Circle.objects.all().delete()
    memberships.add(community=community, at=make.EARLY, by=make.SITE, external_id="a")
    Circle.objects.create(community=community, slug="one", name="one")
    program = api.Program(community)
    made, queries = LISTS[path]
    made(community, 1)
    program.get("")  # the first use of a key in a minute is written down
    with django_assert_num_queries(queries):
        before = len(program.get(path).json()["results"])
    made(community, 2)
    made(community, 3)
    with django_assert_num_queries(queries):
        assert len(program.get(path).json()["results"]) == before + 2


def test_the_communities_of_a_person(django_assert_num_queries):
    person = make.person()
    client = api.browser(person)
    make.community(owner=person)
    client.get("/api/v1/communities/")
    with django_assert_num_queries(2):
        assert len(client.get("/api/v1/communities/").json()["results"]) == 1
    make.community(owner=person)
    make.community(owner=person)
    with django_assert_num_queries(2):
        assert len(client.get("/api/v1/communities/").json()["results"]) == 3


def test_no_list_is_left_out():
    listed = {
        address.rpartition("<slug:community_slug>/")[2]
        .replace("<int:number>", "2")
        .replace("<uuid:post_key>", POST)
        .replace("<uuid:event_key>", POST)
        .replace("<uuid:comment_key>", POST)
        .replace("<uuid:experiment_key>", POST)
        for address, view in views("api/v1/communities/<")
        if (found := operation_of(getattr(view, "cls", None), "GET")) and "cursor" in found.query().fields
    }
    assert listed == {path.partition("?")[0] for path in (*LISTS, *OF_A_PERSON)}
