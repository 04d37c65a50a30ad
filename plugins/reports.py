"""Reports of mistakes, and the wish to be corrected or taken out: forms, answers, numbers.

Without a practitioner both find entries by name, and `/report` takes what is wrong with the site
itself. What is sent goes into the private working.db beside directory.db; where that is not there,
as on a machine that serves a copy, the forms say so. A report never changes what is shown: a person
reads it first.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from datasette import hookimpl
from datasette.utils.asgi import Request, Response

from db.by_name import LONGEST_NAME, by_name
from db.profile import Moved, Profile
from db.profile import profile as profile_of
from db.report_inbox import Busy, Closed, append, progress, why_closed
from db.reports import DAYS_TO_ANSWER, as_reference
from plugins.finder import DATABASE, ask, page
from plugins.pages import language, reporting
from plugins.pages.contact import operator_contact
from plugins.pages.language import gettext as _
from plugins.pages.limiting import Limiter
from plugins.pages.reporting import Written

REPORTS_A_MINUTE = 2
TRIES_A_MINUTE = 20
"""Who forgot a field may send again at once; a program that sends nonsense is stopped."""

log = logging.getLogger("needlepoint.reports")
reports = Limiter(REPORTS_A_MINUTE, 60)
tries = Limiter(TRIES_A_MINUTE, 60)


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    return [
        (r"^/report$", _form("report")),
        (r"^/removal$", _form("removal")),
        (r"^/report/received$", received),
    ]


@hookimpl
def prepare_jinja2_environment(env: Any) -> None:
    """`operator_contact()`: (address, words) to write to whoever runs the site, or None."""
    env.globals["operator_contact"] = operator_contact


@hookimpl
def skip_csrf(datasette: Any, scope: Any) -> bool:
    """Datasette's own check needs a cookie; ours, in `_send`, does not."""
    base = datasette.setting("base_url").rstrip("/")
    return scope["path"].removeprefix(base) in ("/report", "/removal")


def _form(form: str) -> Callable[..., Awaitable[Response]]:
    async def view(datasette: Any, request: Request) -> Response:
        if request.method in ("GET", "HEAD"):
            return await _show_empty(datasette, request, form)
        if request.method == "POST":
            return await _send(datasette, request, form)
        return Response.text("Only GET and POST.\n", status=405, headers={"allow": "GET, POST"})

    return view


async def _show_empty(datasette: Any, request: Request, form: str) -> Response:
    wanted = request.args.get("practitioner") or ""
    if not wanted:
        return await _shown(datasette, request, form, None, Written())
    found = await ask(datasette, lambda connection: profile_of(connection, wanted))
    if isinstance(found, Moved) and found.to:
        return Response.redirect(_address(datasette, form, practitioner=found.to), status=301)
    if not isinstance(found, Profile):
        return await _nobody(datasette, request, found)
    written = Written(practitioner=wanted, location=request.args.get("location") or "")
    return await _shown(datasette, request, form, found, written)


async def _send(datasette: Any, request: Request, form: str) -> Response:
    """Take a form, or show it again with its text and what is in the way."""
    if reporting.from_elsewhere(request.headers):
        return _plain(403, _("This form was sent from another site. Open it here. Nothing kept."))
    address = (request.scope.get("client") or ("",))[0]
    seconds = tries.take(address)
    body = await reporting.read_body(request)
    if body is None:
        return _plain(413, _("That is longer than the form. Nothing was kept."))
    written = reporting.read_form(body)
    about = None
    if written.practitioner or form == "removal":
        about = await _who(datasette, written.practitioner)
        if not isinstance(about, Profile):
            if seconds:
                return _plain(429, _too_many(seconds), {"retry-after": str(seconds)})
            return await _nobody(datasette, request, about)
    reference = reporting.token_reference(datasette, form, written)
    written.check(reporting.topic(form, about))
    if not (seconds or reference is None or written.errors):
        seconds = reports.take(address)
    status, problem = _verdict(written, seconds, marked=reference is not None)
    if reference is None or status != 200:
        return await _shown(
            datasette, request, form, about, written, status=status, problem=problem,
            headers={"retry-after": str(seconds)} if seconds else {},
        )  # fmt: skip
    return await _store(datasette, request, form, about, written, reference=reference)


def _verdict(written: Written, seconds: int, *, marked: bool) -> tuple[int, str]:
    """The status a form gets, 200 when it may be taken, and what to say above it."""
    if seconds:
        return 429, _too_many(seconds)
    if not marked:
        return 403, _("The form was open too long, or did not come from here. Press Send again.")
    return (400 if written.errors else 200), ""


async def _who(datasette: Any, practitioner: str) -> Profile | Moved | None:
    """Who has this id, also when the entry was merged with another while somebody wrote."""
    found = await ask(datasette, lambda connection: profile_of(connection, practitioner))
    if isinstance(found, Moved) and found.to:
        now = found.to
        found = await ask(datasette, lambda connection: profile_of(connection, now))
    return found


def _too_many(seconds: int) -> str:
    return _(
        "Too many forms came from your connection. Wait %(seconds)s seconds, then press Send"
        " again. Your text is still here."
    ) % {"seconds": seconds}


async def _store(  # noqa: PLR0913
    datasette: Any,
    request: Request,
    form: str,
    found: Profile | None,
    written: Written,
    *,
    reference: str,
) -> Response:
    new = reporting.as_report(form, written, found)
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    try:
        number = await asyncio.to_thread(append, _data(datasette), new, reference, at)
    except Busy as error:
        log.warning("report not taken: %s", error)
        return await _shown(
            datasette, request, form, found, written, status=503,
            problem=_("The directory is being brought up to date. Press Send again in a minute."),
            headers={"retry-after": "60"},
        )  # fmt: skip
    except Closed as error:
        log.error("report not taken: %s", error)
        return await _shown(datasette, request, form, found, written, closed=True)
    return _kept_nowhere(
        Response.redirect(_address(datasette, "report/received", reference=number), status=303)
    )


async def _shown(  # noqa: PLR0913
    datasette: Any,
    request: Request,
    form: str,
    profile: Profile | None,
    written: Written,
    *,
    status: int = 200,
    problem: str = "",
    headers: dict[str, str] | None = None,
    closed: bool = False,
) -> Response:
    """The form's page: empty, or as it was sent with `problem` and the errors of its fields.
    Without a profile it is the search by name, and on `/report` the form about the site."""
    topic = reporting.topic(form, profile)
    takes = profile is not None or topic == "site"
    if takes and not closed:
        why = await asyncio.to_thread(why_closed, _data(datasette))
        if why:
            log.error("reports are closed: %s", why)
            closed = True
    person = profile.practitioner if profile else None
    places = profile.locations if profile else ()
    name = "" if profile else " ".join((request.args.get("name") or "").split())[:LONGEST_NAME]
    named = await ask(datasette, lambda connection: by_name(connection, name)) if name else None
    shown = await page(
        datasette,
        request,
        f"{form}.html",
        503 if closed and (profile or written.token) else status,
        form_name=form,
        profile=profile,
        person=person,
        places=[(str(at.id), reporting.place_words(at)) for at in places],
        name=name,
        named=named,
        written=written,
        choices=reporting.choices(topic),
        token=reporting.new_token(datasette, form, person.id if person else "") if takes else "",
        problem=problem,
        closed=closed,
        days=DAYS_TO_ANSWER,
        action=_address(datasette, form),
    )
    shown.headers.update(headers or {})
    return _kept_nowhere(shown)


async def received(datasette: Any, request: Request) -> Response:
    """The number of a report and how far it is; nothing else is told to anybody."""
    reference = as_reference(request.args.get("reference") or "")
    found, known = None, False
    if reference:
        number = reference
        try:
            found = await asyncio.to_thread(lambda: progress(_data(datasette), number))
            known = True
        except (Busy, Closed) as error:
            log.warning("state of a report not read: %s", error)
    missing = not reference or (known and found is None)
    return _kept_nowhere(
        await page(
            datasette,
            request,
            "report_received.html",
            404 if missing else 200,
            reference=reference,
            found=found,
            missing=missing,
            days=DAYS_TO_ANSWER,
        )
    )


async def _nobody(datasette: Any, request: Request, found: Moved | None) -> Response:
    withdrawn = found is not None
    return _kept_nowhere(
        await page(
            datasette, request, "missing.html", 410 if withdrawn else 404, withdrawn=withdrawn
        )
    )


def _plain(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    return _kept_nowhere(Response.text(f"{text}\n", status=status, headers=headers or {}))


def _kept_nowhere(response: Response) -> Response:
    response.headers["cache-control"] = "private, no-store"
    return response


def _address(datasette: Any, name: str, **query: str) -> str:
    path: str = datasette.urls.path(f"{language.prefix()}/{name}")
    return f"{path}?{urlencode(query)}" if query else path


def _data(datasette: Any) -> Path:
    """The folder of the served directory.db, where working.db stands too."""
    return Path(datasette.get_database(DATABASE).path).parent
