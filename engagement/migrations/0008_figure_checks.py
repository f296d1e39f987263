from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("engagement", "0007_well_being_and_week_acts")]

    operations = [
        migrations.AddField("figurerequest", "beat_at", models.DateTimeField(null=True)),
        migrations.AddField("figurerequest", "tries", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("figurerequest", "generation", models.BigIntegerField(null=True)),
        migrations.CreateModel(
            name="FigureCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("community_id", models.IntegerField()),
                ("key", models.CharField(max_length=60)),
                ("as_of", models.DateField()),
                ("asked", models.CharField(max_length=240)),
                ("given", models.JSONField()),
                ("asked_by", models.IntegerField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting for a worker"),
                            ("running", "Being counted"),
                            ("failed", "Failed"),
                            ("equal", "Equal"),
                            ("different", "Different"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("progress", models.FloatField(default=0, verbose_name="progress")),
                ("requested_at", models.DateTimeField()),
                ("beat_at", models.DateTimeField(null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("took_ms", models.PositiveIntegerField(null=True)),
                ("differences", models.JSONField(default=list)),
                ("differing", models.PositiveIntegerField(default=0)),
                (
                    "cause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("rollups", "The stored days are not what the facts come to."),
                            ("since", "What else it reads has changed since it was computed."),
                            ("busy", "Facts of these days went on arriving meanwhile."),
                        ],
                        max_length=10,
                    ),
                ),
                ("mending", models.BigIntegerField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["community_id", "key", "asked", "-id"], name="check_by_figure")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(("state__in", ["waiting", "running"])),
                        fields=("community_id", "key", "as_of", "asked"),
                        name="figure_checked_by_one",
                    )
                ],
            },
        ),
    ]
