import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("communities", "0007_circle_minimum_tier"),
        ("members", "0009_desk"),
    ]

    operations = [
        migrations.CreateModel(
            name="MemberCard",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=32, unique=True)),
                ("issued_at", models.DateTimeField()),
            ],
        ),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(
                condition=models.Q(
                    ("listed", True), ("status__in", ["active", "paused", "restricted", "suspended", "trial"])
                ),
                fields=["community", "sort_key", "number"],
                name="membership_listed_by_name",
            ),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(
                models.F("community"),
                django.db.models.functions.text.Upper("city"),
                models.F("sort_key"),
                models.F("number"),
                condition=models.Q(
                    ("listed", True), ("status__in", ["active", "paused", "restricted", "suspended", "trial"])
                ),
                name="membership_listed_city",
            ),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(
                    ("listed", True), ("status__in", ["active", "paused", "restricted", "suspended", "trial"])
                ),
                fields=["interests"],
                name="membership_listed_interests",
            ),
        ),
        migrations.AddField(
            model_name="membercard",
            name="membership",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="card", to="members.membership"
            ),
        ),
    ]
