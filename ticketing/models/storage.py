"""Where attached files lie: outside the web root, under names of our own, as nobody but us chose them.

A file is received under `incoming/` and moves to its place once its row is committed. What a failed
transaction leaves behind is thrown away at once; what a power cut leaves there is either still known
to a row (then the first reader puts it in its place) or swept away a day later.
"""

import os
import re
import unicodedata
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from ticketing.models.comment import Attachment
from ticketing.rules.refusals import Refusal

NAME_MAX = 120
RASTER = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_CHUNK = 256 * 1024
_FORGOTTEN_AFTER = 24 * 3600
_OURS = re.compile(r"[0-9a-f]{32}")


class TooLarge(Refusal):
    """A file over the limit; `name` is what the sender called it (413)."""


def sniff(head: bytes) -> str:
    """The media type by the first bytes; what the sender says is never asked. Only pictures have one of their own."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    return "text/plain" if _is_text(head) else "application/octet-stream"


def _is_text(head: bytes) -> bool:
    if b"\0" in head:
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # A letter cut in two by the end of what was read is no fault of the text.
        return error.end >= len(head) > 3 and error.start >= len(head) - 3
    return True


def clean_name(name: str | None) -> str:
    """What to call the file when it is shown or saved: no folders, no control or direction characters."""
    name = unicodedata.normalize("NFC", name or "").replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in name)
    name = " ".join(name.split()).strip(". ")
    if not name:
        return "file"
    stem, dot, ending = name.rpartition(".")
    if len(name) > NAME_MAX and dot and len(ending) <= 12:
        return stem[: NAME_MAX - len(ending) - 1] + dot + ending
    return name[:NAME_MAX]


@dataclass(slots=True)
class Receiving:
    """The files of one request, on their way. `keep` after the commit; whatever is not kept is thrown away."""

    store: "FileStore"
    limit: int
    waiting: list[Path] = field(default_factory=list)

    def take(self, stream: BinaryIO, name: str | None, *, internal: bool = False) -> Attachment:
        """Write the stream under a new name of ours. Raises TooLarge."""
        stored_as = uuid.uuid4().hex
        path = self.store.incoming / stored_as
        self.waiting.append(path)
        size, head = 0, b""
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            while chunk := stream.read(_CHUNK):
                head = head or chunk[:4096]
                size += len(chunk)
                if size > self.limit:
                    raise TooLarge("file_too_large", name=clean_name(name), limit=self.limit)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        return Attachment(
            name=clean_name(name), stored_as=stored_as, size=size, media_type=sniff(head), internal=internal
        )

    def keep(self) -> None:
        for path in self.waiting:
            self.store.settle(path.name)
        self.waiting.clear()


class FileStore:
    def __init__(self, root: Path | str):
        self.root = Path(root)
        self.incoming = self.root / "incoming"

    @contextmanager
    def receiving(self, limit: int) -> Iterator[Receiving]:
        """Take files in for one transaction:

        with store.receiving(limit) as files: files.take(…); commit(); files.keep()
        """
        self.incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
        files = Receiving(self, limit)
        try:
            yield files
        finally:
            for path in files.waiting:
                path.unlink(missing_ok=True)

    def path(self, stored_as: str) -> Path | None:
        """Where a kept file lies, or None when it is lost."""
        place = self._place(stored_as)
        if not place.is_file():
            self.settle(stored_as)
        return place if place.is_file() else None

    def settle(self, stored_as: str) -> None:
        """Put a received file in its place; does nothing when it is there."""
        place = self._place(stored_as)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            os.replace(self.incoming / stored_as, place)
        except FileNotFoundError:
            pass

    def sweep(self, now: float, known) -> int:
        """Remove files received more than a day ago that no row came to know. `known(name)` asks the database."""
        removed = 0
        for path in self.incoming.glob("*") if self.incoming.is_dir() else ():
            try:
                received = path.stat().st_mtime
            except FileNotFoundError:  # another request has just moved it to its place
                continue
            if now - received < _FORGOTTEN_AFTER:
                continue
            if _OURS.fullmatch(path.name) and known(path.name):
                self.settle(path.name)
            else:
                path.unlink(missing_ok=True)
                removed += 1
        return removed

    def _place(self, stored_as: str) -> Path:
        if not _OURS.fullmatch(stored_as):
            raise ValueError("not a name of ours")
        return self.root / stored_as[:2] / stored_as
