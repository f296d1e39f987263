from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("communities", "0005_applications"),
    ]

    operations = [
        migrations.AddField(
            model_name="community",
            name="members_invite",
            field=models.BooleanField(default=True, verbose_name="members may invite"),
        ),
    ]
