"""A practitioner as a contact for a telephone: `/practitioner/ID.vcf`, vCard 4.0 (RFC 6350)."""

from __future__ import annotations

from typing import Any

from datasette import hookimpl
from datasette.utils.asgi import Request, Response

from db.profile import Moved, Profile
from db.profile import profile as profile_of
from plugins.finder import ask, own_path
from plugins.pages import wording

LONGEST_LINE = 75
"""Octets of a line, without its end (RFC 6350, 3.2)."""


@hookimpl(tryfirst=True)
def register_routes() -> list[tuple[str, Any]]:
    """Before the page of a practitioner, whose address this would be too."""
    return [(r"^/practitioner/(?P<id>[^/]+)\.vcf$", vcard)]


async def vcard(datasette: Any, request: Request) -> Response:
    """The contact, or what the practitioner's page answers: 301, 404 or 410, without a name."""
    wanted = request.url_vars["id"]
    found = await ask(datasette, lambda connection: profile_of(connection, wanted))
    if found is None:
        return Response.text("There is no such entry.\n", status=404)
    if isinstance(found, Moved):
        if found.to is None:
            return Response.text("This entry was withdrawn.\n", status=410)
        there = own_path(datasette, f"/practitioner/{found.to}.vcf")
        return Response.redirect(there, status=301)
    page = datasette.urls.path(f"/practitioner/{found.practitioner.id}")
    return Response(
        contact(found, datasette.absolute_url(request, page)),
        content_type="text/vcard; charset=utf-8",
        headers={
            "content-disposition": f'attachment; filename="{found.practitioner.id}.vcf"',
            "x-robots-tag": "noindex",
        },
    )


def contact(profile: Profile, page: str) -> str:
    """The vCard with every published place, and a note on who says so and when: lines end in CRLF
    and have at most 75 octets. `page` is the address of the practitioner's page."""
    person = profile.practitioner
    practice = person.kind == "practice"
    lines = ["BEGIN:VCARD", "VERSION:4.0", f"KIND:{'org' if practice else 'individual'}"]
    lines.append(f"FN:{escaped(person.name)}")
    if person.credentials:
        lines.append(f"NOTE:{escaped(person.credentials)}")
    for number, at in enumerate(profile.locations, start=1):
        place = f"place{number}."
        if at.practice:
            lines.append(f"{place}ORG:{escaped(at.practice)}")
        if at.street or at.city:
            parts = ["", "", at.street, at.city, at.state, at.postcode, ""]
            lines.append(f"{place}ADR;TYPE=work:{';'.join(escaped(part) for part in parts)}")
        if at.phone:
            extension = f";ext={at.phone_extension}" if at.phone_extension else ""
            lines.append(f'{place}TEL;VALUE=uri;TYPE="voice,work":tel:{at.phone}{extension}')
        if site := wording.web_address(at.website):
            lines.append(f"{place}URL;TYPE=work:{site}")
        if at.home_visits:
            lines.append(f"{place}NOTE:Home visits\\, says the directory")
        if wording.is_exact(at.precision):
            lines.append(f"{place}GEO:geo:{at.latitude},{at.longitude}")
    said = [f"{one.issuer}: {one.label} (seen {one.seen[:10]})" for one in profile.certifications]
    note = "; ".join(said) or "Listed without a certificate"
    lines.append(
        "NOTE:"
        + escaped(f"{note}. Last seen {person.last_seen[:10]}. A listing is not an endorsement.")
    )
    lines += [f"SOURCE:{page}", f"UID:{page}", "END:VCARD"]
    return "".join(f"{folded(line)}\r\n" for line in lines)


def escaped(text: str | None) -> str:
    """A text value as RFC 6350, 3.4 writes it, on one line."""
    text = (text or "").replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    return "\\n".join(text.splitlines())


def folded(line: str) -> str:
    """The line in pieces of at most 75 octets, none cut inside a letter."""
    pieces, piece = [], ""
    for letter in line:
        # A piece after the first has a space before it, which counts.
        if len((piece + letter).encode()) > LONGEST_LINE - bool(pieces):
            pieces.append(piece)
            piece = ""
        piece += letter
    return "\r\n ".join([*pieces, piece])
