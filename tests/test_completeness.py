"""Whether everybody was found: searches without a radius, other people's counts, pages cut off."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import HtmlResponse

from db.gate import judge
from records.bundle import RunBundle
from records.listing import Listing
from spiders.platforms.cut_off import cut_off
from spiders.platforms.grid import Grid, Point, km_between
from spiders.platforms.nearest import Nearest, nearest_first, spread
from spiders.platforms.totals import sitemap_total, wordpress_total
from tests.platform_fixtures import SITE, answer, fact_sheet, page, us_places
from tests.test_grid import TOLEDO, people_near

OFFICES = people_near(list(us_places()), 409, seed=23)


def ask_all(plan: Nearest, most: int) -> tuple[set[int], list[Point]]:
    """Everybody whom a search finds that gives the nearest `most`, and the points asked for."""
    found: set[int] = set()
    asked: list[Point] = []
    while (point := plan.next_point()) is not None:
        asked.append(point)
        assert len(asked) < 200, "it asks without end"
        near = sorted((km_between(point, one), n) for n, one in enumerate(OFFICES))[:most]
        found.update(n for _, n in near)
        plan.answered(point, [OFFICES[n] for _, n in near])
    return found, asked


@pytest.mark.parametrize(("rows", "most"), [(100, 20), (50, 40), (25, 70)])
def test_a_country_is_known_after_a_few_answers(rows: int, most: int) -> None:
    plan = Nearest(us_places())
    found, asked = ask_all(plan, rows)
    assert len(found) == 409
    assert len(asked) == plan.asked <= most
    assert plan.share_left == 0
    assert not plan.too_full
    assert len({latitude for latitude, _ in asked}) == len(asked), "kept by latitude alone"


def test_another_grid_learns_what_is_known() -> None:
    plan = Nearest(us_places())
    ask_all(plan, 50)
    grid = Grid(us_places(), 50)
    plan.teach(grid)
    left = 0
    while (cell := grid.next_cell()) is not None:
        left += 1
        grid.answered(cell, [], full=False)
    assert left <= 5


def test_no_latitude_twice() -> None:
    plan = Nearest([(41.0, -83.0, 1000), (41.0, -110.0, 900)])
    first = plan.next_point()
    assert first is not None
    plan.answered(first, [(first[0], first[1] + 0.5)])
    second = plan.next_point()
    assert second is not None
    assert second[0] != first[0]
    assert abs(second[0] - first[0]) < 0.001


def test_more_at_one_spot_than_an_answer_holds_is_known() -> None:
    plan = Nearest([(*TOLEDO, 270_000)])
    while (point := plan.next_point()) is not None and plan.asked < 200:
        plan.answered(point, [TOLEDO] * 10)
    assert plan.too_full


@pytest.mark.parametrize(
    ("rows", "in_order"),
    [
        ([], True),
        ([None, None], True),
        ([(41.7, -83.5), (42.0, -83.5), (50.0, -83.5)], True),
        ([(41.7, -83.5), None, (50.0, -83.5)], True),
        ([(50.0, -83.5), (41.7, -83.5)], False),
        ([(42.001, -83.5), (42.0, -83.5)], True),
    ],
)
def test_whether_rows_come_nearest_first(rows: list[Point | None], in_order: bool) -> None:
    assert nearest_first(TOLEDO, rows) is in_order


def test_rows_at_one_spot_say_nothing_of_those_behind_them() -> None:
    assert not spread(TOLEDO, [(42.0, -83.0)] * 10)
    assert not spread(TOLEDO, [])
    assert spread(TOLEDO, [(42.0, -83.0), (43.0, -83.0)])


# Counts


def counted(body: str, status: int = 200, **headers: str) -> HtmlResponse:
    return HtmlResponse(
        f"{SITE}/wp-json/", status=status, headers=headers, body=body.encode(), encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("reply", "count"),
    [
        (counted('[{"id":1}]', **{"X-WP-Total": "412"}), 412),
        (counted("[]", **{"X-WP-Total": "0"}), 0),
        (counted('[{"id":1}]'), None),
        (counted('[{"id":1}]', **{"X-WP-Total": "many"}), None),
        (counted('{"code":"rest_no_route"}', 404, **{"X-WP-Total": "412"}), None),
        (counted("<h1>Error</h1>", **{"X-WP-Total": "412"}), None),
    ],
)
def test_what_wordpress_counts(reply: HtmlResponse, count: int | None) -> None:
    found = wordpress_total(reply)
    assert (found.total.count if found else None) == count


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("<urlset><url><loc>https://directory.example/a/</loc></url></urlset>", [1]),
        ('<urlset xmlns="urn:x"><url><loc>a</loc></url><url><loc>b</loc></url></urlset>', [2]),
        ("<urlset></urlset>", []),
        ("<sitemapindex><sitemap><loc>a</loc></sitemap></sitemapindex>", []),
        (f"<urlset>{'<url><loc>a</loc></url>' * 2000}</urlset>", []),
        ("<html><body>Not found</body></html>", []),
        ("", []),
    ],
)
def test_what_a_sitemap_counts(body: str, count: list[int]) -> None:
    assert [one.count for one in sitemap_total(answer(body))] == count


@given(st.text(max_size=200))
def test_no_text_breaks_a_count(text: str) -> None:
    list(sitemap_total(answer(text)))
    wordpress_total(counted(text, **{"X-WP-Total": "3"}))
    cut_off(page(text))


@pytest.mark.parametrize(
    ("listed", "hidden", "shortfall", "line"),
    [
        (412, 0, None, "412 of 412; "),
        (409, 3, None, "412 of 412; "),
        (412, 3, None, "412 of 412; "),
        (406, 0, "6 outside every cell", "406 of 412, 6 outside every cell; "),
    ],
)
def test_the_run_says_how_many_of_how_many(
    listed: int, hidden: int, shortfall: str | None, line: str
) -> None:
    bundle = RunBundle(source_id="example", started_at="2026-01-01T00:00:00.000Z")
    bundle.finished_at = bundle.started_at
    bundle.expected = 412
    bundle.listings = [
        Listing(source_id="example", native_id=str(n), seen_url=SITE, name=f"Person {n}")
        for n in range(listed)
    ]
    if hidden:
        bundle.hidden = {"private": hidden}
    if shortfall:
        bundle.stats["shortfall"] = shortfall
        bundle.counted_apart = bundle.expected
    said = judge(fact_sheet(), bundle, None)
    assert said.verdict == "good"
    assert said.reason.startswith(line)


# Pages


@pytest.mark.parametrize(
    ("html", "cut"),
    [
        ("<html><body><table><tr><td>Ada</td></tr></table></body></html>", False),
        ("<html><body><table><tr><td>Ada</td></tr><tr><td>Be", True),
        ("<body><ul><li>Ada</ul>", False),
        ("<body><div><ul><li>Ada</li><li>Ben", True),
        ("<body><p>Ada<p>Ben", False),
        ("<table><tr><td>Ada", False),
        ("<html><body><div><p>Ada</p></body>", False),
    ],
)
def test_a_page_that_ends_in_the_middle(html: str, cut: bool) -> None:
    assert cut_off(page(html)) is cut
