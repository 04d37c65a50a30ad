"""The way down to a practitioner's page, as the pages and search engines show it."""

from __future__ import annotations

from db.freshness import freshness
from db.place_text import STATES
from db.places_listed import slug
from db.profile import Profile
from plugins.pages.language import gettext as _
from plugins.pages.wording import state_name


def to_practitioner(profile: Profile, built_at: str) -> list[tuple[str, str]]:
    """(name, path) from the home page to the town of the first place that the finder shows.

    Shorter where there is none, or no state or town is known. `built_at` is when the release was
    built (UTC).
    """
    steps = [(_("Home"), "/")]
    shown = [at for at in profile.locations if freshness(at.last_seen, built_at) != "hidden"]
    at = next((at for at in shown if at.state in STATES and at.country == "US"), None)
    if at is None or at.state is None:
        return steps
    state = STATES[at.state]
    steps.append((state_name(at.state), f"/states/{slug(state)}"))
    if at.city and slug(at.city):
        steps.append((at.city, f"/states/{slug(state)}/{slug(at.city)}"))
    return steps
