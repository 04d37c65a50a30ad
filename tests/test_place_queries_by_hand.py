"""Hard searches written by hand, by the rule that understands them: first, or within three."""

from __future__ import annotations

import sqlite3

import pytest

from db.place import Place
from db.place_search import Choices, Found, find_place
from tests.test_place_queries import connection

__all__ = ["connection"]

FIRST = {
    "a postal code typed apart, spoken, or with letters for digits": """
        43 604 = Toledo, OH 43604
        4 3 6 0 4 = Toledo, OH 43604
        436O4 = Toledo, OH 43604
        9O21O = Beverly Hills, CA 90210
        IOOO1 = New York, NY 10001
        o2139 = Cambridge, MA 02139
        523 17, IA = North Liberty, IA 52317
        four three six oh four = Toledo, OH 43604
        my zip is four three six zero four = Toledo, OH 43604
    """,
    "letters one by one": """
        N Y C = New York City, NY
        L. A. = Los Angeles, CA
        T o l e d o = Toledo, OH
    """,
    "run together": """
        toledoohio = Toledo, OH
        bostonma = Boston, MA
        losangelesca = Los Angeles, CA
        sandiegoca = San Diego, CA
        StCloud MN = Saint Cloud, MN
        stlouis = St. Louis, MO
        FtWorth = Fort Worth, TX
    """,
    "a part of a state is the state": """
        Upstate New York = New York
        Southern California = California
        western Massachusetts = Massachusetts
        central Texas = Texas
        Northern Virginia = Virginia
        West Virginia = West Virginia
    """,
    "a state that sounds right": """
        Newport Road Island = Newport, RI
        Porto Rico = Puerto Rico
        Uta = Utah
        Arkansaw = Arkansas
        Washingtion state = Washington
        Españala Niw Mexico = Española, NM
        Boise, Ida = Boise, ID
    """,
    "a hamlet's name is a slip of a city's": """
        Huston = Houston, TX
        Bozman = Bozeman, MT
        Evensville = Evansville, IN
        an Francisco = San Francisco, CA
        Hagarstown = Hagerstown, MD
    """,
    "a former name of one city is a slip of another's": """
        Louiseville = Louisville, KY
        Arizonia = Arizona
    """,
    "by sound": """
        Wooster MA = Worcester, MA
        Glouster MA = Gloucester, MA
        La Hoya CA = La Jolla, CA
        Pokeepsie = Poughkeepsie, NY
        Bilouxi = Biloxi, MS
    """,
    "the first letter": """
        xouth Jordan = South Jordan, UT
        oort Charlotte = Port Charlotte, FL
        Onolulu = Honolulu, HI
        Ankorage = Anchorage, AK
    """,
    "a nickname before smaller towns of that name": """
        Buckhead = Atlanta, GA
        South Beach = Miami Beach, FL
        Flushing = Queens, NY
        Watts = Los Angeles, CA
        Capitol Hill = Seattle, WA
        Ballard = Seattle, WA
        Jeff City MO = Jefferson City, MO
        St. Joe MO = Saint Joseph, MO
        ORD = Chicago, IL
        Hato Rey = San Juan, PR
        Clarendon VA = Arlington, VA
        Mission SF = San Francisco, CA
    """,
    "a city after a quarter nobody knows": """
        Flatiron Corner NYC = New York City, NY
        Cedar Quarter OKC = Oklahoma City, OK
    """,
    "counties": """
        LA County = Los Angeles County, CA
        PG County MD = Prince George's County, MD
        Bexar = Bexar County, TX
        Kenai Peninsula Borough = Kenai, AK
    """,
    "the phrase's own words are no place": """
        tennis elbow dry needling Boca Raton = Boca Raton, FL
        best rated dry needling Naples Florida = Naples, FL
        we're visiting Charleston South Carolina next week = Charleston, SC
        crossfit injury needling Austin = Austin, TX
        halfway between Austin and San Antonio = Austin, TX
        cuál es la clínica más cercana a Tucson = Tucson, AZ
        near the Mayo Clinic = Rochester, MN
    """,
    "one word of a phrase may be part of the name": """
        Boardmn OR = Boardman, OR
        kanaan, ME = Canaan, ME
        pak forest village pa = Park Forest Village, PA
    """,
}

WITHIN_THREE = {
    "a bigger place one letter off": """
        adison = Madison, WI
        namden = Hamden, CT
        rikhland = Richland, WA
        Worster = Worcester, MA
        Berkly = Berkeley, CA
    """,
    "the town of a nickname's name is offered": """
        Crystal City = Crystal City, TX
        Triangle = Raleigh, NC
        Triangle = Triangle, VA
    """,
    "a postal code with another town": """
        Dayton, OH 43604 = Dayton, OH
        Chicago 43604 = Toledo, OH 43604
    """,
}


def cases(table: dict[str, str]) -> list[tuple[str, str, str]]:
    """(rule, query, label) of each line."""
    return [
        (rule, *(part.strip() for part in line.split(" = ")))  # type: ignore[misc]
        for rule, lines in table.items()
        for line in lines.strip().splitlines()
    ]


def offered(connection: sqlite3.Connection, query: str) -> list[Place]:
    answer = find_place(connection, query)
    if isinstance(answer, Found):
        return [answer.place]
    assert isinstance(answer, Choices), answer
    return answer.places


@pytest.mark.parametrize(("rule", "query", "label"), cases(FIRST))
def test_first(connection: sqlite3.Connection, rule: str, query: str, label: str) -> None:
    assert offered(connection, query)[0].label == label, rule


@pytest.mark.parametrize(("rule", "query", "label"), cases(WITHIN_THREE))
def test_within_three(connection: sqlite3.Connection, rule: str, query: str, label: str) -> None:
    assert label in [place.label for place in offered(connection, query)[:3]], rule
