import django.contrib.postgres.fields
from django.db import migrations, models

PACKED = ("counts", "totals")


def storage(kind: str) -> str:
    """Packed columns are not packed again."""
    return ";".join(
        f"ALTER TABLE engagement_decayedday ALTER COLUMN {column} SET STORAGE {kind}" for column in PACKED
    )


class Migration(migrations.Migration):
    dependencies = [("engagement", "0002_facts_stand")]

    operations = [
        migrations.CreateModel(
            name="DecayedDay",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "community_id", "day", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("community_id", models.IntegerField()),
                ("day", models.DateField()),
                (
                    "verbs",
                    django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None),
                ),
                ("counts", models.BinaryField()),
                ("totals", models.BinaryField()),
            ],
        ),
        migrations.RunSQL(storage("EXTERNAL"), storage("EXTENDED")),
    ]
