"""Answers kept as files, each whole or not at all: a killed run leaves no half page behind.

A line of JSON (url, status, headers, length), then the body as it was sent.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes


def read_answer(path: Path) -> Response | None:
    """The answer kept in a file; None where there is none, or it is not whole."""
    try:
        head, _, body = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    try:
        facts: dict[str, Any] = json.loads(head)
    except ValueError:
        return None
    if facts["length"] != len(body):
        return None
    headers = Headers(
        {name: [value.encode("latin-1") for value in values] for name, values in facts["headers"]}
    )
    kind = responsetypes.from_args(headers=headers, url=facts["url"], body=body)
    return kind(url=facts["url"], headers=headers, status=facts["status"], body=body)


def write_answer(path: Path, response: Response) -> None:
    """Keep an answer in place of the one before; makes the folder where it is missing."""
    headers = [
        [name.decode("latin-1"), [value.decode("latin-1") for value in values]]
        for name, values in response.headers.items()
    ]
    facts = {
        "url": response.url,
        "status": response.status,
        "headers": headers,
        "length": len(response.body),
    }
    write_whole(path, json.dumps(facts).encode() + b"\n" + response.body)


def write_whole(path: Path, content: bytes) -> None:
    """Put `content` into `path` in one step; makes the folder where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(name).replace(path)
