from django.db import migrations

from kernel.table_order import put_first

#: Every question about members asks the first three; the others are what is looked for by reading all of them.
FIRST = (
    "id", "community_id", "merged_into_id", "status", "role", "city", "country", "tags", "interests", "custom", "channel",
    "joined_at", "left_at", "user_id", "tier_id", "invited_by_id", "number", "listed", "name",
)  # fmt: skip


class Migration(migrations.Migration):
    """What the member table is asked for stands first in its rows: the columns that every question asks had come to stand
    at their end, behind thirty others that had to be unpacked for them. Where there are members the table is written
    anew, some seconds for 100,000."""

    dependencies = [
        ("members", "0024_quiet_hours"),
    ]

    operations = [
        migrations.RunPython(
            lambda _apps, editor: put_first(editor, "members_membership", FIRST), migrations.RunPython.noop
        ),
    ]
