from django.urls import path

from commerce.api import attempts, gifts, invoices, ledger, orders, oversight, subscriptions
from commerce.api.coupons import Coupons, EndCoupon, OneCoupon
from commerce.api.payments import OnePayment, Payments, TakePaymentBack
from commerce.api.plans import ArchivePlan, OnePlan, Plans
from commerce.api.refunds import OneRefund, Refunds

COMMUNITY = "communities/<slug:community_slug>/"
INVOICE = f"{COMMUNITY}invoices/<uuid:invoice_key>/"
SUBSCRIPTION = f"{COMMUNITY}subscriptions/<uuid:subscription_key>/"

urlpatterns = [
    path(f"{COMMUNITY}plans/", Plans.as_view(), name="plans"),
    path(f"{COMMUNITY}plans/<uuid:plan_key>/", OnePlan.as_view(), name="plan"),
    path(f"{COMMUNITY}plans/<uuid:plan_key>/archive/", ArchivePlan.as_view(), name="archive_plan"),
    path(f"{COMMUNITY}coupons/", Coupons.as_view(), name="coupons"),
    path(f"{COMMUNITY}coupons/<uuid:coupon_key>/", OneCoupon.as_view(), name="coupon"),
    path(f"{COMMUNITY}coupons/<uuid:coupon_key>/end/", EndCoupon.as_view(), name="end_coupon"),
    path(f"{COMMUNITY}subscriptions/", subscriptions.Subscriptions.as_view(), name="subscriptions"),
    path(
        f"{COMMUNITY}subscriptions/quote/",
        subscriptions.QuoteSubscription.as_view(),
        name="quote_subscription",
    ),
    path(f"{COMMUNITY}subscriptions/free/", subscriptions.GiveFree.as_view(), name="give_plan"),
    path(SUBSCRIPTION, subscriptions.OneSubscription.as_view(), name="subscription"),
    path(
        f"{SUBSCRIPTION}change-plan/", subscriptions.ChangeSubscription.as_view(), name="change_subscription"
    ),
    path(f"{SUBSCRIPTION}cancel/", subscriptions.CancelSubscription.as_view(), name="cancel_subscription"),
    path(f"{SUBSCRIPTION}resume/", subscriptions.ResumeSubscription.as_view(), name="resume_subscription"),
    path(f"{SUBSCRIPTION}pause/", subscriptions.PauseSubscription.as_view(), name="pause_subscription"),
    path(f"{SUBSCRIPTION}seats/", subscriptions.Seats.as_view(), name="seats"),
    path(f"{SUBSCRIPTION}seats/<uuid:seat_key>/free/", subscriptions.FreeSeat.as_view(), name="free_seat"),
    path(f"{COMMUNITY}gifts/", gifts.Gifts.as_view(), name="gifts"),
    path(f"{COMMUNITY}gifts/<uuid:gift_key>/", gifts.OneGift.as_view(), name="gift"),
    path(f"{COMMUNITY}gifts/<uuid:gift_key>/revoke/", gifts.RevokeGift.as_view(), name="revoke_gift"),
    path(f"{COMMUNITY}orders/", orders.Orders.as_view(), name="orders"),
    path(f"{COMMUNITY}orders/<uuid:order_key>/", orders.OneOrder.as_view(), name="order"),
    path(f"{COMMUNITY}rewards/", gifts.Rewards.as_view(), name="rewards"),
    path(f"{COMMUNITY}invoices/", invoices.Invoices.as_view(), name="invoices"),
    path(INVOICE, invoices.OneInvoice.as_view(), name="invoice"),
    path(f"{INVOICE}extend/", invoices.ExtendInvoice.as_view(), name="extend_invoice"),
    path(f"{INVOICE}forgive/", invoices.ForgiveInvoice.as_view(), name="forgive_invoice"),
    path(f"{INVOICE}void/", invoices.VoidInvoice.as_view(), name="void_invoice"),
    path(f"{INVOICE}ways-to-pay/", attempts.Ways.as_view(), name="ways_to_pay"),
    path(f"{INVOICE}attempts/", attempts.Attempts.as_view(), name="attempts"),
    path(f"{COMMUNITY}attempts/<uuid:attempt_key>/", attempts.OneAttempt.as_view(), name="attempt"),
    path(
        f"{COMMUNITY}attempts/<uuid:attempt_key>/refresh/",
        attempts.RefreshAttempt.as_view(),
        name="refresh_attempt",
    ),
    path(f"{COMMUNITY}credit-notes/", invoices.CreditNotes.as_view(), name="credit_notes"),
    path(f"{COMMUNITY}payments/", Payments.as_view(), name="payments"),
    path(f"{COMMUNITY}payments/<uuid:payment_key>/", OnePayment.as_view(), name="payment"),
    path(
        f"{COMMUNITY}payments/<uuid:payment_key>/take-back/",
        TakePaymentBack.as_view(),
        name="take_payment_back",
    ),
    path(f"{COMMUNITY}refunds/", Refunds.as_view(), name="refunds"),
    path(f"{COMMUNITY}refunds/<uuid:refund_key>/", OneRefund.as_view(), name="refund"),
    path(f"{COMMUNITY}disputes/", oversight.Disputes.as_view(), name="disputes"),
    path(f"{COMMUNITY}disputes/<uuid:dispute_key>/", oversight.OneDispute.as_view(), name="dispute"),
    path(f"{COMMUNITY}reconciliation/runs/", oversight.Runs.as_view(), name="comparisons"),
    path(f"{COMMUNITY}reconciliation/differences/", oversight.Differences.as_view(), name="differences"),
    path(
        f"{COMMUNITY}reconciliation/differences/<uuid:difference_key>/settle/",
        oversight.SettleDifference.as_view(),
        name="settle_difference",
    ),
    path(f"{COMMUNITY}ledger/accounts/", ledger.Balances.as_view(), name="balances"),
    path(f"{COMMUNITY}ledger/entries/", ledger.Entries.as_view(), name="entries"),
    path(f"{COMMUNITY}ledger/trial-balance/", ledger.TrialBalance.as_view(), name="trial_balance"),
    path(f"{COMMUNITY}provider-accounts/", ledger.Rails.as_view(), name="provider_accounts"),
]
