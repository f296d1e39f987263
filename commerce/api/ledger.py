"""The ledger, to be read: balances, entries, the trial balance; and where money is taken."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from commerce.api import asking
from commerce.api.invoices import NEWEST, MemberQuery
from commerce.api.ledger_shapes import BalancesShape, EntryPage, EntryShape, RailsShape, TrialsShape
from commerce.models import Account, Entry, ProviderAccount
from commerce.providers import providers
from commerce.selectors import books
from commerce.services import accounts, ledger
from kernel.api import pages
from kernel.api.fields import Day, Text
from kernel.api.operations import operation
from kernel.api.problems import BadParameters
from kernel.api.queries import Query
from kernel.api.views import ApiView
from kernel.clock import local_day, now


def _days(first: str, last: str) -> dict[str, Any]:
    """The parameters `from` and `to`, which are no names for Python."""
    return {"from": Day(required=False, help_text=first), "to": Day(required=False, help_text=last)}


class EntriesQuery(MemberQuery):
    account = serializers.ChoiceField(required=False, choices=Account.values, help_text="On this account.")
    currency = Text(required=False, max_length=3, help_text="In this currency.")
    kind = serializers.ChoiceField(
        required=False, choices=list(ledger.KINDS), help_text="Of this kind of posting."
    )

    def get_fields(self) -> dict[str, Any]:
        last = "Up to this day of the community, included."
        return super().get_fields() | _days("From this day of the community on.", last)


class AsOfQuery(Query):
    as_of = Day(required=False, help_text="At the end of this day of the community; today when left out.")


class RangeQuery(Query):
    def get_fields(self) -> dict[str, Any]:
        first = "The first day; 1 January of the last day's year when left out."
        return super().get_fields() | _days(first, "The last day, included; today when left out.")


class Entries(ApiView):
    tag = "ledger"

    @operation(
        "list_entries",
        "List the entries of the ledger",
        answers={200: EntryPage},
        needs=asking.VIEW,
        query=EntriesQuery,
    )
    def get(self, request: Request) -> Response:
        """Every side of every posting, the newest first. What was wrong stands beside what takes it back."""
        query = self.query
        rows = Entry.objects.filter(community_id=asking.here(request).id)
        wanted = {
            "account": "account",
            "currency": "currency",
            "kind": "transaction__kind",
            "member": "membership__number",
            "from": "day__gte",
            "to": "day__lte",
        }
        page = pages.page(
            request,
            rows.filter(**asking.wanted(query, **wanted)).select_related(
                "transaction__reverses", "membership", "provider_account"
            ),
            order=NEWEST,
            limit=query["limit"],
            cursor=query.get("cursor", ""),
        )
        return Response(page.answer(EntryShape(page.rows, many=True, only=self.only).data))


class Balances(ApiView):
    tag = "ledger"

    @operation(
        "read_balances",
        "Read the balances of the ledger",
        answers={200: BalancesShape},
        needs=asking.VIEW,
        query=AsOfQuery,
    )
    def get(self, request: Request) -> Response:
        """What stands on every account at the end of a day, for each currency."""
        day = self.query.get("as_of", _today(request))
        found = books.trial_balances(asking.here(request).id, day, day)
        rows = [
            {"account": one.account, "currency": trial.currency, "balance": one.money["closing"]}
            for trial in found
            for one in trial.balances
        ]
        return Response(BalancesShape({"as_of": day, "results": rows}).data)


class TrialBalance(ApiView):
    tag = "ledger"

    @operation(
        "read_trial_balance",
        "Read the trial balance",
        answers={200: TrialsShape},
        needs=asking.VIEW,
        query=RangeQuery,
    )
    def get(self, request: Request) -> Response:
        """What every account held before the days, what moved on them, and what it holds then, for each currency."""
        last = self.query.get("to", _today(request))
        first = self.query.get("from", last.replace(month=1, day=1))
        if first > last:
            words = _("The first day is not after the last.")
            raise BadParameters({"from": [serializers.ErrorDetail(words, code="order")]})
        found = books.trial_balances(asking.here(request).id, first, last)
        rows = [
            {
                "currency": trial.currency,
                "accounts": [one.money | {"account": one.account} for one in trial.balances],
                "total": trial.total.money,
            }
            for trial in found
        ]
        return Response(TrialsShape({"from": first, "to": last, "results": rows}).data)


class Rails(ApiView):
    tag = "ledger"

    @operation(
        "list_provider_accounts",
        "List connected payment providers",
        answers={200: RailsShape},
        needs=accounts.MANAGE,
    )
    def get(self, request: Request) -> Response:
        """The accounts with payment providers, and whether they work. They are connected in the browser: keys are told to
        nobody."""
        rows = ProviderAccount.objects.filter(community_id=asking.here(request).id, ended_at=None)
        told = [
            {
                "key": one.key,
                "provider": one.provider,
                "name": str(providers.get(one.provider).label),
                "reference": one.reference,
                "enabled": one.enabled,
                "works": bool(one.health.get("works")),
                "missing": one.health.get("missing", []),
                "made_at": one.made_at,
                "tested_at": one.tested_at,
            }
            for one in rows
        ]
        return Response(RailsShape({"results": told}).data)


def _today(request: Request) -> date:
    return local_day(now(), asking.here(request).zone)
