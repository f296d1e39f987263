"""Money, counted row by row from what happened: payments, refunds, invoices and what was contracted.

Every row is a plain dictionary; days are `date`, instants aware `datetime`, amounts smallest units as `int` or `Fraction`.
Reading: what is asked for is known from the instant at which it was written, and a change of a contract holds from its
day on until one that was written later holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]
PER_MONTH = {"month": 1, "quarter": 3, "year": 12}


def month_of(day: date) -> str:
    return day.isoformat()[:7]


def month_ends(first: date, last: date) -> list[date]:
    """The last days of the months from that of `first` on which are over at the end of `last`."""
    found, day = [], first.replace(day=1)
    while True:
        following = (day + timedelta(days=31)).replace(day=1)
        if following - timedelta(days=1) > last:
            return found
        found.append(following - timedelta(days=1))
        day = following


def end_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=zone)


# --- what came and went back ------------------------------------------------------------------------------


def moved(payments: Iterable[Row], refunds: Iterable[Row], zone: ZoneInfo, as_of: date) -> dict[Any, Row]:
    """Collected, refunded and who paid, by month and currency. What is paid from credit came in before."""
    found: dict[Any, Row] = defaultdict(lambda: {"collected": 0, "refunded": 0, "payers": set()})
    end = end_of(as_of, zone)
    outside = {row["id"] for row in payments if row["method"] == "credit"}
    for row in payments:
        if row["id"] in outside:
            continue
        booked = row["paid_at"] if row["method"] == "imported" else row["recorded_at"]
        back = row["reversed_at"]
        for at, sign in ((booked, 1), (back, -1)):
            if at is not None and at < end:
                found[month_of(at.astimezone(zone).date()), row["currency"]]["collected"] += (
                    sign * row["amount"]
                )
        if booked < end and row["amount"] and (back is None or back >= end):
            found[month_of(booked.astimezone(zone).date()), row["currency"]]["payers"].add(row["member"])
    for row in refunds:
        at = row["settled_at"]
        if (
            row["state"] == "succeeded"
            and not row["to_credit"]
            and row["payment"] not in outside
            and at < end
        ):
            found[month_of(at.astimezone(zone).date()), row["currency"]]["refunded"] += row["amount"]
    return found


# --- what is contracted -----------------------------------------------------------------------------------


def standing(changes: Iterable[Row], day: date) -> Row | None:
    """The change of one subscription that holds at the end of the day; `changes` in the order of writing."""
    held = [
        row for row in changes if row["day"] <= day and row["kind"] not in ("cancelled", "kept", "extended")
    ]
    return held[-1] if held else None


def monthly(change: Row | None, *, net: bool = False) -> Fraction:
    if change is None or change["kind"] not in ("begun", "changed", "resumed") or not change["own"]:
        return Fraction(0)
    if change["interval"] not in PER_MONTH:
        return Fraction(0)
    price = change["amount"] * change["quantity"]
    if net:
        exact = Fraction(price * 10_000, 10_000 + change["tax_rate"])
        price = (2 * exact + 1) // 2
    return Fraction(price, PER_MONTH[change["interval"]])


def contracted(by_subscription: dict[int, list[Row]], day: date, currency: str) -> dict[int, Fraction]:
    """By member, what is contracted at the end of the day; those with nothing are left out."""
    found: dict[int, Fraction] = defaultdict(Fraction)
    for changes in by_subscription.values():
        change = standing(changes, day)
        if change is not None and change["currency"] == currency:
            found[change["member"]] += monthly(change)
    return {member: amount for member, amount in found.items() if amount}


def movements(months: list[dict[int, Fraction]]) -> list[Row]:
    """What moved from each month's end to the next, the first against nothing."""
    rows, before, ever = [], {}, set()
    for now in months:
        row: Row = dict.fromkeys(("new", "expansion", "contraction", "churn", "reactivation"), Fraction(0))
        row["lost"] = set(before) - set(now)
        for member in set(before) | set(now):
            was, has = before.get(member, Fraction(0)), now.get(member, Fraction(0))
            if not was:
                row["reactivation" if member in ever else "new"] += has
            elif not has:
                row["churn"] -= was
            elif has != was:
                row["expansion" if has > was else "contraction"] += has - was
        rows.append(row)
        before, ever = now, ever | set(now)
    return rows


def later(day: date, months: int) -> date:
    """So many months later, on the last day of a month that is too short."""
    place = day.year * 12 + day.month - 1 + months
    first = date(place // 12, place % 12 + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return min(first + timedelta(days=day.day - 1), last)


def value(
    by_subscription: dict[int, list[Row]], as_of: date, currency: str, *, enough: int = 10
) -> Row | None:
    """Kaplan and Meier by whole months, life by life; None below `enough`."""
    lives = []
    for changes in by_subscription.values():
        first = next((row for row in changes if row["kind"] in ("begun", "changed", "resumed")), None)
        if first is None or first["day"] > as_of or first["currency"] != currency:
            continue
        if not monthly(standing(changes, first["day"])):
            continue
        last = standing(changes, as_of)
        end = last["day"] if last is not None and last["kind"] == "ended" else None
        lives.append((first["day"], end, changes))

    def fate(begun: date, end: date | None) -> tuple[int, bool]:
        for k in range(1, 37):
            if later(begun, k) > as_of:
                return k - 1, False
            if end is not None and end <= later(begun, k):
                return k, True
        return 36, False

    fates = [fate(begun, end) for begun, end, _changes in lives]
    seen = [sum(months >= k for months, _over in fates) for k in range(37)]
    horizon = max((k for k in range(1, 37) if seen[k] >= enough), default=0)
    if not horizon:
        return None
    share, total, parts, hazards = Fraction(1), Fraction(0), [], []
    for k in range(horizon):
        if k:
            died = sum(over and months == k for months, over in fates)
            hazards.append((k, Fraction(died, seen[k] * (seen[k] - died)) if seen[k] > died else Fraction(0)))
            share *= 1 - Fraction(died, seen[k])
        there = [
            monthly(standing(changes, later(begun, k)), net=True)
            for begun, end, changes in lives
            if later(begun, k) <= as_of and (k == 0 or end is None or end > later(begun, k))
        ]
        parts.append(share * (sum(there) / len(there) if there else 0))
        total += parts[-1]
    variance = sum(sum(parts[j:]) ** 2 * hazard for j, hazard in hazards)
    return {"months": horizon, "subscriptions": len(lives), "value": total, "variance": variance}


# --- what was asked for -----------------------------------------------------------------------------------


def outcome(invoice: Row, changes: list[Row], as_of: date, zone: ZoneInfo) -> str | None:
    """What became of an invoice of dues by the end of the day; None for one that is no further period's, or not due."""
    begun = next((row["day"] for row in changes if row["kind"] in ("begun", "changed", "resumed")), None)
    end = end_of(as_of, zone)
    if begun is None or invoice["starts"] <= begun or invoice["due"] > as_of or invoice["issued_at"] >= end:
        return None
    until = max(invoice["due"], invoice["extended_to"] or invoice["due"])
    if invoice["paid_at"] is not None and invoice["paid_at"] < end:
        came = (invoice["came_at"] or invoice["paid_at"]).astimezone(zone).date()
        return "on_time" if came <= until else "late"
    if invoice["voided_at"] is not None and invoice["voided_at"] < end:
        last = standing(changes, as_of)
        assert last is not None
        if last["kind"] != "ended" or last["day"] != invoice["voided_at"].astimezone(zone).date():
            return "forgiven"
        return "lapsed" if last["cause"] == "payment_failed" else "ended"
    return "in_grace" if as_of < until + timedelta(days=invoice["grace"]) else "suspended"
