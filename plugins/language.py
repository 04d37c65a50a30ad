"""Every page in the language that its address asks for: `/es/find` is `/find` in Spanish."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from datasette import hookimpl
from markupsafe import Markup

from plugins.pages import language
from plugins.safety import App, Scope, Send


@hookimpl(trylast=True)
def prepare_jinja2_environment(env: Any, datasette: Any) -> None:
    """`_('text')`, `ngettext`, `pgettext`, and `link('/find')`, which stays in the language."""
    env.add_extension("jinja2.ext.i18n")
    env.install_gettext_callables(
        language.gettext,
        language.ngettext,
        newstyle=True,
        pgettext=language.pgettext,
        npgettext=language.npgettext,
    )
    env.filters["spoken"] = language.spoken
    env.globals["link"] = lambda path: datasette.urls.path(language.address(path))
    env.globals["english_page"] = english_page
    # Where a template gets no variables of ours: Datasette's page for an error.
    env.globals["current_language"] = language.current.get


def english_page(address: str, words: str) -> Markup:
    """A link to a page that is only there in English: a reader of another language is told so."""
    if language.current.get() == language.SOURCE:
        return Markup('<a href="{}">{}</a>').format(address, words)
    marked = Markup('<a href="{}" hreflang="en">{} {}</a>')
    return marked.format(address, words, language.gettext("(in English)"))


@hookimpl
def extra_template_vars(datasette: Any, request: Any) -> dict[str, Any]:
    """The page's language, and its own address in every language, without the base address."""
    if request is None:
        return {"language": language.SOURCE, "languages": []}
    base = datasette.setting("base_url").rstrip("/")
    path = request.path.removeprefix(base)
    kept = [one for one in request.query_string.split("&") if one and not one.startswith("lang=")]
    query = f"?{'&'.join(kept)}" if kept else ""
    own = [] if language.only_in_english(path) else list(language.LANGUAGES.items())
    return {
        "language": language.current.get(),
        "languages": [
            {
                "code": code,
                "name": name,
                "url": datasette.urls.path(language.prefix(code) + path + query),
            }
            for code, name in own
        ],
    }


def _asked_for(scope: Scope, path: str) -> str:
    """The language of `?lang=es`, for an address without one of its own; else the source's."""
    for name, value in parse_qsl(scope["query_string"].decode("latin-1")):
        if name == "lang" and value in language.LANGUAGES and not language.only_in_english(path):
            return value
    return language.SOURCE


@hookimpl
def asgi_wrapper(datasette: Any) -> Callable[[App], App]:
    """Take the language off the address before it is routed."""
    base = datasette.setting("base_url").rstrip("/")

    def wrap(app: App) -> App:
        async def spoken(scope: Scope, receive: Any, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            wanted, path = language.split(scope["path"].removeprefix(base))
            if wanted != language.SOURCE and not language.only_in_english(path):
                raw = language.split(scope["raw_path"].decode("latin-1").removeprefix(base))[1]
                scope = {**scope, "path": base + path, "raw_path": (base + raw).encode("latin-1")}
                language.current.set(wanted)
            else:
                language.current.set(_asked_for(scope, path))
            await app(scope, receive, send)

        return spoken

    return wrap
