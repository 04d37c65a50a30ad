"""What the goals G1 to G14 count, each with the query that proves its number.

The queries read the public file alone, so that anybody can ask them again. What cannot be measured
says so and has no query.
"""
# ruff: noqa: S608 - the queries are put together from this file's own words only

from __future__ import annotations

from dataclasses import dataclass

from db.freshness import FLAG_AFTER_DAYS, HIDE_AFTER_DAYS

#: So old may a check be to count. Entries are compared every quarter; how they are joined changes
#: more slowly.
LINK_DAYS = 30
LISTING_DAYS = 100
PAIR_DAYS = 365

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
    nothing_yet: str = ""
    """Said instead of 0 of 0 where the number comes from a sample and nobody has taken one."""
    needs: tuple[str, str] | None = None
    """Table and column without which it is not measured."""


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


def _answering(condition: str) -> str:
    return f"""\
        select coalesce(sum(link_check.answer in ('2xx', '3xx')), 0) as numerator,
               count(*) as denominator, max(date(link_check.checked_at)) as checked_on
        from link_check cross join release
        where link_check.answer <> 'not_asked' and {condition}
          and link_check.checked_at >= {_since(LINK_DAYS)}"""


def _compared(condition: str) -> str:
    return f"""\
        select coalesce(sum(hand_check.answer = 'right'), 0) as numerator,
               count(*) as denominator, max(hand_check.checked_on) as checked_on
        from hand_check cross join release
        where hand_check.other_id is null and hand_check.answer in ('right', 'wrong')
          and {condition}
          and hand_check.checked_on >= date(release.built_at, '-{LISTING_DAYS} days')"""


_NO_LINK = "No link has been asked yet."
_NO_LISTING = "No sample compared yet."

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
        "G5", "links", f"Links that answer, in a random sample asked in the last {LINK_DAYS} days",
        "reported",
        "Websites, pages of entries, and pages that explain a certificate, asked by `needlepoint"
        " check-links`. An answer is 2xx, or 3xx that leads to one. What robots.txt closes to us is"
        " not asked and not counted; a site that turns away programs counts as not answering.",
        _answering("true"),
        _NO_LINK,
    ),
    Goal(
        "G5", "websites", "Of these, the websites that practices and practitioners give",
        "at least 92 %",
        "One failure may be a bad hour: `link_check.failures` counts them in a row, and only three"
        " mean that a link is dead.",
        _answering("link_check.kind = 'website'"),
        _NO_LINK,
    ),
    Goal(
        "G6", "", "Pairs of entries joined as one person rightly, in a random sample judged by a"
        " person",
        "at least 99 %",
        f"Judged in the last {PAIR_DAYS} days; pairs nobody could tell are left out.",
        f"""\
        select coalesce(sum(hand_check.answer = 'right'), 0) as numerator,
               count(*) as denominator, max(hand_check.checked_on) as checked_on
        from hand_check cross join release
        where hand_check.other_id is not null and hand_check.answer in ('right', 'wrong')
          and hand_check.checked_on >= date(release.built_at, '-{PAIR_DAYS} days')""",
        "No sample judged yet.",
    ),
    Goal(
        "G6", "recall", "Pairs of entries of one person that are joined", "at least 90 %",
        "No number can be given: the sample judged by a person holds joined pairs only. Among the"
        " others those of one person are so rare that a random sample would meet none, and one"
        " drawn from entries that look alike would miss those that do not. It is measured only on"
        " invented entries, where the truth is known.",
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
        "G8", "", "Reports, corrections and removals answered within 7 days", "at least 80 %",
        "Of what readers and listed people wrote here, without what is younger than 7 days and not"
        " answered yet. An answer can be a no. Only these counts are published, no text.",
        """\
        select coalesce(sum(report_count.answered_in_7_days), 0) as numerator,
               coalesce(sum(report_count.received - report_count.waiting), 0) as denominator
        from report_count""",
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
        "G11", "checked", "States whose rule for physical therapists was checked in the last 180"
        " days",
        "at least 80 %",
        "By the day on which somebody held the rule against its sources.",
        """\
        select coalesce(sum(state_rule.checked_on >= date(release.built_at, '-180 days')), 0)
                 as numerator,
               count(*) as denominator
        from state_rule cross join release where state_rule.profession = 'physical_therapist'""",
    ),
    Goal(
        "G11", "as_of", "States whose source speaks for the last 180 days",
        "reported",
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
        "What nobody checked within that time is left out of the public file.",
        """\
        select coalesce(sum(insurance_rule.source_url <> ''
                   and insurance_rule.checked_on > date(release.built_at, '-365 days')), 0)
                 as numerator,
               count(*) as denominator
        from insurance_rule cross join release""",
        needs=("insurance_rule", "checked_on"),
    ),
    Goal(
        "G13", "fields", "Published fields that are right, in a random sample of listings compared"
        " by a person with what the source prints",
        "reported",
        f"Compared in the last {LISTING_DAYS} days. The interval takes fields for independent,"
        " which those of one listing are not quite.",
        _compared("hand_check.field <> 'offers'"),
        _NO_LISTING,
    ),
    Goal(
        "G13", "place", "Of these, the places that are right", "reported",
        "The place as published, in a listing of the sample.",
        _compared("hand_check.field = 'address'"),
        _NO_LISTING,
    ),
    Goal(
        "G13", "number", "Of these, the telephone numbers that are right", "reported",
        "The number as published, in a listing of the sample.",
        _compared("hand_check.field = 'phone'"),
        _NO_LISTING,
    ),
    Goal(
        "G13", "offers", "Listings of the sample whose practice says that dry needling is offered",
        "reported",
        "Asked by telephone or mail. It alone measures whether what is listed is true.",
        _compared("hand_check.field = 'offers'"),
        "Nobody has been asked yet.",
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
