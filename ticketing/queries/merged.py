"""What was said on the tickets that were merged into one: its page shows it, to whoever may see where it was said.

A merge can follow a merge, so these reads walk down the links; a ticket the viewer may not know of ends its branch.
"""

from datetime import datetime

from sqlalchemy import Integer, Select, bindparam, or_, select

from ticketing.models.comment import Attachment, Comment
from ticketing.models.link import Link
from ticketing.models.ticket import Ticket
from ticketing.models.user import User
from ticketing.queries.prepared import run
from ticketing.queries.visibility import visible_to
from ticketing.rules.taxonomy import LinkKind, ResolutionCode

_TICKET = bindparam("ticket", type_=Integer())
_SAID = (Comment.id, Comment.ticket_id, Comment.author_id, Comment.internal, Comment.html, Comment.created_at)
_FILE = (Attachment.id, Attachment.ticket_id, Attachment.comment_id, Attachment.name, Attachment.size,
         Attachment.media_type, Attachment.internal, Attachment.uploader_id)  # fmt: skip


def said_on_merged(ticket: Ticket, viewer: User, now: datetime, limit: int) -> list:
    """The last `limit` comments and notes of merged tickets, oldest first, each with its ticket's `reporter_id`."""
    return list(run(_said, viewer, now, ticket=ticket.id, limit=limit))[::-1]


def files_of_merged(ticket: Ticket, viewer: User, now: datetime) -> list:
    """The files that hang on those comments."""
    return list(run(_files, viewer, now, ticket=ticket.id))


def said_to_reporter(ticket: Ticket, viewer: User, now: datetime) -> tuple[list, list]:
    """What a reporter may read, here and on their own merged tickets: comments and files. Two statements."""
    said = list(run(_said_to_reporter, viewer, now, ticket=ticket.id))
    return said, list(run(_files_for_reporter, viewer, now, ticket=ticket.id))


def _merged(kind):
    """The tickets closed as duplicates of this one, and of those: id and reporter_id."""
    into = (Link.kind == LinkKind.DUPLICATE_OF, Ticket.resolution_code == ResolutionCode.DUPLICATE, visible_to(kind))
    step = select(Ticket.id, Ticket.reporter_id).join(Link, Link.source_id == Ticket.id).where(*into)
    first = step.where(Link.target_id == _TICKET).cte("merged", recursive=True)
    return first.union(step.join(first, Link.target_id == first.c.id).where(Ticket.id != _TICKET))


def _said(kind) -> Select:
    merged = _merged(kind)
    return (
        select(*_SAID, merged.c.reporter_id)
        .join(merged, merged.c.id == Comment.ticket_id)
        .order_by(Comment.id.desc())
        .limit(bindparam("limit", type_=Integer()))
    )


def _files(kind) -> Select:
    merged = _merged(kind)
    return (
        select(*_FILE)
        .join(merged, merged.c.id == Attachment.ticket_id)
        .where(Attachment.comment_id.is_not(None))
        .order_by(Attachment.id)
    )


def _said_to_reporter(kind) -> Select:
    return (
        select(*_SAID, Ticket.reporter_id)
        .join(Ticket, Ticket.id == Comment.ticket_id)
        .where(_here_or_merged(Comment.ticket_id, kind), ~Comment.internal)
        .order_by(Comment.id)
    )


def _files_for_reporter(kind) -> Select:
    here = _here_or_merged(Attachment.ticket_id, kind)
    return select(*_FILE).where(here, ~Attachment.internal).order_by(Attachment.id)


def _here_or_merged(column, kind):
    return or_(column == _TICKET, column.in_(select(_merged(kind).c.id)))
