import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0017_who_may_be_merged")]

    operations = [
        migrations.CreateModel(
            name="LetterName",
            fields=[
                ("name", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="privacypolicy",
            name="letters",
            field=models.PositiveSmallIntegerField(
                blank=True,
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(3650),
                ],
                verbose_name="days for letters in the log",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["community", "state", "-created_at", "-id"], name="message_by_state"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("finished_at__isnull", False)),
                fields=["community", "finished_at"],
                name="message_finished",
            ),
        ),
    ]
