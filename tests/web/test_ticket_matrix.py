"""Every route, everybody, own, foreign and restricted tickets: what one may not know of is nowhere in any answer.

The desk, and who sees what, are in tests/support/matrix.py; the words in its tickets are looked for in all that the
desk answers, in a tab and in a frame.
"""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from werkzeug.routing import IntegerConverter

from tests.support import matrix
from tests.support.embedding import HOME, frame_of, make_key
from tests.support.matrix import ALL_MARKS, EVERYBODY, KEYS, SEES, STAFF, mark, may_read
from tests.support.rows import fingerprint
from tests.support.signing import sign_in
from ticketing.rules.taxonomy import Status
from ticketing.web.frame import ROOMS

HX = {"HX-Request": "true"}
PLACES = ["tab", "frame"]
# What has nothing of tickets in it, or needs something that only its own test has.
ASIDE = {
    "static", "assets", "health.healthz", "accounts.sign_in", "accounts.forgot", "accounts.new_password",
    "accounts.second_step", "accounts.second_factor_page", "embed.enter_by_fragment", "embed.wall", "tab.go_through",
}  # fmt: skip
FORM = {
    "body": "Hello", "visibility": "public", "from": "diagnostics", "to": "correction", "move": "correction",
    "version": "1", "owner": "me", "kind": "related", "title": "Mine now", "type": "incident", "priority": "critical",
    "reason": "provider", "resolution_code": "fixed", "pinned": "1", "root_cause": "software", "act": "assign",
}  # fmt: skip
_SECOND = ("parent_key", "related_to", "recurrence_of", "duplicate_of")
WORDS = [mark(word, part) for word in SEES for part in ("title", "comment", "note")]
SEARCHES = [f"q={mark(word, part)}&status=any" for word in SEES for part in matrix.PARTS]
# Addresses beyond the plain one; each list is asked for every word, and for what it may be narrowed to.
LISTS = {
    "board.show": ["q=deposits", "owner=ann", "owner=none", "type=security_alert", *SEARCHES],
    "queue.show": ["status=any", "restricted=1", "type=security_alert", "status=closed", "more=1", *SEARCHES],
    "queue.export": ["status=any", "q=deposits&status=any"],
    "tickets.mine": ["q=deposits", "page=1", *(f"q={word}" for word in WORDS)],
    "tickets.every": ["q=deposits"],
    "tickets.new": ["title=Deposits+stay+pending", *(f"recurrence_of={key}" for key in KEYS.values()),
                    *(f"duplicate_of={key}&related_to={key}&parent={key}" for key in KEYS.values())],
    "tickets.people": ["q=a", *(f"ticket={key}&q=a" for key in KEYS.values())],
    "board.people": [f"ticket={key}" for key in KEYS.values()],
    "reports.tickets": [f"figure={figure}&first=2026-05-01&last=2026-05-31" for figure in
                        ("created", "closed", "resolution", "reaction", "backlog", "reopened")],
    "reports.export_tickets": ["figure=created&first=2026-05-01&last=2026-05-31"],
    "reports.overview": ["first=2026-05-01&last=2026-05-31"],
    "notifications.show": ["page=1"],
    "tickets.show": ["activity=history", "activity=comments", "part=activity", "part=links"],
    "tickets.link_form": ["q=deposits"],
}  # fmt: skip


@pytest.fixture
def desk(app):
    return matrix.make_desk(app)


@pytest.fixture
def enter(app, desk):
    """`enter(handle, place)`: (their browser, what stands before each path)."""

    def go(handle, place):
        user = desk.users[handle]
        if place == "tab":
            return sign_in(app.test_client(), user), ""
        key = make_key(app, name="Panel", issuer="panel", adopts=True, role_ceiling="administrator")
        return frame_of(app, key, sub=handle, email=user.email, name=user.name, role=str(user.role)), "/embed"

    return go


def addresses(app, desk, place):
    """(endpoint, path) of all that can be read there, with each ticket, file, status and trouble in its place."""
    for rule in app.url_map.iter_rules():
        room = rule.endpoint.partition(".")[0]
        there = rule.endpoint == "home" or room in ROOMS
        if "GET" not in rule.methods or rule.endpoint in ASIDE:
            continue
        if room == "embed" if place == "tab" else not there:
            continue
        for values in _fillings(rule, desk):
            path = app.url_map.bind("localhost").build(rule.endpoint, values)
            yield rule.endpoint, path
            for more in LISTS.get(rule.endpoint, ()):
                yield rule.endpoint, f"{path}?{more}"


def _fillings(rule, desk):
    if "key" in rule.arguments:
        return [{"key": key} for key in KEYS.values()]
    if rule.endpoint == "attachments.download":
        return [{"number": number} for number, _word, _internal in desk.files]
    known = {
        "status": list(Status), "name": ["weeks", "created", "flow", "stages"], "place": ["deposits stay pending-0"],
        "kind": ["provider"],
    }  # fmt: skip
    name = next(iter(rule.arguments & known.keys()), None)
    rest = {one: 1 if isinstance(rule._converters[one], IntegerConverter) else "x" for one in rule.arguments}
    return [rest | {name: value} for value in known[name]] if name else [rest]


def _is_of_ticket(rule):
    """The keys of settings are of policies and calendars."""
    return "key" in rule.arguments and rule.endpoint.partition(".")[0] == "tickets"


def read(client, path, headers):
    with client.get(path, base_url=HOME, headers=headers) as answer:
        return answer.status_code, answer.get_data(as_text=True)


def standing_clock():
    """Pages say times, some to the second; two that are compared to the letter must be of one instant."""
    return time_machine.travel(datetime.now(UTC), tick=False)


def plain(answer, key):
    """What it says, but for the ticket's number and the token of its forms."""
    return re.sub(r"I[\w-]{50,}\.[\w-]+\.[\w-]+", "", answer.get_data(as_text=True)).replace(key, "T-x")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("handle", sorted(EVERYBODY))
def test_nobody_reads_a_word_that_is_not_theirs(app, desk, enter, handle, place):
    client, prefix = enter(handle, place)
    allowed, seen, asked, wrong = may_read(handle), set(), 0, []
    for endpoint, path in addresses(app, desk, place):
        for headers in ({}, HX):
            status, text = read(client, prefix + path, headers)
            asked += 1
            assert status < 500, (endpoint, path)
            typed = {one for one in ALL_MARKS if one in path}  # an address that names it says it again
            found = {one for one in ALL_MARKS if one in text}
            seen |= found
            wrong += [(path, dict(headers), one) for one in found - allowed - typed]
    assert wrong == []
    # The control: what is theirs was there. Files are told by name, the words of notes where notes are.
    assert allowed <= seen, allowed - seen
    assert asked > 300


@pytest.mark.parametrize("handle", sorted(EVERYBODY))
def test_what_one_may_not_know_of_answers_as_what_is_not_there(app, desk, enter, handle):
    client, _prefix = enter(handle, "tab")
    compared = 0
    for rule in app.url_map.iter_rules():
        if not _is_of_ticket(rule):
            continue
        for word, key in KEYS.items():
            if handle in SEES[word]:
                continue
            for method in sorted(rule.methods & {"GET", "POST"}):
                answers = []
                with standing_clock():
                    for one in (key, "T-999"):
                        path = app.url_map.bind("localhost").build(rule.endpoint, {"key": one}, method=method)
                        with client.open(path, method=method, base_url=HOME) as answer:
                            answers.append((answer.status_code, plain(answer, one)))
                assert answers[0] == answers[1], (rule.endpoint, method, key)
                assert answers[0][0] in (403, 404), (rule.endpoint, method, key)
                compared += 1
    assert compared >= (0 if handle in matrix.MANAGERS else 15)


@pytest.mark.parametrize("handle", sorted(EVERYBODY - matrix.MANAGERS))
def test_nobody_changes_what_they_may_not_know_of(app, desk, enter, handle):
    """By its address, by a form's field, in bulk; also as the second ticket of an act on one's own."""
    client, _prefix = enter(handle, "tab")
    before = fingerprint(app)
    unknown = [KEYS[word] for word in SEES if handle not in SEES[word]]
    form = FORM | {"owner": handle, "user": handle}
    sent = 0
    for rule in app.url_map.iter_rules():
        if _is_of_ticket(rule) and "POST" in rule.methods:
            for key in unknown:
                path = app.url_map.bind("localhost").build(rule.endpoint, {"key": key}, method="POST")
                assert client.post(path, data=form, base_url=HOME, headers=HX).status_code in (403, 404), path
                sent += 1
    for key in unknown:
        assert client.post("/board/moves", data=form | {"ticket": key}, headers=HX).status_code in (403, 404)
        client.post("/queue/bulk", data=form | {"tickets": key, "ticket": key}, headers=HX)
        sent += 2
    assert fingerprint(app) == before and sent >= 12


def test_a_reporter_does_on_their_own_ticket_what_reporters_may(app, desk, enter):
    client, _prefix = enter("rita", "tab")
    theirs, before, refused = {"tickets.comment", "tickets.attach"}, fingerprint(app), 0
    for rule in app.url_map.iter_rules():
        if _is_of_ticket(rule) and "POST" in rule.methods and rule.endpoint not in theirs:
            path = app.url_map.bind("localhost").build(rule.endpoint, {"key": KEYS["amber"]}, method="POST")
            assert client.post(path, data=FORM | {"user": "rita"}, headers=HX).status_code == 403, path
            refused += 1
    for move in ("correction", "classified", "new", "assigned"):
        form = FORM | {"ticket": KEYS["amber"], "to": move}
        assert client.post("/board/moves", data=form, headers=HX).status_code in (403, 409), move
    answer = client.post(
        f"/tickets/{KEYS['amber']}/comments", data={"body": "Psst", "visibility": "internal"}, headers=HX
    )
    assert answer.status_code == 403
    assert fingerprint(app) == before and refused >= 8


@pytest.mark.parametrize("handle", sorted(STAFF - matrix.MANAGERS))
def test_a_second_ticket_that_one_may_not_know_of_is_not_there_either(app, desk, enter, handle):
    client, _prefix = enter(handle, "tab")
    own = KEYS["amber"]
    before, compared = fingerprint(app), 0
    for word in SEES:
        if handle in SEES[word]:
            continue
        for path, name, other in (
            (f"/tickets/{own}/links", "key", {"kind": "related"}),
            (f"/tickets/{own}/closing", "duplicate_of", {"as": "duplicate"}),
            *(("/tickets", name, {"title": "x"}) for name in _SECOND),
        ):  # fmt: skip
            answers = []
            with standing_clock():
                for key in (KEYS[word], "T-999"):
                    with client.post(path, data={name: key, **other}, headers=HX) as answer:
                        answers.append((answer.status_code, plain(answer, key)))
            assert answers[0] == answers[1], (path, name, word)
            assert answers[0][0] >= 400, (path, name, word)
            compared += 1
    assert fingerprint(app) == before and compared >= 6


@pytest.mark.parametrize("handle", sorted(EVERYBODY))
def test_files_are_for_those_who_may_read_them(app, desk, enter, handle):
    client, _prefix = enter(handle, "tab")
    for number, word, internal in desk.files:
        with client.get(f"/attachments/{number}") as answer:
            allowed = handle in SEES[word] and (not internal or handle in STAFF)
            assert (answer.status_code == 200) is allowed, (word, internal)
            assert answer.status_code in (200, 404)
    assert len(desk.files) == 2 * len(SEES)


@pytest.mark.parametrize("handle", sorted(EVERYBODY))
def test_the_numbers_count_what_one_may_know_of(app, desk, enter, handle):
    client, _prefix = enter(handle, "tab")
    known = [word for word in SEES if handle in SEES[word]]
    still = [word for word in known if word not in ("emerald", "feldspar")]
    if handle not in STAFF:
        page = client.get("/my").text
        assert sum(f"/tickets/{KEYS[word]}" in page for word in SEES) == len(known)
        return
    rows = client.get("/queue.csv?status=any").text.count("Deposits stay pending")
    assert rows == len(known)
    page = client.get("/queue").text
    assert f"1 to {len(still)} of {len(still)}." in page
    head = client.get("/board/columns/diagnostics", headers=HX).text
    assert re.search(r"Tickets: </span>(\d+)", head)[1] == str(len(still))
