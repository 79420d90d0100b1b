"""What the administrators' log is told without each page saying so: changed settings, and lists taken away as files."""

from flask import Flask, request

from ticketing.clock import now
from ticketing.extensions import db
from ticketing.models.audit import AuditKind, record_audit
from ticketing.web import access, sessions
from ticketing.web.settings_blueprint import blueprint as settings

# These say more themselves.
_THEMSELVES = frozenset({
    "settings.person", "settings.add_person", "settings.reset_password", "settings.end_persons_sessions",
    "settings.invite_person", "settings.take_off_second_factor",
    "settings.add_embed_key", "settings.embed_key", "settings.rotate_embed_secret", "settings.retire_embed_secret",
    "settings.revoke_embed_key", "settings.sign_in_rules", "settings.publish_wall", "settings.take_wall_back",
})  # fmt: skip


@settings.before_request
def _note_setting() -> None:
    """Goes with the transaction of the page: what is refused, or only tried, is not in the log."""
    if request.method in ("GET", "HEAD") or request.endpoint in _THEMSELVES:
        return
    record_audit(
        AuditKind.SETTING, now(), actor_id=access.person().id, address=sessions.address(),
        setting=request.endpoint.partition(".")[2], act="changed", **(request.view_args or {}),
    )  # fmt: skip


def _note_file(response):
    """In a short transaction of its own, before the file begins."""
    if response.status_code == 200 and response.mimetype == "text/csv":
        with sessions.writing():
            record_audit(
                AuditKind.EXPORTED, now(), actor_id=access.person().id, address=sessions.address(),
                what=request.endpoint, asked=request.query_string.decode(errors="replace")[:300],
            )  # fmt: skip
            db.session.commit()
    return response


def register(app: Flask) -> None:
    app.after_request(_note_file)
