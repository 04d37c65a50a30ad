"""The `needlepoint` program. Each subcommand is one file beside this one."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version

import click

#: Subcommand -> the module that holds it as `command`. Loaded only when asked for: starting
#: Scrapy and Datasette for `--help` would take seconds.
SUBCOMMANDS = {
    "accept": "commands.accept",
    "accept-run": "commands.accept_run",
    "check-links": "commands.check_links",
    "crawl": "commands.crawl",
    "demo": "commands.demo",
    "detect": "commands.detect",
    "forget": "commands.forget",
    "geocode": "commands.geocode",
    "hand-check": "commands.hand_check",
    "match": "commands.match",
    "new-source": "commands.new_source",
    "probe": "commands.probe",
    "publish": "commands.publish",
    "review": "commands.review",
    "record": "commands.record",
    "run": "commands.run",
    "serve": "commands.serve",
    "status": "commands.status",
    "verify": "commands.verify",
}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = SUBCOMMANDS.get(cmd_name)
        if module is None:
            return None
        command = import_module(module).command
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("needlepoint"), prog_name="needlepoint")
def cli() -> None:
    """Collect, match, place, publish and serve the public directories of dry needling."""
