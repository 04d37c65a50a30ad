"""A directory whose service wants its client's key: it is recognised and not read."""

from __future__ import annotations

from samples.hosted import HostedSite, as_json
from samples.site import Reply, Request
from samples.world import TrueListing


class RefusedSite(HostedSite):
    """A frame of Bullseye's, and behind it nobody who may be found."""

    account = "5965"

    def shown(self) -> list[TrueListing]:
        return []

    def withheld(self) -> list[TrueListing]:
        return list(self.world.listings[self.source_id])

    def sheet_extra(self) -> dict[str, str]:
        return {}

    def widget(self) -> str:
        return (
            '<iframe id="bullseye_iframe" title="Practitioners" width="100%" height="1400" '
            'src="https://fictional.bullseyelocations.com/pages/practitioners?f=1"></iframe>'
        )

    def service(self, path: str, request: Request) -> Reply | None:
        return as_json({"Message": "Unauthorized"}, status=401)
