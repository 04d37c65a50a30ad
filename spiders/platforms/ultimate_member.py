"""Ultimate Member: a member directory that is recognised and not read.

How recognised
    An element of the class `um-directory` that carries `data-hash` and `data-base-post`.
What is asked
    Nothing. Its members come from `admin-ajax.php?action=um_get_members`, which wants a nonce from
    the page and lets ten calls a minute through; further ones are refused until a minute has
    passed since the last. Software that asks for a key and counts one's steps does not want to be
    read as a whole, so the run ends with that reason.
Limits
    Not read.
Traps
    * Its profiles are pages of accounts: a name and a picture more often than an address.
    * Every error is status 200.
What to do instead
    Ask the organisation for an export, or for its permission and a page that prints the members.
Settings in the fact sheet's `options.extra`
    None.
Source
    The plugin's own code (2.12.1, in public repositories) and answers of a running server.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from scrapy.http import Request, Response, TextResponse

from spiders.platforms import Match, Reading, Surroundings, WrongShape

REFUSAL = (
    "its member list wants a nonce from the page and lets ten calls a minute through, which means "
    "that it is not for reading as a whole; ask the organisation for an export"
)
_DIRECTORY = (
    '//*[contains(concat(" ", @class, " "), " um-directory ")'
    " and @data-hash and (@data-base-post or @data-view_type)]"
)


class UltimateMember:
    """Ultimate Member, as the module's docstring describes it."""

    name: ClassVar[str] = "ultimate_member"
    title: ClassVar[str] = "Ultimate Member"

    def __init__(self, around: Surroundings) -> None:
        """A directory that is not read needs nothing."""

    def recognise(self, page: Response) -> Match | None:
        if not isinstance(page, TextResponse) or not page.xpath(_DIRECTORY):
            return None
        evidence = "um-directory with data-hash"
        return Match(self.name, evidence, 1.0, page.url, refusal=REFUSAL)

    def requests(self, match: Match) -> Iterable[Request]:
        return ()

    def read(self, answer: Response) -> Iterator[Reading]:
        raise WrongShape(f"not read: {REFUSAL}")
        yield  # a generator, like every other
