"""Sites with one fault each, for what a crawler has to survive.

Every fault is an origin of its own: a sound sample directory whose home page, or directory, or data
leads to the fault. Setting `served.sites[name].broken = False` serves the sound directory in the
same place, so that a test can crawl it well first.
"""

# ruff: noqa: ARG001 - every fault is asked the same way

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping

from samples.html_table import SampleHtmlTable
from samples.servers import Served, running
from samples.site import Reply, Request, Site, text
from samples.world import World
from samples.wp_store_locator import SampleA

#: What a fault answers instead, or None to let the sound site answer.
Fault = Callable[[Request, Site], Reply | None]

HUGE_BYTES = 50 * 1024 * 1024
_DATABASE = (
    b"<!DOCTYPE html><html><body><h1>Error establishing a database connection</h1></body></html>"
)


class BrokenSite(Site):
    """A sound site with one fault in front of it."""

    def __init__(self, inner: Site, fault: Fault) -> None:
        self._inner = inner
        self._fault = fault
        self.broken = True
        self.source_id = inner.source_id
        self.directory_path = inner.directory_path
        super().__init__(inner.world)

    @property
    def base_url(self) -> str:
        """The address of both, the fault and the sound site behind it."""
        return self._inner.base_url

    @base_url.setter
    def base_url(self, url: str) -> None:
        self._inner.base_url = url

    def answer(self, request: Request) -> Reply:
        reply = self._fault(request, self._inner) if self.broken else None
        return self._inner.answer(request) if reply is None else reply


def _is_data(request: Request) -> bool:
    return request.path == "/wp-admin/admin-ajax.php" or request.path.startswith("/wp-json/")


def malformed_json(request: Request, site: Site) -> Reply | None:
    """JSON that ends in the middle of a listing, with a true length."""
    if not _is_data(request):
        return None
    reply = site.answer(request)
    assert isinstance(reply.body, bytes)
    return Reply(body=reply.body[: len(reply.body) // 2] or b"{", content_type=reply.content_type)


def database_error(request: Request, site: Site) -> Reply | None:
    """Status 200 and a page of HTML where JSON belongs, as admin-ajax.php does it."""
    if not _is_data(request):
        return None
    rest = request.path.startswith("/wp-json/")
    return Reply(status=500 if rest else 200, body=_DATABASE)


def unavailable(request: Request, site: Site) -> Reply | None:
    """503 with Retry-After everywhere but on the home page and robots.txt."""
    if request.path in {"/", "/robots.txt"}:
        return None
    body = b"Briefly unavailable for scheduled maintenance. Check back in a minute."
    return Reply(status=503, body=body, headers={"Retry-After": "600"})


def forbidden(request: Request, site: Site) -> Reply | None:
    """403 for the data only."""
    return Reply(status=403, body=b"<h1>Forbidden</h1>") if _is_data(request) else None


def cut_connection(request: Request, site: Site) -> Reply | None:
    """The connection ends in the middle of the data."""
    if not _is_data(request):
        return None
    reply = site.answer(request)
    assert isinstance(reply.body, bytes)
    half = reply.body[: len(reply.body) // 2]
    return Reply(body=[half], length=len(reply.body) + 1, content_type=reply.content_type)


def redirect_loop(request: Request, site: Site) -> Reply | None:
    """The directory page redirects to a page that redirects back."""
    there = "/round-and-round/"
    for here, to in ((site.directory_path, there), (there, site.directory_path)):
        if request.path == here:
            return Reply(status=302, headers={"Location": f"{site.base_url}{to}"})
    return None


def endless_pager(request: Request, site: Site) -> Reply | None:
    """Every page has other invented people and a link to a page that was not there before."""
    return _pager(request, site, fresh=True)


def repeating_pager(request: Request, site: Site) -> Reply | None:
    """Every page has the people of page 1 and a link to a page that was not there before."""
    return _pager(request, site, fresh=False)


def huge_page(request: Request, site: Site) -> Reply | None:
    """A directory page of 50 MB that never comes to the point, sent piece by piece."""
    if request.path != site.directory_path:
        return None
    return Reply(body=_padding(), length=HUGE_BYTES)


def wrong_charset(request: Request, site: Site) -> Reply | None:
    """Headers and page say UTF-8, the bytes are windows-1252."""
    if request.path != site.directory_path:
        return None
    reply = site.answer(Request(method="GET", path=request.path, query={}))
    assert isinstance(reply.body, bytes)
    page = reply.body.decode().replace("Therapist", "Thérapist").replace("Street", "Stréet")
    return Reply(body=page.encode("windows-1252", "xmlcharrefreplace"))


def robots_forbids(request: Request, site: Site) -> Reply | None:
    """robots.txt asks everybody to stay out."""
    if request.path != "/robots.txt":
        return None
    return text("User-agent: *\nDisallow: /\n")


def robots_unavailable(request: Request, site: Site) -> Reply | None:
    """robots.txt answers 503: nobody can know what is allowed, so everything is off limits."""
    return Reply(status=503, body=b"down") if request.path == "/robots.txt" else None


def robots_cut(request: Request, site: Site) -> Reply | None:
    """robots.txt ends before it begins."""
    return Reply(body=[], length=100) if request.path == "/robots.txt" else None


def unrecognised(request: Request, site: Site) -> Reply | None:
    """A directory page that is no directory: some words and a bare map."""
    if request.path != site.directory_path:
        return None
    body = (
        "<h1>Practitioner Directory</h1><p>Our new directory is coming. Until then ask for "
        "a store locator plugin at your printer's.</p>"
        '<iframe src="https://maps.example.com/embed?q=nowhere" title="Map"></iframe>'
    )
    return Reply(body=site.document("Directory", body).encode())


def no_directory(request: Request, site: Site) -> Reply | None:
    """A home page that links to courses and a login, and to no directory of people."""
    if request.path != "/":
        return None
    links = "".join(f'<li><a href="{path}">{words}</a></li>' for path, words in site.decoys)
    return Reply(body=f"<!DOCTYPE html><title>Courses</title><ul>{links}</ul>".encode())


def empty_directory(request: Request, site: Site) -> Reply | None:
    """Every search finds nobody, in perfect order."""
    if request.path != "/wp-admin/admin-ajax.php":
        return None
    return Reply(body=b'""', content_type="application/json; charset=UTF-8")


#: Fault -> the sound site behind it. `robots_slow` is added where it can be stopped.
FAULTS: dict[str, tuple[type[Site], Fault]] = {
    "malformed_json": (SampleA, malformed_json),
    "database_error": (SampleA, database_error),
    "unavailable": (SampleA, unavailable),
    "forbidden": (SampleA, forbidden),
    "cut_connection": (SampleA, cut_connection),
    "redirect_loop": (SampleA, redirect_loop),
    "endless_pager": (SampleHtmlTable, endless_pager),
    "repeating_pager": (SampleHtmlTable, repeating_pager),
    "huge_page": (SampleHtmlTable, huge_page),
    "wrong_charset": (SampleHtmlTable, wrong_charset),
    "robots_forbids": (SampleA, robots_forbids),
    "robots_unavailable": (SampleA, robots_unavailable),
    "robots_cut": (SampleA, robots_cut),
    "unrecognised": (SampleA, unrecognised),
    "no_directory": (SampleA, no_directory),
    "empty_directory": (SampleA, empty_directory),
}


@contextlib.contextmanager
def serve_broken(
    world: World, *faults: str, ports: Mapping[str, int] | None = None, slow_seconds: float = 30.0
) -> Iterator[Served]:
    """Serves these faults (all, and `robots_slow`, when none is named) while the block runs.

    Gives fault name -> base URL, with the BrokenSite of each in `.sites`. `robots_slow` answers
    its robots.txt after `slow_seconds`, or when the block ends. Raises KeyError for an unknown
    fault and OSError when a port is taken.
    """
    over = threading.Event()

    def robots_slow(request: Request, site: Site) -> Reply | None:
        if request.path == "/robots.txt":
            over.wait(slow_seconds)
        return None

    known: dict[str, tuple[type[Site], Fault]] = {**FAULTS, "robots_slow": (SampleA, robots_slow)}
    sites: dict[str, Site] = {}
    for name in faults or known:
        kind, fault = known[name]
        sites[name] = BrokenSite(kind(world), fault)
    with running(sites, ports):
        try:
            yield Served(sites)
        finally:
            over.set()


def _pager(request: Request, site: Site, *, fresh: bool) -> Reply | None:
    if request.path != site.directory_path:
        return None
    asked = request.query.get("page", "1")
    number = int(asked) if asked.isdigit() else 1
    first = number * 10 if fresh else 10
    rows = "".join(
        f"<tr><td>Endless Sampleton {one}, PT</td><td>Nowhere</td><td>KS</td>"
        f"<td>66603</td><td>785-555-01{one % 100:02d}</td></tr>"
        for one in range(first, first + 10)
    )
    heads = "".join(
        f"<th>{head}</th>" for head in ("Practitioner", "City", "State", "Zip", "Telephone")
    )
    following = f'<a rel="next" href="{site.directory_path}?page={number + 1}">Next</a>'
    body = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table><p>{following}</p>"
    return Reply(body=site.document("Therapists", body).encode())


def _padding() -> Iterator[bytes]:
    start = b"<!DOCTYPE html><html><head><title>Therapists</title></head><body><p>"
    yield start
    left = HUGE_BYTES - len(start)
    piece = b"Nothing but words. " * 3449
    while left > 0:
        yield piece[:left]
        left -= len(piece)
