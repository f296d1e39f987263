"""People as Mailchimp exports an audience: a zip of up to four lists, or one of its lists.

The lists are `subscribed_`, `unsubscribed_`, `cleaned_` and `nonsubscribed_email_audience_export_*.csv`; the older
names have `members` in place of `email_audience`. No column says which list a row stands in, but the name of the file
does, and `UNSUB_TIME` and `CLEAN_TIME` stand in one list only. Columns in capitals are Mailchimp's; the others are
what the people of the audience named their fields, which may be named as one of Mailchimp's is.

Times are written without an offset. They are UTC: Mailchimp's Export API, which wrote the same columns and called
itself "very similar to exporting via the web interface", compares them with "a GMT timestamp".
"""

import csv
import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from kernel import cells as values
from kernel.imports import Column, ImportKind, Job, Load, Rejected, Row
from members.imports_from.people import PeopleLoad, Person, Tool

GMT = ZoneInfo("UTC")
#: The lists, in the order in which those of a zip are read: who stands in two is in the one read later, so that a
#: wish to get no letters is never lost.
LISTS = ("subscribed", "nonsubscribed", "cleaned", "unsubscribed")
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+")


def list_of(name: str) -> str:
    """Which list a file of this name is; "" for another."""
    found = re.match(r"(non-?subscribed|unsubscribed|subscribed|cleaned)(?![a-z])", name.lower())
    return found[1].replace("-", "") if found else ""


class Mailchimp(ImportKind):
    key = "mailchimp"
    title = _("Members from Mailchimp")
    hint = _(
        "The zip file of an audience that Mailchimp exports, as it is, or one of the lists in it. Whoever has "
        "unsubscribed is a member who gets no letters that can be switched off. A person is found again by EUID, "
        "else by e-mail address; of somebody who stands there twice the later row has the word."
    )
    columns = (
        Column("Email Address", _("E-mail address"), needed=True),
        Column("First Name", _("First name")),
        Column("Last Name", _("Last name")),
        Column(
            "OPTIN_TIME", _("When the person signed up, in UTC; the earlier of the two is when they joined")
        ),
        Column("CONFIRM_TIME", _("When the person confirmed or was added, in UTC")),
        Column("LATITUDE", _("Degrees north, -90 to 90")),
        Column("LONGITUDE", _("Degrees east, -180 to 180")),
        Column("CC", _("Country")),
        Column("LAST_CHANGED", _("Last change, in UTC: when they joined, if nothing else says it")),
        Column(
            "UNSUB_TIME", _("When the person unsubscribed, in UTC, kept as the field “mail_unsubscribed_at”")
        ),
        Column("UNSUB_REASON", _("Why, kept as the field “mail_unsubscribed_because”")),
        Column("CLEAN_TIME", _("Since when the address takes no mail, in UTC: it is not written to")),
        Column("EUID", _("Mailchimp's id of the address")),
        Column("NOTES", _("A note, kept as the field “note”")),
        Column("TAGS", _("Tags, each in quotation marks, parted by commas")),
        Column("FILE", _("The name of the list; for lists sent as they come, the file's name says it")),
    )
    sample = (
        (
            "zhou@example.org",
            "Yue",
            "Lin",
            "2026-01-05 01:00:00",
            "2026-01-05 01:02:10",
            "30.2500000",
            "120.1700000",
        )
        + ("CN", "2026-01-05 01:02:10", "", "", "", "9a1b2c3d4e", "", '"Founders","Tea"', "subscribed"),
        (
            "mary@example.org",
            "Ada",
            "Byron",
            "",
            "2026-02-11 09:30:00",
            "",
            "",
            "GB",
            "",
            "2026-05-30 18:00:00",
        )
        + ("NORMAL", "", "9a1b2c3d4f", "", "", "unsubscribed"),
    )
    aliases = {
        "email": "email address",
        "e-mail": "email address",
        "e-mail address": "email address",
        "email_address": "email address",
        "firstname": "first name",
        "fname": "first name",
        "lastname": "last name",
        "lname": "last name",
    }
    keeps_unknown = True
    doubles = True
    takes_zip = True
    origin = "FILE"

    def rank(self, name: str) -> int:
        found = list_of(name)
        return LISTS.index(found) if found else 0

    def open(self, job: Job) -> Load:
        return PeopleLoad(job, MailchimpRows)


class MailchimpRows(Tool):
    name = "Mailchimp"
    columns = {
        "email": "Email Address",
        "name": "First Name",
        "tags": "TAGS",
        "country": "CC",
        "latitude": "LATITUDE",
        "longitude": "LONGITUDE",
        "joined_at": "OPTIN_TIME",
        "member": "EUID",
        "note": "NOTES",
    }
    stopped = frozenset({"mail_unsubscribed_at", "mail_list"})
    dead = frozenset({"mail_cleaned_at"})

    def key(self, row: Row) -> tuple[str, str]:
        return row.cells.get("EUID", ""), row.cells.get("Email Address", "").lower()

    def person(self, row: Row) -> Person:
        cells = row.cells
        own_id, address = self.key(row)
        if not address:
            raise Rejected("needed", column="Email Address")
        times = {
            name: self._time(cells[name], name)
            for name in ("OPTIN_TIME", "CONFIRM_TIME", "LAST_CHANGED", "UNSUB_TIME", "CLEAN_TIME")
            if cells.get(name)
        }
        if not times:
            raise Rejected("needed", column="OPTIN_TIME")
        began = [times[name] for name in ("OPTIN_TIME", "CONFIRM_TIME") if name in times]
        since = times.get("UNSUB_TIME") or times.get("CLEAN_TIME")
        members = {
            "joined_at": min(began or times.values()).isoformat(),
            "name": full_name(cells.get("First Name", ""), cells.get("Last Name", "")),
            "tags": ";".join(tag.replace(";", " ") for tag in tags(cells.get("TAGS", ""))),
            "country": cells.get("CC", ""),
            **self._place(cells.get("LATITUDE", ""), cells.get("LONGITUDE", "")),
        }
        return Person(own_id, address, members, self._custom(row, times), since=since)

    def _custom(self, row: Row, times: dict[str, datetime]) -> dict[str, str]:
        cells = row.cells
        custom = {"note": cells["NOTES"]} if cells.get("NOTES") else {}
        stands_in = list_of(cells.get("FILE", ""))
        if "UNSUB_TIME" in times:
            custom["mail_unsubscribed_at"] = times["UNSUB_TIME"].isoformat()
        elif stands_in in ("unsubscribed", "nonsubscribed"):
            custom["mail_list"] = stands_in
        if cells.get("UNSUB_REASON"):
            custom["mail_unsubscribed_because"] = cells["UNSUB_REASON"]
        if "CLEAN_TIME" in times:
            custom["mail_cleaned_at"] = times["CLEAN_TIME"].isoformat()
        return custom

    def _time(self, text: str, column: str) -> datetime:
        return values.instant(text, zone=GMT, latest=self.latest, column=column).astimezone(UTC)

    def _place(self, latitude: str, longitude: str) -> dict[str, str]:
        """Where Mailchimp thinks the person is: nothing, or zero and zero, when it does not know."""
        if not latitude or not longitude or not (latitude + longitude).strip("0.-+"):
            return {}
        return {"latitude": latitude, "longitude": longitude}


def full_name(first: str, last: str) -> str:
    """Both names as one; Chinese ones with the family's first and no blank."""
    if _HAN.fullmatch(first) and _HAN.fullmatch(last):
        return last + first
    return f"{first} {last}".strip()


def tags(text: str) -> list[str]:
    """The tags in a cell such as `"vip","tea, green"`."""
    if not text:
        return []
    return next(csv.reader([text.replace("\n", " ").replace("\r", " ")], skipinitialspace=True), [])
