"""What the sample sites of hosted locators share: a page that names an account, and the service.

The service of the real software lives on a host of its own. Here it is a folder of the same
server, so a fact sheet has to name it: `sheet_extra()` is what belongs into its `options.extra`.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from samples.site import Reply, Request, Site
from samples.world import TrueListing

_SERVICE = "/service"


class HostedSite(Site):
    """A small site with somebody else's locator on its directory page."""

    source_id = "sample_wpsl_b"
    organisation = "Pretend Society of Needling"
    directory_path = "/find-a-practitioner/"
    directory_words = "Find a Practitioner"
    account: ClassVar[str] = "u1234"
    without_coordinates: ClassVar[bool] = True
    """Whether entries without coordinates are sent."""

    def shown(self) -> list[TrueListing]:
        """What a visitor of this site can see."""
        return [
            one
            for one in self.world.public(self.source_id)
            if self.without_coordinates or is_somewhere(one)
        ]

    def withheld(self) -> list[TrueListing]:
        """Entries the service keeps, and marks as not for visitors."""
        return [one for one in self.world.listings[self.source_id] if not one.public]

    def sheet_extra(self) -> dict[str, str]:
        """`options.extra` of a fact sheet that is to read this site."""
        return {"api": f"{self.base_url}{_SERVICE}"}

    def answer(self, request: Request) -> Reply:
        if request.path.startswith(f"{_SERVICE}/"):
            reply = self.service(request.path.removeprefix(_SERVICE), request)
            return reply if reply is not None else self.not_found()
        return super().answer(request)

    def directory(self, request: Request) -> Reply:
        return self.page(
            self.directory_words, f"<h1>{self.directory_words}</h1>\n{self.widget()}", request
        )

    def widget(self) -> str:
        """What the page's owner pasted into it."""
        raise NotImplementedError

    def service(self, path: str, request: Request) -> Reply | None:
        """The service's answer to a path, or None where it has nothing."""
        raise NotImplementedError


def is_somewhere(listing: TrueListing) -> bool:
    """Whether the printed coordinates are a point on Earth."""
    latitude, longitude = listing.latitude, listing.longitude
    return (
        latitude is not None
        and longitude is not None
        and abs(latitude) <= 90
        and abs(longitude) <= 180
    )


def as_json(value: Any, *, status: int = 200) -> Reply:
    """JSON as these services send it."""
    return Reply(
        status=status,
        body=json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode(),
        content_type="application/json; charset=utf-8",
        headers={"Access-Control-Allow-Origin": "*"},
    )


def as_call(function: str, value: Any, end: str = ");") -> Reply:
    """JSON as the argument of a function: a script."""
    content = json.dumps(value, separators=(",", ":"))
    return Reply(
        body=f"{function}({content}{end}".encode(),
        content_type="application/javascript; charset=utf-8",
    )


def street_of(listing: TrueListing) -> str:
    """Street and suite in one line."""
    return ", ".join(part for part in (listing.street, listing.unit) if part)
