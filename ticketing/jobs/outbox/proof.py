"""A mail that proves that mail arrives, sent at once and by itself."""

import secrets
from datetime import datetime

from ticketing.channels.email import Connection, Interrupted, Refused, Unreachable
from ticketing.extensions import db
from ticketing.jobs.outbox.desk import mail_server
from ticketing.jobs.outbox.letters import proof_letter
from ticketing.jobs.people import clean_email
from ticketing.rules.refusals import Conflict


def send_proof(address: str, at: datetime) -> str:
    """Send a test mail there; returns the address as it was used.

    Raises Invalid({"email": …}), Conflict("no_mail_server"), Conflict("mail_failed", said=…).
    """
    to, server = clean_email(address), mail_server()
    if server is None:
        raise Conflict("no_mail_server")
    letter = proof_letter(to, at, f"test:{secrets.token_hex(8)}")
    db.session.rollback()  # no transaction stays open while a server is spoken to
    try:
        with Connection(server) as post:
            post.send(letter)
    except (Unreachable, Interrupted, Refused) as problem:
        raise Conflict("mail_failed", said=str(problem)) from None
    return to
