"""Geohashes: places written as short texts, in which some map services send their overviews."""

from __future__ import annotations

from dataclasses import dataclass

_LETTERS = {letter: value for value, letter in enumerate("0123456789bcdefghjkmnpqrstuvwxyz")}
_LONGEST = 16


@dataclass(frozen=True, slots=True)
class Spot:
    """The middle of a geohash's cell, and how far the cell reaches from it; all in degrees."""

    latitude: float
    longitude: float
    latitude_reach: float
    longitude_reach: float

    def holds(self, latitude: float, longitude: float) -> bool:
        """Whether a point lies in the cell, or so near that rounding explains it."""
        return (
            abs(latitude - self.latitude) <= self.latitude_reach * 1.5
            and abs(longitude - self.longitude) <= self.longitude_reach * 1.5
        )


def spot_of(geohash: str) -> Spot | None:
    """The cell a geohash stands for, or None where the text is none."""
    if not 1 <= len(geohash) <= _LONGEST:
        return None
    low, high = [-90.0, -180.0], [90.0, 180.0]
    axis = 1
    for letter in geohash.lower():
        value = _LETTERS.get(letter)
        if value is None:
            return None
        for bit in (16, 8, 4, 2, 1):
            middle = (low[axis] + high[axis]) / 2
            if value & bit:
                low[axis] = middle
            else:
                high[axis] = middle
            axis = 1 - axis
    latitude, longitude = ((low[one] + high[one]) / 2 for one in (0, 1))
    return Spot(latitude, longitude, (high[0] - low[0]) / 2, (high[1] - low[1]) / 2)
