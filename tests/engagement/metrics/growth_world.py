"""Communities that grow by chance, as rows for the oracle and as columns for the figures."""

from datetime import UTC, date, datetime, timedelta
from random import Random

from tests.engagement.metrics.records import Fact, Member, RowReferrals, history

START = datetime(2025, 1, 1, 12, tzinfo=UTC)
WAYS = [("email", ""), ("email", "spring/tea"), ("wechat", ""), ("", ""), None]
DAY = timedelta(days=1)


class World:
    """`odd` draws inviters without any sense: loops, themselves, some who joined later or do not exist."""

    def __init__(
        self, seed: int, *, people: int, odd: bool, zone: str = "Asia/Shanghai", days: int = 200
    ) -> None:
        chance = self.chance = Random(seed)
        self.zone, self.days = zone, days
        joined = sorted(self.time(days) for _n in range(people))
        # Some at one instant, some at exactly thirty days after another.
        for n in range(2, people, 7):
            joined[n] = joined[n - 1] if chance.random() < 0.5 else joined[n - 1] + 30 * DAY
        self.people = [self.person(n + 1, at, people, odd) for n, at in enumerate(joined)]
        numbers = [one["member"] for one in self.people]
        self.acts = [(chance.choice(numbers), self.time(days)) for _n in range(people * 4)] if numbers else []
        self.paid = (
            [(chance.choice(numbers), self.time(days)) for _n in range(people // 2)] if numbers else []
        )
        self.sent = [self.invitation(numbers) for _n in range(people)]
        came: set[int] = set()
        for one in self.sent:
            # Who came, came by one alone.
            brought = [p["member"] for p in self.people if p["inviter"] == one["inviter"]]
            who = chance.choice([None, *brought, *numbers[:1]])
            if who is not None and who not in came and who != one["inviter"]:
                came.add(who)
                one["came"] = who
        self.as_of = (START + chance.randint(0, days + 60) * DAY).date()
        self.spent = [self.cost() for _n in range(chance.randint(0, 6))]

    def time(self, days: int) -> datetime:
        return START + timedelta(minutes=self.chance.randrange(days * 1440))

    def person(self, number, joined, people, odd):
        chance = self.chance
        if odd:
            inviter = chance.choice([None, chance.randint(1, people + 1), chance.randint(1, people), number])
        else:
            # Of those before, rather one of the last: as it is where people bring each other.
            inviter = (
                number - min(chance.randint(1, 25), number - 1)
                if number > 3 and chance.random() < 0.7
                else None
            )
        corrected = []
        if odd and chance.random() < 0.2:
            corrected = [(self.time(self.days), chance.choice([None, chance.randint(1, people)]))]
        roles = [(joined, chance.random() < 0.3)]
        if chance.random() < 0.3:
            roles.append((joined + timedelta(minutes=chance.randrange(60 * 1440)), not roles[0][1]))
        return {"member": number, "joined": joined, "inviter": inviter, "corrected": corrected, "roles": roles,
                "way": chance.choice(WAYS)}  # fmt: skip

    def invitation(self, numbers):
        return {"inviter": self.chance.choice(numbers), "at": self.time(self.days), "way": self.chance.choice(WAYS[:4]),
                "came": None}  # fmt: skip

    def cost(self):
        first = (START + self.chance.randint(-5, self.days) * DAY).date()
        last = first + self.chance.randint(0, 40) * DAY
        way = self.chance.choice([one for one in WAYS if one and one[0]] + [("fair", "")])
        return way, first, last, self.chance.randint(1, 90_000), self.chance.choice(["EUR", "JPY"])

    def history(self, as_of: date | None = None, *, order: Random | None = None):
        """The history of its rows; `order` shuffles them. Members keep their numbers: own ids settle who is first."""
        people = [Member(one["member"], one["joined"], f"{one['member']:06d}") for one in self.people]
        facts = [Fact(who, "posted", when) for who, when in self.acts]
        facts += [Fact(who, "paid", when) for who, when in self.paid]
        brought = [
            (one["member"], inviter, when)
            for one in self.people
            for when, inviter in [(None, one["inviter"]), *one["corrected"]]
        ]
        rows = RowReferrals(
            brought=brought,
            sent=[(one["inviter"], one["at"], one["way"], one["came"]) for one in self.sent],
            came=[(one["member"], one["way"]) for one in self.people if one["way"]],
            staff=[(one["member"], when, is_staff) for one in self.people for when, is_staff in one["roles"]],
            spent=list(self.spent),
        )
        if order is not None:
            for part in (people, facts, rows.brought, rows.sent, rows.came, rows.staff, rows.spent):
                order.shuffle(part)
        return history(people, facts, as_of or self.as_of, zone=self.zone, referrals=rows)
