"""What has to be looked after: disputes, and where a provider's books and ours disagree."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from commerce.api import asking
from commerce.api.invoices import NEWEST, MemberQuery
from commerce.api.oversight_shapes import (
    DifferencePage,
    DifferenceShape,
    DisputePage,
    DisputeShape,
    RunPage,
    RunShape,
    Settling,
)
from commerce.models import Difference, Dispute, ReconciliationRun
from commerce.selectors import disputes
from commerce.services import reconciliation
from kernel.api import pages
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.queries import SparseQuery
from kernel.api.views import ApiView
from kernel.clock import now
from members.actors import Actor

#: What has become of a difference, by the name that it is asked for with.
STANDS: dict[str, dict[str, Any]] = {
    "open": {"gone_at": None, "settled_at": None},
    "gone": {"gone_at__isnull": False, "settled_at": None},
    "settled": {"settled_at__isnull": False},
}


class DisputesQuery(MemberQuery):
    state = serializers.ChoiceField(required=False, choices=Dispute.State.values, help_text="How it stands.")
    payment = serializers.UUIDField(required=False, help_text="Of the payment of this key.")


class Disputes(ApiView):
    tag = "payments"

    @operation(
        "list_disputes", "List disputes", answers={200: DisputePage}, needs=asking.VIEW, query=DisputesQuery
    )
    def get(self, request: Request) -> Response:
        """Payments that their payers' banks ask about or have taken back, the newest first. They are answered at the provider,
        and what becomes of the membership is chosen at the desk."""
        wanted = asking.wanted(
            self.query, state="state", member="payment__membership__number", payment="payment__key"
        )
        page = pages.page(
            request,
            disputes.of(asking.here(request).id).filter(**wanted),
            order=NEWEST,
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        return Response(page.answer(DisputeShape(page.rows, many=True, only=self.only).data))


class OneDispute(ApiView):
    tag = "payments"
    places = {"dispute_key": "The dispute's key."}

    @operation(
        "read_dispute",
        "Read a dispute",
        answers={200: DisputeShape},
        needs=asking.VIEW,
        query=SparseQuery,
        tagged=True,
    )
    def get(self, request: Request, dispute_key: UUID) -> Response:
        """One dispute, as the provider last told of it."""
        dispute = disputes.of(asking.here(request).id).filter(key=dispute_key).first()
        if dispute is None:
            raise Http404
        return self.one(DisputeShape(dispute))


class RunsQuery(PageQuery, SparseQuery):
    account = serializers.UUIDField(required=False, help_text="Of the provider account of this key.")


class Runs(ApiView):
    tag = "reconciliation"

    @operation(
        "list_comparisons",
        "List comparisons of books",
        answers={200: RunPage},
        needs=asking.VIEW,
        query=RunsQuery,
    )
    def get(self, request: Request) -> Response:
        """What every night's comparison with the providers' own books came to, the newest first."""
        rows = ReconciliationRun.objects.filter(account__community_id=asking.here(request).id)
        page = pages.page(
            request,
            rows.filter(**asking.wanted(self.query, account="account__key")).select_related("account"),
            order=NEWEST,
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        return Response(page.answer(RunShape(page.rows, many=True, only=self.only).data))


class DifferencesQuery(RunsQuery):
    state = serializers.ChoiceField(
        required=False,
        default="open",
        choices=list(STANDS),
        help_text="Those that wait for somebody, that are gone by themselves, or that were settled.",
    )
    kind = serializers.ChoiceField(
        required=False, choices=Difference.Kind.values, help_text="How the books differ."
    )


class Differences(ApiView):
    tag = "reconciliation"

    @operation(
        "list_differences",
        "List differences of books",
        answers={200: DifferencePage},
        needs=asking.VIEW,
        query=DifferencesQuery,
    )
    def get(self, request: Request) -> Response:
        """Where a provider's books and ours disagree, the newest first: those that wait for somebody, unless others are asked
        for."""
        wanted = asking.wanted(self.query, account="account__key", kind="kind")
        page = pages.page(
            request,
            _rows(request).filter(**STANDS[self.query["state"]], **wanted),
            order=NEWEST,
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        return Response(page.answer(DifferenceShape(page.rows, many=True, only=self.only).data))


class SettleDifference(ApiView):
    tag = "reconciliation"
    places = {"difference_key": "The difference's key."}

    @operation(
        "settle_difference",
        "Settle a difference of books",
        answers={200: DifferenceShape},
        needs=reconciliation.MANAGE,
        body=Settling,
        query=SparseQuery,
        example={"reason": "A payment of the book shop on the same account."},
    )
    def post(self, request: Request, difference_key: UUID) -> Response:
        """Somebody has looked into it: it is raised no more. No money moves by it. Refused with `settled` for what waits for
        nobody."""
        difference = _rows(request).filter(key=difference_key).first()
        if difference is None:
            raise Http404
        reconciliation.settle(difference, at=now(), by=Actor.of_request(request), **self.read_body())
        return self.one(DifferenceShape(_rows(request).get(key=difference_key)))


def _rows(request: Request) -> QuerySet[Difference]:
    return Difference.objects.of(asking.here(request).id).select_related("account", "payment")
