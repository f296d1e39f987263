from django.urls import path

from commerce.views import (
    coupons,
    disputes,
    gifts,
    hooks,
    late,
    ledger,
    own,
    papers,
    pay,
    payers,
    payments,
    plans,
    rails,
    reconciliation,
    rewards,
    seats,
    settings,
    stuck,
    subscriptions,
    transfers,
)

app_name = "commerce"

BILL = "pay/<str:pay_token>/"
MONEY = "c/<slug:community_slug>/desk/money/"
LEDGER = f"{MONEY}ledger/"
MEMBER = "c/<slug:community_slug>/desk/members/<int:number>/"
SETTINGS = "c/<slug:community_slug>/desk/settings/"

ROOMS = "c/<slug:community_slug>/"

urlpatterns = [
    path("hooks/<slug:provider>/<uuid:account_key>/", hooks.hook, name="hook"),
    path("MP_verify_<slug:mark>.txt", hooks.root_file, name="root_file"),
    path(f"{ROOMS}plans/", own.Plans.as_view(), name="plans"),
    path(f"{ROOMS}dues/", own.Dues.as_view(), name="dues"),
    path(f"{ROOMS}dues/seats/", seats.Seats.as_view(), name="seats"),
    path(f"{ROOMS}dues/give/", gifts.Give.as_view(), name="give"),
    path(f"{ROOMS}dues/gifts/", gifts.Gifts.as_view(), name="gifts"),
    path(f"{ROOMS}dues/gifts/<uuid:gift_key>/", gifts.Card.as_view(), name="gift_card"),
    path(f"{ROOMS}gift/<slug:gift_code>/", gifts.Take.as_view(), name="gift"),
    path(f"{MONEY}rewards/", rewards.Rewards.as_view(), name="rewards"),
    path(f"{MONEY}gifts/", gifts.DeskGifts.as_view(), name="desk_gifts"),
    path(f"{MONEY}gifts/<uuid:gift_key>/revoke/", gifts.RevokeGift.as_view(), name="revoke_gift"),
    path(f"{ROOMS}seat/<slug:seat_code>/", seats.TakeSeat.as_view(), name="take_seat"),
    path("pay/back/", payers.Back.as_view(), name="payer_back"),
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
    path(f"{MONEY}subscriptions/", subscriptions.Subscriptions.as_view(), name="subscriptions"),
    path(f"{MEMBER}dues/", subscriptions.MemberDues.as_view(), name="member_dues"),
    path(f"{MEMBER}dues/act/", subscriptions.ActOnMemberDues.as_view(), name="act_on_member_dues"),
    path(f"{MONEY}payments/", payments.Payments.as_view(), name="payments"),
    path(f"{MONEY}payments/stuck/<slug:kind>/", stuck.ActOnStuck.as_view(), name="act_on_stuck"),
    path(f"{MONEY}payments/<uuid:payment_key>/", payments.OnePayment.as_view(), name="payment"),
    path(f"{MONEY}payments/<uuid:payment_key>/refund/", payments.RefundPayment.as_view(), name="refund"),
    path(f"{MONEY}payments/<uuid:payment_key>/take-back/", payments.TakeBack.as_view(), name="take_back"),
    path(f"{MONEY}transfers/", transfers.Transfers.as_view(), name="transfers"),
    path(f"{MONEY}transfers/statement/", transfers.Statement.as_view(), name="bank_statement"),
    path(f"{MONEY}transfers/<uuid:transfer_key>/confirm/", transfers.Confirm.as_view(), name="confirm"),
    path(f"{MONEY}disputes/", disputes.Disputes.as_view(), name="disputes"),
    path(f"{MONEY}disputes/<uuid:dispute_key>/act/", disputes.ActOnDispute.as_view(), name="act_on_dispute"),
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
