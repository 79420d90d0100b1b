"""How a route answers: a page for a browser, partials for htmx, and toasts for both."""

from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from flask import redirect, render_template, request, session
from werkzeug.wrappers import Response

from ticketing.extensions import db, reading

KEPT_TOASTS = 3


@dataclass(slots=True)
class Toast:
    """A short message. `actions` are (label, url, method, fields) buttons; kinds: success info conflict error.

    `say` is what is read out instead of title and text.
    """

    title: str
    text: str = ""
    kind: str = "success"
    actions: list[dict] = field(default_factory=list)
    say: str = ""


def wants_fragment() -> bool:
    """htmx asks for parts, but for the page when it rebuilds one that the Back button left."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-History-Restore-Request") != "true"


def fragment(template: str, *, toast: Toast | None = None, status: int = 200, **context) -> Response:
    """An answer for htmx: the partials of `template`, and a toast beside them."""
    return Response(
        render_template(template, toast=toast, **context), status=status, content_type="text/html; charset=utf-8"
    )


def done(url: str, toast: Toast) -> Response:
    """After a write: to `url`, where the toast waits."""
    keep(toast)
    if wants_fragment():
        return Response(status=204, headers={"HX-Redirect": url})
    return redirect(url, 303)


def commit() -> None:
    """End the write. What the answer reads after it needs no write lock any more."""
    db.session.commit()
    reading.set(True)


@contextmanager
def only_reading():
    """A read of its own within a writing request, over before what follows."""
    mark = reading.set(True)
    try:
        yield
        db.session.commit()
    finally:
        reading.reset(mark)


def back(default: str) -> Response:
    """After a plain form: to the page it came from."""
    return redirect(safe_next(request.form.get("return_to"), default), 303)


def keep(toast: Toast) -> None:
    """Keep a toast for the next page; of those that no page has shown the last few, because a cookie is small."""
    message = {"kind": toast.kind, "title": toast.title, "text": toast.text, "actions": toast.actions}
    if toast.say:
        message["say"] = toast.say
    session["toasts"] = [*session.get("toasts", ())[1 - KEPT_TOASTS :], message]


def safe_next(url: str | None, default: str) -> str:
    """An address on this site only: anything else is an open redirect."""
    if not url:
        return default
    try:
        parts = urlsplit(url)
    except ValueError:  # such as half an IPv6 address
        return default
    if parts.scheme or parts.netloc or not url.startswith("/") or url.startswith(("//", "/\\")) or "\\" in url:
        return default
    return url if url.isprintable() else default


def asking_page() -> dict[str, str]:
    """What stands behind the ? of the page that htmx asks from, as far as it can be read."""
    try:
        query = urlsplit(request.headers.get("HX-Current-URL", "")).query
    except ValueError:
        return {}
    return {name: values[-1] for name, values in parse_qs(query).items()}


def kept_toasts() -> list[dict]:
    """Toasts kept by an earlier request, each shown once."""
    return session.pop("toasts", []) if "toasts" in session else []
