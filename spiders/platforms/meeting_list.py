"""Meeting lists: the feed of the plugin 12 Step Meeting List, and feeds in the same form.

How recognised
    An inline script that sets `tsml` with an address for questions; an element `tsml-ui` that
    names its feed in `data-src`; or `tsml` among the namespaces of the site's REST API.
What is asked
    1. The feed the page itself names, or `admin-ajax.php?action=meetings`: everything at once.
    2. Where that is not there: `/wp-json/tsml/meetings`.
Limits
    None, no paging, no total. The page itself shows only the present day of the week.
Traps
    * A list whose owner restricts sharing answers 401 or 403. The nonce in its page would open it;
      it is not used.
    * Empty fields are absent, not empty. Text is not escaped, but may be markup.
    * A filter for an unknown region is no filter: none is sent.
    * `entity_email` and `author` are the site's administrator in every row; `edit_url` leads to
      his desk. None of them is kept.
    * `approximate: yes` marks coordinates of a town: such an entry is placed no finer than that.
    * One row a day: somebody who is there on two days has two rows with two numbers.
Settings in the fact sheet's `options.extra`
    None.
Source
    The plugin's own code (3.19.17), the specification of its feed, and answers of a running server.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from scrapy.http import Request, Response, TextResponse

from spiders.platforms import (
    Hidden,
    Match,
    Reading,
    Surroundings,
    WrongShape,
    about,
    instead,
)
from spiders.platforms.json_answers import body_text, json_in, objects, printed
from spiders.platforms.map_rows import Rows, row_id, text_of
from spiders.platforms.shapes import is_unit
from spiders.platforms.wp import address, ajax_url, rest_url, settings, with_query
from spiders.platforms.wp_rest import index, index_url, namespaces, route, site_of

_SETTINGS = re.compile(r"\btsml\s*=(?!=)")
_OWN_KEYS = frozenset({"nonce", "ajaxurl", "ajax_url", "debug", "flags", "types", "strings"})

_EXPECTED = "a JSON array of meetings"
_FIELDS = {
    "name": "name",
    "location": "practice",
    "formatted_address": "address",
    "address": "street",
    "street2": "street2",
    "city": "city",
    "state": "state",
    "region": "state",
    "postal_code": "postcode",
    "country": "country",
    "latitude": "latitude",
    "longitude": "longitude",
    "approximate": "approximate",
    "phone": "phone",
    "email": "email",
    "website": "website",
    "url": "profile_url",
}
#: Of the gathering, the site or its administrator: nothing about whom the row lists.
_IGNORED = frozenset(
    """id slug updated location_id day time end_time time_formatted edit_url author location_url
    timezone region_id regions sub_region entity entity_email entity_url entity_location
    entity_logo entity_phone entity_website data_source data_source_name data_source_url group_id
    distance conference_url conference_url_notes conference_phone conference_phone_notes venmo
    square paypal image attendance_option last_contact feedback_emails feedback_url types
    coordinates search contact_1_name contact_1_email contact_1_phone contact_2_name
    contact_2_email contact_2_phone contact_3_name contact_3_email contact_3_phone""".split()
)


class MeetingList:
    """Meeting lists, as the module's docstring describes them."""

    name: ClassVar[str] = "meeting_list"
    title: ClassVar[str] = "12 Step Meeting List"

    def __init__(self, around: Surroundings) -> None:
        self._rows = Rows(around.sheet, _FIELDS, _IGNORED)
        self._page_url: str | None = None

    def recognise(self, page: Response) -> Match | None:
        if not isinstance(page, TextResponse):
            return None
        found = index(page)
        if found is not None:
            if "tsml" not in namespaces(found):
                return None
            rest = index_url(page)
            facts = _facts(f"{site_of(rest)}wp-admin/admin-ajax.php?action=meetings", rest)
            return Match(self.name, "tsml in the REST API", 0.9, page.url, facts)
        feed = page.xpath('//*[@id="tsml-ui"]/@data-src').get()
        if feed and feed.strip():
            facts = _facts(address(page.url, feed, "/"), rest_url(page))
            return Match(self.name, "tsml-ui with a feed", 1.0, page.url, facts)
        shown = settings(page, _SETTINGS)
        if shown is None or not _OWN_KEYS & set(shown):
            return None
        ajax = ajax_url(page, shown.get("ajaxurl") or shown.get("ajax_url"))
        facts = _facts(with_query(ajax, "action=meetings"), rest_url(page))
        return Match(self.name, "the page sets tsml", 1.0, page.url, facts)

    def requests(self, match: Match) -> Iterable[Request]:
        self._page_url = match.page_url
        second = route(match.facts["rest"], "tsml/meetings")
        yield Request(
            match.facts["feed"],
            meta={
                "about": {"ask": "meetings"},
                "optional": True,
                "otherwise": instead(second, about={"ask": "meetings"}),
            },
        )

    def read(self, answer: Response) -> Iterator[Reading]:
        reply = json_in(body_text(answer), _EXPECTED)
        if isinstance(reply, dict) and ("error" in reply or "code" in reply):
            said = printed(reply.get("message")) or printed(reply.get("error")) or "an error"
            raise WrongShape(f"expected {_EXPECTED}; the site says: {said[:100]}")
        if isinstance(reply, dict) and "meetings" in reply:
            reply = reply["meetings"]
        found = list(objects(reply, _EXPECTED))
        for row in found:
            if "name" not in row or not ({"slug", "day", "location", "types"} & set(row)):
                raise WrongShape(f"expected {_EXPECTED}, got a row with keys {sorted(row)[:8]}")
        for row in found:
            yield from self._meeting(row, answer.url if not about(answer) else None)

    def _meeting(self, row: Mapping[str, Any], url: str | None) -> Iterator[Reading]:
        status = (printed(row.get("status")) or printed(row.get("post_status")) or "").lower()
        if status not in ("", "publish", "published"):
            yield Hidden(f"status {status}")
            return
        flat = dict(row)
        if "formatted_address" in row:
            # One line says it all; the region of the list need not be a state.
            flat = {key: value for key, value in row.items() if key not in ("address", "region")}
            if text_of(row.get("region")):
                flat["list region"] = row["region"]
        elif text_of(row.get("state")):
            flat.pop("region", None)
        notes = text_of(row.get("location_notes"))
        if is_unit(notes) and notes not in text_of(row.get("formatted_address")):
            flat["street2"] = flat.pop("location_notes")
        if text_of(flat.pop("approximate", None)).lower() == "yes":
            flat["approximate"] = "yes"
        native = row_id(row) or text_of(row.get("slug"))
        yield self._rows.listing(flat, native, self._page_url or url or "")


def _facts(feed: str, rest: str) -> dict[str, Any]:
    return {"feed": feed, "rest": rest}
