"""Configuration from TICKETING_* variables, validated once at start with a message that names the variable."""

import os
import secrets
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent
PREFIX = "TICKETING_"
KNOWN = {
    "DATA_DIR", "DATABASE_URL", "SECRET_KEY", "MAX_UPLOAD_MB", "TRUSTED_HOSTS", "SECURE_COOKIES", "PROXY_HOPS",
    "SESSION_HOURS", "NAME",
}  # fmt: skip
# Read by gunicorn.conf.py, the tests and `flask init`, not by the application.
KNOWN_ELSEWHERE = {
    "BIND", "WORKERS", "THREADS", "ADMIN_EMAIL", "ADMIN_PASSWORD", "ADMIN_NAME", "CHROMIUM", "REQUIRE_BROWSER",
    "PICTURES",
}  # fmt: skip


class ConfigurationError(SystemExit):
    """A variable holds what it may not hold. Printed as it is; the process ends with code 1."""


def load(environ: Mapping[str, str]) -> dict:
    """The application's configuration. Raises ConfigurationError."""
    given = {name[len(PREFIX) :]: value.strip() for name, value in environ.items() if name.startswith(PREFIX)}
    unknown = sorted(given.keys() - KNOWN - KNOWN_ELSEWHERE)
    if unknown:
        _fail(PREFIX + unknown[0], f"is not a setting; known are {', '.join(PREFIX + k for k in sorted(KNOWN))}")
    data_dir = _directory(given.get("DATA_DIR") or str(ROOT / "instance"))
    database = _database(given.get("DATABASE_URL") or f"sqlite:///{data_dir / 'ticketing.db'}")
    secure = _switch(given, "SECURE_COOKIES", default=False)
    return {
        "NAME": given.get("NAME") or "Ticketing",
        "DATA_DIR": data_dir,
        "SQLALCHEMY_DATABASE_URI": database,
        "SQLALCHEMY_ENGINE_OPTIONS": {"pool_pre_ping": not database.startswith("sqlite")},
        "SECRET_KEY": _secret_key(given, data_dir),
        "MAX_UPLOAD": _number(given, "MAX_UPLOAD_MB", 25, 1, 1024) * 1024 * 1024,
        "TRUSTED_HOSTS": [host.strip() for host in given.get("TRUSTED_HOSTS", "").split(",") if host.strip()] or None,
        "PROXY_HOPS": _number(given, "PROXY_HOPS", 0, 0, 5),
        "SESSION_COOKIE_NAME": "ticketing",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": secure,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=_number(given, "SESSION_HOURS", 12, 1, 24 * 30)),
        "SESSION_REFRESH_EACH_REQUEST": False,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a form left open over lunch still saves
        "MAX_CONTENT_LENGTH": 4 * 1024 * 1024,  # views that take files raise it for themselves
        "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
    }


def _fail(name: str, what: str) -> None:
    raise ConfigurationError(f"Configuration: {name} {what}.")


def _directory(text: str) -> Path:
    path = Path(text).expanduser()
    path = path if path.is_absolute() else Path.cwd() / path
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        _fail("TICKETING_DATA_DIR", f"= {text}: {error.strerror}")
    if not os.access(path, os.W_OK):
        _fail("TICKETING_DATA_DIR", f"= {text} is not writable")
    return path


def _database(url: str) -> str:
    for old in ("postgres://", "postgresql://"):
        if url.startswith(old):
            url = "postgresql+psycopg://" + url[len(old) :]
    if url.startswith(("sqlite:///", "postgresql+psycopg://")):
        return url
    _fail("TICKETING_DATABASE_URL", "must begin with sqlite:/// or postgresql://")


def _secret_key(given: Mapping[str, str], data_dir: Path) -> str:
    if "SECRET_KEY" in given:
        if len(given["SECRET_KEY"]) < 16:
            _fail("TICKETING_SECRET_KEY", "must be at least 16 characters long")
        return given["SECRET_KEY"]
    path = data_dir / "secret_key"
    try:
        # Written under another name and linked: of two processes that start together one wins, whole.
        fresh = data_dir / f".secret_key.{os.getpid()}.{secrets.token_hex(4)}"
        if not path.exists():
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_hex(32))
            try:
                os.link(fresh, path)
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        key = path.read_text().strip()
    except OSError as error:
        _fail("TICKETING_DATA_DIR", f"= {data_dir}: the secret key cannot be kept there ({error.strerror})")
    if len(key) < 16:
        _fail("TICKETING_DATA_DIR", f"= {data_dir}: the file secret_key is too short; remove it to get a new one")
    return key


def _number(given: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = given.get(name) or str(default)
    if not text.isdigit() or not low <= int(text) <= high:
        _fail(PREFIX + name, f"= {text} must be a whole number from {low} to {high}")
    return int(text)


def _switch(given: Mapping[str, str], name: str, default: bool) -> bool:
    text = (given.get(name) or ("1" if default else "0")).lower()
    if text not in ("0", "1", "true", "false", "yes", "no"):
        _fail(PREFIX + name, f"= {text} must be 1 or 0")
    return text in ("1", "true", "yes")
