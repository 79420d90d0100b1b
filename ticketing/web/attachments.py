"""Attached files: taken in with a comment or a ticket, and handed out as downloads."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint, abort, current_app, request, send_file
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from ticketing.clock import now
from ticketing.extensions import db
from ticketing.models.comment import Attachment
from ticketing.models.storage import RASTER, Receiving
from ticketing.rules.abilities import Ability
from ticketing.rules.refusals import Invalid
from ticketing.web import access
from ticketing.web.frame import ancestors
from ticketing.web.ticket_blueprint import FILES_AT_ONCE, file_store

blueprint = Blueprint("attachments", __name__)

# Even opened on its own, a file can neither run nor load anything; in a frame it is a page like the others.
_POLICY = "sandbox; default-src 'none'; frame-ancestors "


@blueprint.get("/attachments/<id:number>")
@access.signed_in
def download(number: int):
    attachment = db.session.get(Attachment, number) or abort(404)
    access.ticket_or_404(f"T-{attachment.ticket_id}", Ability.SEE)
    if attachment.internal and not access.person().is_staff:
        abort(404)
    path = file_store().path(attachment.stored_as) or abort(404)
    picture = attachment.media_type in RASTER and request.args.get("inline") == "1"
    response = send_file(
        path, mimetype=attachment.media_type, as_attachment=not picture, download_name=attachment.name,
        last_modified=attachment.created_at, etag=attachment.stored_as, conditional=True,
    )  # fmt: skip
    response.headers["Content-Security-Policy"] = _POLICY + (" ".join(ancestors()) or "'none'")
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def sent_files() -> list[FileStorage]:
    """The files of this request; an empty file input sends one without a name. Raises Invalid."""
    files = [file for file in request.files.getlist("files") if file.filename]
    if len(files) > FILES_AT_ONCE:
        raise Invalid({"files": "too_many_files"})
    return files


@contextmanager
def receive() -> Iterator[Receiving]:
    """Files on their way in. Keep them after the commit; what is not kept is thrown away."""
    store = file_store()
    with store.receiving(current_app.config["MAX_UPLOAD"]) as receiving:
        store.sweep(now().timestamp(), _is_known)
        yield receiving


def hang_on(ticket, files: list[FileStorage], receiving: Receiving, *, by, at, comment=None,
            internal: bool = False) -> None:  # fmt: skip
    """Store the files and hang them on the ticket, as part of a comment if there is one."""
    for file in files:
        attachment = receiving.take(file.stream, file.filename, internal=internal)
        attachment.comment_id = comment and comment.id
        ticket.attach(attachment, by=by, at=at)


def _is_known(stored_as: str) -> bool:
    return db.session.scalar(select(Attachment.id).where(Attachment.stored_as == stored_as)) is not None
