"""What holds everywhere. What differs between a laptop, the tests and a server is in the files beside this one."""

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from redis.backoff import NoBackoff
from redis.retry import Retry

from crowdecon.settings.env import env

ROOT = Path(__file__).resolve().parents[2]
DATA_DIR = env.folder("CROWDECON_DATA", ROOT / ".data")

# True only where the whole platform runs on one machine for one person (`make run`): loopback, file mailbox, demo.
EMBEDDED = False
DEBUG = False
# Whether no real money is meant to move here. Only then is there the payment rail for trials, and where its peer is.
SITE_IS_TRIAL = False
SANDBOX_URL = ""
# What communities' keys of payment providers are sealed with: Fernet keys, the first seals and all of them open.
MONEY_KEYS: list[str] = []

# Our own floors, in the order of the line: registrations in `AppConfig.ready()` run down this list.
LINE = ["members", "communities", "gatherings", "commerce", "engagement", "crowdecon"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.admin",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "csp",
    *LINE,
]

MIDDLEWARE = [
    "kernel.methods.HeadWithoutBody",
    "kernel.proxies.ClientAddress",
    "kernel.uploads.ReadOut",
    "crowdecon.health.HealthMiddleware",
    "kernel.api.middleware.ProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "kernel.device.DevicePolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "kernel.utf8.Utf8Middleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "members.middleware.LanguageMiddleware",
    "members.middleware.SeenMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "communities.middleware.TenancyMiddleware",
    "engagement.middleware.PresenceMiddleware",
    "kernel.methods.MethodPage",
    "kernel.uploads.UploadLimit",
]

# Proxies of ours between the client and us; none on one's own machine.
TRUSTED_PROXIES = 0

ROOT_URLCONF = "crowdecon.urls"
WSGI_APPLICATION = "crowdecon.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            # The pieces every page is made of: no page loads them by name, so templates still point left only.
            "builtins": [
                "crowdecon.templatetags.look",
                "crowdecon.templatetags.charts",
                "crowdecon.templatetags.words",
            ],
        },
    }
]

FORM_RENDERER = "crowdecon.forms.Renderer"

# Database, cache and broker. The web's and the workers' role owns no table; migrations use DATABASE_OWNER_URL (manage.py).
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASE_CONN_MAX_AGE = env.number("DATABASE_CONN_MAX_AGE", 60)


def database(name: str = "DATABASE_URL") -> dict[str, Any]:
    """The default database: connections are kept for a minute, because making one costs more than most pages."""
    return env.database(name) | {"CONN_MAX_AGE": DATABASE_CONN_MAX_AGE, "CONN_HEALTH_CHECKS": True}


def cache(location: str) -> dict[str, Any]:
    return {
        "BACKEND": "kernel.cache.ForgivingCache",
        "LOCATION": location,
        "KEY_PREFIX": "crowdecon",
        # A page does not wait for a cache: it goes on without.
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2, "retry": Retry(NoBackoff(), 1)},
    }


# One server, two numbered databases, so that emptying the cache never touches a queued task.
BROKER_DB, CACHE_DB = 0, 1

SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True

# Who may found communities: any signed-in person (open), any but with the site's approval (approved), or the site's
# staff alone (staff).
SITE_FOUNDING = env.choice("SITE_FOUNDING", "open", ("open", "approved", "staff"))

# People
AUTH_USER_MODEL = "members.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "members.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "members.forms.accounts.SignIn",
    "signup": "members.forms.accounts.SignUp",
    "confirm_email_verification_code": "members.forms.accounts.ConfirmAddress",
    "add_email": "members.forms.accounts.ChangeAddress",
    "change_password": "members.forms.accounts.ChangePassword",
    "set_password": "members.forms.accounts.SetPassword",
    "reset_password": "members.forms.accounts.ForgotPassword",
    "reset_password_from_key": "members.forms.accounts.NewPassword",
    "reauthenticate": "members.forms.accounts.ConfirmPassword",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
# By a code typed into the open page: `next` survives, and it works when the mail is read on another device.
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
# Never offered: it could only be offered where the account is new, which would tell that it is.
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE = False
ACCOUNT_EMAIL_CONFIRMATION_AUTHENTICATED_REDIRECT_URL = "/me/"
# The same answer and one e-mail sent whether or not an address has an account.
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGOUT_ON_GET = False
# A new password ends every other session (their hash no longer fits); the one it was changed in goes on.
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
# How often, per address or per account; allauth answers 429 beyond these.
ACCOUNT_RATE_LIMITS = {
    "change_password": "5/m/user",
    "change_email": "5/m/user,20/d/user",
    "manage_email": "10/m/user",
    "reset_password": "20/m/ip,5/h/key",
    "reset_password_from_key": "20/m/ip",
    "reauthenticate": "10/m/user,50/h/user",
    "signup": "20/m/ip",
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key,30/d/key",
    "confirm_email": "1/10s/key,10/h/key",
}
USERSESSIONS_TRACK_ACTIVITY = True
MFA_ADAPTER = "members.adapter.SecondStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Crowdecon"
# One step of 30 seconds either way, for clocks that are a little off.
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "members.forms.second_step.EnterCode",
    "reauthenticate": "members.forms.second_step.ConfirmByCode",
    "activate_totp": "members.forms.second_step.ConnectApp",
    "add_webauthn": "members.forms.second_step.AddPasskey",
    "edit_webauthn": "members.forms.second_step.RenamePasskey",
}

# Words and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [ROOT / app / "locale" for app in reversed(LINE)] + [ROOT / "kernel" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Files
STATIC_URL = "static/"
STATICFILES_DIRS = [ROOT / "crowdecon" / "static"]
STATIC_ROOT: Path | None = env.folder("STATIC_ROOT", ROOT / ".cache" / "static")
MEDIA_ROOT = DATA_DIR / "media"
MEDIA_URL = "media/"
FILE_UPLOAD_PERMISSIONS = 0o640
# The letters of documents, in slices as they were fetched, and where they are kept unpacked (see `kernel.letters`).
FONTS_DIR = ROOT / "crowdecon" / "fonts" / "vendor"
LETTERS_DIR = DATA_DIR / "letters"
# The outlines of land, as they were fetched (see `kernel.outlines`).
MAPS_DIR = ROOT / "crowdecon" / "maps" / "vendor"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Files that no address leads to: uploads while they are imported.
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "private", "file_permissions_mode": 0o600},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# What a request may hold before anything reads it. Uploads of imports stream to disk and have their own limit.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
IMPORT_UPLOAD_MAX_BYTES = env.number("IMPORT_UPLOAD_MAX_MB", 512, lowest=1) * 1024 * 1024
#: What members may leave with what they write, in bytes: one of them, and all of a community.
FILES_OF_A_MEMBER = env.number("FILES_OF_A_MEMBER_MB", 500, lowest=1) * 1024 * 1024
FILES_OF_A_COMMUNITY = env.number("FILES_OF_A_COMMUNITY_MB", 20 * 1024, lowest=1) * 1024 * 1024

# The browser's rules
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        # `data:` is for the QR code of a second factor.
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-src": [NONE],
        "frame-ancestors": [NONE],
    }
}

# API: the kernel's base says how everything answers; keys are known by communities.
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "communities.api.authentication.KeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["kernel.api.parsers.StrictJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "kernel.api.renderers.AlwaysJSON",
    "DEFAULT_SCHEMA_CLASS": "kernel.api.schema.OperationSchema",
    "EXCEPTION_HANDLER": "kernel.api.problems.answer",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Crowdecon",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "DEFAULT_GENERATOR_CLASS": "kernel.api.schema.EnglishGenerator",
    "POSTPROCESSING_HOOKS": ["kernel.api.schema.finish"],
    "SORT_OPERATION_PARAMETERS": False,
    "COMPONENT_SPLIT_PATCH": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}
# Requests a window of seconds, for one key, person or (anonymous) address; None for no limit.
API_RATE_LIMITS: dict[str, tuple[int, int] | None] = {
    "default": (env.number("API_RATE_PER_MINUTE", 600, lowest=1), 60),
    "bulk": (env.number("API_BULK_RATE_PER_MINUTE", 120, lowest=1), 60),
    # On pages as well: what is looked for in all that is written costs more than a list.
    "search": (120, 60),
    "anonymous": (60, 60),
}

# Workers. A task is acknowledged when it is done and taken one at a time, so a killed worker loses none.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
# What a task found stands in its rows; nobody waits for an answer, so there is no result backend that could hang.
CELERY_TASK_IGNORE_RESULT = True
# A task of a killed worker is delivered again after this many seconds: longer than the longest task may take.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    # Workers ask for work every second, so an answer never takes long: a broker that hangs holds no page for long.
    "socket_timeout": 4,
    "socket_connect_timeout": 3,
    "retry_on_timeout": False,
    # One attempt for whoever hands over work; workers themselves go on trying (below).
    "max_retries": 0,
}
CELERY_BROKER_CONNECTION_RETRY = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_TIME_LIMIT = 3000
CELERY_TASK_SOFT_TIME_LIMIT = 2700
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat" / "schedule")

DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Crowdecon <no-reply@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Letters that a community may send in a day, those that must reach left out: few while it is young.
MAIL_YOUNG_DAYS = env.number("MAIL_YOUNG_DAYS", 14)
MAIL_PER_DAY_YOUNG = env.number("MAIL_PER_DAY_YOUNG", 200)
MAIL_PER_DAY = env.number("MAIL_PER_DAY", 20_000)
# Days that letters stay in a log where a community has not decided otherwise, and accounts without a proven address.
MAIL_KEPT_DAYS = env.number("MAIL_KEPT_DAYS", 365)
UNCONFIRMED_KEPT_DAYS = env.number("UNCONFIRMED_KEPT_DAYS", 30)

# Addresses and methods are logged; bodies, headers, cookies and keys never are.
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname:<7} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "INFO").upper()},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        "celery.app.trace": {"level": "INFO"},
        # It tells of each letter that it takes into a document.
        "fontTools": {"level": "WARNING"},
    },
}
