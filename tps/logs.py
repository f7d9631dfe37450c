"""What a log may hold: no link that opens an account, nothing that somebody searched for."""

import logging
import re

from gunicorn.glogging import Logger

_SECRETS = re.compile(
    r"(/compte/(?:invitation|confirm-email|password/reset/key|franceconnect/compte/lien)/"
    r"|/dossiers/invitations/|/essai/)"
    r"[^/\s?\"]+"
)
_ANSWERS = re.compile(r"(/compte/(?:france|pro)connect/(?:retour|deconnexion)/\?)[^\s\"]+")


def without_secrets(text: str) -> str:
    """Return `text` without what opens an account: links of our emails, answers of providers."""
    return _ANSWERS.sub(r"\1…", _SECRETS.sub(r"\1…", text))


class SecretsFilter(logging.Filter):
    """Clean what is logged; refuses nothing."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                without_secrets(arg) if isinstance(arg, str) else arg for arg in record.args
            )
        if isinstance(record.msg, str):
            record.msg = without_secrets(record.msg)
        return True


class StaticFilter(logging.Filter):
    """Leave out the files that the development server gave, unless they failed."""

    def filter(self, record: logging.LogRecord) -> bool:
        line, status = (*(record.args if isinstance(record.args, tuple) else ()), "", "")[:2]
        is_static = str(line).startswith(("GET /static/", "HEAD /static/"))
        return not (is_static and str(status) < "400")


class AccessLogger(Logger):
    """gunicorn's, which writes an address as it came, so on one line, and not its query."""

    def atoms(self, resp, req, environ, request_time):
        path = without_secrets(environ["RAW_URI"].partition("?")[0])
        return super().atoms(resp, req, environ, request_time) | {"U": path}
