"""Every knob of the site, each an environment variable with a safe default.

`.env.example` explains the variables. Without any of them the site runs on one machine, on
SQLite, closed: no debug pages, only local host names, secure cookies.
"""

import datetime
from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.management.utils import get_random_secret_key
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
if env.bool("READ_DOT_ENV", default=True):
    env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)

#: Everything the site writes lives here: database, media, originals, the generated secret.
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)


def _generated_secret() -> str:
    """A secret made once per installation, so that none is ever in the repository.

    Several processes may start at once: the file is created exclusively, and whoever comes
    second reads what the first wrote.
    """
    path = VAR_DIR / "secret_key"
    if not path.exists():
        draft = path.with_name(f"secret_key.{get_random_secret_key()[:8].encode().hex()}")
        draft.touch(mode=0o600)
        draft.write_text(get_random_secret_key() + get_random_secret_key(), encoding="ascii")
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii")


SECRET_KEY = env.str("SECRET_KEY", default="") or _generated_secret()
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

#: The public address of the site, without a final slash: canonical links, feeds, sitemaps.
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "imagine_site.home",
    "imagine_site.sample",
    "news",
    "labs",
    "people",
    "imagine_site.pages",
    "imagine_site.publishing",
    "imagine_site.mentions",
    "imagine_site.search",
    "imagine_site.register",
    "imagine_site.images",
    "imagine_site.files",
    "imagine_site.editing",
    "imagine_site.accounts",
    "imagine_site.components",
    "imagine_site.machines",
    "imagine_site.pagecache",
    "django_prose_editor",
    "simple_history",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "imagine_site.editing.middleware.AdminPolicyMiddleware",
    # Before whatever may answer by itself, so that a redirect carries the header too.
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "imagine_site.accounts.middleware.SignedInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
    # Last: it sees a 404 before anything else answers it with a guess of its own.
    "imagine_site.pages.redirects.RedirectMiddleware",
]

ROOT_URLCONF = "imagine_site.urls"
WSGI_APPLICATION = "imagine_site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "imagine_site.pages.context_processors.site",
            ],
        },
    },
]

# -- Database ---------------------------------------------------------------------------------

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'site.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE takes the write lock when a transaction begins: with the deferred default, two of
    # three concurrent writers die with "database is locked" (a read cannot be upgraded).
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,  # seconds
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# To open SQLite anew for each request costs as much as all the queries of an article three times.
DATABASES["default"].setdefault("CONN_MAX_AGE", env.int("DATABASE_CONN_MAX_AGE", default=60))
if env.str("DATABASE_REPLICA_URL", default=""):
    # A copy that PostgreSQL keeps by streaming replication: public pages are made from it.
    DATABASES["replica"] = {
        **env.db("DATABASE_REPLICA_URL"),
        "CONN_MAX_AGE": env.int("DATABASE_CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
        # Seconds and milliseconds: a replica that is gone is noticed before a visitor notices.
        "OPTIONS": {"connect_timeout": 2, "tcp_user_timeout": 2_000},
        "TEST": {"MIRROR": "default"},
    }
    DATABASE_ROUTERS = ["imagine_site.machines.reading.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- Search -----------------------------------------------------------------------------------

#: https://user:password@host:9200/name-of-the-index; empty: the database is the index.
OPENSEARCH_URL = env.str("OPENSEARCH_URL", default="")

# -- Cache and sessions -----------------------------------------------------------------------

# Sessions stay in the database (Django's default), whose loss stops the admin anyway: a Redis that
# is emptied or killed ends nobody's session, and one that is ended ends on every machine at once.
REDIS_URL = env.str("REDIS_URL", default="")
CACHES = {
    "default": {
        "BACKEND": "imagine_site.machines.cache.RedisOrMemory",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},  # seconds
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

#: Finished pages that each process keeps, in a file without a name; 0: every page is made for each
#: visitor.
PAGE_CACHE_BYTES = env.int("PAGE_CACHE_MB", default=128) * 1_000_000

# -- Files ------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = env.str("MEDIA_URL", default="/media/")
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(VAR_DIR / "media")))
ORIGINALS_ROOT = Path(env.str("ORIGINALS_ROOT", default=str(VAR_DIR / "originals")))

#: Renditions are public; the pictures as uploaded are not, and have no address at all.
S3_BUCKET = env.str("S3_BUCKET", default="")
S3_ORIGINALS_BUCKET = env.str("S3_ORIGINALS_BUCKET", default="")
_s3 = {
    "endpoint_url": env.str("S3_ENDPOINT_URL", default="") or None,
    "region_name": env.str("S3_REGION", default="") or None,
    "access_key": env.str("S3_ACCESS_KEY", default="") or None,
    "secret_key": env.str("S3_SECRET_KEY", default="") or None,
    "file_overwrite": True,
}


def _files(bucket: str, root: Path, *, public: bool) -> dict:
    if bucket:
        more = {"querystring_auth": not public, "default_acl": None}
        if public:
            more["object_parameters"] = {"CacheControl": "public, max-age=31536000, immutable"}
        return {
            "BACKEND": "imagine_site.machines.store.Store",
            "OPTIONS": {"bucket_name": bucket, **_s3, **more},
        }
    options = {"location": str(root)}
    if public:
        options["base_url"] = MEDIA_URL
    return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}


STORAGES = {
    "default": _files(S3_BUCKET, MEDIA_ROOT, public=True),
    "originals": _files(S3_ORIGINALS_BUCKET, ORIGINALS_ROOT, public=False),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "imagine_site.components.stylesheet.StaticFiles",
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = False
WHITENOISE_USE_FINDERS = DEBUG
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
#: Processors for the renditions that are made after an upload was answered; 0: it waits for all.
RENDITION_THREADS = env.int("RENDITION_THREADS", default=1)
#: The largest file of the file library, in millions of bytes.
FILES_MAX_MB = env.int("FILES_MAX_MB", default=50)

# -- Languages and time -----------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "imagine_site" / "locale"]
FORMAT_MODULE_PATH = ["imagine_site.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Paris"

# -- Accounts ---------------------------------------------------------------------------------

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 4 * 3600  # seconds
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # first: it refuses, and never lets in
    "allauth.account.auth_backends.AuthenticationBackend",
]

#: Whether everybody in the admin needs an authenticator app or a passkey beside the password.
REQUIRE_SECOND_FACTOR = env.bool("REQUIRE_SECOND_FACTOR", default=not DEBUG)
#: For how many days it is kept who signed in, or failed to, from where.
ACCESS_LOG_DAYS = env.int("ACCESS_LOG_DAYS", default=365)

ACCOUNT_ADAPTER = "imagine_site.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]  # nobody signs up; the default warns
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_FORMS = {
    "login": "imagine_site.accounts.forms.SignInForm",
    "reauthenticate": "imagine_site.accounts.forms.ConfirmPasswordForm",
}
# Failures are counted by axes, in the database; these are counted by each process for itself.
ACCOUNT_RATE_LIMITS = {"login_failed": None}
MFA_ADAPTER = "imagine_site.accounts.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Institut Imagine"
MFA_TOTP_TOLERANCE = 1  # a step of 30 s either way: clocks of telephones differ (RFC 6238 §5.2)
MFA_FORMS = {
    "authenticate": "imagine_site.accounts.forms.CodeForm",
    "reauthenticate": "imagine_site.accounts.forms.ConfirmCodeForm",
    "activate_totp": "imagine_site.accounts.forms.EnrolAppForm",
    "add_webauthn": "imagine_site.accounts.forms.AddPasskeyForm",
}

AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = datetime.timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = "imagine_site.accounts.lockout.counters"
AXES_USERNAME_CALLABLE = "imagine_site.accounts.lockout.counted_name"
AXES_CLIENT_IP_CALLABLE = "imagine_site.accounts.visitors.client_address"
AXES_LOCKOUT_CALLABLE = "imagine_site.accounts.lockout.answer"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_SENSITIVE_PARAMETERS = ["login", "password", "code", "credential", "csrfmiddlewaretoken"]
# The journal of the accounts is ours.
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# -- The newsroom -------------------------------------------------------------------------------

#: Whether those who may publish need a colleague to approve what they sent for review themselves.
REVIEW_BY_ANOTHER = env.bool("REVIEW_BY_ANOTHER", default=False)

# -- Safety -----------------------------------------------------------------------------------

#: On unless the site is served without TLS on one's own machine (`make demo` turns it off).
HTTPS = env.bool("HTTPS", default=True)
SECURE_SSL_REDIRECT = HTTPS and env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=63_072_000) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS and env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=True)
SECURE_HSTS_PRELOAD = HTTPS and env.bool("SECURE_HSTS_PRELOAD", default=True)
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
#: How many proxies of ours append to X-Forwarded-For what they heard.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=1 if BEHIND_PROXY else 0)
if BEHIND_PROXY:
    # Only where a proxy sets this header on every request: a visitor could send it otherwise.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
if HTTPS:
    # The prefix makes a browser refuse a cookie planted by a sister domain (RFC 6265bis §4.1.3).
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
SESSION_COOKIE_AGE = 14 * 24 * 3600
# Browsers take a passkey without TLS from one's own machine only.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS

#: Whom to tell of a weakness (`/.well-known/security.txt`), and until when that holds.
SECURITY_CONTACT = env.list("SECURITY_CONTACT", default=[])
SECURITY_EXPIRES = env.str("SECURITY_EXPIRES", default="")
SECURITY_POLICY = env.str("SECURITY_POLICY", default="")

_media_origin = "/".join(MEDIA_URL.split("/")[:3]) if MEDIA_URL.startswith("https://") else None
_pictures = [SELF, *([_media_origin] if _media_origin else [])]
#: Public pages: own files only and no nonce, so that a finished page can be kept and served again.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": _pictures,
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
#: The admin: scripts by nonce (the editor's import map is inline); styles from files only, as the
#: editor sets what changes by script. The picture library previews a chosen file from a data or
#: blob address.
ADMIN_CONTENT_SECURITY_POLICY = {
    "script-src": [SELF, NONCE],
    "style-src": [SELF],
    "img-src": [*_pictures, "data:", "blob:"],
}

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
globals().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="site@localhost")
ADMINS = [("", address) for address in env.list("ADMINS", default=[])]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
SIMPLE_HISTORY_HISTORY_ID_USE_UUID = False
SILENCED_SYSTEM_CHECKS: list[str] = []
