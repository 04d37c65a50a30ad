"""The stages a listing passes, one file each, in the order they run.

Each is a pure function, or a few, and a thin class that calls them and counts. A stage writes to
`Listing.clean` and nowhere else. `pipelines.together.clean` runs all of them on one listing
without Scrapy.
"""

from __future__ import annotations

#: Scrapy's setting of that name; gaps for growth.
ITEM_PIPELINES: dict[str, int] = {
    "pipelines.admit.AdmitPipeline": 10,
    "pipelines.text.TextPipeline": 20,
    "pipelines.names.NamePipeline": 30,
    "pipelines.place.PlacePipeline": 40,
    "pipelines.contact.ContactPipeline": 50,
    "pipelines.home_visits.HomeVisitsPipeline": 52,
    "pipelines.opt_outs.OptOutPipeline": 55,
    "pipelines.certify.CertifyPipeline": 60,
    "pipelines.locate.LocatePipeline": 70,
    "pipelines.audit.AuditPipeline": 80,
    "pipelines.store.StorePipeline": 90,
}
