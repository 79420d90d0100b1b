"""The desk within somebody else's page: its cookie, who may show it, which rooms it has, and how its sessions end."""

import pytest
import time_machine
from sqlalchemy import select

from tests import factories as make
from tests.support.embedding import HOME, PANEL, frame_of, get, hand_over, make_key, post, token
from tests.support.signing import sign_in
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.models import AuditEntry, EmbedKey, User, UserSession
from ticketing.models.audit import AuditKind
from ticketing.rules.taxonomy import Role, Status
from ticketing.web.frame import ROOMS


@pytest.fixture
def key(app, people):
    return make_key(app, origins=f"{PANEL}\nhttps://second.example")


def ancestors(answer):
    return answer.headers["Content-Security-Policy"].rpartition("frame-ancestors ")[2]


def test_the_cookie_is_the_frames_own(app, key):
    answer = hand_over(app.test_client(), token(key))
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("ticketing_frame=")
    for part in ("Secure", "HttpOnly", "Path=/embed", "SameSite=None", "Partitioned"):
        assert part in cookie, cookie


def test_neither_cookie_opens_the_other(app, people, key):
    client = frame_of(app, key)
    assert client.get("/board", base_url=HOME).location.startswith("/sign-in")
    frame, tab = client.get_cookie("ticketing_frame", path="/embed").value, app.test_client()
    tab.set_cookie("ticketing", frame)
    assert tab.get("/board").location.startswith("/sign-in")
    signed = sign_in(app.test_client(), people.mara)
    assert get(signed, "/board").status_code == 401
    other = app.test_client()
    other.set_cookie("ticketing_frame", signed.get_cookie("ticketing").value, path="/embed", domain="localhost")
    assert get(other, "/board").status_code == 401


def test_only_the_keys_origins_may_show_what_its_session_gets(app, key):
    client = frame_of(app, key)
    with app.app_context():
        ticket = make.ticket_in(Status.DIAGNOSTICS)
        name = ticket.key
        db.session.commit()
    for path in ("/board", f"/tickets/{name}", "/no/such/page", "/reports", "/settings/people"):
        answer = get(client, path)
        assert ancestors(answer) == f"{PANEL} https://second.example", path
        assert "X-Frame-Options" not in answer.headers, path
    for path in ("/board", "/sign-in", "/", "/no/such/page"):
        answer = client.get(path, base_url=HOME)
        assert (ancestors(answer), answer.headers["X-Frame-Options"]) == ("'none'", "DENY"), path


def test_strangers_answers_are_shown_by_nobody(app, key):
    for path in ("/board", "/", "/tickets/T-1", "/no/such/page"):
        assert ancestors(get(app.test_client(), path)) == "'none'", path
    assert ancestors(hand_over(app.test_client(), "x")) == "'none'"
    assert ancestors(hand_over(app.test_client(), token(key, exp=5))) == f"{PANEL} https://second.example"


def test_the_page_of_the_way_in_is_shown_by_panels_alone(app, key):
    make_key(app, name="Third", issuer="third", origins="https://third.example")
    page = app.test_client().get("/embed/enter", base_url=HOME)
    assert ancestors(page) == "'none'"  # it lists nobody's panels
    assert (
        ancestors(app.test_client().get(f"/embed/enter?key={key.id}", base_url=HOME))
        == f"{PANEL} https://second.example"
    )
    assert ancestors(app.test_client().get("/embed/enter?key=x", base_url=HOME)) == "'none'"
    assert app.test_client().get("/enter", base_url=HOME).status_code == 404


def test_an_ended_session_is_told_in_its_frame(app, key):
    client = frame_of(app, key)
    with app.app_context():
        db.session.scalars(select(UserSession)).one().ended_at = now()
        db.session.commit()
    answer = get(client, "/board")
    assert (answer.status_code, ancestors(answer)) == (401, f"{PANEL} https://second.example")
    assert "/sign-in" not in answer.text


def test_only_some_rooms_are_there(app, key, people):
    client = frame_of(app, key, role="support_manager")
    with app.test_request_context():
        rooms = {rule.endpoint.partition(".")[0] for rule in app.url_map.iter_rules()}
    assert rooms - ROOMS == {"accounts", "settings", "health", "tab", "static", "assets", "home"}
    for path in ("/settings/board", "/sign-in", "/profile", "/settings/people"):
        assert get(client, path).status_code == 404, path
    assert get(client, "/").location == "/embed/board"
    for path in ("/board", "/queue", "/tickets/new", "/reports"):
        page = get(client, path)
        assert page.status_code == 200
        for room in (
            '"/settings',
            '"/embed/settings',
            "/embed/profile",
            "/embed/sign-out",
            'href="/board',
            'target="_top',
        ):
            assert room not in page.text, (path, room)


@pytest.mark.parametrize(
    ("said", "where"),
    [({}, "/embed/board"), ({"view": "queue"}, "/embed/queue"), ({"view": "mine"}, "/embed/my"),
     ({"role": "reporter"}, "/embed/my"), ({"view": "T-7"}, "/embed/tickets/T-7"), ({"view": "report"}, None)],
)  # fmt: skip
def test_a_token_says_where_to_begin(app, key, said, where):
    location = hand_over(app.test_client(), token(key, **said)).location
    assert location.startswith("/embed/") if where is None else location.partition("?")[0].startswith(where)


def test_another_user_of_the_panel_ends_the_session_before(app, key):
    client = frame_of(app, key)
    old = client.get_cookie("ticketing_frame", path="/embed").value
    assert hand_over(client, token(key, sub="8", email="otto@panel.example", name="Otto")).status_code == 303
    assert get(client, "/queue?view=mine").status_code == 200
    copied = app.test_client()
    copied.set_cookie("ticketing_frame", old, path="/embed", domain="localhost")
    assert get(copied, "/board").status_code == 401


def test_a_session_ends_when_nobody_uses_it_and_at_the_latest_after_its_hours(app, key):
    client, start = frame_of(app, key), now()
    with time_machine.travel(start.timestamp() + 239 * 60, tick=False):
        assert get(client, "/board").status_code == 200  # which is use, and is noted
    with time_machine.travel(start.timestamp() + 470 * 60, tick=False):
        assert get(client, "/board").status_code == 200
    with time_machine.travel(start.timestamp() + 711 * 60, tick=False):
        assert get(client, "/board").status_code == 401  # 241 minutes later
    client, start = frame_of(app, key), now()
    for hours in (3, 6, 9, 11.9):
        with time_machine.travel(start.timestamp() + hours * 3600, tick=False):
            assert get(client, "/board").status_code == 200, hours
    with time_machine.travel(start.timestamp() + 12 * 3600 + 1, tick=False):
        assert get(client, "/board").status_code == 401


def test_writing_in_a_frame_needs_its_token(make_app, people):
    app = make_app(WTF_CSRF_ENABLED=True)
    key = make_key(app)
    client = frame_of(app, key)
    with app.app_context():
        name = make.ticket_in(Status.DIAGNOSTICS).key
        db.session.commit()
    path, body = f"/tickets/{name}/comments", {"body": "Hello"}
    assert post(client, path, data=body, headers={"Origin": PANEL, "Referer": PANEL}).status_code == 401
    page = get(client, f"/tickets/{name}").text
    csrf = page.partition('"X-CSRFToken": "')[2].partition('"')[0]
    sent = post(client, path, data=body | {"csrf_token": csrf}, headers={"Referer": f"{HOME}/embed/tickets/{name}"})
    assert sent.status_code == 303 and sent.location.startswith("/embed/tickets/")
    # Another tab of the panel hands over somebody else: what the first page sends is not theirs, and it says so.
    assert hand_over(client, token(key, sub="8", email="otto@panel.example", name="Otto")).status_code == 303
    late = post(client, path, data=body | {"csrf_token": csrf}, headers={"HX-Request": "true"})
    assert late.status_code == 401 and "Your session here has ended" in late.text and "data-tell-host" in late.text


def test_a_revoked_key_frames_nothing(app, key):
    client = frame_of(app, key)
    with app.app_context():
        db.session.get(EmbedKey, key.id).revoked_at = now()
        db.session.commit()
    answer = get(client, "/board")
    assert (answer.status_code, ancestors(answer)) == (401, "'none'")


def test_signing_out_of_a_tab_makes_a_copied_cookie_worthless(app, people):
    client = sign_in(app.test_client(), people.ann)
    copied = app.test_client()
    copied.set_cookie("ticketing", client.get_cookie("ticketing").value)
    assert copied.get("/board").status_code == 200
    client.post("/sign-out")
    assert copied.get("/board").location.startswith("/sign-in")
    with app.app_context():
        assert db.session.get(User, people.ann.id).session_token == people.ann.session_token  # others go on


@pytest.mark.parametrize("role", list(Role))
def test_each_role_has_its_own_pages_there(app, key, role):
    client = frame_of(app, make_key(app, name="Any", issuer="any", role_ceiling="administrator"), role=str(role))
    for path in ("/board", "/queue", "/reports", "/notifications"):
        assert get(client, path).status_code == (200 if role.is_staff else 403), path
    assert get(client, "/reports/now").status_code == (200 if role.is_manager else 403)
    assert get(client, "/my").status_code == get(client, "/tickets/new").status_code == 200


def tab_link(client, path="/queue?view=mine"):
    answer = post(client, "/tab", data={"path": path}, headers={"Accept": "application/json"})
    assert answer.status_code == 200
    return answer.json["address"]


def test_a_tab_of_its_own_by_a_link_that_works_once(app, key):
    client = frame_of(app, key)
    address = tab_link(client, "/embed/queue?view=mine")
    assert address.startswith(f"{HOME}/tab/")
    tab, path = app.test_client(), address.removeprefix(HOME)
    assert tab.head(path, base_url=HOME).status_code == 204
    assert tab.get(path, base_url=HOME, headers={"Sec-Purpose": "prefetch;prerender"}).status_code == 204
    went = tab.get(path, base_url=HOME)
    assert (went.status_code, went.location) == (303, "/queue?view=mine")
    assert tab.get("/queue", base_url=HOME).status_code == 200
    again = app.test_client().get(path, base_url=HOME)
    unknown = app.test_client().get("/tab/nothing", base_url=HOME)
    assert (again.status_code, again.get_data()) == (410, unknown.get_data())
    with app.app_context():
        kinds = [one.kind for one in db.session.scalars(select(AuditEntry))]
        assert kinds[-1] is AuditKind.TAB_OPENED


def test_a_link_into_a_tab_ends_with_its_minute_its_frame_and_its_key(app, key):
    client = frame_of(app, key)
    late, start = tab_link(client).removeprefix(HOME), now()
    with time_machine.travel(start.timestamp() + 61, tick=False):
        assert app.test_client().get(late, base_url=HOME).status_code == 410
    first = tab_link(client).removeprefix(HOME)
    tab_link(client)  # the newer one counts
    assert app.test_client().get(first, base_url=HOME).status_code == 410
    ended = tab_link(client).removeprefix(HOME)
    hand_over(client, token(key, sub="9", email="o@panel.example"))
    assert app.test_client().get(ended, base_url=HOME).status_code == 410
    tab, path = app.test_client(), tab_link(client).removeprefix(HOME)
    assert tab.get(path, base_url=HOME).status_code == 303
    with app.app_context():
        db.session.get(EmbedKey, key.id).revoked_at = now()
        db.session.commit()
    assert tab.get("/board", base_url=HOME).location.startswith("/sign-in")


@pytest.mark.parametrize(
    "path", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "/x" * 400]
)
def test_a_link_into_a_tab_leads_nowhere_else(app, key, path):
    client = frame_of(app, key)
    went = app.test_client().get(tab_link(client, path).removeprefix(HOME), base_url=HOME)
    assert (went.status_code, went.location) == (303, "/")


def test_the_link_is_of_the_configured_address(make_app, people):
    app = make_app(BASE_URL="https://desk.example")
    client = frame_of(app, make_key(app))
    answer = client.post("/embed/tab", base_url=HOME, data={"path": "/"},
                         headers={"Accept": "application/json", "X-Forwarded-Host": "evil.example"})  # fmt: skip
    assert answer.json["address"].startswith("https://desk.example/tab/")
    page = post(client, "/tab", data={"path": "/"})
    assert 'href="https://desk.example/tab/' in page.text and 'target="_blank" rel="noopener"' in page.text
