"""How often one address may send a form: counted in memory, by a hash nobody can turn back."""

from __future__ import annotations

import hashlib
import ipaddress
import math
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Callable


class Limiter:
    """At most `most` within `seconds` from one address; what is turned away does not count.

    Addresses are kept as hashes with a salt of this process, for `seconds` and no longer than the
    next try of anybody. Where several processes serve, each counts alone.
    """

    def __init__(
        self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.most, self.seconds, self.clock = most, seconds, clock
        self.salt = secrets.token_bytes(16)
        self.taken: OrderedDict[bytes, deque[float]] = OrderedDict()

    def take(self, address: str) -> int:
        """0 when one more from this address is within bounds, which counts it; else the seconds
        to wait."""
        now = self.clock()
        self._drop_old(now)
        key = hashlib.blake2b(_network(address).encode(), key=self.salt, digest_size=16).digest()
        times = self.taken.setdefault(key, deque(maxlen=self.most))
        while times and times[0] <= now - self.seconds:
            times.popleft()
        if len(times) == self.most:
            return max(1, math.ceil(times[0] + self.seconds - now))
        times.append(now)
        self.taken.move_to_end(key)
        return 0

    def _drop_old(self, now: float) -> None:
        """The least recent stand first."""
        while self.taken:
            oldest = next(iter(self.taken))
            if self.taken[oldest][-1] > now - self.seconds:
                return
            del self.taken[oldest]


def _network(address: str) -> str:
    """One household: an IPv4 address, or the 64 bits of an IPv6 address that a provider gives."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 6:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
