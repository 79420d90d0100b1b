"""Which hand-offs of another page's users are good: what a token must say, and what nobody becomes by one.

A token is read elsewhere (jobs/hand_off.py); its signature is proved before anything here is asked.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from ticketing.rules.taxonomy import Role

ALGORITHMS = ("HS256", "RS256", "ES256", "EdDSA")
TOKEN_MAX = 8192  # characters
LIFETIME_S = 300  # from iat to exp
LEEWAY_S = 30  # by which two clocks may differ
VIEWS = ("board", "queue", "mine", "report")
THEMES = ("light", "dark")
_REQUIRED = ("iss", "aud", "sub", "email", "name", "role", "iat", "exp", "jti")
_TEXTS = {"iss": 200, "sub": 120, "email": 254, "name": 120, "role": 24, "jti": 200}
_MORE_TEXTS = {"team": 80, "view": 40, "theme": 10, "lang": 35}
_RANKS = {Role.REPORTER: 0, Role.SUPPORT_MANAGER: 2, Role.ADMINISTRATOR: 3}
_ENGINEER = 1
_VIEW = re.compile(r"[Tt]-[0-9]{1,10}")
_LANG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_HOSTS_HERE = ("localhost", "127.0.0.1", "[::1]")


class HandOffRefused(Exception):
    """`reason` is for the administrators' log alone: whoever sent the token is told nothing of it."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Claims:
    """What a good token says. `view` is one of VIEWS or a ticket's key; empty texts where it says nothing."""

    sub: str
    email: str
    name: str
    role: Role
    jti: str
    expires_s: int
    team: str = ""
    view: str = ""
    theme: str = ""
    lang: str = ""


def read_claims(given: dict, *, issuer: str, audience: str, now_s: int) -> Claims:
    """Raises HandOffRefused."""
    for name in _REQUIRED:
        if name not in given:
            raise HandOffRefused(f"no_{name}")
    texts = {name: _text(given[name], name, most) for name, most in _TEXTS.items()}
    more = {name: _text(given[name], name, most) for name, most in _MORE_TEXTS.items() if given.get(name) is not None}
    if texts["iss"] != issuer:
        raise HandOffRefused("iss")
    _check_audience(given["aud"], audience)
    expires_s = _check_times(given, now_s)
    if texts["role"] not in set(Role):
        raise HandOffRefused("role")
    for name, allowed in (("view", _is_view), ("theme", THEMES.__contains__), ("lang", _LANG.fullmatch)):
        if name in more and not allowed(more[name]):
            raise HandOffRefused(name)
    return Claims(texts["sub"], texts["email"], texts["name"], Role(texts["role"]), texts["jti"], expires_s, **more)


def _text(value: object, name: str, most: int) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > most or not value.isprintable():
        raise HandOffRefused(name)
    return value.strip()


def _check_audience(value: object, audience: str) -> None:
    several = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) for one in several) or audience not in several:
        raise HandOffRefused("aud")


def _check_times(given: dict, now_s: int) -> int:
    times = {}
    for name in ("iat", "exp", "nbf"):
        value = given.get(name)
        if value is None and name == "nbf":
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 2**40:
            raise HandOffRefused(name)
        times[name] = int(value)
    if times["exp"] - times["iat"] > LIFETIME_S or times["exp"] <= times["iat"]:
        raise HandOffRefused("lifetime")
    if times["exp"] + LEEWAY_S <= now_s:
        raise HandOffRefused("expired")
    if max(times["iat"], times.get("nbf", 0)) > now_s + LEEWAY_S:
        raise HandOffRefused("early")
    return times["exp"]


def _is_view(text: str) -> bool:
    return text in VIEWS or _VIEW.fullmatch(text) is not None


def rank(role: Role) -> int:
    return _RANKS.get(role, _ENGINEER)


def within(role: Role, ceiling: Role) -> Role:
    """The role that a token may give: its own, or the ceiling where that is lower."""
    return role if rank(role) <= rank(ceiling) else ceiling


def origin_of(text: str) -> str | None:
    """An origin as browsers write it, of what somebody typed; None where it is none that may frame the desk.

    It is one host by name, over https; http only for this machine itself.
    """
    text = text.strip()
    try:
        url = urlsplit(text)
        host, port = (url.hostname or "").rstrip("."), url.port
        host = f"[{host}]" if ":" in host else host.encode("idna").decode()
    except (ValueError, UnicodeError):
        return None
    plain = host and not (url.username or url.password or url.query or url.fragment) and url.path in ("", "/")
    if not plain or not re.fullmatch(r"[a-z0-9.-]+|\[[0-9a-f:.]+\]", host):
        return None
    if url.scheme != "https" and not (url.scheme == "http" and host in _HOSTS_HERE):
        return None
    usual = {"https": 443, "http": 80}[url.scheme]
    return f"{url.scheme}://{host}" + (f":{port}" if port not in (None, usual) else "")
