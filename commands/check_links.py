"""`needlepoint check-links`: whether published links still lead somewhere."""

from __future__ import annotations

import random
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import click
from tqdm import tqdm

from commands.crawl import check_contact, contact_option
from commands.options import sheets_in, with_folders
from commands.store import alone, working_store
from db.links import Answered, Check, Link, keep_checks, published_links
from spiders.guard import is_local_name
from spiders.links import ask_links

_WORDS: dict[Answered, str] = {
    "2xx": "answer",
    "3xx": "answer elsewhere",
    "4xx": "answer that there is nothing (4xx)",
    "5xx": "answer with an error of the server (5xx)",
    "none": "do not answer",
    "not_asked": "are closed to programs and were not asked",
}


@click.command("check-links")
@click.option(
    "--sample",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    help="So many links, drawn at random from the published ones.",
)
@click.option("--seed", type=int, help="Draw the same sample again; printed with each check.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0.1, max=120),
    default=20,
    show_default=True,
    help="Seconds to wait for an answer.",
)
@contact_option
@with_folders
def command(  # noqa: PLR0913, PLR0917 - an option each
    sample: int, seed: int | None, timeout: float, contact: str | None, data: Path, sources: Path
) -> None:
    """Ask a random sample of the published links whether they answer.

    Websites, pages of entries and pages that explain a certificate. robots.txt is obeyed, a host is
    asked one link at a time with pauses, and nothing but the head of an answer is read. The result
    is published, as G5 of the quality page, with the next `needlepoint publish`.

    Exit code 0 whatever the links answer. 75: another check-links is at work on this folder.
    """
    seed = random.SystemRandom().randrange(10**6) if seed is None else seed
    links = _sampled(data, sample, seed)
    _require_contact(links, contact)
    sheets = list(sheets_in(sources).values())
    # A lock of its own, since asking takes minutes and a crawl need not wait for it.
    with (
        alone(data, "check-links", "check-links.lock"),
        tqdm(
            desc="asking", total=len(links), unit=" links", file=sys.stderr, disable=None,
            leave=False,
        ) as bar,
    ):  # fmt: skip
        checks = ask_links(
            links,
            data,
            sheets=sheets,
            contact=contact,
            timeout=timeout,
            on_check=lambda _check: bar.update(),
        )
        with working_store(data) as db:
            keep_checks(db, checks)
    for line in _in_words(checks, seed):
        click.echo(line)


def _sampled(data: Path, count: int, seed: int) -> list[Link]:
    path = data / "directory.db"
    if not path.exists():
        raise click.ClickException(f"{path} does not exist: run needlepoint publish first")
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as public:
            links = published_links(public)
    except sqlite3.DatabaseError as error:
        raise click.ClickException(f"{path}: {error}") from error
    if not links:
        raise click.ClickException(f"{path} has no links")
    return random.Random(seed).sample(links, min(count, len(links)))


def _require_contact(links: Iterable[Link], contact: str | None) -> None:
    check_contact((), contact)
    if contact is None and not all(is_local_name(urlsplit(x.url).hostname or "") for x in links):
        raise click.UsageError(
            "Whoever runs a site must be able to find out who asks. Give --contact https://… or"
            " mailto:you@…, or set NEEDLEPOINT_CONTACT."
        )


def _in_words(checks: list[Check], seed: int) -> list[str]:
    counts = Counter(check.answer for check in checks)
    asked = len(checks) - counts["not_asked"]
    failed = sorted(f"  {one.answer:>4}  {one.link.url}" for one in checks if one.failed)
    return [
        f"{counts['2xx'] + counts['3xx']:,} of {asked:,} links answer (drawn with seed {seed})",
        *(f"{counts[key]:>6,} {words}" for key, words in _WORDS.items() if counts[key]),
        *failed,
    ]
