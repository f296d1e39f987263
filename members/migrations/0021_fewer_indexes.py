from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Relations with which another index begins lose their own."""

    dependencies = [
        ("members", "0020_letters_by_address"),
    ]

    operations = [
        migrations.AlterField(
            model_name="membership",
            name="community",
            field=models.ForeignKey(
                db_index=False,
                on_delete=models.deletion.CASCADE,
                related_name="memberships",
                to="communities.community",
            ),
        ),
        migrations.RemoveConstraint(model_name="membership", name="membership_person_once"),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(fields=("user", "community"), name="membership_person_once"),
        ),
        migrations.AlterField(
            model_name="membership",
            name="user",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=models.deletion.SET_NULL,
                related_name="memberships",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RemoveIndex(model_name="membership", name="membership_merged"),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(
                condition=models.Q(("merged_into__isnull", False)),
                fields=["merged_into"],
                name="membership_merged",
            ),
        ),
        migrations.AlterField(
            model_name="membership",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=models.deletion.RESTRICT,
                related_name="merged_records",
                to="members.membership",
            ),
        ),
        migrations.AlterField(
            model_name="membershipchange",
            name="membership",
            field=models.ForeignKey(
                db_index=False,
                on_delete=models.deletion.CASCADE,
                related_name="changes",
                to="members.membership",
            ),
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="community",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=models.deletion.PROTECT,
                related_name="audit_entries",
                to="communities.community",
            ),
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="actor",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RemoveIndex(model_name="membership", name="membership_by_status"),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(
                condition=models.Q(("merged_into__isnull", True)),
                fields=["community", "status"],
                include=["id", "number", "role", "tier", "invited_by"],
                name="membership_by_status",
            ),
        ),
    ]
