"""Fields that a form does not have, sent with it all the same: over every writing route and role, they change nothing.

Each form is sent to the same desk at the same moment: as it is, and with fields that are called like all columns there
are. What has changed afterwards must be the same.
"""

import io
import sqlite3

import pytest
from sqlalchemy import Boolean, Integer, func, select, text

from tests import factories as make
from tests.support.embedding import HOME, frame_of, make_key, token
from tests.support.second_steps import SECRET, code, give_password, give_passwords, secret_on, set_up
from tests.support.signing import sign_in
from tests.web import test_audit_writes as settings
from ticketing.extensions import db
from ticketing.jobs.embed_tab import make_way
from ticketing.models import Notification, SavedView, Ticket, User, UserSession
from ticketing.models.answers import Hold
from ticketing.models.sign_in import LinkUse, OneTimeLink
from ticketing.rules.taxonomy import HoldReason, Status
from ticketing.web.frame import ROOMS
from ticketing.web.sessions import FRAME_COOKIE

app, desk = settings.app, settings.desk
NEW = "another long password"
V = {"version": "V"}
# endpoint → (what the path holds, the form); words in capitals stand for what the fixture made.
FORMS = {
    "accounts.sign_in": ({}, {"email": "ben@desk.example", "password": SECRET}),
    "accounts.second_step": ({}, {"code": "CODE"}),
    "accounts.forgot": ({}, {"email": "ben@desk.example"}),
    "accounts.new_password": ({"secret": "LINK"}, {"new": NEW, "again": NEW}),
    "accounts.profile": ({}, {"name": "Renamed", "time_zone": "Europe/Malta"}),
    "accounts.second_factor_page": ({}, {"code": "CODE"}),
    "accounts.renew_recovery_codes": ({}, {"current": SECRET}),
    "accounts.remove_second_factor": ({}, {"current": SECRET}),
    "accounts.end_own_session": ({"number": "SESSION"}, {}),
    "accounts.end_own_sessions": ({}, {}),
    "accounts.sign_out": ({}, {}),
    "board.collapse": ({"status": "new"}, {"folded": "1"}),
    "board.limit": ({"status": "new"}, {"limit": "3"}),
    "board.move": ({}, {"ticket": "T-1", "to": "correction"} | V),
    "notifications.open_one": ({"id": "BELL"}, {}),
    "notifications.read_all": ({}, {"up_to": "BELL"}),
    "queue.bulk": ({}, {"ticket": "T-1:V", "assign": "bo"}),
    "views.create": ({}, {"name": "New", "query": "q=x"}),
    "views.delete": ({"id": "VIEW"}, {}),
    "tickets.create": ({}, {"title": "Filed", "type": "incident"}),
    "tickets.comment": ({"key": "T-1"}, {"body": "Hello"}),
    "tickets.attach": ({"key": "T-1"}, {}),
    "tickets.edit": ({"key": "T-1"}, {"title": "Other"} | V),
    "tickets.assign": ({"key": "T-1"}, {"owner": "bo"} | V),
    "tickets.hold": ({"key": "T-1"}, {"reason": "provider", "text": "x"} | V),
    "tickets.resume": ({"key": "T-3"}, V),
    "tickets.pin": ({"key": "T-1"}, V),
    "tickets.watch": ({"key": "T-1"}, {}),
    "tickets.link": ({"key": "T-1"}, {"kind": "related", "other": "T-2"}),
    "tickets.close_as": ({"key": "T-2"}, {"resolution_code": "invalid", "comment": "x"} | V),
    "reports.make_parent": ({"place": "PLACE"}, {}),
    "tab.go_through": ({"secret": "WAY"}, {}),
    "embed.enter": ({}, {"token": "TOKEN"}),
    "embed.report": ({}, {"title": "Filed", "description": "x"}),
    "embed.open_tab": ({}, {"path": "/board"}),
}
ALL = settings.WRITES | FORMS
KINDS = ((Boolean, "1"), (Integer, "5"))
# Whose forms there are, how many, and how many of them change something.
CHANGED = {
    "ann": (58, 25), "bo": (58, 20), "ben": (58, 21), "ida": (58, 21), "mara": (58, 36), "ada": (58, 58),
    "rita": (58, 11), "stranger": (5, 5), "framed support_engineer": (23, 21), "framed reporter": (23, 4),
}  # fmt: skip
# They write nothing to the database.
NO_WRITES = settings.NO_WRITES | {
    "accounts.begin_second_factor", "accounts.leave_second_factor", "embed.draft_report", "tickets.similar_to_form",
    "embed.set_theme",
}  # fmt: skip
OF_STRANGERS = {
    "accounts.sign_in",
    "accounts.second_step",
    "accounts.forgot",
    "accounts.new_password",
    "tab.go_through",
}
OF_REPORTERS = {"board.move": ({}, {"ticket": "T-7", "to": "closed"} | V)}
RANDOM = {"secret_hash", "stored_as", "session_token", "password_hash", "kid", "sealed", "sealed_secret", "wall_hash",
          "recovery"}  # fmt: skip
MORE = ("owner", "reporter", "team", "category", "user", "person", "author", "by", "at", "now", "is_staff", "is_admin",
        "is_manager", "admin", "_user_id", "sid", "secret", "visibility", "password", "internal_note")  # fmt: skip
# What a route would take if it took it; anything else is "planted", which must not turn up anywhere.
WORDS = {"role": "administrator", "status": "closed", "type": "security_alert", "priority": "critical", "owner": "ida",
         "visibility": "internal", "reporter": "sam", "user": "ida", "category": "api_integration", "team": "devops",
         "resolution_code": "workaround", "root_cause": "software", "made_at": "2030-01-01T00:00"}  # fmt: skip
# What a form may well say, although a column is called so.
CLASSES = {"type", "priority", "category", "description", "provider", "payment_system"}
OWN = {
    "tickets.edit": CLASSES | {"team", "owner"}, "tickets.create": CLASSES | {"reporter", "owner"},
    "tickets.watch": {"user"}, "tickets.comment": {"visibility"}, "tickets.attach": {"visibility"},
    "embed.report": {"provider"}, "settings.add_embed_key": {"adopts"}, "settings.embed_key": {"adopts"},
    "settings.add_person": {"team"}, "settings.person": {"team"},
} | dict.fromkeys([f"settings.{act}" for act in (
    "add_calendar", "calendar", "remove_calendar", "add_policy", "policy", "move_policy", "remove_policy")], {"note"},
)  # fmt: skip
OF_STAFF = {"tickets.create": {"reporter", "owner"}, "tickets.attach": {"visibility"}, "tickets.watch": {"user"}}


@pytest.fixture
def world(app, desk, people):
    """More of what forms speak of; `world("ann")` is a Desk with her forms, and the words that stand in them."""
    give_passwords(app, people, *vars(people))
    key = make_key(app, name="Third", issuer="third")
    with app.app_context():
        make.ticket_in(Status.DIAGNOSTICS)
        held = make.ticket_in(Status.DIAGNOSTICS)
        held.hold(Hold(HoldReason.PROVIDER, "x"), by=make.person("ann"), at=make.at(9))
        details = {"provider": "Reelworks", "error_code": "HTTP 502"}
        alike = [make.ticket_in(Status.CLASSIFIED, moment=make.at(-60 * n), category_key="provider_integration",
                                details=details) for n in (1, 2, 3)]  # fmt: skip
        make.ticket_in(Status.SOLUTION_CHECK)
        words = {"PLACE": f"{alike[0].signature}-{alike[0].category_id}", "TOKEN": token(key)}
        words["LINK"] = OneTimeLink.make(LinkUse.RESET, people.ida.id, make.NOW, make.at(60))
        db.session.commit()

    def of(who):
        client = app.test_client()
        if who.startswith("framed"):
            client = frame_of(app, key, role=who.partition(" ")[2])
        elif who == "stranger":
            secret, _codes = set_up(sign_in(client, people.ann))
            client = app.test_client()
            give_password(client)
            words["CODE"] = code(secret, 1)
            frame_of(app, key)
            with app.app_context():
                words["WAY"] = make_way(db.session.scalar(select(func.max(UserSession.id))), "/", make.at(30))
        else:
            sign_in(app.test_client(), getattr(people, who))
            sign_in(client, getattr(people, who)).post("/profile/second-factor/device", data={"current": SECRET})
            if who != "bo":
                words["CODE"] = code(secret_on(client.get("/profile/second-factor").text))
        of_theirs = rows_of(who)
        opened.append(Desk(app, client, who.startswith("framed")))
        return opened[-1], words | of_theirs

    def rows_of(who):
        with app.app_context():
            handle = User.email == "pia@panel.example" if who.startswith("framed") else User.handle == who
            user = db.session.scalar(select(User).where(handle))
            if user is None:
                return {}
            view = SavedView(user_id=user.id, name="Old", query="q=x", created_at=make.NOW)
            bell = Notification(user_id=user.id, ticket_id=1, dedupe_key="x", payload={}, made_at=make.NOW)
            db.session.add_all([view, bell])
            db.session.commit()
            other = db.session.scalar(select(UserSession.id).where(UserSession.user_id == user.id))
            return {"VIEW": view.id, "BELL": bell.id, "SESSION": other}

    opened = []
    yield of
    for place in opened:
        place.close()


def quoted(column):
    return text(f'"{column.name}"')


class Desk:
    """A desk that is as it was before each form. `client` is whose forms they are."""

    def __init__(self, app, client, framed):
        self.app, self.prefix = app, "/embed" if framed else ""
        self.cookie = client.get_cookie(*((FRAME_COOKIE, "localhost", "/embed") if framed else ("ticketing",)))
        with app.app_context():
            self.file, self.saved = sqlite3.connect(db.engine.url.database), sqlite3.connect(":memory:")
        self.file.backup(self.saved)
        self.tables = [
            (table.name, [column.name for column in table.primary_key], [column.name for column in table.c],
             str(select(*map(quoted, table.c)).select_from(table))) for table in db.metadata.sorted_tables
        ]  # fmt: skip
        self.was = self.rows()

    def rows(self):
        """{(table, its key, column): value}"""
        found = {}
        for table, keys, names, query in self.tables:
            for row in self.file.execute(query):
                values = dict(zip(names, row, strict=True))
                place = (table, *(values[key] for key in keys))
                found |= {(*place, name): value for name, value in values.items()}
        return found

    def write(self, endpoint, path, form, extra=()):
        """The answer's status, and {(table, key, column): its new value} of all that has changed."""
        self.saved.backup(self.file)
        client = self.app.test_client()
        if self.cookie:
            client.set_cookie(self.cookie.key, self.cookie.value, path=self.cookie.path, domain="localhost")
        files = {"files": (io.BytesIO(b"x"), "x.txt")} if endpoint == "tickets.attach" else {}
        with client.post(self.prefix + path, data=dict(extra) | form | files, base_url=HOME) as answer:
            assert answer.data is not None
        now = self.rows()
        changed = {place: now.get(place) for place in self.was.keys() | now if self.was.get(place) != now.get(place)}
        return answer.status_code, {place: worded(place, value) for place, value in changed.items()}

    def close(self):
        self.file.close()
        self.saved.close()


def worded(place, value):
    """What is drawn anew each time is the same to us, unless somebody planted it."""
    drawn = place[-1] in RANDOM or (place[0], place[-1]) in (("outbox", "payload"), ("outbox", "dedupe_key"))
    return "drawn" if drawn and "planted" not in f"{value}" else value


def planted(own):
    """Two sets of what does not belong: a value for every column by its kind, and nothing for each of them."""
    fields = dict.fromkeys(MORE, "planted")
    for column in (column for table in db.metadata.sorted_tables for column in table.c):
        fields[column.name] = next((value for kind, value in KINDS if isinstance(column.type, kind)), "planted")
    fields = {name: value for name, value in (fields | WORDS).items() if name not in own}
    return fields, dict.fromkeys(fields, "")


def forms(app, who, words, terms):
    """(endpoint, path, form) of all that may be written from there."""
    framed, found = who.startswith("framed"), []
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            endpoint, room = rule.endpoint, rule.endpoint.partition(".")[0]
            there = room in ROOMS if framed else room != "embed" and (who == "stranger") == (endpoint in OF_STRANGERS)
            if "POST" not in rule.methods or not there or endpoint in NO_WRITES:
                continue
            found_here = OF_REPORTERS.get(endpoint) if who == "rita" else None
            values, form = (settings.given(one, terms) for one in (found_here or ALL[endpoint])[:2])
            values = {name: words.get(value, value) for name, value in values.items()}
            key = str(values.get("key") or form.get("ticket", ""))[:3]
            version = str(db.session.get(Ticket, int(key[2:])).version) if key.startswith("T-") else "V"
            form = {name: words.get(value, value) if isinstance(value, str) else value for name, value in form.items()}
            form |= {name: form[name].replace("V", version) for name in ("version", "ticket") if name in form}
            found.append((endpoint, app.url_map.bind("localhost").build(endpoint, values, method="POST"), form))
    return found


def owned(endpoint, who, form):
    """The names that this form may send."""
    of_staff = OF_STAFF.get(endpoint, set()) if "reporter" in who or who == "rita" else set()
    return form.keys() | OWN.get(endpoint, set()) - of_staff


@pytest.mark.parametrize("who", CHANGED)
def test_what_does_not_belong_into_a_form_changes_nothing(app, desk, world, who):
    (place, words), changed = world(who), set()
    found = forms(app, who, words, desk)
    for endpoint, path, form in found:
        status, wanted = place.write(endpoint, path, form)
        assert status < 500, endpoint
        for extra in planted(owned(endpoint, who, form)):
            assert len(extra) > 150
            assert place.write(endpoint, path, form, extra) == (status, wanted), endpoint
        changed |= {endpoint} if wanted else set()
    assert (len(found), len(changed)) == CHANGED[who]


def test_a_field_that_does_belong_is_seen(app, desk, world):
    """The control: had one of them been taken, the comparison would tell."""
    (place, words), seen = world("ada"), []
    for endpoint, path, form in forms(app, "ada", words, desk):
        for name in sorted(OWN.get(endpoint, ())):
            values = WORDS | {"note": "planted", "description": "planted", "provider": "planted", "adopts": "y"}
            extra = {name: values.get(name, "planted"), "why": "So"}
            if place.write(endpoint, path, form, extra) != place.write(endpoint, path, form):
                seen.append((endpoint, name))
    assert len(seen) == 24


def test_no_writing_route_is_left_out(app):
    """Whoever adds one adds its form; an administrator's and a stranger's then changes something."""
    writing = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in rule.methods}
    assert writing == ALL.keys() | NO_WRITES and not ALL.keys() & NO_WRITES
    of_frames = {endpoint for endpoint in writing - NO_WRITES if endpoint.startswith("embed.")}
    assert CHANGED["ada"] == (len(ALL) - len(OF_STRANGERS | of_frames),) * 2
    assert CHANGED["stranger"] == (len(OF_STRANGERS),) * 2
