"""Replaces every person in recorded answers by an invented one; the structure stays.

A word stays only where a reader of ours knows it (it stands in the code of `spiders/`), or where it
names a place; every other word becomes an invented one of the same length, the same one each time.
What is read of a listing is replaced even where its words are known. Telephone numbers become
555-01xx, e-mail addresses and web sites example.com, the site itself directory.example, and points
move by up to a kilometre. Keys of JSON, names of elements, classes and the like stay as they are.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlencode

from records.listing import Listing
from spiders.finding import site_of
from spiders.recordings import Exchange
from spiders.trouble import host_of

INVENTED_HOST = "directory.example"
#: Fields of a listing that say who and where exactly; `address` is one text with both.
PERSONAL = (
    "name", "practice", "street", "street2", "address", "phone", "email", "website",
    "booking_url",
)  # fmt: skip
_PLACE = ("city", "state", "country", "postcode")
#: Words of names and streets that name nobody.
_NOBODY = frozenset(
    """and the of for in at by street st avenue ave road rd drive dr lane ln boulevard blvd way
    court ct place pl highway hwy parkway pkwy suite ste unit floor fl room building bldg po box
    north south east west ne nw se sw pt dpt mpt mspt ot otr dc do md phd dds rn lat atc ocs scs
    cscs fafs cert llc inc pllc pc physical therapy physiotherapy therapist clinic center centre
    http https www com org net mailto tel""".split()
)

_VOWELS, _CONSONANTS = "aeiou", "bdfklmnprstvz"
_ESCAPED = r"\\u[0-9a-fA-F]{4}"
_ACCENTED = r"&(?:[A-Za-z]+(?:acute|grave|uml|circ|tilde|cedil|ring|slash|caron|lig)|#\d{3,5});"
_LETTER = rf"(?:[^\W\d_]|{_ESCAPED}|(?!&#(?:0?3[4-9]|038|821[1-7]|8220|8221);){_ACCENTED})"
_EMAIL = r"(?P<email>[\w.+-]+(?:@|%40|&#0?64;)[\w-]+(?:\.[\w-]+)+)"
_URL = (
    r"(?P<url>(?:https?:)?(?:\\?/){2}[^\s\"'<>\\)]+(?:\\/[^\s\"'<>\\)]*)*"
    r"|\bwww\.[\w.-]+\.[a-z]{2,}(?:[/?][^\s\"'<>)]*)?)"
)
_PHONE = (
    r"(?P<phone>\+\d[\d\s().\-]{7,18}\d"
    r"|(?<![\d.])(?:1[\s.\-]?)?\(?\d{3}\)?[\s.\-/]{1,2}\d{3}[\s.\-]\d{4}(?!\d)"
    r"|(?<=tel:)\d{10,11})"
)
_BOX = r"(?P<box>(?<![^\W\d_])[Pp]\.?\s?[Oo]\.?\s*[Bb][Oo][Xx]\s+\d+)"
_POINT = r"(?P<point>(?<![\w.])-?\d{1,3}\.\d{3,}(?![\w.]))"
_WORD = rf"(?P<word>{_LETTER}+(?:['’]{_LETTER}+)*)"
_ESCAPE = r"(?P<escape>\\[nrtbf\"'\\/]|%[0-9A-Fa-f]{2}|&#?\w+;)"
_PIECES = re.compile("|".join((_EMAIL, _URL, _PHONE, _BOX, _POINT, _WORD, _ESCAPE)))
_TAGS = re.compile(
    r"(<script\b[^>]*>.*?</script\s*>|<style\b.*?</style\s*>|<!\[CDATA\[|\]\]>|</?[A-Za-z!?][^<>]*>)",
    re.S | re.I,
)
_SCRIPT = re.compile(r"(<script\b[^>]*>)(.*?)(</script\s*>)", re.S | re.I)
_ATTRIBUTE = re.compile(r"([\w:.@-]+\s*=\s*)(?:(\\?[\"'])(.*?)\2|([^\s\"'<>\\]+))", re.S)
#: Attributes whose values are structure.
_STRUCTURE = re.compile(
    r"(?:class|id|rel|type|style|name|method|charset|lang|property|itemprop|itemtype|itemscope|for"
    r"|role|target|http-equiv|xmlns|xml:\w+|typeof|vocab|version|encoding|media|sizes|width|height"
    r")\s*=\s*",
    re.I,
)
#: A string of JSON or of a script; a key is followed by a colon.
_LITERAL = re.compile(r"\"((?:[^\"\\]|\\.)*)\"(\s*:)?|'((?:[^'\\\n]|\\.)*)'(\s*:)?", re.S)
#: JSON, or a script that is little more: behind a guard, a name, or in a call.
_CODE = re.compile(
    r"\ufeff?(?:\s*(?:while\s*\(1\);|for\s*\(;;\);|\)\]\}',?|/\*.{0,60}?\*/|[\w$.]{1,80}\s*\(|&&"
    r"|(?:var\s+)?[\w$.]{1,80}\s*=|typeof\s+[\w$.]{1,80}\s*===?\s*'function'))*\s*[\[{]"
)
_INNER_KEY = re.compile(r"(\\\"|&quot;)([\w .-]{1,60})(\1\s*:)")


class Leak(Exception):
    """A value of a real listing would survive."""


@cache
def known_words() -> frozenset[str]:
    """Every word that stands in the code of the readers, in small letters."""
    folder = Path(__file__).parent
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.py")))
    return frozenset(word.lower() for word in re.findall(r"[^\W\d_]+", text))


@cache
def _headings() -> frozenset[str]:
    """Words that say what a column or a line means: "City" stays, whoever works in City Park."""
    text = (Path(__file__).parent / "platforms" / "fields.py").read_text(encoding="utf-8")
    return frozenset(word.lower() for word in re.findall(r"[^\W\d_]+", text))


@cache
def _known_hosts() -> str:
    folder = Path(__file__).parent
    return "\n".join(
        path.read_text(encoding="utf-8").replace("\\", "") for path in folder.rglob("*.py")
    )


@dataclass(slots=True)
class Disguise:
    """One recording's replacements: the same for the same word, and of no use to undo them."""

    own_hosts: frozenset[str]
    """Host and port of the site itself."""
    personal: frozenset[str]
    """Words of real listings, in small letters."""
    places: frozenset[str]
    asked: frozenset[str] = frozenset()
    """Points that stand in the questions themselves."""
    stubborn: dict[str, str] = field(default_factory=dict)
    """Values that consist of known words only -> what takes their place."""
    salt: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    @classmethod
    def of(cls, exchanges: Sequence[Exchange], listings: Iterable[Listing]) -> Disguise:
        """The disguise of a recording and of the listings that were read from it."""
        listings = list(listings)
        who = _words(getattr(one, name) for one in listings for name in PERSONAL)
        where = _words(getattr(one, name) for one in listings for name in _PLACE)
        # A site's own words ("Find", its ajax address) stay, whoever is called so.
        site = site_of(exchanges[0].url)
        hosts = {host_of(one.url) for one in exchanges if site_of(one.url) == site}
        points = {value for one in exchanges for value in re.findall(r"-?\d{1,3}\.\d{3,}", one.url)}
        made = cls(
            frozenset(hosts),
            frozenset(who - _NOBODY - where - _headings()),
            frozenset(where),
            frozenset(points),
        )
        for one in listings:
            for name in PERSONAL:
                value = (getattr(one, name) or "").strip()
                if len(value) >= 5 and not _says_nothing(value) and made.words(value) == value:
                    made.stubborn.update(_written(value, made.forced(value)))
        return made

    def exchange(self, one: Exchange) -> Exchange:
        """The same question and answer with nobody real in them."""
        form = {name: self.words(value) for name, value in one.form.items()}
        headers = {name: self.words(value) for name, value in one.headers.items()}
        body = self.body(one.body)
        return replace(one, url=self.url(one.url), body=body, form=form, headers=headers)

    def body(self, text: str) -> str:
        """A whole answer."""
        if text.lstrip("\ufeff \t\r\n")[:1] == "<":
            return self.markup(text)
        return self._literals(text) if _CODE.match(text) else self.words(text)

    def markup(self, text: str) -> str:
        """HTML or XML, or a piece of it."""
        parts = []
        for place, part in enumerate(_TAGS.split(text)):
            if place % 2 == 0:
                parts.append(self.words(part))
            elif part[:6].lower() == "<style" or part in ("<![CDATA[", "]]>"):
                parts.append(part)
            elif part.startswith("<!--"):
                parts.append(self.words(part))
            elif script := _SCRIPT.fullmatch(part):
                inner = self._literals(script[2])
                parts.append(self._tag(script[1]) + inner + script[3])
            else:
                parts.append(self._tag(part))
        return "".join(parts)

    def _tag(self, tag: str) -> str:
        def value(found: re.Match[str]) -> str:
            if _STRUCTURE.fullmatch(found[1]):
                return found[0]
            quote, inner = (found[2], found[3]) if found[2] else ("", found[4])
            return f"{found[1]}{quote}{self.words(inner)}{quote}"

        return _ATTRIBUTE.sub(value, tag)

    def _literals(self, text: str) -> str:
        def literal(found: re.Match[str]) -> str:
            double = found[1] is not None
            inner, colon = (found[1], found[2]) if double else (found[3], found[4])
            if colon:
                return found[0]
            quote = '"' if double else "'"
            new = self.markup(inner) if "<" in inner else self.words(inner)
            return f"{quote}{new}{quote}"

        parts, end = [], 0
        for found in _LITERAL.finditer(text):
            parts += [self._bare(text[end : found.start()]), literal(found)]
            end = found.end()
        parts.append(self._bare(text[end:]))
        return "".join(parts)

    def _bare(self, text: str) -> str:
        """What stands outside of strings: code and numbers."""
        return re.sub(_POINT, lambda found: self._point(found[0]), text)

    def words(self, text: str) -> str:
        """Running text: e-mail, addresses, numbers and words of people."""
        keys: list[str] = []

        def hide(found: re.Match[str]) -> str:
            keys.append(found[2])
            return f"{found[1]}\x01{len(keys) - 1}\x02{found[3]}"

        for value, new in self.stubborn.items():
            text = text.replace(value, new)
        done = _PIECES.sub(self._piece, _INNER_KEY.sub(hide, text))
        return re.sub("\x01(\\d+)\x02", lambda found: keys[int(found[1])], done)

    def _piece(self, found: re.Match[str]) -> str:
        kind, text = found.lastgroup, found[0]
        if kind == "email":
            return self.email(text)
        if kind == "url":
            return self.url(text)
        if kind == "phone":
            return self.phone(text)
        if kind == "point":
            return self._point(text)
        if kind == "box":
            return re.sub(r"\d", lambda one: str(self._number(f"{text}{one.start()}") % 10), text)
        return self.word(text) if kind == "word" else text

    def email(self, text: str) -> str:
        """An address at example.com."""
        local, at, _ = re.split(r"(@|%40|&#0?64;)", text, maxsplit=1)
        return f"{self._invented(local.lower(), max(3, len(local)))}{at}example.com"

    def url(self, text: str) -> str:
        """The site itself is directory.example, a service keeps its host, all else example.com."""
        slash = "\\/" if "\\/" in text else "/"
        plain = text.replace("\\/", "/")
        head = re.match(r"(https?:)?//|", plain)
        start = head[0] if head else ""
        rest = plain[len(start) :]
        host, mark, path = re.match(r"([^/?#]*)([/?#]?)(.*)", rest, re.S).groups()  # type: ignore[union-attr]
        if host.lower() in self.own_hosts:
            host = INVENTED_HOST
            start = "https://" if start.startswith("http") else start
        elif host != INVENTED_HOST and not self._service(host):
            host = "www.example.com"
        done = f"{start}{host}{mark}{_PIECES.sub(self._in_path, path)}"
        return done.replace("/", slash) if slash != "/" else done

    def _in_path(self, found: re.Match[str]) -> str:
        return found[0] if found.lastgroup == "url" else self._piece(found)

    def _service(self, host: str) -> bool:
        name = site_of(f"http://{host}/") if host else ""
        return "." in name and name in _known_hosts() and name not in self.personal

    def phone(self, text: str) -> str:
        """The same number at 555-01xx, its punctuation kept."""
        digits = [char for char in text if char.isdigit()]
        ending = f"55501{self._number(''.join(digits)) % 100:02d}"
        if len(digits) < len(ending):
            return text
        digits[-7:] = ending
        fresh = iter(digits)
        return "".join(next(fresh) if char.isdigit() else char for char in text)

    def _point(self, text: str) -> str:
        if text in self.asked or not self.personal:
            return text
        head, _, tail = text.partition(".")
        # No 0: at the end of a number JSON would drop it.
        fresh = "".join(
            str(1 + self._number(f"{text}{place}") % 9) for place in range(len(tail) - 2)
        )
        return f"{head}.{tail[:2]}{fresh}"

    def word(self, text: str) -> str:
        """An invented word in place of one that nobody here knows."""
        plain = html.unescape(re.sub(_ESCAPED, lambda one: chr(int(one[0][2:], 16)), text))
        small = plain.lower()
        if len(plain) < 2 or small in _NOBODY or small in self.places:
            return text
        bare = small.replace("’", "").replace("'", "")
        known = small in known_words()
        somebodys = bool({small, bare} & self.personal) and not (known and plain.islower())
        if not somebodys and (known or (len(plain) == 2 and plain.isupper())):
            return text
        made = self._invented(small, len(plain))
        if plain.isupper():
            return made.upper()
        return made.capitalize() if plain[0].isupper() else made

    def forced(self, value: str) -> str:
        """An invented value where the words of the real one are all known."""

        def number(found: re.Match[str]) -> str:
            return "".join(str(1 + self._number(found[0] + char) % 9) for char in found[0])

        def word(found: re.Match[str]) -> str:
            small = found[0].lower()
            if small in _NOBODY or value.lower().startswith(f"{small}:"):
                return found[0]
            made = self._invented(small, len(small))
            return made.capitalize() if found[0][0].isupper() else made

        # A house number changes; a number at the end is a ZIP code or a unit.
        done = re.sub(r"[^\W\d_]{3,}", word, re.sub(r"^\d+", number, value))
        return done if done != value else re.sub(r"\d+", number, value)

    def _invented(self, seed: str, length: int) -> str:
        value = self._number(seed)
        letters = []
        for place in range(length):
            kind = _CONSONANTS if place % 2 == 0 else _VOWELS
            value, rest = divmod(value, len(kind))
            letters.append(kind[rest])
            value = value or self._number(f"{seed}{place}")
        return "".join(letters)

    def _number(self, seed: str) -> int:
        return int.from_bytes(hashlib.blake2b(seed.encode(), key=self.salt).digest()[:24], "big")


def _words(values: Iterable[str | None]) -> set[str]:
    found: set[str] = set()
    for value in values:
        for word in re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", unquote(value or "")):
            found |= {word.lower(), word.lower().replace("’", "").replace("'", "")}
    return {word for word in found if len(word) > 1}


def check(exchanges: Iterable[Exchange], listings: Iterable[Listing]) -> None:
    """Raise Leak when a value of a real listing survives in any answer or address."""
    bodies = []
    for one in exchanges:
        text = f"{one.url}\n{urlencode(one.form)}\n{one.body}"
        plain = html.unescape(text.replace("\\/", "/"))
        plain = re.sub(_ESCAPED, lambda found: chr(int(found[0][2:], 16)), plain)
        bodies.append(f"{text}\n{plain}\n{unquote(plain)}".lower())
    everything = "\n".join(bodies)
    for listing in listings:
        for name in PERSONAL:
            value = (getattr(listing, name) or "").strip().lower()
            if len(value) < 5 or _says_nothing(value) or _invented(value):
                continue
            # Not as the beginning of something longer.
            whole = rf"(?<![\w@.-]){re.escape(value)}(?![\w-])"
            if value in everything and re.search(whole, everything):
                raise Leak(f"the {name} of an entry would survive (entry {listing.native_id})")


def _invented(value: str) -> bool:
    """A number that was nobody's before: another may become it."""
    return bool(re.fullmatch(r"\D*1?\d{3}55501\d\d\D*\d{0,6}", re.sub(r"[\s().+/-]", "", value)))


def _written(value: str, new: str) -> dict[str, str]:
    """The value and its replacement as HTML and JSON write them."""
    ways: tuple[Callable[[str], str], ...] = (
        str,
        html.escape,
        lambda text: text.replace("/", "\\/"),
        lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    )
    return {way(value): way(new) for way in ways}


def _says_nothing(value: str) -> bool:
    """Whether a value names nobody: "PO Box", "Physical Therapy Clinic", "https://"."""
    return not (_words([value]) - _NOBODY) and not re.search(r"\d", value)
