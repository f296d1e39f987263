"""What is read from any bank's statement."""

from dataclasses import dataclass
from datetime import date

from commerce.providers import creditor_reference
from kernel.money import Money


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement of a bank account. `amount` is signed: what came is positive. `text` is what the payer wrote.

    `line_id` is the same however often and in whichever overlapping file of the same kind the line is read.
    """

    booked_on: date
    amount: Money
    text: str
    counterparty: str = ""
    line_id: str = ""

    @property
    def references(self) -> list[str]:
        """The creditor references in its text (creditor_reference.py)."""
        return creditor_reference.found_in(self.text)
