"""`needlepoint serve`: the finder, the tables and the SQL page over directory.db."""

from __future__ import annotations

import logging
import os
import socket
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import click
import uvicorn
from datasette.app import Datasette
from datasette.utils import parse_metadata

from commands.options import with_folders
from db.lock import InUse, alone
from db.published_checks import lacking
from db.report_inbox import why_closed
from db.swap import heal
from db.working import open_working
from plugins.pages import notice as operator_notice
from plugins.pages import streets as map_streets
from plugins.pages.written import NotRight, read_file

ROOT = Path(__file__).resolve().parent.parent
METADATA = ROOT / "metadata.yml"

SETTINGS: dict[str, bool | int] = {
    # Suggesting facets costs a table page 99 % of its speed.
    "suggest_facets": False,
    "allow_download": False,
    "sql_time_limit_ms": 1000,
    "facet_time_limit_ms": 200,
    "max_returned_rows": 1000,
    "max_csv_mb": 20,
    "default_cache_ttl": 60,
}

log = logging.getLogger("needlepoint.access")


class QuietAccessLog:
    """An ASGI layer that logs method, path, status and milliseconds, never what was searched: the
    query string and the visitor's address stay out."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()
        status = 500

        async def noted(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            spent = (time.perf_counter() - begun) * 1000
            # ascii(): a path with line breaks must not write log lines of its own.
            path = ascii(scope["path"])[1:-1]
            log.info("%s %s %d %.0f ms", scope["method"], path, status, spent)


Own = Mapping[str, dict[str, object]]
"""What whoever runs the site wrote in files of their own, by the plugin that reads it."""


def build_app(directory: Path, own: Own | None = None) -> Any:
    """The ASGI application over a published directory.db: Datasette with our plugins, templates
    and settings, and the access log around it. `app.datasette` is the Datasette object. What is
    the operator's `own` takes the place of the same plugin's part of metadata.yml."""
    datasette = build_datasette(directory, own)
    app = QuietAccessLog(datasette.app())
    app.datasette = datasette  # type: ignore[attr-defined]
    return app


def read_metadata(own: Own | None = None) -> dict[str, Any]:
    """What metadata.yml says, with the operator's own files in the place of its parts."""
    metadata: dict[str, Any] = {}
    if METADATA.exists():
        metadata = parse_metadata(METADATA.read_text("utf-8"))
    if own:
        metadata["plugins"] = (metadata.get("plugins") or {}) | dict(own)
    return metadata


def build_datasette(directory: Path, own: Own | None = None) -> Any:
    """Datasette over directory.db, opened so that a newly published release is seen at once."""
    return Datasette(
        [str(directory)],
        metadata=read_metadata(own),
        plugins_dir=str(ROOT / "plugins"),
        template_dir=str(ROOT / "templates"),
        static_mounts=[("static", str(ROOT / "static"))],
        settings=dict(SETTINGS),
        # Signs the forms; several processes that answer for one site need the same one.
        secret=os.environ.get("DATASETTE_SECRET"),
    )


def _published(directory: Path) -> None:
    if not directory.is_file():
        raise click.ClickException(
            f"{directory} is not there yet. Publish first: `needlepoint publish`, or try the"
            " sample data: `make demo`."
        )
    try:
        heal(directory)
        with closing(sqlite3.connect(f"{directory.resolve().as_uri()}?mode=ro", uri=True)) as db:
            found = db.execute("select count(*) from release").fetchone()
            missing = lacking(db)
    except sqlite3.DatabaseError as error:
        raise click.ClickException(
            f"{directory} is not a published directory ({error}). Publish again:"
            " `needlepoint publish`."
        ) from error
    if missing:
        raise click.ClickException(
            f"{directory} was published by another version of Needlepoint: it has no"
            f" {', '.join(missing[:3])}. Publish again: `needlepoint publish`."
        )
    if not found[0]:
        raise click.ClickException(
            f"Nothing has been published into {directory} yet: run `needlepoint publish`."
        )


def listening(host: str, port: int, command: str = "serve") -> socket.socket:
    """A bound socket, so that a taken port is an explained error and not a traceback later."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends small answers at once (TCP_NODELAY) only where the protocol is said: without it
    # every answer on a kept connection waits 40 ms for the visitor's acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise click.ClickException(
            f"Cannot listen on {host} port {port} ({error.strerror or error}). Choose another one:"
            f" `needlepoint {command} --port {port + 1 if port < 65535 else 8002}`."
        ) from error
    return listener


@click.command()
@with_folders
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8001,
    show_default=True,
    help="0: any free one.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--notice",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="YAML file with one notice of yours, for an area that you serve (docs/running.md).",
)
@click.option(
    "--streets",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="YAML file with a tile server for the map's streets (docs/running.md).",
)
def command(  # noqa: PLR0913, PLR0917 - as many as there are options
    data: Path,
    sources: Path,  # noqa: ARG001
    port: int,
    host: str,
    notice: Path | None,
    streets: Path | None,
) -> None:
    """Serve the finder, the tables and the SQL page.

    Reads directory.db; only reports of mistakes are written, into working.db beside it. The access
    log has paths without what was searched.
    """
    directory = data / "directory.db"
    _published(directory)
    own = read_own(directory, notice, streets)
    listener = listening(host, port)
    serve(directory, listener, own)


def read_own(directory: Path, notice: Path | None, streets: Path | None) -> Own:
    """What these files say, checked; so is the same part of metadata.yml where there is no file.

    Raises click.ClickException with the file and everything that is wrong in it.
    """

    def check_notice(written: dict[str, object]) -> None:
        with closing(sqlite3.connect(f"{directory.resolve().as_uri()}?mode=ro", uri=True)) as db:
            operator_notice.checked(written, db)

    own: dict[str, dict[str, object]] = {}
    for plugin, file, what, needed, check in (
        ("operator_notice", notice, "operator's notice", operator_notice.NEEDED, check_notice),
        ("map_streets", streets, "map's streets", map_streets.NEEDED, map_streets.checked),
    ):
        try:
            if file:
                own[plugin] = read_file(file, needed)
            configured = (read_metadata(own).get("plugins") or {}).get(plugin)
            if configured is not None:
                check(configured)
        except NotRight as error:
            raise click.ClickException(
                f"{file or METADATA}: the {what} cannot be shown: {error}. Correct the file and"
                " start again; docs/running.md has an example."
            ) from error
    return own


def _reports_refused(data: Path) -> str | None:
    """Bring an older working.db up to date; returns why reports cannot be taken, None if they can.

    One that is in use is brought up to date by whoever uses it.
    """
    if (data / "working.db").is_file():
        try:
            with alone(data, "serve"):
                open_working(data).close()
        except (InUse, OSError, sqlite3.DatabaseError) as error:
            log.info("working.db is left as it is: %s", error)
    return why_closed(data)


def serve(directory: Path, listener: socket.socket, own: Own | None = None) -> None:
    """Serve until interrupted, on a bound socket."""
    refused = _reports_refused(directory.parent)
    if refused:
        click.echo(f"Reports cannot be taken, and their forms say so: {refused}.")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"The finder is at http://{shown}:{port}/ (stop it with Ctrl+C)")
    config = uvicorn.Config(
        build_app(directory, own), access_log=False, log_level="warning", server_header=False
    )
    uvicorn.Server(config).run(sockets=[listener])
