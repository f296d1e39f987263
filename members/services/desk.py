"""How one of the staff has the desk: what they see in the member table."""

from collections.abc import Sequence

from members.models import Membership

MOST_COLUMNS = 60


def choose_columns(*, membership: Membership, keys: Sequence[str] | None) -> None:
    """Remember the columns and their order on this membership, wherever its person signs in; None for the usual."""
    chosen = None if keys is None else list(dict.fromkeys(keys))[:MOST_COLUMNS]
    Membership.objects.filter(pk=membership.pk).update(desk_columns=chosen)
    membership.desk_columns = chosen
