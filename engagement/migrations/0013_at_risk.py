from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("engagement", "0012_spends"),
    ]

    operations = [
        migrations.AddField(
            model_name="memberstanding",
            name="days_before",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="active days of the 56 before"),
        ),
        migrations.AddField(
            model_name="memberstanding",
            name="at_risk",
            field=models.CharField(
                blank=True,
                choices=[("yes", "Fading"), ("no", "Steady")],
                default="",
                max_length=3,
                verbose_name="at risk",
            ),
        ),
        migrations.AddIndex(
            model_name="memberstanding",
            index=models.Index(fields=["community_id", "at_risk"], name="standing_by_risk"),
        ),
    ]
