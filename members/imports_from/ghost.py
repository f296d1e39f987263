"""Members as Ghost exports them: Members, then Export, `members.YYYY-MM-DD.csv`.

Its columns are those of the exporter in Ghost's source; times are in UTC and say so; labels and tiers are names parted
by commas; a cell that a spreadsheet would run has an apostrophe before it, which is taken off. A member whom Ghost has
deleted is not in its file, so `deleted_at` is empty but for files that were put together by hand.
"""

from django.utils.translation import gettext_lazy as _

from kernel import imports
from kernel.imports import Column, ImportKind, Job, Load, Rejected, Row
from members.imports_from.people import PeopleLoad, Person, Tool

imports.reasons["tier_unknown"] = _(
    "There is no tier “%(value)s” here: the member was taken without it. Add it and send the file once more."
)
NO = ("false", "0", "no")
#: What is kept as a field of its own only when columns that are not known are kept too.
IF_ASKED = ("complimentary_plan", "stripe_customer_id")


class Ghost(ImportKind):
    key = "ghost"
    title = _("Members from Ghost")
    hint = _(
        "The file that Ghost exports, as it is. A member is found again by Ghost's id, else by e-mail address; "
        "in a file that names somebody twice the later row has the word."
    )
    columns = (
        Column("id", _("Ghost's id of the member")),
        Column("email", _("E-mail address"), needed=True),
        Column("name", _("Name")),
        Column("note", _("A note, kept as the field “note”")),
        Column("subscribed_to_emails", _("With false the member gets no letters that can be switched off")),
        Column("complimentary_plan", _("Kept as a field when you keep columns that are not known")),
        Column("stripe_customer_id", _("Kept as a field when you keep columns that are not known")),
        Column("created_at", _("When the member joined"), needed=True),
        Column("deleted_at", _("When the member left")),
        Column("labels", _("Tags, parted by commas")),
        Column("tiers", _("Names of tiers, parted by commas; the highest that is here is given")),
    )
    sample = (
        ("653f1c0c9a1b2c0001d4e5f6", "zhou@example.org", "Zhou Min", "Met at the fair", "true", "false", "")
        + ("2026-01-05T01:00:00.000Z", "", "Founders,Tea", ""),
        ("653f1c0c9a1b2c0001d4e5f7", "mary@example.org", "Mary Jane", "", "false", "false", "")
        + ("2026-02-11T09:30:00.000Z", "", "", ""),
    )
    aliases = {"products": "tiers"}
    keeps_unknown = True

    def open(self, job: Job) -> Load:
        return PeopleLoad(job, GhostRows)


class GhostRows(Tool):
    name = "Ghost"
    columns = {"joined_at": "created_at", "left_at": "deleted_at", "tags": "labels", "member": "id"}
    stopped = frozenset({"subscribed_to_emails"})

    def key(self, row: Row) -> tuple[str, str]:
        return row.cells.get("id", ""), row.cells.get("email", "").lower()

    def person(self, row: Row) -> Person:
        cells = row.cells
        own_id, address = self.key(row)
        for name in ("email", "created_at"):
            if not cells.get(name):
                raise Rejected("needed", column=name)
        custom = {"note": cells["note"]} if cells.get("note") else {}
        if cells.get("subscribed_to_emails", "").lower() in NO:
            custom["subscribed_to_emails"] = "false"
        if self.keep:
            custom |= {name: cells[name] for name in IF_ASKED if cells.get(name)}
        tier, remark = self._tier(cells.get("tiers", ""))
        members = {
            "joined_at": cells["created_at"],
            "left_at": cells.get("deleted_at", ""),
            "name": cells.get("name", ""),
            "tags": ";".join(label.replace(";", " ") for label in cells.get("labels", "").split(",")),
            "tier": tier,
        }
        return Person(own_id, address, members, custom, remark=remark)

    def _tier(self, text: str) -> tuple[str, Rejected | None]:
        """The key of the highest tier among these names, and a remark on those that are not here."""
        whole = self.tiers.get(text.casefold())
        if whole is not None:
            return whole.key, None
        names = [name for name in (part.strip() for part in text.split(",")) if name]
        found = [tier for tier in (self.tiers.get(name.casefold()) for name in names) if tier is not None]
        missing = [name for name in names if name.casefold() not in self.tiers]
        remark = Rejected("tier_unknown", column="tiers", value=", ".join(missing)[:60]) if missing else None
        return max(found, key=lambda tier: tier.rank).key if found else "", remark
