"""What sample sites of WordPress directory plugins share: routes, pages of rows, single pages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import unquote

from samples.map_plugin import MapPluginSite
from samples.site import Reply, Request
from samples.wordpress import php_int, php_json, slug
from samples.world import TrueListing


class DirectoryPluginSite(MapPluginSite):
    """A WordPress site whose plugin keeps a post type, routes of its own, and a page an entry."""

    namespace: ClassVar[str] = ""
    pages_at: ClassVar[str] = "/places/"
    """Below which address the entries' pages are."""
    sitemap: ClassVar[bool] = True
    per_list_page: ClassVar[int] = 10

    def rest(self, route: str, request: Request) -> Reply:
        if route in {"", "/"}:
            found = json.loads(_bytes(super().rest(route, request)))
            found["namespaces"].insert(1, self.namespace) if self.namespace else None
            return rest_json(found)
        return self.plugin_rest(route.rstrip("/"), request) or super().rest(route, request)

    def plugin_rest(self, route: str, request: Request) -> Reply | None:
        """The answer of a route of the plugin's, or None: it has no such route."""
        return None

    def answer(self, request: Request) -> Reply:
        path = request.path
        if path.startswith(self.pages_at) and path.endswith("/"):
            for listing in self.shown():
                if unquote(self.path_of(listing)) == path:
                    return self.single(listing)
        return super().answer(request)

    def single(self, listing: TrueListing) -> Reply:
        """An entry's own page."""
        return self.not_found()

    def path_of(self, listing: TrueListing) -> str:
        """The path of an entry's page."""
        return f"{self.pages_at}{slug(listing.printed)}-{listing.native_id}/"

    def link(self, listing: TrueListing) -> str:
        """The address of an entry's page."""
        return f"{self.base_url}{self.path_of(listing)}"

    def sitemaps(self) -> dict[str, list[str]]:
        found = super().sitemaps()
        if self.sitemap:
            name = f"wp-sitemap-posts-{self.post_type}-1.xml"
            found[name] = [self.link(one) for one in self.shown()]
        return found

    def on_page(self, number: int) -> Sequence[TrueListing]:
        """The entries that a page of the list prints."""
        first = (number - 1) * self.per_list_page
        return self.shown()[first : first + self.per_list_page]

    def last_page(self) -> int:
        """How many pages the list has."""
        return max(1, -(-len(self.shown()) // self.per_list_page))


def rest_json(value: Any, headers: dict[str, str] | None = None) -> Reply:
    """JSON as the REST API sends it."""
    return Reply(
        body=php_json(value),
        content_type="application/json; charset=UTF-8",
        headers={"X-Robots-Tag": "noindex", **(headers or {})},
    )


def rest_error(status: int, code: str, message: str) -> Reply:
    """An error as the REST API sends it."""
    body = php_json({"code": code, "message": message, "data": {"status": status}})
    return Reply(status=status, body=body, content_type="application/json; charset=UTF-8")


def no_route() -> Reply:
    """What WordPress says of a route that nobody has."""
    return rest_error(404, "rest_no_route", "No route was found matching the URL.")


def rows_asked(
    request: Request, rows: Sequence[Any], *, past_end_is_empty: bool = False
) -> Reply | tuple[list[Any], dict[str, str]]:
    """(rows of the page that was asked for, headers), or the error for such a question."""
    per_page = php_int(request.query.get("per_page", "10"))
    page = php_int(request.query.get("page", "1"))
    if per_page is None or not 1 <= per_page <= 100 or page is None or page < 1:
        return rest_error(400, "rest_invalid_param", "Invalid parameter(s): per_page")
    last = max(1, -(-len(rows) // per_page))
    if page > last and not past_end_is_empty:
        return rest_error(
            400,
            "rest_post_invalid_page_number",
            "The page number requested is larger than the number of pages available.",
        )
    headers = {"X-WP-Total": str(len(rows)), "X-WP-TotalPages": str(last)}
    return list(rows[(page - 1) * per_page : page * per_page]), headers


def _bytes(reply: Reply) -> bytes:
    return reply.body if isinstance(reply.body, bytes) else b"".join(reply.body)
