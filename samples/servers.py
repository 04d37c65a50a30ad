"""Runs the sample directories as real web servers on this machine.

    python -m samples.servers

serves all six until interrupted and prints their addresses.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import click

from samples.cards import SampleCards
from samples.html_table import SampleHtmlTable
from samples.jsonld_profiles import SampleJsonld
from samples.people import make_world
from samples.site import Reply, Request, Site
from samples.wild_apricot import SampleWildApricot
from samples.world import World
from samples.wp_store_locator import SampleA, SampleB

#: One class a directory, in the order of `world.SOURCES`.
SITES: tuple[type[Site], ...] = (
    SampleA,
    SampleB,
    SampleWildApricot,
    SampleHtmlTable,
    SampleJsonld,
    SampleCards,
)
#: More than any form a sample site reads.
_MOST_FORM_BYTES = 65536


class SiteServer(ThreadingHTTPServer):
    """One site on a port of 127.0.0.1, a thread a connection, closed cleanly by `stop`."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, site: Site, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.site = site
        site.base_url = f"http://127.0.0.1:{self.server_address[1]}"
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )

    def start(self) -> None:
        """Answer from now on, in threads."""
        self._thread.start()

    def stop(self) -> None:
        """Close every connection and wait for the threads."""
        self.shutdown()
        self.close()
        self._thread.join()

    def close(self) -> None:
        """Close every connection and the port."""
        with self._guard:
            for connection in self._open:
                # Wakes a thread that waits for the next request of a kept-alive connection.
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A visitor that hangs up is no error; anything else is."""
        import sys  # noqa: PLC0415 - only on this path

        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: SiteServer
    protocol_version = "HTTP/1.1"
    server_version = "SampleServer/1"
    sys_version = ""
    # One packet an answer: headers and body sent apart wait for each other's acknowledgement.
    wbufsize = 65536
    disable_nagle_algorithm = True
    timeout = 30

    def do_GET(self) -> None:
        self._respond()

    def do_POST(self) -> None:
        self._respond()

    def do_HEAD(self) -> None:
        self._respond()

    def _respond(self) -> None:
        address = urlsplit(self.path)
        size = min(int(self.headers.get("Content-Length") or 0), _MOST_FORM_BYTES)
        form = self.rfile.read(size).decode("utf-8", "replace") if size else ""
        request = Request(
            method=self.command,
            path=unquote(address.path),
            query=dict(parse_qsl(address.query, keep_blank_values=True)),
            form=dict(parse_qsl(form, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
        )
        reply = self.server.site.answer(request)
        self.server.site.requests.append((self.command, self.path, reply.status))
        self._send(reply)

    def _send(self, reply: Reply) -> None:
        pieces = [reply.body] if isinstance(reply.body, bytes) else reply.body
        length = len(reply.body) if isinstance(reply.body, bytes) else reply.length
        if reply.length is not None:
            length = reply.length
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if length is None or not isinstance(reply.body, bytes):
            # Without a length, or with one that need not be true, the end is the closing.
            self.close_connection = True
            self.send_header("Connection", "close")
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.command == "HEAD":
            return
        for piece in pieces:
            self.wfile.write(piece)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
        """Quiet: the site keeps its own list of requests."""


@contextlib.contextmanager
def running(sites: Mapping[str, Site], ports: Mapping[str, int] | None = None) -> Iterator[None]:
    """Serves these sites while the block runs. Raises OSError when a port is taken."""
    servers: list[SiteServer] = []
    try:
        for name, site in sites.items():
            servers.append(SiteServer(site, (ports or {}).get(name, 0)))
            servers[-1].start()
        yield
    finally:
        for server in servers:
            server.stop()


@contextlib.contextmanager
def running_many(sites: Mapping[str, Site]) -> Iterator[None]:
    """Serves hundreds of sites while the block runs: one thread waits for all of their ports."""
    servers = [SiteServer(site) for site in sites.values()]
    over = threading.Event()

    def serve() -> None:
        with selectors.DefaultSelector() as waiting:
            for server in servers:
                server.timeout = 0
                waiting.register(server, selectors.EVENT_READ, server)
            while not over.is_set():
                for key, _ in waiting.select(timeout=0.1):
                    key.data.handle_request()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        for server in servers:
            server.close()


class Served(dict[str, str]):
    """source_id -> base URL, with the sites themselves beside."""

    def __init__(self, sites: Mapping[str, Site]) -> None:
        super().__init__({name: site.base_url for name, site in sites.items()})
        self.sites = dict(sites)

    def requests(self, source_id: str) -> list[tuple[str, str, int]]:
        """(method, path with query, status) of every request this site answered, in order."""
        return list(self.sites[source_id].requests)


@contextlib.contextmanager
def serve(world: World, ports: Mapping[str, int] | None = None) -> Iterator[Served]:
    """Serves the six directories on 127.0.0.1 while the block runs.

    Gives source_id -> base URL. Ports not named are free ones. What is served is read from `world`
    at each request. Raises OSError when a port is taken.
    """
    sites: dict[str, Site] = {kind.source_id: kind(world) for kind in SITES}
    with running(sites, ports):
        yield Served(sites)


@click.command()
@click.option("--first-port", default=8701, show_default=True, help="The six ports from here on.")
def main(first_port: int) -> None:
    """Serve the six sample directories until interrupted."""
    ports = {kind.source_id: first_port + place for place, kind in enumerate(SITES)}
    with serve(make_world(), ports) as served:
        for source_id, url in served.items():
            click.echo(f"{source_id:20} {url}/")
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                time.sleep(3600)


if __name__ == "__main__":
    main()
