"""The suite: embedded mode on the private servers that `tests/services.py` starts, with cheap passwords."""

import os

from crowdecon.settings.dev import *  # noqa: F403
from crowdecon.settings.dev import CELERY_BROKER_TRANSPORT_OPTIONS, DATA_DIR

# Real hashing is tested where it matters; everywhere else it would be most of the suite's time.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
# Of each process its own, in the folder that ends with the run.
SCRATCH_DIR = DATA_DIR / f"files-{os.getpid()}"
MEDIA_ROOT = SCRATCH_DIR / "media"
MAILBOX_DIR = SCRATCH_DIR / "mailbox"
DEMO_LOGINS_FILE = SCRATCH_DIR / "demo-logins.json"
# Every test's client builds the middleware anew: files are looked for when one is asked for, not all of them each time.
WHITENOISE_AUTOREFRESH = True

CELERY_BROKER_TRANSPORT_OPTIONS = CELERY_BROKER_TRANSPORT_OPTIONS | {"visibility_timeout": 5}
