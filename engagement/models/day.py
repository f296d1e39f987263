"""What a community's local days come to: one row a day and kind, its content in columns (`packing`).

A day without content has no row. A row a member and day would take as much space as the facts and as long
to read; packed, a year of a large community is read in a blink.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class MemberDay(models.Model):
    """Facts of every class, counted by actor and verb.

    `counts` packs (member, verb, n), ordered by verb and member; a verb is its place in `verbs`. `firsts`
    packs, in the same order, the instant of the first of them.
    """

    pk = models.CompositePrimaryKey("community_id", "day")
    community_id = models.IntegerField()
    day = models.DateField()
    verbs = ArrayField(models.TextField())
    counts = models.BinaryField()
    firsts = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.community_id} {self.day}"


class PairDay(models.Model):
    """Interactions counted by ordered pair: `pairs` packs (source, target, n), `firsts` the first instants."""

    pk = models.CompositePrimaryKey("community_id", "day")
    community_id = models.IntegerField()
    day = models.DateField()
    pairs = models.BinaryField()
    firsts = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.community_id} {self.day}"


class ActiveDay(models.Model):
    """The numbers of the members with at least one act, as a serialised roaring bitmap."""

    pk = models.CompositePrimaryKey("community_id", "day")
    community_id = models.IntegerField()
    day = models.DateField()
    members = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.community_id} {self.day}"
