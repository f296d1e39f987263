"""The language of conditions: what is taken as it is, and what is refused, with its place."""

import pytest

from kernel.errors import Refused
from members import rules
from members.rules import Field, Kind

CATALOGUE = {
    "city": Field("city", Kind.TEXT, "City", "city"),
    "score": Field("score", Kind.NUMBER, "Score", "score"),
    "joined": Field("joined", Kind.DAY, "Joined", "joined_at"),
    "status": Field("status", Kind.CHOICE, "Status", "status", choices=(("active", "Active"),)),
    "tags": Field("tags", Kind.WORDS, "Tags", "tags"),
    "listed": Field("listed", Kind.FLAG, "Listed", "listed"),
    "invited_by": Field("invited_by", Kind.MEMBER, "Inviter", "invited_by__number"),
}


def one(field, how, value=None):
    return {"field": field, "is": how} | ({} if value is None else {"value": value})


def test_rules_come_back_in_one_form():
    given = {"any": [one("status", "is", "active"), {"all": [one("city", "has", " Paris ")]}]}
    assert rules.checked(given, CATALOGUE) == {
        "any": [one("status", "is", ["active"]), {"all": [one("city", "has", "Paris")]}]
    }
    assert rules.checked(rules.checked(given, CATALOGUE), CATALOGUE) == rules.checked(given, CATALOGUE)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (None, "A group is"),
        ([], "A group is"),
        ({"all": [], "any": []}, "A group is"),
        ({"all": {}}, "A group is"),
        ({"all": [{"any": []}]}, "all[0]: A group inside"),
        ({"all": [one("password", "is", "x")]}, "all[0]: There is no field “password”"),
        ({"all": [one("user__email", "has", "x")]}, "all[0]: There is no field"),
        ({"all": [one(["city"], "is", "x")]}, "all[0]: There is no field"),
        ({"all": [one("city", "icontains", "x")]}, "all[0]: “city” is compared by one of"),
        ({"all": [one("city", "is")]}, "all[0]: A text of 1 to 200"),
        ({"all": [one("city", "is", "a\x00")]}, "all[0]: A text"),
        ({"all": [one("city", "is", "a" * 201)]}, "all[0]: A text"),
        ({"all": [one("city", "empty", "x")]}, "all[0]: This comparison takes no value"),
        ({"all": [one("city", "is", "x") | {"or": 1}]}, "all[0]: A condition is"),
        ({"all": [one("score", "at_least", "5")]}, "all[0]: A number"),
        ({"all": [one("score", "at_least", True)]}, "all[0]: A number"),
        ({"all": [one("score", "at_least", float("nan"))]}, "all[0]: A number"),
        ({"all": [one("score", "at_least", 1e300)]}, "all[0]: A number"),
        ({"all": [one("joined", "since", "2026-02-30")]}, "all[0]: A day"),
        ({"all": [one("joined", "since", "0001-01-01")]}, "all[0]: A day"),
        ({"all": [one("joined", "last_days", 0)]}, "all[0]: A number of days"),
        ({"all": [one("joined", "last_days", 10**9)]}, "all[0]: A number of days"),
        ({"all": [one("status", "is", ["active", "asleep"])]}, "all[0]: “asleep” is none of"),
        ({"all": [one("status", "is", [])]}, "all[0]: One of the choices"),
        ({"all": [one("status", "is", [["active"]])]}, "all[0]: One of the choices"),
        ({"all": [one("invited_by", "is", 2**31)]}, "all[0]: The number of a member"),
        ({"all": [one("listed", "yes")] * 41}, "There are at most 40"),
        ({"all": [{"any": [{"all": [{"any": [{"all": [one("listed", "yes")]}]}]}]}]}, "Groups stand"),
    ],
)
def test_what_is_refused(given, words):
    with pytest.raises(Refused) as refusal:
        rules.checked(given, CATALOGUE)
    assert words in str(refusal.value)
    assert (refusal.value.code, refusal.value.field) == ("rules", "rules")


def test_both_hold_without_groups_that_are_not_needed():
    a, b, c = one("listed", "yes"), one("listed", "no"), one("city", "empty")
    assert rules.both() == rules.EVERYBODY
    assert rules.both(rules.EVERYBODY, {"any": [a, b]}) == {"any": [a, b]}
    assert rules.both({"all": [a]}, {"any": [b]}) == {"all": [a, b]}
    assert rules.both({"all": [a]}, {"any": [b, c]}) == {"all": [a, {"any": [b, c]}]}
    assert rules.both({"all": [a]}, rules.NOBODY) == {"all": [a, rules.NOBODY]}
