from django.urls import path

from commerce.api.coupons import Coupons, EndCoupon, OneCoupon
from commerce.api.plans import ArchivePlan, OnePlan, Plans

COMMUNITY = "communities/<slug:community_slug>/"

urlpatterns = [
    path(f"{COMMUNITY}plans/", Plans.as_view(), name="plans"),
    path(f"{COMMUNITY}plans/<uuid:plan_key>/", OnePlan.as_view(), name="plan"),
    path(f"{COMMUNITY}plans/<uuid:plan_key>/archive/", ArchivePlan.as_view(), name="archive_plan"),
    path(f"{COMMUNITY}coupons/", Coupons.as_view(), name="coupons"),
    path(f"{COMMUNITY}coupons/<uuid:coupon_key>/", OneCoupon.as_view(), name="coupon"),
    path(f"{COMMUNITY}coupons/<uuid:coupon_key>/end/", EndCoupon.as_view(), name="end_coupon"),
]
