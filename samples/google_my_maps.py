"""Directories on Google My Maps: KML, or a KMZ that only points to the map."""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape

from samples.hosted import HostedSite
from samples.map_plugin import one_line
from samples.site import Reply, Request
from samples.world import TrueListing

_START = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<kml xmlns="http://www.opengis.net/kml/2.2">\n  <Document>\n    <name>Practitioners</name>\n'
)
_ROUTE = (
    "<Placemark><name>Route</name><LineString><coordinates>-83,40,0 -84,41,0"
    "</coordinates></LineString></Placemark>\n"
)
_END = "  </Document>\n</kml>\n"


class GoogleMyMapsSite(HostedSite):
    """Two layers with columns, a layer that is switched off, a line and an area."""

    account = "1AbCdEfGhIjKlMnOpQrStUvWxYz012345"

    def widget(self) -> str:
        return (
            f'<iframe src="https://www.google.com/maps/d/u/0/embed?mid={self.account}'
            '&ehbc=2E312F" width="640" height="480"></iframe>'
        )

    def service(self, path: str, request: Request) -> Reply | None:
        if path != "/maps/d/kml" or request.query.get("mid") != self.account:
            return None
        return Reply(body=self._kml().encode(), content_type="application/vnd.google-earth.kml+xml")

    def _kml(self) -> str:
        rows = self.shown()
        half = len(rows) // 2
        layers = [
            _folder("Level 1", rows[:half]),
            _folder("Level 2", rows[half:]),
            _folder("Drafts", self.withheld(), "<visibility>0</visibility>"),
            _ROUTE,
        ]
        return _START + "".join(layers) + _END


class GoogleMyMapsZipSite(GoogleMyMapsSite):
    """What comes first only says where the map is; that is a zip."""

    def service(self, path: str, request: Request) -> Reply | None:
        if path != "/maps/d/kml" or request.query.get("mid") != self.account:
            return None
        if request.query.get("lid") == "all":
            return Reply(body=_zip(self._kml()), content_type="application/vnd.google-earth.kmz")
        # As in the real answer, the address is that of the service itself, escaped for XML.
        here = f"{self.base_url}/service{path}?mid={self.account}&amp;lid=all"
        link = f"<NetworkLink><name>Map</name><Link><href>{here}</href></Link></NetworkLink>\n"
        return Reply(
            body=_zip(_START + link + _END), content_type="application/vnd.google-earth.kmz"
        )


def _folder(name: str, listings: list[TrueListing], before: str = "") -> str:
    places = "".join(_placemark(one) for one in listings)
    return f"    <Folder><name>{name}</name>{before}\n{places}    </Folder>\n"


def _placemark(listing: TrueListing) -> str:
    columns = {
        "Practice": listing.practice,
        "Phone": listing.phone,
        "Email": listing.email,
        "Website": listing.website,
        "Level": listing.certification or "",
    }
    data = "".join(
        f'<Data name="{key}"><value>{escape(text)}</value></Data>'
        for key, text in columns.items()
        if text
    )
    said = "<br>".join(f"{key}: {text}" for key, text in columns.items() if text)
    point = ""
    if listing.latitude is not None:
        point = (
            f"<Point><coordinates>\n            {listing.longitude},{listing.latitude},0\n"
            "          </coordinates></Point>"
        )
    return (
        f"      <Placemark><name>{escape(listing.stored)}</name>"
        f"<address>{escape(one_line(listing))}</address>"
        f"<description><![CDATA[{said}]]></description><styleUrl>#icon-1899</styleUrl>"
        f"<ExtendedData>{data}</ExtendedData>{point}</Placemark>\n"
    )


def _zip(content: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("images/icon-1.png", b"\x89PNG")
        archive.writestr("doc.kml", content)
    return packed.getvalue()
