"""Migrations 1 to 7: what sources list, run by run, who is who, and who opted out.

Never edited once released. Later ones are in `db.migrations`, which the working store applies.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

schema = Migrations("needlepoint")


@schema()
def m0001_runs(db: Database) -> None:
    """One row per crawl of one source, with its verdict, and the checks behind it."""
    db.table("source").create(
        {
            "id": str,
            "title": str,
            "sheet": str,  # the fact sheet as JSON, as of the last run
            "platform": str,
            "evidence": str,
            "directory_url": str,
            "last_run_id": str,
            "last_good_run_id": str,
        },
        pk="id",
        not_null={"title", "sheet"},
        strict=True,
    )
    db.table("run").create(
        {
            "id": str,
            "source_id": str,
            "started_at": str,
            "finished_at": str,
            "platform": str,
            "pages": int,
            "listings": int,
            "hidden": int,
            "expected": int,
            "expected_by": str,
            "added": int,
            "changed": int,
            "missing": int,
            "returned": int,
            "retired": int,
            "verdict": str,
            "reason": str,
            "stats": str,
        },
        pk="id",
        foreign_keys=[("source_id", "source", "id")],
        not_null={"source_id", "started_at", "finished_at", "verdict", "reason"},
        strict=True,
    )
    db.table("run").create_index(["source_id", "started_at"])
    db.table("run_check").create(
        {
            "run_id": str,
            "name": str,
            "required": str,
            "found": str,
            "passed": int,
            "note": str,
        },
        pk=("run_id", "name"),
        foreign_keys=[("run_id", "run", "id")],
        not_null={"required", "found", "passed"},
        strict=True,
    )
    db.table("held_run").create(
        {"run_id": str, "bundle": bytes, "held_at": str},
        pk="run_id",
        foreign_keys=[("run_id", "run", "id")],
        not_null={"bundle", "held_at"},
        strict=True,
    )


@schema()
def m0002_listings(db: Database) -> None:
    """What each source lists now or listed once, printed beside clean, and what changed."""
    db.table("listing").create(
        {
            "id": str,
            "source_id": str,
            "native_id": str,
            "printed": str,  # JSON of the printed half
            "clean": str,  # JSON of what the stages understood
            "source_hash": str,
            "status": str,  # listed | missing | retired
            "missing_runs": int,
            "first_seen": str,
            "last_seen": str,
            "changed_at": str,
            "run_id": str,
            "latitude": float,
            "longitude": float,
            "precision": str,
            "point_from": str,
            "point_note": str,
        },
        pk="id",
        foreign_keys=[("source_id", "source", "id"), ("run_id", "run", "id")],
        not_null={
            "source_id",
            "native_id",
            "printed",
            "clean",
            "source_hash",
            "status",
            "missing_runs",
            "first_seen",
            "last_seen",
            "run_id",
        },
        strict=True,
    )
    db.table("listing").create_index(["source_id", "status"])
    db.table("listing_event").create(
        {
            "id": int,
            "listing_id": str,
            "run_id": str,
            "kind": str,  # added | changed | missing | returned | retired
            "field": str,
            "before": str,
            "after": str,
        },
        pk="id",
        foreign_keys=[("run_id", "run", "id")],
        not_null={"listing_id", "run_id", "kind"},
        strict=True,
    )
    db.table("listing_event").create_index(["listing_id"])
    db.table("listing_event").create_index(["run_id"])


@schema()
def m0003_places(db: Database) -> None:
    """Every geocoding answer, including 'nothing found', so that no line is asked twice."""
    db.table("place_cache").create(
        {
            "query": str,
            "provider": str,
            "outcome": str,  # found | nothing
            "precision": str,
            "latitude": float,
            "longitude": float,
            "matched": str,
            "fetched_at": str,
        },
        pk=("query", "provider"),
        not_null={"outcome", "fetched_at"},
        strict=True,
    )


@schema()
def m0004_people(db: Database) -> None:
    """Decisions about pairs of listings, and the ids practitioners keep from run to run."""
    db.table("match_decision").create(
        {
            "id": int,
            "left": str,
            "right": str,
            "judgement": str,  # same | different | cannot_tell
            "score": float,
            "evidence": str,
            "by": str,
            "created_at": str,
            "deleted_at": str,
        },
        pk="id",
        not_null={"left", "right", "judgement", "evidence", "by", "created_at"},
        strict=True,
    )
    db.table("match_decision").create_index(["left", "right"])
    db.table("practitioner").create(
        {"id": str, "minted_from": str, "minted_at": str},
        pk="id",
        not_null={"minted_from", "minted_at"},
        strict=True,
    )
    db.table("membership").create(
        {"listing_id": str, "practitioner_id": str},
        pk="listing_id",
        foreign_keys=[
            ("listing_id", "listing", "id"),
            ("practitioner_id", "practitioner", "id"),
        ],
        not_null={"practitioner_id"},
        strict=True,
    )
    db.table("membership").create_index(["practitioner_id"])
    db.table("practitioner_alias").create(
        {"old_id": str, "new_id": str, "since": str},  # no new_id: removed for good
        pk="old_id",
        not_null={"since"},
        strict=True,
    )


@schema()
def m0005_opt_outs(db: Database) -> None:
    """People who asked not to be listed: hashes only, so that the list names nobody."""
    db.table("suppression").create(
        {"hash": str, "what": str, "since": str},
        pk="hash",
        not_null={"what", "since"},
        strict=True,
    )


@schema()
def m0006_registry(db: Database) -> None:
    """What checking a practitioner with the federal register of providers gave, and why."""
    db.table("registry_match").create(
        {
            "practitioner_id": str,
            "npi": str,
            "judgement": str,  # same | cannot_tell | not_found
            "evidence": str,
            "checked_on": str,
            "checked_with": str,  # api, or the name of the monthly file
            "taxonomy": str,
            "profession": str,
            "state": str,
            "updated_on": str,
        },
        pk="practitioner_id",
        foreign_keys=[("practitioner_id", "practitioner", "id")],
        not_null={"judgement", "evidence", "checked_on", "checked_with"},
        strict=True,
    )


@schema()
def m0007_accepted_runs(db: Database) -> None:
    """Who believed a doubtful run or took that back, and what is needed to take it back."""
    db.table("run_decision").create(
        {
            "id": int,
            "run_id": str,
            "decision": str,  # accepted | taken_back
            "reason": str,
            "by": str,
            "decided_at": str,
        },
        pk="id",
        foreign_keys=[("run_id", "run", "id")],
        not_null={"run_id", "decision", "reason", "by", "decided_at"},
        strict=True,
    )
    db.table("accepted_run").create(
        {
            "run_id": str,
            "bundle": bytes,
            "before": bytes,  # the source's listings as they were, packed
            "doubt": str,  # what the gate had said
        },
        pk="run_id",
        foreign_keys=[("run_id", "run", "id")],
        not_null={"bundle", "before", "doubt"},
        strict=True,
    )
    # An event of a run that was taken back did not happen; it stays as a record of what was shown.
    db.table("listing_event").add_column("taken_back_at", str)
