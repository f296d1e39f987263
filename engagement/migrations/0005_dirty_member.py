from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("engagement", "0004_brief")]

    operations = [
        migrations.AddField(model_name="dirtyday", name="member", field=models.IntegerField(null=True)),
    ]
