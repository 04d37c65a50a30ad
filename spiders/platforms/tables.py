"""Tables whose headings say what their columns are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from parsel import Selector

from records.text import plain
from spiders.platforms.fields import field_for, heading_key

#: What tells people apart, and where or how they are reached: a listing has both.
_WHO = frozenset({"name", "given", "family", "practice"})
_WHERE = frozenset(
    {"address", "street", "city", "state", "postcode", "phone", "email", "website"}
)  # fmt: skip
_MOST_COLUMNS = 60
_MOST_ROWS = 50_000
#: A course or a price list has names and towns as well.
_OFFERS = frozenset(
    """price prices cost costs fee fees tuition register registration seats dates date start
    start_date end_date time ceus hours amount""".split()
)
#: Titles and filters may stand above the headings.
_HEADING_ROWS = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table under its headings."""

    cells: tuple[tuple[str, Selector], ...]
    """(heading, cell) in printed order."""
    group: str | None
    """The text of the row across the whole table above it: a state, a level."""


def rows_of(table: Selector, columns: Mapping[str, str]) -> list[Row]:
    """The rows of a table with the headings of a directory, or none for any other table."""
    grid = list(_grid(table))
    for place, line in enumerate(grid[:_HEADING_ROWS]):
        headings = [plain(cell.get() or "") if cell is not None else "" for cell in line]
        if _are_headings(headings, columns):
            return list(_below(grid[place + 1 :], headings))
    return []


def _are_headings(headings: list[str], columns: Mapping[str, str]) -> bool:
    if any(len(heading) > 60 for heading in headings):
        return False
    if any(heading_key(heading).replace(" ", "_") in _OFFERS for heading in headings):
        return False
    known = {field_for(heading, columns) for heading in headings if heading}
    return bool(known & _WHO) and bool(known & _WHERE)


def _below(grid: list[list[Selector | None]], headings: list[str]) -> Iterator[Row]:
    group: str | None = None
    for line in grid:
        texts = [plain(cell.get() or "") if cell is not None else "" for cell in line]
        if texts[: len(headings)] == headings or not any(texts):
            continue
        whole = {id(cell.root) for cell in line if cell is not None}
        if len(whole) == 1 and len(headings) > 1:
            group = next(text for text in texts if text)
            continue
        pairs = zip(headings, line, strict=False)
        cells = tuple((heading, cell) for heading, cell in pairs if cell is not None and heading)
        yield Row(cells, group)


def _grid(table: Selector) -> Iterator[list[Selector | None]]:
    """Rows of cells with every rowspan and colspan filled in; nested tables stay in their cell."""
    hanging: dict[int, tuple[int, Selector]] = {}
    for number, line in enumerate(table.xpath("./tr|./thead/tr|./tbody/tr|./tfoot/tr")):
        if number >= _MOST_ROWS:
            return
        cells: list[Selector | None] = []
        for cell in line.xpath("./td|./th"):
            _fill(cells, hanging)
            rows, wide = _span(cell, "rowspan", _MOST_ROWS), _span(cell, "colspan", _MOST_COLUMNS)
            for _ in range(min(wide, _MOST_COLUMNS - len(cells))):
                if rows > 1:
                    hanging[len(cells)] = (rows - 1, cell)
                cells.append(cell)
        _fill(cells, hanging)
        yield cells


def _fill(cells: list[Selector | None], hanging: dict[int, tuple[int, Selector]]) -> None:
    """Put in the cells that reach down from rows above."""
    while len(cells) in hanging:
        left, cell = hanging.pop(len(cells))
        if left > 1:
            hanging[len(cells)] = (left - 1, cell)
            # Read again for the next row only.
            cells.append(cell)
            continue
        cells.append(cell)


def _span(cell: Selector, name: str, most: int) -> int:
    value = cell.attrib.get(name, "")
    return max(1, min(int(value), most)) if value.isascii() and value.isdecimal() else 1
