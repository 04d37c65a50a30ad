"""Directories that are recognised and not read: they want a key, a login, or permission.

How recognised
    By a frame, a script or the settings of the service itself (the table `SERVICES`), never by its
    name in a text. Bare words such as "yext" stand on too many pages.
What is asked
    Nothing. The run ends with the reason and with what to do instead.
Limits
    None.
Traps
    * The key of such a service stands in its script for every visitor's browser, so a program could
      use it. It was given to that site for its visitors, and we do not lift it.
    * A search box of the same service on a page that is no directory looks alike: where that is
      usual, the match is a weak one and only counts when nothing else is found.
Services
    Bullseye: its search answers 401 without the client's ApiKey.
    Yext Answers and Search: a query carries the client's api_key and experienceKey.
    Algolia, where it searches by place: a query carries the client's application id and key.
    choose.physio: its search carries credentials from its script.
    Higher Logic (connectedcommunity.org) and YourMembership: a directory for members who log in.
    APTA Find a PT (choosept.com, aptaapps.apta.org): its terms refuse republication.
Safety
    No key is read, kept, or sent.
Source
    Programs that met these services, and the services' own documentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from scrapy.http import Request, Response

from spiders.platforms import Match, Reading, Surroundings, WrongShape
from spiders.platforms.hosted import frame_sources, web_page
from spiders.platforms.wp import inline_scripts

_ASK = "Ask the publisher for an export, or for permission and a key of our own"


@dataclass(frozen=True, slots=True)
class Service:
    """A service that is not read."""

    name: str
    reason: str
    """Why, and what to do instead."""
    address: re.Pattern[str] | None = None
    """In the address of a frame or a script, or of the page itself."""
    script: tuple[re.Pattern[str], ...] = ()
    """All of them in one inline script."""
    certainty: float = 0.8


def _at(host: str, path: str = "") -> re.Pattern[str]:
    """The address of anything on a host or below it."""
    return re.compile(rf"^(?:https?:)?//(?:[\w-]+\.)*{re.escape(host)}(?::\d+)?(?:/|$){path}", re.I)


SERVICES: tuple[Service, ...] = (
    Service(
        "Bullseye",
        f"Bullseye answers only with its client's ApiKey. {_ASK}.",
        address=_at("bullseyelocations.com"),
        script=(re.compile(r"\bws2?\.bullseyelocations\.com/RestSearch\.svc/", re.I),),
    ),
    Service(
        "Yext",
        f"Yext answers only with its client's api_key and experienceKey. {_ASK}.",
        address=re.compile(
            r"^(?:https?:)?//(?:liveapi|answers|cdn)\.(?:yext|yextapis)\.com/", re.I
        ),
        script=(re.compile(r"\bexperienceKey\b"), re.compile(r"\bapi_?key\b", re.I)),
        certainty=0.4,
    ),
    Service(
        "Algolia",
        f"Algolia answers only with its client's application id and key. {_ASK}.",
        script=(
            re.compile(r"\balgoliasearch\s*\("),
            re.compile(r"\b(?:aroundLatLng|insideBoundingBox|geoSearch|_geoloc)\b"),
        ),
        certainty=0.4,
    ),
    Service(
        "choose.physio",
        f"choose.physio answers only with credentials from its own script. {_ASK}.",
        address=_at("choose.physio"),
    ),
    Service(
        "Higher Logic",
        "this directory is for members who log in (Higher Logic). Ask the publisher for a public "
        "list.",
        address=_at("connectedcommunity.org"),
    ),
    Service(
        "YourMembership",
        "this directory is for members who log in (YourMembership). Ask the publisher for a public "
        "list.",
        address=_at("yourmembership.com", r".*(?:directory|searchserver)"),
    ),
    Service(
        "APTA Find a PT",
        "APTA's terms refuse republication. Only written permission allows to read it.",
        address=re.compile(
            r"^(?:https?:)?//(?:[\w-]+\.)*(?:aptaapps\.apta\.org|choosept\.com)/\S*find", re.I
        ),
    ),
)


class Refused:
    """Services that are not read, as the module's docstring lists them."""

    name: ClassVar[str] = "refused"
    title: ClassVar[str] = "A service that is not read"

    def __init__(self, around: Surroundings) -> None:
        del around

    def recognise(self, page: Response) -> Match | None:
        html = web_page(page)
        if html is None:
            return None
        addresses = [page.url, *frame_sources(html)]
        addresses += html.xpath("//script/@src").getall()
        scripts = list(inline_scripts(html))
        for service in SERVICES:
            seen = _seen(service, addresses, scripts)
            if seen:
                evidence = f"the page uses {service.name} ({seen})"
                return Match(
                    self.name,
                    evidence,
                    service.certainty,
                    page.url,
                    {"service": service.name},
                    service.reason,
                )
        return None

    def requests(self, match: Match) -> Iterable[Request]:
        return ()

    def read(self, answer: Response) -> Iterator[Reading]:
        raise WrongShape("expected nothing: this service is not read")
        yield


def _seen(service: Service, addresses: Iterable[str], scripts: Iterable[str]) -> str | None:
    """What of a page is the service's, short enough for a report; None where nothing is."""
    pattern = service.address
    if pattern is not None:
        for address in addresses:
            if pattern.search(address.strip()):
                return address.strip().split("?", maxsplit=1)[0][:80]
    if service.script and any(all(one.search(text) for one in service.script) for text in scripts):
        return "an inline script"
    return None
