"""How facts about insurance are written for a reader, in the language of the request."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date

from plugins.pages.language import current
from plugins.pages.language import gettext as _
from records.said import N_

STATUS = {
    "covered": N_("Pays"),
    "not_covered": N_("Does not pay"),
    "depends": N_("It depends"),
    "unconfirmed": N_("Not confirmed"),
}

PERFORMED_BY = {
    "physical_therapist": N_("by a physical therapist"),
    "physician": N_("by a doctor"),
    "other_with_acupuncture_licence": N_("by an assistant, nurse or helper"),
    "anyone": N_("whoever does it"),
}


def payment(status: str) -> str:
    """'Does not pay' for not_covered; an unknown word as it stands."""
    return _(STATUS.get(status, status))


def performed_by(who: str) -> str:
    """'by a doctor' for physician; an unknown word as it stands."""
    return _(PERFORMED_BY.get(who, who))


def dated(stamp: str) -> str:
    """'7 Apr 2020', 'Apr 2020' or '2020', as exact as a source's own date."""
    parts = [int(part) for part in stamp.split("-")]
    written = ("y", _("MMM y"), _("d MMM y"))[len(parts) - 1]
    year, month, day = (*parts, 1, 1)[:3]
    return format_date(date(year, month, day), written, locale=current.get())


FILTERS = {"payment": payment, "performed_by": performed_by, "dated": dated}
