"""The suite: embedded mode on the private servers that `tests/services.py` starts, with cheap passwords."""

import tempfile
from pathlib import Path

from crowdecon.settings.dev import *  # noqa: F403
from crowdecon.settings.dev import CELERY_BROKER_TRANSPORT_OPTIONS

# Real hashing is tested where it matters; everywhere else it would be most of the suite's time.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
SCRATCH_DIR = Path(tempfile.mkdtemp(prefix="crowdecon-test-files-"))
MEDIA_ROOT = SCRATCH_DIR / "media"
MAILBOX_DIR = SCRATCH_DIR / "mailbox"
DEMO_LOGINS_FILE = SCRATCH_DIR / "demo-logins.json"
WHITENOISE_AUTOREFRESH = False

CELERY_BROKER_TRANSPORT_OPTIONS = CELERY_BROKER_TRANSPORT_OPTIONS | {"visibility_timeout": 5}
