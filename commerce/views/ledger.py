"""The ledger at the desk: what each account holds, the statement of one, a single posting."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views import View

from commerce import books, ledger_sheets
from commerce.ledger_forms import DaysForm, StatementForm
from commerce.models import Account
from commerce.selectors import books as sums
from kernel import sheets
from kernel.clock import local_day, now
from kernel.doors import Desk
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.selectors import merged, people
from members.services import audit

PAGE = 50


class Ledger(Desk, View):
    """The trial balance of some days, one for each currency."""

    permission = "money.view"

    def get(self, request: TenantRequest) -> HttpResponse:
        community = request.community
        form = DaysForm(request.GET, today=local_day(now(), community.zone))
        first, last = form.days()
        context = {
            "form": form,
            "first": first,
            "last": last,
            "trials": [
                (trial, [(one, books.MEANS[one.account]) for one in trial.balances])
                for trial in sums.trial_balances(community.id, first, last)
            ],
        }
        return render(request, "commerce/desk/ledger.html", context)


class Statement(Desk, View):
    """The entries of one account in one currency, with what it holds after each."""

    permission = "money.view"

    def get(self, request: TenantRequest, ledger_account: str) -> HttpResponse:
        community = request.community
        if ledger_account not in Account.values:
            raise Http404
        account = Account(ledger_account)
        form = StatementForm(request.GET, today=local_day(now(), community.zone))
        first, last = form.days()
        currencies = sums.currencies_of(community.id, account)
        currency = form.found("currency")
        if currency not in currencies:
            currency = currencies[0] if currencies else community.currency
        number = form.found("member") if account in books.OF_MEMBERS else None
        member = people.find(community=community, number=number) if number else None
        # A number that is nobody's has no entries.
        records = (merged.keys_of(member) if member else []) if number else None
        balance = sums.balance(community.id, account, currency, first, last, records)
        rows = sums.statement(community.id, account, currency, first, last, records)
        page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
        context = {
            "form": form,
            "first": first,
            "last": last,
            "account": account,
            "means": books.MEANS[account],
            "currency": currency,
            "currencies": currencies,
            "by_member": account in books.OF_MEMBERS,
            "number": number,
            "member": member,
            "sums": balance.money,
            "page_obj": page,
            "lines": books.lines(page.object_list, opening=balance.opening),
        }
        return render(request, "commerce/desk/statement.html", context)


class Export(Desk, View):
    """A file for accountants; that it was taken along is an entry of the audit log."""

    permission = "money.view"
    http_method_names = ["get"]
    #: How the file is called, and what is in it.
    file = ""

    def get(self, request: TenantRequest) -> HttpResponseBase:
        community, at = request.community, now()
        form = DaysForm(request.GET, today=local_day(at, community.zone))
        first, last = form.days()
        audit.record(
            action="ledger.exported",
            object_kind="ledger",
            by=Actor.of_request(request),
            at=at,
            community_id=community.id,
            after={"file": self.file, "since": first.isoformat(), "until": last.isoformat()},
        )
        name = f"{community.slug}-{self.file}-{first}-{last}.csv"
        header, rows = self.table(community.id, first, last)
        return sheets.answer(header, rows, name=name)

    def table(
        self, community_id: int, first: date, last: date
    ) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
        """The columns and the rows."""
        raise NotImplementedError


class ExportEntries(Export):
    file = "ledger"

    def table(
        self, community_id: int, first: date, last: date
    ) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
        rows = sums.entries(community_id, first, last)
        return ledger_sheets.ENTRIES, ledger_sheets.entries(rows)


class ExportTrialBalance(Export):
    file = "trial-balance"

    def table(
        self, community_id: int, first: date, last: date
    ) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
        trials = sums.trial_balances(community_id, first, last)
        return ledger_sheets.TRIAL_BALANCE, ledger_sheets.trial_balance(trials)


class Posting(Desk, View):
    """One posting with all its sides."""

    permission = "money.view"

    def get(self, request: TenantRequest, posting_key: Any) -> HttpResponse:
        posting = sums.posting(request.community.id, posting_key)
        if posting is None:
            raise Http404
        lines = books.lines(posting.entries.select_related("transaction", "membership").order_by("pk"))
        context = {
            "posting": posting,
            "kind": books.kind_of(posting),
            "lines": lines,
            "cause": lines[0].cause,
        }
        return render(request, "commerce/desk/posting.html", context)
