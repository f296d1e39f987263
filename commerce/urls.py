from django.urls import path

from commerce.views import (
    coupons,
    hooks,
    late,
    ledger,
    own,
    papers,
    pay,
    plans,
    rails,
    reconciliation,
    settings,
)

app_name = "commerce"

BILL = "pay/<str:pay_token>/"
MONEY = "c/<slug:community_slug>/desk/money/"
LEDGER = f"{MONEY}ledger/"
SETTINGS = "c/<slug:community_slug>/desk/settings/"

ROOMS = "c/<slug:community_slug>/"

urlpatterns = [
    path("hooks/<slug:provider>/<uuid:account_key>/", hooks.hook, name="hook"),
    path(f"{ROOMS}plans/", own.Plans.as_view(), name="plans"),
    path(f"{ROOMS}dues/", own.Dues.as_view(), name="dues"),
    path(BILL, pay.Pay.as_view(), name="pay"),
    path(f"{BILL}credit/", pay.PayWithCredit.as_view(), name="pay_with_credit"),
    path(f"{BILL}paid/", pay.Paid.as_view(), name="paid"),
    path(f"{BILL}again/", pay.Again.as_view(), name="pay_again"),
    path(f"{BILL}invoice/", pay.Document.as_view(), name="invoice"),
    path(f"{MONEY}owed/", late.Late.as_view(), name="late"),
    path(f"{MONEY}owed/<uuid:invoice_key>/act/", late.ActOnLate.as_view(), name="act_on_late"),
    path(LEDGER, ledger.Ledger.as_view(), name="ledger"),
    path(f"{LEDGER}entries.csv", ledger.ExportEntries.as_view(), name="export_entries"),
    path(f"{LEDGER}trial-balance.csv", ledger.ExportTrialBalance.as_view(), name="export_trial_balance"),
    path(f"{LEDGER}<slug:ledger_account>/", ledger.Statement.as_view(), name="statement"),
    path(f"{LEDGER}posting/<uuid:posting_key>/", ledger.Posting.as_view(), name="posting"),
    path(f"{MONEY}reconciliation/", reconciliation.Reconciliation.as_view(), name="reconciliation"),
    path(
        f"{MONEY}reconciliation/<uuid:difference_key>/settle/",
        reconciliation.SettleDifference.as_view(),
        name="settle_difference",
    ),
    path(f"{SETTINGS}money/", settings.Settings.as_view(), name="settings"),
    path("pay/<str:pay_token>/invoice.pdf", papers.InvoicePaper.as_view(), name="invoice_pdf"),
    path(
        "pay/<str:pay_token>/credit/<str:number>.pdf",
        papers.CreditNotePaper.as_view(),
        name="credit_note_pdf",
    ),
    path(f"{SETTINGS}plans/", plans.Plans.as_view(), name="desk_plans"),
    path(f"{SETTINGS}plans/<uuid:plan_key>/", plans.OnePlan.as_view(), name="plan"),
    path(f"{SETTINGS}plans/<uuid:plan_key>/archive/", plans.ArchivePlan.as_view(), name="archive_plan"),
    path(f"{SETTINGS}coupons/", coupons.Coupons.as_view(), name="coupons"),
    path(f"{SETTINGS}coupons/<uuid:coupon_key>/end/", coupons.EndCoupon.as_view(), name="end_coupon"),
    path(f"{SETTINGS}ways-to-pay/", rails.Rails.as_view(), name="rails"),
    path(f"{SETTINGS}ways-to-pay/<slug:rail>/", rails.Rail.as_view(), name="rail"),
    path(f"{SETTINGS}ways-to-pay/<slug:rail>/act/", rails.ActOnRail.as_view(), name="act_on_rail"),
]
