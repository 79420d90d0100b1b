"""What people say on a ticket: comments, notes, watchers, files."""

from datetime import datetime

from sqlalchemy import select

from ticketing.extensions import db
from ticketing.models.comment import Attachment, Comment, Watcher
from ticketing.models.event import EventKind
from ticketing.models.followers import came_by_merge
from ticketing.models.markup import mentioned_handles, render
from ticketing.models.user import User
from ticketing.rules.abilities import Ability, may
from ticketing.rules.refusals import Invalid, NotAllowed
from ticketing.rules.taxonomy import TEXT_MAX, HoldReason


class Conversation:
    def say(self, body: str, *, internal: bool, by: User, at: datetime, copied_from=None) -> Comment:
        """Add a comment visible to the reporter, or an internal note. Mentioned staff become watchers.

        `copied_from` is the parent it was written on: it was there that its author asked people in, not here.
        """
        body = body.strip()
        if not body:
            raise Invalid({"body": "required"})
        if len(body) > TEXT_MAX:
            raise Invalid({"body": "too_long"})
        self.settle(at)
        watching = self.is_watched_by(by)
        ability = Ability.NOTE if internal else Ability.COMMENT
        if not may(ability, self.relation_to(by), restricted=self.restricted, watching=watching):
            raise NotAllowed("staff_only" if internal else "not_yours")
        mentioned = self._mentioned(body)
        html = render(body, {person.handle: person.name for person in mentioned})
        comment = Comment(ticket_id=self.id, author_id=by.id, internal=internal, body=body, html=html, created_at=at)
        db.session.add(comment)
        db.session.flush()
        self.comment_count += 1
        self.visible_comment_count += not internal
        self.updated_at = at
        origin = {} if copied_from is None else {"from_ticket": copied_from.id}
        self.record(EventKind.COMMENTED, by, at, comment=comment.id, internal=internal, **origin)
        if not internal:
            self._answer_hold(by, at)
        if not internal and by.id != self.reporter_id:
            self.react("comment", by=by, at=at)
        for person in mentioned:
            if person.is_staff and copied_from is None:  # whoever may write on a restricted ticket may let others in
                self.watch(person, by=by, at=at)
        return comment

    def _answer_hold(self, by: User, at: datetime) -> None:
        """The reporter's words end a hold that waits for them; of another the card shows that they wrote (R5), until
        somebody answers."""
        if by.id != self.reporter_id:
            self.reporter_wrote_at = None
        elif self.hold_reason is HoldReason.REPORTER:
            self._end_hold("reporter", by, at)
            self.touch(at)
        elif self.hold_reason:
            self.reporter_wrote_at = at

    def watch(self, person: User, *, by: User, at: datetime, **origin) -> bool:
        """Whoever may see a ticket may watch it; on a restricted one, adding a watcher lets them see it.

        `origin` goes into the event: `merged_from` is the duplicate whose watcher this was. Who came so and then is
        asked in or asks to watch is told as any other watcher, and stays when the merge is undone.
        """
        if db.session.get(Watcher, (self.id, person.id)):
            if origin or person.id not in came_by_merge(self):
                return False
            self.record(EventKind.WATCHED, by, at, user=person.id)
            return True
        if not person.active or not person.is_staff:
            raise Invalid({"watcher": "not_staff"})
        db.session.add(Watcher(ticket_id=self.id, user_id=person.id, since=at))
        self.record(EventKind.WATCHED, by, at, user=person.id, **origin)
        return True

    def unwatch(self, person: User, *, by: User, at: datetime, **origin) -> bool:
        watcher = db.session.get(Watcher, (self.id, person.id))
        if watcher is None:
            return False
        db.session.delete(watcher)
        self.record(EventKind.UNWATCHED, by, at, user=person.id, **origin)
        return True

    def is_watched_by(self, person: User) -> bool:
        return db.session.get(Watcher, (self.id, person.id)) is not None

    def attach(self, attachment: Attachment, *, by: User, at: datetime) -> Attachment:
        """Hang a stored file on the ticket; the caller has written it under `stored_as`."""
        attachment.ticket_id, attachment.uploader_id, attachment.created_at = self.id, by.id, at
        db.session.add(attachment)
        db.session.flush()
        self.updated_at = at
        self.record(EventKind.ATTACHED, by, at, attachment=attachment.id, name=attachment.name,
                    internal=attachment.internal)  # fmt: skip
        return attachment

    def _mentioned(self, body: str) -> list[User]:
        handles = mentioned_handles(body)
        if not handles:
            return []
        return list(db.session.scalars(select(User).where(User.handle.in_(handles), User.active)))
