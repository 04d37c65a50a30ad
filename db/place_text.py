"""How the name of a place is read: keys under which spellings of one name meet, and the states.

Pure text, no database. The gazetteer stores `place_key(name)` and a search asks for
`place_key(what was typed)`, so both sides always go through the same function.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from records.said import N_, said

STATES: dict[str, str] = {
    "AL": N_("Alabama"), "AK": N_("Alaska"), "AZ": N_("Arizona"), "AR": N_("Arkansas"),
    "CA": N_("California"), "CO": N_("Colorado"), "CT": N_("Connecticut"), "DE": N_("Delaware"),
    "DC": N_("District of Columbia"), "FL": N_("Florida"), "GA": N_("Georgia"), "HI": N_("Hawaii"),
    "ID": N_("Idaho"), "IL": N_("Illinois"), "IN": N_("Indiana"), "IA": N_("Iowa"),
    "KS": N_("Kansas"), "KY": N_("Kentucky"), "LA": N_("Louisiana"), "ME": N_("Maine"),
    "MD": N_("Maryland"), "MA": N_("Massachusetts"), "MI": N_("Michigan"), "MN": N_("Minnesota"),
    "MS": N_("Mississippi"), "MO": N_("Missouri"), "MT": N_("Montana"), "NE": N_("Nebraska"),
    "NV": N_("Nevada"), "NH": N_("New Hampshire"), "NJ": N_("New Jersey"), "NM": N_("New Mexico"),
    "NY": N_("New York"), "NC": N_("North Carolina"), "ND": N_("North Dakota"), "OH": N_("Ohio"),
    "OK": N_("Oklahoma"), "OR": N_("Oregon"), "PA": N_("Pennsylvania"), "RI": N_("Rhode Island"),
    "SC": N_("South Carolina"), "SD": N_("South Dakota"), "TN": N_("Tennessee"), "TX": N_("Texas"),
    "UT": N_("Utah"), "VT": N_("Vermont"), "VA": N_("Virginia"), "WA": N_("Washington"),
    "WV": N_("West Virginia"), "WI": N_("Wisconsin"), "WY": N_("Wyoming"), "PR": N_("Puerto Rico"),
    "VI": N_("U.S. Virgin Islands"), "GU": N_("Guam"), "AS": N_("American Samoa"),
    "MP": N_("Northern Mariana Islands"),
}  # fmt: skip
"""Two-letter code to name: the states, the District of Columbia and the territories."""

_OTHER_STATE_NAMES = {
    "AL": "ala", "AK": "alas", "AZ": "ariz", "AR": "ark", "CA": "cal calif cali", "CO": "colo",
    "CT": "conn", "DE": "del", "DC": "washington_dc wash_dc", "FL": "fla flor", "GA": "geo",
    "ID": "ida", "IL": "ill ills",
    "IN": "ind", "KS": "kan kans", "MA": "mass", "MD": "mary_land",
    "MI": "mich", "MN": "minn", "MS": "miss", "MT": "mont", "NE": "neb nebr", "NV": "nev",
    "NH": "n_hampshire", "NJ": "n_jersey jersey", "NM": "n_mexico n_mex new_mex", "NY": "n_york",
    "NC": "n_carolina n_car no_carolina", "ND": "n_dakota n_dak no_dakota", "OK": "okla",
    "OR": "ore oreg", "PA": "penn penna", "RI": "r_island", "SC": "s_carolina s_car so_carolina",
    "SD": "s_dakota s_dak so_dakota", "TN": "tenn", "TX": "tex", "VT": "verm",
    "WA": "wash washington_state", "WV": "w_virginia w_va wva west_va",
    "WI": "wis wisc", "WY": "wyo",
    "VI": "virgin_islands us_virgin_islands usvi", "MP": "cnmi saipan_mp",
    "PR": "p_rico porto_rico",
}  # fmt: skip

_LONG_FORMS = {
    "st": "saint", "ste": "saint", "sainte": "saint", "mt": "mount", "ft": "fort", "hts": "heights",
    "hgts": "heights", "hghts": "heights", "spgs": "springs", "sprgs": "springs", "spg": "spring",
    "jct": "junction", "ctr": "center", "cntr": "center", "centre": "center", "bch": "beach",
    "twp": "township", "vlg": "village", "pt": "point", "mtn": "mountain", "hbr": "harbor",
    "harbour": "harbor", "pk": "park", "lk": "lake", "vly": "valley", "crk": "creek",
    "rdg": "ridge",
    "fls": "falls", "ldg": "landing", "cty": "city", "and": "", "the": "",
}  # fmt: skip
"""Words that are written long and short. Both become the long form, on both sides, so that
'Mt Vernon', 'Mount Vernon' and 'Mountvernon' meet."""

_FIRST_WORD = {"n": "north", "s": "south", "e": "east", "w": "west", "so": "south", "no": "north"}
_NO_SEPARATOR = re.compile(r"['’‘`´ʻ.]")
_SEPARATOR = re.compile(r"[^0-9a-z]+")


def fold(text: str) -> str:
    """The text in lower-case ASCII: accents dropped, full-width signs made plain, apostrophes and
    full stops removed. Letters of other scripts become spaces. Cannot fail on any string."""
    if text.isascii():
        return _NO_SEPARATOR.sub("", text.lower())
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    plain = _NO_SEPARATOR.sub("", plain.lower())
    return "".join(sign if sign.isascii() else " " for sign in plain)


def words(text: str) -> list[str]:
    """The folded words of a text, in order."""
    return [word for word in _SEPARATOR.split(fold(text)) if word]


def key_of_words(parts: list[str]) -> str:
    """The key of a name already cut into folded words; see `place_key`."""
    long = [_LONG_FORMS.get(word, word) for word in parts]
    if len(parts) > 1:
        long[0] = _FIRST_WORD.get(parts[0], long[0])
    return "".join(long) or "".join(parts)


@lru_cache(maxsize=16_384)
def place_key(name: str) -> str:
    """The key under which all spellings of a place name meet, or '' for a text without a name.

    Case, accents, punctuation, spaces and usual abbreviations make no difference: 'St. Louis' and
    'Saint Louis' are both 'saintlouis', "O'Fallon" and 'O Fallon' 'ofallon', 'N. Las Vegas' is
    'northlasvegas', 'The Dalles' 'dalles'.
    """
    return key_of_words(words(name))


_SPANISH_STATE_NAMES = {
    "HI": "hawai", "LA": "luisiana", "MS": "misisipi", "MO": "misuri", "NJ": "nueva_jersey",
    "NH": "nuevo_hampshire nueva_hampshire", "NM": "nuevo_mexico", "NY": "nueva_york",
    "NC": "carolina_del_norte", "SC": "carolina_del_sur", "ND": "dakota_del_norte",
    "SD": "dakota_del_sur", "PA": "pensilvania", "TX": "tejas",
    "WV": "virginia_occidental virginia_del_oeste", "DC": "distrito_de_columbia",
    "VI": "islas_virgenes islas_virgenes_de_ee_uu islas_virgenes_de_los_estados_unidos"
    " islas_virgenes_americanas",
    "AS": "samoa_americana", "MP": "islas_marianas_del_norte",
}  # fmt: skip


STATE_NAMES: dict[str, str] = {"".join(words(name)): code for code, name in STATES.items()} | {
    name.replace("_", ""): code
    for code, names in _SPANISH_STATE_NAMES.items()
    for name in names.split()
}

TERRITORIES = frozenset({"PR", "VI", "GU", "AS", "MP"})
"""Those of STATES that are no state; neither is DC."""
"""The states' names in full, English and Spanish (folded, no spaces), to their codes."""


def _state_keys() -> dict[str, str]:
    keys: dict[str, str] = {}
    for code, name in STATES.items():
        keys[code.lower()] = code
        keys["".join(words(name))] = code
        for others in (_OTHER_STATE_NAMES, _SPANISH_STATE_NAMES):
            for other in others.get(code, "").split():
                keys[other.replace("_", "")] = code
    return keys


STATE_KEYS: dict[str, str] = _state_keys()
"""Every accepted writing of a state (folded, no spaces) to its code."""


def state_code(text: str | None) -> str | None:
    """'OH' for 'OH', 'oh', 'Ohio', 'O.H.'; also 'Calif.', 'W. Va.', 'Washington, D.C.'.
    None if the text is not a state or territory of the US."""
    return STATE_KEYS.get("".join(words(text))) if text else None


def is_military_postcode(code: str) -> bool:
    """True for the postal codes of APO, FPO and DPO addresses, which have no place on a map."""
    return code[:2] == "09" or code[:3] in {"340", "962", "963", "964", "965", "966"}


def county_title(county: str, state: str) -> str:
    """A county's name as it is spoken: 'Clark County', 'Orleans Parish', 'Carson City'."""
    if state in ("AK", "DC", "PR", "VI", "GU", "AS", "MP") or county.endswith(" City"):
        return county
    if state == "LA":
        return said("%(name)s Parish", name=county)
    return said("%(name)s County", name=county)
