"""A directory on Business Directory Plugin 6.4: lists, a page an entry, no entries as JSON.

Past the last page the answer is status 200 and "No listings found."; an unpublished entry leads
away; the ZIP code is a field of its own.
"""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import unquote

from samples.directory_plugin import DirectoryPluginSite
from samples.site import Reply, Request, escaped
from samples.wordpress import php_int, php_json, texturise
from samples.world import TrueListing


class BusinessDirectoryPluginSite(DirectoryPluginSite):
    """The list shows less than an entry's own page."""

    post_type = "wpbdp_listing"
    pages_at = "/find-a-practitioner/entry/"
    in_list: ClassVar[tuple[str, ...]] = ("Phone", "Address")
    one_gone: ClassVar[bool] = True
    """Whether the list still names an entry that is not published any more."""

    def posts(self) -> list[dict[str, Any]]:
        return [
            {
                "id": int(one.native_id),
                "status": "publish",
                "type": self.post_type,
                "link": self.link(one),
                "title": {"rendered": texturise(one.stored)},
            }
            for one in self.shown()
        ]

    def answer(self, request: Request) -> Reply:
        rest = request.path.removeprefix(f"{self.directory_path}page/").strip("/")
        if request.path.startswith(f"{self.directory_path}page/") and php_int(rest):
            return self._list(int(rest), request)
        for one in self.withheld()[:1]:
            if request.path == unquote(self.path_of(one)):
                there = f"{self.base_url}{self.directory_path}?inactive_listing=1"
                return Reply(status=302, headers={"Location": there})
        return super().answer(request)

    def directory(self, request: Request) -> Reply:
        if request.query.get("wpbdp_view") == "all_listings":
            return self._list(1, request)
        everybody = f'<a href="{self.directory_path}?wpbdp_view=all_listings">View Listings</a>'
        categories = '<ul class="wpbdp-categories"><li>Level 1</li></ul>'
        return self._page(f"{everybody}{categories}", request)

    def _page(self, body: str, request: Request) -> Reply:
        settings = php_json({"ajaxurl": f"{self.base_url}/wp-admin/admin-ajax.php"}).decode()
        return self.page(
            self.directory_words,
            f'<div id="wpbdp-page-main" class="wpbdp-page"><div id="wpbdp-main-box">{body}</div>'
            f"</div>\n<script>\nvar wpbdp_global = {settings};\n</script>",
            request,
        )

    def _list(self, number: int, request: Request) -> Reply:
        rows = list(self.on_page(number))
        if not rows:
            return self._page("<div>No listings found.</div>", request)
        shown = "\n".join(self._excerpt(one) for one in rows)
        pager = ""
        if number < self.last_page():
            following = f"{self.directory_path}page/{number + 1}/?wpbdp_view=all_listings"
            pager = f'<span class="next"><a href="{following}">Next &rarr;</a></span>'
        if number == 1 and self.one_gone:
            # One of the list has been taken down: its page leads away.
            shown += self._excerpt(self.withheld()[0])
        return self._page(
            f'<div id="wpbdp-listings-list" class="wpbdp-listings-list">{shown}</div>'
            f'<div class="wpbdp-pagination">{pager}</div>',
            request,
        )

    def _excerpt(self, one: TrueListing) -> str:
        link = f'<a href="{self.link(one)}" target="_self">{texturise(one.stored)}</a>'
        return (
            f'<div id="wpbdp-listing-{one.native_id}" class="wpbdp-listing-{one.native_id} '
            'wpbdp-listing excerpt wpbdp-excerpt wpbdp-listing-excerpt odd">'
            f'<div class="listing-title"><h3>{link}</h3></div>'
            f'<div class="listing-details">{_fields(one, self.in_list)}</div>\n'
            '<div class="listing-actions"><a class="wpbdp-button" '
            f'href="{self.link(one)}">View</a></div></div>'
        )

    def single(self, listing: TrueListing) -> Reply:
        one = listing
        return self.page(
            escaped(one.printed),
            f'<div id="wpbdp-listing-{one.native_id}" class="wpbdp-listing-{one.native_id} '
            'wpbdp-listing single wpbdp-single wpbdp-listing-single">'
            f'<div class="listing-title"><h1>{texturise(one.stored)}</h1></div>'
            f'<div class="listing-details">{_fields(one, tuple(_FIELDS))}</div></div>',
        )


class BusinessDirectoryPluginFullSite(BusinessDirectoryPluginSite):
    """The list shows every field."""

    one_gone = False
    in_list = ("Practice", "Phone", "Email", "Website", "Address", "ZIP Code")

    def directory(self, request: Request) -> Reply:
        return self._list(1, request)


_FIELDS = {
    "Practice": "practice",
    "Phone": "phone",
    "Email": "email",
    "Website": "website",
    "Address": "address",
    "ZIP Code": "zip_code",
}


def _fields(one: TrueListing, wanted: tuple[str, ...]) -> str:
    town = ", ".join(part for part in (one.city, one.state) if part)
    address = "<br />".join(escaped(part) for part in (one.street, one.unit, town) if part)
    site, mail = escaped(one.website), escaped(one.email)
    values = {
        "Practice": escaped(one.practice),
        "Phone": escaped(one.phone),
        "Email": f'<a href="mailto:{mail}">{mail}</a>' if mail else "",
        "Website": f'<a href="{site}" rel="nofollow">{site}</a>' if site else "",
        "Address": address,
        "ZIP Code": escaped(one.postcode),
    }
    return "".join(
        '<div class="wpbdp-field-display wpbdp-field wpbdp-field-value field-display field-value '
        f"wpbdp-field-{name} wpbdp-field-meta wpbdp-field-type-textfield "
        'wpbdp-field-association-meta">'
        f'<span class="field-label">{label}:</span> <div class="value">{values[label]}</div></div>'
        for label, name in _FIELDS.items()
        if label in wanted and values[label]
    )
