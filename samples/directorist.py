"""A directory on Directorist 8.9: an API some visitors may not read, and cards for all.

The time of change is the time of reading, related entries change at every read, a page past the
last is empty, and single entries are handed out while they are drafts.
"""

from __future__ import annotations

import itertools
import json
from typing import Any, ClassVar

from samples.directory_plugin import DirectoryPluginSite, rest_error, rest_json, rows_asked
from samples.map_plugin import degrees, one_line
from samples.site import Reply, Request, escaped
from samples.wordpress import esc_url, php_int, php_json, texturise
from samples.world import TrueListing


class DirectoristSite(DirectoryPluginSite):
    """Visitors may read the API."""

    post_type = "at_biz_dir"
    namespace = "directorist/v1"
    pages_at = "/directory/"
    per_list_page = 6
    api: ClassVar[bool] = True

    def __init__(self, world: Any) -> None:
        super().__init__(world)
        self._reads = itertools.count()

    def plugin_rest(self, route: str, request: Request) -> Reply | None:
        if not route.startswith("/directorist/v1/listings"):
            return None
        if not self.api:
            message = "Sorry, you cannot list resources."
            return rest_error(401, "directorist_rest_cannot_view", message)
        number = route.removeprefix("/directorist/v1/listings").strip("/")
        if number:
            for one in [*self.shown(), *self.withheld()]:
                if one.native_id == number:
                    return rest_json(self._listing(one))
            return rest_error(404, "directorist_rest_invalid_id", "Invalid ID.")
        rows = [self._listing(one) for one in self.shown()]
        rows.insert(2, self._listing(self.withheld()[0]) | {"status": "private"})
        hidden = {"status": "publish", "owner_contact_hidden": True}
        rows.insert(5, self._listing(self.withheld()[1]) | hidden)
        found = rows_asked(request, rows, past_end_is_empty=True)
        return found if isinstance(found, Reply) else rest_json(*found)

    def _listing(self, one: TrueListing) -> dict[str, Any]:
        read = next(self._reads)
        return {
            "id": int(one.native_id),
            "name": texturise(one.stored),
            "slug": self.path_of(one).strip("/").rpartition("/")[2],
            "permalink": self.link(one),
            "date_created": "2026-09-01T08:00:00",
            "date_modified": f"2026-09-02T08:{read // 60 % 60:02d}:{read % 60:02d}",
            "description": f"<p>{escaped(one.description)}</p>" if one.description else "",
            "short_description": "",
            "zip": one.postcode,
            "phone": one.phone,
            "phone_2": "",
            "fax": "",
            "email": one.email,
            "website": one.website,
            "social_links": None,
            "map_hidden": False,
            "address": one_line(one),
            "latitude": degrees(one.latitude),
            "longitude": degrees(one.longitude),
            "owner_contact_hidden": False,
            "tagline": one.practice,
            "directory": 2,
            "never_expired": True,
            "status": "publish" if one.public else "draft",
            "related_ids": [read + 1, read + 2],
            "categories": [{"id": 3, "name": one.certification, "slug": "level", "icon": ""}]
            if one.certification
            else [],
            "tags": [],
            "locations": [{"id": 4, "name": one.state, "slug": one.state.lower()}],
            "images": [],
        }

    def directory(self, request: Request) -> Reply:
        return self._list(1, request)

    def answer(self, request: Request) -> Reply:
        rest = request.path.removeprefix(f"{self.directory_path}page/").strip("/")
        if request.path.startswith(f"{self.directory_path}page/") and php_int(rest):
            return self._list(int(rest), request)
        return super().answer(request)

    def _list(self, number: int, request: Request) -> Reply:
        rows = self.on_page(number)
        if not rows:
            return self.not_found()
        settings = php_json({"ajax_nonce": "0a1b2c3d4e", "ajaxurl": f"{self.base_url}/wp-admin/"})
        cards = "\n".join(self._card(one) for one in rows)
        pager = f'<span class="page-numbers current">{number}</span>'
        if number < self.last_page():
            following = f"{self.directory_path}page/{number + 1}/"
            pager += f'<a class="next page-numbers" href="{following}">»</a>'
        body = (
            f'<h1>{self.directory_words}</h1>\n<div class="directorist-archive-contents">{cards}'
            f'</div>\n<nav class="directorist-pagination">{pager}</nav>\n{self._map()}'
            f"<script>\nvar directorist = {settings.decode()};\n</script>"
        )
        return self.page(self.directory_words, body, request)

    def _map(self) -> str:
        """The map shows everybody, whatever the page."""
        entries = [
            {
                "listing_id": int(one.native_id),
                "latitude": degrees(one.latitude),
                "longitude": degrees(one.longitude),
                "content": f'<h4><a href="{self.link(one)}">{texturise(one.stored)}</a></h4>',
            }
            for one in self.shown()
        ]
        return f'<div id="map" data-card="{escaped(json.dumps(entries))}"></div>\n'

    def _card(self, one: TrueListing) -> str:
        fields = [
            ("location", f'<a href="/area/">{escaped(one.state)}</a>'),
            ("address", escaped(one_line(one))),
            ("phone", _tel(one.phone)),
        ]
        return (
            '<article class="directorist-listing-single directorist-listing-card" '
            f'data-listing-id="{one.native_id}"><header><h2 class="directorist-listing-title">'
            f'<a href="{self.link(one)}">{texturise(one.stored)}</a></h2></header>'
            '<div class="directorist-listing-single__info--list"><ul>'
            + "".join(
                f'<li><div class="directorist-listing-card-{name}">'
                '<i class="directorist-icon-mask"></i><span class='
                f'"directorist-listing-single__info--list__label"></span>{text}</div></li>'
                for name, text in fields
                if text
            )
            + "</ul></div></article>"
        )

    def single(self, listing: TrueListing) -> Reply:
        one = listing
        mail = f'<a href="mailto:{escaped(one.email)}">{escaped(one.email)}</a>'
        site = f'<a href="{esc_url(one.website)}">{esc_url(one.website)}</a>'
        fields = (
            ("address", "Address", escaped(one_line(one))),
            ("zip", "Zip/Post Code", escaped(one.postcode)),
            ("phone", "Phone", _tel(one.phone)),
            ("email", "Email", mail if one.email else ""),
            ("web", "Website", site if one.website else ""),
        )
        shown = "\n".join(
            f'<div class="directorist-single-info directorist-single-info-{name}">'
            '<div class="directorist-single-info__label"><span class='
            f'"directorist-single-info__label--text">{label}</span></div>'
            f'<div class="directorist-single-info__value">{text}</div></div>'
            for name, label, text in fields
            if text
        )
        page = self.document(
            escaped(one.printed),
            f'<h1 class="directorist-listing-details__listing-title">{texturise(one.stored)}</h1>'
            f'{shown}<div class="directorist-related">{self._card(self.shown()[0])}</div>',
        )
        classes = f'<body class="single single-{self.post_type} postid-{one.native_id}">'
        return Reply(body=page.replace("<body>", classes).encode())


class DirectoristClosedSite(DirectoristSite):
    """Visitors may not read the API: six cards a page."""

    api = False


def _tel(phone: str) -> str:
    return f'<a href="tel:{escaped(phone)}">{escaped(phone)}</a>' if phone else ""
