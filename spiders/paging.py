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
    _turns: bool = False
    """A turned page has brought something new: this pager does work."""

    def turn(self, marks: Set[str], *, turned: bool) -> Turn:
        """Take in the marks of one answer; `turned` where a pager led to it.

        An answer without news is the end of the paging: past the last page some directories show
        the last one for ever, some the first. But when the very first page turned to is page 1
        again, the pager does not work and nobody knows what the other pages hold.
        """
        new = marks - self.seen
        self.seen |= marks
        if not turned:
            self._first |= marks
        elif new:
            self._turns = True
        if new:
            return Turn.GO_ON
        if turned and not self._turns and marks and marks <= self._first:
            return Turn.STUCK
        return Turn.STOP
