"""Rows and verbs. Importing the package knows every table."""

from ticketing.models.board_count import BoardCount
from ticketing.models.comment import Attachment, Comment, Watcher
from ticketing.models.event import Event
from ticketing.models.link import Link
from ticketing.models.outbox import JobRun, Notification, Outbox, Setting
from ticketing.models.report import ReportFact, ReportSheet
from ticketing.models.signatures import sign
from ticketing.models.sla import CalendarVersion, SlaClock, SlaLevel, SlaSegment, SlaTerms
from ticketing.models.team import BoardColumn, Category, Team
from ticketing.models.ticket import Ticket
from ticketing.models.user import User
from ticketing.models.view import SavedView

__all__ = [
    "Attachment", "BoardColumn", "BoardCount", "CalendarVersion", "Category", "Comment", "Event", "JobRun", "Link",
    "Notification", "Outbox",
    "ReportFact", "ReportSheet", "SavedView", "Setting", "SlaClock", "SlaLevel", "SlaSegment", "SlaTerms", "Team",
    "Ticket", "User", "Watcher", "sign",
]  # fmt: skip
