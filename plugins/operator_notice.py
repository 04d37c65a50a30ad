"""The operator's notice, where a search lies within the area that it is for.

One notice a site, shown beside the results and never among them: `searching` knows nothing of it,
so that it cannot change what is found, in which order, or how many.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from datasette import hookimpl
from datasette.utils import StartupError

from db.place import Place
from plugins.finder import ask
from plugins.pages import notice
from plugins.pages.written import NotRight

PLUGIN = "operator_notice"


@hookimpl
def startup(datasette: Any) -> Callable[[], Awaitable[None]]:
    """Look the notice's place up once. Raises StartupError for one that is not right."""

    async def read() -> None:
        datasette.operator_notice = None
        written = datasette.plugin_config(PLUGIN)
        if written is None:
            return
        try:
            datasette.operator_notice = await ask(
                datasette, lambda connection: notice.checked(written, connection)
            )
        except NotRight as error:
            raise StartupError(f"The operator's notice is not right: {error}") from error

    return read


@hookimpl
def prepare_jinja2_environment(env: Any, datasette: Any) -> None:
    """`operator_notice(place)`: the notice for who searches there, None where there is none."""

    def shown(place: Place) -> notice.Notice | None:
        kept: notice.Notice | None = datasette.operator_notice
        return kept if kept and kept.is_for(place) else None

    env.globals["operator_notice"] = shown
