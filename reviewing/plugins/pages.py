"""The private page's addresses: questions about pairs, other kinds of item, and their answers."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

from datasette import hookimpl
from datasette.utils.asgi import Request, Response
from sqlite_utils import Database

from db.gazetteer import Gazetteer
from db.gazetteer_file import ensure
from db.lock import InUse, alone
from db.people import Decision
from db.review import (
    NoSuchListing,
    NothingDecided,
    decide_pair,
    decided,
    questions,
    rule_says,
    side_by_side,
    take_back,
)
from db.working import open_working
from geocoding.listings import place_listings
from matching.rebuild import match
from reviewing.kinds import KINDS, Answered, Kind

PLUGIN = "needlepoint-review"
"""Its entry in the metadata: `data`, the folder of working.db, and `by`, the name offered."""

T = TypeVar("T")
View = Callable[[Any, Request], Awaitable[Response]]
_SHOWN = 200
_WORDS = {"same": "one person", "different": "two", "cannot_tell": "cannot be told"}


@hookimpl  # type: ignore[untyped-decorator]
def register_routes(datasette: Any) -> list[tuple[str, Any]]:
    """Only for the Datasette that was started for reviewing."""
    if not datasette.plugin_config(PLUGIN):
        return []
    return [
        (r"^/$", _explained(overview)),
        (r"^/pair$", _explained(pair)),
        (r"^/pair/undo$", _explained(undo)),
        (r"^/rebuild$", _explained(rebuild)),
        (r"^/kind/(?P<slug>[a-z-]+)$", _explained(kind)),
        (r"^/kind/(?P<slug>[a-z-]+)/undo$", _explained(undo_item)),
    ]


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Any) -> None:
    env.globals["judgement_words"] = _WORDS


def _explained(view: View) -> View:
    """The view, with a page in words where something stands in the way."""

    async def explained(datasette: Any, request: Request) -> Response:
        try:
            return await view(datasette, request)
        except NoSuchListing as error:
            status, said = 404, str(error)
        except NothingDecided as error:
            status, said = 409, str(error)
        except ValueError as error:
            status, said = 400, str(error)
        except InUse as error:
            status, said = 503, str(error)
        except sqlite3.OperationalError as error:
            status, said = 503, f"working.db: {error}. Try again in a moment."
        return await page(datasette, request, "message.html", status, said=said)

    return explained


async def page(
    datasette: Any, request: Request, template: str, status: int = 200, **values: Any
) -> Response:
    values["by"] = datasette.plugin_config(PLUGIN)["by"]
    return Response.html(
        await datasette.render_template(template, values, request=request), status=status
    )


async def ask(datasette: Any, question: Callable[[Database], T], what: str | None = None) -> T:
    """Put a question to working.db on another thread; with `what`, alone on the data folder."""
    data = Path(datasette.plugin_config(PLUGIN)["data"])

    def asked() -> T:
        with closing(open_working(data)) as db:
            return question(db)

    def asked_alone() -> T:
        with alone(data, what or ""):
            return asked()

    return await asyncio.to_thread(asked_alone if what else asked)


async def overview(datasette: Any, request: Request) -> Response:
    def read(db: Database) -> dict[str, Any]:
        return {
            "waiting": questions(db),
            "decided": decided(db),
            "kinds": [(one, len(one.read(db))) for one in KINDS.values()],
        }

    values = await ask(datasette, read)
    return await page(
        datasette, request, "overview.html", rebuilt="rebuilt" in request.args, **values
    )


async def pair(datasette: Any, request: Request) -> Response:
    """A question (GET), or a person's answer to it (POST) and on to the next question."""
    if request.method == "POST":
        return await _answer_pair(datasette, await request.post_vars())
    left, right = _two({key: request.args[key] for key in request.args})

    def read(db: Database) -> dict[str, Any]:
        waiting = [(one.left, one.right) for one in questions(db)]
        last = decided(db, 1)
        spoken = [one for one in decided(db, -1) if (one.left, one.right) == (left, right)]
        return {
            "fields": side_by_side(db, left, right),
            "evidence": rule_says(db, left, right),
            "number": waiting.index((left, right)) + 1 if (left, right) in waiting else None,
            "waiting": len(waiting),
            "last": last[0] if last else None,
            "spoken": spoken,
        }

    values = await ask(datasette, read)
    return await page(datasette, request, "pair.html", left=left, right=right, **values)


async def _answer_pair(datasette: Any, posted: Mapping[str, str]) -> Response:
    left, right = _two(posted)
    answer = posted.get("answer", "")

    def decide(db: Database) -> Decision | None:
        waiting = questions(db)
        places = [
            number for number, one in enumerate(waiting) if (one.left, one.right) == (left, right)
        ]
        if answer != "skip":
            by, reason = posted.get("by", ""), posted.get("reason", "")
            decide_pair(db, left, right, answer, by=by, reason=reason, at=_now())
        rest = waiting[places[0] + 1 :] if places else waiting
        open_still = {(one.left, one.right) for one in questions(db)}
        return next((one for one in rest if (one.left, one.right) in open_still), None)

    following = await ask(datasette, decide, None if answer == "skip" else "review")
    if following is None:
        return Response.redirect("/", status=303)
    return Response.redirect(_address(following.left, following.right), status=303)


async def undo(datasette: Any, request: Request) -> Response:
    if request.method != "POST":
        return Response.redirect("/")
    left, right = _two(await request.post_vars())
    await ask(datasette, lambda db: take_back(db, left, right, at=_now()), "review")
    return Response.redirect(_address(left, right), status=303)


async def rebuild(datasette: Any, request: Request) -> Response:
    if request.method != "POST":
        return Response.redirect("/")
    data = Path(datasette.plugin_config(PLUGIN)["data"])

    def apply(db: Database) -> None:
        match(db)
        with Gazetteer(ensure(data)) as gazetteer:
            place_listings(db, gazetteer)

    await ask(datasette, apply, "review")
    return Response.redirect("/?rebuilt=1", status=303)


async def kind(datasette: Any, request: Request) -> Response:
    """The items of a kind (GET), or an answer about one of them (POST)."""
    shown = _kind_of(request)
    if request.method == "POST":
        await _answer_item(datasette, shown, await request.post_vars())
        return Response.redirect(f"/kind/{shown.slug}", status=303)
    items, given = await ask(datasette, lambda db: (shown.read(db), shown.decided(db)))
    return await page(
        datasette, request, "kind.html", kind=shown, items=items[:_SHOWN], count=len(items),
        decided=given,
    )  # fmt: skip


async def undo_item(datasette: Any, request: Request) -> Response:
    """Take back what was answered about an item (POST)."""
    shown = _kind_of(request)
    if request.method == "POST":
        item, back = (await request.post_vars()).get("item", ""), shown.take_back
        if back is None:
            raise ValueError("such an answer cannot be taken back")
        await ask(datasette, lambda db: back(db, item, _now()), "review")
    return Response.redirect(f"/kind/{shown.slug}", status=303)


def _kind_of(request: Request) -> Kind:
    shown = KINDS.get(request.url_vars["slug"])
    if shown is None:
        raise NoSuchListing("nothing of that kind waits here")
    return shown


async def _answer_item(datasette: Any, about: Kind, posted: Mapping[str, str]) -> None:
    write = about.answer
    answered = Answered(
        posted.get("item", ""), posted.get("answer", ""), posted.get("by", "").strip(),
        posted.get("reason", "").strip(), _now(),
    )  # fmt: skip
    if write is None or answered.answer not in dict(about.answers):
        raise ValueError("that is no answer to this")
    if not answered.by or not answered.reason:
        raise ValueError("say who decides, and why")
    await ask(datasette, lambda db: write(db, answered), "review")


def _two(values: Mapping[str, str]) -> tuple[str, str]:
    """The ids of a question, the smaller first."""
    ids = sorted((values.get("left", ""), values.get("right", "")))
    if not all(ids):
        raise ValueError("the address names no two listings")
    return ids[0], ids[1]


def _address(left: str, right: str) -> str:
    return f"/pair?{urlencode({'left': left, 'right': right})}"


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
