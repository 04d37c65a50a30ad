"""How many place searches a second one process answers, and how long suggestions take.

    python -m bench.place_search [--served http://127.0.0.1:8001]

Queries come from tests/place_queries.py, each asked once in random order. With --served, types
towns letter by letter at a running finder and prints the times of /suggest.json on loopback.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import httpx

from db.gazetteer import Gazetteer
from db.gazetteer_file import copy_into, ensure
from db.place_search import find_place
from tests.place_queries import Tables, make

T = TypeVar("T")
EXACT = ("format", "zip", "zip+4", "PO box ZIP", "state", "name alone", "small town")
TYPED = ("toledo, oh", "springfield", "los angeles", "st. louis", "new york", "43604", "brooklyn")


def in_process() -> None:
    """Print searches a second by kind."""
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(sqlite3.connect(Path(folder) / "directory.db")) as opened,
    ):
        copy_into(opened, ensure(Path(folder)))
        opened.commit()
        table = [query for seed in range(4) for query in make(opened, seed)]
        random.Random(1).shuffle(table)
        gazetteer, rows = Gazetteer(opened), Tables(opened)
        kinds = {
            "ZIP codes": [row[0] for row in rows.postal[::5]],
            "spelt right": [query.text for query in table if query.kind in EXACT],
            "spoken": [q.text for q in table if q.kind in ("spoken", "Spanish")],
            "misspelt": [q.text for q in table if q.kind.startswith("misspelt")],
        }
        _timed("postal()", [row[0] for row in rows.postal], gazetteer.postal)
        _timed("city()", rows.first_in_state, lambda t: gazetteer.city(t.name, t.state))
        find_place(opened, "Tolido")
        for kind, texts in kinds.items():
            _timed(kind, texts, lambda text: find_place(opened, text))


def _timed(kind: str, many: Sequence[T], ask: Callable[[T], Any]) -> None:
    start = time.perf_counter()
    for one in many:
        ask(one)
    took = time.perf_counter() - start
    print(f"{kind:14}{len(many):6} asked    {len(many) / took:10,.0f} a second")


def suggestions(address: str) -> None:
    """Print the times of suggestions, letter by letter, after one of each to warm up."""
    texts = [word[:end] for word in TYPED for end in range(2, len(word) + 1)]
    times = []
    with httpx.Client(base_url=address) as client:
        for text in texts * 4:
            start = time.perf_counter()
            client.get("/suggest.json", params={"q": text}).raise_for_status()
            times.append((time.perf_counter() - start) * 1000)
    times = sorted(times[len(texts) :])
    half, most = times[len(times) // 2], times[int(len(times) * 0.95)]
    print(f"suggestions   {len(times):6} asked    p50 {half:.1f} ms, p95 {most:.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--served", help="address of a running finder, for suggestions")
    served = parser.parse_args().served
    in_process()
    if served:
        suggestions(served)


if __name__ == "__main__":
    main()
