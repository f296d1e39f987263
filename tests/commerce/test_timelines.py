"""What is told of a member's money and plans: at the desk to who may see the money, to the member themselves, and to
nobody else."""

from datetime import timedelta

import pytest
from django.test import Client

from commerce.models import Payment, Refund
from commerce.services import complimentary, payments, refunds, subscriptions
from engagement.models import Fact
from kernel import timelines
from kernel.clock import now
from kernel.money import Money
from members.roles import Role
from members.services import memberships, merging, standing
from tests import make
from tests.commerce.dues import AT, SITE, disputed, invoice, plan, received
from tests.commerce.services.test_subscriptions import pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return make.community("lantern", name="Lantern", currency="CNY")


@pytest.fixture
def ada(community):
    return make.member(community, name="Ada")


def signed_in(member) -> Client:
    client = Client()
    client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def desk(community, role=Role.TREASURER) -> Client:
    return signed_in(make.member(community, role=role))


def read(client, member, query=""):
    return client.get(f"/c/lantern/desk/members/{member.number}/timeline/{query}").context["timeline"]


def everything(client, member, kind=""):
    found, before = [], ""
    for _page in range(50):
        page = read(client, member, f"?show={kind}&before={before}")
        found += [entry for _day, entries in page.days for _template, entry in entries]
        before = page.older
        if not before:
            return found
    raise AssertionError("The pages have no end.")


def paid_and_sent_back(member) -> tuple[Payment, Refund]:
    """12,000 of which 3,000 went back a day later."""
    payment = received(invoice(member), note="By the bank")
    later = AT + timedelta(days=1)
    sent = refunds.ask(
        payment=payment,
        money=Money(3_000, "CNY"),
        reason="Too much",
        then=Refund.Then.KEEP,
        at=later,
        by=SITE,
    )
    return payment, Refund.objects.get(pk=sent.pk)


def money(client, member):
    return [
        (entry.what.words, entry.what.amount and entry.what.amount.amount, entry.what.why)
        for entry in everything(client, member, "money")
    ]


def test_money_that_came_and_went_back(community, ada):
    payment, _refund = paid_and_sent_back(ada)
    client = desk(community)
    assert money(client, ada) == [("Sent back", 3_000, "Too much"), ("Paid", 12_000, "By the bank")]
    page = client.get(f"/c/lantern/desk/members/{ada.number}/").content.decode()
    assert f'href="/c/lantern/desk/money/payments/{payment.key}/"' in page
    assert payment.invoice.number in page and "Bank transfer" in page and "¥120.00" in page


def test_what_was_noted_by_mistake_is_taken_back_and_what_is_disputed_is_decided(community, ada):
    first = received(invoice(ada, 5_000))
    payments.take_back(
        payment=first, community=community, reason="Not hers", at=AT + timedelta(hours=1), by=SITE
    )
    second = received(invoice(ada, 7_000), at=AT + timedelta(hours=2))
    case = disputed(second, amount=7_000)
    opened, decided = AT + timedelta(hours=3), AT + timedelta(days=3)
    type(case).objects.filter(pk=case.pk).update(state="lost", opened_at=opened, decided_at=decided)
    assert money(desk(community), ada) == [
        ("The dispute was lost", 7_000, ""),
        ("Disputed with the payer's bank", 7_000, ""),
        ("Paid", 7_000, ""),
        ("Taken back: it was noted by mistake", 5_000, ""),
        ("Paid", 5_000, ""),
    ]


def turns(client, member):
    return [(entry.what.words, entry.what.why) for entry in everything(client, member, "plans")]


def test_what_became_of_a_plan_is_told_in_words(community, ada):
    at = now() - timedelta(days=1)
    monthly = plan(community, name="Monthly", trial_days=7)
    taken = subscriptions.subscribe(membership=ada, plan=monthly, at=at, by=SITE)
    subscriptions.cancel(subscription=taken, at=at + timedelta(hours=1), by=SITE)
    taken.refresh_from_db()
    subscriptions.resume(subscription=taken, at=at + timedelta(hours=2), by=SITE)
    standing.act("leave", membership=ada, at=at + timedelta(hours=3), by=SITE)
    assert turns(desk(community), ada) == [
        ("Monthly ended", "Cancelled"),
        ("Kept Monthly after all", ""),
        ("Cancelled Monthly, which runs out", ""),
        ("Tries Monthly", ""),
    ]


def test_a_plan_says_its_price_and_one_that_is_given_that_it_is(community, ada):
    pay(subscriptions.subscribe(membership=ada, plan=plan(community), at=now(), by=SITE), at=now())
    (entry,) = everything(desk(community), ada, "plans")
    assert (entry.what.words, entry.what.price, entry.what.per) == (
        "Took Dues",
        Money(12_000, "CNY"),
        "a month",
    )
    guest = make.member(community, name="Guest")
    until = (now() + timedelta(days=9)).date()
    complimentary.give(
        membership=guest, plan=plan(community, name="Club"), until=until, reason="Guest", at=now(), by=SITE
    )
    assert turns(desk(community), guest) == [("Club free of charge", "")]


@pytest.mark.parametrize("size", [1, 2, 100])
def test_pages_hold_everything_once(community, ada, monkeypatch, size):
    monkeypatch.setattr(timelines, "PAGE_SIZE", size)
    for _n in range(3):
        paid_and_sent_back(ada)
    found = everything(desk(community), ada, "money")
    assert [entry.at for entry in found] == [AT + timedelta(days=1)] * 3 + [AT] * 3
    assert len({entry.tie for entry in found}) == 6


def test_who_may_not_see_money_is_told_no_amount(community, ada):
    paid_and_sent_back(ada)
    host = desk(community, Role.HOST)
    page = read(host, ada)
    assert [key for key, _label in page.kinds] == ["membership", "notes", "gatherings", "acts"]
    words = [entry.what for entry in everything(host, ada, "money") if hasattr(entry.what, "circle")]
    assert [(one.words, one.value) for one in words] == [("Was refunded", ""), ("Paid", "")]
    assert "120" not in host.get(f"/c/lantern/desk/members/{ada.number}/").content.decode()


def test_the_api_says_amounts_to_who_may_see_the_money_alone(community, ada):
    paid_and_sent_back(ada)
    address = f"/api/v1/communities/lantern/members/{ada.number}/timeline/"
    for role, values in ((Role.HOST, [None, None]), (Role.TREASURER, ["30", "120"])):
        rows = desk(community, role).get(address).json()["results"]
        assert [row["value"] for row in rows if row["verb_class"] == "money"] == values


def test_what_is_kept_here_is_told_once_and_what_only_a_file_told_stays(community, ada):
    paid_and_sent_back(ada)
    told = {"community_id": community.pk, "member": ada.number, "verb": "paid", "utc_day": AT.date()}
    Fact.objects.create(
        dedupe="0" * 32, occurred_at=AT, object_kind="payment", object_id="till-7", value=50, **told
    )
    client = desk(community)
    acts = [(entry.what.words, entry.what.value) for entry in everything(client, ada, "acts")]
    assert acts == [("Paid", "50")]
    assert len(money(client, ada)) == 2


def test_a_merged_record_is_told_with_the_member_it_became(community, ada):
    other = memberships.add(community=community, name="Ada L.", at=make.EARLY, by=SITE)
    paid_and_sent_back(other)
    merging.merge(kept=ada, merged=other, at=now(), by=SITE)
    assert [words for words, _amount, _why in money(desk(community), ada)] == ["Sent back", "Paid"]


def test_a_member_reads_it_of_themselves_without_what_staff_wrote_down(
    community, ada, django_assert_num_queries
):
    payment, _refund = paid_and_sent_back(ada)
    client = signed_in(ada)
    page = client.get("/c/lantern/dues/").content.decode()
    assert "What happened" in page and "Sent back" in page and "¥30.00" in page
    assert "By the bank" not in page and str(payment.key) not in page
    assert "What happened" not in signed_in(make.member(community)).get("/c/lantern/dues/").content.decode()


def test_each_source_is_one_query(community, ada, django_assert_num_queries):
    client = desk(community)
    for kind in ("money", "plans"):
        read(client, ada, f"?show={kind}")
    paid_and_sent_back(ada)

    for kind in ("money", "plans"):
        with django_assert_num_queries(5):
            read(client, ada, f"?show={kind}")
    for _n in range(3):
        paid_and_sent_back(ada)
    for kind in ("money", "plans"):
        with django_assert_num_queries(5):
            read(client, ada, f"?show={kind}")
