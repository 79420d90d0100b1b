"""One act on many tickets: the same verb for each, each in its own transaction with its own version."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import NotFound

from ticketing.clock import now
from ticketing.extensions import db
from ticketing.models.link import link
from ticketing.models.team import Category
from ticketing.models.ticket import Ticket
from ticketing.models.ticket_family import Reached
from ticketing.models.user import User
from ticketing.queries.family import count_open_children
from ticketing.queries.filters import Filters
from ticketing.queries.queue import load_rows
from ticketing.rules.abilities import Ability, Permission
from ticketing.rules.refusals import Invalid, Refusal
from ticketing.rules.taxonomy import STATUSES, LinkKind, Status
from ticketing.web import access
from ticketing.web.answers import closes_children, read_answers
from ticketing.web.labels import LABELS
from ticketing.web.queue_blueprint import blueprint, send_csv
from ticketing.web.respond import Toast, keep, safe_next, wants_fragment
from ticketing.web.sla_chip import Chips
from ticketing.web.template_helpers import gettext as _
from ticketing.web.template_helpers import moment
from ticketing.web.ticket_family import children_closed

AT_ONCE = 300
# What a move may ask for, in the order of the dialog.
ASKABLE = ("type", "category", "priority", "owner", "solution", "resolution_code", "root_cause", "why")
_PICKED = re.compile(r"T-(\d{1,9}):(\d{1,9})")


@dataclass(slots=True)
class Picked:
    """One selected ticket as the page knew it, and what became of it: `code` is why it was refused."""

    key: str
    version: int
    title: str = ""
    code: str | None = None
    fields: dict[str, str] = field(default_factory=dict)
    children: list[int] = field(default_factory=list)  # closed with it
    refused_children: list["Picked"] = field(default_factory=list)

    @property
    def number(self) -> int:
        return int(self.key[2:])


@dataclass(frozen=True, slots=True)
class Act:
    """`do` is the verb, given a ticket and the version it was shown with. `said` words what was done."""

    ability: Ability
    do: Callable[[Ticket, int], object]
    said: str


@blueprint.post("/queue/bulk")
@access.needs(Permission.USE_BOARD)
def bulk():
    picked = read_picked(request.form.getlist("ticket"))
    if "export" in request.form:
        return send_csv(Filters(status=tuple(str(status) for status in STATUSES)), [one.number for one in picked])
    try:
        act = _read_act(request.form)
    except Invalid as refusal:
        db.session.rollback()
        if "asked" not in request.form:
            raise
        return _ask(picked, {}, refusal.errors)
    missing = {} if {"link", "parent"} & request.form.keys() else _missing(act, picked)
    if missing:
        return _ask(picked, missing, missing if "asked" in request.form else {})
    for one in picked:
        _settle(one, act, keep_it=True)
    return _tell(act, picked)


def read_picked(values: list[str]) -> list[Picked]:
    """The selected tickets, each once. Raises Invalid when there are none, too many, or one that is none."""
    found = {}
    for value in values:
        match = _PICKED.fullmatch(value)
        if match is None:
            raise Invalid({"ticket": "unknown_value"})
        found[match[1]] = Picked(f"T-{match[1]}", int(match[2]))
    if not found:
        raise Invalid({"ticket": "required"})
    if len(found) > AT_ONCE:
        raise Invalid({"ticket": "too_many"})
    return list(found.values())


def _read_act(form) -> Act:
    if "parent" in form:
        return _link(form.get("parent_key", ""), "back:parent", "parent_key")
    if "link" in form:
        return _link(form.get("key", ""), form.get("kind", ""), "key")
    answers = read_answers(form)
    by, at = access.person(), now()
    if "move" in form:
        if form["move"] not in STATUSES:
            raise Invalid({"move": "unknown_value"})
        target = Status(form["move"])

        def move(ticket: Ticket, version: int) -> Reached | None:
            moved = ticket.move_to(target, by=access.person(), at=at, version=version, answers=answers)
            takes_along = moved and target is Status.CLOSED and closes_children(form)
            return ticket.close_children(by=access.person(), at=at) if takes_along else None

        return Act(Ability.MOVE, move, _("moved to %(status)s", status=LABELS["status"][target]))
    owner = _owner(form.get("assign") or form.get("handle"), by)

    def assign(ticket: Ticket, version: int) -> None:
        if form.get("assign") == "me" and ticket.owner_id == access.person().id:  # Take acknowledges one's own
            ticket.take(by=access.person(), at=at, version=version)
        else:
            ticket.assign(owner, by=access.person(), at=at, version=version, answers=answers)

    return Act(Ability.ASSIGN, assign, _("assigned to %(name)s", name=owner.name) if owner else _("unassigned"))


def _owner(handle: str | None, by: User) -> User | None:
    if handle == "none":
        return None
    if handle == "me":
        return by
    found = db.session.scalar(select(User).where(User.handle == handle)) if handle else None
    if found is None:
        raise Invalid({"owner": "unknown_value" if handle else "required"})
    return found


def _link(key: str, kind: str, field_name: str) -> Act:
    """`kind` is a kind of link, read from the selected ticket; "back:" in front reads it from the other one, whose key
    came in this field."""
    kind, back = kind.removeprefix("back:"), kind.startswith("back:")
    if kind not in set(LinkKind):
        raise Invalid({"kind": "unknown_value"})
    key, at = key.strip(), now()
    other = access.visible_ticket(key, access.person())
    if other is None:
        raise Invalid({field_name: "unknown_value" if key else "required"})
    key = other.key
    db.session.commit()  # each ticket's own transaction locks both by number

    def join(ticket: Ticket, _version: int) -> None:
        ends = [ticket, access.ticket_or_404(key, Ability.LINK)]
        source, target = reversed(ends) if back else ends
        link(source, target, LinkKind(kind), by=access.person(), at=at)

    said = _("made children of %(key)s", key=key) if field_name == "parent_key" else _("linked to %(key)s", key=key)
    return Act(Ability.LINK, join, said)


def _missing(act: Act, picked: list[Picked]) -> dict[str, str]:
    """What the act asks for over all tickets: it is tried on each and nothing of it is kept."""
    missing = {}
    for one in picked:
        _settle(one, act, keep_it=False)
        missing |= one.fields
    return missing


def _settle(one: Picked, act: Act, keep_it: bool) -> None:
    one.code, one.fields, one.children, one.refused_children = None, {}, [], []
    try:
        ticket = access.ticket_or_404(one.key, act.ability)
        one.title = ticket.title
        _note_children(one, act.do(ticket, one.version))
        if keep_it:
            db.session.commit()
        else:
            db.session.flush()
    except NotFound:
        one.code = "not_found"
    except Invalid as refusal:
        one.code, one.fields = refusal.code, refusal.errors
    except Refusal as refusal:
        one.code = refusal.code
    except StaleDataError:
        one.code = "stale"
    except OperationalError:
        one.code = "busy"
    db.session.rollback()


def _note_children(one: Picked, reached: object) -> None:
    if isinstance(reached, Reached):
        one.children = [child.id for child in reached.done]
        one.refused_children = [Picked(child.key, child.version, child.title, code) for child, code in reached.refused]


# The answers


def _ask(picked: list[Picked], fields: dict[str, str], errors: dict[str, str]):
    """A dialog, or a page, with the fields that are missing, once for all tickets."""
    asked = set(fields) | set(errors) | {name for name in request.form.getlist("fields") if name in ASKABLE}
    template = "queue/ask.htmx.html" if wants_fragment() else "queue/ask.html"
    context = {
        "picked": picked, "fields": [name for name in ASKABLE if name in asked], "errors": errors,
        "given": request.form, "act": "move" if "move" in request.form else "assign", "next": _next(),
        "categories": _categories(), "children": _closable(picked),
    }  # fmt: skip
    return render_template(template, **context), 422


def _closable(picked: list[Picked]) -> int:
    """How many children the closing of these tickets could take along."""
    if request.form.get("move") != Status.CLOSED:
        return 0
    return count_open_children([one.number for one in picked if one.code in (None, "invalid")], access.person(), now())


def _tell(act: Act, picked: list[Picked]):
    refused = [one for one in picked if one.code]
    done = len(picked) - len(refused)
    children = {number for one in picked for number in one.children}
    text = children_closed(len(children), done) if children else ""
    toast = Toast(_title(done, len(picked), act.said), text, kind="success" if done else "error")
    refused += [child for one in picked for child in one.refused_children]
    if wants_fragment():
        numbers = {one.number for one in picked}
        found = load_rows(access.person(), [*numbers, *children], moment())
        rows, others = [row for row in found if row.id in numbers], [row for row in found if row.id not in numbers]
        return render_template("queue/done.htmx.html", rows=rows, others=others, chips=Chips(found, moment()),
                               refused=refused, toast=toast)  # fmt: skip
    if refused:
        return render_template("queue/done.html", refused=refused, title=toast.title, text=text, next=_next())
    keep(toast)
    return redirect(_next(), 303)


def _title(done: int, total: int, said: str) -> str:
    if done < total:
        return _("%(done)d of %(total)d tickets %(said)s", done=done, total=total, said=said)
    return _("1 ticket %(said)s", said=said) if total == 1 else _("%(n)d tickets %(said)s", n=total, said=said)


def _next() -> str:
    return safe_next(request.form.get("next"), url_for("queue.show"))


def _categories() -> dict[str, str]:
    query = select(Category.key, Category.name).where(Category.active).order_by(Category.id)
    return dict(db.session.execute(query).all())
