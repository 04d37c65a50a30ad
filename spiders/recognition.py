"""What a page is: the one place that decides which platform reads a directory.

Every platform looks at a fetched page. Where nobody recognises any page of a site, WordPress is
asked what it says of itself: the index of its REST API names the plugins that have one, and every
platform looks at that index as at a page. Nothing here asks for anything; see `seeking.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scrapy.http import HtmlResponse, Response, TextResponse, XmlResponse

from spiders.platforms import Match, Platform
from spiders.platforms import wp as wordpress_page
from spiders.platforms import wp_rest as wordpress_api

#: From here on a platform is sure enough that no other page is looked at.
SURE = 0.6
#: The same on a page that calls itself the practitioner directory.
LIKELY = 0.5

#: The beginning of a REST namespace -> the platform that has it. Plugins without a REST API (WP
#: Store Locator, Agile Store Locator, Business Directory Plugin, Ultimate Member) name none.
NAMESPACES = {
    "cn-api": "connections",
    "directorist": "directorist",
    "geodir": "geodirectory",
    "mapp": "mappress",
    "store-locator-plus": "store_locator_plus",
    "tsml": "meeting_list",
    "wpgmza": "wp_go_maps",
}


@dataclass(frozen=True, slots=True)
class Named:
    """A plugin that WordPress names, and the platform that reads it."""

    namespace: str
    platform: str


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a page is, as far as anybody can tell.

    `matches` come best first: those that are sure and may be read, then the surest.
    """

    page_url: str
    matches: tuple[Match, ...] = ()
    named: tuple[Named, ...] = ()
    """What WordPress names, where it was asked."""

    def __bool__(self) -> bool:
        return bool(self.matches)

    @property
    def best(self) -> Match | None:
        """The platform to read it with; its `refusal` says why it is not read at all."""
        return self.matches[0] if self.matches else None

    @property
    def others(self) -> tuple[Match, ...]:
        """What else matched."""
        return self.matches[1:]

    @property
    def platform(self) -> str | None:
        return self.best.platform if self.best else None

    @property
    def evidence(self) -> str | None:
        """What was seen, in words."""
        return self.best.evidence if self.best else None

    @property
    def certainty(self) -> float:
        """0 to 1; see `Match.certainty`."""
        return self.best.certainty if self.best else 0.0

    @property
    def refusal(self) -> str | None:
        """Why it is not read although it is recognised, or None."""
        return self.best.refusal if self.best else None


class Recogniser:
    """Shows pages to platforms. The platforms live as long as it does, and may remember."""

    def __init__(self, platforms: Sequence[Platform]) -> None:
        self.platforms = tuple(platforms)

    def recognise(self, page: Response) -> Recognition:
        """What every platform makes of a page, or of the index of a REST API."""
        page = as_markup(page)
        found = [match for one in self.platforms if (match := one.recognise(page)) is not None]
        # Stable: of equals the registry's first.
        found.sort(key=lambda one: (one.certainty < SURE or bool(one.refusal), -one.certainty))
        return Recognition(page.url, tuple(found), plugins_named(page))

    def platform(self, match: Match) -> Platform:
        """The platform object that gave this match."""
        return next(one for one in self.platforms if one.name == match.platform)

    def titles(self) -> list[str]:
        """What is looked for, as people call it."""
        return [one.title for one in self.platforms]


def as_markup(page: Response) -> Response:
    """The same answer, such that looking for elements in JSON finds none instead of raising."""
    if not isinstance(page, TextResponse) or isinstance(page, HtmlResponse | XmlResponse):
        return page
    return page.replace(cls=HtmlResponse)


def rest_api(page: Response) -> str | None:
    """The address of the site's REST API where a page names it, in its head or markup; else None.

    WordPress says it on every page, in a `Link` header and in a `<link>`.
    """
    return wordpress_page.named_rest_url(page)


def plugins_named(page: Response) -> tuple[Named, ...]:
    """The plugins we read that the index of a REST API names; empty for any other page."""
    named = sorted(wordpress_api.namespaces(wordpress_api.index(page)))
    return tuple(
        Named(namespace, NAMESPACES[first])
        for namespace in named
        if (first := namespace.split("/", maxsplit=1)[0]) in NAMESPACES
    )
