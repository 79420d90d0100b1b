"""What a title and an error code say once everything that belongs to a single case is taken out of them."""

import re
import unicodedata
from collections.abc import Iterable

# Letters that have no accent to lose, but are often typed without the stroke.
_STROKES = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ß": "ss"})
_SIGNS = str.maketrans({"’": "'", "‘": "'", "`": '"', "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-"})
_STOP_WORDS = """
    a an and any are as at be been being but by can could did do does done for from get gets got had has have having
    he her here him his how i if in into is it its just may me more most must my of off on once one only or other our
    out over own per please same shall she should so some such than that the their them then there these they this
    those through to too under until up upon us very via was we were what when where which while who whom why will
    with within would you your after again all also always back before between both during each every ever further
    still since now today yesterday tomorrow tonight already currently suddenly several many few much lot
    morning afternoon evening night noon midnight monday tuesday wednesday thursday friday saturday sunday
    problem issue issues trouble question request urgent asap help hello hi dear thanks thank ticket
"""
_MONTH = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?"
)
_UNITS = (
    "ms|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|days?|weeks?|months?|years?|kb|mb|gb|tb|k|x|times?|percent|pct"
    "|points?|cents?|eur|euros?|usd|usdt|dollars?|gbp|pounds?|sek|nok|dkk|pln|chf|btc|eth|players?|users?|attempts?"
)
# Names of techniques that have a digit in them and mean something all the same.
_TECHNICAL = "2fa mfa 3ds oauth2 s3 ipv4 ipv6 k8s http2 http3 sha1 sha256 md5 p2p html5 web3 utf8 e2e"
_STOPS, _KEPT = frozenset(_STOP_WORDS.split()), frozenset(_TECHNICAL.split())

_MAIL = re.compile(r"\S+@\S+")
_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S+")
_UUID = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b")
_HEX = re.compile(r"\b0x[0-9a-f]+\b|\b(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{8,}\b")
_QUOTED = re.compile(r"""(?<!\w)(["'])(?=\S)[^"']{1,120}?(?<=\S)\1(?!\w)""")
_DATE = re.compile(rf"\b\d{{1,2}}(?:st|nd|rd|th)?\.?\s(?:{_MONTH})\b|\b(?:{_MONTH})\s\d{{1,4}}(?:st|nd|rd|th)?\b")
_MEASURE = re.compile(rf"(?:\b(?:eur|usd|gbp|sek|nok|pln|usdt)\s?)?\d(?:[\d.,:/ ]*\d)?\s?(?:(?:{_UNITS})\b|[%€$£])")
_NEGATION = re.compile(r"\bcannot\b|\bcan'?t\b|\bwon't\b|n't\b")
# Written as one word or as two.
_COMPOUNDS = (
    (re.compile(r"\btim(?:e|es|ed|ing)[ -]?outs?\b"), "timeout"),
    (re.compile(r"\blog(?:s|ged|ging)?[ -]?ins?\b"), "login"),
    (re.compile(r"\bsign(?:s|ed|ing)?[ -]?ins?\b"), "signin"),
)  # fmt: skip
_POSSESSIVE = re.compile(r"'s?\b")
_CHUNK = re.compile(r"[^\W_]+(?:[-_.:#][^\W_]+)*")
_WORD = re.compile(r"[^\W_]+")
_DIGIT = re.compile(r"\d")

_TOKEN = re.compile(r"0X[0-9A-F]+(?![^\W_])|\d+|[^\W\d_]+")
_HTTP = re.compile(r"(?:HTTP(?:S|/[\d.]+)?|STATUS|ERROR|CODE|[ :#_-])*0*([1-5]\d\d)(?:[ :,-]+[A-Z' ]*)?")
_NO_CODE = frozenset({"", "N-A", "NA", "NONE", "NULL", "NIL", "UNKNOWN", "NO", "0"})
_SAID_BEFORE = ("ERROR", "CODE", "NO", "NR", "NUMBER")
# In a title only what is plainly a code: after a word that says so, or of a family everybody knows.
_CODE_IN_TITLE = (
    re.compile(r"\b(?:https?|status|errors?|codes?|returns?|returned|returning|answers?|gives?)[ :#-]+(?:code[ :#]*)?"
               rf"([45]\d\d)\b(?![.,:]?\d|\s?[%€$£]|\s(?:{_UNITS})\b)"),
    re.compile(r"\b(?:errors?|err|codes?)[ :#]+(?:code[ :#]*)?([a-z]{1,8}[-_ ]?\d{1,8}|\d{3,8})\b"
               rf"(?![.,:/-]?\w|\s?[%€$£]|\s(?:{_UNITS})\b)"),
    re.compile(r"(?<![\w-])((?:e|err|ora|tls|ssl|db|sql)[-_]\d{1,8})\b(?![-_.]?\w)"),
    re.compile(r"(?<![\w-])(err(?:_[a-z]+){1,8})\b"),
)  # fmt: skip


def fold(text: str) -> str:
    """In small letters without accents, as people type when they are in a hurry."""
    text = unicodedata.normalize("NFKC", text).casefold().translate(_STROKES)
    text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return unicodedata.normalize("NFKC", text)


def plain_code(text: str) -> str | None:
    """An error code in one spelling, None if there is none: "http 0502" is 502, "e2207" and "E-02207" are E-2207."""
    code = unicodedata.normalize("NFKC", text).upper().strip()
    code = _UUID.sub(" ", code.lower()).upper()  # the number of one request is no code
    if found := _HTTP.fullmatch(code):
        return found[1]
    tokens = [_short(token) for token in _TOKEN.findall(code)]
    while len(tokens) > 1 and tokens[0] in _SAID_BEFORE:
        tokens.pop(0)
    plain = "-".join(tokens)
    return None if plain in _NO_CODE or plain in _SAID_BEFORE else plain[:120]


def _short(token: str) -> str:
    """Without leading zeros."""
    if token.isdecimal():
        return "".join(str(int(digit)) for digit in token).lstrip("0") or "0"
    return "0X" + (token[2:].lstrip("0") or "0") if token.startswith("0X") and len(token) > 2 else token


def code_in(title: str) -> str | None:
    """The error code that a title plainly names, in its one spelling."""
    text = fold(title)
    for pattern in _CODE_IN_TITLE:
        if found := pattern.search(text):
            return plain_code(found[1])
    return None


def words_of(title: str, names: Iterable[str] = ()) -> dict[str, str]:
    """{stem: the word as the title has it, in small letters}, in the title's order.

    Numbers, keys, dates, amounts, addresses, what stands in quotes, stop words and `names` (those that other fields of
    the ticket hold: a provider, a brand, a player) are left out. Empty where nothing remains.
    """
    text = fold(title.translate(_SIGNS))
    bare = _without(text, names)
    return _stems(_QUOTED.sub(" ", bare)) or _stems(bare)  # a title all in quotes quotes nothing


def _without(text: str, names: Iterable[str]) -> str:
    for pattern in (_MAIL, _ADDRESS, _UUID):
        text = pattern.sub(" ", text)
    for name in sorted({tuple(_WORD.findall(fold(name))) for name in names}, key=lambda parts: (-len(parts), parts)):
        if name:  # "frost-gate" is "Frost Gate" in a title
            joined = r"[\W_]+".join(map(re.escape, name))
            text = re.sub(rf"(?<!\w){joined}(?!\w)", " ", text)
    for pattern in (_HEX, _DATE, _MEASURE):
        text = pattern.sub(" ", text)
    return text


def _stems(text: str) -> dict[str, str]:
    text = _POSSESSIVE.sub(" ", _NEGATION.sub(" not ", text))
    for pattern, word in _COMPOUNDS:
        text = pattern.sub(word, text)
    found: dict[str, str] = {}
    for chunk in _CHUNK.findall(text):
        parts = [chunk] if chunk in _KEPT else _WORD.findall(chunk)
        if parts != [chunk] and _DIGIT.search(chunk):
            continue  # gw-pay-3, v8.12: one thing's own name
        for word in parts:
            if word in _STOPS or len(word) < 2 or (_DIGIT.search(word) and word not in _KEPT):
                continue
            found.setdefault(_stem(word), word)
    return found


def _stem(word: str) -> str:
    """One and many as the same, and no more than that: launches and launch, caches and cache, queries and query."""
    if len(word) < 4 or not word.isascii() or _DIGIT.search(word):
        return word
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    if word.endswith("ie"):
        return word[:-2] + "y" if len(word) > 4 else word
    return word[:-1] if word.endswith("e") and len(word) > 4 else word
