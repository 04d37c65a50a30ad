"""What every subcommand takes: where the databases live and where the fact sheets are."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from records.factsheet import FactSheet, SheetError, load_sheets

P = ParamSpec("P")
R = TypeVar("R")

#: Exit codes beside click's own (1 an error that was explained, 2 a wrong call).
NOT_ALLOWED = 3
LOCKED = 75  # EX_TEMPFAIL of sysexits.h: a scheduler tries again later


def with_folders(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command `data` and `sources`, both Path. `data` is made when it is absent."""
    command = click.option(
        "--sources",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path("sources"),
        show_default=True,
        help="Folder of the fact sheets, one YAML file a source.",
    )(command)
    return click.option(
        "--data",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path("data"),
        show_default=True,
        callback=_made,
        help="Folder of working.db and directory.db.",
    )(command)


def _made(_context: click.Context, _option: click.Parameter, folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.BadParameter(f"{folder} cannot be made ({error.strerror})") from error
    return folder


def sheets_in(folder: Path) -> dict[str, FactSheet]:
    """All fact sheets by id; a wrong one ends the command with its file, key and remedy."""
    try:
        return load_sheets(folder)
    except SheetError as error:
        raise click.ClickException(str(error)) from error


def deciding_person(by: str | None) -> str:
    """Who decides: the name given by --by, else the user's. Raises click.UsageError without one."""
    if by and by.strip():
        return by.strip()
    try:
        return getpass.getuser()
    except (OSError, KeyError) as error:  # a container without a user database
        raise click.UsageError("Say who decides: --by NAME") from error
