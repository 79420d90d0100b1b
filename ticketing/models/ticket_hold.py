"""Hold: a flag with a reason on top of the status, during which the resolution stands still (sla.md R3, R5)."""

from datetime import datetime

from ticketing.models.answers import Hold
from ticketing.models.event import EventKind
from ticketing.models.user import User
from ticketing.rules.refusals import Conflict, Invalid, NotAllowed
from ticketing.rules.taxonomy import HOLD_TEXT_MAX, HOLDABLE, HoldReason


class Holding:
    def hold(self, hold: Hold, *, by: User, at: datetime, version: int | None = None) -> None:
        """Put the ticket on hold, or change the reason of a present hold."""
        self.expect(version)
        self.settle(at)
        if not self.relation_to(by).works_on_it:
            raise NotAllowed("workers_only")
        if self.status not in HOLDABLE:
            raise Conflict("not_holdable", status=self.status)
        if self.awaits_reaction:
            raise Conflict("reaction_runs")
        if hold.reason is HoldReason.OTHER and not hold.text.strip():
            raise Invalid({"text": "required"})
        if len(hold.text) > HOLD_TEXT_MAX:
            raise Invalid({"text": "too_long"})
        if hold.until is not None and hold.until <= at:
            raise Invalid({"until": "in_the_past"})
        self.touch(at)
        self.hold_reason, self.hold_text, self.hold_until = hold.reason, hold.text.strip(), hold.until
        self.held_since = self.held_since or at
        if self.cycle:
            self.clockwork.pause(at, "hold")
        self.show_clocks()
        self.record(EventKind.HELD, by, at, reason=hold.reason, text=self.hold_text,
                    until=hold.until and hold.until.isoformat())  # fmt: skip

    def resume(self, *, by: User, at: datetime, version: int | None = None) -> bool:
        self.expect(version)
        self.settle(at)
        if not self.relation_to(by).works_on_it:
            raise NotAllowed("workers_only")
        if not self.hold_reason:
            return False
        self.touch(at)
        self._end_hold("resumed", by, at)
        return True

    def _end_hold(self, cause: str, by: User | None, at: datetime, noticed_at: datetime | None = None) -> None:
        if not self.hold_reason:
            return
        self.record(EventKind.RESUMED, by, at, noticed_at=noticed_at, cause=cause, reason=self.hold_reason)
        self.hold_reason = self.hold_until = self.held_since = self.reporter_wrote_at = None
        self.hold_text = ""
        if self.cycle:
            self.clockwork.resume(at)
        self.show_clocks()
