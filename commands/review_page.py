"""`needlepoint review --serve`: the queue of questions as a page for this machine alone."""

from __future__ import annotations

import ipaddress
import logging
import socket
from pathlib import Path
from typing import Any

import click
import uvicorn
from datasette.app import Datasette

from commands.serve import ROOT, QuietAccessLog, listening
from reviewing.guard import Guard

_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def is_loopback(host: str) -> bool:
    """Whether nothing but this machine reaches that address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def build_app(data: Path, by: str, host: str) -> Any:
    """The ASGI application over working.db of the folder `data`; `by` is the name it offers."""
    datasette = Datasette(
        [],
        metadata={"plugins": {"needlepoint-review": {"data": str(data.resolve()), "by": by}}},
        plugins_dir=str(ROOT / "reviewing" / "plugins"),
        template_dir=str(ROOT / "reviewing" / "templates"),
        static_mounts=[("static", str(ROOT / "static"))],
    )
    hosts = _LOCAL_NAMES | {host} if is_loopback(host) else None
    return QuietAccessLog(Guard(datasette.app(), hosts))


def serve(data: Path, by: str, host: str, port: int, *, exposed: bool) -> None:
    """Serve until interrupted. Raises click.ClickException when others could reach the address and
    `exposed` does not say that this is meant, or when there is nothing to review."""
    if not is_loopback(host) and not exposed:
        raise click.ClickException(
            f"{host} can be reached from other machines, and the page shows people's e-mail"
            " addresses and takes anybody's answers. Leave --host out, or say --expose."
        )
    if not (data / "working.db").is_file():
        raise click.ClickException(
            f"{data / 'working.db'} is not there yet: run `needlepoint crawl` and `needlepoint"
            " match` first."
        )
    listener: socket.socket = listening(host, port, "review --serve")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"What waits for a person: http://{shown}:{port}/ (stop it with Ctrl+C)")
    config = uvicorn.Config(
        build_app(data, by, host), access_log=False, log_level="warning", server_header=False
    )
    uvicorn.Server(config).run(sockets=[listener])
