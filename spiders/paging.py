"""When a pager has come to its end, and when it only pretends to go on.

Directories page in every wrong way: the last page again for ever, page 1 again for ever, an empty
page with a link to the next. What is new in each answer tells them apart.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from enum import Enum


class Turn(Enum):
    """What to do after an answer."""

    GO_ON = "go on"
    STOP = "stop"
    """The answer had nothing new: the pages after it are not asked."""
    STUCK = "stuck"
    """It was page 1 again: whatever the other pages hold was not sent."""


@dataclass(slots=True)
class Pager:
    """What the answers of one run held, by marks: native ids and addresses of entries."""

    seen: set[str] = field(default_factory=set)
    _first: set[str] = field(default_factory=set)

    def turn(self, marks: Set[str], *, turned: bool) -> Turn:
        """Take in the marks of one answer; `turned` where a pager led to it.

        A page turned to that has marks, none new, and all from where the paging began, means the
        pager does not turn. Any other answer without news means it has come to its end.
        """
        new = marks - self.seen
        self.seen |= marks
        if not turned:
            self._first |= marks
        if new:
            return Turn.GO_ON
        if turned and marks and marks <= self._first:
            return Turn.STUCK
        return Turn.STOP
