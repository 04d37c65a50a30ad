"""What a heading or key of a directory means: words in several languages -> a field of Listing.

`field_for` is asked for every column heading, label and unknown JSON key. It answers only where
the words leave no doubt; a fact sheet's `options.columns` says the rest and goes first.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from typing import Any

from records.listing import Listing

#: Fields of Listing that a directory's own text may fill.
PRINTED: frozenset[str] = frozenset(f.name for f in fields(Listing)) - {
    "source_id", "native_id", "seen_url", "extra", "clean",
}  # fmt: skip

#: Parts of a name that some directories keep in columns of their own; see `full_name`.
NAME_PARTS = ("given", "middle", "family")

#: Field -> headings that mean it, without case, accents and punctuation.
_SYNONYMS: dict[str, str] = {
    "name": """name; full name; display name; store; store name; title; practitioner;
        practitioner name; provider; provider name; therapist; therapist name; member;
        member name; clinician; clinician name; person; contact name; listing;
        listing name; graduate; graduate name; physical therapist; dry needling practitioner;
        nombre; nombre completo; nom; nom complet; nom et prenom; nome; nome completo;
        nome e cognome; naam; volledige naam; therapeut; therapeutin; name vorname;
        vorname name; name therapeut; praticien; terapista; fisioterapista; fisioterapeuta;
        fysiotherapeut; physiotherapeut; physiotherapist; kinesitherapeute""",
    "given": """first name; given name; forename; vorname; prenom; nombre de pila; voornaam;
        firstname""",
    "middle": "middle name; middle initial; mi; zweiter vorname; tussenvoegsel",
    "family": """last name; family name; surname; nachname; familienname; nom de famille;
        apellido; apellidos; cognome; achternaam; lastname""",
    "credentials": """credentials; credential; degree; degrees; designation; designations;
        letters; suffix; post nominals; postnominals; qualifications; qualification;
        professional credentials; titel; titres; titulos; titoli; kwalificaties; licensure;
        license type; licence type""",
    "profession": """profession; discipline; occupation; provider type; practitioner type;
        job title; jobtitle; beruf; metier; profesion; professione; beroep; fachrichtung;
        medicalspecialty; medical specialty""",
    "practice": """practice; practice name; clinic; clinic name; clinic business name; company;
        company name; business; business name; organization; organisation; organization name;
        employer; facility; facility name; place of work; workplace; office name; works for;
        worksfor; praxis; praxisname; cabinet; clinica; studio; praktijk; praktijknaam;
        centre; center; hospital""",
    "address": """location; address; full address; mailing address; office address; business
        address; practice address; clinic address; adresse; adres; direccion; indirizzo;
        anschrift; standort; lieu; where""",
    "street": """street; street address; streetaddress; address 1; address1; address line 1;
        addressline1; address line1; line 1; street 1; strasse; strasse nr; strasse und
        hausnummer; rue; calle; via; straat; straatnaam""",
    "street2": """address 2; address2; address line 2; addressline2; line 2; street 2; suite;
        unit; apt; adresszusatz; complement d adresse""",
    "city": """city; town; locality; addresslocality; suburb; municipality; city town; ort;
        stadt; wohnort; ville; localite; commune; ciudad; localidad; poblacion; citta;
        comune; plaats; woonplaats; stad; practice city; clinic city""",
    "state": """state; province; region; addressregion; st; state province; province state;
        state or province; state region; kanton; canton; bundesland; provincia; regione;
        provincie; regio; practice state; clinic state; estado""",
    "postcode": """zip; zip code; zipcode; postcode; post code; postal code; postalcode;
        postal; zip postal code; zip postal; plz; postleitzahl; code postal; codigo postal; cp;
        cap; practice zip; clinic zip""",
    "country": """country; addresscountry; nation; country name; land; pays; pais; paese;
        nazione""",
    "phone": """phone; phone number; telephone; telephone number; tel; tel no; telefon;
        telefonnummer; telefono; telefoon; telefoonnummer; numero de telephone; work phone; office
        phone; business phone; practice phone; clinic phone; contact phone; contact number;
        phone work; daytime phone; mobile; cell; cell phone; mobile phone; main phone""",
    "email": """email; e mail; email address; e mail address; mail; courriel; correo;
        correo electronico; posta elettronica; mailadresse; emailadres; work email;
        contact email""",
    "website": """website; web site; web; url; web address; webpage; web page; homepage; home
        page; site; site web; sitio web; sito; sito web; internet; webseite; clinic website;
        practice website; website url; link""",
    "booking_url": """booking; book online; book; book now; booking url; appointment;
        appointments; schedule online; online booking; make an appointment; request appointment;
        termin buchen; termin; prendre rendez vous""",
    "home_visits": """home visits; home visit; house calls; house call; housecalls; in home visits;
        offers home visits; offer home visits; do you offer home visits; makes home visits;
        home visits available; home visits offered; makes house calls; in home therapy;
        in home services; mobile practice; mobile service; mobile services; hausbesuche;
        hausbesuch; hausbesuche moglich; visites a domicile; visite a domicile; a domicile;
        soins a domicile; a domicilio; visitas a domicilio; visita a domicilio;
        atencion a domicilio; servicio a domicilio; visite domiciliari; visite a domicilio;
        huisbezoek; huisbezoeken; aan huis; behandeling aan huis""",
    "profile_url": "permalink; profile url; profile link",
    "certification": """certification; certifications; certificate; certificates; certified;
        certification level; certification status; level; certificate level; course level;
        level of training; training level; training; course; courses completed; course completed;
        dry needling certification; dry needling level; needling level; hascredential;
        zertifizierung; zertifikat; certificat; certificacion; certificato; certificaat;
        certificazione; ausbildung; niveau; nivel; livello""",
    "latitude": "lat; latitude; loc lat; geo lat; breitengrad; latitud; latitudine",
    "longitude": "lng; lon; long; longitude; loc long; loc lng; geo lng; geo lon; laengengrad; "
    "langengrad; longitud; longitudine",
    "listed_on": """listed on; member since; date listed; date added; date certified; certified
        on; certification date; date of certification; mitglied seit; membre depuis""",
}

#: First words that say whose something is, not what it is.
_QUALIFIERS = frozenset(
    """work office business practice clinic practitioner provider therapist member primary main
    contact public professional current listing entry card store location listing profile your
    full direct company organization""".split()
)

#: Keys that a source has no business sending, or that say nothing about the person: never kept.
_NEVER = re.compile(
    r"(pass(word|wd|phrase)|secret|token|nonce|api.?key|auth|session|cookie|salt|hash"
    r"|sql|query|debug|ip.?addr|^ip$|user.?login|user.?agent|private|hidden"
    r"|birth|ssn|gender|home.?(address|phone)|edit.?link|admin|thumb|image|photo|logo|marker"
    r"|avatar|icon|distance|hours)"
)
#: Longer texts are biographies, not facts about a listing.
LONGEST_EXTRA = 500


@lru_cache(maxsize=4096)
def heading_key(heading: str) -> str:
    """A heading as one compares it: no case, accents, punctuation or camelCase.

    "E-Mail:" -> "e mail", "addressLine1" -> "address line1", "Straße" -> "strasse".
    """
    apart = re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])", " ", heading)
    apart = re.sub(r"['’]s\b", "", apart)
    bare = unicodedata.normalize("NFKD", apart).casefold()
    letters = "".join(c for c in bare if not unicodedata.combining(c))
    return " ".join(re.sub(r"[\W_]+", " ", letters).split())


_FIELD_OF: dict[str, str] = {
    heading_key(word): field for field, words in _SYNONYMS.items() for word in words.split(";")
}


def field_for(heading: str, columns: Mapping[str, str] | None = None) -> str | None:
    """The field of Listing, or the part of a name, that a heading or key means; None if unknown.

    `columns` is the fact sheet's: it goes first and is compared without case and punctuation.
    Name parts are "given", "middle" and "family": join them with `full_name`.
    """
    key = heading_key(heading)
    for written, field in (columns or {}).items():
        if heading_key(written) == key:
            return field if field in PRINTED or field in NAME_PARTS else None
    for form in (key, key.replace(" ", "")):
        if form in _FIELD_OF:
            return _FIELD_OF[form]
    # "Work address", "Primary phone": whose it is does not change what it is.
    first, _, rest = key.partition(" ")
    return field_for(rest) if rest and first in _QUALIFIERS else None


def full_name(parts: Mapping[str, str | None]) -> str | None:
    """A name from its parts, as a person writes it; None where there is none."""
    words = [parts.get(part) for part in NAME_PARTS]
    return " ".join(word for word in words if word) or None


def sort_cells(
    cells: Iterable[tuple[str, str]], columns: Mapping[str, str] | None = None
) -> tuple[dict[str, Any], dict[str, str]]:
    """(heading, text) pairs as fields of Listing, and what no field fits by its heading.

    The first text of a field wins, a name in parts is put together, and an "Address" beside a city
    or postcode of its own is the street line.
    """
    values: dict[str, Any] = {}
    parts: dict[str, str | None] = {}
    extra: dict[str, str] = {}
    for heading, text in cells:
        if not text:
            continue
        field = field_for(heading, columns)
        if field in NAME_PARTS:
            parts.setdefault(field, text)
        elif field in PRINTED and field not in values:
            values[field] = text
        elif values.get(field or "") != text and may_keep(heading):
            extra[heading] = extra_text(text)
    name = full_name(parts)
    if name:
        # First and last name in columns of their own say more than a display name.
        if "name" in values:
            extra["display name"] = extra_text(values["name"])
        values["name"] = name
    if (
        "address" in values
        and "street" not in values
        and ("city" in values or "postcode" in values)
    ):
        values["street"] = values.pop("address")
    return values, extra


def may_keep(key: str) -> bool:
    """Whether a key that no field fits may go to `Listing.extra`."""
    return not _NEVER.search(heading_key(key)) and not _NEVER.search(key.casefold())


def extra_text(text: str) -> str:
    """A text for `Listing.extra`, cut to LONGEST_EXTRA characters."""
    return text if len(text) <= LONGEST_EXTRA else text[: LONGEST_EXTRA - 1] + "…"


#: What tells two listings apart where the directory has no id and the fact sheet says nothing.
IDENTITY = ("name", "address", "street", "city", "state", "postcode")


def hashed_id(values: Mapping[str, str | None], identity: Sequence[str] = ()) -> str:
    """An id for a listing of a directory that has none: a hash of the fields in `identity`.

    Case, accents and punctuation do not count, so a comma more is no new person. Where the fields
    that tell listings apart are all empty, everything printed is hashed. The same from run to run,
    and nothing can be read out of it.
    """
    named = [heading_key(values.get(field) or "") for field in (identity or IDENTITY)]
    if not any(named):
        named = [f"{key} {heading_key(value)}" for key, value in sorted(values.items()) if value]
    return hashlib.sha256("\n".join(named).encode()).hexdigest()[:20]
