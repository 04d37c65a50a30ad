"""Streets below the map, where whoever runs the site has chosen a server for them.

Nothing is asked of it until a visitor presses the button that names it.
"""

from __future__ import annotations

from typing import Any

from datasette import hookimpl
from datasette.utils import StartupError

from plugins.pages import streets
from plugins.pages.written import NotRight

PLUGIN = "map_streets"


@hookimpl
def startup(datasette: Any) -> None:
    """Read what was written once. Raises StartupError where it is not right."""
    written = datasette.plugin_config(PLUGIN)
    try:
        datasette.map_streets = streets.checked(written) if written is not None else None
    except NotRight as error:
        raise StartupError(f"The streets of the map are not right: {error}") from error


@hookimpl
def prepare_jinja2_environment(env: Any, datasette: Any) -> None:
    """`map_streets()`: the streets of the map, None where nobody chose any."""
    env.globals["map_streets"] = lambda: datasette.map_streets
