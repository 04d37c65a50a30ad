"""Checking practitioners with the register: all of them with the monthly file, or a few by API."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from sqlite_utils import Database

from db.listing_keys import name_key
from db.registry_matches import (
    RegistryMatch,
    drop_unknown,
    longest_unchecked,
    store_matches,
    to_check,
)
from db.registry_store import (
    Asked,
    Load,
    Row,
    add,
    as_json,
    begin_load,
    candidates,
    end_load,
    pairs,
)
from registry.api import RegistryApi, RegistryRefused, RegistryTrouble
from registry.bulk import BulkFile
from registry.judge import Person, judge
from registry.record import Record, Slot

CHUNK = 5000
"""Practitioners judged at a time, so that memory does not grow with their number."""


@dataclass(slots=True)
class Verified:
    """What checking found: practitioners by judgement."""

    judgements: Counter[str] = field(default_factory=Counter)
    not_covered: int = 0
    """Practices, other professions, nobody's state known: the register was not asked."""
    refused: int = 0
    """Questions the register did not take."""
    trouble: str | None = None
    """Why asking ended early."""

    @property
    def checked(self) -> int:
        return self.judgements.total()


def load_file(
    registry: sqlite3.Connection,
    file: BulkFile,
    now: str,
    progress: Callable[[Load], None] = lambda _load: None,
) -> Load:
    """Load the people who count, going on where a stopped load of the same file ended.

    A file that was loaded before is not read again. `progress` is told after every batch. Raises
    BulkError when the file cannot be read; what was loaded before it stays in use.
    """
    load = begin_load(registry, file.fingerprint, file.path.name, now)
    if load.finished_at:
        return load
    progress(load)
    for batch in file.batches(load.bytes_read):
        load.bytes_read = batch.offset
        load.rows += batch.rows
        load.inactive += batch.inactive
        load.unreadable += batch.unreadable
        load.kept += len(batch.records)
        add(registry, (_row(record) for record in batch.records), load)
        progress(load)
    end_load(registry, load, now)
    return load


def verify_all(
    db: Database,
    registry: sqlite3.Connection,
    load: Load,
    checked_on: str,
    progress: Callable[[int], None] = lambda _count: None,
) -> Verified:
    """Match every practitioner with the loaded file and store the outcomes.

    `progress` is told how many practitioners were looked at since the last call.
    """
    done = Verified()
    after = ""
    while chunk := to_check(db, after, CHUNK):
        after = chunk[-1][0]
        people = {key: person for key, halves in chunk if (person := Person.of(key, halves))}
        done.not_covered += len(chunk) - len(people)
        found = dict.fromkeys(people, ())
        matches = []
        asked = (_asked(person) for person in people.values())
        for key, records in candidates(registry, asked):
            del found[key]
            matches.append(
                _match(people[key], [_record(one) for one in records], checked_on, load.file)
            )
        matches += [_match(people[key], [], checked_on, load.file) for key in found]
        store_matches(db, matches)
        done.judgements.update(one.judgement for one in matches)
        progress(len(chunk))
    drop_unknown(db)
    return done


def verify_few(
    db: Database,
    api: RegistryApi,
    most: int,
    checked_on: str,
    progress: Callable[[int], None] = lambda _count: None,
) -> Verified:
    """Ask the API for `most` practitioners, the never checked first; each outcome is stored at
    once, so that it may be stopped at any time. Ends early, and says why, in trouble."""
    done = Verified()
    for key, halves in longest_unchecked(db, most):
        person = Person.of(key, halves)
        if person is None:
            done.not_covered += 1
        else:
            try:
                match = _match(person, _ask(api, person), checked_on, "api")
            except RegistryRefused:
                done.refused += 1
            except RegistryTrouble as trouble:
                done.trouble = str(trouble)
                break
            else:
                store_matches(db, [match])
                done.judgements[match.judgement] += 1
        progress(1)
    drop_unknown(db)
    return done


def _ask(api: RegistryApi, person: Person) -> list[Record]:
    found: dict[str, Record] = {}
    for npi in sorted(person.npis):
        found |= {record.npi: record for record in api.of_number(npi)}
    for family, given in sorted(person.written, key=str):
        for state in sorted(person.states):
            found |= {record.npi: record for record in api.of_name(family, given, state)}
    return list(found.values())


def _asked(person: Person) -> Asked:
    names = {(family, state) for family, _, _ in person.names for state in person.states}
    return Asked(person.id, names, person.npis)


def _match(
    person: Person, records: list[Record], checked_on: str, checked_with: str
) -> RegistryMatch:
    judged = judge(person, records)
    return RegistryMatch(
        practitioner_id=person.id,
        judgement=judged.judgement,
        evidence=judged.evidence,
        checked_on=checked_on,
        checked_with=checked_with,
        npi=judged.record.npi if judged.record else None,
        taxonomy=judged.slot.code if judged.slot else None,
        profession=judged.slot.profession if judged.slot else None,
        state=judged.state,
        updated_on=judged.record.updated_on if judged.record else None,
    )


def _row(record: Record) -> Row:
    by = pairs((name_key(family), state) for family in record.families for state in record.states)
    return Row(record.npi, as_json(asdict(record)), by)


def _record(text: str) -> Record:
    values = json.loads(text)
    values["slots"] = tuple(Slot(**slot) for slot in values["slots"])
    values["other_names"] = tuple((family, given) for family, given in values["other_names"])
    return Record(**values)
