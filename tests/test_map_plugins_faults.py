"""Map plugins on servers with faults, over real HTTP: none hangs, breaks, or passes for whole."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

from samples.broken import BrokenSite
from samples.map_plugin import MapPluginSite
from samples.people import make_world
from samples.platform_sites import PLATFORM_SITES, VARIANTS
from samples.servers import running
from samples.site import Reply, Request
from tests.crawl_fixtures import crawl_apart, write_sheet
from tests.map_plugin_fixtures import NAMES

#: One answer may hold this much in these runs.
MOST_BYTES = 3_000_000


def cut(reply: Reply) -> Reply:
    """Half an answer, with a true length."""
    assert isinstance(reply.body, bytes)
    half = reply.body[: len(reply.body) // 2]
    return Reply(status=reply.status, body=half or b"{", content_type=reply.content_type)


def broken_off(reply: Reply) -> Reply:
    """Half an answer that claims to be all of it."""
    assert isinstance(reply.body, bytes)
    half = reply.body[: len(reply.body) // 2]
    return Reply(body=iter([half]), content_type=reply.content_type, length=len(reply.body))


def says(body: bytes, status: int = 200, kind: str = "application/json") -> Callable[..., Reply]:
    return lambda reply: Reply(status=status, body=body, content_type=kind)


def endless(reply: Reply) -> Reply:
    """Far more than anybody wants."""
    piece = b'{"success":true,"response":[' + b" " * 1_000_000
    return Reply(body=(piece for _ in range(100)), content_type="application/json")


def bomb(reply: Reply) -> Reply:
    """Little to send and much to unpack."""
    packed = gzip.compress(b"[" + b" " * 30_000_000 + b"]")
    headers = {"Content-Encoding": "gzip"}
    return Reply(body=packed, content_type="application/json", headers=headers)


def away(reply: Reply) -> Reply:
    """A way into somebody's own network."""
    return Reply(status=302, headers={"Location": "http://192.168.0.1/list.json"})


ENTITIES = (
    b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    b"<locator><store><item><location>&c;</location><address>&c;</address></item></store></locator>"
)
FAULTS: dict[str, Callable[[Reply], Reply]] = {
    "cut": cut,
    "broken_off": broken_off,
    "html": says(b"<html><body><h1>Welcome</h1></body></html>", kind="text/html"),
    "sql": says(b'["You have an error in your SQL syntax"]'),
    "success_false": says(b'{"success":false,"data":"Wrong Nonce"}'),
    "zero": says(b"0", 400, "text/html"),
    "no_body": says(b""),
    "endless": endless,
    "bomb": bomb,
    "away": away,
    "entities": says(ENTITIES, kind="text/xml"),
}


def is_data(request: Request) -> bool:
    path = request.path
    return (
        path.startswith(("/wp-admin/", "/wp-json/", "/wp-content/")) or "mappress" in request.query
    )


class Faulty(BrokenSite):
    """A sample site whose data answers have a fault."""

    def __init__(self, inner: MapPluginSite, fault: Callable[[Reply], Reply]) -> None:
        super().__init__(
            inner,
            lambda request, site: fault(site.answer(request)) if is_data(request) else None,
        )


def test_no_fault_passes_for_a_whole_directory(tmp_path: Path) -> None:
    world = make_world(people=400)
    sites: dict[str, BrokenSite] = {}
    for name in NAMES:
        kind = PLATFORM_SITES[name]
        if name == "mappress":
            # Its own page holds everything; with a frame there is something to ask for.
            kind = next(one for one in VARIANTS[name] if "Frame" in one.__name__)
        assert issubclass(kind, MapPluginSite)
        for fault, change in FAULTS.items():
            sites[f"{name}_{fault}"] = Faulty(kind(world), change)
    with running(sites):
        for source, site in sites.items():
            url = f"{site.base_url}{site.directory_path}"
            write_sheet(tmp_path / "sources", source, site.base_url, directory_url=url)
        bundles = crawl_apart(
            tmp_path / "sources", tmp_path / "data", retries=1, most_bytes=MOST_BYTES
        )
    passed = {
        source: (bundle["failure"], len(bundle["listings"]))
        for source, bundle in bundles.items()
        if source in sites and bundle["failure"] is None
    }
    assert passed == {}
    broke = {
        source: bundles[source]["failure"]
        for source in sites
        if "the spider broke" in bundles[source]["failure"]
    }
    assert broke == {}
    assert all(not bundles[source]["listings"] for source in sites)
