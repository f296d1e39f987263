"""Amounts in JSON: decimal texts with a currency, never numbers, which many readers keep as floats."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from babel.numbers import list_currencies
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from kernel.api.fields import Text
from kernel.api.serializers import Body, Shape
from kernel.errors import Refused
from kernel.money import Money


class MoneyShape(Shape):
    """An amount of money."""

    amount = serializers.CharField(
        source="*", help_text="A decimal number with exactly the currency's decimals: 12.00 CNY, 1200 JPY."
    )
    currency = serializers.CharField(help_text="Its code in ISO 4217.")


@extend_schema_field(MoneyShape)
class MoneyOf(serializers.Field):
    """A column of smallest units, in the currency of its row."""

    def __init__(self, column: str, **options: Any) -> None:
        self.column = column
        super().__init__(source="*", read_only=True, **options)

    def to_representation(self, row: Any) -> Any:
        amount = getattr(row, self.column)
        return None if amount is None else MoneyShape(Money(amount, row.currency)).data


class Written(Text):
    """A text of one form, and of no other."""

    default_error_messages = {"form": gettext_lazy("This is not in the form that is asked for.")}

    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data)
        if not re.fullmatch(self.pattern[1:-1], text):
            self.fail("form")
        return text


class Amount(Written):
    """A decimal number of no less than nothing, as text."""

    pattern = r"^[0-9]{1,16}(\.[0-9]{1,4})?$"
    default_error_messages = {"form": gettext_lazy("Write the amount as a text such as “1280.50”.")}


class Currency(Written):
    """Three capital letters."""

    pattern = "^[A-Z]{3}$"
    default_error_messages = {"form": gettext_lazy("A currency is three capital letters, such as CNY.")}


class Percent(Written):
    """A share between 0 and 100 per cent, as text with two decimals at most; inside, whole hundredths of a per cent."""

    pattern = r"^(100(\.0{1,2})?|[0-9]{1,2}(\.[0-9]{1,2})?)$"
    default_error_messages = {"form": gettext_lazy("Write the share as a text between “0” and “100.00”.")}

    def to_internal_value(self, data: Any) -> Any:
        return int(Decimal(super().to_internal_value(data)).scaleb(2))

    def to_representation(self, value: Any) -> str:
        return f"{Decimal(value).scaleb(-2):f}"


class MoneyBody(Body):
    """An amount of money: a decimal number as text, with no more decimals than the currency has."""

    amount = Amount(max_length=21)
    currency = Currency(max_length=3, help_text="Its code in ISO 4217.")

    def to_internal_value(self, data: Any) -> Any:
        """The `Money`. Raises `Refused`, with the part at fault, for too many decimals, for too much and for a currency
        that there is not."""
        given = super().to_internal_value(data)
        if given["currency"] not in list_currencies():
            message = _("There is no such currency.")
            raise Refused(message, code="unknown", field=f"{self.field_name}/currency")
        try:
            return Money.parse(given["amount"], given["currency"])
        except Refused as refusal:
            field = f"{self.field_name}/amount"
            raise Refused(refusal.message, code=refusal.code, field=field) from None


@contextmanager
def told_as(**names: str) -> Iterator[None]:
    """What a service refuses of a field is told of the body's field that it was given in."""
    try:
        yield
    except Refused as refusal:
        field = names.get(refusal.field, refusal.field)
        raise Refused(refusal.message, code=refusal.code, field=field) from None
