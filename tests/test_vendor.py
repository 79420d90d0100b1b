"""The vendored scripts are the published ones, byte for byte."""

import hashlib
import re
from pathlib import Path

import pytest

VENDOR = Path(__file__).parent.parent / "static" / "vendor"
ROW = re.compile(r"^\| `([^`]+)` \| (\d+) \| ([0-9a-f]{64}) \|$", re.MULTILINE)


def section(title):
    """The rows of one table of the notice: name, size, digest."""
    text = (VENDOR / "NOTICE.md").read_text(encoding="utf-8")
    body = re.split(r"^## ", text, flags=re.MULTILINE)
    wanted = next(part for part in body if part.startswith(title + "\n"))
    return [(name, int(size), digest) for name, size, digest in ROW.findall(wanted)]


@pytest.mark.parametrize(("name", "size", "digest"), section("Files"))
def test_a_vendored_file_is_the_one_in_the_notice(name, size, digest):
    content = (VENDOR / name).read_bytes()
    assert (len(content), hashlib.sha256(content).hexdigest()) == (size, digest)


def test_every_script_is_in_the_notice():
    listed = {name for name, _, _ in section("Files")}
    assert {path.name for path in VENDOR.glob("**/*.js")} == listed


def test_the_bundle_is_its_parts_in_order_and_nothing_else():
    rest = (VENDOR / "htmx.bundle.js").read_bytes()
    parts = section("Parts of `htmx.bundle.js`")
    assert len(parts) == 3
    for name, size, digest in parts:
        part, rest = rest[:size], rest[size:]
        assert hashlib.sha256(part).hexdigest() == digest, name
        assert rest.startswith(b"\n"), name
        rest = rest[1:]
    assert rest == b""
