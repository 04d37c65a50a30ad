"""Names: person or practice, letters apart from the name, the name's parts."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.name_parts import Parts, person_parts
from pipelines.names import NamePipeline, fill_names, read_name
from tests.stage_fixtures import counters, listing, sheet


@pytest.mark.parametrize(
    ("printed", "shown", "letters"),
    [
        ("Ada Sampleton", "Ada Sampleton", ()),
        ("Dr. Ada Q. Sampleton Jr., PT, DPT", "Ada Q. Sampleton Jr.", ("PT", "DPT")),
        ("Drs. Ada Sampleton", "Ada Sampleton", ()),
        ("Dr Noel Nocomma PT DPT OCS", "Noel Nocomma", ("PT", "DPT", "OCS")),
        ("Ada Sampleton MS ATC", "Ada Sampleton", ("MS", "ATC")),
        ("Ada Sampleton, P.T., D.P.T.", "Ada Sampleton", ("PT", "DPT")),
        ("Anne Marie  Invented , pt", "Anne Marie Invented", ("PT",)),
        ("jane sample, pt, dpt", "Jane Sample", ("PT", "DPT")),
        ("Nickname “Nick” Person – DPT", 'Nickname "Nick" Person', ("DPT",)),
        ("Robert J. (Skip) Dummy III, PT", 'Robert J. "Skip" Dummy III', ("PT",)),
        ("SAMPLETON, ADA", "Ada Sampleton", ()),
        ("Commafirst, Robin, DPT", "Robin Commafirst", ("DPT",)),
        ('Sampleton, Ada "Skip"', 'Ada "Skip" Sampleton', ()),
        ("Sampleton, Jr., Ada", "Ada Sampleton Jr.", ()),
        ("Dummy III, Robert, PT", "Robert Dummy III", ("PT",)),
        ("Sampleton, Ada PT DPT", "Ada Sampleton", ("PT", "DPT")),
        ("DE LA CRUZ, ANA", "Ana de la Cruz", ()),
        ("Muestra García, Ana María", "Ana María Muestra García", ()),
        ("ANGELA MCDUMMY PT", "Angela McDummy", ("PT",)),
        ("PATRICK O'SAMPLE", "Patrick O'Sample", ()),
        ("Dana O&#8217;Specimen, DPT", "Dana O'Specimen", ("DPT",)),
        ("Ada <b>Sampleton</b>, PT", "Ada Sampleton", ("PT",)),
        ("Former Name (née Other), PT", "Former Name", ("PT",)),
        # Letters that are names too
        ("Kim, Do", "Do Kim", ()),
        ("Thi Do, MD", "Thi Do", ("MD",)),
        ("Anna Kim MA", "Anna Kim", ("MA",)),
        ("ANNA KIM MA", "Anna Kim Ma", ()),
        # Titles that are given names here
        ("Dean Sample, PT", "Dean Sample", ("PT",)),
        ("King Sampleton", "King Sampleton", ()),
        # Two people in one entry
        ("Pat & Sam Placeholder, DPT", "Pat & Sam Placeholder", ("DPT",)),
        ("Person One, PT & Person Two, DPT", "Person One & Person Two", ("PT", "DPT")),
        # Words that are none of it
        ("Jane Sample, Physical Therapist", "Jane Sample", ()),
        ("Mr. Test Entry – DO NOT USE", "Test Entry", ()),
        ("Мария Примерова, DPT", "Мария Примерова", ("DPT",)),
        ("王小明, DPT", "王小明", ("DPT",)),
        ("Renée Zwölfbeispiel 😀", "Renée Zwölfbeispiel", ()),
    ],
)
def test_people(printed: str, shown: str, letters: tuple[str, ...]) -> None:
    found = read_name(printed)
    assert (found.kind, found.name, found.letters.known) == ("person", shown, letters)


@pytest.mark.parametrize(
    "printed",
    [
        "Back & Body Example Clinic",
        "Café R&D Physical Therapy",
        "100% Example Wellness \\ PT",
        "Specimen Valley Motion PT",
        "Specimen Wellness, LLC",
        "Performance & Rehabilitation, Inc.",
        "Smith & Jones",
        "The Sample Room",
        "Storybook",
        "Storybook Granite Orthopedics",
    ],
)
def test_practices(printed: str) -> None:
    found = read_name(printed)
    assert (found.kind, found.name) == ("practice", printed)
    assert found.parts == Parts()


@pytest.mark.parametrize(
    ("printed", "parts"),
    [
        ("Ada Q. Sampleton", Parts("Ada", "Q.", "Sampleton")),
        ("Vincent van der Sample", Parts("Vincent", None, "van der Sample")),
        ("Ana Lucía de la Ficción", Parts("Ana", "Lucía", "de la Ficción")),
        ("José Ñandú-Ibáñez", Parts("José", None, "Ñandú-Ibáñez")),
        ("J.R. Sample", Parts("J.R.", None, "Sample")),
        ("VINCENT VAN DER SAMPLE-DUMMY", Parts("Vincent", None, "van der Sample-Dummy")),
        ("Ada SAMPLETON", Parts("Ada", None, "Sampleton")),
        ("ada macdonald jr", Parts("Ada", None, "MacDonald", "Jr.")),
        ("Pat & Sam Sample", Parts("Pat & Sam", None, "Sample")),
        ("...", Parts()),
    ],
)
def test_parts(printed: str, parts: Parts) -> None:
    assert person_parts(printed) == parts


def test_a_practice_behind_the_name() -> None:
    found = read_name("Jane Sample, PT - Example Physical Therapy")
    assert (found.name, found.practice) == ("Jane Sample", "Example Physical Therapy")


def test_letters_in_a_column_of_their_own_make_a_person() -> None:
    one = listing(name="Joan Sport", credentials="PT, DPT")
    fill_names(one)
    assert (one.clean.kind, one.clean.credentials) == ("person", ("PT", "DPT"))
    assert one.clean.profession == "physical_therapist"


def test_a_listing_with_only_a_practice() -> None:
    one = listing(name=None, practice="Specimen Rehab", credentials="PT")
    fill_names(one, ("physical_therapist",))
    clean = one.clean
    assert (clean.kind, clean.name, clean.practice) == ("practice", *["Specimen Rehab"] * 2)
    assert (clean.credentials, clean.profession, clean.family) == ((), None, None)


def test_stage_counts() -> None:
    stats = counters()
    stage = NamePipeline(stats, sheet(professions=["physical_therapist"]))
    first = stage.process_item(listing(name="Ada Sampleton, DPT, XYZ-2"))
    second = stage.process_item(listing(name="Specimen Rehab, LLC"))
    third = stage.process_item(listing(name="Robin Sample"))
    assert first.clean.unknown_credentials == ("XYZ-2",)
    assert second.clean.practice == "Specimen Rehab, LLC"
    assert third.clean.profession == "physical_therapist"
    assert stats.get_stats() == {
        "names/kind/person": 2,
        "names/kind/practice": 1,
        "credentials/known/DPT": 1,
        "credentials/unknown/XYZ-2": 1,
        "names/profession/physical_therapist": 2,
    }


@given(st.text(max_size=80), st.booleans())
@example("&", False)
@example(",;|", True)
@example('"', False)
@example("PT, PT & PT PT, PT", False)
def test_never_raises(text: str, has_letters: bool) -> None:
    found = read_name(text, has_letters=has_letters)
    assert found.kind in {"person", "practice"}
    assert found.name is None or found.name.strip()
    person_parts(text)


@given(
    st.lists(st.sampled_from("Dr. Ada SAMPLE van Jr. PT, DPT Do , & ( ) \" ' - MA LLC".split(" ")))
)
def test_never_raises_on_what_names_are_made_of(words: list[str]) -> None:
    read_name(" ".join(words))
