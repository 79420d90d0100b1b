"""Addresses that people bring along to be sent back to: none of them leads off the desk, wherever it is taken."""

import io
import re
from html import unescape
from urllib.parse import unquote, urljoin, urlsplit

import pytest
import time_machine
from sqlalchemy import delete, select
from werkzeug.routing import IntegerConverter
from werkzeug.test import EnvironBuilder

from tests import factories as make
from tests.support.embedding import HOME, frame_of, make_key
from tests.support.pulse import beat
from tests.support.second_steps import SECRET, code, give_passwords, make_device
from tests.support.signing import sign_in
from ticketing.extensions import db
from ticketing.models import SavedView, Ticket, User
from ticketing.rules.taxonomy import Status
from ticketing.web.frame import ROOMS

# Where a browser that is told them goes elsewhere, or runs something; ~ stands for the other site.
LEAVING = [
    "//~", "///~", "////~/..", "https://~", "HTTPS://~/board", "http:~", "https:/~", "https:///~", "ftp://~",
    "http://localhost.evil", "http://localhost@~", "https://localhost:443@~/", "//localhost@~/board",
    "//user:pass@~", "//~:80", "//~\\@localhost", "//127.1", "//[::1]/", "/\\~", "\\/~", "\\\\~", "/\\/~", "\\/\\/~",
    "//2130706433", "http:\\\\~", "https:\\/~", "/\t/~", "\t//~", "/\n/~", "/\r/~", "/\r\n/~", "/\t\\~", "\x01//~",
    " //~", "\x0b/\\~", "\r\n//~", "//\t~", "ht\ntps://~", "\0//~", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)", "\x1fjavascript:alert(1)", "javascript://localhost/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>", "vbscript:x", "blob:x", "mailto:x", "file:///etc/passwd",
    "about:blank", "view-source:x", "//evil\u3002example", "//\uff45vil.example"
]  # fmt: skip
# Python's own reading of an address stumbles over these.
BROKEN = ["//[~", "//~]", "https://[::1", "//~\u2100", "//~\uff03@localhost"]
# Where it stays here as long as nobody decodes, folds or cuts it.
LOOKALIKES = [
    "/%5c~", "/%5c%5c~", "/%09/~", "/%0a/~", "/%00/~", "/%2f%2f~", "%2f%2f~", "/%2F~", "/%255c~",
    "/board%0d%0aLocation:%20//~", "/%e2%81%84/~", "/\u2044~", "/\u2215~", "/\uff0f~", "/\u29f8~", "/\uff3c~",
    "/\ufe68~", "\u2044\u2044~", "\uff0f\uff0f~", "/.//~", "/..//~", "/board/..//~", "/%2e//~", "/%2e%2e//~",
    "/.\u200b//~", "/\u200b/~", "/\xad/~", "/\u202e/~", "/\x85/~", "/\u3000/~", "/\ufeff/~", "/\u2028/~", "/;@~",
    "/@~", "@~", "~", ".~", ":80", "/board\r\nLocation: //~", "/board\r\nSet-Cookie: x=1",
    "/board\u560d\u560aSet-Cookie: x=1", "/board#//~", "/board?next=//~", "?next=//~", "#//~", "/embed//~",
    "/embed/\\~", "/embed/\t/~", "/embed/embed//~", "/embed/https://~", "/embed%2f%2f~", "/embed@~", "/embed.~", "",
    " ", "/" + "x" * 600 + "//~",
]  # fmt: skip
LEAVING, LOOKALIKES, BROKEN = ([a.replace("~", "evil.example") for a in some] for some in (LEAVING, LOOKALIKES, BROKEN))
ADDRESSES = LEAVING + LOOKALIKES
COUNTS = {"addresses": 109, "asked": 1744, "tab": 140, "framed": 62, "paths": 94}
GOOD, HERE, ANN = "/queue?q=x", "http://localhost", {"email": "ann@desk.example", "password": SECRET}
# Every form that is followed by a way back, sent over and over: `V` is the version of the ticket that it names.
BACK = {
    "board.move": ("/board/moves", {"ticket": "T-1", "to": "diagnostics", "version": "V"}),
    "board.collapse": ("/board/columns/new/collapse", {"folded": "1"}),
    "board.limit": ("/board/columns/new/limit", {"limit": "3"}), "views.delete": ("/views/1/delete", {}),
    "queue.bulk": ("/queue/bulk", {"ticket": "T-2:V", "assign": "bo"}),
    "views.create": ("/views", {"name": "New", "query": "q=x"}), "tickets.attach": ("/tickets/T-1/attachments", {}),
    "tickets.assign": ("/tickets/T-1/owner", {"owner": "ann", "version": "V"}),
    "tickets.hold": ("/tickets/T-1/hold", {"reason": "provider", "text": "x", "version": "V"}),
    "tickets.resume": ("/tickets/T-1/resume", {"version": "V"}),
    "tickets.edit": ("/tickets/T-1/fields", {"title": "Same", "version": "V"}),
    "tickets.pin": ("/tickets/T-1/pin", {"version": "V"}), "tickets.watch": ("/tickets/T-1/watchers", {"watch": "1"}),
    "tickets.link": ("/tickets/T-1/links", {"kind": "related", "other": "T-2"}),
    "tickets.comment": ("/tickets/T-1/comments", {"body": "Hello"}),
    "tickets.close_as": ("/tickets/T-3/closing", {"resolution_code": "invalid", "comment": "x", "version": "V"}),
}  # fmt: skip
SOME = LEAVING[0], "/\\evil.example", "https://evil.example", "javascript:x", "/\t/evil.example", "/%5cevil.example"
PATHS = [
    "//~", "///~", "//~/", "//~/..", "//~/../board", "//~//board", "/\\~", "/\\~/board", "//~/queue", "//board",
    "/board/", "/board//", "//~/%2e%2e/board", "/\t/~", "/%5c~", "/%2f%2f~", "/./~", "/.//~", "/assets/0//~",
    "/assets/0/\\~", "/assets/0//\\~", "/assets/0/../..//~", "/assets/0/\t/~", "/assets/0/https://~", "/static//~",
    "/static/\\~", "/tickets//~", "/tickets/\\~", "/tickets/@~", "/my//~", "/reports/providers/provider//~",
    "/reports/providers/provider/\\~", "/reports/recurring//~", "/tab//~", "/wall//~", "/new-password//~",
    "/embed//~", "/embed///~", "/embed/\\~", "/embed/assets/0//~", "/embed/embed//~", "/embed/static//~",
    "/embed/tab//~", "/embed//board", "/embed//~/board", "@~", "~",
]  # fmt: skip
SIGN_OUT = {"accounts.sign_out", "accounts.end_own_sessions", "accounts.end_own_session", "embed.enter"}
FIELDS = ("next", "return_to", "path", "url", "to", "redirect", "back", "target", "onward", "query", "from", "context")
TELLING = {"Location", "HX-Redirect", "HX-Location", "HX-Push-Url", "HX-Replace-Url", "Refresh", "Link"}
LINKS = re.compile(r'\s(?:href|src|action|formaction|hx-(?:get|post|push-url|replace-url))="([^"]*)"')


class Asker:
    """A browser in a tab or, with a prefix, in a frame, and whose it is."""

    def __init__(self, app, client, email, base, prefix=""):
        self.app, self.client, self.email, self.base, self.prefix = app, client, email, base, prefix

    def ask(self, path, method="POST", **more):
        return self.client.open(self.prefix + path, method=method, base_url=self.base, **more)

    def send(self, where, form, headers=None, **more):
        """As if the page had just been opened, with a view of one's own to remove and room for another."""
        number = re.search(r"T-(\d)", f"{where} {form}")
        with self.app.app_context():
            version = str(db.session.get(Ticket, int(number[1])).version) if number else ""
            user = db.session.scalar(select(User).where(User.email == self.email))
            db.session.execute(delete(SavedView))
            db.session.add(SavedView(id=1, user_id=user.id, name="Old", query="q=x", created_at=make.NOW))
            db.session.commit()
        form = {name: value.replace("V", version) if number else value for name, value in form.items()}
        files = {"files": (io.BytesIO(b"x"), "x.txt")} if where.endswith("/attachments") else {}
        return self.ask(where, data=form | more | files, headers=headers)


@pytest.fixture
def desk(app, people):
    with app.app_context():
        for _ in range(3):
            make.ticket_in(Status.DIAGNOSTICS)
        db.session.commit()
    return app


@pytest.fixture
def tab(desk, people):
    return Asker(desk, sign_in(desk.test_client(), people.ada), people.ada.email, HERE)


@pytest.fixture
def framed(desk):
    return Asker(desk, frame_of(desk, make_key(desk), role="support_manager"), "pia@panel.example", HOME, "/embed")


def leaves(text, base):
    """Does a browser on `base` that is sent to `text` come to another site, or to no page of the web?"""
    own, text = urlsplit(base), re.sub(r"[\t\n\r]", "", text.strip("".join(map(chr, range(33)))))
    scheme, rest = re.fullmatch(r"(?:([A-Za-z][A-Za-z0-9+.-]*):)?(.*)", text, re.DOTALL).groups()
    if scheme and scheme.lower() not in ("http", "https"):
        return True
    rest = re.split(r"[?#]", rest)[0].replace("\\", "/")
    if (scheme and scheme.lower() != own.scheme) or rest.startswith("//"):
        return rest.lstrip("/").split("/")[0].lower() != own.netloc
    try:
        return urlsplit(urljoin(base, text)).netloc != own.netloc
    except ValueError:
        return True


def assert_stays(answer, base, why):
    """Nothing in this answer leads elsewhere: no header, no link, no form."""
    with answer:
        assert answer.status_code < 500, (why, answer.status_code)
        assert not re.search(r"[\r\n]|Set-Cookie: x", f"{answer.headers}".replace("\r\n", "")), why
        told = [value for name, value in answer.headers if name in TELLING]
        if answer.content_type.startswith("text/html"):
            told += [unescape(link) for link in LINKS.findall(answer.text)]
        assert [to for to in told if leaves(to, base) and not to.startswith("mailto:")] == [], why


def test_the_lists_are_what_they_say():
    bases = (f"{HERE}/board", f"{HOME}/embed/board")
    assert [text for text in LEAVING if not any(leaves(text, base) for base in bases)] == []
    assert [text for text in LOOKALIKES if any(leaves(text, base) for base in bases)] == []
    assert not any(leaves(text, HERE) for text in (GOOD, f"{HERE}/board", "board", "http:/board"))
    assert len(set(ADDRESSES)) == len(ADDRESSES) == COUNTS["addresses"]


@pytest.mark.parametrize("place", ["tab", "framed"])
def test_what_was_sent_along_never_leads_away(request, place):
    asker, asked, followed = request.getfixturevalue(place), 0, 0
    for address in ADDRESSES:
        for endpoint, (path, form) in BACK.items():
            answer = asker.send(path, form, next=address, return_to=address)
            assert answer.status_code == (422 if "\0" in address else 303), (endpoint, address, answer.status_code)
            followed += answer.location == address
            assert_stays(answer, asker.base, (endpoint, address))
            asked += 1
    assert asked == len(BACK) * len(ADDRESSES) == COUNTS["asked"]
    assert followed > len(BACK)  # lookalikes lead to some page of the desk


def test_an_address_that_cannot_be_read_is_refused_like_any_other(tab, framed):
    faults, asked = [], 0
    for asker in (tab, framed):
        for address in BROKEN:
            for endpoint in ("board.move", "tickets.comment", "views.delete", "queue.bulk"):
                answer = asker.send(*BACK[endpoint], next=address, return_to=address)
                faults += [(endpoint, address)] * (answer.status_code != 303)
            for path in {"/tab"} if asker is framed else {"/sign-in", "/sign-in/code"}:
                answer = asker.ask(path, query_string={"next": address}, data={"path": address})
                faults += [(path, address)] * (answer.status_code >= 500)
            asked += 1
    assert (faults, asked) == ([], 10)


def test_a_good_address_is_followed(tab, framed):
    """The control: it is the address alone that was refused."""
    for asker in (tab, framed):
        for endpoint, (path, form) in BACK.items():
            answer = asker.send(path, form, next=GOOD, return_to=GOOD)
            assert (answer.status_code, answer.location) == (303, GOOD), endpoint


def test_signing_in_leads_nowhere_else(app, people, tab):
    give_passwords(app, people, "ann")
    asked = 0
    for address in [*ADDRESSES, GOOD]:
        query = {"next": address}
        shown = app.test_client().get("/sign-in", query_string=query)
        went_on = tab.ask("/sign-in", "GET", query_string=query)
        let_in = app.test_client().post("/sign-in", query_string=query, data=ANN | query)
        statuses = (422, 422, 422) if "\0" in address else (200, 302, 303)
        assert (shown.status_code, went_on.status_code, let_in.status_code) == statuses, address
        for answer in (shown, went_on, let_in):
            assert_stays(answer, HERE, address)
            asked += 1
    assert (asked, let_in.location) == (3 * COUNTS["addresses"] + 3, GOOD)


def test_the_second_step_leads_nowhere_else(app, people):
    asked = 0
    with time_machine.travel(make.NOW, tick=False) as clock:
        give_passwords(app, people, "ann")
        secret, _codes = make_device(app, clock)
        for address in [*ADDRESSES, GOOD]:
            client, query = app.test_client(), {"next": address}
            assert_stays(client.post("/sign-in/code", query_string=query), HERE, address)  # nobody's, and not yet
            assert_stays(client.post("/sign-in", query_string=query, data=ANN), HERE, address)
            assert_stays(client.get("/sign-in/code", query_string=query), HERE, address)
            answer = client.post("/sign-in/code", query_string=query, data={"code": code(secret)})
            assert answer.status_code == (422 if "\0" in address else 303), address
            assert_stays(answer, HERE, address)
            clock.shift(31)
            asked += 4
    assert (asked, answer.location) == (4 * COUNTS["addresses"] + 4, GOOD)


def test_a_tab_opened_from_a_frame_is_one_of_the_desk(desk, framed):
    asked = 0
    for address in [one for one in ADDRESSES if "\0" not in one] + [GOOD, f"/embed{GOOD}"]:
        page = framed.ask("/tab", data={"path": address})
        link = framed.ask("/tab", data={"path": address}, headers={"Accept": "application/json"}).json["address"]
        assert page.status_code == 200 and link.startswith(f"{HOME}/tab/"), address
        assert_stays(page, HOME, address)
        answer = desk.test_client().get(link.removeprefix(HOME), base_url=HOME)
        assert answer.status_code == 303, address
        assert_stays(answer, HOME, address)
        assert address not in (GOOD, f"/embed{GOOD}") or answer.location == GOOD
        asked += 1
    assert asked == COUNTS["addresses"] + 1


def routes(app, framed):
    """(endpoint, method, path) of all that can be asked for there."""
    for rule in app.url_map.iter_rules():
        room = rule.endpoint.partition(".")[0]
        if room == "embed" and not framed or framed and room not in ROOMS or rule.endpoint in SIGN_OUT:
            continue
        values = {name: 1 if isinstance(rule._converters[name], IntegerConverter) else
                  {"key": "T-1", "status": "new"}.get(name, "x") for name in rule.arguments}  # fmt: skip
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, app.url_map.bind("localhost").build(rule.endpoint, values, method=method)


@pytest.mark.parametrize("place", ["tab", "framed"])
def test_no_route_takes_such_an_address_by_any_name(request, desk, place):
    asker, asked = request.getfixturevalue(place), 0
    beat(desk, make.at(10_000_000))  # /healthz is well, however long this takes
    with desk.test_request_context():
        found = list(routes(desk, place == "framed"))
    for endpoint, method, path in found:
        for number, address in enumerate(SOME):
            fields, headers = dict.fromkeys(FIELDS, address), {"HX-Request": "true"} if number % 2 else {}
            headers |= {"Referer": address, "HX-Current-URL": address} if address.isprintable() else {}
            sent = {"query_string": fields} | ({"data": fields} if method == "POST" else {})
            assert_stays(asker.ask(path, method, headers=headers, **sent), asker.base, (endpoint, method, address))
            asked += 1
    assert (len(found), asked) == (COUNTS[place], COUNTS[place] * len(SOME))
    assert asker.ask("/board", "GET").status_code == 200  # nothing of it signed anybody out


def test_every_route_that_leads_back_is_known(desk, tab, framed, people):
    back = set()
    for asker in (tab, framed):
        with desk.test_request_context():
            found = list(routes(desk, asker is framed))
        for endpoint, method, path in found:
            (path, form), query = BACK.get(endpoint, (path, {})), dict.fromkeys(FIELDS[:3], GOOD)
            answer = asker.send(path, form, **query) if method == "POST" else asker.ask(path, "GET", query_string=query)
            with answer:
                if any(GOOD in unquote(value) for name, value in answer.headers if name in TELLING):
                    back.add(endpoint)
    assert back == set(BACK) | {"accounts.sign_in", "accounts.second_step"}


@pytest.mark.parametrize("who", ["stranger", "ada", "framed"])
def test_odd_paths_lead_nowhere_else(desk, people, tab, framed, who):
    client = {"stranger": desk.test_client(), "ada": tab.client, "framed": framed.client}[who]
    base, asked = HOME if who == "framed" else HERE, 0
    for path in PATHS:
        for query in ("", "next=//evil.example"):
            environ = EnvironBuilder(base_url=base, path="/", query_string=query).get_environ()
            environ["PATH_INFO"] = environ["REQUEST_URI"] = path.replace("~", "evil.example")
            answer = client.open(environ)
            assert answer.status_code in (200, 302, 303, 308, 400, 401, 404), path
            assert_stays(answer, base, path)
            asked += 1
    assert asked == 2 * len(PATHS) == COUNTS["paths"]
