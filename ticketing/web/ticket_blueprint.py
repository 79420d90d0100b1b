"""The blueprint of the ticket's own pages, and what its modules share."""

from datetime import datetime

from flask import Blueprint, current_app, request, session

from ticketing.models.storage import FileStore
from ticketing.queries.timeline import description_html
from ticketing.web.sla_chip import work_time
from ticketing.web.template_helpers import file_size, local

FILES_AT_ONCE = 10
_FULL_REQUESTS = 4  # a request may carry this many files of the largest size
_REST = 256 * 1024  # and all the text a form has

blueprint = Blueprint("tickets", __name__)
_TAKES_FILES = {"tickets.create", "tickets.comment", "tickets.attach"}


@blueprint.url_value_preprocessor
def _raise_limit(endpoint: str | None, _values) -> None:
    """Files may be large where files are taken, from people who have signed in.

    The body is read here, before anything asks the database: a slow sender must not hold its lock.
    """
    if endpoint not in _TAKES_FILES or "_user_id" not in session:
        return
    request.max_content_length = _FULL_REQUESTS * current_app.config["MAX_UPLOAD"] + _REST
    assert request.files is not None


def limit_words(limit: int) -> str:
    """A limit as people configure it: 25 MB."""
    return f"{limit // 1048576} MB" if limit >= 1048576 else file_size(limit)


def file_store() -> FileStore:
    return FileStore(current_app.config["DATA_DIR"] / "attachments")


@blueprint.app_template_filter("markdown")
def _markdown(text: str) -> str:
    return description_html(text)


@blueprint.app_template_filter("instant")
def _instant(text: str) -> datetime:
    """An instant that an event keeps as text."""
    return datetime.fromisoformat(text)


@blueprint.app_template_filter("local_input")
def _local_input(at: datetime) -> str:
    """An instant as a date-time field has it, on the viewer's wall clock."""
    return local(at).replace(tzinfo=None).isoformat(timespec="minutes")


@blueprint.app_template_filter("work_time")
def _work_time(seconds: int) -> str:
    """A length of working time to the minute."""
    return work_time(seconds, exact=True)


blueprint.add_app_template_filter(limit_words, "limit_words")


@blueprint.app_template_global("pairs")
def _pairs(rows, key: str) -> list[tuple[str, str]]:
    """(key, name) of rows, for a list of choices."""
    return [(getattr(row, key), row.name) for row in rows]
