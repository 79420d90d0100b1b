"""What a text is about: its telling terms, brought to one form so that "payouts" meets "withdrawal".

A term is a stem ("deposit"), or a code as it stands with single blanks for its signs ("e 2201"). `forms_of` goes the
other way: the words under which an index without stems has a term.
"""

import re
from functools import lru_cache

from ticketing.rules.desk_words import COMMON, RATHER_COMMON, SAME, STOPWORDS, TOGETHER
from ticketing.rules.texts import fold

TEXT_MAX = 4_000  # what stands further down is a log
_CHUNK = re.compile(r"[^\W_]+(?:[-_./:#][^\W_]+)*")
_PART = re.compile(r"[^\W_]+")
_GAP = re.compile(r"[\s-]+")
_PAIRS = re.compile(r"\b(" + "|".join(sorted(TOGETHER, key=len, reverse=True)).replace(" ", r"[\s-]+") + r")\b")
_NUMBERED = {"error", "err", "code", "errcode", "status", "rc", "reason"}  # a number after one of these is a code
_HTTP_ERROR = re.compile("[45][0-9]{2}")
_LONG_NUMBER = 6  # digits, from which on a number names something
_WORD_MAX = 40
_CODE_PARTS = 6
_VOWELS = set("aeiouy")


def terms_of(text: str) -> dict[str, str]:
    """The telling terms of a text, each with the word it stood as first."""
    found: dict[str, str] = {}
    before = ""
    for chunk in _CHUNK.findall(_PAIRS.sub(_together, fold(text[:TEXT_MAX]))):
        for term, shown in _terms(chunk, before in _NUMBERED):
            if term not in found:
                found[term] = shown
        before = chunk
    return found


def _together(pair: re.Match) -> str:
    return TOGETHER[" ".join(_GAP.split(pair[0]))]


@lru_cache(maxsize=32_768)
def _terms(chunk: str, numbered: bool) -> tuple[tuple[str, str], ...]:
    """(term, word) of what stands without a blank; `numbered` after a word that makes a code of a number."""
    if len(chunk) > _WORD_MAX and chunk.isalnum():
        return ()
    if chunk.isdecimal():
        telling = numbered or len(chunk) >= _LONG_NUMBER or _HTTP_ERROR.fullmatch(chunk)
        return ((chunk, chunk),) if telling else ()
    parts = _PART.findall(chunk)
    if _has_digit(chunk) and any(_has_letter(part) for part in parts):
        if len(chunk) > _WORD_MAX or len(parts) > _CODE_PARTS:
            return ()
        return ((term_of(chunk) if len(parts) == 1 else " ".join(parts), chunk),)
    return tuple((term_of(part), part) for part in parts if _tells(part))


def _tells(part: str) -> bool:
    return 1 < len(part) <= _WORD_MAX and part not in STOPWORDS and not part.isdecimal()


@lru_cache(maxsize=16_384)
def is_code(term: str) -> bool:
    """Letters and digits together, such as E-2201; neither a word nor a bare number."""
    return _has_digit(term) and _has_letter(term)


def _has_digit(text: str) -> bool:
    return any(map(str.isdecimal, text))


def _has_letter(text: str) -> bool:
    return any(map(str.isalpha, text))


@lru_cache(maxsize=16_384)
def term_of(word: str) -> str:
    """The term a folded word stands for."""
    found = stem(word)
    return _MEANING.get(found, found)


def stem(word: str) -> str:
    """A word without its common English endings; rough, but the same for all forms of most words."""
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return word
    if word.endswith(("ies", "ied")) and len(word) > 4:
        word = word[:-3] + "i"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        rest = word[: -len(ending)]
        if word.endswith(ending) and len(rest) >= 3 and _VOWELS & set(rest):
            word = rest
            break
    if word.endswith("e") and len(word) > 3:
        word = word[:-1]
    if word.endswith("y") and len(word) > 3 and word[-2] not in _VOWELS:
        word = word[:-1] + "i"
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiousz":
        word = word[:-1]
    return word


@lru_cache(maxsize=4_096)
def forms_of(term: str) -> tuple[str, ...]:
    """The words, or several with blanks between them, that an index may have for a term."""
    if " " in term or not term.isalpha() or not term.isascii():
        return (term, *(words for words, one in TOGETHER.items() if one == term))
    found = dict.fromkeys(_inflected(term))
    for word in _GROUPS.get(term, ()):
        found |= dict.fromkeys((word, *_inflected(stem(word))))
        found |= dict.fromkeys(pair for pair, one in TOGETHER.items() if one == word)
    found |= dict.fromkeys(pair for pair, one in TOGETHER.items() if stem(one) == term)
    return tuple(found)


@lru_cache(maxsize=4_096)
def written_as(shown: str) -> tuple[str, ...]:
    """How a word that `terms_of` has shown may have been written: in one, or in several."""
    return (shown, *(words for words, one in TOGETHER.items() if one == shown))


def _inflected(base: str):
    if not base.isascii() or not base.isalpha():
        return (base,)
    if base.endswith("i") and len(base) > 3:
        return (base, *(base[:-1] + ending for ending in ("y", "ies", "ied")), base[:-1] + "ying")
    found = [base, *(base + ending for ending in ("s", "e", "es", "ed", "ing"))]
    if 2 < len(base) < 7 and base[-1] not in _VOWELS and base[-2] in _VOWELS:
        double = base + base[-1]
        found += [double, double + "ed", double + "ing"] if base[-1] == "l" else [double + "ed", double + "ing"]
    return tuple(found)


_MEANING = {stem(word): stem(line[0]) for line in SAME for word in line}
_GROUPS = {stem(line[0]): line for line in SAME}
COMMON_TERMS = frozenset(term_of(word) for word in COMMON)
RATHER_COMMON_TERMS = frozenset(term_of(word) for word in RATHER_COMMON) - COMMON_TERMS
