"""What several test files share: the project's program, and the sample world crawled once."""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import hypothesis
import pytest

#: No test is timed: a busy machine is no failure.
hypothesis.settings.register_profile("needlepoint", deadline=None)
hypothesis.settings.load_profile("needlepoint")

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"


def needlepoint(*words: str | Path, timeout: float = 300) -> subprocess.CompletedProcess[str]:
    """Run the program as a user would, every warning an error. Returns code, output, errors."""
    return subprocess.run(
        [sys.executable, "-m", "commands", *map(str, words)],
        cwd=ROOT,
        env=os.environ | {"PYTHONWARNINGS": "default"},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def served(
    data: Path, sources: Path | None = None, more: tuple[str | Path, ...] = ()
) -> Iterator[str]:
    """The finder over `data` in a process of its own, with `more` words on its command line.
    Yields its address without a slash."""
    port = free_port()
    words = [sys.executable, "-m", "commands", "serve", "--data", str(data), "--port", str(port)]
    if sources:
        words += ["--sources", str(sources)]
    words += map(str, more)
    log_file = data / f"serve-{port}.log"
    with log_file.open("w") as log:
        process = subprocess.Popen(words, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address, process, log_file)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        assert process.poll() is None, log.read_text()
        try:
            httpx.get(address, timeout=5)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"nothing answers at {address}: {log.read_text()}")


@dataclass(frozen=True)
class Demo:
    """The sample directories, crawled, matched, placed and published by `needlepoint demo`."""

    data: Path
    printed: str

    @property
    def directory(self) -> Path:
        return self.data / "directory.db"


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Crawled once, also where several processes share the tests: they wait for the first."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    data, printed = shared / "demo", shared / "demo.txt"
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not printed.exists():
            done = needlepoint("demo", "--data", data, "--no-serve")
            assert done.returncode == 0, done.stdout + done.stderr
            printed.write_text(done.stdout, encoding="utf-8")
    return Demo(data, printed.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def demo_site(demo: Demo) -> Iterator[str]:
    with served(demo.data) as address:
        yield address


@pytest.fixture(scope="session")
def recordings() -> Callable[[str], Path]:
    """The folder of a recorded site; the test skips where the recordings are absent."""

    def folder(site: str) -> Path:
        path = SHARED / "recordings" / site
        if not path.is_dir():
            pytest.skip("no recorded answers beside this checkout (../shared/recordings)")
        return path

    return folder
