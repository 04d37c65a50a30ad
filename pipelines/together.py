"""All stages on one listing, without Scrapy: for replays of recorded answers, and for tests."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from db.gazetteer import Gazetteer
from geocoding.address import Address
from geocoding.placing import place_point
from pipelines.admit import refusal
from pipelines.certify import certified_as, wordings
from pipelines.contact import fill_contact
from pipelines.home_visits import fill_home_visits
from pipelines.names import fill_names
from pipelines.opt_outs import opted_out
from pipelines.place import Printed, read_place
from pipelines.text import tidy
from records.factsheet import FactSheet
from records.listing import Clean, Listing


def clean(
    listing: Listing,
    sheet: FactSheet,
    gazetteer: Gazetteer,
    opt_outs: Set[str] = frozenset(),
) -> Listing | None:
    """A copy of the listing with its clean half made by every stage, in the order of a crawl.

    None for what the admit stage refuses, and for people who opted out. The geocoding cache is not
    asked: a point comes from the source or the gazetteer.
    """
    if refusal(listing, sheet.id):
        return None
    countries = sheet.coverage.countries
    done = replace(listing, clean=Clean(practice=tidy(listing.practice)))
    fill_names(done, sheet.professions)
    place = read_place(
        Printed(
            done.address,
            done.street,
            done.street2,
            done.city,
            done.state,
            done.postcode,
            done.country,
        ),
        gazetteer,
        countries,
    )
    for part in ("street", "city", "state", "postcode", "country"):
        setattr(done.clean, part, getattr(place, part))
    fill_contact(done, countries[0] if len(countries) == 1 else "US")
    fill_home_visits(done)
    if opted_out(done, opt_outs):
        return None
    done.clean.certified, _ = certified_as(
        done.certification,
        sheet.certification.issuer,
        sheet.certification.label,
        wordings(sheet),
        done.clean.kind,
    )
    address = Address.of(done.clean)
    point, _ = place_point(
        done.latitude, done.longitude, address, gazetteer, approximate=bool(done.approximate)
    )
    return replace(done, clean=point.put_on(done.clean))
