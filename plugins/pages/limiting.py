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
    """At most `most` within `seconds` from one address; each try counts, also one turned away.

    Addresses are kept as hashes with a salt of this process, for `seconds` and no longer than the
    next try of anybody. Where several processes serve, each counts alone.
    """

    def __init__(
        self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.most, self.seconds, self.clock = most, seconds, clock
        self.salt = secrets.token_bytes(16)
        self.tries: OrderedDict[bytes, deque[float]] = OrderedDict()

    def wait(self, address: str) -> int:
        """Count a try from this address. 0 when it may go on, else the seconds to wait."""
        now = self.clock()
        self._drop_old(now)
        key = hashlib.blake2b(_network(address).encode(), key=self.salt, digest_size=16).digest()
        times = self.tries.setdefault(key, deque(maxlen=self.most + 1))
        times.append(now)
        self.tries.move_to_end(key)
        while times[0] <= now - self.seconds:
            times.popleft()
        if len(times) <= self.most:
            return 0
        return max(1, math.ceil(times[-self.most] + self.seconds - now))

    def _drop_old(self, now: float) -> None:
        """The least recent stand first."""
        while self.tries:
            oldest = next(iter(self.tries))
            if self.tries[oldest][-1] > now - self.seconds:
                return
            del self.tries[oldest]


def _network(address: str) -> str:
    """One household: an IPv4 address, or the 64 bits of an IPv6 address that a provider gives."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 6:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
