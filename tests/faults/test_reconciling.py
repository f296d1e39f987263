"""Scenario 12: a provider's books of 10,000 lines, in which 300 are wrong in every way there is: all found, and nothing else."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import cycle, islice

import pytest

from commerce import comparing
from commerce.models import Difference, Entry, Payment, PaymentAttempt
from commerce.services import reconciliation
from tests.commerce.dues import AT, SITE, guard
from tests.commerce.reckoning import Books
from tests.faults.sizes import times

#: The account is older than what is compared.
NIGHT = AT + timedelta(days=20)
LINES, FAULTS = times(1_000, 10_000), times(30, 300)


@pytest.fixture
def books(account, member, sandbox):
    account.made_at = AT
    account.save()
    return Books(account, member, sandbox)


def prepared(books):
    """What both sides have, and what is wrong with it: by each fault the lines or rows that it befell."""
    spread = timedelta(days=15) / LINES
    at = [AT + timedelta(days=1) + spread * n for n in range(LINES)]
    each = FAULTS // 10
    paid = books.payments(at[: LINES - LINES // 5 - 3 * each])
    back = books.refunds(paid[: LINES // 5], AT + timedelta(days=17))
    lines = books.lines(paid)
    refunded = books.lines(back)
    mine = islice(range(10, len(lines)), 0, None, 2)
    expected = []

    def take(kind, subject="payment"):
        n = next(mine)
        expected.append((kind, subject, lines[n].provider_reference))
        return n

    for _n in range(each):
        n = take("amount")
        lines[n] = replace(lines[n], amount=lines[n].amount + 1)
        n = take("fee")
        lines[n] = replace(lines[n], fee=lines[n].fee - 1)
        n = take("currency")
        lines[n] = replace(lines[n], currency="USD")
        n = take("twice")
        lines.append(replace(lines[n], at=lines[n].at + timedelta(seconds=5)))
        n = take("missing_there")
        lines[n] = None
    # Charges and refunds that are nobody's here.
    for n in range(each):
        lines.append(replace(refunded[0], reference="", provider_reference=f"ref_nobody{n}", at=at[n]))
        expected.append(("missing_here", "refund", f"ref_nobody{n}"))
        lines.append(replace(lines[0], reference=f"nobody{n}", provider_reference=f"pay_nobody{n}", at=at[n]))
        expected.append(("missing_here", "payment", f"pay_nobody{n}"))
    # Refunds of ours that never went, and such as were called failed here and went there.
    for n in range(each):
        expected.append(("missing_there", "refund", refunded[n].provider_reference))
        refunded[n] = None
    failed = books.refunds(paid[-each:], AT + timedelta(days=10), state="failed")
    expected += [("state", "refund", one.provider_reference) for one in failed]
    refunded += books.lines(failed)
    # Their word never came; the provider says so when it is asked.
    dropped = books.attempts(at[:each], state=PaymentAttempt.State.CANCELLED)
    books.took(dropped)
    lines += books.lines(dropped)
    # What only looks wrong: a day late or early on its own calendar, and what is too young to be judged.
    kept = [line for line in lines if line]
    untouched = [n for n in range(1, 10) if kept[n].kind == "payment"]
    for n, shift in zip(
        untouched, cycle((timedelta(days=1), -timedelta(days=1), timedelta(hours=14))), strict=False
    ):
        kept[n] = replace(kept[n], at=kept[n].at + shift)
    young = books.payments([NIGHT - timedelta(hours=3)] * 3)
    unheard = replace(
        kept[0], reference="young", provider_reference="pay_young", at=NIGHT - timedelta(minutes=30)
    )
    books.book([*kept, *(line for line in refunded if line), unheard])
    return Counter(expected), dropped, young


def found():
    rows = Difference.objects.open().values_list("kind", "subject", "provider_reference")
    return Counter(rows)


def test_12_every_fault_is_found_and_nothing_else(community, account, books):
    expected, dropped, _young = prepared(books)
    assert Payment.objects.filter(attempt__in=dropped).count() == 0
    run = reconciliation.reconcile(account, at=NIGHT, by=SITE)
    assert (run.problem, run.taken_over) == ("", len(dropped))
    assert found() == expected
    assert len(dropped) + sum(expected.values()) == FAULTS
    assert abs(run.lines - LINES) < LINES // 20
    # What was dropped is in the books now, once, with its fee.
    assert Payment.objects.filter(attempt__in=dropped, fee=290).count() == len(dropped)
    before = Entry.objects.count()
    # Nobody compares twice on a day; the next night finds the same, and books nothing.
    assert reconciliation.reconcile(account, at=NIGHT + timedelta(hours=1), by=SITE) is None
    rows = set(Difference.objects.values_list("pk", flat=True))
    again = reconciliation.reconcile(account, at=NIGHT + timedelta(days=1), by=SITE)
    assert (again.problem, again.taken_over) == ("", 0)
    assert found() - Counter([("missing_here", "payment", "pay_young")]) == expected
    assert rows <= set(Difference.objects.values_list("pk", flat=True))
    assert Entry.objects.count() == before
    guard(community)


@pytest.mark.parametrize(
    ("blind", "missed"),
    [
        ("amounts", {"amount", "currency", "fee"}),
        ("there", {"missing_there"}),
        ("here", {"missing_here"}),
        ("counts", {"twice"}),
    ],
)
def test_12_a_comparison_that_does_not_look_misses_them(account, books, monkeypatch, blind, missed):
    monkeypatch.setattr("tests.faults.test_reconciling.LINES", 200)
    monkeypatch.setattr("tests.faults.test_reconciling.FAULTS", 10)
    expected, *_rest = prepared(books)
    whole = comparing._of_one
    if blind == "amounts":
        between = comparing._between
        monkeypatch.setattr(
            comparing,
            "_between",
            lambda here, line: (one for one in between(here, line) if one[0] == "state"),
        )
    elif blind == "there":
        monkeypatch.setattr(
            comparing, "_of_one", lambda here, lines, judged: whole(here, lines, judged) if lines else ()
        )
    elif blind == "counts":
        monkeypatch.setattr(comparing, "_of_one", lambda here, lines, judged: whole(here, lines[:1], judged))
    else:
        compare = comparing.compare
        monkeypatch.setattr(
            comparing,
            "compare",
            lambda *given: [one for one in compare(*given) if one.kind != "missing_here"],
        )
    reconciliation.reconcile(account, at=NIGHT, by=SITE)
    assert {kind for kind, _subject, _name in expected - found()} == missed
