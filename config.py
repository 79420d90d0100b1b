"""Configuration from TICKETING_* variables, validated once at start with a message that names the variable."""

import os
import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from email.utils import parseaddr
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import available_timezones

ROOT = Path(__file__).resolve().parent
PREFIX = "TICKETING_"
KNOWN = {
    "DATA_DIR", "DATABASE_URL", "SECRET_KEY", "MAX_UPLOAD_MB", "TRUSTED_HOSTS", "SECURE_COOKIES", "PROXY_HOPS",
    "SESSION_HOURS", "IDLE_MINUTES", "AUDIT_DAYS", "NAME", "SMTP_URL", "MAIL_FROM", "BASE_URL", "TIME_ZONE",
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
        "IDLE_MINUTES": _number(given, "IDLE_MINUTES", 240, 5, 60 * 24 * 30),
        "AUDIT_DAYS": _number(given, "AUDIT_DAYS", 400, 1, 36500),
        "SESSION_REFRESH_EACH_REQUEST": False,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a form left open over lunch still saves
        "MAX_CONTENT_LENGTH": 4 * 1024 * 1024,  # views that take files raise it for themselves
        "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
        "MAIL": _mail(given),
        "BASE_URL": _base_url(given.get("BASE_URL", "")),
        "TIME_ZONE": _time_zone(given.get("TIME_ZONE") or "UTC"),
    }


def _time_zone(name: str) -> str:
    if name != "UTC" and name not in available_timezones():  # these are some hundred files to look at
        _fail("TICKETING_TIME_ZONE", f"= {name} is no time zone; one is Europe/Berlin")
    return name


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


_ADDRESS = re.compile(r"[!-?A-~]+@[^@\s,;<>\"]+")
_PORTS = {"none": 25, "starttls": 587, "ssl": 465}


def _mail(given: Mapping[str, str]) -> dict | None:
    """What channels.email.Server takes, None when no mail is to be sent. No message here repeats the URL: it may hold a
    password."""
    if not given.get("SMTP_URL"):
        return None
    url, security, timeout_s = _smtp_url(given["SMTP_URL"])
    name, sender = parseaddr(given.get("MAIL_FROM", ""))
    if not _ADDRESS.fullmatch(sender):
        _fail(
            "TICKETING_MAIL_FROM",
            "must be the address that mails come from, such as Ticketing <desk@example.com>, when TICKETING_SMTP_URL "
            "is set",
        )
    return {
        "host": url.hostname, "port": url.port or _PORTS[security], "security": security, "sender": sender,
        "sender_name": name, "user": unquote(url.username or ""), "password": unquote(url.password or ""),
        "timeout_s": timeout_s,
    }  # fmt: skip


def _smtp_url(text: str) -> tuple:
    name = "TICKETING_SMTP_URL"
    try:
        url = urlsplit(text)
        options = dict(parse_qsl(url.query, keep_blank_values=True, strict_parsing=bool(url.query)))
        right = url.scheme in ("smtp", "smtps") and url.hostname and (url.port is None or url.port > 0)
    except ValueError:
        right = False
    if not right or url.path.strip("/") or url.fragment:
        _fail(name, "must look like smtp://user:password@mail.example.com:587?starttls=1 or smtps://mail.example.com")
    strange = sorted(options.keys() - {"starttls", "timeout"})
    if strange:
        _fail(name, f"has no option {strange[0]}; known are starttls and timeout")
    if options.get("starttls", "0") not in ("0", "1") or (url.scheme == "smtps" and options.get("starttls") == "1"):
        _fail(name, "takes starttls=1 or starttls=0, and smtps:// neither: it is encrypted from the start")
    timeout = options.get("timeout", "20")
    if not (timeout.isascii() and timeout.isdigit() and 1 <= int(timeout) <= 60):
        _fail(name, "takes a timeout from 1 to 60 seconds")
    if bool(url.username) != bool(url.password):
        _fail(name, "must give user and password, or neither")
    security = "ssl" if url.scheme == "smtps" else "starttls" if options.get("starttls") == "1" else "none"
    if url.password and security == "none" and not _is_here(url.hostname):
        _fail(name, "would send the password unencrypted: add ?starttls=1, or use smtps://")
    return url, security, int(timeout)


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _base_url(text: str) -> str:
    """Where people find the desk, for links in mails; empty when unknown. Without a slash at its end."""
    if not text:
        return ""
    try:
        url = urlsplit(text)
        right = url.scheme in ("http", "https") and url.hostname and (url.port is None or url.port > 0)
    except ValueError:
        right = False
    if not right or url.query or url.fragment or url.username or not text.isprintable() or " " in text:
        _fail("TICKETING_BASE_URL", "must look like https://desk.example.com, with a path if the desk lives under one")
    return text.rstrip("/")


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
