"""Tickets of every kind with a word of their own in each of their texts, and who may read which of them.

The table of who sees what is written out here by hand, from the rules: it must not be asked of the product.
"""

import io
from types import SimpleNamespace

from sqlalchemy import select

from tests import factories as make
from tests.support.pulse import beat
from tests.support.signing import sign_in
from ticketing.extensions import db
from ticketing.jobs.reports.refresh import refresh
from ticketing.models import Attachment, User
from ticketing.models.link import link
from ticketing.rules.taxonomy import LinkKind, Priority, Role, Status, TicketType

S = Status
EVERYBODY = {"ann", "liv", "bo", "wes", "ben", "ida", "mara", "ada", "rita", "sam"}
STAFF = EVERYBODY - {"rita", "sam"}
MANAGERS = {"mara", "ada"}
# word: who may know of the ticket. Ann owns Technical Support's, bo those of DevOps; wes of DevOps watches one of
# Technical Support's; liv is in Technical Support; ben, ida have nothing to do with any.
SEES = {
    "amber": STAFF | {"rita"},  # rita's, plain
    "basalt": {"ann", "liv", "wes", "rita"} | MANAGERS,  # rita's, restricted, watched by wes
    "cobalt": STAFF | {"sam"},  # sam's, of DevOps, plain
    "dolomite": {"bo", "wes", "sam"} | MANAGERS,  # sam's, of DevOps, restricted
    "emerald": {"ann", "liv", "rita"} | MANAGERS,  # rita's, restricted, closed
    "feldspar": STAFF | {"rita"},  # rita's, plain, closed
    "garnet": {"bo", "wes"} | MANAGERS,  # bo's own, restricted, the parent of amber
}
RESTRICTED = ("basalt", "dolomite", "emerald", "garnet")
KEYS = {word: f"T-{number}" for number, word in enumerate(SEES, 1)}
# What of a ticket only staff may read, whoever reported it.
INTERNAL = ("note", "hidden")
PARTS = ("title", "text", "comment", "file", *INTERNAL)


def mark(word, part):
    """The word that stands in this part of this ticket, and nowhere else."""
    return f"{word}{part}zq"


def may_read(handle):
    """Every mark that this person may ever be shown."""
    return {
        mark(word, part)
        for word, seers in SEES.items()
        if handle in seers
        for part in PARTS
        if part not in INTERNAL or handle in STAFF
    }


ALL_MARKS = {mark(word, part) for word in SEES for part in PARTS}


def make_desk(app):
    """Everything above, and the accounts; gives their sign-ins by handle and the files as (number, word, internal)."""
    with app.app_context():
        make.people()
        make.person("liv", team=make.team("technical_support"))
        make.person("wes", team=make.team("devops"), role=Role.DEVOPS_ENGINEER)
        made = {word: _ticket(word) for word in SEES}
        made["basalt"].watch(make.person("wes"), by=make.person("mara"), at=make.at(8))
        link(made["garnet"], made["amber"], LinkKind.PARENT, by=make.person("mara"), at=make.at(9))
        link(made["amber"], made["dolomite"], LinkKind.RELATED, by=make.person("mara"), at=make.at(9))
        link(made["cobalt"], made["basalt"], LinkKind.RELATED, by=make.person("mara"), at=make.at(9))
        db.session.commit()
        users = {user.handle: user for user in db.session.scalars(select(User))}
        db.session.expunge_all()
    for word, seers in SEES.items():
        _talk(sign_in(app.test_client(), users["ann" if "ann" in seers else "bo"]), word)
    with app.app_context():
        refresh(make.at(60), "UTC")
        files = [(one.id, word, one.internal) for one in db.session.scalars(select(Attachment).order_by(Attachment.id))
                 for word in SEES if one.name.startswith(word)]  # fmt: skip
    beat(app)
    return SimpleNamespace(users=users, files=files)


def _ticket(word):
    devops = word in ("cobalt", "dolomite", "garnet")
    reporter = "bo" if word == "garnet" else "sam" if devops else "rita"
    return make.ticket_in(
        S.CLOSED if word in ("emerald", "feldspar") else S.DIAGNOSTICS,
        owner=make.person("bo" if devops else "ann"), by=make.person(reporter), priority=Priority.HIGH,
        type=TicketType.SECURITY_ALERT if word in RESTRICTED else TicketType.INCIDENT,
        title=f"Deposits stay pending {mark(word, 'title')}", description=f"They wait {mark(word, 'text')}",
    )  # fmt: skip


def _talk(client, word):
    for part, file, visibility in (("comment", "file", "public"), ("note", "hidden", "internal")):
        files = [(io.BytesIO(b"10:31 timeout"), f"{mark(word, file)}.log")]
        answer = client.post(
            f"/tickets/{KEYS[word]}/comments",
            data={"body": f"Seen {mark(word, part)}", "visibility": visibility, "files": files},
        )
        assert answer.status_code == 303, (word, part, answer.status_code)
