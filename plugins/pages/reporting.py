"""The forms for reports: what can be chosen, what somebody wrote, and whether it came from us.

No cookie: each form carries a signed mark with its time and its number. A browser says where a
form comes from; what another site sends is turned away.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from datasette.utils.asgi import Request
from itsdangerous import BadSignature

from db.practitioners import Location
from db.profile import Profile
from db.report_inbox import MOST_LETTERS, NewReport
from db.reports import as_reference, new_reference
from plugins.pages.language import gettext as _

MOST_CONTACT = 200
GOOD_FOR_SECONDS = 4 * 60 * 60
"""How long somebody may take to write."""
MOST_BYTES = 32_768
"""A thousand letters of the longest kind, percent-encoded, and the rest of the form."""
_NAMESPACE = "needlepoint-report"


def topic(form: str, profile: Profile | None) -> str:
    """What somebody writes about: `report` and `removal` are about an entry, `site` is not."""
    return "site" if form == "report" and profile is None else form


def choices(topic: str) -> dict[str, str]:
    """What can be chosen about a topic: value -> words."""
    if topic == "site":
        return {
            "barrier": _("Something here keeps me from using it"),
            "law": _("What it says about a law is wrong or out of date"),
            "link": _("A link does not work"),
            "source": _("A directory is missing"),
            "other": _("Something else"),
        }
    if topic == "removal":
        return {
            "removal": _("Take me out of this directory"),
            "correction": _("Correct what is shown about me"),
        }
    return {
        "moved": _("No longer at this address"),
        "phone": _("The telephone number is wrong"),
        "stopped": _("Does not practise dry needling any more"),
        "person": _("This is not that person, or two people are mixed up"),
        "other": _("Something else"),
    }


@dataclass(slots=True)
class Written:
    """A form as somebody filled it in, tidied, and what is wrong with it by field."""

    practitioner: str = ""
    location: str = ""
    what: str = ""
    message: str = ""
    reply_to: str = ""
    homepage: str = ""
    """Nobody sees this field, so only programs fill it."""
    token: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    def check(self, topic: str) -> None:
        """Note in `errors` what keeps the form from being taken."""
        if self.what not in choices(topic):
            self.errors["what"] = (
                _("Choose what you want us to do.")
                if topic == "removal"
                else _("Choose what is wrong.")
            )
        if topic == "site" and not self.message:
            self.errors["message"] = _("Write what is wrong, and on which page.")
        elif self.what in ("other", "correction") and not self.message:
            self.errors["message"] = _("Write what should be different.")
        if len(self.message) > MOST_LETTERS:
            self.errors["message"] = _("Write at most 1,000 characters. It is %(count)s now.") % {
                "count": f"{len(self.message):,}"
            }
        if len(self.reply_to) > MOST_CONTACT:
            self.errors["reply_to"] = _("Write at most 200 characters here.")
        if self.homepage:
            self.homepage = ""
            self.errors["message"] = _(
                "A hidden field was filled in, perhaps by your browser. It is empty again: press"
                " Send once more."
            )


def read_form(body: bytes) -> Written:
    """What a posted form says; empty where it says nothing."""
    posted = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    return Written(
        practitioner=posted.get("practitioner", "")[:100],
        location=posted.get("location", "")[:20],
        what=posted.get("what", "")[:20],
        message=_tidy(posted.get("message", "")),
        reply_to=" ".join(_tidy(posted.get("reply_to", "")).split()),
        homepage=posted.get("homepage", ""),
        token=posted.get("token", "")[:1000],
    )


def _tidy(text: str) -> str:
    """Lines as we write them, and nothing that a screen or a terminal would obey."""
    text = re.sub(r"\r\n?", "\n", text)
    kept = (
        one for one in text if one == "\n" or unicodedata.category(one) not in ("Cc", "Cf", "Cs")
    )
    return "".join(kept).strip()


async def read_body(request: Request) -> bytes | None:
    """The body of a request; None when it is longer than any form of ours."""
    body = b""
    more = True
    while more:
        message = await request.receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MOST_BYTES:
            return None
    return body


def new_token(datasette: Any, form: str, practitioner: str) -> str:
    """A mark for one form about one practitioner ('' for the site), with the number its report
    will have."""
    made: str = datasette.sign([form, practitioner, new_reference(), int(time.time())], _NAMESPACE)
    return made


def token_reference(datasette: Any, form: str, written: Written) -> str | None:
    """The number in the form's mark; None for a mark that is missing, not ours, another form's or
    too old."""
    try:
        made_for, practitioner, reference, at = datasette.unsign(written.token, _NAMESPACE)
    except (BadSignature, TypeError, ValueError):
        return None
    age = time.time() - at
    ours = (made_for, practitioner) == (form, written.practitioner) and 0 <= age < GOOD_FOR_SECONDS
    return as_reference(reference) if ours else None


def from_elsewhere(headers: Mapping[str, str]) -> bool:
    """Whether a browser says that another site's page sent this form.

    Sec-Fetch-Site decides where it is sent. Older browsers, and all on plain http, send only
    Origin. A program sends neither: then the mark alone counts.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host", "")


def place_words(at: Location) -> str:
    """A place in one line."""
    parts = (at.practice, at.street, at.city, at.state)
    return ", ".join(part for part in parts if part)


def as_report(form: str, written: Written, profile: Profile | None) -> NewReport:
    """What is stored of a form that was checked; without a profile it is about the site."""
    places = {str(at.id): at for at in profile.locations} if profile else {}
    chosen = places.get(written.location)
    if len(places) == 1:
        [chosen] = places.values()
    kinds = {"report": "wrong", "site": "site", "removal": written.what}
    return NewReport(
        kind=kinds[topic(form, profile)],
        practitioner_id=profile.practitioner.id if profile else "",
        location_id=chosen.id if chosen else None,
        place=place_words(chosen) if chosen else None,
        what=written.what,
        message=written.message,
        reply_to=written.reply_to or None,
    )
