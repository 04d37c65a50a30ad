"""A directory on 12 Step Meeting List 3.19: one feed with everybody, empty fields left out.

The page shows the present day only; a restricted list answers 401 and 403.
"""

from __future__ import annotations

from typing import Any, ClassVar

from samples.directory_plugin import DirectoryPluginSite, rest_error, rest_json
from samples.map_plugin import one_line
from samples.site import Reply, Request
from samples.wordpress import ajax_json, php_json
from samples.world import TrueListing


class MeetingListSite(DirectoryPluginSite):
    """Sharing is open."""

    post_type = "tsml_meeting"
    namespace = "tsml"
    pages_at = "/meetings/"
    restricted: ClassVar[bool] = False

    def ajax(self, action: str, request: Request) -> Reply | None:
        if action != "meetings":
            return None
        if self.restricted:
            body = php_json({"error": "HTTP/1.1 401 Unauthorized"})
            return Reply(status=401, body=body, content_type="application/json; charset=UTF-8")
        return ajax_json(self._meetings())

    def plugin_rest(self, route: str, request: Request) -> Reply | None:
        if route != "/tsml/meetings":
            return None
        if self.restricted:
            return rest_error(403, "feed_restricted", "This meeting list is restricted.")
        return rest_json(self._meetings())

    def _meetings(self) -> list[dict[str, Any]]:
        rows = [self._meeting(one) for one in self.shown()]
        rows.append(self._meeting(self.withheld()[0]) | {"status": "draft"})
        return rows

    def _meeting(self, one: TrueListing) -> dict[str, Any]:
        row: dict[str, Any] = {
            "id": int(one.native_id),
            "name": one.stored,
            "slug": self.path_of(one).strip("/").rpartition("/")[2],
            "notes": one.description,
            "updated": "2026-09-01 08:00:00",
            "location_id": int(one.native_id) + 5000,
            "url": self.link(one),
            "day": int(one.native_id) % 7,
            "time": "08:00",
            "edit_url": f"{self.base_url}/wp-admin/post.php?post={one.native_id}&action=edit",
            "types": ["O"],
            "author": "admin",
            "location": one.practice,
            "location_notes": one.unit,
            "formatted_address": _formatted(one),
            "approximate": "no" if one.street else "yes",
            "latitude": one.latitude,
            "longitude": one.longitude,
            "timezone": "America/Chicago",
            "region": one.state,
            "regions": [one.state],
            "website": one.website,
            "email": one.email,
            "phone": one.phone,
            "attendance_option": "in_person",
            "entity": self.organisation,
            "entity_email": "admin@example.com",
            "entity_url": self.base_url,
        }
        return {key: value for key, value in row.items() if value not in ("", None)}

    def widget(self) -> str:
        settings = php_json(
            {"ajaxurl": f"{self.base_url}/wp-admin/admin-ajax.php", "nonce": "5fc3d1a9b2"}
        ).decode()
        return (
            '<div id="tsml"><table class="table"><tbody id="meetings_tbody"></tbody></table></div>'
            f"\n<script>\nvar tsml = {settings};\nvar locations = {{}};\n</script>"
        )


class MeetingListRestrictedSite(MeetingListSite):
    """The owner shares the list with those who have a key."""

    restricted = True


def _formatted(one: TrueListing) -> str:
    place = one_line(one)
    return f"{place}, USA" if place else ""
