"""Fact sheets of the sample directories: what a maintainer would know of them, home page only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

_CHECKED = "2026-09-01"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    title: str
    publisher: str
    label: str
    meaning: str
    most: int
    wording: dict[str, str] = field(default_factory=dict)
    fill_rate: dict[str, float] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    """Headings no reader can know."""


_FACTS = {
    "sample_wpsl_a": _Facts(
        title="Fictional Academy of Needling, practitioner directory",
        publisher="Fictional Academy of Needling",
        label="Certified in Fictional Needling",
        meaning="Finished the academy's invented courses and passed its invented examination.",
        most=1500,
        fill_rate={"name": 0.99, "city": 0.95, "phone": 0.9},
    ),
    "sample_wpsl_b": _Facts(
        title="Invented Institute of Dry Needling, providers",
        publisher="Invented Institute of Dry Needling",
        label="Listed Provider of the Invented Institute",
        meaning="Took at least one of the institute's invented courses.",
        most=1200,
        wording={
            "Level 1": "Level 1",
            "Level 2": "Level 2",
            "Certified Sample Needling Specialist": "Certified Sample Needling Specialist",
        },
        fill_rate={"name": 0.99, "city": 0.95, "phone": 0.9},
    ),
    "sample_wild_apricot": _Facts(
        title="Imaginary Association of Dry Needling, members",
        publisher="Imaginary Association of Dry Needling",
        label="Member of the Imaginary Association",
        meaning="Pays the association's invented fee; a level shows invented training.",
        most=1200,
        columns={"Practitioner's name": "name", "Work address": "street"},
        wording={"Foundations": "Foundations", "Advanced": "Advanced", "Fellow": "Fellow"},
        fill_rate={"name": 0.99, "city": 0.95, "phone": 0.9},
    ),
    "sample_html_table": _Facts(
        title="Placeholder College of Manual Therapy, therapists",
        publisher="Placeholder College of Manual Therapy",
        label="Dry Needling Therapist of the Placeholder College",
        meaning="Holds one of the college's three invented diplomas.",
        most=1000,
        wording={"DN-1": "DN-1", "DN-2": "DN-2", "DN-Master": "DN-Master"},
        fill_rate={"name": 0.99, "city": 0.95, "phone": 0.9},
    ),
    "sample_jsonld": _Facts(
        title="Sample Institute of Needling Arts, graduates",
        publisher="Sample Institute of Needling Arts",
        label="Dry Needling Certified (Sample Institute)",
        meaning="Graduated from the institute's invented programme.",
        most=1000,
        wording={
            "Dry Needling Certified (Sample Institute)": "Dry Needling Certified (Sample Institute)"
        },
        fill_rate={"name": 0.99, "city": 0.85, "phone": 0.9},
    ),
    "sample_cards": _Facts(
        title="Mock School of Dry Needling, practitioners",
        publisher="Mock School of Dry Needling",
        label="Practitioner of the Mock School",
        meaning="Attended the school; a printed line names the invented certificate.",
        most=1000,
        wording={
            "Certified Mock Needling Practitioner": "Certified Mock Needling Practitioner",
            "Mock Needling Level I": "Mock Needling Level I",
        },
        fill_rate={"name": 0.99, "address": 0.95, "phone": 0.9},
    ),
}


def write_sheets(folder: Path, urls: Mapping[str, str]) -> list[Path]:
    """Writes `folder/<source_id>.yml` for every sample source in `urls` (id -> base URL).

    Makes the folder when it is missing, overwrites older sheets, and gives the paths written.
    Raises KeyError for a source that is none of the samples.
    """
    folder.mkdir(parents=True, exist_ok=True)
    yaml = YAML()
    yaml.width = 100
    paths = []
    for source_id, url in urls.items():
        path = folder / f"{source_id}.yml"
        with path.open("w", encoding="utf-8") as handle:
            yaml.dump(_sheet(source_id, url), handle)
        paths.append(path)
    return paths


def _sheet(source_id: str, url: str) -> dict[str, Any]:
    facts = _FACTS[source_id]
    home = f"{url}/"
    sheet: dict[str, Any] = {
        "id": source_id,
        "title": f"Sample: {facts.title}",
        "publisher": {"name": facts.publisher, "url": home},
        "home_url": home,
        "platform": "auto",
        "certification": {
            "issuer": facts.publisher,
            "label": facts.label,
            "meaning": facts.meaning,
            "evidence_url": f"{home}about/",
            "wording": dict(facts.wording),
        },
        "professions": ["physical_therapist"],
        "coverage": {"countries": ["US", "CA"]},
        "status": {"state": "active", "reason": "local sample server", "date": _CHECKED},
        "terms": {
            "url": f"{home}terms/",
            "checked_on": _CHECKED,
            "decision": "accepted",
            "decided_by": "the samples",
            "note": "Our own server with invented people.",
        },
        "politeness": {"delay_seconds": 0, "note": "local sample server"},
        "bounds": {"min": 10, "max": facts.most, "fill_rate": dict(facts.fill_rate)},
        "notes": "Made by samples/: nobody in it is real.",
        "sample": True,
    }
    if facts.columns:
        sheet["options"] = {"columns": dict(facts.columns)}
    return sheet


def columns_of(source_id: str) -> dict[str, str]:
    """Headings of a sample directory that no reader can know -> field of Listing."""
    facts = _FACTS.get(source_id)
    return dict(facts.columns) if facts else {}


def write_broken_sheets(folder: Path, urls: Mapping[str, str]) -> list[Path]:
    """Writes `folder/broken_<fault>.yml` for the faults of `broken.serve_broken` (name -> URL)."""
    folder.mkdir(parents=True, exist_ok=True)
    yaml = YAML()
    paths = []
    for fault, url in urls.items():
        sheet = _sheet("sample_wpsl_a", url)
        sheet |= {"id": f"broken_{fault}", "title": f"Sample: broken, {fault.replace('_', ' ')}"}
        path = folder / f"broken_{fault}.yml"
        with path.open("w", encoding="utf-8") as handle:
            yaml.dump(sheet, handle)
        paths.append(path)
    return paths
