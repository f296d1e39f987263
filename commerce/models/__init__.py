from commerce.models.bank import BankLine
from commerce.models.coupon import Coupon, CouponUse
from commerce.models.invoice import CreditNote, Deferral, Invoice, InvoiceLine, NumberSeries
from commerce.models.ledger import Account, Entry, Transaction
from commerce.models.order import Order, OrderPart
from commerce.models.payment import Dispute, Mandate, Payment, PaymentAttempt, Refund
from commerce.models.plan import Plan
from commerce.models.provider import MoneySettings, ProviderAccount, ProviderEvent, ReferralReward
from commerce.models.recognition import RecognitionDay
from commerce.models.reconciliation import Difference, ProviderMovement, ReconciliationRun
from commerce.models.subscription import Gift, Seat, Subscription, SubscriptionChange

__all__ = [
    "Account",
    "BankLine",
    "Coupon",
    "CouponUse",
    "CreditNote",
    "Deferral",
    "Difference",
    "Dispute",
    "Entry",
    "Gift",
    "Invoice",
    "InvoiceLine",
    "Mandate",
    "MoneySettings",
    "NumberSeries",
    "Order",
    "OrderPart",
    "Payment",
    "PaymentAttempt",
    "Plan",
    "ProviderAccount",
    "ProviderEvent",
    "ProviderMovement",
    "RecognitionDay",
    "ReconciliationRun",
    "ReferralReward",
    "Refund",
    "Seat",
    "Subscription",
    "SubscriptionChange",
    "Transaction",
]
