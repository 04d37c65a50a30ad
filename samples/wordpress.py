"""What every WordPress site does: escaping, robots.txt, REST answers, sitemaps, admin-ajax.

Written after what WordPress 6 was seen to answer, quirks included.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from samples.site import Reply, Request, Site, escaped, text

#: No caching, no indexing: the headers of admin-ajax answers.
_AJAX_HEADERS = {
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
    "Expires": "Wed, 11 Jan 1984 05:00:00 GMT",
    "Cache-Control": "no-cache, must-revalidate, max-age=0, no-store, private",
}


def texturise(title: str) -> str:
    """What get_the_title makes of a stored title: curly quotes, dashes, a bare & as &#038;.

    Tags and entities that are stored stay as they are; blanks around are trimmed.
    """
    done = re.sub(r"&(?!#?\w+;)", "&#038;", title.strip())
    done = re.sub(r'"([^"<>]*)"', r"&#8220;\1&#8221;", done)
    return done.replace(" - ", " &#8211; ").replace("'", "&#8217;")


def content(description: str) -> str:
    """The stored text as wpautop and wptexturize print it: paragraphs and line breaks."""
    if not description:
        return ""
    paragraphs = []
    for block in re.split(r"\n\s*\n", description.strip()):
        lines = "<br />\n".join(texturise(escaped_text(line)) for line in block.split("\n"))
        paragraphs.append(f"<p>{lines}</p>\n")
    return "".join(paragraphs)


def escaped_text(line: str) -> str:
    """Only the angle brackets, as an editor stores them in a text."""
    return line.replace("<", "&lt;").replace(">", "&gt;")


def esc_url(url: str) -> str:
    """What esc_url makes of it: a scheme in front, & as &#038;, other schemes thrown away."""
    url = url.strip().replace(" ", "%20")
    if not url:
        return ""
    if not re.match(r"^[a-z][a-z0-9+.-]*:", url, re.IGNORECASE) and url[0] not in "/#?":
        url = f"http://{url}"
    if not re.match(r"^(https?|mailto|tel):", url, re.IGNORECASE) and url[0] not in "/#?":
        return ""
    return url.replace("&", "&#038;").replace("'", "&#039;")


def sanitize_email(email: str) -> str:
    """What sanitize_email leaves: letters it does not know are dropped, no @ means empty."""
    local, at, domain = email.partition("@")
    if not at:
        return ""
    local = re.sub(r"[^a-zA-Z0-9!#$%&'*+/=?^_`{|}~.-]", "", local)
    domain = re.sub(r"[^a-zA-Z0-9.-]", "", domain).strip(".")
    return f"{local}@{domain}" if local and "." in domain else ""


def php_json(value: Any) -> bytes:
    r"""As json_encode writes it: \/ for every slash, \u for every letter outside ASCII."""
    return json.dumps(value, separators=(",", ":")).replace("/", r"\/").encode()


def php_int(value: str | None) -> int | None:
    """(int) of a parameter: 12.7 is 12; None where PHP calls it not numeric."""
    try:
        return int(float(value or ""))
    except (ValueError, OverflowError):
        return None


class WordPressSite(Site):
    """A site on WordPress: REST index, robots.txt, sitemaps, and admin-ajax.php."""

    post_type = ""
    taxonomy = ""

    def answer(self, request: Request) -> Reply:
        path = request.path
        if path == "/wp-admin/admin-ajax.php":
            return self._admin_ajax(request)
        if path.startswith("/wp-json/"):
            return self.rest(path.removeprefix("/wp-json"), request)
        if path == "/" and (route := request.query.get("rest_route")):
            return self.rest(route, request)
        if path.startswith("/wp-sitemap"):
            return self._sitemap(path.removeprefix("/"))
        if path != "/" and not path.endswith("/") and "." not in path.rsplit("/", 1)[-1]:
            return Reply(status=301, headers={"Location": f"{self.base_url}{path}/"})
        return super().answer(request)

    def ajax(self, action: str, request: Request) -> Reply | None:
        """The answer of the plugin that owns this action, or None: nobody's."""
        return None

    def sitemaps(self) -> dict[str, list[str]]:
        """File name -> the addresses in it."""
        pages = [path for path, _ in self.decoys] + [self.directory_path]
        return {
            "wp-sitemap-posts-post-1.xml": [f"{self.base_url}/hello-world/"],
            "wp-sitemap-posts-page-1.xml": [f"{self.base_url}{path}" for path in ("/", *pages)],
        }

    def robots(self) -> str:
        return (
            "User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n\n"
            f"Sitemap: {self.base_url}/wp-sitemap.xml\n"
        )

    def page(self, title: str, body: str, request: Request | None = None) -> Reply:
        head = (
            f"<link rel='https://api.w.org/' href='{self.base_url}/wp-json/' />\n"
            '<meta name="generator" content="WordPress 6.9" />\n'
        )
        return Reply(
            body=self.document(title, body, head).encode(),
            headers={"Link": f'<{self.base_url}/wp-json/>; rel="https://api.w.org/"'},
        )

    def rest(self, route: str, request: Request) -> Reply:
        """The REST API: its index, the types, and the posts of `post_type`."""
        if route in {"", "/"}:
            return _json(
                {
                    "name": self.organisation,
                    "description": "",
                    "url": self.base_url,
                    "home": self.base_url,
                    "namespaces": ["oembed/1.0", "wp/v2", "wp-site-health/v1"],
                    "authentication": [],
                    "routes": {
                        "/": {"namespace": "", "methods": ["GET"]},
                        f"/wp/v2/{self.post_type}": {"namespace": "wp/v2", "methods": ["GET"]},
                    },
                }
            )
        if route.rstrip("/") == "/wp/v2/types":
            kinds = ("post", "page", self.post_type)
            return _json({kind: {"name": kind, "slug": kind, "rest_base": kind} for kind in kinds})
        posts = f"/wp/v2/{self.post_type}"
        if route.rstrip("/") == posts:
            return self._rest_posts(request)
        if route.startswith(posts + "/"):
            return self._rest_post(route.removeprefix(posts).strip("/"))
        if self.taxonomy and route.rstrip("/") == f"/wp/v2/{self.taxonomy}":
            return _json(self.terms())
        return _rest_error(
            404, "rest_no_route", "No route was found matching the URL and request method."
        )

    def posts(self) -> list[dict[str, Any]]:
        """Published entries of the post type, as REST shows them, newest first."""
        return []

    def draft_ids(self) -> set[str]:
        """Ids that exist and are not published: REST answers 401 for them."""
        return set()

    def terms(self) -> list[dict[str, Any]]:
        """The categories, as REST shows them."""
        return []

    def _admin_ajax(self, request: Request) -> Reply:
        # PHP's $_REQUEST: the form wins over the query.
        action = request.form.get("action") or request.query.get("action", "")
        reply = self.ajax(action, request) if action else None
        if reply is not None:
            return reply
        return Reply(status=400, body=b"0", headers=_AJAX_HEADERS)

    def _sitemap(self, name: str) -> Reply:
        files = self.sitemaps()
        if name == "wp-sitemap.xml":
            return _xml(sitemap_index(f"{self.base_url}/{one}" for one in files))
        return _xml(urlset(files[name])) if name in files else self.not_found()

    def _rest_posts(self, request: Request) -> Reply:
        per_page = php_int(request.query.get("per_page", "10"))
        page = php_int(request.query.get("page", "1"))
        if per_page is None or not 1 <= per_page <= 100 or page is None or page < 1:
            return _rest_error(400, "rest_invalid_param", "Invalid parameter(s): per_page")
        found = self.posts()
        pages = max(1, -(-len(found) // per_page))
        if page > pages:
            return _rest_error(
                400,
                "rest_post_invalid_page_number",
                "The page number requested is larger than the number of pages available.",
            )
        shown = found[(page - 1) * per_page : page * per_page]
        if fields := request.query.get("_fields"):
            wanted = {name.strip() for name in fields.split(",")}
            shown = [{key: post[key] for key in post if key in wanted} for post in shown]
        headers = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(pages)}
        if page < pages:
            address = f"{self.base_url}/wp-json/wp/v2/{self.post_type}"
            following = f"{address}?per_page={per_page}&page={page + 1}"
            headers["Link"] = f'<{following}>; rel="next"'
        return _json(shown, headers)

    def _rest_post(self, one_id: str) -> Reply:
        if one_id in self.draft_ids():
            return _rest_error(401, "rest_forbidden", "Sorry, you are not allowed to do that.")
        for post in self.posts():
            if str(post["id"]) == one_id:
                return _json(post)
        return _rest_error(404, "rest_post_invalid_id", "Invalid post ID.")


def ajax_json(value: Any) -> Reply:
    """JSON as admin-ajax.php sends it."""
    return Reply(
        body=php_json(value), content_type="application/json; charset=UTF-8", headers=_AJAX_HEADERS
    )


def slug(title: str) -> str:
    """What sanitize_title makes of a title for its address."""
    plain = html.unescape(re.sub(r"<[^>]*>", "", title)).lower()
    kept = re.sub(r"[^\w]+", "-", plain.replace("’", "").replace("'", ""))
    return quote(kept.strip("-_"))


def sitemap_index(addresses: Iterable[str]) -> str:
    """An XML sitemap index."""
    rows = "".join(f"<sitemap><loc>{escaped(one)}</loc></sitemap>" for one in addresses)
    return f'{_XML}<sitemapindex xmlns="{_SITEMAPS}">{rows}</sitemapindex>\n'


def urlset(addresses: Iterable[str]) -> str:
    """An XML sitemap."""
    rows = "".join(
        f"<url><loc>{escaped(one)}</loc><lastmod>2026-09-01T08:00:00-06:00</lastmod></url>"
        for one in addresses
    )
    return f'{_XML}<urlset xmlns="{_SITEMAPS}">{rows}</urlset>\n'


_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"


def _xml(document: str) -> Reply:
    return text(document, "application/xml; charset=UTF-8")


def _json(value: Any, headers: dict[str, str] | None = None) -> Reply:
    return Reply(
        body=php_json(value),
        content_type="application/json; charset=UTF-8",
        headers={"X-Robots-Tag": "noindex", **(headers or {})},
    )


def _rest_error(status: int, code: str, message: str) -> Reply:
    body = php_json({"code": code, "message": message, "data": {"status": status}})
    return Reply(status=status, body=body, content_type="application/json; charset=UTF-8")
