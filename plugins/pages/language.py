"""The languages of the finder: which one a request asks for, and its words.

The source text is English. Every other language is a catalogue `locale/LANGUAGE/messages.po`
and lives under its own addresses (`/es/find`), so that a page can be shared, cached and found
in that language without a cookie.
"""

from __future__ import annotations

import gettext as gnu
import io
import re
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from records.said import Said

LOCALE = Path(__file__).resolve().parents[2] / "locale"
SOURCE = "en"
LANGUAGES = {"en": "English", "es": "Español"}
"""The languages by their code, each by its own name. The first is the text in the code."""

_ONLY_IN_ENGLISH = re.compile(
    r"/(?:directory|_memory|-|static|quality|bot|robots\.txt|sitemap\S*\.xml)(?:[/.?~-]|$)"
)

current: ContextVar[str] = ContextVar("language", default=SOURCE)


@lru_cache
def translations(language: str) -> gnu.NullTranslations:
    """The words of a language; the source language's are those in the code.

    Raises OSError where the catalogue is not there: a language without one is not offered.
    """
    if language == SOURCE:
        return gnu.NullTranslations()
    with (LOCALE / language / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gnu.GNUTranslations(compiled)


def gettext(text: str) -> str:
    """The text in the language of this request."""
    return translations(current.get()).gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """The text for this many, in the language of this request."""
    return translations(current.get()).ngettext(one, many, count)


def pgettext(context: str, text: str) -> str:
    """The text in the language of this request, where the same English means two things."""
    return translations(current.get()).pgettext(context, text)


def npgettext(context: str, one: str, many: str, count: int) -> str:
    return translations(current.get()).npgettext(context, one, many, count)


def prefix(language: str | None = None) -> str:
    """What stands before a page's path in a language: '' for the source, else '/es'."""
    language = language or current.get()
    return "" if language == SOURCE else f"/{language}"


def only_in_english(path: str) -> bool:
    """Whether a page speaks to maintainers and researchers: tables, SQL, data and our crawler."""
    return bool(_ONLY_IN_ENGLISH.match(path))


def address(path: str) -> str:
    """The path of a page in the language of this request."""
    return path if only_in_english(path) else prefix() + path


def spoken(text: str) -> str:
    """A sentence made elsewhere, in the language of this request; other text as it is."""
    return text.spoken(gettext) if isinstance(text, Said) else text


def split(path: str) -> tuple[str, str]:
    """The language that a path asks for, and the path without it: `('es', '/find')`."""
    for language in LANGUAGES:
        start = f"/{language}"
        if language != SOURCE and (path == start or path.startswith(f"{start}/")):
            return language, path[len(start) :] or "/"
    return SOURCE, path
