"""Rows of map software as listings, and what their pop-ups say.

A row is an object with the software's own keys. The keys that are known go where they belong, keys
that a site has added go by their name (fields.py), and everything else is left behind. Text is
unescaped once; an address of a web page is not taken for text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from parsel import Selector

from spiders.factsheet import FactSheet
from spiders.listing import Listing
from spiders.platforms.cards import LINK_HOSTS_NOT_OWN, is_map_link
from spiders.platforms.fields import PRINTED, extra_text, field_for, hashed_id, may_keep, sort_cells
from spiders.platforms.json_answers import printed
from spiders.platforms.shapes import PHONE, has_phone, labelled
from spiders.text import lines, plain
