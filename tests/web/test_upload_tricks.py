"""Files made to be taken for something else: whatever they hold and are called, they stay files and do nothing."""

import re
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from sqlalchemy import select
from werkzeug.http import parse_options_header

from tests.support.embedding import HOME, PANEL, frame_of, make_key
from tests.support.files import PIXEL
from ticketing.extensions import db
from ticketing.models import Attachment

JS = b"<script>alert(document.domain)</script>"
HTML = b"<!DOCTYPE html><html><body onload=alert(1)>" + JS
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>'
XHTML = b'<html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>'
JPEG = b"\xff\xd8\xff\xfe\x00\x80" + HTML.ljust(126) + b"\xff\xd9"
GIF_JS = b"GIF89a/*\0\0\0\0*/=1;alert(document.domain)//"
WEBP = b"RIFF\x40\0\0\0WEBPVP8 " + HTML
MHTML = (
    b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n"
)
TEXT, OTHER = "text/plain; charset=utf-8", "application/octet-stream"
PNG_TYPE, JPEG_TYPE, GIF_TYPE, WEBP_TYPE = "image/png", "image/jpeg", "image/gif", "image/webp"
# What files hold, by the type that they are handed out as.
HELD = {
    TEXT: [
        ("script.svg", SVG), ("declared.svg", b'<?xml version="1.0" standalone="no"?>' + SVG),
        ("marked.svg", b"\xef\xbb\xbf" + SVG), ("picture-of.png", SVG), ("page.html", HTML),
        ("page.htm", b"\n" * 600 + HTML), ("page.shtml", b'<!--#exec cmd="id" -->' + HTML), ("page.xhtml", XHTML),
        ("page.mhtml", MHTML + HTML),
        ("styled.xml", b'<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="/attachments/1"?><x/>'),
        ("sheet.xsl", b'<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"/>' + JS),
        ("entity.xml", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'),
        ("crossdomain.xml", b'<cross-domain-policy><allow-access-from domain="*"/></cross-domain-policy>'),
        ("action.pdf", b"%PDF-1.4\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF"),
        ("ascii.swf", b"FWS\tabcdefgh"), ("code.js", b"alert(document.domain)"),
        ("worker.mjs", b"self.onfetch = (e) => e.respondWith(new Response('x'))"),
        ("style.css", b"body{background:url(//evil.example/)}"), ("app.hta", b"<hta:application>" + JS),
        ("shell.php", b"<?php system($_GET['c']); ?>"), ("page.jsp", b"<% Runtime.getRuntime(); %>"),
        (".htaccess", b"AddType text/html .png"), ("web.config", b"<configuration><handlers/></configuration>"),
        ("go.url", b"[InternetShortcut]\r\nURL=javascript:alert(1)\r\n"), ("readable.webp", b"RIFFxxxxWEBX" + HTML),
        ("readable.bmp", b"BM=1;alert(document.domain)"), ("html.png", HTML), ("html.jpg", HTML),
        ("html.gif", b" " + HTML), ("html.txt", HTML), ("photo.jpg.html", HTML), ("page.html.jpg", HTML),
        ("photo.png.svg", SVG), ("seven.html", b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-"),
        ("seven-marked.txt", b"+/v8-+ADw-script+AD4-alert(1)+ADw-/script+AD4-"),
        ("japanese.html", b'<meta charset="iso-2022-jp"><img alt="\x1b$B">\x1b(B<img title=" onerror=alert(1) src=x>'),
        ("hz.html", b'<meta charset="hz-gb-2312">~{' + JS), ("empty.html", b""),
    ],
    OTHER: [
        ("packed.svgz", b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + SVG), ("binary.pdf", b"%PDF-1.7\n\xe2\xe3\n\0" + HTML),
        ("film.swf", b"CWS\n\xff\0x\x9c"), ("module.wasm", b"\0asm\x01\0\0\0"), ("near.png", b"\x89PNG\n\x1a\n" + HTML),
        ("sound.webp", b"RIFF\x40\0\0\0WAVE" + HTML), ("script.bmp", b"BM=1;/*" + b"\0" * 20 + b"*/alert(1)"),
        ("icon.ico", b"\0\0\x01\0\x01\0" + HTML), ("archive.png", b"PK\x03\x04\x14\0\0\0" + b"evil.html" + HTML),
        ("archive.jar", b"PK\x05\x06" + b"\0" * 18), ("wide.html", b"\xff\xfe" + HTML.decode().encode("utf-16-le")),
        ("wide-big.html", b"\xfe\xff" + HTML.decode().encode("utf-16-be")),
        ("wide-unmarked.txt", HTML.decode().encode("utf-16-le")), ("widest.html", HTML.decode().encode("utf-32")),
        ("ebcdic.html", HTML.decode().encode("cp037")), ("latin.html", b"\xa9\xe9 " + HTML),
        ("overlong.html", b"\xc0\xbcscript\xc0\xbealert(1)"), ("nul.html", b"<\0s\0c\0r\0i\0p\0t>alert(1)</script>"),
    ],
    PNG_TYPE: [
        ("after.png", PIXEL + HTML), ("signature.html", b"\x89PNG\r\n\x1a\n" + HTML),
        ("photo.php.png", b"\x89PNG\r\n\x1a\n<?php system('id'); ?>"),
    ],
    JPEG_TYPE: [("comment.jpg", JPEG), ("comment.html", JPEG)],
    GIF_TYPE: [("gif.js", GIF_JS), ("old.gif", b"GIF87a" + HTML)],
    WEBP_TYPE: [("mark.webp", WEBP)],
}  # fmt: skip
TRICKS = [(name, data, kind) for kind, held in HELD.items() for name, data in held]
LIES = ["text/html", "image/svg+xml", "application/xhtml+xml", "text/html; charset=utf-7", "image/png",
        "application/javascript", "multipart/mixed; boundary=x", "nonsense"]  # fmt: skip


def star(name):
    """As RFC 2231 has it: any character at all gets through."""
    return b"filename*=UTF-8''" + quote(name, safe="").encode()


def raw(name):
    return b'filename="' + name + b'"'


# (the parameter as it is sent, what the file is called then)
SAME = ["%2e%2e%2fevil.txt", "\u2215..\u2215evil.txt", "C:evil.exe", "evil.txt::$DATA", "a\u560d\u560aX-Injected: 1",
        'a"; filename="evil.html', "a\";filename*=UTF-8''evil.html;x=\"", "a.txt; inline; x=y",
        'é"; inline; filename=e.html', "a'b%0d%0aX-Injected:1.txt", '"><img src=x onerror=alert(1)>.png',
        "{{7*7}}${7*7}%s.txt", "con", "nul.txt", "COM1", "~", "-rf", "|id;`id`$(id).txt", "incoming"]  # fmt: skip
NAMES = [
    *((star(name), name) for name in SAME),
    *((star(name), "file") for name in (".", "..", "...", " ", "/", "\0", "a\\", "a/../")),
    (star("../../evil-up.html"), "evil-up.html"), (star("..\\..\\evil-back.html"), "evil-back.html"),
    (star("....//....//evil-dots.txt"), "evil-dots.txt"), (star("/etc/cron.d/evil-root"), "evil-root"),
    (star("../\uff0e\uff0e\uff0fevil.txt"), "\uff0e\uff0e\uff0fevil.txt"), (star("file:///tmp/evil.txt"), "evil.txt"),
    (star("C:\\Windows\\evil-drive.exe"), "evil-drive.exe"), (star("\\\\evil.example\\x\\evil-unc"), "evil-unc"),
    (star("evil.php\0.png"), "evil.php .png"), (star("a\nSet-Cookie: x=1"), "a Set-Cookie: x=1"),
    (star("a\r\nX-Injected: 1\r\n\r\n<script>x</script>"), "script>"), (star("a\rX-Injected: 1"), "a X-Injected: 1"),
    (star("a\u2028X-Injected: 1\x85b"), "a X-Injected: 1 b"), (star("exe.\u202egnp.html"), "exe. gnp.html"),
    (star("\u2066a\u2069\u200b\ufeff.txt"), "a .txt"), (star("\ufffd.txt"), "\ufffd.txt"), (star("x" * 300), "x" * 120),
    (star("x" * 300 + ".html"), "x" * 115 + ".html"), (star("\u0301" * 300), "\u0301" * 120),
    (star("😀" * 150 + ".png"), "😀" * 116 + ".png"),
    (raw(b"../../evil-raw.txt"), "evil-raw.txt"), (raw(b"C:\\\\evil-raw.txt"), "evil-raw.txt"),
    (raw(b'a\\"; filename=\\"evil.html'), 'a"; filename="evil.html'), (raw(b"a\r\n X-Injected: 1"), "a X-Injected: 1"),
    (raw(b"a%0d%0aX-Injected: 1"), "a%0d%0aX-Injected: 1"), (b"filename=e.txt; filename*=UTF-8''e.html", "e.html"),
    (b"filename*=UTF-8''%ED%A0%80.txt", "\ufffd\ufffd\ufffd.txt"), (b"filename*=utf-7''%2BADw-x", "%2BADw-x"),
]  # fmt: skip
MAGIC = {PNG_TYPE: b"\x89PNG\r\n\x1a\n", JPEG_TYPE: b"\xff\xd8\xff", GIF_TYPE: b"GIF8", WEBP_TYPE: b"RIFF"}
HOLDS = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}")
HEADERS = {
    "Content-Type", "Content-Disposition", "Content-Length", "Content-Range", "Content-Security-Policy",
    "Cache-Control", "ETag", "Last-Modified", "Date", "Accept-Ranges", "Referrer-Policy",
    "Permissions-Policy", "X-Content-Type-Options", "X-Frame-Options", "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy", "Vary",
}  # fmt: skip


@pytest.fixture
def app(make_app, tmp_path, monkeypatch):
    """Its folder lies deep enough for a name that climbs out to land where the tests look."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return make_app(DATA_DIR=str(tmp_path / "outer" / "inner" / "data"))


@pytest.fixture
def files(tmp_path):
    """`files()`: {path: bytes} of those under the store, and of all the others but the database."""

    def read():
        store = tmp_path / "outer" / "inner" / "data" / "attachments"
        found = SimpleNamespace(kept={}, outside={})
        for path in tmp_path.rglob("*"):
            assert not path.is_symlink(), path
            if path.is_relative_to(store) and path.is_file():
                assert path.stat().st_mode & 0o777 == 0o600, path
                found.kept[str(path.relative_to(store))] = path.read_bytes()
            elif not path.is_relative_to(store) and not re.search(r"\.(db|sqlite3?)(-wal|-shm)?$", path.name):
                found.outside[str(path)] = path.read_bytes() if path.is_file() else None
        return found

    return read


@pytest.fixture
def last(app):
    """The row of the file that came last."""

    def row():
        with app.app_context():
            return db.session.scalars(select(Attachment).order_by(Attachment.id.desc())).first()

    return row


def send(client, path, name, data, said="text/html", **more):
    """A form whose bytes are all ours: what a client's own library would clean stays as it is."""
    part = b'--limit\r\nContent-Disposition: form-data; name="%s"'
    body = b"".join(part % field + b"\r\n\r\nSee\r\n" for field in (b"body", b"title"))
    body += part % b"type" + b"\r\n\r\nincident\r\n" + part % b"files" + b"; " + name
    body += b"\r\nContent-Type: " + said.encode() + b"\r\n\r\n" + data + b"\r\n--limit--\r\n"
    return client.post(path, data=body, content_type="multipart/form-data; boundary=limit", **more)


def fetch(client, row, query="", prefix="", method="GET", **headers):
    at = {"base_url": HOME if prefix else None, "method": method, "headers": headers}
    with client.open(f"{prefix}/attachments/{row.id}{query}", **at) as answer:
        assert answer.data is not None
        return answer


def assert_harmless(answer, row, kind, shown_by="'none'"):
    """Of a type that runs nothing, to be saved under the row's name, and with nothing else in its headers."""
    headers = answer.headers
    assert headers.getlist("Content-Type") == [kind]
    (disposition,) = headers.getlist("Content-Disposition")
    assert disposition.isascii() and disposition.isprintable()
    assert parse_options_header(disposition) == ("attachment", {"filename": row.name})
    assert headers.getlist("X-Content-Type-Options") == ["nosniff"]
    assert headers.getlist("Content-Security-Policy") == [f"sandbox; default-src 'none'; frame-ancestors {shown_by}"]
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "private, no-cache"
    assert set(headers.keys()) <= HEADERS, set(headers.keys()) - HEADERS


def inline(answer):
    return not answer.headers["Content-Disposition"].startswith("attachment")


def test_what_a_file_holds_decides_what_it_is(client_for, people, key, files, last):
    client, before, pictures, kept = client_for(people.ann), files().outside, 0, []
    for number, (name, data, kind) in enumerate(TRICKS):
        answer = send(client, f"/tickets/{key}/comments", star(name), data, LIES[number % len(LIES)])
        assert answer.status_code == 303, name
        row = last()
        assert row.size == len(data), name
        assert_harmless(fetch(client, row), row, kind)
        opened = fetch(client, row, "?inline=1")
        assert (opened.data, opened.headers["Content-Type"]) == (data, kind), name
        assert "sandbox; default-src 'none'" in opened.headers["Content-Security-Policy"], name
        if inline(opened):
            assert data.startswith(MAGIC[kind]), name
        else:
            assert_harmless(opened, row, kind)
        pictures += inline(opened)
        kept.append((f"{row.stored_as[:2]}/{row.stored_as}", data))
    assert (len(kept), pictures) == (len(TRICKS), 8) == (64, 8)
    assert files().kept == dict(kept) and files().outside == before
    assert all(HOLDS.fullmatch(path) for path, _data in kept)


def test_what_a_file_is_called_is_no_place_and_no_header(client_for, people, key, files, last):
    client, before, kept = client_for(people.ann), files().outside, {}
    for sent, called in NAMES:
        assert send(client, f"/tickets/{key}/comments", sent, HTML).status_code == 303, sent
        row = last()
        assert row.name == called, sent
        assert_harmless(fetch(client, row), row, TEXT)
        kept[f"{row.stored_as[:2]}/{row.stored_as}"] = HTML
    assert len(kept) == len(NAMES) == 55
    assert files().kept == kept and files().outside == before
    page = client.get(f"/tickets/{key}").text
    assert "<img src=x" not in page and "&#34;&gt;&lt;img src=x onerror=alert(1)&gt;.png" in page


def test_heads_that_are_no_text_or_break_off_store_nothing_odd(client_for, people, key, files, last):
    client, before = client_for(people.ann), files().outside
    assert send(client, f"/tickets/{key}/comments", raw(b""), HTML).status_code == 303 and last() is None
    for head in (raw(b"\xff\xfe.html"), raw(b'a"\r\n\r\n\xff'), b"filename=\xc3\x28", b"filename*=x''%ff", b"filename"):
        assert send(client, f"/tickets/{key}/comments", head, HTML).status_code in (303, 400, 422), head
    assert all(HOLDS.fullmatch(path) for path in files().kept) and files().outside == before


def test_what_the_sender_says_it_is_counts_for_nothing(client_for, people, key, last):
    client, seen = client_for(people.ann), []
    for said in LIES:
        for kind, ((name, data), *_others) in HELD.items():
            send(client, f"/tickets/{key}/comments", star(name), data, said)
            assert_harmless(fetch(client, last()), last(), kind)
            seen.append(fetch(client, last(), "?inline=1").headers["Content-Type"])
    assert len(seen) == 48 and set(seen) == set(HELD)


def test_every_way_in_stores_alike_and_every_way_out_is_alike(app, client_for, people, key, files, last):
    rita, framed = client_for(people.rita), frame_of(app, make_key(app), role="reporter")
    ways = [(rita, f"/tickets/{key}/comments", ""), (rita, f"/tickets/{key}/attachments", ""), (rita, "/tickets", ""),
            (framed, "/embed/report", "/embed"), (framed, "/embed/tickets", "/embed")]  # fmt: skip
    before, count = files().outside, 0
    for client, path, prefix in ways:
        for sent, data, kind in ((star("../../evil.svg"), SVG, TEXT), (star("/evil.jpg"), JPEG, JPEG_TYPE)):
            answer = send(client, path, sent, data, base_url=HOME if prefix else None)
            assert answer.status_code == 303, (path, answer.status_code)
            count += 1
            assert last().id == count
            answer = fetch(client, last(), prefix=prefix)
            assert_harmless(answer, last(), kind, PANEL if prefix else "'none'")
    assert count == len(files().kept) == 10 and files().outside == before


def test_parts_and_heads_of_a_file_are_as_harmless_as_the_whole(client_for, people, key, last):
    client = client_for(people.ann)
    send(client, f"/tickets/{key}/comments", star("a.png"), PIXEL + HTML)
    row = last()
    part = fetch(client, row, Range=f"bytes={len(PIXEL)}-")
    assert (part.status_code, part.data) == (206, HTML)
    assert_harmless(part, row, PNG_TYPE)
    assert_harmless(fetch(client, row, method="HEAD"), row, PNG_TYPE)
    several = fetch(client, row, Range="bytes=0-1,5-9")
    assert several.status_code in (200, 416) and "multipart" not in several.headers["Content-Type"]
    same = fetch(client, row, **{"If-None-Match": fetch(client, row).headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")
    assert "sandbox" in same.headers["Content-Security-Policy"]


def test_no_query_makes_a_page_of_it(client_for, people, key, last):
    client = client_for(people.ann)
    send(client, f"/tickets/{key}/comments", star("a.html"), HTML)
    queries = ["?inline=1", "?inline=1&type=text/html", "?mimetype=text/html&download=0", "?inline=true", "?as=html",
               "?inline=1&inline=1", "?response-content-type=text/html", "?name=x.html%0d%0aX-Injected:1"]  # fmt: skip
    for query in queries:
        assert_harmless(fetch(client, last(), query), last(), TEXT)


def test_the_store_has_no_other_door(client_for, people, key, last):
    client = client_for(people.ada)
    send(client, f"/tickets/{key}/comments", star("a.html"), HTML)
    stored = f"attachments/{last().stored_as[:2]}/{last().stored_as}"
    doors = [f"/{stored}", f"/static/../{stored}", f"/static/%2e%2e/{stored}", f"/static/..%2f{stored}",
             f"/static/..\\{stored}", f"/assets/0/../../{stored}", f"/assets/0/%2e%2e/%2e%2e/{stored}",
             f"/static//{stored}", f"/{stored.rpartition('/')[0]}", "/attachments/", "/attachments/../attachments/1",
             f"/attachments/{last().stored_as}", "/attachments/1/a.html", "/attachments/1.html", "/attachments/-1",
             "/attachments/1%00.html", "/attachments/1;x=.html"]  # fmt: skip
    for door in doors:
        with client.get(door, follow_redirects=True) as answer:
            assert answer.status_code == 404 and HTML not in answer.data, door
    assert len(doors) == 17
