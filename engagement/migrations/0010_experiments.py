import uuid

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

# What was fixed at the start stays, whatever code does: the size, the words, and how the arms are drawn. What is over
# stays over, and an assignment keeps its place, its arm and its instant.
FORWARD = """
CREATE FUNCTION engagement_experiment_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.started_at IS NOT NULL AND (
        (NEW.community_id, NEW.subject, NEW.base, NEW.least, NEW.size, NEW.seed, NEW.a, NEW.b, NEW.started_at)
        IS DISTINCT FROM
        (OLD.community_id, OLD.subject, OLD.base, OLD.least, OLD.size, OLD.seed, OLD.a, OLD.b, OLD.started_at)
    ) THEN
        RAISE EXCEPTION 'an experiment stays as it was started' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state IN ('ended', 'stopped') AND (NEW.state, NEW.result) IS DISTINCT FROM (OLD.state, OLD.result) THEN
        RAISE EXCEPTION 'an experiment that is over stays over' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION engagement_assignment_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.experiment_id, NEW.place, NEW.arm, NEW.at) IS DISTINCT FROM
        (OLD.experiment_id, OLD.place, OLD.arm, OLD.at) THEN
        RAISE EXCEPTION 'who is assigned stays where they are' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER experiment_is_fixed BEFORE UPDATE ON engagement_experiment
    FOR EACH ROW EXECUTE FUNCTION engagement_experiment_is_fixed();
CREATE TRIGGER assignment_is_fixed BEFORE UPDATE ON engagement_assignment
    FOR EACH ROW EXECUTE FUNCTION engagement_assignment_is_fixed();
"""

BACK = """
DROP TRIGGER assignment_is_fixed ON engagement_assignment;
DROP TRIGGER experiment_is_fixed ON engagement_experiment;
DROP FUNCTION engagement_assignment_is_fixed();
DROP FUNCTION engagement_experiment_is_fixed();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("engagement", "0009_facts_of_inviting"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Experiment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("community_id", models.IntegerField()),
                ("subject", models.CharField(max_length=40, verbose_name="what is tried")),
                ("title", models.CharField(max_length=120, verbose_name="what it is about")),
                ("base", models.FloatField(verbose_name="share of today")),
                ("least", models.FloatField(verbose_name="smallest difference worth noticing")),
                ("size", models.PositiveIntegerField(verbose_name="people in each arm")),
                ("seed", models.BigIntegerField()),
                ("a", models.JSONField(default=list)),
                ("b", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("running", "Running"),
                            ("stopped", "Stopped early"),
                            ("ended", "Ended"),
                        ],
                        default="planned",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("assigned", models.PositiveIntegerField(default=0)),
                ("planned_at", models.DateTimeField(verbose_name="planned")),
                ("started_at", models.DateTimeField(null=True, verbose_name="started")),
                ("full_at", models.DateTimeField(null=True)),
                ("matures_at", models.DateTimeField(null=True)),
                ("over_at", models.DateTimeField(null=True, verbose_name="ended")),
                ("result", models.JSONField(null=True)),
                ("taken", models.CharField(blank=True, max_length=1, verbose_name="taken for good")),
                ("taken_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["community_id", "-planned_at", "-id"], name="experiment_by_time"),
                    models.Index(
                        condition=models.Q(("state", "running")),
                        fields=["matures_at"],
                        name="experiment_by_maturity",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "running")),
                        fields=("community_id", "subject"),
                        name="experiment_one_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "assigned__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.Value(2), "*", models.F("size")
                                ),
                            )
                        ),
                        name="experiment_within_its_size",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("result__isnull", False), ("state", "ended")),
                            models.Q(models.Q(("state", "ended"), _negated=True), ("result__isnull", True)),
                            _connector="OR",
                        ),
                        name="experiment_result_at_its_end",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("place", models.PositiveIntegerField()),
                ("arm", models.CharField(max_length=1)),
                ("member", models.IntegerField(null=True)),
                ("at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "experiment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignments",
                        to="engagement.experiment",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("experiment", "place"), name="assignment_place_once"),
                    models.UniqueConstraint(
                        fields=("experiment", "member"), name="assignment_of_a_member_once"
                    ),
                    models.UniqueConstraint(
                        fields=("experiment", "user"), name="assignment_of_a_person_once"
                    ),
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACK),
    ]
