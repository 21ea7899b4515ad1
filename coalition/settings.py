"""Settings of the portal. Everything that differs between machines comes from the environment; README.md lists it.

Two ways to run, one file: on its own (`make run` sets DEMONSTRATION=on) and in production, which refuses to start without what
it needs.
"""

from pathlib import Path

from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from coalition import env
from coalition.schedules import Every

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env.folder("DATA_DIR", BASE_DIR / "var")

# A demonstration writes mail to files and loads fictional contacts; it never sends anything to anybody.
DEMONSTRATION = env.flag("DEMONSTRATION")
DEBUG = env.flag("DEBUG")

# -- What production cannot do without -------------------------------------------------------------

MAKE_ONE = "Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"
if DEMONSTRATION:
    SECRET_KEY = env.text("SECRET_KEY", "demonstration-only-not-a-secret")
    ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
    COALITION_EMAIL = env.text("COALITION_EMAIL", "coalition@example.org")
    SITE_URL = env.text("SITE_URL", "http://127.0.0.1:8000")
else:
    SECRET_KEY = env.required("SECRET_KEY", MAKE_ONE)
    if len(SECRET_KEY) < 40:  # noqa: PLR2004
        raise ImproperlyConfigured(f"SECRET_KEY is too short to keep anything secret. {MAKE_ONE}")
    ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")
    if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured("ALLOWED_HOSTS must name the site's host names, with commas between them, and not '*'.")
    COALITION_EMAIL = env.required("COALITION_EMAIL", "It is the Coalition's public mailbox, asked when no contact is known.")
    if ALLOWED_HOSTS[0].startswith(".") and not env.text("SITE_URL"):
        raise ImproperlyConfigured(
            "SITE_URL is not set, and ALLOWED_HOSTS begins with a whole domain: say how the site is reached."
        )
    SITE_URL = env.text("SITE_URL", f"https://{ALLOWED_HOSTS[0]}")
    if DEBUG:
        raise ImproperlyConfigured("DEBUG=on shows the inside of the site to everybody; it needs DEMONSTRATION=on.")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
# Links in mails start with this address, never with the Host header of a request.
SITE_URL = SITE_URL.rstrip("/")
CSRF_TRUSTED_ORIGINS = [SITE_URL]

# -- Applications ----------------------------------------------------------------------------------

INSTALLED_APPS = [
    "coalition.apps.CoalitionAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "django_countries",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "csp",
    "anymail",
    "coalition.mail",
    "initiatives",
    "trainings",
    "interest",
]
MIDDLEWARE = [
    "interest.middleware.guard_mailed_links",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Slow lines. The length of what is compressed is hidden (BREACH), and CSRF tokens are masked anew each time.
    "coalition.compression.CompressionMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    # After the language is known, in which these answer.
    "coalition.middleware.only_utf8",
    "coalition.middleware.no_nul_for_staff",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "interest.middleware.vary_on_shortlist",
]
ROOT_URLCONF = "coalition.urls"
WSGI_APPLICATION = "coalition.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["initiatives.templatetags.wording"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "coalition.context.site",
                "coalition.languages.languages",
                "interest.context.shortlist",
            ],
        },
    },
]

# -- Database and queue -----------------------------------------------------------------------------


def database_url() -> str:
    """DATABASE_URL; a demonstration also takes the address that the embedded cluster of `make run` left in DATA_DIR."""
    if not DEMONSTRATION:
        return env.required("DATABASE_URL", "For example postgresql://user:password@host:5432/name")
    left = DATA_DIR / "database-url"
    url = env.text("DATABASE_URL") or (left.read_text().strip() if left.exists() else "")
    if not url:
        raise ImproperlyConfigured(
            "DATABASE_URL is not set. Start `make run` once, or give postgresql://user:password@host/name."
        )
    return url


DATABASES = {"default": env.database(database_url()) | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}}

REDIS_URL = env.text("REDIS_URL")
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "global_keyprefix": env.text("CELERY_PREFIX", "coalition:"),
        "visibility_timeout": 300,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
        "socket_keepalive": True,
        # A link that takes everything and hands nothing on is noticed after 11 seconds, not 51.
        "health_check_interval": 5,
    }
elif DEMONSTRATION:
    CELERY_BROKER_URL = "filesystem://"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(DATA_DIR / "broker"),
        "data_folder_out": str(DATA_DIR / "broker"),
        "control_folder": str(DATA_DIR / "broker-control"),
        "polling_interval": 0.2,
    }
else:
    raise ImproperlyConfigured("REDIS_URL is not set. Celery needs a Redis: redis://host:6379/0")

CELERY_TASK_DEFAULT_QUEUE = "coalition"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 90
CELERY_TASK_SOFT_TIME_LIMIT = 75
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE = {
    # It does not expire: a worker whose clock is some seconds ahead would throw every tick away.
    "send due mail": {"task": "coalition.mail.tasks.send_due", "schedule": Every(2.0)},
    # May come late or twice: what is due is read from rows.
    "pursue silence": {"task": "interest.tasks.pursue_silence", "schedule": crontab(hour=6, minute=0)},
    # After the silence was pursued, so that it knows what that gave to staff.
    "brief staff": {"task": "interest.tasks.brief_staff", "schedule": crontab(hour=6, minute=30)},
    "forget": {"task": "interest.tasks.forget", "schedule": crontab(hour=2, minute=17)},
    # What was saved lately, and once an hour everything: before each round of digests too, just after the full hour.
    "record changes": {"task": "initiatives.tasks.record_changes", "schedule": Every(60.0)},
    "record all changes": {"task": "initiatives.tasks.record_all_changes", "schedule": crontab(minute=0)},
    # Each subscriber has one a day. Several rounds, so that one that was missed, or too short, is made up for on the same day.
    "send digests": {"task": "interest.tasks.send_digests", "schedule": crontab(hour="5-9", minute="10,25,40,55")},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")

# -- Mail ------------------------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"Global Coalition initiatives <{COALITION_EMAIL}>")
# How long the link with which a point of contact answers works. The page then offers to mail a new one.
ANSWER_LINK_DAYS = env.number("ANSWER_LINK_DAYS", 30, minimum=1)
if DEMONSTRATION:
    EMAIL_BACKEND = "coalition.mail.backends.FolderBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mail"
else:
    EMAIL_BACKEND = "coalition.mail.backends.DeadlineBackend"
    EMAIL_HOST = env.required("EMAIL_HOST", "It is the SMTP server that sends the portal's mail.")
    EMAIL_PORT = env.number("EMAIL_PORT", 587, minimum=1)
    EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
    EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
    EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=True)
    EMAIL_TIMEOUT = 15
# Whose SMTP server that is, if it shall tell /mail/events/ what became of each mail.
EMAIL_PROVIDER = env.choice("EMAIL_PROVIDER", ["brevo", "mailgun"])
ANYMAIL = {}
if EMAIL_PROVIDER:
    WEBHOOK_ADDRESS = "https://events:SECRET@your.site/mail/events/"
    ANYMAIL["WEBHOOK_SECRET"] = env.required("ANYMAIL_WEBHOOK_SECRET", f"It is events:SECRET for {WEBHOOK_ADDRESS}")
    if len(ANYMAIL["WEBHOOK_SECRET"].partition(":")[2]) < 20:  # noqa: PLR2004
        raise ImproperlyConfigured("ANYMAIL_WEBHOOK_SECRET must be events:SECRET, with a SECRET of 20 signs or more.")
if EMAIL_PROVIDER == "mailgun":
    ANYMAIL["MAILGUN_WEBHOOK_SIGNING_KEY"] = env.required("MAILGUN_WEBHOOK_SIGNING_KEY", "Mailgun shows it beside the API keys.")
# However slowly a mail server talks, one mail holds its sender no longer than this.
EMAIL_DIALOGUE_SECONDS = env.number("EMAIL_DIALOGUE_SECONDS", 60, minimum=1)

# -- Silence ---------------------------------------------------------------------------------------

# Working days, Monday to Friday (UTC) without HOLIDAYS, until somebody who is asked should have confirmed that the request
# came, and until they should have answered it; then from each step to the next: reminder, deputy, the Coalition's staff.
ACKNOWLEDGE_WORKING_DAYS = env.number("ACKNOWLEDGE_WORKING_DAYS", 5, minimum=1)
ANSWER_WORKING_DAYS = env.number("ANSWER_WORKING_DAYS", 20, minimum=1)
NEXT_STEP_WORKING_DAYS = env.number("NEXT_STEP_WORKING_DAYS", 5, minimum=1)
HOLIDAYS = frozenset(env.dates("HOLIDAYS"))
# Whether COALITION_EMAIL gets one mail on each working day on which something needs staff.
WORKDAY_MAIL = env.flag("WORKDAY_MAIL", default=True)

# -- Privacy ---------------------------------------------------------------------------------------

# Placeholders until the Coalition's data-protection officer sets them (docs/privacy.md). `manage.py forget` acts on them nightly.
# A form whose address nobody confirmed.
KEEP_UNVERIFIED_DAYS = env.number(
    "KEEP_UNVERIFIED_DAYS", 7, minimum=5, why="The mail with the link may wait for 36 hours, and its link works for 3 days after."
)
# The text of a mail, after it was sent or given up.
KEEP_MAIL_DAYS = env.number("KEEP_MAIL_DAYS", 30, minimum=1)
# A registration after the last thing that anybody did about it (24 months), and what staff did in the admin.
KEEP_REGISTRATION_DAYS = env.number("KEEP_REGISTRATION_DAYS", 730, minimum=31)
# Who did what and when, without content (6 years).
KEEP_AUDIT_DAYS = env.number("KEEP_AUDIT_DAYS", 2192, minimum=31)

# -- Language and time -----------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French")), ("es", _("Spanish")), ("ar", _("Arabic"))]
# Names as ISO writes them, and where it turns them around, as the United Nations do (M49: unstats.un.org/unsd/methodology/m49).
# Places where nobody governs are left out.
COUNTRIES_COMMON_NAMES = False
COUNTRIES_OVERRIDE = dict.fromkeys(["AQ", "BV", "GS", "HM", "TF", "UM"]) | {
    "BS": _("Bahamas"),
    "CD": _("Democratic Republic of the Congo"),
    "HK": _("China, Hong Kong Special Administrative Region"),
    "KP": _("Democratic People's Republic of Korea"),
    "KR": _("Republic of Korea"),
    "MD": _("Republic of Moldova"),
    "MO": _("China, Macao Special Administrative Region"),
    "PS": _("State of Palestine"),
    "TZ": _("United Republic of Tanzania"),
    "VG": _("British Virgin Islands"),
    "VI": _("United States Virgin Islands"),
}
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["coalition.formats"]
USE_I18N = True
USE_THOUSAND_SEPARATOR = True
USE_TZ = True
TIME_ZONE = "UTC"

# -- Static files ----------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.folder("STATIC_ROOT", DATA_DIR / "static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Pages only name the hashed copies; compressing the others too would double the time of the first start.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# -- Security --------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [SELF],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    },
}
SECURE_HTTPS = SITE_URL.startswith("https://")
SECURE_SSL_REDIRECT = SECURE_HTTPS and env.flag("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz(/worker)?$"]
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_HTTPS else 0
# Other sites may live on the same domain; only its owner can promise for them.
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HTTPS and env.flag("HSTS_WHOLE_DOMAIN")
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
BEHIND_TLS_PROXY = env.flag("BEHIND_TLS_PROXY")
if BEHIND_TLS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Whose X-Forwarded-For is believed. A proxy of ours stands in a network that no stranger comes from.
NEAR = "127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7"
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES", NEAR if BEHIND_TLS_PROXY else "")
# How many forms one network (an IPv4 address, an IPv6 /64) and all together may send in an hour. Then the page says: later.
FORMS_PER_NETWORK_HOUR = env.number("FORMS_PER_NETWORK_HOUR", 20, minimum=1)
FORMS_PER_HOUR = env.number("FORMS_PER_HOUR", 300, minimum=1)
# What a proxy or stranger says about the path is not believed: every address that the site makes begins with SITE_URL.
FORCE_SCRIPT_NAME = ""
# Staff read a mail inside a page of the admin; nobody else may frame the site.
X_FRAME_OPTIONS = "SAMEORIGIN"
SILENCED_SYSTEM_CHECKS = ["security.W019"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_HTTPS
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 60 * 60
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# -- API -------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "initiatives.pagination.Pages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Global Coalition initiatives API",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
}

# -- Logs ------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"without tokens": {"()": "interest.logs.WithoutTokens"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without tokens"]}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO").upper()},
    "loggers": {
        "django": {"level": "INFO"},
        "celery.beat": {"level": "WARNING"},
        "celery.worker": {"level": "WARNING"},
        # It tells of every step and of every property of the style sheet that it does not know.
        "weasyprint": {"level": "ERROR"},
        "weasyprint.progress": {"level": "ERROR"},
    },
}
