"""What a provider's own books say of one account."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kernel.money import Money


class LineKind(StrEnum):
    PAYMENT = "payment"
    REFUND = "refund"
    FEE = "fee"
    DISPUTE = "dispute"
    DISPUTE_REVERSED = "dispute_reversed"
    PAYOUT = "payout"


@dataclass(frozen=True, slots=True)
class SettlementLine:
    """One movement in the provider's own books. `amount` is signed as the balance with the provider moved by it, before
    `fee`, which is what the provider kept of it (positive): the balance moves by `amount - fee`. A line that is itself a
    fee has it in `amount`, below nothing. `reference` is ours, "" for what has none (a payout). `asked` is what moved for the
    payer, signed in the same way, where that is of another currency than the balance."""

    line_id: str
    kind: LineKind
    amount: Money
    fee: Money
    at: datetime
    reference: str = ""
    provider_reference: str = ""
    asked: Money | None = None
