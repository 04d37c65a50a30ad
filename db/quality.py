"""How good the published data are: the goals G1 to G14, each with the query that proves its number.

Every number is computed from the public file alone, so that anybody can compute it again. What
cannot be, or is not measured yet, says so and has no number: an empty field is no zero.
"""
# ruff: noqa: S608 - the queries are put together from this file's own words only

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import dedent

from db.freshness import FLAG_AFTER_DAYS, HIDE_AFTER_DAYS
from db.nearest import haversine_miles

_TIME = "'%Y-%m-%dT%H:%M:%SZ'"


@dataclass(frozen=True, slots=True)
class Goal:
    """One number the site publishes about itself. `sql` gives numerator and denominator."""

    goal: str
    part: str
    title: str
    target: str
    note: str
    sql: str | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """A goal with its numbers in one release; None where it is not measured."""

    goal: str
    part: str
    title: str
    numerator: int | None
    denominator: int | None
    percent: float | None
    """100 × numerator / denominator, to a tenth; None too where there is nothing to count."""
    target: str
    as_of: str
    """When the release was built: UTC, ISO 8601."""
    sql: str | None
    note: str


def _since(days: int) -> str:
    return f"strftime({_TIME}, release.built_at, '-{days} days')"


def _seen(condition: str) -> str:
    return f"""\
        select coalesce(sum({condition}), 0) as numerator, count(*) as denominator
        from location cross join release"""


def _level(condition: str) -> str:
    return f"""\
        select coalesce(sum({condition}), 0) as numerator, count(*) as denominator
        from location"""


def _covered(miles: int) -> str:
    # A degree of latitude is a little over 69 miles; 1 - x²/2 is never more than the cosine, so the
    # box is never too narrow, and the distance decides. CROSS JOIN keeps SQLite from reading all
    # locations for every town where the file has no statistics yet: 40 seconds instead of 0.1.
    wide = f"{miles} / (69.0 * (1 - 0.0001523087 * place.latitude * place.latitude))"
    return f"""\
        select coalesce(sum(case when exists (
          select 1 from location_rtree
          cross join location on location.id = location_rtree.id
          where location_rtree.min_latitude <= place.latitude + {miles} / 69.0
            and location_rtree.max_latitude >= place.latitude - {miles} / 69.0
            and location_rtree.min_longitude <= place.longitude + {wide}
            and location_rtree.max_longitude >= place.longitude - {wide}
            and location.last_seen >= {_since(HIDE_AFTER_DAYS)}
            and haversine_miles(place.latitude, place.longitude,
                                location.latitude, location.longitude) <= {miles}
        ) then place.population end), 0) as numerator,
               coalesce(sum(place.population), 0) as denominator
        from place cross join release
        where place.kind = 'city' and place.country = 'US' and place.population > 0"""


_NOT_YET = "Not measured yet: "

GOALS: tuple[Goal, ...] = (
    Goal(
        "G1", "", "Listings seen at their source in the last 30 days", "at least 90 %",
        "Seen at the source, which is not the same as true. Only G13 measures truth. Days are"
        " counted from the build of the release.",
        f"""\
        select coalesce(sum(listing.last_seen >= {_since(30)}), 0) as numerator,
               count(*) as denominator
        from listing cross join release""",
    ),
    Goal(
        "G2", "current", f"Places seen in the last {FLAG_AFTER_DAYS} days, shown as current",
        "no older one is shown as current",
        "The finder shows these without a remark.",
        _seen(f"location.last_seen >= {_since(FLAG_AFTER_DAYS)}"),
    ),
    Goal(
        "G2", "flagged",
        f"Places last seen {FLAG_AFTER_DAYS} to {HIDE_AFTER_DAYS} days ago, flagged",
        "all of them flagged",
        "The finder shows these with the day they were last seen.",
        _seen(
            f"location.last_seen < {_since(FLAG_AFTER_DAYS)}"
            f" and location.last_seen >= {_since(HIDE_AFTER_DAYS)}"
        ),
    ),
    Goal(
        "G2", "hidden", f"Places last seen over {HIDE_AFTER_DAYS} days ago, hidden",
        "all of them hidden",
        "The finder leaves these out; they stay in the tables.",
        _seen(f"location.last_seen < {_since(HIDE_AFTER_DAYS)}"),
    ),
    Goal(
        "G3", "address", "Places with a point at their address", "at least 70 %",
        "Printed by the directory and plausible, or found for the building or the street.",
        _level("location.precision in ('source', 'rooftop', 'street')"),
    ),
    Goal(
        "G3", "postcode", "Places known by the centre of their ZIP code", "reported",
        "Shown as an area, never as a pin.",
        _level("location.precision is 'postcode'"),
    ),
    Goal(
        "G3", "city", "Places known by the centre of their town", "reported",
        "Shown as an area, never as a pin.",
        _level("location.precision is 'city'"),
    ),
    Goal(
        "G3", "none", "Places without a point", "at most 3 %",
        "In the tables only: a search by distance cannot find them.",
        _level("location.latitude is null"),
    ),
    Goal(
        "G4", "", "Listings with a telephone whose place has a number in E.164", "at least 98 %",
        "The form is checked, not who answers. The number as printed is kept.",
        """\
        select coalesce(sum(coalesce(location.phone glob '+[1-9]*'
                        and substr(location.phone, 2) not glob '*[^0-9]*'
                        and length(location.phone) between 8 and 16, 0)), 0) as numerator,
               count(*) as denominator
        from listing join location on location.id = listing.location_id
        where listing.printed_phone <> ''""",
    ),
    Goal(
        "G5", "", "Websites that answered in the last 30 days", "reported",
        _NOT_YET + "websites are published as printed; nobody asks them yet.",
    ),
    Goal(
        "G6", "", "Pairs joined or kept apart rightly, in a sample of 200 judged by hand",
        "precision 99 %, recall 90 %",
        _NOT_YET + "it takes people who judge real pairs.",
    ),
    Goal(
        "G7", "", "Listings gone from their source that are published no longer than 7 days on",
        "within two good runs",
        "Counted among listings the last good run of their source did not have. Gone for three"
        " good runs they are taken out, so these are the ones still shown.",
        f"""\
        select coalesce(sum(listing.last_seen >= {_since(7)}), 0) as numerator,
               count(*) as denominator
        from listing cross join release where listing.status = 'missing'""",
    ),
    Goal(
        "G8", "", "Reports of readers answered within 5 business days", "at least 80 %",
        _NOT_YET + "the public file holds no reports.",
    ),
    Goal(
        "G9", "", "Opt-outs that reappeared", "0",
        "No number can be given from the public file, since the list of opt-outs is private and"
        " holds hashes only. Every listing is held against it before it is stored and again before"
        " it is published, and left out if it is covered.",
    ),
    Goal(
        "G10", "", "Certificates shown with issuer, label, source address and dates", "100 %",
        "What lacks one of them should not be shown.",
        """\
        select coalesce(sum(certification.issuer <> '' and certification.label <> ''
                   and listing.seen_url <> '' and certification.first_seen <> ''
                   and certification.seen <> ''), 0) as numerator,
               count(*) as denominator
        from certification join listing on listing.id = certification.listing_id""",
    ),
    Goal(
        "G11", "", "States whose rule for physical therapists speaks for the last 180 days",
        "at least 80 %",
        "By the last date the source speaks for; a year or month alone counts from its first day."
        " Not every source is the law's own text, so the share with a primary source is lower.",
        """\
        select coalesce(sum(substr(state_rule.as_of || '-01-01', 1, 10)
                            >= date(release.built_at, '-180 days')), 0) as numerator,
               count(*) as denominator
        from state_rule cross join release where state_rule.profession = 'physical_therapist'""",
    ),
    Goal(
        "G12", "", "Statements about insurance with a source and a check date under 365 days",
        "100 %",
        _NOT_YET + "the public file makes no statements about insurance.",
    ),
    Goal(
        "G13", "", "A random 100 listings checked by telephone or mail, every quarter", "reported",
        _NOT_YET + "planned. It alone measures whether what is listed is true.",
    ),
    Goal(
        "G14", "25", "People in towns within 25 miles of a place the finder shows", "reported",
        "By the inhabitants of towns, whose populations the gazetteer has; it has none of ZIP"
        " codes, and people outside towns are not counted. A gap is ours as often as the field's.",
        _covered(25),
    ),
    Goal(
        "G14", "50", "People in towns within 50 miles of a place the finder shows", "reported",
        "As for 25 miles.",
        _covered(50),
    ),
)  # fmt: skip


def measure(connection: sqlite3.Connection) -> Iterator[Measured]:
    """The goals in the release that stands in an open public database.

    Needs the search index and the gazetteer's tables. Nothing where no release stands in it.
    """
    connection.create_function("haversine_miles", 4, haversine_miles, deterministic=True)
    built = connection.execute("select built_at from release").fetchone()
    if built is None:
        return
    for goal in GOALS:
        sql = dedent(goal.sql) if goal.sql else None
        numerator: int | None = None
        denominator: int | None = None
        percent: float | None = None
        if sql:
            numerator, denominator = map(int, connection.execute(sql).fetchone())
            percent = round(100 * numerator / denominator, 1) if denominator else None
        yield Measured(
            goal.goal, goal.part, goal.title, numerator, denominator, percent, goal.target,
            str(built[0]), sql, goal.note,
        )  # fmt: skip


def store_quality(connection: sqlite3.Connection) -> None:
    """Measure the release and write it into its table `quality`. The caller commits."""
    names = Measured.__slots__
    connection.executemany(
        f"insert into quality ({', '.join(names)}) values ({', '.join('?' * len(names))})",
        [[getattr(one, name) for name in names] for one in measure(connection)],
    )


def quality(connection: sqlite3.Connection) -> list[Measured]:
    """What `store_quality` wrote, in the order of the goals."""
    cursor = connection.cursor()
    # Datasette's connections give sqlite3.Row.
    cursor.row_factory = None
    cursor.execute(f"select {', '.join(Measured.__slots__)} from quality order by rowid")
    return [Measured(*row) for row in cursor]
