"""The desk within a panel of another site, with third parties' cookies blocked, as its people use it."""

import json

import pytest
from playwright.sync_api import expect
from sqlalchemy import select
from werkzeug.wrappers import Response

from tests import factories as make
from tests.support.embedding import token
from tests.support.origins import certificate, secured, stranger
from tests.support.visits import visit
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.models import Attachment, Comment, Ticket, UserSession
from ticketing.rules.taxonomy import Status

REFUSED = r"frame-ancestors|Refused to frame|ERR_BLOCKED_BY_RESPONSE|Framing '"


def test_a_cookie_that_is_not_partitioned_is_blocked_in_this_browser(sites, new_context, tmp_path):
    """The control: else the others would prove nothing."""
    seen = []

    def third(environ, start_response):
        seen.append(environ.get("HTTP_COOKIE", ""))
        answer = Response("<p>third</p>", content_type="text/html")
        answer.headers.add("Set-Cookie", "plain=1; SameSite=None; Secure; Path=/")
        answer.headers.add("Set-Cookie", "apart=1; SameSite=None; Secure; Path=/; Partitioned")
        return answer(environ, start_response)

    with secured(third, "evil.test", certificate(tmp_path)) as other:
        sites.host.pages["control.html"] = f'<iframe src="{other}/a"></iframe>'
        page = new_context(ignore_https_errors=True).new_page()
        page.goto(f"{sites.panel}/control.html")
        page.goto(f"{sites.panel}/control.html")
    assert "apart=1" in seen[-1] and "plain=1" not in seen[-1], seen


def go(page, address):
    """The desk's frame, gone on to this address."""
    [inner] = [one for one in page.frames if "desk.test" in one.url]
    visit(inner, address)
    return inner


def until(page, good, seconds=20):
    for _ in range(10 * seconds):
        if good():
            return
        page.wait_for_timeout(100)
    pytest.fail("it never became so")


def test_entering_and_working_on_a_card(sites, app, open_panel):
    with app.app_context():
        key = make.ticket_in(Status.DIAGNOSTICS, moment=now()).key
        db.session.commit()
    page, frame = open_panel(view="board")
    card = frame.locator(f"#card-{key[2:]}")
    expect(card).to_be_visible()
    expect(page.locator("#open-count")).to_have_text("(1)")
    target = frame.locator('.column[data-status="correction"] .column__body, #column-correction-body').first
    card.drag_to(target)
    dialog = frame.get_by_role("dialog")
    if dialog.count() and dialog.first.is_visible():
        pytest.fail("this move asks for nothing")
    expect(frame.locator(f"#column-correction-body #card-{key[2:]}")).to_be_visible()

    def status():
        with app.app_context():
            return db.session.scalar(select(Ticket.status))

    until(page, lambda: status() is Status.CORRECTION)  # the card goes ahead of the answer


def test_commenting_and_uploading(sites, app, open_panel, tmp_path):
    with app.app_context():
        key = make.ticket_in(Status.DIAGNOSTICS, moment=now()).key
        db.session.commit()
    file = tmp_path / "log.txt"
    file.write_text("502 from the wallet")
    _page, frame = open_panel(view=key)
    frame.locator("textarea[name=body]").first.fill("Seen on **two** nodes")
    frame.locator("input[type=file]").first.set_input_files(file)
    frame.get_by_role("button", name="Send").first.click()
    expect(frame.locator(".comment, .entry").filter(has_text="Seen on two nodes").first).to_be_visible()
    with app.app_context():
        assert db.session.scalar(select(Comment.body)) == "Seen on **two** nodes"
        assert db.session.scalar(select(Attachment.name)) == "log.txt"


def test_another_user_of_the_panel_ends_the_session_before(sites, app, open_panel):
    page, frame = open_panel(view="queue")
    expect(frame.locator(".embedbar")).to_be_visible()
    page.wait_for_load_state("networkidle")
    other = sites.good(sub="8", email="otto@panel.example", name="Otto", role="reporter")
    page.evaluate("token => document.querySelector('ticketing-board').enter(token)", other)
    expect(frame.get_by_role("link", name="My tickets")).to_be_visible()
    with app.app_context():
        ended = [row.ended_at is not None for row in db.session.scalars(select(UserSession).order_by(UserSession.id))]
        assert ended == [True, False]


def test_a_session_that_has_ended_gets_a_new_token_from_its_host(sites, app, open_panel, troubles):
    troubles.allow("status of 401")
    page, frame = open_panel()
    expect(frame.locator(".embedbar")).to_be_visible()
    with app.app_context():
        db.session.scalars(select(UserSession)).one().ended_at = now()
        db.session.commit()
    sites.host.tokens.append(sites.good())
    frame.get_by_role("link", name="List").click()

    def sessions():
        with app.app_context():
            return len(db.session.scalars(select(UserSession)).all())

    until(page, lambda: sessions() == 2)
    expect(frame.locator(".embedbar")).to_be_visible()


def test_the_way_by_the_fragment(sites, app, new_context):
    sites.host.pages["plain.html"] = (
        f'<!doctype html><html lang="en"><title>x</title><iframe title="desk" width="1000" height="600" '
        f'src="{sites.desk}/embed/enter?key={sites.key.id}#token={sites.good()}"></iframe></html>'
    )
    page = new_context(ignore_https_errors=True).new_page()
    page.goto(f"{sites.panel}/plain.html")
    expect(page.frame_locator("iframe").locator(".embedbar")).to_be_visible()
    [frame] = [one for one in page.frames if "desk.test" in one.url]
    assert "token" not in frame.url


def test_a_tab_of_its_own(sites, open_panel):
    page, frame = open_panel(view="queue")
    page.wait_for_load_state("networkidle")  # before its script is there the button leads to a page with the link
    with page.context.expect_page() as opened:
        frame.get_by_role("button", name="Open in a tab of its own").click()
    tab = opened.value
    expect(tab.locator(".topbar")).to_be_visible()
    assert tab.url.startswith(f"{sites.desk}/queue")


def test_what_the_host_says_and_hears(sites, app, open_panel):
    with app.app_context():
        key = make.ticket_in(Status.DIAGNOSTICS, moment=now()).key
        db.session.commit()
    page, frame = open_panel()
    expect(frame.locator(".embedbar")).to_be_visible()
    page.evaluate(
        """() => { window.heard = []; for (const name of ["ready", "ticket-opened", "height", "counts"])
           document.addEventListener(`ticketing-${name}`, (event) => window.heard.push([name, event.detail])); }"""
    )
    page.evaluate("key => document.querySelector('ticketing-board').openTicket(key)", key)
    expect(frame.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_function("window.heard.some(([name]) => name === 'ticket-opened')")
    assert ["ticket-opened", {"key": key}] in page.evaluate("window.heard")
    page.evaluate("document.querySelector('ticketing-board').setTheme('dark')")
    expect(frame.locator("html[data-theme=dark]")).to_be_attached()
    page.evaluate(
        "document.querySelector('ticketing-board').setFilter({priority: ['high', 'low'], due: 'breached', evil: 'x'})"
    )
    expect(frame.locator(".board")).to_be_visible()
    [inner] = [one for one in page.frames if "desk.test" in one.url]
    assert inner.url.endswith("/embed/board?priority=high&priority=low&due=breached")
    expect(frame.locator("html[data-theme=dark]")).to_be_attached()  # it is told again after each page


def test_another_origins_messages_are_ignored(sites, app, open_panel, tmp_path):
    """A stranger's frame within the same page, and the page itself under a false name."""
    page, frame = open_panel()
    expect(frame.locator(".embedbar")).to_be_visible()
    [inner] = [one for one in page.frames if "desk.test" in one.url]
    where = inner.url
    attack = {"source": "ticketing-host", "type": "open-ticket", "key": "T-1"}

    false_counts = {"source": "ticketing", "type": "counts", "counts": {"new": 99}}
    script = (
        f"parent.frames[0].postMessage({json.dumps(attack)}, '*'); parent.postMessage({json.dumps(false_counts)}, '*')"
    )
    html = f"<script>{script}</script>"
    with secured(stranger(html), "evil.test", certificate(tmp_path)) as evil:
        page.evaluate(
            """src => new Promise((done) => { const one = document.createElement("iframe"); one.onload = done;
               one.src = src; document.body.append(one); })""",
            evil,
        )
        page.wait_for_timeout(500)
    assert inner.url == where
    expect(page.locator("#open-count")).to_have_text("(0)")
    page.evaluate("frames[0].postMessage({type: 'open-ticket', key: 'T-1'}, '*')")  # unsigned as the host's
    page.evaluate("frames[0].postMessage({source: 'ticketing-host', type: 'constructor', key: 'T-1'}, '*')")
    page.wait_for_timeout(300)
    assert inner.url == where


FRAMES = """(addresses) => Promise.all(addresses.map((src) => new Promise((done) => {
  const one = document.createElement("iframe");
  one.onload = done;
  setTimeout(done, 3000);
  one.src = src;
  document.body.append(one);
})))"""


def every_address(app, number):
    """All that can be asked for by GET, with a ticket, its file and whatever else in its place."""
    values = {
        "key": "T-1", "number": number, "id": 1, "status": "new", "name": "weeks", "place": "x-0", "secret": "x",
        "kind": "provider", "filename": "css/base.css", "version": "0",
    }  # fmt: skip
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if "GET" in rule.methods and rule.endpoint != "health.healthz":
                path = app.url_map.bind("localhost").build(
                    rule.endpoint, {name: values[name] for name in rule.arguments}
                )
                yield from (path, f"/embed{path}")
    yield from (f"/attachments/{number}?inline=1", f"/embed/attachments/{number}?inline=1")


def test_a_strangers_page_frames_nothing(sites, app, open_panel, troubles, tmp_path):
    """Neither what the panel's user may see, nor what anybody may: every GET route, in tab and in frame, and a file."""
    troubles.allow(REFUSED)
    troubles.allow("status of")
    with app.app_context():
        key = make.ticket_in(Status.DIAGNOSTICS, moment=now()).key
        db.session.commit()
    picture = {"name": "shot.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + b"\0" * 40}
    page, frame = open_panel(view=key)
    frame.locator("textarea[name=body]").first.fill("See")
    frame.locator("input[type=file]").first.set_input_files(picture)
    frame.get_by_role("button", name="Send").first.click()
    expect(frame.locator(".attachments__picture")).to_be_visible()
    with app.app_context():
        tried = list(every_address(app, db.session.scalar(select(Attachment.id))))
    assert len(tried) > 120
    with secured(stranger("<p>evil</p>"), "evil.test", certificate(tmp_path)) as evil:
        for start in range(0, len(tried), 20):
            page.goto(evil)
            page.evaluate(FRAMES, [sites.desk + path for path in tried[start : start + 20]])
            assert not [one.url for one in page.frames if one.url.startswith(sites.desk)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1200, 760), (960, 600), (360, 740)])
def test_nothing_is_wrong_with_its_pages(sites, app, open_panel, axe, size, scheme, tmp_path):
    with app.app_context():
        for status in (Status.NEW, Status.DIAGNOSTICS, Status.CORRECTION):
            key = make.ticket_in(status, moment=now()).key
        db.session.commit()
    page, frame = open_panel(size=size, scheme=scheme)
    expect(frame.locator(".embedbar")).to_be_visible()
    for path in ("board", "queue", f"tickets/{key}", "tickets/new", "reports"):
        inner = go(page, f"{sites.desk}/embed/{path}")
        expect(frame.locator(".embedbar")).to_be_visible()
        assert axe(inner) == [], path
        assert inner.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_a_bad_token_says_one_sentence_in_the_frame(sites, new_context, troubles):
    troubles.allow("status of 403")
    sites.host.tokens.append(token(sites.key, secret="s" * 40))
    page = new_context(ignore_https_errors=True).new_page()
    page.goto(sites.panel)
    expect(page.frame_locator("iframe").get_by_role("heading", name="You could not be signed in")).to_be_visible()
