"""The worst of what people attach, opened and put to use in a real browser: nothing of it runs."""

from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Error, expect
from sqlalchemy import select

from tests.support.files import PIXEL
from ticketing.extensions import db
from ticketing.models import Attachment

RUN = "__hacked('~')"
SCRIPT = f"<script>{RUN}</script>"
HTML = f'<!DOCTYPE html><title>x</title><body onload="{RUN}">{SCRIPT}'
SVG = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{RUN}"><script>{RUN}</script></svg>'
XHTML = f'<html xmlns="http://www.w3.org/1999/xhtml"><body><script>{RUN}</script></body></html>'
# name → (what it holds, where ~ is its name; as what a careless desk would hand it out)
WORST = {
    "script.svg": (SVG.encode(), "image/svg+xml"),
    "drawing.png": (SVG.encode(), "image/svg+xml"),
    "page.html": (HTML.encode(), "text/html"),
    "photo.jpg": (HTML.encode(), "text/html"),
    "notes.txt": (HTML.encode(), "text/html"),
    "page.xhtml": (XHTML.encode(), "application/xhtml+xml"),
    "code.js": (RUN.encode(), "text/javascript"),
    "both.gif": (b"GIF89a/*" + bytes(24) + f"*/=1;{RUN}".encode(), "text/javascript"),
    "after.png": (PIXEL + HTML.encode(), "text/html"),
    "comment.jpg": (b"\xff\xd8\xff\xfe\x02\x00" + HTML.encode() + b"\xff\xd9", "text/html"),
}
PICTURES = {"both.gif", "after.png", "comment.jpg"}

# Every way in which a page of the desk could put a file to use, and what became of it. A frame that is refused tells
# nobody; all others do, however long a slow machine takes.
USES = """async (address) => {
  const put = (tag, values) => new Promise((done) => {
    const node = Object.assign(document.createElement(tag), values);
    node.onload = () => done("loaded");
    node.onerror = () => done("refused");
    setTimeout(() => done("nothing"), tag === "iframe" || tag === "embed" ? 600 : 20_000);
    document.body.append(node);
  });
  const uses = {
    img: put("img", { src: address }),
    script: put("script", { src: address }),
    module: put("script", { src: address, type: "module" }),
    style: put("link", { href: address, rel: "stylesheet" }),
    iframe: put("iframe", { src: address }),
    object: put("object", { data: address }),
    embed: put("embed", { src: address }),
    worker: new Promise((done) => {
      const worker = new Worker(address);
      worker.onerror = () => done("refused");
      setTimeout(() => done("nothing"), 20_000);
    }),
    service: navigator.serviceWorker.register(address, { scope: "/attachments/" })
      .then(() => "loaded", () => "refused"),
  };
  return Object.fromEntries(await Promise.all(Object.entries(uses).map(async ([use, end]) => [use, await end])));
}"""
REFUSALS = [
    "^error: Failed to load module script: .* MIME type of .(text/plain|image/(png|gif|jpeg))",
    "^error: Refused to (execute script|apply style) from .* MIME type .'(text/plain|image/(png|gif|jpeg))'",
    "^error: The script has an unsupported MIME type .'(text/plain|image/(png|gif|jpeg))'",
    "^error: Framing .* \"frame-ancestors 'none'\"",
    "^error: Loading plugin data from .* \"object-src 'none'\"",
    "^error: content security policy: object-src ",
]

# The browser shows a picture in a page of its own making, whose style and script the file's policy forbids as well.
VIEWER = [
    "^error: Applying inline style violates .* 'default-src 'none''",
    r"^error: Blocked script execution in '\S+\?inline=1' because the document's frame is sandboxed",
]


@pytest.fixture
def ran():
    """What ran, by its name."""
    return []


@pytest.fixture
def sent(open_as, people, key, app, ran):
    """The page of ann's ticket after she has attached them all, and {name: the address of the file}."""
    page = open_as(people.ann, f"/tickets/{key}")
    page.context.expose_binding("__hacked", lambda source, name: ran.append(name))
    page.set_input_files("#composer-files", [
        {"name": name, "mimeType": kind, "buffer": held(name)} for name, (_data, kind) in WORST.items()
    ])  # fmt: skip
    page.fill("#composer-text", "See these")
    page.click("#composer button[type=submit]")
    expect(page.locator("#timeline .attachments li")).to_have_count(len(WORST))
    with app.app_context():
        rows = db.session.execute(select(Attachment.name, Attachment.id)).all()
    return page, {name: f"/attachments/{number}" for name, number in rows}


def held(name):
    return WORST[name][0].replace(b"~", name.encode())


def test_only_pictures_are_shown_among_what_was_said(sent, ran):
    page, addresses = sent
    pictures = page.locator("#timeline .attachments img")
    assert {one.get_attribute("alt") for one in pictures.all()} == PICTURES
    links = [link.get_attribute("href") for link in page.locator("#timeline .attachments a").all()]
    assert sorted(links) == sorted(
        address + ("?inline=1" if name in PICTURES else "") for name, address in addresses.items()
    )
    page.reload()
    page.locator("#timeline .attachments img").last.scroll_into_view_if_needed()
    assert ran == []


def test_opened_by_itself_each_is_saved_or_is_a_picture(sent, ran, troubles):
    page, addresses = sent
    for of_the_viewer in VIEWER:
        troubles.allow(of_the_viewer)
    saved = shown = 0
    for name, address in addresses.items():
        for path in (address, f"{address}?inline=1"):
            if name in PICTURES and "?" in path:
                page.goto(path)
                is_what = page.evaluate("[document.contentType.split('/')[0], document.scripts.length, window.origin]")
                assert is_what == ["image", 0, "null"], name
                shown += 1
                continue
            with page.expect_download() as download, suppress(Error):
                page.goto(path)
            assert download.value.suggested_filename == name
            assert download.value.path().read_bytes() == held(name)
            saved += 1
    assert (saved, shown, ran) == (17, 3, [])


def test_no_page_of_the_desk_can_put_one_to_use(sent, ran, troubles):
    page, addresses = sent
    for refusal in REFUSALS:
        troubles.allow(refusal)
    for name, address in addresses.items():
        for path in (address, f"{address}?inline=1"):
            uses = page.evaluate(USES, path)
            assert uses["img"] == ("loaded" if name == "after.png" else "refused"), path
            assert {uses[use] for use in ("script", "module", "style", "object", "worker", "service")} == {"refused"}
            frames = [frame for frame in page.frames if frame.parent_frame and "/attachments/" in frame.url]
            assert frames == [], name
    assert ran == []


def test_a_careless_desk_would_have_run_every_one(sent, ran, troubles):
    """The control: the files are as bad as they seem, and what they do is noticed."""
    page, addresses = sent
    kinds = {address: (held(name), WORST[name][1]) for name, address in addresses.items()}

    def answer(route):
        body, kind = kinds[urlsplit(route.request.url).path]
        route.fulfill(body=body, content_type=kind)

    troubles.allow("")
    page.context.route("**/attachments/*", answer)
    for name, address in addresses.items():
        if kinds[address][1] == "text/javascript":
            page.evaluate(
                "(src) => document.body.append(Object.assign(document.createElement('script'), { src }))", address
            )
        else:
            page.context.new_page().goto(address)
        for _ in range(400):
            if name in ran:
                break
            page.wait_for_timeout(50)
    assert set(ran) == WORST.keys()
