"""Embedded mode: the whole platform on one machine, on the loopback address, for one person. `make run` uses it."""

from crowdecon.embedded import sandbox, services
from crowdecon.settings.base import *  # noqa: F403
from crowdecon.settings.base import BROKER_DB, CACHE_DB, DATA_DIR, STORAGES, cache, database
from crowdecon.settings.env import env

EMBEDDED = True
SITE_IS_TRIAL = True
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
SANDBOX_URL = env.text("SANDBOX_URL", sandbox.address(DATA_DIR))
# Where letters say the site is: workers know of no request that would tell.
SITE_ADDRESS = f"http://127.0.0.1:{env.text('PORT', '8000')}"

# Where the addresses are not given, those of the running embedded services are taken (none running: nothing answers).
services.offer(DATA_DIR)

SECRET_KEY = env.text("SECRET_KEY")
MONEY_KEYS = env.words("MONEY_KEYS")
DATABASES = {"default": database()}
CACHES = {"default": cache(env.redis("REDIS_URL", number=CACHE_DB))}
CELERY_BROKER_URL = env.redis("REDIS_URL", number=BROKER_DB)

STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
# Nothing is collected here: files are served from where they lie.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

EMAIL_BACKEND = "crowdecon.mailbox.backend.FileBox"
MAILBOX_DIR = DATA_DIR / "mailbox"
DEMO_LOGINS_FILE = DATA_DIR / "demo-logins.json"

# Passkeys need HTTPS or localhost; on one's own machine plain http://localhost must do.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
