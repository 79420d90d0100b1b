"""The blueprint of the queue, and the file that the list and a selection of it become."""

from flask import Blueprint, Response, stream_with_context

from ticketing.queries.csv_export import export
from ticketing.queries.filters import Filters
from ticketing.web import access
from ticketing.web.template_helpers import moment

blueprint = Blueprint("queue", __name__)


def send_csv(filters: Filters, numbers: list[int] | None = None) -> Response:
    """The list as a download, sent while it is read: memory stays flat however long it is."""
    at = moment()
    lines = export(access.person(), filters, at, numbers=numbers)
    name = f"tickets-{at:%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(stream_with_context(lines), content_type="text/csv; charset=utf-8", headers=headers)
