"""Coupons at the desk: made, counted, ended."""

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView

from commerce.forms import CouponForm
from commerce.models import Coupon
from commerce.services import coupons
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor


class Coupons(Desk, FormView):
    permission = coupons.MANAGE
    template_name = "commerce/desk/coupons.html"
    form_class = CouponForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"community": self.request.community}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = Coupon.objects.of(self.request.community.id).annotate(used=Count("uses"))
        return super().get_context_data(coupons=rows.order_by("ended_at", "-id"), now=now(), **kwargs)

    def form_valid(self, form: CouponForm) -> HttpResponse:
        request = self.request
        try:
            coupon = coupons.create(
                community=request.community, at=now(), by=Actor.of_request(request), **form.fields_of_coupon()
            )
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self.form_invalid(form)
        messages.success(request, _("The coupon %(code)s is good from now on.") % {"code": coupon.code})
        return redirect("commerce:coupons", request.community.slug)


class EndCoupon(Desk, View):
    permission = coupons.MANAGE
    http_method_names = ["post"]

    def post(self, request: TenantRequest, coupon_key: Any) -> HttpResponse:
        coupon = Coupon.objects.of(request.community.id).filter(key=coupon_key).first()
        if coupon is None:
            raise Http404
        coupons.end(coupon=coupon, at=now(), by=Actor.of_request(request))
        messages.success(request, _("The coupon %(code)s has ended.") % {"code": coupon.code})
        return redirect("commerce:coupons", request.community.slug)
