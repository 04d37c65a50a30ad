"""Scrapy's settings for one source: polite, quiet, and with our own middlewares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from spiders.politeness import Limits, user_agent


def process_settings() -> dict[str, Any]:
    """What holds for the whole process, whatever the source."""
    return {
        "LOG_LEVEL": "WARNING",
        "DEFAULT_DROPITEM_LOG_LEVEL": "DEBUG",  # counted by the stage that drops
        "LOG_FORMAT": "%(levelname)s %(name)s: %(message)s",
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
    }


def settings_for(
    data: Path,
    *,
    contact: str | None,
    limits: Limits,
    pipelines: dict[str, int],
) -> dict[str, Any]:
    """Scrapy settings of the crawl of one source, each deviation from a default with its reason."""
    return {
        **process_settings(),
        "BOT_NAME": "needlepoint",
        "USER_AGENT": user_agent(contact),
        "ITEM_PIPELINES": pipelines,
        # RobotsMiddleware instead: Scrapy's own lets everything through when the file is missing
        "ROBOTSTXT_OBEY": False,
        # HostTurns keeps to one request a host, and pauses, across all sources of the process
        "DOWNLOAD_DELAY": 0,
        "DOWNLOAD_DELAY_JITTER": 0,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "CONCURRENT_REQUESTS": 4,
        "DOWNLOAD_TIMEOUT": limits.timeout_seconds,
        "DOWNLOAD_MAXSIZE": limits.most_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "RETRY_ENABLED": False,  # AnswersMiddleware
        "RETRY_TIMES": limits.retries,
        "REDIRECT_MAX_TIMES": 8,
        "METAREFRESH_ENABLED": False,  # bot walls use it
        "COOKIES_ENABLED": False,
        "REFERER_ENABLED": True,
        "HTTPERROR_ALLOW_ALL": True,  # platforms judge by shape, not by status
        "HTTPCACHE_ENABLED": True,
        "HTTPCACHE_DIR": str((data / "http-cache").resolve()),
        "HTTPCACHE_POLICY": "spiders.cache.AskAgain",
        "HTTPCACHE_STORAGE": "spiders.cache.FileStorage",
        "DOWNLOADER_MIDDLEWARES": {
            "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
            "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,
            "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
            "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
            "spiders.guard.GuardMiddleware": 60,
            "spiders.robots.RobotsMiddleware": 100,
            # answers pass from the last to the first: unpacked (590), judged, then decoded
            "spiders.charset.CharsetMiddleware": 520,
            "spiders.answers.AnswersMiddleware": 550,
            "spiders.cache.CacheMiddleware": 900,
            "spiders.politeness.TurnsMiddleware": 950,
        },
        "EXTENSIONS": {
            "scrapy.extensions.telnet.TelnetConsole": None,
            "scrapy.extensions.logstats.LogStats": None,
            "scrapy.extensions.feedexport.FeedExporter": None,
        },
        "STATS_DUMP": False,
        "URLLENGTH_LIMIT": 8000,  # a cell query with every filter of a locator is long
    }
