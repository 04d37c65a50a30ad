"""A sentence for a reader that is made far from the page: it can still be said in another language.

`said("There is no ZIP code %(code)s.", code="00001")` is that English text, and keeps its pattern
and its values, so that a page can look the pattern up in a catalogue and fill it in again.
"""

from __future__ import annotations

from collections.abc import Callable


class Said(str):
    """English text that remembers its pattern and values. A value may itself be `Said`."""

    pattern: str
    values: dict[str, object]

    def spoken(self, translate: Callable[[str], str]) -> str:
        """The sentence with `translate` asked for the pattern and for every value that is said."""
        values = {
            name: value.spoken(translate) if isinstance(value, Said) else value
            for name, value in self.values.items()
        }
        return translate(self.pattern) % values


def said(pattern: str, **values: object) -> Said:
    """The sentence of a pattern in %-style with named values. Raises KeyError for a missing one."""
    sentence = Said(pattern % values)
    sentence.pattern, sentence.values = pattern, values
    return sentence


def N_(text: str) -> str:  # noqa: N802
    """Marks words for the catalogue where they are not yet to be translated."""
    return text
