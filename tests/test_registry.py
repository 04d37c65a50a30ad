"""The federal register: reading its API and its monthly file, and judging who is whom."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import threading
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from commands.store import alone
from commands.verify import day_of
from db.published import publish
from db.registry_matches import stored_matches
from db.registry_store import open_registry
from db.runs import take_in
from db.working import open_working
from matching.rebuild import match
from records.listing import Listing
from registry.api import RegistryApi, RegistryRefused, RegistryTrouble, read_result
from registry.bulk import BulkError, open_bulk
from registry.judge import Person, judge
from registry.record import Record, Slot, active, day, e164, is_npi, us_state, zip5
from registry.taxonomy import profession_of
from registry.verify import load_file, verify_all, verify_few
from samples.registry_file import HEADER, npi, people_rows, row
from tests.conftest import SHARED, needlepoint
from tests.store_fixtures import person, run, sheet

NOW = "2026-11-24T00:00:00Z"
PLACE = "Provider Business Practice Location Address"


# What the register writes, read


@pytest.mark.parametrize(
    ("printed", "meant"),
    [
        ("11/08/2026", "2026-11-08"),
        ("2018-09-22", "2018-09-22"),
        ("2019-03-23 22:03", "2019-03-23"),
        (1537639861, "2018-09-22"),
        ("1537639861", "2018-09-22"),
        ("1537639861000", "2018-09-22"),
        ("13/40/2026", None),
        ("2026-13-40", None),
        ("--", None),
        ("", None),
        (None, None),
        ("soon", None),
    ],
)
def test_days_in_every_spelling(printed: object, meant: str | None) -> None:
    assert day(printed) == meant


@pytest.mark.parametrize(
    ("printed", "zip_code", "phone"),
    [
        ("301803226", "30180", None),
        ("30180-3226", "30180", None),
        ("30180", "30180", None),
        ("301", None, None),
        ("K1A 0B1", None, None),
        ("614-555-0142", None, "+16145550142"),
        ("(614) 555-0142", None, "+16145550142"),
        ("16145550142", None, "+16145550142"),
        ("0145550142", None, None),
        ("", None, None),
    ],
)
def test_zip_codes_and_telephones(printed: str, zip_code: str | None, phone: str | None) -> None:
    assert zip5(printed) == zip_code
    assert e164(printed) == phone


@pytest.mark.parametrize(
    ("code", "profession"),
    [
        ("225100000X", "physical_therapist"),
        ("2251X0800X", "physical_therapist"),
        ("225200000X", "physical_therapist_assistant"),
        ("111NS0005X", "chiropractor"),
        ("225XH1200X", "occupational_therapist"),
        ("2255A2300X", "athletic_trainer"),
        ("2255R0406X", None),
        ("171100000X", "acupuncturist"),
        ("207Q00000X", None),
        ("261QP2000X", None),
        ("", None),
    ],
)
def test_professions_by_the_beginning_of_their_codes(code: str, profession: str | None) -> None:
    assert profession_of(code) == profession


def test_a_number_given_back_is_in_force() -> None:
    assert active(None, None)
    assert active("2015-01-14", "2019-02-13")
    assert not active("2019-02-13", "2015-01-14")
    assert not active("2019-02-13", None)


@given(st.integers(0, 99_999_999))
def test_npis_have_a_check_digit(number: int) -> None:
    whole = npi(number)
    assert is_npi(whole)
    wrong = whole[:-1] + str((int(whole[-1]) + 1) % 10)
    assert not is_npi(wrong)


@given(st.text(max_size=30))
def test_no_text_breaks_the_readers(text: str) -> None:
    found = (day(text), zip5(text), e164(text), us_state(text), is_npi(text))
    assert len(found) == 5


# The API


def result(number: int | str = 1568946812, **changes: Any) -> dict[str, Any]:
    """An answer about an invented therapist, shaped as the register shapes it."""
    basic = {
        "first_name": "ADA", "last_name": "SAMPLETON", "middle_name": "Q", "credential": "PT, DPT",
        "status": "A", "last_updated": "2024-05-06", "enumeration_date": "2008-01-02",
    }  # fmt: skip
    basic |= changes.pop("basic", {})
    return {
        "enumeration_type": "NPI-1",
        "number": number,
        "last_updated_epoch": 1714953600,
        "basic": basic,
        "other_names": [],
        "addresses": [
            {"address_purpose": "MAILING", "address_1": "PO BOX 7", "city": "ELSEWHERE",
             "state": "TX", "postal_code": "750011234", "telephone_number": "214-555-0199"},
            {"address_purpose": "LOCATION", "address_1": "101 FICTIONAL AVENUE", "city": "COLUMBUS",
             "state": "OH", "postal_code": "432151234", "telephone_number": "614-555-0101"},
        ],
        "taxonomies": [
            {"code": "207Q00000X", "desc": "Family Medicine", "primary": True, "state": "OH",
             "license": "35.1"},
            {"code": "225100000X", "desc": "Physical Therapist", "primary": False, "state": "OH",
             "license": "PT012345"},
        ],
    } | changes  # fmt: skip


def test_the_place_of_work_is_read_and_never_the_mailing_address() -> None:
    record = read_result(result())
    assert record is not None
    assert (record.city, record.state, record.postcode) == ("COLUMBUS", "OH", "43215")
    assert record.phone == "+16145550101"
    assert "TX" not in record.states
    assert read_result(result(addresses=result()["addresses"][:1])).state is None  # type: ignore[union-attr]


def test_numbers_and_epochs_are_integers_or_texts() -> None:
    old = read_result(result(basic={"last_updated": ""}))
    new = read_result(
        result("1568946812", basic={"last_updated": None}, last_updated_epoch="1714953600000")
    )
    assert old is not None
    assert old == new
    assert (old.npi, old.updated_on) == ("1568946812", "2024-05-06")


def test_a_profession_registered_second_counts() -> None:
    record = read_result(result())
    assert record is not None
    assert [slot.profession for slot in record.slots] == [None, "physical_therapist"]
    assert read_result(result(taxonomies=result()["taxonomies"][:1])) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"enumeration_type": "NPI-2"},
        {"basic": {"status": "D"}},
        {"basic": {"deactivation_date": "2020-01-01"}},
        {"basic": {"last_name": ""}},
        {"number": "1568946813"},
        {"number": None},
        {"taxonomies": None},
    ],
)
def test_organisations_and_numbers_not_in_force_are_left_out(changes: dict[str, Any]) -> None:
    assert read_result(result(**changes)) is None


def test_one_given_back_is_read() -> None:
    back = {"deactivation_date": "2015-01-14", "reactivation_date": "2019-02-13"}
    assert read_result(result(basic=back)) is not None


class Register:
    """A server that answers as the register does, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.answers: Callable[[dict[str, str]], tuple[int, Any]] = lambda _query: (
            200,
            {"result_count": 0, "results": []},
        )
        self.address = ""


@pytest.fixture
def register() -> Iterator[Register]:
    state = Register()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = {key: value[0] for key, value in parse_qs(urlsplit(self.path).query).items()}
            state.asked.append(query | {"user-agent": self.headers["User-Agent"]})
            status, content = state.answers(query)
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        state.address = f"http://127.0.0.1:{server.server_address[1]}/api/"
        yield state
        server.shutdown()


class Clock:
    """Time that passes only in pauses."""

    def __init__(self) -> None:
        self.now, self.pauses = 0.0, list[float]()

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def __call__(self) -> float:
        return self.now


@contextmanager
def asking(register: Register, pause: float = 0) -> Iterator[tuple[RegistryApi, Clock]]:
    clock = Clock()
    with RegistryApi(
        register.address, "NeedlepointBot/test", pause=pause, sleep=clock.sleep, clock=clock
    ) as api:
        yield api, clock


def test_the_api_is_asked_politely_and_by_the_place_of_work(register: Register) -> None:
    register.answers = lambda _query: (200, {"result_count": 1, "results": [result()]})
    with asking(register) as (api, clock):
        [found] = api.of_name("O'Neil-Díaz", "Ada", "OH")
        api.of_name("Sampleton", "A", "OH")
        api.of_name("Sampleton", None, "OH")
    assert found.npi == "1568946812"
    assert clock.pauses == [1.5, 1.5]
    first, second, third = register.asked
    assert first["last_name"] == "O'Neil-Diaz"
    assert first["first_name"] == "Ada*"
    assert (first["version"], first["enumeration_type"]) == ("2.1", "NPI-1")
    assert (first["address_purpose"], first["state"], first["limit"]) == ("LOCATION", "OH", "200")
    assert first["user-agent"] == "NeedlepointBot/test"
    assert "first_name" not in second
    assert "first_name" not in third


def test_pages_end_when_the_server_repeats_itself(register: Register) -> None:
    same = {"result_count": 200, "results": [result(npi(number)) for number in range(200)]}
    register.answers = lambda _query: (200, same)
    with asking(register) as (api, _):
        assert len(api.of_name("Sampleton", "Ada", "OH")) == 200
    assert len(register.asked) == 2


def test_pages_are_followed_as_far_as_the_register_gives_them(register: Register) -> None:
    def page(query: dict[str, str]) -> tuple[int, Any]:
        skip = int(query.get("skip", 0))
        return 200, {"results": [result(npi(number)) for number in range(skip, skip + 200)]}

    register.answers = page
    with asking(register) as (api, _):
        assert len(api.of_name("Sampleton", "Ada", "OH")) == 1200
    assert [query.get("skip") for query in register.asked] == [
        None, "200", "400", "600", "800", "1000",
    ]  # fmt: skip


def test_errors_with_status_200_are_told_from_trouble(register: Register) -> None:
    error = {"field": "generic", "number": "04", "description": "No valid search criteria"}
    register.answers = lambda _query: (200, {"Errors": [error]})
    with asking(register) as (api, _), pytest.raises(RegistryRefused, match="No valid search"):
        api.of_name("Sampleton", "Ada", "OH")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((503, b"busy"), "status 503"),
        ((200, b"<html>come back later</html>"), "no JSON"),
        ((200, {"result_count": 0}), "no results"),
        ((200, []), "no results"),
        ((302, b""), "status 302"),
    ],
)
def test_what_is_no_answer_is_trouble(
    register: Register, answer: tuple[int, Any], words: str
) -> None:
    register.answers = lambda _query: answer
    with asking(register) as (api, _), pytest.raises(RegistryTrouble, match=words):
        api.of_name("Sampleton", "Ada", "OH")


def test_a_register_that_is_not_there_is_trouble(register: Register) -> None:
    register.address = "http://127.0.0.1:9/api/"
    with asking(register) as (api, _), pytest.raises(RegistryTrouble, match="cannot be reached"):
        api.of_number("1568946812")


def test_recorded_answers_are_read(register: Register) -> None:
    folder = SHARED / "data" / "nppes"
    if not folder.is_dir():
        pytest.skip("no recorded answers beside this checkout (../shared/data/nppes)")
    outcomes: Counter[str] = Counter()
    for path in sorted(folder.glob("*.json")):
        register.answers = lambda _query, path=path: (200, path.read_bytes())  # type: ignore[misc]
        with asking(register) as (api, _):
            try:
                outcomes["records"] += len(api.of_name("Sampleton", "Ada", "OH"))
                outcomes["answers"] += 1
            except RegistryRefused:
                outcomes["refused"] += 1
    # Nobody recorded there has a profession that counts; organisations that have are left out.
    assert outcomes == {"answers": 7, "refused": 2, "records": 0}


# Judging

ADA = Record(
    npi="1568946812",
    family="SAMPLETON",
    given="ADA",
    middle="Q",
    street="101 FICTIONAL AVENUE STE 4",
    city="COLUMBUS",
    state="OH",
    postcode="43215",
    phone="+16145550101",
    slots=(Slot(code="225100000X", licence="PT012345", state="OH", primary=True),),
)


def listed(**clean: Any) -> Person:
    """The practitioner of one listing in Columbus: Ada Sampleton, PT."""
    extra = clean.pop("extra", {})
    one = person(1, clean=clean)
    found = Person.of("np-1", [({"extra": extra}, _halves(one)[1])])
    assert found is not None
    return found


def _halves(listing: Listing) -> tuple[dict[str, Any], dict[str, Any]]:
    clean = listing.clean
    return listing.printed(), {name: getattr(clean, name) for name in clean.__slots__}


ELSEWHERE = {"phone": None, "street": None, "postcode": "43004"}


@pytest.mark.parametrize(
    ("clean", "record", "judgement", "evidence"),
    [
        ({}, {}, "same", "same name, same phone, same street, same ZIP"),
        ({"phone": None, "street": None}, {}, "same", "same name, same ZIP"),
        ({**ELSEWHERE, "phone": "+16145550101"}, {}, "same", "same name, same phone"),
        (ELSEWHERE, {}, "cannot_tell", "nothing else agrees"),
        ({"given": "A", "phone": None, "street": None}, {}, "cannot_tell", "compatible name"),
        ({"given": "A"}, {}, "same", "compatible name, same phone"),
        ({"given": "Quinn"}, {"middle": "QUINN"}, "same", "compatible name"),
        ({"given": "Bob"}, {"given": "ROBERT"}, "same", "compatible name, same phone"),
        ({"given": "Robert"}, {"given": "BOB"}, "same", "compatible name, same phone"),
        ({"given": "Peggy"}, {"given": "MARGARET"}, "same", "compatible name, same phone"),
        (
            {"given": "Peggy", "phone": None, "street": None},
            {"given": "MARGARET"},
            "cannot_tell",
            "compatible name, same ZIP",
        ),
        ({"given": "Bob", **ELSEWHERE}, {"given": "ROBERT"}, "cannot_tell", "nothing else agrees"),
        ({"given": "Bob", "middle": "Z"}, {"given": "ROBERT"}, "not_found", "nobody"),
        ({"given": "Bob", "suffix": "Jr."}, {"given": "ROBERT"}, "cannot_tell", "another suffix"),
        ({"given": "Joan"}, {"given": "JEAN"}, "not_found", "nobody"),
        ({"given": "Joanna"}, {"given": "JO"}, "same", "compatible name, same phone"),
        ({"given": "Bruno"}, {}, "not_found", "nobody"),
        ({"middle": "Z"}, {}, "not_found", "nobody"),
        ({"family": "Other"}, {}, "not_found", "nobody"),
        ({"family": "Newname"}, {"other_names": (("NEWNAME", "ADA"),)}, "same", "same name"),
        ({"suffix": "Jr."}, {"suffix": "JR"}, "same", "same name"),
        ({"suffix": "Jr."}, {"suffix": "SR"}, "cannot_tell", "another suffix"),
        ({}, {"suffix": "SR"}, "cannot_tell", "another suffix"),
        ({"profession": "chiropractor"}, {}, "cannot_tell", "another profession"),
        ({"profession": None}, {}, "same", "same name"),
        ({"state": "MI"}, {}, "cannot_tell", "another state"),
        ({"extra": {"npi": "1568946812"}, **ELSEWHERE}, {}, "same", "same NPI printed"),
        ({"extra": {"npi": "1720377294"}}, {}, "cannot_tell", "prints another NPI"),
        (
            {"extra": {"npi": "1568946812"}, "family": "Mockridge"},
            {},
            "cannot_tell",
            "another name",
        ),
        ({"extra": {"License #": "PT 12345"}, **ELSEWHERE}, {}, "same", "same licence"),
        ({"extra": {"License #": "12"}, **ELSEWHERE}, {}, "cannot_tell", "nothing else"),
    ],
)
def test_a_name_alone_never_decides(
    clean: dict[str, Any], record: dict[str, Any], judgement: str, evidence: str
) -> None:
    judged = judge(listed(**clean), [replace(ADA, **record)])
    assert (judged.judgement, evidence in judged.evidence) == (judgement, True), judged
    assert (judged.record is not None) == (judgement == "same")


def test_two_who_fit_are_nobody() -> None:
    father, son = ADA, replace(ADA, npi="1720377294", middle=None)
    for order in ([father, son], [son, father]):
        judged = judge(listed(), order)
        assert (judged.judgement, judged.record) == ("cannot_tell", None)
    by_licence = judge(listed(extra={"licence": "012345"}), [ADA, replace(son, slots=SECOND)])
    assert by_licence.record == ADA


SECOND = (
    Slot(code="207Q00000X", state="OH", primary=True),
    Slot(code="2251X0800X", state="OH"),
    Slot(code="225100000X", licence="55", state="IN"),
)


def test_the_profession_shown_is_the_listed_one() -> None:
    judged = judge(listed(), [replace(ADA, slots=SECOND)])
    assert judged.slot is not None
    assert (judged.slot.code, judged.state) == ("2251X0800X", "OH")
    licensed = judge(listed(state="IN"), [replace(ADA, slots=SECOND)])
    assert (licensed.judgement, licensed.state) == ("same", "IN")


def test_whom_the_register_cannot_know_is_not_looked_for() -> None:
    for clean in (
        {"kind": "practice"}, {"family": None}, {"state": None}, {"country": "CA"},
        {"profession": "physician"},
    ):  # fmt: skip
        assert Person.of("np-1", [({}, _halves(person(1, clean=clean))[1])]) is None


# The monthly file


def line(number: int, **values: str) -> str:
    short = {
        "family": "Provider Last Name (Legal Name)", "given": "Provider First Name",
        "state": f"{PLACE} State Name", "zip": f"{PLACE} Postal Code",
        "phone": f"{PLACE} Telephone Number", "code": "Healthcare Provider Taxonomy Code_1",
        "off": "NPI Deactivation Date", "on": "NPI Reactivation Date",
        "street": "Provider First Line Business Practice Location Address",
        "kind": "Entity Type Code",
    }  # fmt: skip
    given = {
        "family": "SAMPLETON", "given": "ADA", "state": "OH", "zip": "432151234",
        "phone": "6145550101", "code": "225100000X", "kind": "1",
    } | values  # fmt: skip
    return row({"NPI": npi(number)} | {short.get(key, key): text for key, text in given.items()})


def csv_file(path: Path, *lines: str, header: tuple[str, ...] = HEADER) -> Path:
    path.write_text(",".join(f'"{name}"' for name in header) + "\n" + "".join(lines))
    return path


def records_in(path: Path) -> list[Record]:
    return [record for batch in open_bulk(path).batches() for record in batch.records]


def test_the_file_is_330_columns_wide_and_read_by_name(tmp_path: Path) -> None:
    assert len(HEADER) == len(set(HEADER)) == 330
    path = csv_file(tmp_path / "npidata_pfile_20050523-20261108.csv", line(1, street="1 MOCK ST"))
    [record] = records_in(path)
    assert (record.family, record.given, record.state) == ("SAMPLETON", "ADA", "OH")
    assert (record.postcode, record.phone) == ("43215", "+16145550101")
    assert record.street == "1 MOCK ST"
    [fields] = csv.DictReader(io.StringIO(path.read_text()))
    turned = tuple(reversed(HEADER))
    backwards = ",".join(f'"{fields[name]}"' for name in turned) + "\n"
    assert records_in(csv_file(tmp_path / "turned.csv", backwards, header=turned)) == [record]


def test_only_people_of_these_professions_in_force_are_kept(tmp_path: Path) -> None:
    second = {"code": "207Q00000X", "Healthcare Provider Taxonomy Code_15": "2251S0007X"}
    path = csv_file(
        tmp_path / "file.csv",
        line(1),
        line(2, code="207Q00000X"),
        line(3, **second),
        line(4, off="01/02/2024"),
        line(5, off="01/02/2015", on="03/04/2019"),
        line(6, kind="2"),
        line(7, code="207Q00000X", phone="2251555012"),  # looks like a code, in a telephone
        line(8, family=""),
        '"too","short","225100000X"\n',
    )
    [batch] = open_bulk(path).batches()
    assert [record.npi for record in batch.records] == [npi(1), npi(3), npi(5)]
    assert (batch.rows, batch.inactive, batch.unreadable) == (9, 1, 2)


def test_values_with_commas_breaks_and_odd_letters(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    csv_file(path, line(1, street="1 MOCK ST,\nFLOOR 2"), line(2, family="MUÑOZ"), line(3))
    assert [one.npi for one in records_in(path)] == [npi(1), npi(2), npi(3)]
    path.write_bytes(path.read_bytes().replace("Ñ".encode(), b"\xd1"))  # as Latin-1
    assert [one.family for one in records_in(path)] == ["SAMPLETON", "MUÑOZ", "SAMPLETON"]
    path.write_text(path.read_text("latin-1") + '"unending')
    with pytest.raises(BulkError, match="never ends"):
        records_in(path)


def zipped(path: Path, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


def whole(*lines: str) -> str:
    return ",".join(f'"{name}"' for name in HEADER) + "\n" + "".join(lines)


def test_the_main_file_is_found_in_the_archive(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "NPPES_Data_Dissemination_November_2026_V2.zip",
        {
            "npidata_pfile_20050523-20261108_FileHeader.csv": whole(),
            "npidata_pfile_20050523-20261108.csv": whole(line(1)),
            "othername_pfile_20050523-20261108.csv": '"NPI","Provider Other Organization Name"\n',
            "pl_pfile_20050523-20261108.csv": '"NPI"\n',
        },
    )
    file = open_bulk(path)
    assert file.member == "npidata_pfile_20050523-20261108.csv"
    assert day_of(path, file.member) == "2026-11-08"
    assert [record.npi for record in records_in(path)] == [npi(1)]


def test_what_is_no_monthly_file_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(BulkError, match=r"no npidata_pfile"):
        open_bulk(zipped(tmp_path / "a.zip", {"else.csv": "x"}))
    (tmp_path / "b.zip").write_bytes(b"PK\x03\x04 half a file")
    with pytest.raises(BulkError, match="not a whole"):
        open_bulk(tmp_path / "b.zip")
    with pytest.raises(BulkError, match="lacks NPI, Entity Type Code"):
        records_in(csv_file(tmp_path / "c.csv", header=("name", "phone")))
    with pytest.raises(BulkError, match="cannot be read"):
        open_bulk(tmp_path / "absent.csv")
    good = zipped(tmp_path / "d.zip", {"npidata_pfile_1-2.csv": whole(*people_rows(300))})
    content = bytearray(good.read_bytes())
    content[len(content) // 2] ^= 0xFF
    good.write_bytes(content)
    with pytest.raises(BulkError, match="damaged"):
        records_in(good)


@pytest.mark.parametrize("packed", [True, False])
def test_a_stopped_load_goes_on_and_gives_the_same(tmp_path: Path, packed: bool) -> None:
    text = whole(*people_rows(3000))
    if packed:
        path = zipped(tmp_path / "file.zip", {"npidata_pfile_1-2.csv": text})
    else:
        path = tmp_path / "npidata_pfile_1-2.csv"
        path.write_text(text)
    file = open_bulk(path)
    expected = sorted(record.npi for record in records_in(path))

    class Stop(Exception):
        pass

    reads: list[int] = []

    def stop_early(load: Any) -> None:
        reads.append(load.rows)
        if len(reads) == 3:
            raise Stop

    small = _Small(file)
    for folder in ("once", "twice"):
        (tmp_path / folder).mkdir()
    with open_registry(tmp_path / "once") as once:
        load_file(once, small, NOW)
        all_at_once = _content(once)
    with open_registry(tmp_path / "twice") as registry, pytest.raises(Stop):
        load_file(registry, small, NOW, stop_early)
    with open_registry(tmp_path / "twice") as registry:
        assert _content(registry)[0] == []  # nothing half loaded is used
        seen: list[int] = []
        load = load_file(registry, small, NOW, lambda load: seen.append(load.rows))
        assert seen[0] == reads[-1]  # not from the beginning
        assert (load.rows, load.kept) == (3000, len(expected))
        assert _content(registry) == all_at_once
        assert [number for number, _ in all_at_once[0]] == expected
        again = load_file(registry, small, NOW, lambda _load: pytest.fail("read again"))
        assert again == load


class _Small:
    """A file read in small batches."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.fingerprint, self.path = file.fingerprint, file.path

    def batches(self, start: int) -> Any:
        return self._file.batches(start, rows=400)


def _content(registry: Any) -> tuple[list[Any], list[Any]]:
    return (
        registry.execute("select number, record from npi order by 1").fetchall(),
        registry.execute("select * from name order by 1, 2, 3").fetchall(),
    )


def test_a_new_file_replaces_the_people_of_the_old_one(tmp_path: Path) -> None:
    with open_registry(tmp_path) as registry:
        load_file(registry, open_bulk(csv_file(tmp_path / "one.csv", line(1), line(2))), NOW)
        load_file(registry, open_bulk(csv_file(tmp_path / "two.csv", line(2), line(3))), NOW)
        assert [number for number, _ in _content(registry)[0]] == [npi(2), npi(3)]
        bad = csv_file(tmp_path / "bad.csv", line(4), '"unending')
        with pytest.raises(BulkError):
            load_file(registry, open_bulk(bad), NOW)
        assert [number for number, _ in _content(registry)[0]] == [npi(2), npi(3)]


# The whole way


def stored(data: Path, *listings: Listing) -> Database:
    db = open_working(data)
    take_in(db, sheet(), run(listings))
    match(db)
    return db


def directory_of_four(data: Path) -> Database:
    return stored(
        data,
        person(1),
        person(2, given="Bruno", family="Mockridge"),
        person(3, given="Celia", family="Fauxley"),
        person(
            4, clean={"kind": "practice", "given": None, "family": None, "name": "Sample Clinic"}
        ),
    )


def judgements(db: Database) -> dict[str, str]:
    names = dict(
        db.conn.execute(
            "select practitioner_id, clean ->> '$.name' from membership join listing"
            " on listing.id = listing_id"
        )
    )
    return {names[one.practitioner_id]: one.judgement for one in stored_matches(db)}


FOUR = {"Ada Sampleton": "same", "Bruno Mockridge": "cannot_tell", "Celia Fauxley": "not_found"}


def test_every_practitioner_is_matched_with_the_file(tmp_path: Path) -> None:
    db = directory_of_four(tmp_path)
    path = csv_file(
        tmp_path / "file.csv",
        line(1, family="SAMPLETON", given="ADA"),
        line(2, family="MOCKRIDGE", given="BRUNO", zip="450020000", phone="2165550199"),
        line(3, family="FAUXLEY", given="CELIA", state="TX"),
    )
    with open_registry(tmp_path) as registry:
        load = load_file(registry, open_bulk(path), NOW)
        done = verify_all(db, registry, load, "2026-11-08")
        assert judgements(db) == FOUR
        assert (done.checked, done.not_covered) == (3, 1)
        same = next(one for one in stored_matches(db) if one.judgement == "same")
        assert (same.npi, same.profession, same.state) == (npi(1), "physical_therapist", "OH")
        assert (same.checked_on, same.checked_with) == ("2026-11-08", "file.csv")
        before = list(stored_matches(db))
        verify_all(db, registry, load, "2026-11-08")
        assert list(stored_matches(db)) == before
    db.close()


def test_the_result_is_published_and_the_evidence_is_not(tmp_path: Path) -> None:
    db = directory_of_four(tmp_path)
    path = csv_file(
        tmp_path / "file.csv",
        line(1),
        line(2, family="MOCKRIDGE", given="BRUNO", zip="450020000", phone="2165550199"),
    )
    with open_registry(tmp_path) as registry:
        verify_all(db, registry, load_file(registry, open_bulk(path), NOW), "2026-11-08")
    publish(db, tmp_path)
    db.close()
    with closing(sqlite3.connect(tmp_path / "directory.db")) as public:
        public.row_factory = sqlite3.Row
        found = {
            row["name"]: (row["result"], row["npi"], row["profession"], row["state"])
            for row in public.execute(
                "select name, registry.* from registry join practitioner on id = practitioner_id"
            )
        }
    assert found == {
        "Ada Sampleton": ("active", npi(1), "physical_therapist", "OH"),
        "Bruno Mockridge": ("cannot_tell", None, None, None),
        "Celia Fauxley": ("not_found", None, None, None),
    }


def test_a_few_are_asked_for_and_the_oldest_first(tmp_path: Path, register: Register) -> None:
    db = directory_of_four(tmp_path)

    def known(query: dict[str, str]) -> tuple[int, Any]:
        if query["last_name"] == "Sampleton":
            return 200, {"results": [result()]}
        if query["last_name"] == "Mockridge":
            far = {"address_purpose": "LOCATION", "state": "OH", "postal_code": "45002"}
            basic = {"first_name": "BRUNO", "last_name": "MOCKRIDGE", "middle_name": ""}
            return 200, {"results": [result(npi(7), basic=basic, addresses=[far])]}
        return 200, {"result_count": 0, "results": []}

    register.answers = known
    with asking(register) as (api, _):
        first = verify_few(db, api, 2, "2026-11-20")
        assert (first.checked, len(judgements(db))) == (2, 2)
        verify_few(db, api, 1, "2026-11-21")
        assert judgements(db) == FOUR
        asked = len(register.asked)
        verify_few(db, api, 1, "2026-11-22")  # again from the oldest
        assert len(register.asked) == asked + 1
    assert sorted(one.checked_on for one in stored_matches(db)) == [
        "2026-11-20", "2026-11-21", "2026-11-22",
    ]  # fmt: skip
    db.close()


def test_trouble_ends_asking_and_a_refusal_does_not(tmp_path: Path, register: Register) -> None:
    db = directory_of_four(tmp_path)
    replies = iter([(200, {"Errors": [{"description": "no"}]}), (500, b"")])
    register.answers = lambda _query: next(replies)
    with asking(register) as (api, _):
        done = verify_few(db, api, 10, "2026-11-20")
    assert (done.refused, done.checked) == (1, 0)
    assert done.trouble == "the register answered with status 500"
    assert list(stored_matches(db)) == []
    db.close()


def test_who_is_forgotten_is_forgotten_here_too(tmp_path: Path) -> None:
    db = directory_of_four(tmp_path)
    with open_registry(tmp_path) as registry:
        load = load_file(registry, open_bulk(csv_file(tmp_path / "file.csv", line(1))), NOW)
        verify_all(db, registry, load, "2026-11-08")
    db.close()
    done = needlepoint("forget", "alpha:1", "--data", tmp_path)
    assert done.returncode == 0, done.stderr
    db = open_working(tmp_path)
    assert "Ada Sampleton" not in judgements(db)
    assert len(list(stored_matches(db))) == 2
    db.close()


def test_the_command_with_a_file(tmp_path: Path) -> None:
    directory_of_four(tmp_path).close()
    path = csv_file(tmp_path / "npidata_pfile_20050523-20261108.csv", line(1))
    done = needlepoint("verify", "--bulk", path, "--data", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "1 rows, 1 people of these professions in force" in done.stdout
    assert "3 practitioners checked: 1 registered, 0 cannot tell, 2 not found" in done.stdout
    with alone(tmp_path, "verify", "registry.lock"):
        second = needlepoint("verify", "--bulk", path, "--data", tmp_path)
    assert second.returncode == 75
    assert "is in use" in second.stderr
    (tmp_path / "y.csv").write_text("name,phone\n")
    bad = needlepoint("verify", "--bulk", tmp_path / "y.csv", "--data", tmp_path)
    assert bad.returncode == 1
    assert "not the NPPES main file" in bad.stderr
    assert "Traceback" not in bad.stderr


def test_the_api_is_asked_only_when_a_person_allowed_it(tmp_path: Path, register: Register) -> None:
    directory_of_four(tmp_path).close()
    neither = needlepoint("verify", "--data", tmp_path)
    assert neither.returncode == 2
    refused = needlepoint("verify", "--api", "--data", tmp_path)
    assert refused.returncode == 3
    assert "needlepoint accept nppes" in refused.stderr

    register.answers = lambda _query: (200, {"results": [result()]})
    sources = tmp_path / "sources"
    sources.mkdir()
    allowed = json.loads(sheet("nppes", directory_url=register.address).model_dump_json())
    (sources / "nppes.yml").write_text(json.dumps(allowed))
    done = needlepoint(
        "verify", "--api", "--most", "1", "--data", tmp_path, "--sources", sources,
        "--contact", "https://example.com/bot",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "1 practitioners checked" in done.stdout
    assert register.asked[0]["user-agent"].endswith("(+https://example.com/bot)")
