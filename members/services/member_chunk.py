"""What the import of members knows and gathers while it takes one chunk of rows."""

from dataclasses import dataclass
from datetime import datetime

from members.models import AuditEntry, Membership, MembershipChange, Merge


@dataclass(slots=True)
class Known:
    """A member who is here: key and number, and what the chunk at hand does not need to read again."""

    pk: int
    number: int


class Chunk:
    """What one chunk has to write, gathered row by row and written together."""

    def __init__(self) -> None:
        self.stored: dict[str, Membership] = {}
        #: By own id of merged records who they stand for; by key of whom something was merged into, the first of that.
        self.kept: dict[str, Membership] = {}
        self.bases: dict[int, Merge] = {}
        self.new: dict[str, Membership] = {}
        self.changed: dict[str, Membership] = {}
        #: Of those the ones that are to be found by other words.
        self.renamed: list[Membership] = []
        self.changes: list[MembershipChange] = []
        self.audits: list[AuditEntry] = []
        self.facts: list[tuple[Membership, str, datetime]] = []
        self.corrected: list[tuple[Membership, str, datetime]] = []
        #: By member the id of the inviter each is to have, and the number of the one each has got.
        self.inviters: dict[str, str] = {}
        self.inviter_numbers: dict[str, int] = {}
