"""The letter with a link that sets a password."""

from datetime import datetime

from flask import current_app, render_template

from ticketing.channels.email import Letter
from ticketing.jobs.outbox.desk import mail_id
from ticketing.jobs.outbox.wording import without_gaps, words
from ticketing.models.sign_in import LinkUse


def write_link(row, secret: str, at: datetime) -> Letter:
    """`row` is what letters._ROW reads of a mail whose payload has `link`."""
    use, config = LinkUse(row.payload["link"]), current_app.config
    facts = {
        "_": words, "name": config["NAME"], "invited": use is LinkUse.INVITATION,
        "link": f"{config['BASE_URL']}/new-password/{secret}", "person": row.name,
    }  # fmt: skip
    subject = words("Your account at %(name)s", name=config["NAME"]) if facts["invited"] else words(
        "A new password for %(name)s", name=config["NAME"])  # fmt: skip
    return Letter(
        to=row.email, to_name=" ".join((row.name or "").split()), subject=" ".join(subject.split())[:250],
        text=without_gaps(render_template("email/link.txt", **facts)), html=render_template("email/link.html", **facts),
        key=row.dedupe_key, message_id=mail_id(row.dedupe_key), at=at,
    )  # fmt: skip
