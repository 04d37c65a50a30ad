"""The gazetteer, and a local server that speaks the formats of Nominatim and of the US Census."""

from __future__ import annotations

import csv
import io
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from db.gazetteer import Gazetteer
from db.gazetteer_file import ensure


@pytest.fixture(scope="session", name="gazetteer")
def shared_gazetteer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gazetteer]:
    with Gazetteer(ensure(tmp_path_factory.mktemp("gazetteer"))) as opened:
        yield opened


@dataclass
class FakeGeocoders:
    """What the server knows, how it behaves, and what it was asked."""

    port: int = 0
    known: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Street -> latitude, longitude."""
    ties: set[str] = field(default_factory=set)
    mode: str = "ok"
    """ok, 503, 429, 403, 500, hang, cut, html, shapeless, short"""
    kind: dict[str, Any] = field(default_factory=dict)
    """What Nominatim says a result is; a house unless told otherwise."""
    asked: list[dict[str, str]] = field(default_factory=list)
    """Each address, in the words of the request."""
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Path and headers of each request."""
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def domain(self) -> str:
        return f"127.0.0.1:{self.port}"


class _Handler(BaseHTTPRequestHandler):
    fake: FakeGeocoders

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        words = {key: values[0] for key, values in parse_qs(url.query).items()}
        self.fake.requests.append((url.path, dict(self.headers)))
        self.fake.asked.append(words)
        if self._trouble():
            return
        if url.path.endswith("/search"):
            self._send(json.dumps(self._nominatim(words)), "application/json")
        elif url.path == "/geocoder/locations/onelineaddress":
            self._send(json.dumps(self._one_line(words)), "application/json")
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.fake.requests.append((self.path, dict(self.headers)))
        form = message_from_bytes(
            b"Content-Type: " + self.headers["Content-Type"].encode() + b"\r\n\r\n" + body
        )
        parts = {
            part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
            for part in form.get_payload()  # type: ignore[union-attr]
        }
        assert parts["benchmark"] == b"Public_AR_Current"  # type: ignore[index]
        rows = list(csv.reader(io.StringIO(parts["addressFile"].decode())))  # type: ignore[index]
        self.fake.asked += [
            dict(zip(("id", "street", "city", "state", "zip"), row, strict=True)) for row in rows
        ]
        if self._trouble():
            return
        answer = io.StringIO()
        write = csv.writer(answer, quoting=csv.QUOTE_ALL)
        for number, street, city, state, postcode in rows[:: -1 if self.fake.mode == "ok" else 2]:
            asked = f"{street}, {city}, {state}, {postcode}"
            if street in self.fake.ties:
                write.writerow([number, asked, "Tie"])
            elif street in self.fake.known:
                north, east = self.fake.known[street]
                write.writerow(
                    [number, asked, "Match", "Exact", asked.upper(), f"{east},{north}", "7600", "L"]
                )
            else:
                write.writerow([number, asked, "No_Match"])
        self._send(answer.getvalue(), "text/csv")

    def _nominatim(self, words: dict[str, str]) -> list[dict[str, Any]]:
        point = self.fake.known.get(words.get("street", words.get("q", "")))
        if point is None:
            return []
        house = {"class": "place", "type": "house", "addresstype": "place", "place_rank": 30}
        result = {
            "place_id": 1,
            "licence": "Data © OpenStreetMap contributors, ODbL 1.0.",
            "lat": str(point[0]),
            "lon": str(point[1]),
            "display_name": "somewhere",
            "importance": 0.1,
        }
        return [result | (self.fake.kind or house)]

    def _one_line(self, words: dict[str, str]) -> dict[str, Any]:
        street = words["address"].partition(",")[0]
        north, east = self.fake.known.get(street, (None, None))
        match = {
            "tigerLine": {"side": "L", "tigerLineId": "7600"},
            "coordinates": {"x": east, "y": north},
            "addressComponents": {"zip": "43215", "city": "COLUMBUS"},
            "matchedAddress": words["address"].upper(),
        }
        matches = [match] * (2 if street in self.fake.ties else 1) if north is not None else []
        return {"result": {"input": {"address": words}, "addressMatches": matches}}

    def _trouble(self) -> bool:
        mode = self.fake.mode
        if re.fullmatch("[45][0-9]{2}", mode):
            self.send_response(int(mode))
            if mode in ("429", "503"):
                self.send_header("Retry-After", "120")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif mode == "hang":
            self.fake.released.wait(20)
        elif mode == "cut":
            self.send_response(200)
            self.send_header("Content-Length", "5000")
            self.end_headers()
            self.wfile.write(b"[")
        elif mode == "html":
            self._send("<!doctype html><title>Down for maintenance</title>", "text/html")
        elif mode == "shapeless":
            self._send('{"message": "no"}', "application/json")
        else:
            return False
        return True

    def _send(self, text: str, kind: str) -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(name="fake")
def fake_geocoders() -> Iterator[FakeGeocoders]:
    """A server of both formats, knowing nothing yet."""
    state = FakeGeocoders()
    handler = type("Handler", (_Handler,), {"fake": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield state
    state.released.set()
    server.shutdown()
    server.server_close()
    thread.join()
