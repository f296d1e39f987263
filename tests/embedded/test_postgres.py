"""The embedded server's own folder."""

from crowdecon.embedded import postgres


def test_a_cluster_of_an_earlier_version_gets_the_settings_of_this_one(tmp_path):
    settings = tmp_path / "postgresql.auto.conf"
    settings.write_text("shared_buffers = '128MB'\n")
    postgres.configure(tmp_path)
    assert settings.read_text() == postgres.CONFIGURATION
