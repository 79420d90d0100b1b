"""Rows and verbs. Importing the package knows every table."""

from ticketing.models.audit import AuditEntry
from ticketing.models.board_count import BoardCount
from ticketing.models.comment import Attachment, Comment, Watcher
from ticketing.models.embed import BurntToken, EmbedIdentity, EmbedKey, EmbedSecret
from ticketing.models.event import Event
from ticketing.models.link import Link
from ticketing.models.outbox import JobRun, Notification, Outbox, Setting
from ticketing.models.report import ReportFact, ReportSheet
from ticketing.models.session import UserSession
from ticketing.models.sign_in import OneTimeLink, SecondFactor, SignInFailure
from ticketing.models.signatures import sign
from ticketing.models.sla import CalendarVersion, SlaClock, SlaLevel, SlaSegment, SlaTerms
from ticketing.models.team import BoardColumn, Category, Team
from ticketing.models.ticket import Ticket
from ticketing.models.user import User
from ticketing.models.view import SavedView

__all__ = [
    "Attachment", "AuditEntry", "BoardColumn", "BoardCount", "BurntToken", "CalendarVersion", "Category", "Comment",
    "EmbedIdentity", "EmbedKey", "EmbedSecret", "Event", "JobRun", "Link", "Notification", "OneTimeLink", "Outbox",
    "ReportFact", "ReportSheet", "SavedView", "SecondFactor", "Setting", "SignInFailure", "SlaClock", "SlaLevel",
    "SlaSegment", "SlaTerms", "Team", "Ticket", "User", "UserSession", "Watcher", "sign",
]  # fmt: skip
