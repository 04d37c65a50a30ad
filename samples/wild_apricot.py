"""A member directory on Wild Apricot: an empty page, one POST that answers all members.

The reply is `while(1); ` and JSON whose JsonStructure is the text of a JavaScript object, with keys
unquoted, strings in single quotes and values escaped for HTML. Fields for members only are absent.
"""

from __future__ import annotations

import html
import json
from typing import ClassVar

from samples.site import Reply, Request, Site, escaped
from samples.world import TrueListing

FORM_ID = "5633987"


class SampleWildApricot(Site):
    """Headings of its own, an address in one column, the web site on the profile only."""

    source_id = "sample_wild_apricot"
    organisation = "Imaginary Association of Dry Needling"
    directory_path = "/Find-a-Therapist"
    directory_words = "Find a Therapist"
    decoys: ClassVar[tuple[tuple[str, str], ...]] = (
        ("/About", "About"),
        ("/Course-directory", "Course directory"),
        ("/Find-a-course", "Find a course"),
        ("/Sys/Login", "Member login"),
        ("/Join-us", "Join us"),
    )

    #: Column -> heading, field of the listing, whether the browser shows it.
    columns: ClassVar[tuple[tuple[str, str, str, bool], ...]] = (
        ("c1", "Practitioner's name", "printed", True),
        ("c2", "Clinic", "practice", True),
        ("c3", "Work address", "address", True),
        ("c4", "Town ", "city", True),
        ("c5", "State/Province", "state", True),
        ("c6", "Postal code", "postcode", True),
        ("c7", "Work phone", "phone", True),
        ("c8", "Level of training", "certification", True),
        ("c9", "Home visits", "offers", True),
    )

    def answer(self, request: Request) -> Reply:
        if request.path == "/Sys/MemberDirectory/LoadMembers":
            if request.method != "POST":
                return self.not_found()
            return self._load_members(request.form.get("formId", ""))
        if request.path.startswith("/Sys/PublicProfile/"):
            return self._profile(request.path.removeprefix("/Sys/PublicProfile/"))
        return super().answer(request)

    def robots(self) -> str:
        return (
            "User-agent: *\nDisallow: /Sys/Login\nDisallow: /admin/\n"
            f"Sitemap: {self.base_url}/Sitemap.xml\n"
        )

    def directory(self, request: Request) -> Reply:
        renderer = "MemberDirectoryListRenderer"
        block = "FunctionalBlock1_ctl00_ctl00"
        return self.page(
            self.directory_words,
            f"<h1>{self.directory_words}</h1>\n"
            '<div id="id_sample1" class="WaGadgetLast WaGadgetMemberDirectory gadgetStyleNone '
            'WaGadgetMemberDirectoryStateList">\n'
            f'<input type="text" id="{block}_search" />\n'
            f'<div id="{block}_memberDirectory" class="memberDirectory"></div>\n</div>\n'
            '<script type="text/javascript">\n//<![CDATA[\n'
            f"{renderer}.labels.headers.name = 'Name';\n"
            f"{renderer}.detailsUrlTemplate = '{self.base_url}/Sys/PublicProfile/';\n"
            f"{renderer}.searchBoxId = '{block}_search';\n"
            f"{renderer}.outputBlockId = '{block}_memberDirectory';\n"
            f"{renderer}.MemberDirectoryListWebServiceUrl_LoadMembers = "
            f"'{self.base_url}/Sys/MemberDirectory/LoadMembers';\n"
            f"{renderer}.FormId = '{FORM_ID}';\n{renderer}.init();\n//]]>\n</script>",
        )

    def _load_members(self, form_id: str) -> Reply:
        listings = self.world.public(self.source_id) if form_id == FORM_ID else []
        rows = ",".join(self._row(listing) for listing in listings)
        ids = ",".join(listing.native_id for listing in listings)
        layout = ",".join(
            f"{name}:{{v:{str(shown).lower()},h:{_literal(heading)},w:12}}"
            for name, heading, _, shown in self.columns
        )
        structure = f"{{members:[[{rows}],[{ids}]],layout:{{{layout},c10:{{v:false}}}}}}"
        # ASCII only would be JSON's way; this service sends letters as they are.
        reply = json.dumps(
            {"TotalCount": len(listings), "JsonStructure": structure}, ensure_ascii=False
        )
        return Reply(
            body=f"while(1); {reply}".encode(), content_type="application/json; charset=utf-8"
        )

    def _row(self, listing: TrueListing) -> str:
        cells = []
        for number, (name, _, field, _) in enumerate(self.columns):
            value = self._value(listing, field)
            if value:
                kind = 3 if field == "state" else 2
                cells.append(f"{name}:[{{fft:{kind}, v:{_literal(_escaped(value))}}}]")
            elif number % 2:
                # An empty field is sometimes sent and sometimes left out.
                cells.append(f"{name}:[]")
        return "{" + ",".join(cells) + "}"

    def _value(self, listing: TrueListing, field: str) -> str:
        if field == "printed":
            return listing.stored
        if field == "address":
            return ", ".join(part for part in (listing.street, listing.unit) if part)
        return str(getattr(listing, field) or "")

    def _profile(self, rest: str) -> Reply:
        member, _, form = rest.partition("/")
        found = [
            one for one in self.world.public(self.source_id) if one.native_id == member.strip("/")
        ]
        if not found or form.strip("/") not in {"", FORM_ID}:
            return self.not_found()
        listing = found[0]
        fields = {
            "Practitioner's name": listing.stored,
            "Clinic": listing.practice,
            "Work address": self._value(listing, "address"),
            "Town": listing.city,
            "State/Province": listing.state,
            "Postal code": listing.postcode,
            "Work phone": listing.phone,
            "Level of training": listing.certification or "",
            "Home visits": listing.offers,
            "Website": listing.website,
        }
        rows = "".join(
            '<div class="fieldSubContainer labeledTextContainer"><div class="fieldLabel">'
            f'<span>{escaped(label)}</span></div><div class="fieldBody">'
            '<span id="FunctionalBlock1_ctl00_ctl00_memberProfile_MemberForm_memberFormRepeater_'
            f'ctl{number:02d}_TextBoxLabel{8800 + number}">{_escaped(value)}</span></div></div>\n'
            for number, (label, value) in enumerate(fields.items())
            if value
        )
        return self.page(
            escaped(listing.printed),
            f'<div class="memberDirectoryDetailsContainer">\n<h2>Profile</h2>\n{rows}</div>',
        )


def _escaped(value: str) -> str:
    return html.escape(value, quote=True).replace("&#x27;", "&#39;")


def _literal(value: str) -> str:
    inner = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{inner}'"
