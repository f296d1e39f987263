"""What a comparison of books says, in words: how each rail stands, what a difference means, and what to do about it."""

from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from commerce import providers
from commerce.models import Difference, ProviderAccount, ReconciliationRun
from commerce.services import reconciliation
from kernel.money import Money
from kernel.tenancy import TenantRequest

Kind = Difference.Kind
#: What it means, and what is to be done.
MEANS = {
    Kind.MISSING_HERE: (
        _("The provider has it, and our books know nothing of it."),
        _(
            "Look it up there by its number. Money that is no member's may come from another shop on the same account."
        ),
    ),
    Kind.MISSING_THERE: (
        _("Our books have it, and the provider knows nothing of it."),
        _("Ask the provider with the number and the day: without its word this money did not move."),
    ),
    Kind.AMOUNT: (
        _("Both have it, with different amounts."),
        _("Believe neither before the provider has explained it; then refund or ask for what is missing."),
    ),
    Kind.CURRENCY: (
        _("Both have it, in different currencies."),
        _("Look at the payment there: it was made in another currency than the invoice asked for."),
    ),
    Kind.FEE: (
        _("The provider kept another fee than the books have."),
        _("Compare with the contract; providers correct fees afterwards."),
    ),
    Kind.TWICE: (
        _("The provider has it twice, our books once: a payer may have been charged twice."),
        _("Look it up there, and send the second one back at the provider's own page."),
    ),
    Kind.STATE: (
        _("The provider has done it, and here it counts as not done."),
        _(
            "The provider was asked and did not confirm it: look it up there, then settle it here with what you found."
        ),
    ),
}


@dataclass(frozen=True)
class Compared:
    """One kind of movement in one currency, on both sides."""

    kind: str
    here: tuple[int, Money]
    there: tuple[int, Money]

    @property
    def sides(self) -> tuple[tuple[int, Money], tuple[int, Money]]:
        return self.here, self.there


@dataclass(frozen=True)
class RailState:
    """A rail of the community's, and its last comparison; `can` is whether it has books that can be asked for."""

    account: ProviderAccount
    label: Any
    can: bool
    run: ReconciliationRun | None
    compared: list[Compared]


@dataclass(frozen=True)
class Told:
    """A difference with its words."""

    difference: Difference
    rail: Any
    means: Any
    to_do: Any


#: How a line of a provider's books is called, by its kind.
LINES = {
    "payment": _("Payments"),
    "refund": _("Refunds"),
    "dispute": _("Disputes"),
    "dispute_reversed": _("Disputes won"),
}


def rails(community_id: int) -> list[RailState]:
    """The rails that are connected, in their order, in two queries."""
    newest = ReconciliationRun.objects.filter(account=OuterRef("pk"), ended_at__isnull=False).order_by("-day")
    rows = ProviderAccount.objects.filter(community_id=community_id, ended_at=None)
    accounts = list(rows.annotate(last_run=Subquery(newest.values("pk")[:1])))
    runs = ReconciliationRun.objects.in_bulk([one.last_run for one in accounts if one.last_run])
    return [
        RailState(
            one,
            providers.providers.get(one.provider).label,
            reconciliation.can(one),
            run := runs.get(one.last_run),
            [_compared(row) for row in run.sums] if run else [],
        )
        for one in accounts
    ]


def open_of(community_id: int) -> QuerySet[Difference]:
    """What waits for somebody, the oldest first."""
    return (
        Difference.objects.of(community_id)
        .open()
        .select_related("account", "payment__membership", "payment__invoice")
    )


def settled_of(community_id: int) -> QuerySet[Difference]:
    """What staff have settled, the latest first."""
    rows = Difference.objects.of(community_id).exclude(settled_at=None).order_by("-settled_at", "-pk")
    return rows.select_related("account", "payment__membership", "payment__invoice")


def told(differences: Any) -> list[Told]:
    return [
        Told(one, providers.providers.get(one.account.provider).label, *MEANS[Kind(one.kind)])
        for one in differences
    ]


def waiting(request: TenantRequest) -> QuerySet[Difference]:
    return Difference.objects.of(request.community.id).open()


def _compared(row: dict[str, Any]) -> Compared:
    sides = {name: (row[name][0], Money(row[name][1], row["currency"])) for name in ("here", "there")}
    return Compared(str(LINES[row["kind"]]), **sides)
