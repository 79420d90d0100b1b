"""Rows and verbs. Importing the package knows every table."""

from ticketing.models.board_count import BoardCount
from ticketing.models.comment import Attachment, Comment, Watcher
from ticketing.models.event import Event
from ticketing.models.link import Link
from ticketing.models.team import BoardColumn, Category, Team
from ticketing.models.ticket import Ticket
from ticketing.models.user import User
from ticketing.models.view import SavedView

__all__ = [
    "Attachment", "BoardColumn", "BoardCount", "Category", "Comment", "Event", "Link", "SavedView", "Team",
    "Ticket", "User", "Watcher",
]  # fmt: skip
