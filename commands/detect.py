"""`needlepoint detect`: which software a site's directory runs on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from commands.crawl import check_contact, contact_option
from commands.options import with_folders
from spiders.detect import Detected, detect, passing_sheet
from spiders.platforms import Match
from spiders.seeking import NOT_RECOGNISED


@click.command("detect")
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON for each address.")
@contact_option
@with_folders
def command(
    urls: tuple[str, ...],
    as_json: bool,
    contact: str | None,
    data: Path,  # noqa: ARG001 - every subcommand takes both
    sources: Path,  # noqa: ARG001
) -> None:
    """Say which software the directory of a site runs on.

    URL is a home page or the directory's own page. The directory is looked for as in a crawl, with
    robots.txt and pauses, and is not read. No fact sheet is needed and nothing is kept.

    Exit code 0: every address was recognised. 1: at least one was not; what was looked for is said.
    """
    found = looked_at([web_address(url) for url in urls], contact)
    for one in found:
        click.echo(json.dumps(as_facts(one), ensure_ascii=False) if as_json else in_words(one))
    raise SystemExit(int(any(one.recognition is None for one in found)))


def web_address(text: str) -> str:
    """`directory.example` as https://directory.example/; an address stays what it is."""
    url = text.strip()
    if "://" not in url:
        url = f"https://{url}"
    return url if url.count("/") > 2 else f"{url}/"


def looked_at(urls: list[str], contact: str | None) -> list[Detected]:
    """What `spiders.detect.detect` finds.

    Raises click.UsageError for what is no web address, and where a contact address is owed.
    """
    try:
        sheets = [passing_sheet(f"site_{place}", url) for place, url in enumerate(urls)]
    except ValueError as error:
        raise click.UsageError(f"{' '.join(urls)}: not all of this is a web address") from error
    check_contact(sheets, contact, lambda sheet: sheet.title)
    return detect(urls, contact=contact)


def in_words(one: Detected) -> str:
    """The answer for people."""
    found = one.recognition
    if found is None or found.best is None:
        return _unrecognised(one)
    lines = [
        f"{one.url}: {one.title} ({found.platform})",
        f"  page        {found.best.page_url}",
        f"  seen        {found.evidence}",
        f"  how sure    {how_sure(found.certainty)}",
    ]
    if found.refusal:
        lines.append(f"  not read    {found.refusal}")
    lines += [f"  also        {_match_in_words(match)}" for match in found.others]
    lines += [f"  not read    {line}" for line in one.not_read]
    return "\n".join(lines)


def _unrecognised(one: Detected) -> str:
    if not one.looked_for or NOT_RECOGNISED not in (one.failure or ""):
        return f"{one.url}: not found out: {one.failure}"
    lines = [f"{one.url}: unrecognised"]
    if one.named:
        plugins = ", ".join(f"{named.platform} ({named.namespace})" for named in one.named)
        lines.append(f"  WordPress   names {plugins}, but no page of it was found")
    lines += [f"  not read    {line}" for line in one.not_read]
    lines += [f"  looked at   {url}" for url in one.looked_at]
    lines.append(f"  looked for  {', '.join(one.looked_for)}")
    return "\n".join(lines)


def how_sure(certainty: float) -> str:
    """A certainty in words, with the number."""
    words = (
        "certain" if certainty >= 0.9 else "quite sure" if certainty >= 0.6 else "it looks like it"
    )
    return f"{words} ({certainty:.2g} of 1)"


def _match_in_words(match: Match) -> str:
    refusal = f"; not read: {match.refusal}" if match.refusal else ""
    return f"{match.platform} ({match.certainty:.2g}): {match.evidence}{refusal}"


def as_facts(one: Detected) -> dict[str, Any]:
    """The same for programs."""
    found = one.recognition
    best = found.best if found else None
    return {
        "url": one.url,
        "platform": best.platform if best else None,
        "title": one.title,
        "page": best.page_url if best else None,
        "evidence": best.evidence if best else None,
        "certainty": round(best.certainty, 2) if best else 0,
        "refusal": best.refusal if best else None,
        "also": [
            {
                "platform": match.platform,
                "certainty": round(match.certainty, 2),
                "evidence": match.evidence,
                "refusal": match.refusal,
            }
            for match in (found.others if found else ())
        ],
        "wordpress": [
            {"namespace": named.namespace, "platform": named.platform} for named in one.named
        ],
        "looked_at": list(one.looked_at),
        "looked_for": list(one.looked_for),
        "not_read": list(one.not_read),
        "failure": one.failure,
    }
