"""Providers' own books laid beside ours, both ways, every night: what differs is carried on until it is gone or settled.

A payment or refund that only the provider knows of is asked for first, as its event would have had it; only what stands
after that is a difference. Who talks to a provider holds no transaction.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from commerce import comparing, providers, sealing
from commerce.comparing import Found, Here, Judged
from commerce.models import (
    Account,
    Difference,
    Payment,
    PaymentAttempt,
    ProviderAccount,
    ProviderMovement,
    ReconciliationRun,
    Refund,
)
from commerce.providers.base import (
    Capability,
    LineKind,
    Provider,
    ProviderDown,
    ProviderRefused,
    SettlementLine,
)
from commerce.selectors import reconciling
from commerce.services import accounts, attempts, ledger, payments, refunds
from commerce.services.ledger import Posting, Side
from kernel import sweeps
from kernel.clock import local_day
from kernel.errors import Refused
from kernel.locks import locked, none_open
from kernel.money import Money
from members.actors import Actor
from members.services import audit, powers

MANAGE = "money.manage"
#: A line as young as this may be of a payment whose word is on its way; one of ours as young as that may not be in the
#: provider's books yet, nor so much before.
LINES_SETTLE, OURS_SETTLE, AROUND = timedelta(hours=2), timedelta(days=2), timedelta(days=3)
#: How far back a run goes at most: some rails keep their books for three months.
FURTHEST = timedelta(days=80)
#: How long one who compares keeps others from comparing the same, and how many a run asks the provider for.
LEASE, MOST_ASKED = timedelta(hours=1), 1_000


def reconcile_all(*, at: datetime, by: Actor) -> int:
    """Compare every account that was not compared on this day of its community's; how many were."""
    none_open()
    rows = (
        ProviderAccount.objects.filter(ended_at=None)
        .exclude(sealed="")
        .select_related("community")
        .order_by("pk")
    )
    # One that cannot be compared is compared again once its lease has ended.
    return sweeps.each(
        "Account", filter(can, rows), lambda account: reconcile(account, at=at, by=by) is not None
    )


def can(account: ProviderAccount) -> bool:
    """Whether the rail has books that can be asked for."""
    return Capability.SETTLEMENT in providers.providers.get(account.provider).capabilities


def reconcile(account: ProviderAccount, *, at: datetime, by: Actor) -> ReconciliationRun | None:
    """Compare an account's books once on a day; None where that was done, or somebody is at it."""
    none_open()
    rail = _rail(account)
    judged = _judged(account, rail.books_until(at) if rail else at, at)
    run = _claim(account, judged, at)
    if run is None:
        return None
    try:
        if rail is None:
            raise sealing.Unreadable("keys")
        since = min(judged.since, reconciling.earliest(account, judged)) - AROUND
        lines = (
            list(rail.settlement_lines(since, rail.books_until(at))) if since < rail.books_until(at) else []
        )
    except (ProviderDown, ProviderRefused, sealing.Unreadable) as trouble:
        _failed(run, trouble, at)
        return run
    ours, found = _compared(account, lines, judged)
    run.taken_over = _take_over(account, found, at, by)
    if run.taken_over:
        ours, found = _compared(account, lines, judged)
    _note_fees(account, lines, ours, at)
    _finish(run, account, lines, ours, found, judged, at)
    return run


@transaction.atomic
def settle(difference: Difference, *, reason: str, at: datetime, by: Actor) -> Difference:
    """Staff have looked into it: it is raised no more. Raises `Refused` without a reason (`required`), and for one that was
    settled or is gone (`settled`)."""
    powers.require(by, MANAGE)
    difference = locked(Difference.objects.filter(pk=difference.pk)).get()
    if difference.settled_at or difference.gone_at:
        raise Refused(_("This difference waits for nobody any more."), code="settled")
    if not reason.strip():
        raise Refused(_("Say why."), code="required", field="reason")
    difference.settled_at, difference.reason = at, reason.strip()[:240]
    difference.save(update_fields=["settled_at", "reason"])
    account = difference.account
    audit.record(
        action="difference.settled",
        object_kind="difference",
        object_id=difference.key,
        by=by,
        at=at,
        community_id=account.community_id,
        after={
            "rail": account.provider,
            "kind": difference.kind,
            "subject": difference.subject,
            "reference": difference.provider_reference,
            "reason": difference.reason,
        },
    )
    return difference


# --- a run ------------------------------------------------------------------------------------------------


def _rail(account: ProviderAccount) -> Provider | None:
    try:
        return accounts.adapter(account)
    except sealing.Unreadable:
        return None


def _judged(account: ProviderAccount, books_until: datetime, at: datetime) -> Judged:
    """From where the last run ended, or from the oldest difference that still stands."""
    last = account.runs.filter(problem="").exclude(ended_at=None).order_by("-day").first()
    oldest = account.differences.filter(gone_at=None, settled_at=None).order_by("at").first()
    since = last.until if last else account.made_at
    since = min(since, oldest.at) if oldest else since
    return Judged(
        max(since, at - FURTHEST), min(books_until, at - LINES_SETTLE), min(books_until, at) - OURS_SETTLE
    )


@transaction.atomic(durable=True)
def _claim(account: ProviderAccount, judged: Judged, at: datetime) -> ReconciliationRun | None:
    """This day's run, for whoever comes first; another one where the first did not end, or found the provider away."""
    locked(ProviderAccount.objects.filter(pk=account.pk)).get()
    day = local_day(at, account.community.zone)
    run = ReconciliationRun.objects.filter(account=account, day=day).first()
    if run is not None:
        done = run.ended_at is not None and not run.problem
        if done or (run.ended_at is None and run.began_at > at - LEASE):
            return None
    else:
        run = ReconciliationRun(account=account, day=day)
    run.since, run.until, run.began_at = judged.since, max(judged.since, judged.ours_until), at
    run.ended_at, run.problem = None, ""
    run.save()
    return run


def _failed(run: ReconciliationRun, trouble: Exception, at: datetime) -> None:
    unreadable = isinstance(trouble, sealing.Unreadable)
    words = _("Its keys cannot be read any more: enter them again.") if unreadable else str(trouble)
    run.problem, run.ended_at = words[:300] or type(trouble).__name__, at
    run.save(update_fields=["problem", "ended_at"])


def _compared(
    account: ProviderAccount, lines: list[SettlementLine], judged: Judged
) -> tuple[list[Here], list[Found]]:
    compared = (line for line in lines if line.kind in comparing.SIGNS)
    names = {name for line in compared for name in (line.reference, line.provider_reference) if name}
    ours = reconciling.ours(account, judged, sorted(names))
    return ours, comparing.compare(lines, ours, judged)


def _take_over(account: ProviderAccount, found: Iterable[Found], at: datetime, by: Actor) -> int:
    """Ask the provider for what only it knows of, as its event would have had it; how many were taken over."""
    behind = [one.here for one in found if one.kind == Difference.Kind.STATE and one.here]
    return sweeps.each("Line", behind[:MOST_ASKED], lambda here: _refreshed(here, at, by))


def _refreshed(here: Here, at: datetime, by: Actor) -> bool:
    if here.subject is LineKind.PAYMENT:
        attempt = attempts.refresh(PaymentAttempt.objects.get(pk=here.pk), at=at, by=by)
        return attempt.state == PaymentAttempt.State.SUCCEEDED
    if here.subject is LineKind.REFUND:
        refund = refunds.refresh(Refund.objects.get(pk=here.pk), at=at, by=by)
        return refund.state == Refund.State.SUCCEEDED
    return False


def _note_fees(account: ProviderAccount, lines: list[SettlementLine], ours: list[Here], at: datetime) -> None:
    """What the provider kept of payments, where only its books say it."""
    unknown = {
        name: here for here in ours if here.payment and here.done and here.fee is None for name in here.names
    }
    for line in lines:
        here = unknown.get(line.reference) if line.kind is LineKind.PAYMENT and line.reference else None
        if here is None or here.payment is None or here.subject is not LineKind.PAYMENT or not line.fee:
            continue
        payment = Payment.objects.get(pk=here.payment)
        payments.note_fee(payment, line.fee, community=account.community, at=at)


@transaction.atomic(durable=True)
def _finish(
    run: ReconciliationRun,
    account: ProviderAccount,
    lines: list[SettlementLine],
    ours: list[Here],
    found: list[Found],
    judged: Judged,
    at: datetime,
) -> None:
    """What was found is kept: new differences are written, and those that are there no more are gone."""
    locked(ProviderAccount.objects.filter(pk=account.pk)).get()
    carried = {one.mark: one for one in account.differences.filter(gone_at=None)}
    marks = {one.mark for one in found}
    gone = [one.pk for mark, one in carried.items() if mark not in marks and one.at >= judged.since]
    # What was settled stays settled, so that it is not raised again.
    Difference.objects.filter(pk__in=gone, settled_at=None).update(gone_at=at)
    new = {one.mark: _difference(account, one, at) for one in found if one.mark not in carried}
    Difference.objects.bulk_create(new.values())
    _take_movements(account, lines, ours, judged)
    run.ended_at, run.lines, run.sums = at, len(lines), _sums(lines, ours, judged)
    run.save(update_fields=["ended_at", "lines", "sums", "taken_over"])


def _difference(account: ProviderAccount, found: Found, at: datetime) -> Difference:
    line, here = found.line, found.here
    named = line.provider_reference or line.reference or line.line_id if line else ""
    if here and not named:
        named = next((name for name in reversed(here.names) if name), "")
    return Difference(
        account=account,
        kind=found.kind,
        subject=found.subject.value,
        mark=found.mark,
        provider_reference=named[:200],
        payment_id=here.payment if here else None,
        here=found.ours.amount if found.ours else None,
        here_currency=found.ours.currency if found.ours else "",
        there=found.theirs.amount if found.theirs else None,
        there_currency=found.theirs.currency if found.theirs else "",
        at=found.at,
        found_at=at,
    )


def _sums(lines: list[SettlementLine], ours: list[Here], judged: Judged) -> list[dict[str, Any]]:
    """What both sides come to, of each kind and currency: (how many, amount), signed as the balance moves."""
    sums: dict[tuple[str, str], dict[str, list[int]]] = defaultdict(lambda: {"here": [0, 0], "there": [0, 0]})
    for line in lines:
        if line.kind in comparing.SIGNS and judged.ours(line.at):
            money = line.asked or line.amount
            _add(sums[money.currency, line.kind.value]["there"], money.amount)
    for here in ours:
        if here.done and judged.ours(here.at):
            _add(
                sums[here.money.currency, here.subject.value]["here"],
                comparing.SIGNS[here.subject] * here.money.amount,
            )
    return [{"currency": currency, "kind": kind} | both for (currency, kind), both in sorted(sums.items())]


def _add(sum_: list[int], amount: int) -> None:
    sum_[0] += 1
    sum_[1] += amount


# --- what only the provider's books tell ------------------------------------------------------------------


def _take_movements(
    account: ProviderAccount, lines: list[SettlementLine], ours: list[Here], judged: Judged
) -> None:
    """Payouts, and fees that are no payment's and no dispute's, into the books: each line once."""
    disputes = {name for here in ours if here.subject is LineKind.DISPUTE for name in here.names}
    # What a dispute cost is posted with it, also where nobody here knows of it yet.
    disputes |= {line.provider_reference for line in lines if line.kind is LineKind.DISPUTE}
    told = {
        (one.line_id, one.kind): one
        for line in lines
        if judged.line(line.at) and line.provider_reference not in disputes
        for one in _movements(account, line)
    }
    known = account.movements.filter(line_id__in={line_id for line_id, _kind in told})
    for one in known.values_list("line_id", "kind"):
        told.pop(one, None)
    written = ProviderMovement.objects.bulk_create(told.values())
    ledger.post_all(community=account.community, postings=[_posting(account, one) for one in written])


def _movements(account: ProviderAccount, line: SettlementLine) -> Iterable[ProviderMovement]:
    moved: dict[str, Money] = {}
    if line.kind in (LineKind.PAYOUT, LineKind.FEE):
        moved[line.kind.value] = line.amount
    if line.fee and line.kind not in (LineKind.PAYMENT, LineKind.DISPUTE, LineKind.DISPUTE_REVERSED):
        # Some rails give back a part of their fee with a refund, and take one for a payout.
        before = moved.get(LineKind.FEE.value, Money.zero(line.fee.currency))
        moved[LineKind.FEE.value] = before - line.fee
    for kind, money in moved.items():
        if money:
            yield ProviderMovement(
                account=account,
                line_id=line.line_id[:200],
                kind=kind,
                amount=money.amount,
                currency=money.currency,
                at=line.at,
            )


#: Where it goes that leaves the provider, by what it is.
GOES_TO = {LineKind.PAYOUT.value: Account.BANK, LineKind.FEE.value: Account.FEES}


def _posting(account: ProviderAccount, moved: ProviderMovement) -> Posting:
    sides = [
        Side(GOES_TO[moved.kind], -moved.amount),
        Side(Account.CLEARING, moved.amount, provider_account=account),
    ]
    return Posting(moved.kind, "movement", moved.pk, moved.currency, sides, moved.at)
