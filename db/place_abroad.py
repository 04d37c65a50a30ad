"""Places outside the United States, by their country: to say that they are not known here.

Pure text. Without this, 'Toledo, Spain' would be Toledo in Ohio, and nobody would be told.
"""

from __future__ import annotations

from db.place_text import fold

_COUNTRIES = """
Afghanistan, Algeria, Argentina, Armenia, Australia, Austria, Bahamas, Bangladesh, Barbados,
Belarus, Belgium, Belize, Bermuda, Bolivia, Bosnia, Brazil, Brasil, Bulgaria, Cambodia, Canada,
Chile, China, Colombia, Costa Rica, Croatia, Cuba, Cyprus, Czech Republic, Denmark, Dominican
Republic, República Dominicana, Ecuador, Egypt, El Salvador, England, Inglaterra, Estonia,
Ethiopia, Finland, France, Francia, Germany, Alemania, Ghana, Great Britain, Greece, Guatemala,
Haiti, Honduras, Hong Kong, Hungary, Iceland, India, Indonesia, Iran, Iraq, Ireland, Irlanda,
Israel, Italy, Italia, Jamaica, Japan, Japón, Jordan, Kenya, Korea, South Korea, Kuwait, Latvia,
Lebanon, Lithuania, Luxembourg, Malaysia, Malta, Mexico, México, Morocco, Nepal, Netherlands, New
Zealand, Nicaragua, Nigeria, Northern Ireland, Norway, Pakistan, Panama, Panamá, Paraguay, Peru,
Philippines, Poland, Portugal, Qatar, Romania, Russia, Saudi Arabia, Scotland, Serbia, Singapore,
Slovakia, Slovenia, South Africa, Spain, España, Sweden, Switzerland, Syria, Taiwan, Thailand,
Trinidad, Turkey, Ukraine, United Arab Emirates, UAE, United Kingdom, UK, Uruguay, Venezuela,
Vietnam, Wales, Alberta, British Columbia, BC, Manitoba, New Brunswick, Newfoundland, Nova Scotia,
Ontario, Prince Edward Island, Quebec, Québec, Saskatchewan, Yukon
"""
"""Countries and Canada's provinces, as people type them after a town."""


def _key(name: str) -> str:
    return "".join(fold(name).split())


ABROAD: dict[str, str] = {
    _key(name): " ".join(name.split()) for name in _COUNTRIES.split(",") if name.strip()
}
"""Folded name without spaces to the name in words. Georgia is not here: it is a state."""


def abroad(parts: tuple[str, ...]) -> tuple[tuple[str, ...], str] | None:
    """('toledo', 'spain') as (('toledo',), 'Spain'): what stands before a country at the end, and
    the country. None if the words end in no country."""
    for size in (3, 2, 1):
        if len(parts) >= size and (name := ABROAD.get("".join(parts[-size:]))):
            return parts[:-size], name
    return None
