import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models
from django.db.models import F, Q

LISTED = Q(
    ("listed", True),
    ("status__in", ["active", "paused", "restricted", "suspended", "trial"]),
    ("user__isnull", False),
)


def ask_for_what_is_needed(apps, schema_editor):
    """What was needed on joining was asked there in words; now the field itself asks."""
    fields = apps.get_model("members", "CustomField").objects.filter(required=True)
    fields.update(asked=True, editable=True)


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0011_erased_members"),
    ]

    operations = [
        migrations.AddField(
            model_name="customfield",
            name="asked",
            field=models.BooleanField(default=False, verbose_name="asked on joining"),
        ),
        migrations.AddField(
            model_name="customfield",
            name="editable",
            field=models.BooleanField(default=False, verbose_name="members change it themselves"),
        ),
        migrations.RunPython(ask_for_what_is_needed, migrations.RunPython.noop),
        migrations.RemoveConstraint(model_name="customfield", name="custom_field_asked_is_seen"),
        migrations.AddConstraint(
            model_name="customfield",
            constraint=models.CheckConstraint(
                condition=Q(("asked", False), ("editable", False)) | Q(("seen_by", "staff"), _negated=True),
                name="custom_field_asked_is_seen",
            ),
        ),
        migrations.AddConstraint(
            model_name="customfield",
            constraint=models.CheckConstraint(
                condition=Q(("required", False), ("asked", True), _connector="OR"),
                name="custom_field_needed_is_asked",
            ),
        ),
        migrations.RemoveIndex(model_name="membership", name="membership_listed_by_name"),
        migrations.RemoveIndex(model_name="membership", name="membership_listed_city"),
        migrations.RemoveIndex(model_name="membership", name="membership_listed_interests"),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(
                condition=LISTED,
                fields=["community", "sort_key", "number"],
                name="membership_listed_by_name",
            ),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(
                F("community"),
                django.db.models.functions.text.Upper("city"),
                F("sort_key"),
                F("number"),
                condition=LISTED,
                name="membership_listed_city",
            ),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=LISTED, fields=["interests"], name="membership_listed_interests"
            ),
        ),
    ]
