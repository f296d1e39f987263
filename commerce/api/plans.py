"""Plans: listed, made, worded, put away."""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from commerce.api import asking
from commerce.api.plan_shapes import NewPlan, PlanChange, PlanPage, PlanShape
from commerce.models import Plan
from commerce.selectors import plans as found
from commerce.services import plans
from kernel.api import etags, pages
from kernel.api.money import told_as
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.queries import SparseQuery
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.errors import Refused
from kernel.keyset import Order
from kernel.locks import locked
from kernel.tenancy import Community
from members.actors import Actor
from members.models import Tier
from members.services import powers

PLAN = {"plan_key": "The plan's key."}


class PlansQuery(PageQuery, SparseQuery):
    archived = serializers.BooleanField(
        required=False, default=False, help_text="Those that were put away, instead of the others."
    )


class Plans(ApiView):
    tag = "plans"

    @operation("list_plans", "List plans", answers={200: PlanPage}, query=PlansQuery)
    def get(self, request: Request) -> Response:
        """The plans in their order. A member sees those that they can take themselves; staff who see the money, and
        programs, see all."""
        page = pages.page(
            request,
            rows(request).filter(archived_at__isnull=not self.query["archived"]),
            order=Order("position", tie="id"),
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        return Response(page.answer(PlanShape(page.rows, many=True, only=self.only).data))

    @operation(
        "create_plan",
        "Make a plan",
        answers={201: PlanShape},
        needs=plans.MANAGE,
        body=NewPlan,
        query=SparseQuery,
        tagged=True,
        example={
            "tier": "member",
            "name": "A year",
            "price": {"amount": "360.00", "currency": "CNY"},
            "interval": "year",
            "trial_days": 14,
            "tax_percent": "6",
        },
    )
    def post(self, request: Request) -> Response:
        """Make a plan of a tier. Its price stays for good: who wants another makes another plan."""
        community, given = asking.here(request), self.read_body()
        price = given.pop("price")
        given |= {"amount": price.amount, "currency": price.currency, "tier": _tier(community, given["tier"])}
        with told_as(amount="price/amount", currency="price/currency", tax_rate="tax_percent"):
            made = plans.create(community=community, at=now(), by=Actor.of_request(request), **given)
        place = reverse("api:plan", kwargs={"community_slug": community.slug, "plan_key": made.key})
        headers = {"Location": request.build_absolute_uri(place)}
        return self.one(PlanShape(find(request, made.key)), status=201, headers=headers)


class OnePlan(ApiView):
    tag = "plans"
    places = PLAN

    @operation("read_plan", "Read a plan", answers={200: PlanShape}, query=SparseQuery, tagged=True)
    def get(self, request: Request, plan_key: UUID) -> Response:
        """One plan; 404 for a member who cannot take it."""
        return self.one(PlanShape(find(request, plan_key)))

    @operation(
        "change_plan",
        "Change a plan",
        answers={200: PlanShape},
        needs=plans.MANAGE,
        body=PlanChange,
        query=SparseQuery,
        tagged=True,
        example={"name": "A whole year", "grace_days": 21},
    )
    def patch(self, request: Request, plan_key: UUID) -> Response:
        """Change what is given of it; who has the plan reads it too. Refused (`archived`) once it is put away."""
        given, by = self.read_body(), Actor.of_request(request)
        with transaction.atomic():
            # Who acts is held before what they act on, as the service does it.
            powers.require(by, plans.MANAGE)
            plan = find(request, plan_key)
            locked(Plan.objects.filter(pk=plan.pk)).get()
            plan = find(request, plan_key)
            etags.require(request, etags.of(PlanShape(plan).data))
            with told_as(tax_rate="tax_percent"):
                plans.change(plan=plan, at=now(), by=by, **given)
        return self.one(PlanShape(find(request, plan_key)))


class ArchivePlan(ApiView):
    tag = "plans"
    places = PLAN

    @operation(
        "archive_plan",
        "Put a plan away",
        answers={200: PlanShape},
        needs=plans.MANAGE,
        query=SparseQuery,
    )
    def post(self, request: Request, plan_key: UUID) -> Response:
        """Nobody can take it any more; who has it goes on with it."""
        plans.archive(plan=find(request, plan_key), at=now(), by=Actor.of_request(request))
        return self.one(PlanShape(find(request, plan_key)))


def rows(request: Request) -> QuerySet[Plan]:
    """The plans that whoever asks may see."""
    member = asking.person(request)
    if member is None or asking.sees_all(request):
        return found.at_the_desk(asking.here(request).id)
    return plans.offered_to(member)


def find(request: Request, key: UUID) -> Plan:
    plan = rows(request).filter(key=key).first()
    if plan is None:
        raise Http404
    return plan


def named(request: Request, key: UUID, *, field: str = "plan") -> Plan:
    """The plan that a body names. Raises `Refused` where whoever asks sees none of this key."""
    plan = rows(request).filter(key=key).first()
    if plan is None:
        raise Refused(_("There is no plan of this key."), code="unknown", field=field)
    return plan


def _tier(community: Community, key: str) -> Tier:
    tier = Tier.objects.of(community.id).filter(key=key).first()
    if tier is None:
        raise Refused(_("There is no tier of this key."), code="unknown", field="tier")
    return tier
