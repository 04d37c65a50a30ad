"""Questions to the published database about who pays."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class InsuranceRule:
    """What one payer says about paying, by who performs it; dates as the source gives them."""

    id: str
    payer: str
    performed_by: str
    status: str
    code: str | None
    summary: str
    summary_es: str
    source_title: str
    source_url: str
    as_of: str | None
    checked_on: str
    confidence: str

    def told(self, language: str) -> str:
        """The summary in this language; in English where there is none."""
        return self.summary_es if language == "es" else self.summary


def insurance_rules(connection: sqlite3.Connection) -> list[InsuranceRule]:
    """Every published statement, in the order of reference/insurance_rules.csv."""
    columns = ", ".join(field.name for field in fields(InsuranceRule))
    rows = connection.execute(f"select {columns} from insurance_rule order by rowid")  # noqa: S608
    return [InsuranceRule(*row) for row in rows]
