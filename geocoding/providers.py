"""Network geocoders a maintainer can switch on. Off by default, asked for address lines only.

A provider answers with rows for the cache: 'found' with a point and its precision, or 'nothing'.
Anything else (an error status, a time-out, an answer in another format) raises one of geopy's
errors and is never remembered: it says nothing about the address.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Literal, Protocol, TypeAlias, get_args

from geopy.adapters import URLLibAdapter
from geopy.exc import ConfigurationError, GeocoderParseError, GeopyError
from geopy.extra.rate_limiter import RateLimiter
from geopy.geocoders import Nominatim

from db.place_cache import CachedAnswer
from db.place_text import STATES
from geocoding import census
from geocoding.address import Address
from geocoding.census import BatchRow, USCensus
from records.listing import Precision

ProviderName: TypeAlias = Literal["none", "census", "nominatim"]
PROVIDERS: tuple[ProviderName, ...] = get_args(ProviderName)

PUBLIC_NOMINATIM = "nominatim.openstreetmap.org"
PUBLIC_NOMINATIM_POLICY = "https://operations.osmfoundation.org/policies/nominatim/"
PUBLIC_NOMINATIM_LEAST_DELAY = 1.0
"""Seconds; the policy's limit, for the whole application."""
PUBLIC_NOMINATIM_DELAY = 15.0
"""Seconds; kept unless told otherwise: the policy discourages scripts that ask for lists."""


class ProviderError(Exception):
    """A provider cannot be used as configured. The message says what is missing or not allowed."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a maintainer configures of a provider. None: the provider's own default."""

    provider: ProviderName = "none"
    domain: str | None = None
    """Host, with port and path where they differ: "127.0.0.1:8080/nominatim"."""
    scheme: str = "https"
    user_agent: str | None = None
    contact: str | None = None
    """An e-mail address or URL under which the operator of the geocoder reaches the maintainer."""
    delay: float | None = None
    """Seconds between two requests."""
    timeout: float | None = None
    """Seconds to wait for one answer."""
    batch: int = 1000
    """Addresses in one request, where the provider takes several."""


class Provider(Protocol):
    """A network geocoder behind the cache."""

    name: str
    """As in the cache and in `point_from`."""
    batch: int
    """How many addresses one call of `ask` takes at most."""
    patience: int
    """How many calls in a row may fail before the provider is left alone."""

    def accepts(self, address: Address) -> bool:
        """Whether it is worth asking. Only addresses with a `line` are ever offered."""

    def ask(self, addresses: Sequence[Address], now: dt.datetime) -> list[CachedAnswer]:
        """One answer for each address, in their order. Raises geopy's GeopyError."""


def build_provider(settings: Settings) -> Provider | None:
    """The configured provider, or None for "none". Raises ProviderError."""
    if settings.provider == "none":
        return None
    if settings.delay is not None and settings.delay < 0:
        raise ProviderError("the delay cannot be negative")
    try:
        if settings.provider == "census":
            return CensusProvider(settings)
        return NominatimProvider(settings)
    except ConfigurationError as error:
        raise ProviderError(str(error)) from error


def _user_agent(settings: Settings) -> str:
    own = f"needlepoint/{version('needlepoint')}"
    contact = settings.contact.strip() if settings.contact else ""
    if contact and "@" not in contact and not contact.startswith(("http://", "https://")):
        raise ProviderError(
            f"the contact {contact!r} is neither an e-mail address nor a web address"
        )
    agent = (settings.user_agent or own).strip()
    return f"{agent} ({contact})" if contact else agent


class NominatimProvider:
    """OpenStreetMap's Nominatim: the public one, or better one's own."""

    name = "nominatim"
    batch = 1
    patience = 3

    def __init__(self, settings: Settings) -> None:
        domain = (settings.domain or PUBLIC_NOMINATIM).strip("/")
        public = domain.partition("/")[0].partition(":")[0].lower() == PUBLIC_NOMINATIM
        if not (settings.contact or settings.user_agent):
            raise ProviderError(
                "Nominatim must be told who asks: give a contact (an e-mail address or web"
                f" address) or a user agent of your own. Policy: {PUBLIC_NOMINATIM_POLICY}"
            )
        delay = settings.delay
        if delay is None:
            delay = PUBLIC_NOMINATIM_DELAY if public else 0.0
        if public and delay < PUBLIC_NOMINATIM_LEAST_DELAY:
            raise ProviderError(
                f"the public Nominatim allows one request a second at most, a delay of {delay:g}"
                f" is too short. Policy: {PUBLIC_NOMINATIM_POLICY}"
            )
        geocoder = Nominatim(
            domain=domain,
            scheme=settings.scheme,
            user_agent=_user_agent(settings),
            timeout=settings.timeout or 30,
            # The adapter for requests retries on its own, past every delay of ours.
            adapter_factory=URLLibAdapter,
        )
        # Neither swallowed nor retried here: a swallowed error would look like "nothing found",
        # and on a retry the limiter writes the whole query to the log.
        self._geocode: Callable[..., Any] = RateLimiter(
            geocoder.geocode,
            min_delay_seconds=delay,
            max_retries=0,
            error_wait_seconds=delay,
            swallow_exceptions=False,
        )

    def accepts(self, address: Address) -> bool:
        """Any country."""
        return True

    def ask(self, addresses: Sequence[Address], now: dt.datetime) -> list[CachedAnswer]:
        """Asked one by one, as structured queries."""
        return [self._ask(address, now) for address in addresses]

    def _ask(self, address: Address, now: dt.datetime) -> CachedAnswer:
        query = {
            "street": address.door,
            "city": address.city,
            "state": STATES.get(address.state or "", address.state),
            "postalcode": address.postcode,
        }
        try:
            found = self._geocode(
                {key: value for key, value in query.items() if value},
                country_codes=(address.country or "").lower(),
            )
        except GeopyError:
            raise
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            # geopy reads the answer without looking at its shape first
            raise GeocoderParseError("the answer is not Nominatim's") from error
        precision = nominatim_precision(found.raw) if found is not None else None
        if found is None or precision is None:
            return _answer(address, self.name, now)
        return _answer(
            address, self.name, now, (found.latitude, found.longitude), precision, found.address
        )


def nominatim_precision(raw: Mapping[str, Any]) -> Precision | None:
    """How exact a Nominatim result is, or None for one too coarse to be a place (a county).

    Read from its class, type, addresstype and rank: a house or anything with a door is "rooftop",
    a road "street", a postal code "postcode", a settlement or a part of one "city".
    """
    kinds = {str(raw.get(key, "")) for key in ("class", "category", "type", "addresstype")}
    try:
        rank = int(raw.get("place_rank", 0))
    except (TypeError, ValueError) as error:
        raise GeocoderParseError("place_rank is no number") from error
    if "postcode" in kinds:
        return "postcode"
    if rank >= 30 or kinds & {"house", "building", "house_number", "amenity", "office", "shop"}:
        return "rooftop"
    if rank in (26, 27, 28, 29) or kinds & {"highway", "road", "street"}:
        return "street"
    settlements = {
        "city",
        "town",
        "village",
        "hamlet",
        "municipality",
        "borough",
        "suburb",
        "quarter",
        "neighbourhood",
        "locality",
        "city_district",
        "isolated_dwelling",
    }
    return "city" if 13 <= rank <= 25 or kinds & settlements else None


class CensusProvider:
    """The Census Bureau's geocoder, asked in batches."""

    name = "census"
    patience = 1

    def __init__(self, settings: Settings) -> None:
        if not 1 <= settings.batch <= census.BATCH_LIMIT:
            raise ProviderError(f"a batch has 1 to {census.BATCH_LIMIT:,} addresses")
        self.batch = settings.batch
        geocoder = USCensus(
            domain=settings.domain or census.DOMAIN,
            scheme=settings.scheme,
            user_agent=_user_agent(settings),
            batch_timeout=settings.timeout or 900,
        )
        delay = settings.delay or 0.0
        self._geocode_batch: Callable[..., Any] = RateLimiter(
            geocoder.geocode_batch,
            min_delay_seconds=delay,
            max_retries=0,
            error_wait_seconds=delay,
            swallow_exceptions=False,
        )

    def accepts(self, address: Address) -> bool:
        """Addresses of the US."""
        return address.country in ("US", None) and address.state in (*STATES, None)

    def ask(self, addresses: Sequence[Address], now: dt.datetime) -> list[CachedAnswer]:
        """All in one request. A tie is remembered as nothing found: there is no telling."""
        rows = [
            BatchRow(
                str(number), one.door or "", one.city or "", one.state or "", one.postcode or ""
            )
            for number, one in enumerate(addresses)
        ]
        answers = self._geocode_batch(rows)
        return [
            _answer(
                address,
                self.name,
                now,
                (answer.latitude, answer.longitude) if answer.outcome == "match" else None,
                "street",
                answer.matched or ("tie" if answer.outcome == "tie" else None),
            )
            for address, answer in ((one, answers[str(n)]) for n, one in enumerate(addresses))
        ]


def _answer(  # noqa: PLR0913, PLR0917 - a row has that many columns
    address: Address,
    provider: str,
    now: dt.datetime,
    point: tuple[float, float] | None = None,
    precision: Precision | None = None,
    matched: str | None = None,
) -> CachedAnswer:
    key = address.key
    if key is None:
        raise ValueError("an address without a line cannot be asked for")
    stamp = now.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if point is None:
        return CachedAnswer(key, provider, "nothing", None, None, None, matched, stamp)
    return CachedAnswer(key, provider, "found", precision, *point, matched, stamp)
