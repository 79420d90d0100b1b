"""What templates may call: asset addresses, times in the viewer's zone, and the words for codes.

Everything a card uses is a dictionary lookup or one piece of arithmetic, because a board
calls it hundreds of times. Instants come in as aware UTC datetimes and are only formatted here.
"""

import hashlib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache
from gettext import NullTranslations
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g, has_request_context, redirect, request, url_for
from flask_login import current_user
from markupsafe import Markup

from ticketing.clock import now
from ticketing.web.labels import DAYS, LABELS, MONTHS
from ticketing.web.respond import kept_toasts

UTC = ZoneInfo("UTC")
TRANSLATIONS = NullTranslations()


def register(app: Flask) -> None:
    env = app.jinja_env
    env.add_extension("jinja2.ext.i18n")
    env.install_gettext_translations(TRANSLATIONS, newstyle=True)
    env.globals.update(gettext=_marked, _=_marked)  # the extension's own looks its context up at every call
    env.trim_blocks = env.lstrip_blocks = True
    env.globals.update(drawn_once=drawn_once, address=address, asset=asset, now=moment)
    env.globals.update(labels=LABELS, kept_toasts=kept_toasts)
    words = (label, initials, hue, file_size, ticket_url)
    times = (clock_time, day, day_time, full_time, iso, ago, age, seconds_since, duration)
    for function in words + times:
        env.filters[function.__name__] = function
    app.add_url_rule("/assets/<version>/<path:filename>", "assets", _send_asset)


# Assets


def asset(filename: str) -> str:
    """The address of a static file under the version of the whole folder, so that it may be cached for good.

    The version is a part of the path: what a style sheet or a module names relative to itself carries it too.
    """
    version, names = _assets(current_app.static_folder, _stamp())
    if filename not in names:
        raise LookupError(f"no static file {filename}")
    root = request.script_root if has_request_context() else ""
    return f"{root}/assets/{version}/{filename}"


def _send_asset(version: str, filename: str):
    """An older or newer version, asked for while servers are being replaced, is sent on to what may change."""
    if version != _assets(current_app.static_folder, _stamp())[0]:
        return redirect(url_for("static", filename=filename))
    return current_app.send_static_file(filename)


def _stamp() -> int:
    """Looked at again on each request only while somebody is working on the files."""
    if not current_app.debug:
        return 0
    return max(path.stat().st_mtime_ns for path in Path(current_app.static_folder).rglob("*"))


@lru_cache(maxsize=8)
def _assets(folder: str, _changed: int) -> tuple[str, frozenset[str]]:
    """A hash over all static files, and their names."""
    root = Path(folder)
    files = sorted(path for path in root.rglob("*") if path.is_file())
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:8], frozenset(path.relative_to(root).as_posix() for path in files)


def ticket_url(key: str) -> str:
    """The page of a ticket. The route is asked once per request: a board has two hundred of these."""
    if "ticket_prefix" not in g:
        g.ticket_prefix = url_for("tickets.show", key="T-0").removesuffix("T-0")
    return g.ticket_prefix + key


def kept(function: Callable, most: int) -> Callable:
    """The function, with its last answers remembered for as long as this application lives, and no longer."""
    functions = current_app.extensions.setdefault("kept", {})
    if function not in functions:
        functions[function] = lru_cache(maxsize=most)(function)
    return functions[function]


def address(endpoint: str, **values: str | int | None) -> str:
    """url_for, remembered: a page asks for the same few dozen addresses each time."""
    return kept(_address, 4096)(request.script_root, endpoint, tuple(values.items()))


def _address(_root: str, endpoint: str, values: tuple) -> str:
    return url_for(endpoint, **dict(values))


def drawn_once(template: str, *facts: object) -> Markup:
    """A part of the frame that depends on nothing but these facts (and the address the product lives at)."""
    return kept(_drawn, 512)(template, request.script_root, facts)


def _drawn(template: str, _root: str, _facts: tuple) -> Markup:
    template = current_app.jinja_env.get_template(template)
    return Markup(template.render(current_user=current_user, request=request))


# Words


def label(code: str | None, kind: str) -> str:
    """The words for a code of this kind; a code nobody named is shown as it is, never as an error."""
    if code is None:
        return ""
    return LABELS[kind].get(code) or str(code).replace("_", " ").capitalize()


def hue(number: int) -> int:
    """One of the eight colours of avatars, always the same for the same person."""
    return number % 8 + 1


@lru_cache(maxsize=4096)
def initials(name: str) -> str:
    """Two letters for an avatar: of the first and the last word."""
    words = [word for word in name.split() if word[0].isalnum()] or [name.strip() or "?"]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else words[0][1:2])).upper()


def file_size(size: int) -> str:
    """Bytes as people read them: 940 B, 12 kB, 3.4 MB."""
    if size < 1000:
        return f"{size} B"
    value, unit = size / 1000, "kB"
    for unit in ("kB", "MB", "GB"):
        if value < 999.5 or unit == "GB":
            break
        value /= 1000
    return f"{value:.1f} {unit}" if unit != "kB" and value < 10 else f"{value:.0f} {unit}"


# Times


def moment() -> datetime:
    """The instant this request speaks of: read once, so that two ages on one page agree."""
    if "moment" not in g:
        g.moment = now()
    return g.moment


def local(at: datetime) -> datetime:
    """This instant on the viewer's wall clock."""
    if "viewer_zone" not in g:
        g.viewer_zone = _zone(getattr(current_user, "time_zone", None))
    return at.astimezone(g.viewer_zone)


@lru_cache(maxsize=256)
def _zone(name: str | None) -> ZoneInfo:
    """A zone that is unknown to this machine reads as UTC rather than breaking the page."""
    try:
        return ZoneInfo(name) if name else UTC
    except (KeyError, OSError, ValueError):  # not found, unreadable, not a name
        return UTC


def clock_time(at: datetime) -> str:
    """14:02"""
    at = local(at)
    return f"{at.hour:02}:{at.minute:02}"


def day(at: datetime) -> str:
    """Tue 3 Mar, with the year when it is another one."""
    return _day(local(at), _today())


def day_time(at: datetime) -> str:
    """14:02 for today, else Tue 3 Mar, 14:02. A list calls it a hundred times: each instant is turned once."""
    at, today = local(at), _today()
    clock = f"{at.hour:02}:{at.minute:02}"
    return clock if at.date() == today else f"{_day(at, today)}, {clock}"


def _today() -> date:
    if "today" not in g:
        g.today = local(moment()).date()
    return g.today


def _day(at: datetime, today: date) -> str:
    text = f"{DAYS[at.weekday()]} {at.day} {MONTHS[at.month - 1]}"
    return text if at.year == today.year else f"{text} {at.year}"


def full_time(at: datetime) -> str:
    """Tue 3 Mar 2026, 14:02:09 CET: everything, for a tooltip."""
    at = local(at)
    return f"{DAYS[at.weekday()]} {at.day} {MONTHS[at.month - 1]} {at.year}, {at:%H:%M:%S} {at.tzname()}"


def iso(at: datetime) -> str:
    """2026-03-03T13:02:09Z, for the datetime attribute."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def ago(at: datetime) -> str:
    """just now, 4 min ago, 3 h ago, 5 d ago, and the date after a month."""
    seconds = (moment() - at).total_seconds()
    if seconds < 60:
        return _("just now")
    if seconds >= timedelta(days=30).total_seconds():
        return day(at)
    return _("%(age)s ago", age=_long(seconds))


def age(value: datetime | int | float) -> str:
    """How long since an instant, or a length in seconds, in its largest unit: 42m, 5h, 3d."""
    seconds = int((moment() - value).total_seconds() if isinstance(value, datetime) else value)
    if seconds < 60:
        return "<1m"
    for length, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= length:
            return f"{seconds // length}{unit}"
    return ""


def seconds_since(at: datetime) -> int:
    return int((moment() - at).total_seconds())


def duration(seconds: int | float) -> str:
    """A length of working time: 42m, 5h 02m, 117h 00m. Never days, because a working day has no fixed length."""
    minutes = int(abs(seconds)) // 60
    if minutes == 0:
        return "<1m" if seconds else "0m"
    return f"{minutes}m" if minutes < 60 else f"{minutes // 60}h {minutes % 60:02}m"


def _long(seconds: float) -> str:
    for length, text in ((86400, "%(n)d d"), (3600, "%(n)d h")):
        if seconds >= length:
            return _(text, n=seconds // length)
    return _("%(n)d min", n=seconds // 60)


@lru_cache(maxsize=4096)
def _translated(text: str, filled: bool) -> Markup:
    """What translators write is markup, the values that go in are escaped; without values %% is a percent sign."""
    found = Markup(TRANSLATIONS.gettext(text))
    return found if filled else found % ()


def _marked(text: str, **values: object) -> Markup:
    return _translated(text, True) % values if values else _translated(text, False)


def gettext(text: str, **values: object) -> str:
    """A text for people, translated, with its values."""
    return TRANSLATIONS.gettext(text) % values


def number(count: int) -> str:
    """12 345: a thin space between thousands."""
    return f"{count:,}".replace(",", "\u202f")


def ngettext(one: str, many: str, count: int) -> str:
    """The one or the other, translated, with the count as `num`."""
    return TRANSLATIONS.ngettext(one, many, count) % {"num": count}


_ = gettext
