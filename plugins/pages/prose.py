"""The article pages: prose in `content/LANGUAGE/SLUG.md`, read and made into HTML."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup
from ruamel.yaml import YAML

from plugins.pages.language import SOURCE, current, gettext, only_in_english

CONTENT = Path(__file__).resolve().parents[2] / "content"
SLUGS = (
    "what-is-dry-needling",
    "what-happens-in-a-visit",
    "is-it-safe",
    "what-it-is-used-for",
    "who-may-do-it",
    "what-it-costs",
)
"""The article's questions, in the order a reader has them."""
INSURANCE = "insurance"
"""The prose around the table of who pays."""

STATEMENTS = ("privacy", "accessibility")
"""What the site promises its readers."""

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_ROLES = {
    "table_open": "table", "thead_open": "rowgroup", "tbody_open": "rowgroup", "tr_open": "row",
    "th_open": "columnheader", "td_open": "cell",
}  # fmt: skip
"""Said outright, since a narrow screen shows a table's cells below each other."""


@dataclass(frozen=True, slots=True)
class Article:
    """One page of prose: title, the answer in a sentence or two, the body as Markdown, when
    it was last held against its sources and when that is next due. `language` is the one it is
    really in."""

    slug: str
    language: str
    title: str
    answer: str
    reviewed: date
    due: date
    body: str


@lru_cache
def article(slug: str, language: str) -> Article:
    """The page in this language, or in English where it has not been translated.

    Raises FileNotFoundError for a page that is not there at all.
    """
    path = CONTENT / language / f"{slug}.md"
    if not path.exists():
        language, path = SOURCE, CONTENT / SOURCE / f"{slug}.md"
    _, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
    facts = YAML(typ="safe", pure=True).load(head)
    return Article(slug=slug, language=language, body=body, **facts)


def tokens(body: str) -> list[Token]:
    """The Markdown of a page as the library's tokens."""
    return _MARKDOWN.parse(body)


def html(body: str, link: Callable[[str], str]) -> Markup:
    """The body as HTML. Addresses that begin with / go through `link`.

    A block quotation is a note; a table's cells know their columns, its first cells head rows.
    """
    parsed = tokens(body)
    for token in parsed:
        if token.type.startswith("blockquote_"):
            token.tag = "div"
            if token.nesting > 0:
                token.attrs.update({"class": "note", "role": "note"})
        if token.children and current.get() != SOURCE:
            _mark_english(token.children)
        for inner in token.children or ():
            address = str(inner.attrGet("href") or "")
            if address.startswith("/"):
                inner.attrSet("href", link(address))
    _name_cells(parsed)
    return Markup(_MARKDOWN.renderer.render(parsed, _MARKDOWN.options, {}))  # noqa: S704


def _mark_english(inner: list[Token]) -> None:
    """Say of links to pages that are only there in English that they are, to other readers."""
    leads_there = False
    for token in list(inner):
        if token.type == "link_open" and only_in_english(str(token.attrGet("href"))):
            token.attrSet("hreflang", SOURCE)
            leads_there = True
        elif token.type == "link_close" and leads_there:
            words = Token("text", "", 0, content=f" {gettext('(in English)')}")
            inner.insert(inner.index(token), words)
            leads_there = False


def _name_cells(parsed: list[Token]) -> None:
    columns: list[str] = []
    column = 0
    heads_row = False
    for number, token in enumerate(parsed):
        if token.type in _ROLES:
            token.attrSet("role", _ROLES[token.type])
        if token.type == "table_open":
            columns = []
            token.attrSet("class", "facts")
        elif token.type == "tr_open":
            column = 0
        elif token.type == "th_open":
            token.attrSet("scope", "col")
            columns.append(parsed[number + 1].content)
        elif token.type == "td_open":
            heads_row = column == 0
            if heads_row:
                token.tag = "th"
                token.attrs.update({"scope": "row", "role": "rowheader"})
            else:
                token.attrSet("data-column", columns[column])
            column += 1
        elif token.type == "td_close" and heads_row:
            token.tag = "th"
            heads_row = False
