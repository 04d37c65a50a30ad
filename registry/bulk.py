"""The register's monthly file (V2 layout), streamed: a .zip of some ten gigabytes, or its .csv.

About 330 columns are read by their names in the header. Nine rows in ten are of other professions:
they are told by their bytes alone and never split into columns, which is what makes eight million
rows a matter of minutes.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

from registry.record import Record, Slot, active, day, e164, is_npi, text, us_state, zip5
from registry.taxonomy import PREFIXES, needles

BATCH_ROWS = 50_000
"""Rows read between two places a load can go on from."""
_LONGEST_LINE = 1 << 20
_BUFFER = 1 << 20
_SLOTS = 15
_MAIN_FILE = re.compile(r"(?:^|/)npidata_pfile_[^/]*\.csv$", re.I)
_NEEDED = (
    "NPI", "Entity Type Code", "Provider Last Name (Legal Name)", "Provider First Name",
    "Provider Business Practice Location Address State Name",
    "Provider Business Practice Location Address Postal Code",
    "Healthcare Provider Taxonomy Code_1", "NPI Deactivation Date",
)  # fmt: skip
_PLACE = "Provider Business Practice Location Address"


class BulkError(Exception):
    """The file is not the register's monthly file, or it is damaged; says what to do."""


@dataclass(slots=True)
class Batch:
    """Some rows of the file, read."""

    offset: int
    """Bytes of the unpacked file up to here; a load can go on from this place."""
    rows: int = 0
    inactive: int = 0
    """Rows of a counting profession whose number is not in force."""
    unreadable: int = 0
    """Rows with another number of columns than the header."""
    records: list[Record] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class BulkFile:
    """The main file inside `path`. Make it with `open_bulk`."""

    path: Path
    member: str | None
    """Its name in the archive; None where `path` is the CSV itself."""
    size: int
    """Bytes, unpacked."""
    fingerprint: str
    """The same for the same file: a load goes on only with the file it began with."""

    def batches(self, start: int = 0, rows: int = BATCH_ROWS) -> Iterator[Batch]:
        """The rows from byte `start` (a `Batch.offset` of before, or 0), in batches.

        Raises BulkError for a header without the columns that are needed and for a damaged file.
        """
        try:
            with self._stream() as stream:
                header = _header(stream.readline(_LONGEST_LINE))
                if start:
                    stream.seek(start)
                yield from _batches(stream, _Columns(header), start or stream.tell(), rows)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise BulkError(f"{self.path} is damaged: {error}. Fetch it again.") from error
        except NotImplementedError as error:
            raise BulkError(
                f"{self.path} is packed in a way that cannot be read here: unpack it, and give the"
                " npidata_pfile_….csv"
            ) from error

    @contextmanager
    def _stream(self) -> Iterator[IO[bytes]]:
        if self.member is None:
            with self.path.open("rb", buffering=_BUFFER) as plain:
                yield plain
        else:
            with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as packed:
                # ZipExtFile reads lines in Python, the buffer around it in C.
                yield io.BufferedReader(packed, _BUFFER)  # type: ignore[type-var]


def open_bulk(path: Path) -> BulkFile:
    """The main file of a monthly .zip, or the .csv. Raises BulkError when it is neither."""
    try:
        stat = path.stat()
        if not zipfile.is_zipfile(path):
            if path.suffix.lower() == ".zip":
                raise BulkError(f"{path} is not a whole .zip file. Fetch it again.")
            marks = f"{path.name} {stat.st_size} {stat.st_mtime_ns}"
            return BulkFile(path, None, stat.st_size, marks)
        with zipfile.ZipFile(path) as archive:
            parts = [
                one
                for one in archive.infolist()
                if _MAIN_FILE.search(one.filename) and "fileheader" not in one.filename.lower()
            ]
    except (OSError, zipfile.BadZipFile) as error:
        raise BulkError(f"{path} cannot be read: {error}") from error
    if not parts:
        raise BulkError(f"{path} has no npidata_pfile_….csv in it; is it the NPPES monthly file?")
    main = max(parts, key=lambda one: one.file_size)
    return BulkFile(
        path, main.filename, main.file_size, f"{main.filename} {main.file_size} {main.CRC:08x}"
    )


def _header(line: bytes) -> list[str]:
    names = next(csv.reader([line.decode("utf-8-sig", "replace")]), [])
    names = [name.strip() for name in names]
    absent = [name for name in _NEEDED if name not in names]
    if absent:
        raise BulkError(
            f"the file's header lacks {', '.join(absent[:3])}"
            f"{' and more' if len(absent) > 3 else ''}: it is not the NPPES main file (V2)"
        )
    return names


def _batches(
    stream: IO[bytes], columns: _Columns, offset: int, rows_a_batch: int
) -> Iterator[Batch]:
    batch = Batch(offset)
    # Any profession's code must stand in the row. Found in a telephone number by chance, it costs
    # one splitting; quotes are left out so that a file written anew without them reads the same.
    marks = [start.encode() for start in PREFIXES]
    readline = partial(stream.readline, _LONGEST_LINE)
    for line in iter(readline, b""):
        whole = line
        if line.count(b'"') & 1:
            whole = _joined(line, readline, offset)
        offset += len(whole)
        batch.rows += 1
        for mark in marks:
            if mark in whole:
                columns.read(whole, batch)
                break
        if batch.rows >= rows_a_batch:
            batch.offset = offset
            yield batch
            batch = Batch(offset)
    if batch.rows:
        batch.offset = offset
        yield batch


def _joined(line: bytes, readline: partial[bytes], offset: int) -> bytes:
    """A row with a line break inside a value, whole."""
    while line.count(b'"') & 1:
        more = readline()
        if not more or len(line) > _LONGEST_LINE:
            raise BulkError(f"a quoted value that begins after byte {offset:,} never ends")
        line += more
    return line


class _Columns:
    """Where the columns that are needed stand in this file."""

    def __init__(self, header: list[str]) -> None:
        self._width = len(header)
        self._at = {name: place for place, name in enumerate(header)}
        self._slots = [
            tuple(
                self._at.get(f"{name}_{number}")
                for name in (
                    "Healthcare Provider Taxonomy Code", "Provider License Number",
                    "Provider License Number State Code",
                    "Healthcare Provider Primary Taxonomy Switch",
                )
            )
            for number in range(1, _SLOTS + 1)
        ]  # fmt: skip

    def read(self, line: bytes, batch: Batch) -> None:
        """Add what the row says to the batch."""
        try:
            words = line.decode("utf-8")
        except UnicodeDecodeError:
            words = line.decode("latin-1")
        try:
            row = next(csv.reader(io.StringIO(words, newline="")), [])
        except csv.Error:
            row = []
        if len(row) != self._width:
            batch.unreadable += 1
            return
        if row[self._at["Entity Type Code"]].strip() != "1":
            return
        slots = tuple(self._slots_of(row))
        if not needles(slot.code for slot in slots):
            return
        number = row[self._at["NPI"]].strip()
        family = text(row[self._at["Provider Last Name (Legal Name)"]])
        if not is_npi(number) or family is None:
            batch.unreadable += 1
            return
        given_back = day(self._value(row, "NPI Reactivation Date"))
        if not active(day(self._value(row, "NPI Deactivation Date")), given_back):
            batch.inactive += 1
            return
        batch.records.append(self._record(row, number, family, slots))

    def _record(self, row: list[str], number: str, family: str, slots: tuple[Slot, ...]) -> Record:
        value = partial(self._value, row)
        other = text(value("Provider Other Last Name"))
        return Record(
            npi=number,
            family=family,
            given=text(value("Provider First Name")),
            middle=text(value("Provider Middle Name")),
            suffix=text(value("Provider Name Suffix Text")),
            other_names=((other, text(value("Provider Other First Name"))),) if other else (),
            street=text(value("Provider First Line Business Practice Location Address")),
            city=text(value(f"{_PLACE} City Name")),
            state=us_state(value(f"{_PLACE} State Name")),
            postcode=zip5(value(f"{_PLACE} Postal Code")),
            phone=e164(value(f"{_PLACE} Telephone Number")),
            updated_on=day(value("Last Update Date")),
            slots=slots,
        )

    def _value(self, row: list[str], name: str) -> str | None:
        place = self._at.get(name)
        return None if place is None else row[place]

    def _slots_of(self, row: list[str]) -> Iterator[Slot]:
        for code, licence, state, switch in self._slots:
            if code is None or not row[code]:
                continue
            yield Slot(
                code=row[code].strip().upper(),
                licence=text(row[licence]) if licence is not None else None,
                state=us_state(row[state]) if state is not None else None,
                primary=switch is not None and row[switch].strip() == "Y",
            )
