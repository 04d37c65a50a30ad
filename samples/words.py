"""The words invented people are made of, all of them plainly made up.

Surnames say that they are invented (Sampleton, Mockridge, Testwell) so that nobody can take a
sample for a person; hosts are example.com and phone numbers 555-01xx.
"""

from __future__ import annotations

GIVEN = tuple(
    """
    Ada Alan Alice Amara Amy Andrea Andrew Angela Anita Anna Anthony Arjun Audrey Barbara
    Benjamin Bethany Brandon Brenda Brian Caleb Camille Carla Carlos Carol Caroline Cassandra
    Catherine Cesar Charles Chloe Christina Christopher Clara Colin Connor Crystal Cynthia
    Daniel Danielle Darius David Deborah Denise Derek Diana Dmitri Donald Donna Dorothy Douglas
    Edith Edward Elaine Elena Elizabeth Emily Eric Erica Esther Ethan Eugene Eva Evan Faith
    Farah Felix Fiona Frances Frank Gabriel Gail George Gina Gloria Grace Gregory Hannah Harold
    Heather Hector Helen Henry Hugo Ian Imani Irene Isaac Isabel Jacob Jamal James Janet Jasmine
    Jason Jeffrey Jennifer Jessica Joan Joel Jonathan Joseph Joshua Joyce Judith Julia Karen
    Katherine Keith Kenneth Kevin Kimberly Kofi Laura Lauren Lawrence Leila Leonard Linda Lisa
    Lorenzo Louise Lucas Lydia Malik Marcus Margaret Maria Marisol Martha Martin Matthew Maya
    Megan Melissa Michael Miguel Miriam Monica Nadia Nancy Naomi Natalie Nathan Nicholas Nicole
    Nina Noel Olga Olivia Oscar Pamela Patricia Patrick Paul Pedro Peter Philip Priya Rachel Raj
    Rebecca Ricardo Richard Rita Robert Rosa Ruth Ryan Samantha Samuel Sandra Sara Scott Sean
    Sharon Sofia Stephanie Stephen Steven Susan Tamara Tanya Teresa Terrence Theodore Thomas
    Timothy Tomas Tyrone Valerie Vanessa Veronica Victor Victoria Vincent Virginia Walter Wanda
    Wendy William Xavier Yasmin Yolanda Yusuf Zachary
    """.split()
)

#: Shorter forms by which the same people stand in a second directory.
NICKNAMES = {
    "Andrew": "Andy",
    "Anthony": "Tony",
    "Barbara": "Barb",
    "Benjamin": "Ben",
    "Catherine": "Cathy",
    "Charles": "Chuck",
    "Christina": "Chris",
    "Christopher": "Chris",
    "Cynthia": "Cindy",
    "Daniel": "Dan",
    "David": "Dave",
    "Deborah": "Debbie",
    "Donald": "Don",
    "Dorothy": "Dot",
    "Douglas": "Doug",
    "Edward": "Ted",
    "Elizabeth": "Beth",
    "Frances": "Fran",
    "Gregory": "Greg",
    "Henry": "Hank",
    "Jacob": "Jake",
    "James": "Jim",
    "Jeffrey": "Jeff",
    "Jennifer": "Jen",
    "Jessica": "Jess",
    "Jonathan": "Jon",
    "Joseph": "Joe",
    "Joshua": "Josh",
    "Judith": "Judy",
    "Katherine": "Kate",
    "Kenneth": "Ken",
    "Kimberly": "Kim",
    "Lawrence": "Larry",
    "Leonard": "Len",
    "Margaret": "Peggy",
    "Matthew": "Matt",
    "Michael": "Mike",
    "Natalie": "Nat",
    "Nathan": "Nate",
    "Nicholas": "Nick",
    "Pamela": "Pam",
    "Patricia": "Pat",
    "Patrick": "Pat",
    "Philip": "Phil",
    "Rebecca": "Becky",
    "Richard": "Rick",
    "Robert": "Bob",
    "Samantha": "Sam",
    "Samuel": "Sam",
    "Stephanie": "Steph",
    "Stephen": "Steve",
    "Steven": "Steve",
    "Susan": "Sue",
    "Terrence": "Terry",
    "Theodore": "Ted",
    "Thomas": "Tom",
    "Timothy": "Tim",
    "Victoria": "Vicky",
    "Vincent": "Vince",
    "William": "Bill",
    "Zachary": "Zach",
}

_SURNAME_HEADS = (
    "Sample Mock Test Example Dummy Invent Fiction Pretend Placehold Specimen Notional Imagin "
    "Fabric Hypothe Pseudo Makebe Nobod Unreal Proto Demo Figment Fauxen Stencil Draft Template "
    "Madeup"
).split()
_SURNAME_TAILS = (
    "ton ridge well ley by son field worth ham ford berg wood smith croft brook stein dale mont "
    "gate land wick shaw more hurst"
).split()


def surnames() -> list[str]:
    """Every invented surname, in a fixed order."""
    return [head + tail for head in _SURNAME_HEADS for tail in _SURNAME_TAILS]


#: Names that a program has to survive: marks, other alphabets, another order, a picture.
UNICODE_NAMES = (
    ("José", "Muestreño"),
    ("Zoë", "Beispielsdóttir"),
    ("Renée", "Échantillon"),
    ("Søren", "Prøvesen"),
    ("Łukasz", "Przykładowy"),
    ("Nguyễn", "Thửnghiệm"),
    ("Björn", "Låtsasson"),
    ("İpek", "Örneköz"),
    ("Siân", "Enghraifft-Ffug"),
    ("Chloé", "d’Exemple"),
    ("Åsa", "Påhittad"),
    ("Ana Lucía", "de la Ficción"),
    ("Мария", "Примерова"),
    ("Renée", "Zwölfbeispiel 😀"),
)

PRACTICE_HEADS = tuple(
    """
    Specimen Sample Fictional Invented Placeholder Example Testbed Make-Believe Imaginary Mock
    Pretend Nowhere Hypothetical Demonstration Template Stand-In Dress-Rehearsal Unreal Storybook
    Paper-Town
    """.split()
)
PRACTICE_MIDDLES = tuple(
    """
    Valley River Summit Harbor Prairie Lakeside Northgate Southside Eastfield Westbrook Midtown
    Hillside Canyon Orchard Meadow Juniper Cedar Granite Coastal Heritage
    """.split()
)
PRACTICE_TAILS = (
    "Physical Therapy",
    "Sports Medicine",
    "Spine & Sport",
    "Rehab",
    "Orthopedics",
    "Motion PT",
    "Wellness, LLC",
    "Movement Co.",
    "Family Physical Therapy",
    "Therapy Group",
    "Performance & Rehabilitation, Inc.",
    "Hand Therapy",
)

STREETS = tuple(
    """
    Sample Specimen Placeholder Example Fictional Testbed Imaginary Storybook Pretend Rehearsal
    Invented Nowhere Template Mockingbird Makebelieve Demonstration Paperclip Dummy Hypothetical
    Stencil Prototype Notional Fable Draft Blueprint Backdrop Stagecraft Cardboard Daydream Figment
    """.split()
)
#: A street's kind in full, and how others shorten it.
STREET_KINDS = {
    "Street": ("St", "St."),
    "Avenue": ("Ave", "Ave."),
    "Boulevard": ("Blvd", "Blvd."),
    "Road": ("Rd", "Rd."),
    "Drive": ("Dr", "Dr."),
    "Lane": ("Ln", "Ln."),
    "Court": ("Ct", "Ct."),
    "Parkway": ("Pkwy", "Pkwy."),
    "Place": ("Pl", "Pl."),
    "Way": ("Way", "Way"),
}
DIRECTIONS = {"North": ("N", "N."), "South": ("S", "S."), "East": ("E", "E."), "West": ("W", "W.")}

#: Credentials by profession; the first group is drawn most often.
CREDENTIALS: dict[str, tuple[tuple[str, ...], ...]] = {
    "physical therapist": (
        ("PT", "DPT"),
        ("PT",),
        ("DPT",),
        ("PT", "DPT", "OCS"),
        ("PT", "MPT"),
        ("PT", "DPT", "Cert. DN"),
        ("MSPT",),
        ("PT", "DPT", "SCS", "CSCS"),
        ("PT", "DPT", "OCS", "FAAOMPT"),
        ("PT", "MS", "OCS"),
        ("PT", "DPT", "COMT"),
    ),
    "occupational therapist": (("OTR/L",), ("OTR/L", "CHT"), ("OTD", "OTR/L")),
    "chiropractor": (("DC",), ("DC", "CCSP")),
    "athletic trainer": (("ATC",), ("LAT", "ATC"), ("MS", "ATC")),
    "acupuncturist": (("LAc",), ("DACM", "LAc")),
    "physician": (("MD",), ("DO",)),
    "nurse practitioner": (("FNP-C",), ("DNP", "FNP-BC")),
}
PROFESSION_WEIGHTS = {
    "physical therapist": 77,
    "occupational therapist": 5,
    "chiropractor": 8,
    "athletic trainer": 5,
    "acupuncturist": 2,
    "physician": 2,
    "nurse practitioner": 1,
}
