"""A small web site that answers requests: what all sample directories share."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from samples.world import TrueListing, World

BANNER = "Sample data: nobody here is real"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a visitor asks. Query and form hold the last value of each name."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is sent back."""

    status: int = 200
    body: bytes | Iterable[bytes] = b""
    content_type: str = "text/html; charset=UTF-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None
    """Content-Length to claim for a body made of pieces. The connection is cut when the pieces end,
    so claiming more than is sent is an answer cut short.
    """


class Site:
    """One directory's web site over a world.

    `base_url` ("http://127.0.0.1:8601", no slash at the end) is set once the port is known.
    `requests` grows by one (method, path with query, status) for every request answered.
    """

    source_id: str = ""
    organisation: str = "Sample Organisation"
    directory_path: str = "/directory/"
    directory_words: str = "Practitioner Directory"
    decoys: ClassVar[tuple[tuple[str, str], ...]] = (
        ("/about/", "About us"),
        ("/courses/", "Course directory"),
        ("/find-a-course/", "Find a course"),
        ("/member-login/", "Member login"),
        ("/contact/", "Contact"),
    )

    def __init__(self, world: World) -> None:
        self.world = world
        self.base_url = ""
        self.requests: list[tuple[str, str, int]] = []

    def shown(self) -> list[TrueListing]:
        """What a visitor of this site can see, in its own order."""
        return self.world.public(self.source_id)

    def withheld(self) -> list[TrueListing]:
        """Entries the software keeps and shows nobody."""
        return [one for one in self.world.listings[self.source_id] if not one.public]

    def answer(self, request: Request) -> Reply:
        """The reply to any request; 404 for what this site does not have."""
        if request.path == "/":
            return self.page("Home", self.home(), request)
        if request.path == "/robots.txt":
            return text(self.robots())
        if request.path == self.directory_path:
            return self.directory(request)
        for path, words in self.decoys:
            if request.path == path:
                return self.page(words, f"<p>{words}: nothing to see in the sample world.</p>")
        return self.not_found()

    def directory(self, request: Request) -> Reply:
        """The page that holds, or leads to, the listings."""
        raise NotImplementedError

    def robots(self) -> str:
        """What /robots.txt says."""
        return "User-agent: *\nDisallow: /private/\n"

    def home(self) -> str:
        """The middle of the home page: a small training organisation introduces itself."""
        return (
            f"<h1>{self.organisation}</h1>\n"
            "<p>We teach invented people an invented skill. Our graduates practise nowhere.</p>\n"
            '<p><a href="/courses/">See the dates of our next courses</a></p>'
        )

    def page(self, title: str, body: str, request: Request | None = None) -> Reply:
        """A whole HTML page with the site's navigation and the banner."""
        return Reply(body=self.document(title, body).encode())

    def document(self, title: str, body: str, head: str = "") -> str:
        """The text of a whole HTML page."""
        links = [("/", "Home"), *self.decoys[:2], (self.directory_path, self.directory_words)]
        links += self.decoys[2:]
        nav = "\n".join(f'<li><a href="{path}">{words}</a></li>' for path, words in links)
        return (
            '<!DOCTYPE html>\n<html lang="en-US">\n<head>\n<meta charset="UTF-8">\n'
            f"<title>{title} &#8211; {self.organisation}</title>\n{head}</head>\n<body>\n"
            f'<p class="sample-banner"><strong>{BANNER}</strong></p>\n'
            f'<nav><ul class="menu">\n{nav}\n</ul></nav>\n<main>\n{body}\n</main>\n'
            f"<footer><p>&copy; {self.organisation}, a sample. {BANNER}.</p></footer>\n"
            "</body>\n</html>\n"
        )

    def not_found(self) -> Reply:
        """The site's own page with status 404."""
        page = self.document("Page not found", "<h1>Oops! That page can&#8217;t be found.</h1>")
        return Reply(status=404, body=page.encode())


def text(content: str, content_type: str = "text/plain; charset=utf-8") -> Reply:
    """A reply of plain text, or of XML with its content type named."""
    return Reply(body=content.encode(), content_type=content_type)


def escaped(value: str) -> str:
    """The text as HTML keeps it."""
    return html.escape(value, quote=True)
