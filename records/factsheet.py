"""Fact sheets: what is known of each public directory, and whether it may be read.

One YAML file a source, `sources/<id>.yml`. The schema is closed: an unknown key, a missing one or a
wrong type is an error that names the file, the key and what is allowed. A sheet says who publishes
a directory, where it is, what a listing there means, what was decided about its terms, and
the bounds within which a run is believed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

Status = Literal["active", "proposed", "paused", "retired", "forbidden"]
Decision = Literal["accepted", "refused", "undecided"]
HttpUrl = Annotated[str, Field(pattern=r"^https?://[^\s/]+(/\S*)?$")]

#: Seconds between two requests to one host unless a sheet says otherwise, with a note.
DEFAULT_DELAY_SECONDS = 5.0


class SheetError(Exception):
    """A fact sheet cannot be used; the message names the file, the key and what is allowed."""


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Publisher(_Closed):
    name: str
    url: HttpUrl | None = None


class CertificationFacts(_Closed):
    """What a listing in this directory says of a person. Unknown stays null."""

    issuer: str
    label: str | None = None
    """What being listed there means, in the issuer's words; null where nobody here has read it."""
    meaning: str | None = None
    """The same in plain words for a patient."""
    evidence_url: HttpUrl | None = None
    wording: dict[str, str] = Field(default_factory=dict)
    """Printed level -> the issuer's label for it. Other printed wording is kept but not shown."""


class Coverage(_Closed):
    countries: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] = ("US",)


class StatusFacts(_Closed):
    state: Status
    reason: str
    date: dt.date


class Terms(_Closed):
    url: HttpUrl | None = None
    checked_on: dt.date | None = None
    decision: Decision = "undecided"
    decided_by: str | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _a_decision_has_a_date(self) -> Terms:
        if self.decision != "undecided" and self.checked_on is None:
            raise ValueError("a terms decision needs checked_on, the day somebody read the terms")
        return self


class Politeness(_Closed):
    delay_seconds: Annotated[float, Field(ge=0, le=600)] = DEFAULT_DELAY_SECONDS
    note: str | None = None

    @model_validator(mode="after")
    def _faster_needs_a_reason(self) -> Politeness:
        if self.delay_seconds < DEFAULT_DELAY_SECONDS and not self.note:
            raise ValueError(
                f"delay_seconds under {DEFAULT_DELAY_SECONDS:g} needs a note that says why"
            )
        return self


class Bounds(_Closed):
    """Outside these a run is doubtful. Set from a real run, never refitted to a broken one."""

    min: Annotated[int, Field(ge=0)] | None = None
    max: Annotated[int, Field(ge=1)] | None = None
    fill_rate: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)
    """Printed field -> the least share of listings that must have it."""


class Options(_Closed):
    """What a platform may be told about one directory."""

    columns: dict[str, str] = Field(default_factory=dict)
    """Heading or key as printed -> field of Listing, where the readers cannot know it."""
    identity: tuple[str, ...] = ()
    """Listing fields hashed into native_id where the directory has no id of its own."""
    max_pages: Annotated[int, Field(ge=1)] = 2000
    """More answers than this end the run as failed: an endless pager."""
    extra: dict[str, str] = Field(default_factory=dict)
    """Settings of one platform only, documented in its docstring."""


class FactSheet(_Closed):
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,60}$")]
    title: str
    publisher: Publisher
    home_url: HttpUrl | None = None
    """Null where nobody has found it yet; such a source cannot be active."""
    directory_url: HttpUrl | None = None
    platform: str = "auto"
    certification: CertificationFacts
    professions: tuple[str, ...] = ()
    coverage: Coverage = Coverage()
    status: StatusFacts
    terms: Terms = Terms()
    politeness: Politeness = Politeness()
    bounds: Bounds = Bounds()
    options: Options = Options()
    every_days: Annotated[int, Field(ge=1, le=366)] = 1
    """Days from one good run to the next; `needlepoint run` leaves the source out in between."""
    notes: str = ""
    sample: bool = False
    """Made by `samples/`: pages built from it say that nobody in it is real."""

    @field_validator("professions", mode="before")
    @classmethod
    def _none_is_empty(cls, value: Any) -> Any:
        return value or ()

    @model_validator(mode="after")
    def _active_needs_an_address(self) -> FactSheet:
        if self.status.state == "active" and not (self.home_url or self.directory_url):
            raise ValueError("an active source needs home_url or directory_url")
        return self

    def why_not(self) -> str | None:
        """Why this source may not be crawled and what to do about it, or None when it may."""
        state, reason = self.status.state, self.status.reason.rstrip(".")
        if state == "forbidden":
            return f"forbidden since {self.status.date}: {reason}. It never runs."
        if self.terms.decision == "refused":
            return f"its terms were refused on {self.terms.checked_on}: {self.terms.note or reason}"
        if self.terms.decision == "undecided":
            where = self.terms.url or "address unknown"
            return (
                f"nobody has recorded a decision about its terms ({where}). "
                f"Read them, then run: needlepoint accept {self.id}"
            )
        if state == "active":
            return None
        return (
            f"{state} since {self.status.date}: {reason}. To start it: needlepoint accept {self.id}"
        )


def load_sheet(path: Path) -> FactSheet:
    """The checked fact sheet in `path`.

    Raises SheetError when the file cannot be read, is no YAML, or breaks the schema.
    """
    try:
        with path.open(encoding="utf-8") as handle:
            content = YAML(typ="safe", pure=True).load(handle)
    except OSError as error:
        raise SheetError(f"{path}: cannot be read ({error.strerror})") from error
    except (YAMLError, UnicodeDecodeError) as error:
        raise SheetError(f"{path}: is not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise SheetError(f"{path}: must hold keys and values, one of them `id: {path.stem}`")
    try:
        sheet = FactSheet.model_validate(content)
    except ValidationError as error:
        raise SheetError(_in_words(path, error)) from error
    if sheet.id != path.stem:
        raise SheetError(f"{path}: id is {sheet.id!r} but the file name says {path.stem!r}")
    return sheet


def load_sheets(folder: Path) -> dict[str, FactSheet]:
    """All fact sheets in `folder` by id, sorted.

    Raises SheetError naming every file that is wrong, or the folder when it has no sheet.
    """
    sheets: dict[str, FactSheet] = {}
    wrong: list[str] = []
    for path in sorted(folder.glob("*.yml")):
        try:
            sheets[path.stem] = load_sheet(path)
        except SheetError as error:
            wrong.append(str(error))
    if wrong:
        raise SheetError("\n".join(wrong))
    if not sheets:
        raise SheetError(
            f"{folder}: no fact sheets (*.yml) here; name another folder with --sources"
        )
    return sheets


def choose(sheets: dict[str, FactSheet], ids: Iterable[str]) -> list[FactSheet]:
    """The sheets with these ids. Raises SheetError that lists the known ids for an unknown one."""
    unknown = [one for one in ids if one not in sheets]
    if unknown:
        raise SheetError(
            f"no source named {', '.join(unknown)}. There are: {', '.join(sorted(sheets))}"
        )
    return [sheets[one] for one in ids]


def _in_words(path: Path, error: ValidationError) -> str:
    lines = []
    for problem in error.errors():
        where = ".".join(str(part) for part in problem["loc"]) or "the sheet"
        kind = problem["type"]
        if kind == "extra_forbidden":
            allowed = ", ".join(_keys_beside(problem["loc"]))
            lines.append(f"{path}: {where}: unknown key; allowed here: {allowed}")
        elif kind == "missing":
            lines.append(f"{path}: {where}: is missing")
        else:
            lines.append(f"{path}: {where}: {problem['msg']} (found {problem['input']!r:.80})")
    return "\n".join(lines)


def _keys_beside(location: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] = FactSheet
    for part in location[:-1]:
        inner = model.model_fields[str(part)].annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            model = inner
    return list(model.model_fields)
