"""A directory on Connections 10.4: hCards on one page, and an API that ignores `page`.

Past the last page the pages show page 1 again; single entries are handed out while pending; text
is escaped; missing coordinates are null.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from samples.directory_plugin import DirectoryPluginSite, no_route, rest_error, rest_json
from samples.map_plugin import degrees
from samples.site import Reply, Request, escaped
from samples.wordpress import esc_url, php_int, texturise
from samples.world import TrueListing


class ConnectionsSite(DirectoryPluginSite):
    """The plugin as it comes: everybody on one page."""

    namespace = "cn-api/v1"
    pages_at = "/find-a-practitioner/name/"
    sitemap = False
    api: ClassVar[bool] = True
    limit: ClassVar[int] = 0
    """Rows a page; 0 is all of them."""

    def plugin_rest(self, route: str, request: Request) -> Reply | None:
        if not route.startswith("/cn-api/v1/entry"):
            return None
        if not self.api:
            return no_route()
        number = route.removeprefix("/cn-api/v1/entry").strip("/")
        if number:
            for one in [*self.shown(), *self.withheld()]:
                if one.native_id == number:
                    return rest_json(self._entry(one))
            return rest_error(404, "rest_entry_invalid_id", "Invalid entry ID.")
        per_page = php_int(request.query.get("per_page", "10"))
        if per_page is None or not 1 <= per_page <= 100:
            return rest_error(400, "rest_invalid_param", "Invalid parameter(s): per_page")
        offset = php_int(request.query.get("offset", "0")) or 0
        rows = [self._entry(one) for one in self.shown()]
        rows.insert(3, self._entry(self.withheld()[0]))
        private = {"visibility": "private", "status": "approved"}
        rows.insert(5, self._entry(self.withheld()[1]) | private)
        return rest_json(rows[offset : offset + per_page])

    def answer(self, request: Request) -> Reply:
        found = re.fullmatch(rf"{self.directory_path}pg/(\d+)/", request.path)
        if found:
            return self._list(int(found[1]), request)
        return super().answer(request)

    def directory(self, request: Request) -> Reply:
        return self._list(1, request)

    def _list(self, number: int, request: Request) -> Reply:
        everybody = self.shown()
        size = self.limit or len(everybody)
        rows = everybody[(number - 1) * size : number * size] or everybody[:size]
        cards = "\n".join(self._row(one) for one in rows)
        body = f'<div id="cn-list" class="cn-list"><div class="cn-template">{cards}</div></div>'
        return self.page(self.directory_words, body, request)

    def _row(self, one: TrueListing) -> str:
        slug = self.path_of(one).strip("/").rpartition("/")[2]
        street = _span("street-address", one.street) + _span("extended-address", one.unit)
        town = "".join(
            _span(name, text)
            for name, text in (
                ("locality", one.city),
                ("region", one.state),
                ("postal-code", one.postcode),
                ("country-name", one.country),
            )
        )
        phone = (
            '<span class="tel"><span class="phone-name">Work Phone</span>: '
            f'<span class="value">{escaped(one.phone)}</span>'
            '<span class="type" style="display: none;">work</span></span>'
            if one.phone
            else ""
        )
        mail = (
            '<span class="email"><span class="email-name">Work Email</span>: <a class="value" '
            f'href="mailto:{escaped(one.email)}">{escaped(one.email)}</a></span>'
            if one.email
            else ""
        )
        site = (
            f'<span class="link website"><a class="url" href="{esc_url(one.website)}">Website</a>'
            "</span>"
            if one.website
            else ""
        )
        return (
            f'<div id="{slug}" class="cn-list-row vcard individual" '
            f'data-entry-type="individual" data-entry-id="{one.native_id}" '
            f'data-entry-slug="{slug}"><h3><a href="{self.link(one)}"><span class="fn n">'
            f"{texturise(one.stored)}</span></a></h3>"
            f'<span class="org"><span class="organization-name">{escaped(one.practice)}</span>'
            f'</span><span class="adr"><span class="address-name">Work</span>{street}{town}'
            '<span class="type" style="display: none;">work</span></span>'
            f"{phone}{mail}{site}</div>"
        )

    def _entry(self, one: TrueListing) -> dict[str, Any]:
        number = int(one.native_id)
        given, _, family = one.name.partition(" ")
        tel = [_part(number, "workphone", number=_shown(one.phone))] if one.phone else []
        tel.append(_part(number, "homephone", number=_shown("(614) 555-0199")))
        tel.append(_part(number, "workfax", number=_shown("(614) 555-0198")))
        mail = [_part(number, "work", address=_shown(one.email))] if one.email else []
        name = {"rendered": texturise(one.stored)}
        address = _part(
            number,
            "work",
            street_address=_shown(one.street),
            extended_address=_shown(one.unit),
            locality=_shown(one.city),
            region=_shown(one.state),
            postal_code=_shown(one.postcode),
            country_name=_shown(one.country),
            latitude=f"{one.latitude:.12f}" if degrees(one.latitude) else None,
            longitude=f"{one.longitude:.12f}" if degrees(one.longitude) else None,
        )
        return {
            "id": number,
            "type": "individual",
            "link": self.link(one),
            "slug": self.path_of(one).strip("/").rpartition("/")[2],
            "fn": name,
            "given_name": _shown(given),
            "family_name": _shown(family),
            "honorific_suffix": _shown(one.credentials),
            "job_title": _shown(""),
            "org": {"organization_name": _shown(one.practice), "organization_unit": _shown("")},
            "adr": [address],
            "tel": tel,
            "email": mail,
            "social": [],
            "bio": {"rendered": ""},
            "notes": {"rendered": ""},
            "images": [],
            "visibility": "public",
            "status": "approved" if one.public else "pending",
        }


class ConnectionsClosedSite(ConnectionsSite):
    """No API, and ten rows a page."""

    api = False
    limit = 10


def _shown(text: str) -> dict[str, str]:
    return {"rendered": escaped(text)}


def _part(entry: int, kind: str, **more: Any) -> dict[str, Any]:
    return {
        "id": entry, "order": 0, "preferred": False, "type": kind, **more, "visibility": "public",
    }  # fmt: skip


def _span(name: str, text: str) -> str:
    return f'<span class="{name}">{escaped(text)}</span> ' if text else ""
