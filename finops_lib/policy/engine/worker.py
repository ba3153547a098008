"""The child process: it evaluates what its parent sends, within limits.

That of memory is set at its start, before the engine is there, the others here.

A message is four bytes of length, highest first, and that many bytes. The first one says in JSON what to do;
each later one is a batch of inputs, themselves such messages. Each answer is one message, whose first byte is
`ANSWER` or `FAULT`; a fault is the three parts of an error.
"""

from __future__ import annotations

import resource
import struct
import sys
from collections.abc import Iterator
from typing import BinaryIO

import orjson

from finops_lib.errors import FinOpsError
from finops_lib.policy.engine.rego import Rego, outline

LENGTH = struct.Struct(">I")
ANSWER, FAULT = b"+", b"-"


def framed(content: bytes) -> bytes:
    r"""How is this sent: behind its length.

    Parameters
    ----------
    content : bytes
        Less than 4 GiB.

    Returns
    -------
    bytes

    Examples
    --------
    >>> framed(b"ab")
    b'\x00\x00\x00\x02ab'
    """
    return LENGTH.pack(len(content)) + content


def unframed(batch: bytes) -> Iterator[bytes]:
    """Which messages are these.

    Parameters
    ----------
    batch : bytes
        Messages, one behind the other.

    Yields
    ------
    bytes

    Examples
    --------
    >>> list(unframed(framed(b"ab") + framed(b"")))
    [b'ab', b'']
    """
    place = 0
    while place < len(batch):
        [size] = LENGTH.unpack_from(batch, place)
        place += LENGTH.size
        yield batch[place : place + size]
        place += size


def main() -> None:
    """Serve the parent until it closes the pipe."""
    serve(sys.stdin.buffer, sys.stdout.buffer)


def serve(asked: BinaryIO, answers: BinaryIO) -> None:
    """Answer what is asked, until there is no more.

    Parameters
    ----------
    asked, answers : file
        Messages of the parent, and to it.
    """
    order = orjson.loads(_read(asked) or b"{}")
    for kind in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):
        resource.setrlimit(kind, (0, 0))
    seconds = order["cpu_seconds"]
    _allow(seconds)
    try:
        if order["outline"]:
            _say(answers, ANSWER + orjson.dumps(outline(order["modules"])))
            return
        rego = Rego(order["modules"], order["data"])
    except FinOpsError as error:
        _say(answers, _fault(error))
        return
    _say(answers, ANSWER)
    while (batch := _read(asked)) is not None:
        for text in unframed(batch):
            _allow(seconds)
            _say(answers, _answered(rego, text))


def _answered(rego: Rego, text: bytes) -> bytes:
    try:
        return ANSWER + rego.answer(text.decode()).encode()
    except FinOpsError as error:
        return _fault(error)


def _fault(error: FinOpsError) -> bytes:
    return FAULT + orjson.dumps([error.value, error.rule, error.remedy])


def _say(answers: BinaryIO, said: bytes) -> None:
    answers.write(framed(said))
    answers.flush()


def _read(asked: BinaryIO) -> bytes | None:
    head = asked.read(LENGTH.size)
    return asked.read(*LENGTH.unpack(head)) if len(head) == LENGTH.size else None


def _allow(seconds: int) -> None:
    """Let the process use that much more of a processor; the kernel ends it when it has."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soonest = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soonest, resource.RLIM_INFINITY))
