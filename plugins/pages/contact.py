"""How to write to whoever runs the site, for those whom no form helps."""

from __future__ import annotations

import os

from plugins.pages.wording import web_address


def operator_contact() -> tuple[str, str] | None:
    """The address to go to and how it is shown, from NEEDLEPOINT_CONTACT: a web page or an e-mail
    address. None where it is not set, or neither."""
    told = os.environ.get("NEEDLEPOINT_CONTACT", "").strip()
    if page := web_address(told):
        return page, page.partition("://")[2].rstrip("/")
    mail = told.removeprefix("mailto:")
    return (f"mailto:{mail}", mail) if "@" in mail and "/" not in mail else None
