"""All settings of TPS, read from the environment; every variable is described in `.env.example`.

Values are those of production unless `DEBUG=1`.
"""

import os
import sys
from pathlib import Path

import environ
from botocore.config import Config as S3Config
from csp.constants import NONE, SELF

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
if (BASE_DIR / ".env").is_file():
    env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
VAR_DIR = Path(env.str("TPS_VAR", default=str(BASE_DIR / "var")))


def _required(explanations: dict[str, str]) -> None:
    """End the process with one clear line for each of these variables that is missing."""
    missing = [
        f"TPS ne peut pas démarrer : la variable {name} manque ({why})."
        for name, why in explanations.items()
        if not env.str(name, default="").strip()
    ]
    if missing:
        sys.exit("\n".join(missing))


def _embed_missing_servers() -> None:
    """Start private servers; the environment is filled in so that child processes join them."""
    from tps import embedded  # noqa: PLC0415 -- production has none of it

    try:
        if not env.str("DATABASE_URL", default=""):
            os.environ["DATABASE_URL"] = embedded.ensure_postgres(
                VAR_DIR / "postgres", durable=env.bool("TPS_DURABLE", default=True)
            )
        if not env.str("REDIS_URL", default=""):
            os.environ["REDIS_URL"] = embedded.ensure_redis(VAR_DIR / "redis")
    except embedded.EmbeddedServerError as error:
        sys.exit(str(error))


if DEBUG:
    SECRET_KEY = env.str("SECRET_KEY", default="clef-de-developpement-sans-valeur-" + "0" * 32)
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "testserver"])
    _embed_missing_servers()
else:
    _required(
        {
            "SECRET_KEY": "une longue chaîne aléatoire, gardée secrète",
            "ALLOWED_HOSTS": "les noms du site, séparés par des virgules",
            "DATABASE_URL": "postgres://utilisateur:mot-de-passe@serveur:5432/base",
            "REDIS_URL": "redis://serveur:6379/0",
        }
    )
    SECRET_KEY = env.str("SECRET_KEY")
    if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5:
        sys.exit(
            "TPS ne peut pas démarrer : SECRET_KEY est trop faible "
            "(il faut au moins 50 caractères tirés au hasard)."
        )
    ALLOWED_HOSTS = [host.strip() for host in env.list("ALLOWED_HOSTS") if host.strip()]
DATABASES = {"default": env.db_url("DATABASE_URL")}
REDIS_URL = env.str("REDIS_URL")
SITE_URL = env.str(
    "SITE_URL",
    default=f"http://127.0.0.1:{env.int('PORT', default=8000)}"
    if DEBUG
    else f"https://{ALLOWED_HOSTS[0]}",
).rstrip("/")

# --- Applications -----------------------------------------------------------------------------

INSTALLED_APPS = [
    "accounts",
    "commun",
    "courriels",
    "entreprise_api",
    "procedures",
    "dossiers",
    "instruction",
    "tps",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "anymail",
    "crispy_forms",
    "csp",
    "django_fsm",
    "django_htmx",
    "dsfr",
    "widget_tweaks",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "tps.middleware.HardeningMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
if env.bool("TPS_BENCH", default=False):  # `manage.py bench` alone sets it
    MIDDLEWARE.insert(0, "tps.bench.middleware.QueryCountMiddleware")
ROOT_URLCONF = "tps.urls"
WSGI_APPLICATION = "tps.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tps.context_processors.site",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Database, cache, tasks -------------------------------------------------------------------

DATABASES["default"]["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
CACHES = {
    "default": {
        "BACKEND": "tps.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "tps",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "courriels.tasks.*": {"queue": "courriels"},
    "entreprise_api.tasks.*": {"queue": "entreprise"},
    "instruction.tasks.export_*": {"queue": "exports"},
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 1800,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}
CELERY_TIMEZONE = "Europe/Paris"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "fichiers-sweep": {"task": "dossiers.tasks.sweep_fichiers", "schedule": 30.0},
    "televersements-sweep": {"task": "dossiers.tasks.erase_abandoned_uploads", "schedule": 600.0},
    "courriels-sweep": {"task": "courriels.tasks.sweep_courriels", "schedule": 30.0},
    "mises-a-niveau-sweep": {"task": "dossiers.tasks.sweep_mises_a_niveau", "schedule": 60.0},
    "reroutages-sweep": {"task": "dossiers.tasks.sweep_reroutages", "schedule": 60.0},
    "attestations-sweep": {"task": "dossiers.tasks.sweep_attestations", "schedule": 60.0},
    "procedures-close": {"task": "procedures.tasks.close_due_procedures", "schedule": 60.0},
    "dossiers-passages": {"task": "dossiers.tasks.start_due_passages", "schedule": 60.0},
    "dossiers-rappels": {"task": "dossiers.tasks.remind_of_closings", "schedule": 60.0},
    "avis-rappels": {"task": "instruction.tasks.remind_of_avis", "schedule": 3600.0},
    "brouillons-expire": {"task": "dossiers.tasks.expire_brouillons", "schedule": 3600.0},
    "compteurs-fold": {"task": "dossiers.tasks.fold_compteurs", "schedule": 60.0},
    "echeances-follow": {"task": "dossiers.tasks.follow_echeances", "schedule": 600.0},
    "conservation-apply": {"task": "dossiers.tasks.apply_conservation", "schedule": 3600.0},
    "corbeille-purge": {"task": "dossiers.tasks.purge_corbeille", "schedule": 3600.0},
    "delais-refresh": {"task": "dossiers.tasks.refresh_delais", "schedule": 6 * 3600.0},
    "syntheses-send": {"task": "instruction.tasks.send_due_syntheses", "schedule": 300.0},
    "essais-sweep": {"task": "dossiers.tasks.erase_old_tests", "schedule": 3600.0},
    "entreprise-sweep": {"task": "entreprise_api.tasks.sweep_etablissements", "schedule": 60.0},
}

# --- Accounts ---------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
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
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "account_home"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "signup": "accounts.forms.SignupForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "add_email": "accounts.forms.AddEmailForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
    "set_password": "accounts.forms.SetPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_CHANGE_EMAIL = True  # one address at a time, replaced once the new one is verified
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Behind a proxy the rate limits must not take everyone for the proxy.
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0
RATELIMIT_IP_META_KEY = "commun.limits.client_address"
# For one account or network address; many people may share an address. Empty: no limit.
PUBLIC_PAGES_RATE = env.str("PUBLIC_PAGES_RATE", default="600/m")
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http" if DEBUG else "https"
SOCIALACCOUNT_ADAPTER = "accounts.adapter.SocialAdapter"
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
MFA_ADAPTER = "accounts.adapter.MfaAdapter"
MFA_FORMS = {
    "authenticate": "accounts.mfa_forms.AuthenticateForm",
    "reauthenticate": "accounts.mfa_forms.ReauthenticateForm",
    "activate_totp": "accounts.mfa_forms.ActivateTOTPForm",
    "add_webauthn": "accounts.mfa_forms.AddWebAuthnForm",
    "edit_webauthn": "accounts.mfa_forms.EditWebAuthnForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG

# --- FranceConnect and ProConnect ---------------------------------------------------------------

# Off unless the address, identifier and secret of the provider are given.
OIDC_ALGORITHMS = ("ES256", "RS256", "HS256")


def _oidc_app(provider: str, url: str, client_id: str, secret: str, **options) -> dict:
    """Return what django-allauth needs of a provider, nothing when it is off."""
    url, client_id, secret = url.strip().rstrip("/"), client_id.strip(), secret.strip()
    if not (url or client_id or secret):
        return {}
    name = provider.upper()
    if not (url and client_id and secret):
        sys.exit(
            f"TPS ne peut pas démarrer : {name}_URL, {name}_CLIENT_ID et {name}_CLIENT_SECRET se "
            "donnent ensemble, ou aucune des trois."
        )
    if not (DEBUG or url.startswith("https://")):
        sys.exit(f"TPS ne peut pas démarrer : {name}_URL doit commencer par https://.")
    app = {"provider_id": provider, "client_id": client_id, "secret": secret}
    app["settings"] = {"server_url": url, **options}
    return {provider: {"APPS": [app]}}


PROCONNECT_ALGORITHM = env.str("PROCONNECT_ALGORITHM", default="RS256")
if PROCONNECT_ALGORITHM not in OIDC_ALGORITHMS:
    sys.exit(
        "TPS ne peut pas démarrer : PROCONNECT_ALGORITHM doit être l’un de "
        f"{', '.join(OIDC_ALGORITHMS)}."
    )
FRANCECONNECT_OPTIONS = {
    "scope": ["openid", "given_name", "family_name", "birthdate", "gender", "email"],
    "acr_values": ["eidas1"],
    "algorithms": ["ES256", "RS256"],
}
PROCONNECT_OPTIONS = {
    "scope": ["openid", "given_name", "usual_name", "email", "uid", "siret", "idp_id"],
    "algorithms": [PROCONNECT_ALGORITHM],
    # Those behind ProConnect that can ask for a second factor; by default the one it runs.
    "mfa_idp_ids": env.list(
        "PROCONNECT_MFA_IDP_IDS", default=["71144ab3-ee1a-4401-b7b3-79b44f7daeeb"]
    ),
}
SOCIALACCOUNT_PROVIDERS = _oidc_app(
    "franceconnect",
    env.str("FRANCECONNECT_URL", default=""),
    env.str("FRANCECONNECT_CLIENT_ID", default=""),
    env.str("FRANCECONNECT_CLIENT_SECRET", default=""),
    **FRANCECONNECT_OPTIONS,
) | _oidc_app(
    "proconnect",
    env.str("PROCONNECT_URL", default=""),
    env.str("PROCONNECT_CLIENT_ID", default=""),
    env.str("PROCONNECT_CLIENT_SECRET", default=""),
    **PROCONNECT_OPTIONS,
)

# --- Emails -----------------------------------------------------------------------------------

# Emails of TPS go through the outbox (`courriels`), which sends them with this backend.
EMAIL_BACKEND = env.str(
    "EMAIL_BACKEND",
    default="courriels.demo.InboxBackend"
    if DEBUG
    else "django.core.mail.backends.smtp.EmailBackend",
)
if env.str("EMAIL_URL", default=""):
    vars().update(env.email_url("EMAIL_URL"))
ANYMAIL = {
    name.removeprefix("ANYMAIL_"): value
    for name, value in os.environ.items()
    if name.startswith("ANYMAIL_")
}
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="TPS <ne-pas-repondre@tps.localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
DEMO = env.bool("DEMO", default=DEBUG)
if DEBUG and DEMO:
    MIDDLEWARE.append("tps.demo.not_found.NotFoundMiddleware")

# --- API Entreprise ---------------------------------------------------------------------------

# In the demo the simulator, served by this very site, plays API Entreprise.
API_ENTREPRISE_URL = env.str(
    "API_ENTREPRISE_URL",
    default=f"{SITE_URL}/demo/api-entreprise" if DEMO else "https://entreprise.api.gouv.fr",
).rstrip("/")
API_ENTREPRISE_TOKEN = env.str(
    "API_ENTREPRISE_TOKEN", default="jeton-de-demonstration" if DEMO else ""
)
# SIRET of the body that runs this install: `recipient` of the calls without a better one.
API_ENTREPRISE_RECIPIENT = env.str("API_ENTREPRISE_RECIPIENT", default="13002526500013")
API_ENTREPRISE_INTERACTIVE_TIMEOUT_SECONDS = 2
API_ENTREPRISE_TASK_TIMEOUT_SECONDS = 12

# --- Places -----------------------------------------------------------------------------------

# In the demo a simulator, served by this very site, plays both services.
BAN_URL = env.str(
    "BAN_URL", default=f"{SITE_URL}/demo/ban" if DEMO else "https://api-adresse.data.gouv.fr"
).rstrip("/")
GEO_API_URL = env.str(
    "GEO_API_URL", default=f"{SITE_URL}/demo/geo-api" if DEMO else "https://geo.api.gouv.fr"
).rstrip("/")
GEOGRAPHIE_TIMEOUT_SECONDS = 2

# --- Files ------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(VAR_DIR / "media"))
# With a bucket, files go to an S3-compatible service rather than to MEDIA_ROOT.
S3_BUCKET = env.str("S3_BUCKET", default="")
_S3_STORAGE = {
    "BACKEND": "commun.storage.PrivateS3Storage",
    "OPTIONS": {
        "bucket_name": S3_BUCKET,
        "endpoint_url": env.str("S3_ENDPOINT_URL", default="") or None,
        "region_name": env.str("S3_REGION", default="") or None,
        "access_key": env.str("S3_ACCESS_KEY", default="") or None,
        "secret_key": env.str("S3_SECRET_KEY", default="") or None,
        "location": env.str("S3_PREFIX", default=""),
        "default_acl": None,  # the bucket's own: private; many services refuse any other
        "querystring_auth": True,
        "file_overwrite": False,
        # Larger files wait on the disk while they are read, not in memory.
        "max_memory_size": 2 * 1024 * 1024,
        "client_config": S3Config(
            s3={"addressing_style": env.str("S3_ADDRESSING_STYLE", default="auto")},
            signature_version="s3v4",
            connect_timeout=5,
            read_timeout=30,
            retries={"total_max_attempts": 3},
            # Not every compatible service knows the newer checksums.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    },
}
STORAGES = {
    "default": _S3_STORAGE
    if S3_BUCKET
    else {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# From the finders, without `collectstatic`, also in tests, which turn settings.DEBUG off.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = DEBUG
FILE_UPLOAD_PERMISSIONS = 0o640
PIECE_JOINTE_MAX_BYTES = env.int("PIECE_JOINTE_MAX_BYTES", default=50 * 1024 * 1024)
# All the files of one request: as many as a question takes, each as large as it may be.
UPLOAD_MAX_BYTES = 10 * PIECE_JOINTE_MAX_BYTES
# Files that come piece by piece: one piece, and what a person may have on its way at once.
TELEVERSEMENT_CHUNK_BYTES = 1024 * 1024
TELEVERSEMENT_MAX_BYTES = env.int("TELEVERSEMENT_MAX_BYTES", default=UPLOAD_MAX_BYTES)
TELEVERSEMENT_MAX_COUNT = 30
TELEVERSEMENT_KEPT_HOURS = 24
TELEVERSEMENT_CREATE_RATE = "120/m"
TELEVERSEMENT_CHUNK_RATE = "1200/m"
# The antivirus: `tcp://host:3310` or `unix:///run/clamav/clamd.ctl`. Empty: files are not scanned.
CLAMD_URL = env.str("CLAMD_URL", default="").strip()
CLAMD_SCAN_TIMEOUT_SECONDS = 120
CLAMD_PING_TIMEOUT_SECONDS = 1
FILE_UPLOAD_HANDLERS = [
    "commun.uploads.BoundedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# --- Dossiers ---------------------------------------------------------------------------------

# How long a brouillon that nobody touches is kept; its usager is warned 30 and 7 days before.
BROUILLON_LIFETIME_DAYS = env.int("BROUILLON_LIFETIME_DAYS", default=180)
if BROUILLON_LIFETIME_DAYS <= 30:
    sys.exit("TPS ne peut pas démarrer : BROUILLON_LIFETIME_DAYS doit dépasser 30 jours.")

# --- Language ---------------------------------------------------------------------------------

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français")]
TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = False

# --- Look -------------------------------------------------------------------------------------

CRISPY_ALLOWED_TEMPLATE_PACKS = ["crispy_dsfr"]
CRISPY_TEMPLATE_PACK = "crispy_dsfr"
DSFR_USE_INTEGRITY_CHECKSUMS = False

# --- Security ---------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = not DEBUG and env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REDIRECT_EXEMPT = [r"^etat/$"]
SECURE_HSTS_SECONDS = 0 if DEBUG else 31536000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not DEBUG
SECURE_HSTS_PRELOAD = not DEBUG
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = not DEBUG
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_SECURE = not DEBUG
CSRF_FAILURE_VIEW = "tps.views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {
        "secrets": {"()": "tps.logs.SecretsFilter"},
        "static": {"()": "tps.logs.StaticFilter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["secrets"],
        }
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"handlers": [], "propagate": True},  # else each line comes twice
        "django.server": {"handlers": [], "propagate": True, "filters": ["static"]},
        "weasyprint": {"level": "ERROR"},  # its warnings quote what people typed
        "fontTools": {"level": "WARNING"},
    },
}
