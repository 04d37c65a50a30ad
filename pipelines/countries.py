"""Names of countries and of Canada's provinces, as directories print them, to their codes.

ISO 3166 comes from pycountry; the tables here hold only what people write and ISO does not.
"""

from __future__ import annotations

import re
from functools import lru_cache

import pycountry

from db.place_text import STATES, TERRITORIES, state_code, words

#: What people write that ISO 3166 does not have, folded and without spaces.
_ALSO = {
    "america": "US",
    "unitedstatesofamericausa": "US",
    "unitedstatesus": "US",
    "unitedstatesusa": "US",
    "theunitedstates": "US",
    "uk": "GB",
    "greatbritain": "GB",
    "britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "northernireland": "GB",
    "republicofireland": "IE",
    "eire": "IE",
    "deutschland": "DE",
    "schweiz": "CH",
    "suisse": "CH",
    "svizzera": "CH",
    "osterreich": "AT",
    "espana": "ES",
    "italia": "IT",
    "holland": "NL",
    "thenetherlands": "NL",
    "brasil": "BR",
    "uae": "AE",
    "southkorea": "KR",
    "korea": "KR",
    "russia": "RU",
    "czechrepublic": "CZ",
    "turkey": "TR",
    "bahamas": "BS",
    "thebahamas": "BS",
}

_PROVINCES = {
    "AB": "alberta alta",
    "BC": "britishcolumbia colombiebritannique",
    "MB": "manitoba man",
    "NB": "newbrunswick nouveaubrunswick",
    "NL": "newfoundlandandlabrador newfoundland labrador terreneuveetlabrador nfld nf",
    "NS": "novascotia nouvelleecosse",
    "NT": "northwestterritories territoiresdunordouest nwt",
    "NU": "nunavut",
    "ON": "ontario ont",
    "PE": "princeedwardisland ileduprinceedouard pei",
    "QC": "quebec que pq",
    "SK": "saskatchewan sask",
    "YT": "yukon yukonterritory",
}

_PROVINCE_KEYS = {
    key: code for code, names in _PROVINCES.items() for key in (code.lower(), *names.split())
}

CANADIAN_POSTCODE = re.compile(
    r"(?<![A-Z0-9])([ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z])[ -]?([0-9][ABCEGHJ-NPRSTV-Z][0-9])"
    r"(?![A-Z0-9])",
    re.IGNORECASE,
)
"""A1A 1A1 with the letters Canada Post uses; groups: the two halves."""

BRITISH_POSTCODE = re.compile(
    r"(?<![A-Z0-9])[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][ABD-HJLNP-UW-Z]{2}(?![A-Z0-9])", re.IGNORECASE
)
"""W1A 1AA: a form no other country has."""


@lru_cache(maxsize=1024)
def country_code(text: str) -> str | None:
    """ISO 3166 alpha-2 of a country's name or code, or None for a text that names none.

    Territories of the United States answer "US". "CA" answers Canada: whether a directory put
    a state there is for the caller to see from the rest of the address.
    """
    folded = words(text)
    key = "".join(folded)
    if not key:
        return None
    if key in _ALSO:
        return _ALSO[key]
    # With an ISO code of their own, and states on an envelope and here.
    if state_code(text) in TERRITORIES:
        return "US"
    # As printed first ("México"); without accents and stops; without spaces too ("U. S. A.").
    writings = [text.strip().replace("’", "'"), " ".join(folded)]
    if len(key) <= 3:
        writings.append(key)
    for writing in writings:
        try:
            return str(pycountry.countries.lookup(writing).alpha_2)
        except LookupError:
            continue
    return None


def province_code(text: str) -> str | None:
    """The code: "ON" for "ON", "Ontario", "Ont."; "QC" for "Québec"; None for anything else."""
    return _PROVINCE_KEYS.get("".join(words(text)))


@lru_cache(maxsize=1024)
def region_elsewhere(text: str, country: str) -> str | None:
    """A region outside the US and Canada as printed, a known code written out.

    "WA" in Australia answers "Western Australia", so that it can never be taken for Washington;
    a two-letter text that would be a US state and is no region of that country answers None.
    """
    known = pycountry.subdivisions.get(code=f"{country}-{text.strip().upper()}")  # type: ignore[no-untyped-call]
    if known is not None:
        return str(known.name)
    return None if text.strip().upper() in STATES else text.strip() or None
