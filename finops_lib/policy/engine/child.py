"""A process that evaluates Rego for us and may be killed: no environment, limited memory and time.

A policy that loops, eats memory or breaks the engine ends that process, not this one.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

import finops_lib
from finops_lib.errors import PolicyError
from finops_lib.policy.engine.worker import FAULT, LENGTH, framed

# As ``python -I -m``, but with this very library: no folder, environment or packages of the user. The engine
# takes a large piece of address space as soon as it is imported, so the limit stands before that.
_START = """import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)
sys.path.insert(0, sys.argv[1])
from finops_lib.policy.engine.worker import main
main()"""
_ROOT = str(Path(finops_lib.__file__).parent.parent)
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Limits:
    """How much one evaluation may take; what goes beyond is refused.

    ``seconds`` is the time of one answer, ``start_seconds`` that until the process is ready; ``memory_mib``
    is its address space, ``answer_bytes`` the size of one answer. After ``restarts`` processes that had to be
    ended, an engine answers no more.
    """

    seconds: float = 5.0
    start_seconds: float = 30.0
    memory_mib: int = 512
    answer_bytes: int = 1 << 20
    restarts: int = 20


class Ended(Exception):  # noqa: N818  # an event, not always an error
    """The process is gone; the text says why, as far as it is known."""


class Child:
    """One process, one bundle; a context that ends it.

    Parameters
    ----------
    modules : mapping
        Name of a file to its Rego.
    data : str
        A JSON object.
    limits : Limits
        What it may take.

    Raises
    ------
    PolicyError
        The process does not start, or refuses the policies.
    """

    def __init__(
        self, modules: Mapping[str, str], data: str, *, limits: Limits, only_outline: bool = False
    ) -> None:
        self._limits = limits
        self._held = bytearray()
        self._process = _started(limits.memory_mib << 20)
        self._reader, self._writer = _pipes(self._process)
        order = {
            "modules": dict(modules),
            "data": data,
            "cpu_seconds": max(1, round(limits.start_seconds if only_outline else limits.seconds)),
            "outline": only_outline,
        }
        try:
            until = time.monotonic() + limits.start_seconds
            self._send(orjson.dumps(order), until)
            self.ready = self._told(until)
        except Ended as ended:
            self.close()
            raise PolicyError(
                f"policy process: {ended}",
                f"it is ready within {limits.start_seconds:g} seconds and {limits.memory_mib} MiB",
                "simplify the policies, or give it more",
            ) from None
        except PolicyError:
            self.close()
            raise

    def ask(self, texts: Sequence[bytes]) -> Iterator[str | PolicyError]:
        """What does it answer to each of these inputs.

        Parameters
        ----------
        texts : sequence of bytes
            Each a JSON object.

        Yields
        ------
        str or PolicyError
            The decision in JSON, or why there is none; in the order of the inputs.

        Raises
        ------
        Ended
            It was ended, at the input whose turn it was.
        """
        self._send(b"".join(map(framed, texts)), time.monotonic() + self._limits.seconds)
        for _ in texts:
            try:
                yield self._told(time.monotonic() + self._limits.seconds)
            except PolicyError as error:
                yield error

    def close(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]  # both are pipes
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _send(self, content: bytes, until: float) -> None:
        left = memoryview(framed(content))
        while left:
            self._wait(self._writer, selectors.EVENT_WRITE, until)
            try:
                left = left[os.write(self._writer, left) :]
            except OSError:
                raise Ended(self._why()) from None

    def _told(self, until: float) -> str:
        [size] = LENGTH.unpack(self._take(LENGTH.size, until))
        if size > self._limits.answer_bytes:
            raise Ended(f"an answer of more than {self._limits.answer_bytes:,} bytes")
        said = self._take(size, until)
        if said[:1] == FAULT:
            raise PolicyError(*orjson.loads(said[1:]))
        return said[1:].decode()

    def _take(self, size: int, until: float) -> bytes:
        while len(self._held) < size:
            self._wait(self._reader, selectors.EVENT_READ, until)
            more = os.read(self._reader, _CHUNK)
            if not more:
                raise Ended(self._why())
            self._held += more
        taken = bytes(self._held[:size])
        del self._held[:size]
        return taken

    def _wait(self, pipe: int, event: int, until: float) -> None:
        with selectors.PollSelector() as selector:
            selector.register(pipe, event)
            if not selector.select(max(0.0, until - time.monotonic())):
                raise Ended("it took too long")

    def _why(self) -> str:
        try:
            status = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return "it closed its pipe"
        return (
            "it used up its processor time or memory, or broke"
            if status < 0
            else f"it ended with status {status}"
        )


def outlined(modules: Mapping[str, str], *, limits: Limits | None = None) -> dict[str, dict[str, Any]]:
    r"""What do these modules define, told by a process that may be killed: see `rego.outline`.

    Parameters
    ----------
    modules : mapping
        Name of a file to its Rego.
    limits : Limits, optional
        What it may take.

    Returns
    -------
    dict

    Raises
    ------
    PolicyError
        A module is no Rego, or cannot be read within the limits.

    Examples
    --------
    >>> outlined({"a.rego": "package a.b\nx := 1"})["a.rego"]["package"]
    'a.b'
    """
    allowed = limits or Limits(answer_bytes=64 << 20)
    with Child(modules, "{}", limits=allowed, only_outline=True) as child:
        found: dict[str, dict[str, Any]] = orjson.loads(child.ready)
    return found


def _started(memory_bytes: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603  # our own interpreter with fixed words
        [sys.executable, "-I", "-c", _START, _ROOT, str(memory_bytes)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        cwd="/",
        bufsize=0,
        start_new_session=True,
    )


def _pipes(process: subprocess.Popen[bytes]) -> tuple[int, int]:
    assert process.stdin is not None and process.stdout is not None  # noqa: S101  # asked for above
    os.set_blocking(process.stdin.fileno(), False)
    return process.stdout.fileno(), process.stdin.fileno()
