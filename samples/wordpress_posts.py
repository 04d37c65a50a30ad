"""A directory kept as a post type of its own, with ACF fields in the REST API, or on pages only."""

from __future__ import annotations

from typing import Any, ClassVar

from samples.directory_plugin import DirectoryPluginSite
from samples.map_plugin import degrees
from samples.site import Reply, Request, escaped
from samples.wordpress import php_json, texturise
from samples.world import TrueListing


class WordPressPostsSite(DirectoryPluginSite):
    """ACF fields are exposed."""

    post_type = "practitioner"
    pages_at = "/practitioner/"
    exposed: ClassVar[bool] = True

    def posts(self) -> list[dict[str, Any]]:
        posts = [self._post(one) for one in self.shown()]
        secret = {"rendered": "", "protected": True}
        return [*posts, self._post(self.withheld()[0]) | {"content": secret}]

    def draft_ids(self) -> set[str]:
        return {one.native_id for one in self.withheld()[1:]}

    def _post(self, one: TrueListing) -> dict[str, Any]:
        acf = {
            "credentials": "",
            "practice_name": one.practice,
            "street_address": one.street,
            "suite": one.unit,
            "city": one.city,
            "state": one.state,
            "zip_code": one.postcode,
            "country": one.country,
            "phone": one.phone or False,
            "email": one.email,
            "website": {"title": "Website", "url": one.website, "target": ""}
            if one.website
            else "",
            "position": {"lat": degrees(one.latitude), "lng": degrees(one.longitude)},
        }
        return {
            "id": int(one.native_id),
            "date": "2026-09-01T08:00:00",
            "slug": self.path_of(one).strip("/").rpartition("/")[2],
            "status": "publish",
            "type": self.post_type,
            "link": self.link(one),
            "title": {"rendered": texturise(one.stored)},
            "content": {"rendered": "", "protected": False},
            **({"acf": acf} if self.exposed else {}),
        }

    def directory(self, request: Request) -> Reply:
        rows = "\n".join(
            f'<article id="post-{one.native_id}" class="post-{one.native_id} {self.post_type} '
            f'type-{self.post_type} status-publish hentry"><h2 class="entry-title">'
            f'<a href="{self.link(one)}">{texturise(one.stored)}</a></h2></article>'
            for one in self.on_page(1)
        )
        page = self.page(self.directory_words, f"<h1>{self.directory_words}</h1>\n{rows}", request)
        body = page.body if isinstance(page.body, bytes) else b""
        classes = f'<body class="archive post-type-archive post-type-archive-{self.post_type}">'
        return Reply(body=body.replace(b"<body>", classes.encode()), headers=page.headers)

    def single(self, listing: TrueListing) -> Reply:
        one = listing
        thing: dict[str, Any] = {
            "@context": "https://schema.org",
            "@type": "Person",
            "name": one.printed,
            "telephone": one.phone,
            "worksFor": {"@type": "Organization", "name": one.practice},
            "url": one.website,
            "email": one.email,
            "address": {
                "@type": "PostalAddress",
                "streetAddress": ", ".join(part for part in (one.street, one.unit) if part),
                "addressLocality": one.city,
                "addressRegion": one.state,
                "postalCode": one.postcode,
                "addressCountry": one.country,
            },
            "geo": {"latitude": degrees(one.latitude), "longitude": degrees(one.longitude)},
        }
        head = f'<script type="application/ld+json">{php_json(thing).decode()}</script>\n'
        title = f'<h1 class="entry-title">{texturise(one.stored)}</h1>'
        page = self.document(
            escaped(one.printed), f'<article class="type-practitioner">{title}</article>', head
        )
        classes = f'<body class="single single-{self.post_type} postid-{one.native_id}">'
        return Reply(body=page.replace("<body>", classes).encode())


class WordPressPostsBareSite(WordPressPostsSite):
    """The REST API has titles only; the pages have the rest."""

    exposed = False
