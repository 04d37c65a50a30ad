"""Invented people in the layout of the federal register's monthly file (NPPES, V2): 330 columns."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

_ADDRESS = (
    "First Line Business {} Address", "Second Line Business {} Address",
    "Business {} Address City Name", "Business {} Address State Name",
    "Business {} Address Postal Code", "Business {} Address Country Code (If outside U.S.)",
    "Business {} Address Telephone Number", "Business {} Address Fax Number",
)  # fmt: skip
_NAME_PARTS = ("Name Prefix Text", "Name Suffix Text", "Credential Text")

#: The columns of the main file, in order.
HEADER: tuple[str, ...] = (
    "NPI", "Entity Type Code", "Replacement NPI", "Employer Identification Number (EIN)",
    "Provider Organization Name (Legal Business Name)", "Provider Last Name (Legal Name)",
    "Provider First Name", "Provider Middle Name",
    *(f"Provider {part}" for part in _NAME_PARTS),
    "Provider Other Organization Name", "Provider Other Organization Name Type Code",
    "Provider Other Last Name", "Provider Other First Name", "Provider Other Middle Name",
    *(f"Provider Other {part}" for part in _NAME_PARTS),
    "Provider Other Last Name Type Code",
    *(f"Provider {line.format('Mailing')}" for line in _ADDRESS),
    *(f"Provider {line.format('Practice Location')}" for line in _ADDRESS),
    "Provider Enumeration Date", "Last Update Date", "NPI Deactivation Reason Code",
    "NPI Deactivation Date", "NPI Reactivation Date", "Provider Sex Code",
    *(
        f"Authorized Official {part}"
        for part in ("Last Name", "First Name", "Middle Name", "Title or Position",
                     "Telephone Number")
    ),
    *(
        f"{part}_{number}"
        for number in range(1, 16)
        for part in ("Healthcare Provider Taxonomy Code", "Provider License Number",
                     "Provider License Number State Code",
                     "Healthcare Provider Primary Taxonomy Switch")
    ),
    *(
        f"Other Provider Identifier{part}_{number}"
        for number in range(1, 51)
        for part in ("", " Type Code", " State", " Issuer")
    ),
    "Is Sole Proprietor", "Is Organization Subpart", "Parent Organization LBN",
    "Parent Organization TIN",
    *(f"Authorized Official {part}" for part in _NAME_PARTS),
    *(f"Healthcare Provider Taxonomy Group_{number}" for number in range(1, 16)),
    "Certification Date",
)  # fmt: skip

STATES = (
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM"
    " NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY"
).split()
_GIVEN = (
    "ADA BRUNO CELIA DARIO EDITH FARID GRETA HOLLIS IMANI JONAS KEIKO LINUS MIRELA NILS ODA PAVEL"
    " QUILLA RUFUS SELMA TILO UNA VIKTOR WILMA XENO YARA ZENO"
).split()
_START = "BEL COR DAN FEN GOR HAL JEN KEL LOR MIN NOR PEL QUIN ROS SAL TIN VAN WEL YAR ZIN".split()
_MIDDLE = "A BE CO DI FO GA LE MI NO PI RU SE TO VE WI".split()
_END = "BERT DALE EXAMPLE FORD GROVE HOLM INVENTO LING MOCK NESS PLACEHOLT RICK SAMPLETON".split()
_COUNTING = (
    ["225100000X"] * 8 + ["225200000X"] * 3 + ["225X00000X"] * 4 + ["111N00000X"] * 3
    + ["2255A2300X", "171100000X", "2251X0800X", "2251S0007X"]
)  # fmt: skip
_OTHERS = "207Q00000X 163W00000X 1041C0700X 122300000X 183500000X 363L00000X 208000000X".split()
_PLACE = "Provider Business Practice Location Address"

#: One row in so many is of a profession that counts.
SHARE = 10


def npi(number: int) -> str:
    """A well-formed NPI, check digit and all, for a number under 100 million."""
    nine = f"1{number:08d}"
    total = 24
    for place, digit in enumerate(reversed(nine)):
        value = int(digit) * (1 if place % 2 else 2)
        total += value - 9 if value > 9 else value
    return f"{nine}{-total % 10}"


def row(values: Mapping[str, str]) -> str:
    """A line of the file: every value quoted, what is not given empty."""
    return ",".join(f'"{values.get(name, "")}"' for name in HEADER) + "\n"


def therapist(number: int, chance: random.Random) -> dict[str, str]:
    """An invented person of a counting profession; one in nine has registered it second."""
    state = chance.choice(STATES)
    values = {
        "NPI": npi(number),
        "Entity Type Code": "1",
        "Provider Last Name (Legal Name)": surname(chance),
        "Provider First Name": chance.choice(_GIVEN),
        "Provider Middle Name": chance.choice("ABCDE    ").strip(),
        "Provider Credential Text": "PT, DPT",
        "Provider First Line Business Mailing Address": "PO BOX 100",
        "Provider First Line Business Practice Location Address":
            f"{chance.randrange(1, 9999)} INVENTED AVE STE {chance.randrange(1, 40)}",
        f"{_PLACE} City Name": "SAMPLEVILLE",
        f"{_PLACE} State Name": state,
        f"{_PLACE} Postal Code": f"{chance.randrange(10_000, 99_999)}{chance.randrange(10_000):04}",
        f"{_PLACE} Country Code (If outside U.S.)": "US",
        f"{_PLACE} Telephone Number":
            f"{chance.randrange(201, 990)}55501{chance.randrange(100):02}",
        "Provider Enumeration Date": "05/23/2006",
        "Last Update Date": f"{chance.randrange(1, 13):02}/15/20{chance.randrange(10, 26)}",
        "Is Sole Proprietor": "N",
        "Provider Sex Code": "X",
    }  # fmt: skip
    place = 1
    if chance.randrange(9) == 0:
        values |= _slot(1, chance.choice(_OTHERS), "", state, "Y")
        place = 2
    licence = f"PT{chance.randrange(10_000, 999_999)}"
    return values | _slot(
        place, chance.choice(_COUNTING), licence, state, "N" if place > 1 else "Y"
    )


def _slot(place: int, code: str, licence: str, state: str, switch: str) -> dict[str, str]:
    return {
        f"Healthcare Provider Taxonomy Code_{place}": code,
        f"Provider License Number_{place}": licence,
        f"Provider License Number State Code_{place}": state,
        f"Healthcare Provider Primary Taxonomy Switch_{place}": switch,
    }


def surname(chance: random.Random) -> str:
    """One of some thousands of invented family names."""
    return chance.choice(_START) + chance.choice(_MIDDLE) + chance.choice(_END)


def people_rows(count: int, seed: int = 1) -> Iterator[str]:
    """So many lines of the file, the same for the same seed.

    One in SHARE counts (of those one in fifty is not in force); of the others one in four is an
    organisation, one in forty an empty row of a number that was given up.
    """
    chance = random.Random(seed)
    person = row(
        {"NPI": "{npi}", "Entity Type Code": "1", "Provider Last Name (Legal Name)": "{family}",
         "Provider First Name": "ADA", f"{_PLACE} State Name": "{state}",
         f"{_PLACE} Postal Code": "{zip}",
         "Provider First Line Business Practice Location Address": "{zip} INVENTED BLVD",
         f"{_PLACE} Telephone Number": "61455501{last}", "Last Update Date": "07/08/2020",
         "Provider Enumeration Date": "05/23/2006",
         "Healthcare Provider Taxonomy Code_1": "{code}", "Provider License Number_1": "{zip}",
         "Provider License Number State Code_1": "{state}",
         "Healthcare Provider Primary Taxonomy Switch_1": "Y",
         "Other Provider Identifier_1": "{npi}", "Other Provider Identifier Type Code_1": "05"}
    )  # fmt: skip
    practice = person.replace('"1","",', '"2","",', 1).replace(
        '"","{family}","ADA"', '"{family} CARE, INC.","",""', 1
    )
    given_up = row({"NPI": "{npi}", "NPI Deactivation Date": "03/01/2019"})
    for number in range(count):
        if number % SHARE == 0:
            values = therapist(number, chance)
            if number % (SHARE * 50) == 0:
                values["NPI Deactivation Date"] = "01/02/2024"
            yield row(values)
            continue
        template = practice if number % 4 == 0 else given_up if number % 40 == 1 else person
        digits = f"{number * 7919 % 90_000 + 10_000}"
        yield template.format(
            npi=f"1{number:09d}",
            family=surname(chance),
            state=STATES[number % len(STATES)],
            zip=digits,
            last=digits[-2:],
            code=_OTHERS[number % len(_OTHERS)],
        )
