"""What the demo communities that live on dues ask for, and where it is sent."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fee:
    """What a tier costs: `amount` in the smallest units of the community's currency."""

    name: str
    tier: str
    interval: str
    amount: int


@dataclass(frozen=True)
class Fees:
    """By the month, the quarter and the year, in this order; `bank` is where transfers go, `why` is said of a refund."""

    fees: tuple[Fee, Fee, Fee]
    bank: dict[str, str]
    why: str


#: By the community's address; the others ask for nothing, as many do.
FEES = {
    "lantern": Fees(
        (
            Fee("Tester", "tester", "month", 500),
            Fee("Tester, by the quarter", "tester", "quarter", 1_350),
            Fee("Maker, by the year", "maker", "year", 9_600),
        ),
        {"holder": "Lantern e.V.", "number": "DE89 3704 0044 0532 0130 00", "bank": "Musterbank"},
        "Away for a season",
    ),
    "dawn-runners": Fees(
        (
            Fee("常客月费", "regular", "month", 3_000),
            Fee("常客季费", "regular", "quarter", 8_000),
            Fee("东道主年费", "host", "year", 38_800),
        ),
        {"holder": "晨跑社", "number": "6222 0202 0011 2233 445", "bank": "示例银行上海分行"},
        "受伤休养一个季度",
    ),
    "proof-by-friends": Fees(
        (
            Fee("Learner", "learner", "month", 900),
            Fee("Learner, by the term", "learner", "quarter", 2_400),
            Fee("Teacher, by the year", "teacher", "year", 12_000),
        ),
        {"holder": "Proof by Friends", "number": "0001 2345 6789", "bank": "Example Bank"},
        "Away for a season",
    ),
}
