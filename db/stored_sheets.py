"""The fact sheets as the working store keeps them: one row of `source` each."""

from __future__ import annotations

from collections.abc import Iterable

from sqlite_utils import Database

from records.factsheet import FactSheet


def remember_sheets(db: Database, sheets: Iterable[FactSheet]) -> None:
    """Store the fact sheets as they are now, whether or not their source has ever run."""
    with db.atomic():
        for sheet in sheets:
            remember_sheet(db, sheet)


def remember_sheet(db: Database, sheet: FactSheet) -> None:
    """Store one fact sheet as it is now. Within the caller's transaction."""
    db.conn.execute(
        "insert into source (id, title, sheet) values (?, ?, ?) on conflict (id)"
        " do update set title = excluded.title, sheet = excluded.sheet",
        (sheet.id, sheet.title, sheet.model_dump_json()),
    )
