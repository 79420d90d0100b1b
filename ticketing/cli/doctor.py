"""flask doctor: what will not work, before somebody finds out."""

from urllib.parse import urlsplit

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select
from werkzeug.sansio.utils import host_is_trusted

from ticketing.cli.sentences import Refused
from ticketing.extensions import db
from ticketing.models import EmbedKey
from ticketing.rules.hand_off import origin_of

doctor = AppGroup("doctor", help="Look whether things are set as they must be.")
_HERE = ("localhost", "127.0.0.1", "::1")


@doctor.command("embed", epilog="Example: flask doctor embed --origin https://panel.example.com")
@click.option("--origin", "typed", required=True, help="Where the panel's pages are served from.")
def embed(typed: str) -> None:
    """Tell what a browser will refuse when a page of ORIGIN shows the desk in a frame. Exit code 1 if anything."""
    origin = origin_of(typed)
    if origin is None:
        raise Refused(f"--origin: {typed} is no origin of a page; write https://panel.example.com, without a path.")
    troubles, remarks = list(_troubles(origin, current_app.config)), list(_remarks(origin, current_app.config))
    for text in troubles:
        click.echo(f"✗ {text}")
    for text in remarks:
        click.echo(f"· {text}")
    if troubles:
        raise SystemExit(1)
    click.echo(f"✓ A page of {origin} may show the desk.")


def _troubles(origin: str, config):
    keys = list(db.session.scalars(select(EmbedKey)))
    allowing = [key for key in keys if origin in key.origins]
    if not allowing:
        yield f"No key allows {origin}: its frames stay empty. Add it under Settings, Embedding."
    elif all(key.revoked_at for key in allowing):
        yield f"Every key that allows {origin} is revoked: {', '.join(key.name for key in allowing)}."
    base = urlsplit(config["BASE_URL"])
    if not config["BASE_URL"]:
        yield "TICKETING_BASE_URL is not set: the desk does not know its own address for links into a tab."
    elif base.scheme != "https" and base.hostname not in _HERE:
        yield f"The desk is at {config['BASE_URL']}, without TLS: browsers keep no cookie for a frame then."
    if base.scheme == "https" and not config["SESSION_COOKIE_SECURE"]:
        yield "TICKETING_SECURE_COOKIES is 0 although the desk is served by https."
    if origin.startswith("https://") and base.scheme == "http" and base.hostname not in _HERE:
        yield "A page over https shows no frame over http (mixed content)."
    if base.hostname and not host_is_trusted(base.netloc, config["TRUSTED_HOSTS"]):
        yield f"TICKETING_TRUSTED_HOSTS does not name {base.hostname}: every request there is refused."


def _remarks(origin: str, config):
    base = urlsplit(config["BASE_URL"])
    if base.hostname and urlsplit(origin).hostname == base.hostname:
        yield "Page and desk have one host: the frame's cookie is not a third party's there."
    elif base.hostname:
        yield "Page and desk are two sites: the cookie is partitioned, and kept for frames of that page alone."
    desk = f"{base.scheme}://{base.netloc}" if base.netloc else "the desk's origin"
    yield (
        f"The panel's own Content-Security-Policy, if it has one, must allow {desk} in script-src, frame-src and "
        "form-action; its iframe needs no sandbox."
    )
    if not config["PROXY_HOPS"] and base.scheme == "https":
        yield "TICKETING_PROXY_HOPS is 0: right only where no proxy ends TLS before the desk, else it refuses forms."
