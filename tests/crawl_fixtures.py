"""Small web sites with every fault, and crawls of them in a process of their own.

A reactor runs once a process, so each crawl is one `python` that prints its bundles as JSON.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent

PEOPLE = (
    ("Ada Sampleton, PT", "Columbus", "OH", "43215", "614-555-0101"),
    ("Ben Fictional, DPT", "Toledo", "OH", "43604", "419-555-0102"),
    ("Cleo Invented, PT", "Dayton", "OH", "45402", "937-555-0103"),
    ("Dora Mockworth, PT", "Akron", "OH", "44308", "330-555-0104"),
    ("Émile Nobody, PT", "Lima", "OH", "45801", "419-555-0105"),
)


def table(people: tuple[tuple[str, ...], ...] = PEOPLE, after: str = "") -> str:
    """A page whose table lists these people."""
    rows = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in person) + "</tr>" for person in people
    )
    return (
        "<!DOCTYPE html><html><head><title>Find a Therapist</title></head><body>"
        "<h1>Find a Therapist</h1><table><thead><tr><th>Name</th><th>City</th><th>State</th>"
        f"<th>Zip</th><th>Phone</th></tr></thead><tbody>{rows}</tbody></table>{after}</body></html>"
    )


HOME = (
    "<!DOCTYPE html><html><head><title>Fictional Academy</title></head><body><nav>"
    '<a href="/courses/">Find a course</a> <a href="/login/">Member login</a>'
    ' <a href="/find-a-therapist/">Find a Therapist</a></nav></body></html>'
)
DIRECTORY = "/find-a-therapist/"


@dataclass(kw_only=True)
class Answer:
    """What a path answers."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    pieces: Iterator[bytes] | None = None
    """Sent instead of the body, without a length; the connection closes at their end."""
    claim: int | None = None
    """A Content-Length that is not the body's."""


Site = Mapping[str, "str | bytes | Answer | Callable[[Mapping[str, str]], Answer]"]


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, site: Site, host: str = "127.0.0.1") -> None:
        super().__init__((host, 0), _Handler)
        self.site = {"/": HOME, DIRECTORY: table(), **site}
        self.asked: list[tuple[str, Mapping[str, str]]] = []
        self.url = f"http://{host}:{self.server_address[1]}"

    def paths(self) -> list[str]:
        """What was asked, robots.txt left out."""
        return [path for path, _ in self.asked if path != "/robots.txt"]

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append((self.path, headers))
        found = self.server.site.get(self.path)
        if callable(found):
            found = found(headers)
        if found is None:
            found = Answer(status=404, body=b"nothing here")
        if isinstance(found, str):
            found = found.encode()
        if isinstance(found, bytes):
            found = Answer(body=found)
        self._send(found)

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        headers = {"Content-Type": "text/html; charset=utf-8", **answer.headers}
        if answer.pieces is None:
            length = len(answer.body) if answer.claim is None else answer.claim
            headers["Content-Length"] = str(length)
        else:
            headers["Connection"] = "close"
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if answer.pieces is None:
            if answer.status != 304:
                self.wfile.write(answer.body)
        else:
            for piece in answer.pieces:
                self.wfile.write(piece)
        if answer.pieces is not None or answer.claim is not None:
            self.close_connection = True

    def log_message(self, *args: Any) -> None:
        pass


@contextlib.contextmanager
def serving(**sites: Site) -> Iterator[dict[str, Server]]:
    """Serves a site per name on ports of 127.0.0.1 while the block runs."""
    servers = {name: Server(site) for name, site in sites.items()}
    threads = [
        threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        for one in servers.values()
    ]
    for thread in threads:
        thread.start()
    try:
        yield servers
    finally:
        for one in servers.values():
            one.shutdown()
            one.server_close()
        for thread in threads:
            thread.join()


def write_sheet(folder: Path, source_id: str, url: str, **changes: Any) -> Path:
    """An active sheet for a site at `url`; JSON is YAML too."""
    sheet: dict[str, Any] = {
        "id": source_id,
        "title": f"Sample: {source_id}",
        "publisher": {"name": "Fictional Academy"},
        "home_url": f"{url}/",
        "certification": {"issuer": "Fictional Academy"},
        "status": {"state": "active", "reason": "a local server", "date": "2026-01-02"},
        "terms": {"checked_on": "2026-01-02", "decision": "accepted"},
        "politeness": {"delay_seconds": 0, "note": "a local server"},
        "sample": True,
    } | changes
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{source_id}.yml"
    path.write_text(json.dumps(sheet, indent=1), encoding="utf-8")
    return path


_PROGRAM = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from spiders.crawl import crawl
from records.factsheet import load_sheets
from spiders.politeness import Limits
sources, data, limits, contact, before = json.loads(sys.argv[1])
exec(before)
def show(sheet, bundle):
    print(json.dumps(asdict(bundle)), flush=True)
crawl(list(load_sheets(Path(sources)).values()), Path(data), on_bundle=show, contact=contact,
      progress=False, limits=Limits(**limits))
"""


def crawl_apart(
    sources: Path,
    data: Path,
    *,
    before: str = "",
    contact: str | None = None,
    most_seconds: float = 120,
    **limits: float,
) -> dict[str, dict[str, Any]]:
    """Run bundles as plain dicts by source, from a crawl in its own process.

    `before` is Python that runs there first. Fails the test when the process fails or warns.
    """
    data.mkdir(parents=True, exist_ok=True)
    arguments = json.dumps([str(sources), str(data), limits, contact, before])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _PROGRAM, arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=most_seconds,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    bundles = [json.loads(line) for line in done.stdout.splitlines()]
    found = {bundle["source_id"]: bundle for bundle in bundles}
    assert len(found) == len(bundles), "a source was handed over twice"
    found["stderr"] = {"text": done.stderr}
    return found


def needlepoint(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The program itself, in its own process."""
    return subprocess.run(
        [sys.executable, "-m", "commands", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
