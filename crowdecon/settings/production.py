"""A server on the internet: everything is given by the environment, HTTPS is assumed, nothing of embedded mode exists."""

from django.core.exceptions import ImproperlyConfigured

from crowdecon.settings.base import *  # noqa: F403
from crowdecon.settings.base import BROKER_DB, CACHE_DB, cache, database
from crowdecon.settings.env import env

for name in ("EMBEDDED", "DEBUG", "DEMO"):
    if env.flag(name, default=False):
        raise ImproperlyConfigured(
            f"{name} is a thing of embedded mode: production settings do not start with it."
        )

SITE_IS_TRIAL = env.flag("SITE_IS_TRIAL", default=False)
SANDBOX_URL = env.text("SANDBOX_URL", "")
if SANDBOX_URL and not SITE_IS_TRIAL:
    raise ImproperlyConfigured("SANDBOX_URL is for trials: set SITE_IS_TRIAL=yes, or leave it out.")

SECRET_KEY = env.secret("SECRET_KEY", shortest=50)
MONEY_KEYS = env.words("MONEY_KEYS")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")
if "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the site's own host names, not '*'.")
# Where letters say the site is: workers know of no request that would tell.
SITE_ADDRESS = f"https://{env.text('SITE_HOST', ALLOWED_HOSTS[0].lstrip('.'))}"

DATABASES = {"default": database()}
CACHES = {"default": cache(env.redis("REDIS_URL", number=CACHE_DB))}
CELERY_BROKER_URL = env.redis("REDIS_URL", number=BROKER_DB)

# The proxy in front ends TLS and sets this header on every request, replacing what a client sent.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"
# How many proxies stand before us: the client's address is read that far from the right, so no header can forge it.
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 1)

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_TIMEOUT = 20
globals().update(env.email("EMAIL_URL"))
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
