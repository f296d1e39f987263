"""A community by chance, in the database and as plain rows for the oracle: members, guests, two records of one person, acts,
gatherings of our own and imported ones, answers, walk-ins and no-shows."""

from datetime import UTC, datetime, timedelta
from random import Random

from engagement.services import facts
from engagement.services.identity import Row
from gatherings.models import Attendance, Event, EventHost, EventReader, Room, Ticket, TicketKind, Waiting
from members.models import Membership, MembershipChange
from members.roles import Status
from members.services import merging
from tests import make

START = datetime(2025, 1, 1, tzinfo=UTC)
ZONE = "Asia/Shanghai"
VERBS = ("read", "posted", "commented", "messaged", "reacted")


class World:
    def __init__(self, seed, *, people=40, gatherings=8, order=None):
        self.chance = Random(seed)
        self.order = order or Random(seed)
        self.community = make.community(f"world-{seed}", at=START - timedelta(days=9), timezone=ZONE)
        self.owner = Membership.objects.get(community=self.community)
        self.now = START + timedelta(days=self.chance.choice((80, 200)))
        self.records = [self._person(n) for n in range(people)]
        self.guests = {one["member"] for one in self.records if one["guest"]}
        self.gatherings = [self._gathering() for _n in range(gatherings)]
        self.attendances = [row for one in self.gatherings for row in self._attend(one)]
        self.same = self._two_of_one_person()
        self.acts = [self._act() for _n in range(people * 12)]
        for row in self.attendances:
            self._follow(row)
        self._store()
        self._merge()

    # --- rows ---------------------------------------------------------------------------------------

    def time(self, days):
        return START + timedelta(seconds=self.chance.randrange(days * 86_400))

    def _person(self, n):
        joined, chance = self.time(60), self.chance
        guest = n % 9 == 8
        left = (
            joined + timedelta(days=chance.randint(5, 90))
            if not guest and n > 3 and chance.random() < 0.2
            else None
        )
        status = Status.GUEST if guest else Status.LEFT if left else Status.ACTIVE
        row = Membership.objects.create(
            community=self.community, number=100 + n, status=status, joined_at=joined, name=f"P{n}"
        )
        if left:
            told = {"membership": row, "kind": "status"}
            MembershipChange.objects.create(**told, before="", after="active", at=joined)
            MembershipChange.objects.create(**told, before="active", after="left", at=left)
        return {"member": row.number, "joined": joined, "left": left, "guest": guest, "row": row}

    def _gathering(self):
        begins, chance = self.time(75), self.chance
        imported = chance.random() < 0.4
        ends = begins + timedelta(hours=2) if chance.random() < 0.8 else None
        row = Event.objects.create(
            community=self.community, title="Supper", state="published", starts_at=begins, ends_at=ends, timezone=ZONE,
            currency="CNY", planned_at=begins - timedelta(days=9), changed_at=begins, published_at=begins - timedelta(days=9),
            external_id=f"e{begins.timestamp()}" if imported else None, told_held=True if imported else None,
            counted_yes=chance.choice((None, 3, 30)) if imported else None,
        )  # fmt: skip
        host = chance.choice([one for one in self.records if not one["guest"]])
        EventHost.objects.create(event=row, membership=host["row"])
        return {
            "id": str(row.key), "row": row, "begins": begins, "over": row.over_at, "known": row.published_at,
            "host": host["member"], "counted": row.counted_yes if imported else 0, "imported": imported,
            "readers": [], "tickets": [], "waiting": [],
        }  # fmt: skip

    def _attend(self, one):
        chance = self.chance
        mine = chance.sample(self.records, chance.choice((0, 3, 12, 25, 36)))
        for record in mine:
            answer = chance.choice(["yes", "yes", "no", "maybe", ""])
            came = (
                one["begins"] + timedelta(minutes=chance.randint(-20, 40)) if chance.random() < 0.6 else None
            )
            if came and one["imported"]:
                came = one["begins"]
            if answer or came:
                yield {
                    "event": one["id"], "member": record["member"], "answer": answer, "came": came,
                    "answered": one["begins"] - timedelta(hours=chance.randint(1, 200)), "by_file": one["imported"],
                }  # fmt: skip
            if answer == "yes" and not one["imported"]:
                one["tickets"].append(
                    (record["member"], chance.choice(["valid", "valid", "given_back", "expired"]))
                )
        one["readers"] += [each["member"] for each in chance.sample(self.records, 8)]
        one["waiting"] += [each["member"] for each in chance.sample(self.records, 3)]

    def _act(self):
        who, whom = self.chance.sample(self.records, 2)
        target = whom["member"] if self.chance.random() < 0.5 else None
        at = self.time(int((self.now - START).days))
        return {
            "member": who["member"],
            "verb": self.chance.choice(VERBS),
            "at": at,
            "target": target,
            "object": None,
        }

    def _follow(self, row):
        """A coming is a fact towards the host, and those who came talk to one another soon after, now and then."""
        if row["came"] is None:
            return
        one = next(each for each in self.gatherings if each["id"] == row["event"])
        host = one["host"] if one["host"] != row["member"] else None
        self.acts.append(
            {
                "member": row["member"],
                "verb": "attended",
                "at": row["came"],
                "target": host,
                "object": row["event"],
            }
        )
        others = [each for each in self.attendances if each["event"] == row["event"] and each["came"]]
        whom = self.chance.choice(others)["member"]
        at = one["over"] + timedelta(hours=self.chance.choice((-1, 0, 1, 300, 28 * 24, 28 * 24 + 1)))
        if whom != row["member"] and at < self.now:
            self.acts.append(
                {"member": row["member"], "verb": "messaged", "at": at, "target": whom, "object": None}
            )

    # --- in the database ----------------------------------------------------------------------------

    def _store(self):
        rows = {one["member"]: one["row"] for one in self.records}
        found = {one["id"]: one for one in self.gatherings}
        shuffled = self.order.sample(self.attendances, len(self.attendances))
        Attendance.objects.bulk_create(
            Attendance(
                event=found[row["event"]]["row"], membership=rows[row["member"]], answer=row["answer"], came_at=row["came"],
                answered_at=row["answered"] if row["answer"] else None, seen_by=None if row["by_file"] else self.owner,
            )
            for row in shuffled
        )  # fmt: skip
        for one in self.gatherings:
            event = one["row"]
            room = Room.objects.create(event=event, way="in_person", capacity=500)
            kind = TicketKind.objects.create(event=event, room=room)
            told = {"event": event, "room": room, "kind": kind}
            made = {"community": self.community, "currency": "CNY", "made_at": START}
            Ticket.objects.bulk_create(
                Ticket(**told, **made, membership=rows[who], taken_by=rows[who], state=state) for who, state in one["tickets"]
            )  # fmt: skip
            EventReader.objects.bulk_create(
                EventReader(event=event, membership=rows[who]) for who in one["readers"]
            )
            Waiting.objects.bulk_create(
                Waiting(**told, membership=rows[who], since=START, state="left") for who in one["waiting"]
            )
        acts = self.order.sample(self.acts, len(self.acts))
        facts.load(
            community_id=self.community.pk, at=self.now,
            rows=[
                Row(
                    act["member"], act["verb"], act["at"], act["target"], "event" if act["object"] else "",
                    act["object"] or "", dedupe=str(n),
                )
                for n, act in enumerate(acts)
            ],
        )  # fmt: skip

    def _two_of_one_person(self):
        """The records that turn out to be of somebody else's: a member's second one, and a guest's."""
        whole = [one["member"] for one in self.records if not one["guest"] and one["left"] is None]
        guest = next(one["member"] for one in self.records if one["guest"])
        same = {whole[1]: whole[0], guest: whole[2]}
        for one in self.gatherings:
            have = {who for who, _state in one["tickets"]}
            one["tickets"] = [told for told in one["tickets"] if same.get(told[0]) not in have]
        return same

    def _merge(self):
        for merged, kept in self.same.items():
            rows = Membership.objects.filter(community=self.community)
            merging.merge(
                kept=rows.get(number=kept), merged=rows.get(number=merged), at=self.now, by=make.SITE
            )

    # --- for the oracle -----------------------------------------------------------------------------

    def person(self, record):
        return self.same.get(record, record)

    def people(self):
        """Members as they are one person each."""
        found = {1: {"member": 1, "joined": self.owner.joined_at, "left": None}}
        for one in self.records:
            if not one["guest"]:
                kept = found.setdefault(
                    self.person(one["member"]),
                    {"member": self.person(one["member"]), "joined": one["joined"], "left": one["left"]},
                )
                kept["joined"] = min(kept["joined"], one["joined"])
        return list(found.values())
