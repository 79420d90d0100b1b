"""Whatever people write stays text, on every page: nothing of it runs, leads or calls elsewhere, or becomes markup."""

import re
from itertools import zip_longest
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from flask import request
from playwright.sync_api import Error, expect
from sqlalchemy import select

from tests import factories as make
from tests.browser.test_every_page import FOR_ADMINISTRATORS, FOR_REPORTERS, FOR_STAFF
from tests.support.embedding import make_key, token
from tests.support.hostile import LONG, PAYLOADS, PICTURE, Channels, address, lay, numbers, spoilt
from tests.support.origins import two_sites
from tests.support.visits import report, visit
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.jobs.embed_keys import publish_wall
from ticketing.models import Category, EmbedKey, SlaTerms, Team, Ticket, User

FILES = r"assets|static|health|attachments|tab|.+\.export|.+_csv|.+_document"  # no pages, by their endpoints
IN_FRAMES = {"embed.report", "embed.reported"}
# What of a text is in the page as anything else; in templates too, which scripts copy from. Waits for htmx.
SIGNS = """async () => {
  const signs = [], wait = () => new Promise((done) => setTimeout(done, 15));
  for (let n = 0; n < 200 && (!n || document.querySelector(".htmx-request")); n += 1) await wait();
  const asks = /^(src|srcset|href|xlink:href|(form)?action|data|poster)$|hx-(get|post|put|patch|delete|.*url)$/;
  const far = (to) => !/^(https?|mailto):$/.test(to.protocol) || (to.host && to.host !== location.host);
  const leads = (text) => { try { return far(new URL(text, location.href)); } catch { return false; } };
  const fails = (text) => { try { JSON.parse(text); return false; } catch { return true; } };
  const written = (node) => node.matches('.prose a[rel="noopener nofollow ugc"]') && /^https?:/.test(node.href);
  const strange = (node, { name, value }) => /^on|^srcdoc$|hacked|hx-on/.test(name)
    || (/hx-/.test(name) && /^(js|javascript):/.test(value)) || (name === "style" && /url|hacked/.test(value))
    || (asks.test(name) && leads(value) && !(name === "href" && written(node)));
  const odd = (node) => node.matches("style, base, iframe, object, embed, meta[http-equiv]")
    || (node.matches("script:not([src])") && (node.type !== "application/json" || fails(node.textContent)));
  const walk = (root) => root.querySelectorAll("*").forEach((node) => {
    if (odd(node) || [...node.attributes].some((one) => strange(node, one))) signs.push(node.outerHTML.slice(0, 200));
    if (node.content instanceof DocumentFragment) walk(node.content);
  });
  const whole = (walk(document), document.documentElement.outerHTML);
  return [whole.includes("94011") ? ["the sum of a template"] : signs, whole];
}"""
# Fills in the form that has a field of this name, with one text or with {field: text}, and sends it.
FILL = """([name, given]) => {
  const form = document.querySelector(`main [name="${name}"]`).form;
  for (const field of form.elements) {
    const text = typeof given === "string" ? given : given[field.name];
    if (!field.name || text === undefined || /hidden|checkbox|radio|file|submit|button/.test(field.type)) continue;
    if (field.tagName === "SELECT") field.add(new Option(text, text)); else field.setAttribute("type", "text");
    field.value = text;
  }
  form.noValidate = window.before = true; form.requestSubmit();
  return form.matches("[hx-post]:not([hx-trigger])");
}"""


class Watch:
    """Opens pages in a context, and notes what should not happen there: (what, where, more)."""

    def __init__(self, context, home, *others):
        self.home, self.noticed, self.seen, self.opened = home, [], set(), []
        self.page = self.room = context.new_page()  # the room is a frame in it, where the desk is in one
        ours = tuple(f"{origin}/" for origin in (home, *others))
        context.expose_binding("__hacked", lambda _source, number=None: self._note("ran", number))
        context.on("dialog", lambda dialog: (self._note("dialog", dialog.message), dialog.dismiss()))
        context.on("page", lambda page: self._note("window", page.url))
        context.on("request", lambda one: None if one.url.startswith(ours) else self._note("request", one.url))

    def open(self, path):
        self.at = path
        self.opened.append(path)
        self.look(visit(self.room, self.home + path))

    def send(self, path, name, given):
        """Answer the form of that page that has a field of this name. The status of what comes back."""
        self.at = f"POST {path}"
        visit(self.room, self.home + path)
        with self.page.expect_response(lambda answer: answer.request.method == "POST") as caught:
            stays = self.room.evaluate(FILL, [name, given])
        if not stays or "hx-redirect" in caught.value.headers:
            self.room.wait_for_function("!window.before")
            self.room.wait_for_load_state()
        self.look()
        return caught.value.status

    def look(self, answer=None):
        try:
            signs, whole = self.room.evaluate(SIGNS)
        except Error as problem:
            return self._note("left", problem.message)
        if answer and (answer.status >= 500 or self.room.url.partition("#")[0] != answer.url.partition("#")[0]):
            self._note("left", (answer.status, self.room.url))
        self.noticed += [("sign", self.at, sign) for sign in signs]
        self.seen |= numbers(whole)

    def _note(self, what, more):
        self.noticed.append((what, self.at, more))


def test_what_is_not_escaped_is_noticed(live, new_context, troubles):
    """The control: what the other tests do not see would not be there to see."""
    troubles.allow("")
    context, body, missed = new_context(), [""], []
    watch = Watch(context, live.url)
    context.route("**/spoilt", lambda route: route.fulfill(body=body[0], content_type="text/html; charset=utf-8"))
    context.route("**/evil.test/**", lambda route: route.fulfill(body=""))
    for place, (shown, round_it, payload) in enumerate(PAYLOADS, 1):
        body[0] = spoilt(round_it, payload.replace("~", str(place)))
        watch.noticed.clear()
        watch.open("/spoilt")
        watch.page.wait_for_timeout(50)
        if shown not in {what for what, _where, _more in watch.noticed}:
            missed.append((shown, payload, watch.noticed[:]))
    assert missed == []
    assert len(PAYLOADS) == 43


@pytest.fixture
def desk(live, new_context):
    """The channels, where to find what was laid, and `watch(who)`: their browser, a stranger's for None."""
    tables = {"people": User, "teams": Team, "categories": Category, "keys": EmbedKey, "versions": SlaTerms}
    with live.app.app_context():
        lay(channels := Channels(), now())
        tickets = db.session.scalars(select(Ticket).order_by(Ticket.id)).all()
        parties = {(kind, one.details.get(kind)) for one in tickets for kind in ("provider", "payment_system")}
        users = {who: make.person(who).get_id() for who in ("mara", "ada", "rita")}
        found = SimpleNamespace(
            channels=channels, tickets=[one.key for one in tickets if one.details],
            closed=[one.key for one in tickets if one.closed_at and not one.details][3],
            talked=next(one.key for one in tickets if one.title == "Payouts to IBANs hang"),
            held=[one.key for one in tickets if one.hold_reason][3],
            troubles=[*{one.signature: f"{one.signature}-{one.category_id or 0}" for one in tickets}.values()],
            parties=sorted(f"{kind}/{quote(name, safe='')}" for kind, name in parties if name),
            wall=publish_wall(db.session.get(EmbedKey, 1), make.person("ada"), now()),
            **{name: db.session.scalars(select(one.id).order_by(one.id)).all() for name, one in tables.items()},
        )  # fmt: skip

    def watch(who):
        begun = Watch(new_context(bypass_csp=True), live.url)  # a policy would keep quiet what was not escaped
        if who:
            live.sign_in(begun.page, users[who])
        return begun

    found.watch, found.asked = watch, set()
    live.app.before_request_funcs[None].insert(0, lambda: found.asked.add(request.endpoint))
    return found


def pages_of(desk):
    """By who opens them: every kind of page, enough of each kind to see all that was laid, and hostile addresses."""
    texts, held, few = desk.channels.texts, desk.held, slice(3, None, 5)
    places = dict.fromkeys(("busy", "held"), held) | {"closed": desk.closed, "reported": desk.talked}
    places |= {"new": desk.tickets[9], "party": desk.parties[9], "flare": desk.troubles[0], "back": desk.troubles[-1]}
    known = [[one.format(**places) for one in of.values()] for of in (FOR_STAFF, FOR_ADMINISTRATORS, FOR_REPORTERS)]
    by = {name: texts(f"filter by {name}", 200) for name in ("q", "owner", "reporter", "category", "team")}
    filled = ("title", "description", "reporter", "player_id", "provider", "endpoint", "payment_system")
    new = {name: " ".join(texts(f"new ticket's {name}", LONG)) for name in filled} | {"related_to": "<b>"}
    day, words = (" ".join(texts(f"{name} of an address", LONG)) for name in ("day", "words"))
    return {
        "mara": [
            *known[0], *(f"/tickets/{key}" for key in desk.tickets[few]), f"/tickets/{desk.talked}?activity=history",
            *(f"/reports/providers/{one}" for one in desk.parties[few]), "/board/columns/new", "/board?q=zebra", "/",
            *(f"/reports/recurring/{one}" for one in desk.troubles[few]), "/notifications/bell", "/queue?q=zebra",
            *(f"/settings/versions/{one}" for one in desk.versions[few]), "/notifications/latest", "/tickets",
            "/queue/people?for=bulk", "/tickets/people?q=n&as=mentions", "/profile/second-factor",
            *(address("/queue", **dict(zip(by, values, strict=True))) for values in zip(*by.values(), strict=True)),
            *(address("/tickets/new", type=kind, **new) for kind in ("payment_issue", "integration_issue")),
            address("/reports", first=day, last=day, person=words), address("/reports/tickets", figure=words),
            address("/board", **by), address("/queue", status=words), f"/tickets/{desk.talked}",
            address("/board/people", ticket=held, query=words), address(f"/tickets/{held}/actions", context=words),
        ],
        "ada": [
            *known[1], "/settings/embedding", "/settings/embedding/new", "/settings/sign-in", "/settings/audit",
            *(f"/settings/{one}/{id}" for one in ("people", "teams", "categories") for id in getattr(desk, one)[few]),
            *(f"/settings/embedding/{one}" for one in desk.keys[:12]), f"/settings/embedding/{desk.keys[3]}/revocation",
            *(f"/settings/{name}" for name in ("policies/policy4", "calendars/hours4", "calendars/hours4/removal")),
            address("/settings/people", q=desk.channels.text("person to find", 200)),
            address("/settings/audit", person=words, since=desk.channels.text("day of the log", 200)),
        ],
        "rita": [*known[2], *(address("/my", q=text) for text in by["q"][few]), address("/tickets/new", **new)],
        None: [
            *(address(path, next=words, token=words) for path in ("/embed/enter", "/sign-in", "/forgot")),
            address("/sign-in/code", next=words), f"/embed/wall/{desk.wall}",
            *(f"/{room}/{quote(words.replace('/', '')[:200])}" for room in ("new-password", "nothing", "embed/wall")),
        ],
    }  # fmt: skip


def test_no_page_takes_a_text_for_anything_else(live, desk, troubles):
    troubles.allow("status of (403|404|410)|does not conform to the required format")
    seen, pages = set(), pages_of(desk)
    for who, paths in pages.items():
        watch = desk.watch(who)
        for path in paths:
            watch.open(path)
        assert watch.noticed == []
        seen |= watch.seen
    unshown = desk.channels.named.index("user agent") + 1  # a name that we know is made of it
    assert {one % 100 for one in desk.channels.laid - seen if one // 100 != unshown} == {PICTURE}
    assert len(desk.channels.named) == 70
    assert sum(map(len, pages.values())) > 180
    kinds = {rule.endpoint for rule in live.app.url_map.iter_rules() if "GET" in rule.methods}
    assert {kind for kind in kinds - desk.asked if not re.match(FILES, kind)} == IN_FRAMES


def test_no_answer_to_a_form_does(desk, troubles):
    troubles.allow("does not conform to the required format")
    held, rooms, channels = f"/tickets/{desk.held}", "/settings", desk.channels
    # Either all fields of the form that has this one, which is refused, or some that are kept, and how long they are.
    sent = {
        "mara": {
            "/tickets/new": "title", f"{held}/edit": "title", f"{held}/hold": "text", f"{held}/links": "other",
            f"{held}/closing": "duplicate_of", "/profile": "name", f"{rooms}/policies/new": "name",
            f"{rooms}/calendars/new": "name", f"{rooms}/board": "new", f"{rooms}/what-if?with=document": "document",
            "/tickets/new?": {"title": 200, "description": LONG}, f"{held}/edit?": {"title": 200}, held: {"body": LONG},
        },
        "ada": {
            **{f"{rooms}/{path}": "name" for path in ("people/new", "categories/new", "embedding/new", "teams")},
            **{f"{rooms}/{path}/{getattr(desk, path)[-1]}": {"name": 80} for path in ("people", "teams", "categories")},
            f"{rooms}/messages": "address", "/queue?priority=high": "name", "/queue?type=incident": {"name": 40},
        },
        None: {"/sign-in": "email"},
    }  # fmt: skip
    before, seen = channels.laid.copy(), set()
    for who, forms in sent.items():
        watch = desk.watch(who)
        for path, field in forms.items():
            if isinstance(field, str):
                assert watch.send(path, field, " ".join(channels.texts(path, LONG))) == 422, path
            else:
                given = {name: channels.text(f"{name} of {path}", most) for name, most in field.items()}
                assert watch.send(path, next(iter(field)), given) in (200, 204, 303), path
        assert watch.noticed == []
        seen |= watch.seen
    assert {number % 100 for number in channels.laid - before - seen} == {PICTURE}


def test_no_page_in_a_frame_does(live, desk, new_context, tmp_path):
    channels, before = desk.channels, len(desk.channels.named)
    fields = {"title": 200, "page": 500, "player": 80, "transaction": 120, "provider": 120}
    rows = zip_longest(*(channels.texts(f"report's {name}", most) for name, most in fields.items()), fillvalue="")
    pages = [
        *(f"tickets/{one}" for one in (desk.talked, desk.held, "new")), "reports", "board", "queue?q=zebra", "my",
        *(f"reports/{page}" for page in ("now", "providers", "recurring")), "notifications",
    ]  # fmt: skip
    with two_sites(live.app, tmp_path) as (home, panel, host):
        key, text = make_key(live.app, origins=panel), channels.text("name and title from a panel", 120)
        host.tokens.append(token(key, name=text, role="support_manager"))
        watch = Watch(new_context(ignore_https_errors=True), home, panel)
        watch.page.goto(panel)
        expect(watch.page.frame_locator("iframe").locator(".embedbar")).to_be_visible()
        [watch.room] = [one for one in watch.page.frames if one.url.startswith(home)]
        for row in rows:
            watch.look(report(watch.page, watch.room, dict(zip(fields, row, strict=True))))
        for page in pages:
            watch.open(f"/embed/{page}")
        assert watch.send("/embed/report", "title", {"title": text}) == 303
        watch.open(watch.room.url.removeprefix(home))
        watch.open(watch.opened[-1].replace("reported", "tickets"))
    assert watch.noticed == []
    assert {number for number in channels.laid - watch.seen if number // 100 > before} == set()
    assert desk.asked >= IN_FRAMES and len(watch.opened) == 13


def test_nothing_that_scripts_show_does(desk):
    watch = desk.watch("mara")
    page, text = watch.page, desk.channels.texts("typed", 200)[3]

    def see(what):
        expect(page.locator(what).first).to_be_visible()
        watch.look()

    watch.open(f"/tickets/{desk.held}")
    for opener in ("#prop-owner", "#move-other", "#more-actions", "#add-link", "#prop-provider", "#prop-team", ".bell"):
        page.locator(opener).first.click()
        see(":is(#ticket-menu, #inbox):popover-open form, dialog:modal form")
        page.keyboard.press("Escape")
    page.set_input_files("#composer-files", [{"name": text, "mimeType": "text/plain", "buffer": b"1"}])
    page.type("#composer textarea", "@onload")
    see("#mentions [role=option]")
    page.fill("#composer textarea", text)
    page.click("#composer button[type=submit]")
    see("#timeline .attachments")
    page.click("#move-other")
    page.click("#ticket-menu >> text=Solution check")
    see("dialog:modal form")
    watch.open("/tickets/new")
    page.fill("#title", f"{text} IBANs payouts")
    see("#similar li")
    watch.open("/queue?status=new")
    page.locator("input[name=ticket]").first.check()
    page.locator("#bulkbar").get_by_role("button", name="Move").click()
    page.get_by_label("Move the selected tickets").get_by_role("button", name="Correction").click()
    see("dialog:modal")
    assert watch.noticed == []
    assert numbers(text) <= watch.seen
