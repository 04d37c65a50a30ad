"""A member directory on Ultimate Member 2.12, which wants a nonce and counts one's calls."""

from __future__ import annotations

from samples.directory_plugin import DirectoryPluginSite
from samples.site import Reply, Request
from samples.wordpress import ajax_json, php_json
from samples.world import TrueListing


class UltimateMemberSite(DirectoryPluginSite):
    """It is recognised and not read: nobody is to be found here."""

    pages_at = "/user/"

    def shown(self) -> list[TrueListing]:
        return []

    def ajax(self, action: str, request: Request) -> Reply | None:
        if action != "um_get_members":
            return None
        return ajax_json({"success": False, "data": "Wrong Nonce"})

    def widget(self) -> str:
        settings = php_json({"nonce": "7c9e2b41aa", "max_upload_size": 1}).decode()
        return (
            '<div class="um um-directory um-O99mw" data-hash="O99mw" data-base-post="11" '
            'data-must-search="0" data-view_type="grid" data-page="1"></div>\n'
            f"<script>\nvar um_scripts = {settings};\n</script>"
        )
