"""Worksheets: tables a person fills in with any spreadsheet, written and read again as CSV.

One kind holds pairs of listings that were joined as one person, the other single listings to
compare with their source, or to ask the practice about. An answer left empty is none.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from db.hand_checks import FIELDS, JOINED, OFFERS, Answer, HandCheck, Printed

SAME = "same_person"
OFFERS_COLUMN = "offers_dry_needling"

_WORDS: dict[str, Answer] = {
    **dict.fromkeys(("y", "yes", "right", "s", "same"), "right"),
    **dict.fromkeys(("n", "no", "wrong", "d", "different"), "wrong"),
    **dict.fromkeys(("?", "cannot tell", "cannot_tell"), "cannot_tell"),
}
_MOST_ERRORS = 10


class WorksheetError(Exception):
    """A worksheet cannot be taken in; a line for each error, with file and line."""


def write_pairs(path: Path, pairs: Iterable[tuple[Printed, Printed]]) -> None:
    """Write a worksheet of joined pairs. Raises FileExistsError rather than overwrite answers."""
    columns = ["left", "right", "left_url", "right_url"]
    columns += [f"{side}_{name}" for name in FIELDS for side in ("left", "right")]
    _write(
        path,
        [*columns, SAME],
        (
            [one.id, other.id, one.url, other.url]
            + [side.fields[name] for name in FIELDS for side in (one, other)]
            + [""]
            for one, other in pairs
        ),
    )


def write_listings(path: Path, listings: Iterable[Printed]) -> None:
    """Write a worksheet of listings. Raises FileExistsError rather than overwrite answers."""
    columns = ["listing", "url"]
    columns += [column for name in FIELDS for column in (name, _right(name))]
    _write(
        path,
        [*columns, OFFERS_COLUMN],
        (
            [one.id, one.url, *(cell for name in FIELDS for cell in (one.fields[name], "")), ""]
            for one in listings
        ),
    )


def read_worksheet(path: Path, known: Callable[[str], bool]) -> list[HandCheck]:
    """The answers of a filled worksheet of either kind; columns somebody added do not matter.

    `known` says whether there is a listing of that id. Raises WorksheetError for a file that is no
    worksheet, and for every line that has an unknown listing, an answer that is none, or a pair or
    listing that stands there twice.
    """
    columns, rows = _read(path)
    if "left" in columns:
        ids, answers = ["left", "right"], {SAME: JOINED}
    else:
        ids = ["listing"]
        answers = {**{_right(name): name for name in FIELDS}, OFFERS_COLUMN: OFFERS}
    missing = [name for name in (*ids, *answers) if name not in columns]
    if missing:
        raise WorksheetError(f"{path} line 1: no column {', '.join(missing)}")
    found: list[HandCheck] = []
    wrong: list[str] = []
    seen: dict[tuple[str, ...], int] = {}
    for line, row in rows:
        key = tuple(sorted(row[name] for name in ids))
        problems = [f"no listing {one or '(empty)'}" for one in key if not known(one)]
        if len(set(key)) < len(ids):
            problems.append("both are one listing")
        if key in seen:
            problems.append(f"stands in line {seen[key]} already")
        seen.setdefault(key, line)
        for column, field in answers.items():
            said = row[column].lower()
            if said in _WORDS:
                found.append(
                    HandCheck(key[0], key[1] if len(key) > 1 else None, field, _WORDS[said])
                )
            elif said:
                problems.append(f"{column} is {row[column]!r}: write {_choice(field)} or nothing")
        wrong += [f"{path} line {line}: {problem}" for problem in problems]
    if wrong:
        more = [f"and {len(wrong) - _MOST_ERRORS} more"] if len(wrong) > _MOST_ERRORS else []
        raise WorksheetError("\n".join(wrong[:_MOST_ERRORS] + more))
    return found


def _choice(field: str) -> str:
    return "same, different, ?" if field == JOINED else "y, n, ?"


def _right(name: str) -> str:
    return f"{name}_right"


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    # With its mark: spreadsheets take UTF-8 without one for something else.
    with path.open("x", encoding="utf-8-sig", newline="") as handle:
        sheet = csv.writer(handle)
        sheet.writerow(columns)
        sheet.writerows([_harmless(cell) for cell in row] for row in rows)


def _harmless(cell: str) -> str:
    """The cell as text: what a directory prints must not be a formula in somebody's spreadsheet."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _read(path: Path) -> tuple[list[str], Iterator[tuple[int, dict[str, str]]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise WorksheetError(f"{path} is not UTF-8: save it as CSV UTF-8") from error
    except OSError as error:
        raise WorksheetError(f"{path} cannot be read ({error.strerror})") from error
    first = text.partition("\n")[0]
    # Spreadsheets of many countries separate by semicolons.
    separator = ";" if first.count(";") > first.count(",") else ","
    sheet = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        columns = [cell.strip() for cell in next(sheet, [])]
        lines = [(sheet.line_num, [cell.strip() for cell in row]) for row in sheet]
    except csv.Error as error:
        raise WorksheetError(f"{path} line {sheet.line_num}: is no CSV ({error})") from error
    full = ((number, row) for number, row in lines if any(row))
    return columns, (
        (number, dict(zip(columns, [*row, *[""] * len(columns)], strict=False)))
        for number, row in full
    )
