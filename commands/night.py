"""What a night run says afterwards: for people, and as JSON for programs, from the same facts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from commands.match import in_words as match_in_words
from commands.publish import in_words as release_in_words
from db.published_fill import Built
from db.status import SourceState
from matching.rebuild import Matched


@dataclass(slots=True)
class Night:
    """One `needlepoint run`. Times are UTC."""

    started_at: str
    finished_at: str = ""
    sources: list[SourceState] = field(default_factory=list)
    """Those that ran this night."""
    matched: Matched | None = None
    release: Built | None = None
    trouble: list[str] = field(default_factory=list)
    """Steps after crawling that did not succeed, and why."""

    @property
    def exit_code(self) -> int:
        """0 when every source is good and every step succeeded, else 1."""
        return int(bool(self.trouble) or any(one.verdict != "good" for one in self.sources))

    def as_json(self) -> str:
        facts = asdict(self) | {"exit_code": self.exit_code}
        return json.dumps(facts, ensure_ascii=False, indent=2) + "\n"

    def in_words(self) -> str:
        """The report, changes of verdict first."""
        lines = [f"needlepoint run of {self.started_at}, ended {self.finished_at}", ""]
        turned = [one for one in self.sources if one.turned]
        if turned:
            lines.append("Changes of verdict")
            lines += [
                f"  {one.id}: {one.verdict_before} -> {one.verdict}: {one.reason}" for one in turned
            ]
            lines.append("")
        lines += _table(self.sources)
        doubtful = [one for one in self.sources if one.held]
        if doubtful:
            lines += ["", "Waiting for a person"]
            lines += [
                f"  needlepoint accept-run {one.id} --reason '...'   (published data as of"
                f" {one.data_as_of or 'never'})"
                for one in doubtful
            ]
        lines.append("")
        if self.matched:
            lines.append(match_in_words(self.matched))
        if self.release:
            lines.append(release_in_words(self.release))
        lines += [f"TROUBLE: {line}" for line in self.trouble]
        good = sum(one.verdict == "good" for one in self.sources)
        lines.append(f"{good} of {len(self.sources)} sources good")
        return "\n".join(lines) + "\n"

    def save(self, data: Path) -> Path:
        """Write the report to `data`/reports as text and as JSON. Returns the text's path."""
        folder = data / "reports"
        folder.mkdir(exist_ok=True)
        name = self.started_at.replace(":", "")
        (folder / f"{name}.json").write_text(self.as_json(), encoding="utf-8")
        path = folder / f"{name}.txt"
        path.write_text(self.in_words(), encoding="utf-8")
        return path


_NUMBERS = ("pages", "found", "added", "changed", "missing", "returned", "retired")
_HEADINGS = ("pages", "listings", "new", "changed", "missing", "returned", "retired")


def _table(sources: Sequence[SourceState]) -> list[str]:
    if not sources:
        return ["No source ran."]
    width = max(len("source"), *(len(one.id) for one in sources))
    lines = ["source".ljust(width) + "".join(text.rjust(10) for text in _HEADINGS) + "  verdict"]
    for one in sorted(sources, key=lambda one: (one.verdict == "good", one.id)):
        numbers = "".join(f"{getattr(one, name):,}".rjust(10) for name in _NUMBERS)
        lines.append(f"{one.id.ljust(width)}{numbers}  {one.verdict}: {one.reason}")
    return lines
