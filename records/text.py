"""The text of what a directory sends: markup out, entities read once, blanks collapsed."""

from __future__ import annotations

import html
import re

#: Elements that start or end a line. Everything else of HTML stands within one.
_BLOCKS = frozenset(
    """address article aside blockquote br center dd div dl dt fieldset figcaption figure footer
    form h1 h2 h3 h4 h5 h6 header hr li main nav ol option p pre section table tbody td tfoot th
    thead tr ul""".split()
)
_INLINE = frozenset(
    """a abbr acronym area audio b base bdi bdo big body button canvas caption cite code col
    colgroup data datalist del dfn dialog em embed font head html i iframe img input ins kbd label
    legend link map mark meta meter noscript object optgroup output param picture progress q rp rt
    ruby s samp script select small source span strike strong style sub summary sup svg template
    textarea time title track tt u var video wbr path g use""".split()
)
# Only names that HTML knows are markup: "A. B. <C> Bracket" is how somebody is called.
_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)(?=[\s/>])(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
_SILENT = re.compile(r"<(script|style|template)\b.*?</\1\s*>|<!--.*?-->", re.I | re.S)
_ENTITY = re.compile(r"&(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")

#: Control characters part words; marks without width stand inside them.
_UNSEEN = {
    **dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), " "),
    **dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad")),
}


def plain(text: str) -> str:
    """One line: no markup, entities read, every run of blanks one blank.

    Entities are read once, and once more only where one is left: a title that somebody typed as
    `Pat &amp; Sam` comes out of some software escaped twice and out of other software once.
    """
    return " ".join(" ".join(lines(text)).split())


def lines(text: str) -> list[str]:
    """The lines of a text or a piece of HTML as a reader sees them; empty lines left out."""
    silent = _SILENT.sub(" ", text)
    marked = _TAG.sub(_break_or_nothing, silent)
    return [line for raw in marked.splitlines() if (line := _tidy(raw))]


def unescaped(text: str) -> str:
    """A text with its entities read: once, and again only if one is left."""
    once = html.unescape(text)
    return html.unescape(once) if _ENTITY.search(once) else once


def _break_or_nothing(tag: re.Match[str]) -> str:
    name = tag[1].lower()
    if name in _BLOCKS:
        return "\n"
    return "" if name in _INLINE else tag[0]


def _tidy(line: str) -> str:
    return " ".join(unescaped(line).translate(_UNSEEN).split())
