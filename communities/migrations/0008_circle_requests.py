import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("communities", "0007_circle_minimum_tier"),
        ("members", "0011_erased_members"),
    ]

    operations = [
        migrations.CreateModel(
            name="CircleRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Asked"),
                            ("approved", "Let in"),
                            ("declined", "Declined"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=500, verbose_name="a few words")),
                ("asked_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_words", models.CharField(blank=True, max_length=120)),
                ("reason", models.CharField(blank=True, max_length=240)),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="requests",
                        to="communities.circle",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="members.membership",
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="circle_requests",
                        to="members.membership",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["circle", "state", "asked_at", "id"], name="circle_request_queue")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("circle", "membership"),
                        name="circle_request_one_open",
                    )
                ],
            },
        ),
    ]
