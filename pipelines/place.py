"""Stage: the printed address, in parts or in one text, to street, city, state, code and country.

Directories put addresses into the wrong boxes: the ZIP code in the state, the whole address in
the street, the suite in the city. What a box holds is therefore taken apart first and believed by
its shape, not by the box's name. A printed state is never overruled by a postal code.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from db.gazetteer import Gazetteer
from db.gazetteer_file import ensure
from db.place_text import STATES, is_military_postcode, place_key, state_code, words
from pipelines.address_text import (
    MILITARY_STATES,
    OCCUPANCY,
    STATES_WITH_LEADING_ZERO,
    IsTown,
    Tail,
    box_spelled_once,
    split_street_city,
    split_tail,
    tagged_city,
    tidy,
)
from pipelines.countries import (
    BRITISH_POSTCODE,
    CANADIAN_POSTCODE,
    country_code,
    province_code,
    region_elsewhere,
)
from records.factsheet import FactSheet
from records.listing import Listing

_DISPUTED_NAMES = {"washington", "newyork"}
"""A text that is only this may be the town or the state."""
_CODE_ELSEWHERE = re.compile(
    rf"(?:{BRITISH_POSTCODE.pattern}|\b[0-9]{{3,6}}(?:-[0-9]{{2,4}})?\b)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Printed:
    """The address fields of a listing, as printed."""

    address: str | None = None
    street: str | None = None
    street2: str | None = None
    city: str | None = None
    state: str | None = None
    postcode: str | None = None
    country: str | None = None


@dataclass(slots=True)
class Place:
    """What was understood; see the fields of the same names in `Clean`."""

    street: str | None = None
    city: str | None = None
    state: str | None = None
    postcode: str | None = None
    country: str | None = None
    notes: tuple[str, ...] = ()
    """`field/outcome`, for the stage's counters."""


@dataclass(slots=True)
class _Draft:
    """An address on its way: parts as text, and what was noticed."""

    street: list[str] = field(default_factory=list)
    city: str | None = None
    state: str | None = None
    """A code of the US, its military or Canada, once understood."""
    state_text: str | None = None
    postcode: str | None = None
    postcode_text: str | None = None
    country: str | None = None
    notes: list[str] = field(default_factory=list)

    def take(self, tail: Tail) -> None:
        """Fill what is still empty from the end of a text."""
        self.state = self.state or tail.state
        self.postcode = self.postcode or tail.postcode
        if tail.unit:
            self.street.append(tail.unit)


def read_place(printed: Printed, gazetteer: Gazetteer, countries: Sequence[str] = ("US",)) -> Place:
    """The address understood as far as it can be; never raises on any text.

    `countries` are those the directory covers (ISO alpha-2): a directory of the US only need not
    print a country. What cannot be understood is None, and `notes` says so.
    """
    is_town = partial(_is_town, gazetteer)
    draft = _Draft()
    country_text = tidy(printed.country)
    _read_country(draft, country_text)
    _read_state(draft, tidy(printed.state), is_town)
    _read_postcode(draft, tidy(printed.postcode))
    _read_city(draft, tidy(printed.city), is_town)
    _read_street(draft, tidy(printed.street), tidy(printed.street2), is_town, countries)
    address = tidy(printed.address)
    if address and not (draft.street and draft.city and (draft.state or draft.postcode)):
        _read_text(draft, address, is_town, countries)
    _settle_country(draft, gazetteer, countries, country_text)
    if draft.country in ("US", None):
        _settle_postcode(draft, gazetteer)
    elif draft.country != "CA":
        _settle_elsewhere(draft)
    return _finished(draft, gazetteer)


def _is_town(gazetteer: Gazetteer, name: str, state: str | None) -> bool:
    return bool(place_key(name)) and bool(gazetteer.cities(name, state))


# ---- parts --------------------------------------------------------------------------------------


def _read_country(draft: _Draft, text: str | None) -> None:
    if text is None:
        return
    draft.country = country_code(text)
    if draft.country is None:
        # "USA 43215", or a state in the country's box
        draft.state = state_code(text)
        draft.notes.append("country/unknown" if draft.state is None else "country/was_a_state")
    elif draft.country == "US" and state_code(text) is not None:
        draft.state = state_code(text)


def _read_state(draft: _Draft, text: str | None, is_town: IsTown) -> None:
    if text is None:
        return
    draft.state_text = text
    code = state_code(text) or province_code(text)
    if code is None and text.upper() in MILITARY_STATES:
        code = text.upper()
    if code is None:
        canadian = CANADIAN_POSTCODE.search(text)
        if canadian:
            draft.postcode = f"{canadian[1]} {canadian[2]}".upper()
            text = text[: canadian.start()] + text[canadian.end() :]
            code = province_code(text)
    if code is None:
        # "TX 75024", "Ohio, USA", "US-OH", "Ohio (OH)", "OH - Ohio"
        tail = split_tail(text, is_town)
        draft.postcode = draft.postcode or tail.postcode
        codes = {state_code(piece) for piece in re.split(r"[,()/]| - |^US-", tail.rest)} - {None}
        codes |= {tail.state} - {None}
        code = codes.pop() if len(codes) == 1 else None
    if code is None:
        draft.notes.append("state/unknown")
    else:
        draft.state = code


def _read_postcode(draft: _Draft, text: str | None) -> None:
    if text is None:
        return
    draft.postcode_text = text.upper()
    canadian = CANADIAN_POSTCODE.search(text)
    if canadian:
        draft.postcode = f"{canadian[1]} {canadian[2]}".upper()
        return
    text = re.sub(r"^([0-9]{4,5})\.0$", r"\1", text)  # a number that went through a spreadsheet
    # 43215, 43215-1234, 432151234, 43215 1234; and 3 or 4 digits where a zero was lost
    found = re.search(
        r"(?<![0-9])(?:([0-9]{5})(?:\s?[-–]?\s?[0-9]{4})?|([0-9]{3,4})(?:-[0-9]{4})?)(?![0-9])",
        text,
    )
    if found is None:
        return
    draft.postcode = found[1] or found[2]
    before, after = text[: found.start()].strip(" ,"), text[found.end() :].strip(" ,")
    if OCCUPANCY.fullmatch(after):
        draft.street.append(after)
    if draft.state is None and draft.state_text is None:
        draft.state = state_code(before) or state_code(after)


def _read_city(draft: _Draft, text: str | None, is_town: IsTown) -> None:
    if text is None:
        return
    canadian = CANADIAN_POSTCODE.search(text)
    if canadian:
        draft.postcode = draft.postcode or f"{canadian[1]} {canadian[2]}".upper()
        text = (text[: canadian.start()] + text[canadian.end() :]).strip(" ,")
    pieces = text.split(", ")
    while (
        len(pieces) > 1 and country_code(pieces[-1]) in ("US", "CA") and not state_code(pieces[-1])
    ):
        draft.country = draft.country or country_code(pieces.pop())
    text = ", ".join(pieces)
    province = province_code(pieces[-1]) if len(pieces) > 1 else None
    if province:
        draft.state, text = draft.state or province, ", ".join(pieces[:-1])
    tail = split_tail(text, is_town)
    # "Columbus, OH 43215", "Columbus OH"; but "Delaware" and "Kansas City" are towns
    town_in_itself = ", " not in text and is_town(text, draft.state) and not tail.postcode
    if tail.rest and not town_in_itself:
        if draft.state and tail.state and tail.state != draft.state:
            draft.notes.append("city/contradicts_state")
        draft.take(tail)
        text = tail.rest
    elif not tail.rest and tail.postcode and not tail.state:
        draft.postcode = draft.postcode or tail.postcode
        return
    pieces = text.split(", ")
    while len(pieces) > 1 and OCCUPANCY.fullmatch(pieces[0]):
        draft.street.append(pieces.pop(0))
    if len(pieces) > 1 and re.match("[0-9]", pieces[0]):
        street, city = split_street_city(", ".join(pieces), draft.state, draft.postcode, is_town)
        if street and city:
            draft.street.insert(0, street)
            pieces = [city]
    if len(pieces) == 1 and OCCUPANCY.fullmatch(pieces[0]):
        draft.street.append(pieces[0])
        return
    draft.city = ", ".join(pieces) or None


def _read_street(
    draft: _Draft,
    street: str | None,
    street2: str | None,
    is_town: IsTown,
    countries: Sequence[str],
) -> None:
    if street and street2 and place_key(street2) in place_key(street):
        street2 = None
    units, draft.street = draft.street, []
    homeless = draft.city is None and draft.postcode is None
    if street2 and homeless and split_tail(street2, is_town).state:
        # "Columbus, OH 43215" in the second line of the street
        _read_text(draft, street2, is_town, countries)
        street2 = None
        homeless = False
    if street and homeless and draft.state in (None, split_tail(street, is_town).state):
        # the whole address in the street's box
        text = f"{street}, {street2}" if street2 and OCCUPANCY.fullmatch(street2) else None
        _read_text(draft, street, is_town, countries)
        draft.street += [street2] if street2 else []
        if text and not draft.city:
            draft.street = [text]
    else:
        own = _without_repeated_tail(street, draft, is_town)
        draft.street = [part for part in (own, street2) if part] + draft.street
    draft.street += [unit for unit in units if unit not in draft.street]


def _without_repeated_tail(street: str | None, draft: _Draft, is_town: IsTown) -> str | None:
    """The street without "Plano, TX 75024" at its end when the other boxes say the same."""
    if not street or not draft.city:
        return street
    tail = split_tail(street, is_town)
    if tail.state != draft.state or tail.postcode not in (None, draft.postcode):
        return street
    if tail.state is None and tail.postcode is None:
        return street
    city = place_key(draft.city)
    rest, _, last = tail.rest.rpartition(", ")
    if place_key(last) == city:
        return rest or None
    return street


# ---- one text -----------------------------------------------------------------------------------


def _read_text(draft: _Draft, text: str, is_town: IsTown, countries: Sequence[str]) -> None:
    """Read a whole address; what the printed parts said already stands."""
    text, country = _without_country(text, countries, is_town)
    draft.country = draft.country or country
    canadian = CANADIAN_POSTCODE.search(text)
    if canadian:
        return _read_canadian(draft, text, canadian)
    if draft.country is None and BRITISH_POSTCODE.search(text):
        draft.country = "GB"
    if (draft.country not in ("US", None)) or (draft.country is None and "US" not in countries):
        return _read_elsewhere(draft, text)
    if "".join(words(text)) in _DISPUTED_NAMES:
        draft.notes.append("state/ambiguous")
        return None
    tail = split_tail(text, is_town)
    if tail.state is None and tail.postcode is None:
        pieces = tail.rest.split(", ")
        if len(pieces) > 1 and province_code(pieces[-1]):
            draft.state = draft.state or province_code(pieces.pop())
            tail = Tail(", ".join(pieces))
    before = list(draft.street)
    draft.take(tail)
    units = draft.street[len(before) :]
    street, city = split_street_city(
        tail.rest, tail.state or draft.state, tail.postcode or draft.postcode, is_town
    )
    if draft.city is None:
        draft.city = city
    elif city and place_key(city) != place_key(draft.city):
        street = tail.rest
    draft.street = before or [part for part in (street, *units) if part]
    return None


def _without_country(
    text: str, countries: Sequence[str], is_town: IsTown
) -> tuple[str, str | None]:
    """Take a country off the end. Towns are called Peru, Lebanon and Cuba: a name that a town has
    is taken for a country only where the directory covers it."""
    if country_code(text) == "US" and state_code(text) is None:
        return "", "US"
    for pattern in (r",\s*([^,]+)$", r"\s(\S+\s+\S+)$", r"\s(\S+)$"):
        found = re.search(pattern, text)
        if not found or state_code(found[1]) or province_code(found[1]):
            continue
        code = country_code(found[1])
        if code is None or (len(found[1]) == 2 and found[1] not in ("US", "UK")):
            continue
        if code in {"US", "CA", *countries} or (len(found[1]) > 3 and not is_town(found[1], None)):
            return text[: found.start()].rstrip(" ,"), code
    return text, None


def _read_canadian(draft: _Draft, text: str, code: re.Match[str]) -> None:
    draft.postcode = draft.postcode or f"{code[1]} {code[2]}".upper()
    draft.country = draft.country or "CA"
    pieces = f"{text[: code.start()]}, {text[code.end() :]}".split(",")
    pieces = [piece.strip() for piece in pieces if piece.strip(" .")]
    if pieces and pieces[-1].upper() == "CA":
        pieces.pop()
    if pieces:
        last = pieces.pop()
        before, _, word = last.rpartition(" ")
        if province_code(last):
            draft.state = draft.state or province_code(last)
        elif province_code(word):
            draft.state = draft.state or province_code(word)
            pieces.append(before)
        else:
            pieces.append(last)
    if pieces and re.search("[0-9]", pieces[-1]):
        # "12 King St W Toronto": the tagger knows the shape, if not the country
        city = tagged_city(f"{pieces[-1]}, {draft.state or ''}")
        city = re.sub(r"^[NSEW] ", "", city) if city else None  # the street's, not the town's
        if city and pieces[-1].endswith(f" {city}"):
            pieces[-1:] = [pieces[-1].removesuffix(city).strip(), city]
    if len(pieces) > 1 or (pieces and not re.search("[0-9]", pieces[0])):
        draft.city = draft.city or pieces.pop()
    draft.street = draft.street or [piece for piece in pieces if piece]


def _read_elsewhere(draft: _Draft, text: str) -> None:
    """Outside the US and Canada: the last piece is the town, with its postal code around it."""
    pieces = text.split(", ")
    codes = [
        (number, found)
        for number, piece in enumerate(pieces)
        if number > 0 or len(pieces) == 1
        for found in _CODE_ELSEWHERE.finditer(piece)
    ]
    if codes and draft.postcode is None:
        number, found = codes[-1]
        piece = pieces[number]
        draft.postcode_text = draft.postcode_text or found[0].upper()
        pieces[number] = (piece[: found.start()] + piece[found.end() :]).strip(" ,-")
    pieces = [piece for piece in pieces if piece]
    if draft.city is None and pieces and (len(pieces) > 1 or not re.search("[0-9]", pieces[0])):
        draft.city = pieces.pop()
    draft.street = draft.street or pieces


# ---- settling -----------------------------------------------------------------------------------


def _settle_country(
    draft: _Draft, gazetteer: Gazetteer, countries: Sequence[str], text: str | None
) -> None:
    province = draft.state if draft.state and province_code(draft.state) else None
    canadian = bool(draft.postcode and CANADIAN_POSTCODE.fullmatch(draft.postcode))
    american = (draft.state in STATES or draft.state in MILITARY_STATES) or (
        draft.state is None
        and draft.state_text is None
        and draft.postcode is not None
        and not canadian
        and gazetteer.postal(draft.postcode) is not None
    )
    if draft.country == "CA" and text is not None and text.upper() == "CA" and not canadian:
        # The state's code in the country's box: California, if the ZIP code or state says so.
        known = gazetteer.postal(draft.postcode) if draft.postcode else None
        if draft.state in STATES or (draft.state is None and known and known.state == "CA"):
            draft.country = "US"
            draft.state = draft.state or "CA"
    elif draft.country == "US" and canadian and (province or draft.state is None):
        # Many forms offer "United States" first; province and postal code know better.
        draft.country = "CA"
        draft.notes.append("country/contradicts_postcode")
    elif draft.country == "US" and province and draft.postcode is None:
        draft.country = "CA"
        draft.notes.append("country/contradicts_state")
    elif draft.country is None:
        if canadian or province:
            draft.country = "CA"
        elif draft.postcode_text and BRITISH_POSTCODE.fullmatch(draft.postcode_text):
            draft.country = "GB"
        elif american and (set(countries) <= {"US", "CA"} or _fits_the_us(draft, gazetteer)):
            draft.country = "US"
        elif len(countries) == 1 and countries[0] not in ("US", "CA") and _anything(draft):
            draft.country = countries[0]
    if draft.country == "CA" and draft.state in STATES:
        draft.notes.append("state/unknown")
        draft.state = None
    if draft.country in ("US", None) and province:
        draft.notes.append("state/unknown")
        draft.state = None


def _anything(draft: _Draft) -> bool:
    return bool(draft.street or draft.city or draft.postcode_text or draft.state_text)


def _fits_the_us(draft: _Draft, gazetteer: Gazetteer) -> bool:
    """Several countries are possible ("WA" is in Australia too): code and state must agree."""
    known = gazetteer.postal(draft.postcode) if draft.postcode else None
    return known is not None and draft.state in (None, known.state)


def _settle_postcode(draft: _Draft, gazetteer: Gazetteer) -> None:
    code = draft.postcode
    if code is None:
        if draft.postcode_text:
            draft.notes.append("postcode/unreadable")
        return
    if CANADIAN_POSTCODE.fullmatch(code):
        draft.notes.append("postcode/contradicts_country")
        draft.postcode = None
        return
    if len(code) < 5:
        padded = gazetteer.postal(code.zfill(5))
        if (
            padded is None
            or padded.state not in STATES_WITH_LEADING_ZERO
            or draft.state != padded.state
        ):
            draft.notes.append("postcode/unreadable")
            draft.postcode = None
            return
        code = padded.postcode or code.zfill(5)
        draft.notes.append("postcode/zero_restored")
    draft.postcode = code
    known = gazetteer.postal(code)
    if known is None:
        if not (is_military_postcode(code) and draft.state in (*MILITARY_STATES, None)):
            draft.notes.append("postcode/not_in_gazetteer")
    elif known.state not in STATES:
        draft.notes.append("postcode/not_in_a_state")  # the Marshall Islands have ZIP codes too
    elif draft.state is None and draft.state_text is None:
        draft.state = known.state
        draft.country = draft.country or "US"
        draft.notes.append("state/from_postcode")
    elif draft.state is not None and draft.state != known.state:
        draft.notes.append("postcode/contradicts_state")


def _settle_elsewhere(draft: _Draft) -> None:
    country = draft.country or ""
    draft.postcode = draft.postcode_text or draft.postcode
    draft.state = region_elsewhere(draft.state_text, country) if draft.state_text else None


def _finished(draft: _Draft, gazetteer: Gazetteer) -> Place:
    street = box_spelled_once(", ".join(draft.street)).strip(" ,") or None
    city = draft.city.strip(" ,.-") if draft.city else None
    if city and city in (city.upper(), city.lower()):
        city = _proper(city, draft, gazetteer)
    return Place(
        street=street,
        city=city or None,
        state=draft.state,
        postcode=draft.postcode,
        country=draft.country,
        notes=tuple(dict.fromkeys(draft.notes)),
    )


def _proper(city: str, draft: _Draft, gazetteer: Gazetteer) -> str:
    """A town printed in capitals or small letters, written as the gazetteer writes it."""
    if draft.state in MILITARY_STATES or city in ("APO", "FPO", "DPO"):
        return city.upper()
    if draft.country in ("US", None):
        for known in gazetteer.cities(city, draft.state):
            if known.name.casefold() == city.casefold():
                return known.name
    return re.sub(r"[^\W\d_]+(?:['’][^\W\d_]+)?", lambda word: word[0].capitalize(), city)


# ---- the stage ----------------------------------------------------------------------------------


class PlacePipeline:
    """Fills the address fields of `clean`, reading each distinct printed address once.

    Counts `place/<field>/filled` and what was noticed, such as `place/postcode/contradicts_state`.
    """

    def __init__(
        self, stats: StatsCollector, gazetteer: Gazetteer, countries: Sequence[str] = ("US",)
    ) -> None:
        self._stats = stats
        self._gazetteer = gazetteer
        self._countries = tuple(countries)
        self._read: dict[Printed, Place] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PlacePipeline:
        """For a spider that has `sheet`, its fact sheet, and `data`, the folder of
        gazetteer.db."""
        sheet: FactSheet = crawler.spider.sheet  # type: ignore[union-attr]
        data: Path = crawler.spider.data  # type: ignore[union-attr]
        return cls(crawler.stats, Gazetteer(ensure(data)), sheet.coverage.countries)

    def close_spider(self) -> None:
        """Let go of the gazetteer."""
        self._gazetteer.close()

    def process_item(self, item: Listing) -> Listing:
        """The same listing with street, city, state, postcode and country of `clean` set."""
        printed = Printed(
            item.address,
            item.street,
            item.street2,
            item.city,
            item.state,
            item.postcode,
            item.country,
        )
        place = self._read.get(printed)
        if place is None:
            place = read_place(printed, self._gazetteer, self._countries)
            self._read[printed] = place
        for name in ("street", "city", "state", "postcode", "country"):
            value = getattr(place, name)
            setattr(item.clean, name, value)
            if value is not None:
                self._stats.inc_value(f"place/{name}/filled")
        for note in place.notes:
            self._stats.inc_value(f"place/{note}")
        return item
