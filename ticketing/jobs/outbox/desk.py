"""What the outbox needs to know of this desk: its mail server, its address, its ids, its on-call channel."""

import hashlib
import hmac

from flask import current_app
from sqlalchemy import Connection, select

from ticketing.channels.email import Server
from ticketing.extensions import db
from ticketing.jobs.people import clean_email
from ticketing.models import Setting
from ticketing.rules.refusals import Invalid

ON_CALL = "on_call_email"
_ON_CALL = select(Setting.value).where(Setting.key == ON_CALL)


def mail_server() -> Server | None:
    """Where mail is handed over; None when TICKETING_SMTP_URL is not set."""
    settings = current_app.config["MAIL"]
    return Server(**settings) if settings else None


def ticket_link(ticket_id: int) -> str:
    """The address of a ticket, empty when nobody said where the desk is (TICKETING_BASE_URL)."""
    base = current_app.config["BASE_URL"]
    return f"{base}/tickets/T-{ticket_id}" if base else ""


def mail_id(what: str) -> str:
    """The same for the same text on this desk, and for no other text and no other desk."""
    key = current_app.config["SECRET_KEY"].encode()
    return "ticketing." + hmac.new(key, f"mail:{what}".encode(), hashlib.sha256).hexdigest()[:32]


def on_call_address(connection: Connection | None = None) -> str:
    """Where escalations go besides the managers; empty when nowhere."""
    return (connection or db.session).scalar(_ON_CALL) or ""


def set_on_call_address(text: str) -> str:
    """Keep it, empty for none; commits. Returns what is kept. Raises Invalid({"address": …})."""
    text = text.strip()
    try:
        address = clean_email(text) if text else ""
    except Invalid as refusal:
        raise Invalid({"address": refusal.errors["email"]}) from None
    setting = db.session.get(Setting, ON_CALL)
    if setting is None:
        setting = Setting(key=ON_CALL)
        db.session.add(setting)
    setting.value = address
    db.session.commit()
    return address
