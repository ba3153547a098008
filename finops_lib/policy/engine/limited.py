"""Rego in a process of its own that is ended when it takes too long or too much, and started anew."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import orjson

from finops_lib.errors import PolicyError
from finops_lib.policy.bundle import Bundle
from finops_lib.policy.engine.child import Child, Ended, Limits
from finops_lib.policy.engine.rego import engine_name


class LimitedEngine:
    """Evaluates in a child process; any thread may ask, one at a time.

    Parameters
    ----------
    bundle : Bundle
        Policies to evaluate.
    limits : Limits
        What one evaluation may take.

    Raises
    ------
    PolicyError
        The policies do not compile, or not within the limits.
    """

    def __init__(self, bundle: Bundle, limits: Limits | None = None) -> None:
        self.name = engine_name()
        self._limits = limits or Limits()
        self._modules, self._data = bundle.modules, orjson.dumps(bundle.data).decode()
        self._lock = threading.Lock()
        self._ended = 0
        self._closed = False
        self._child: Child | None = self._started()

    def answers(self, texts: Sequence[bytes]) -> list[str | PolicyError]:
        """What does the bundle decide about each of these inputs.

        Parameters
        ----------
        texts : sequence of bytes
            Each a JSON object.

        Returns
        -------
        list
            Decisions in JSON; an error where there is none. An input that ended the process is not tried
            again, the ones behind it go to the next process.
        """
        found: list[str | PolicyError] = []
        with self._lock:
            while len(found) < len(texts):
                self._ask(texts[len(found) :], found)
        return found

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._closed = True
            self._drop()

    def _ask(self, texts: Sequence[bytes], found: list[str | PolicyError]) -> None:
        """Add answers, at least one."""
        try:
            self._child = self._child or self._restarted()
        except PolicyError as error:
            found += [error] * len(texts)
            return
        try:
            for answer in self._child.ask(texts):
                found.append(answer)
        except Ended as ended:
            self._ended += 1
            self._drop()
            rule = (
                f"an answer takes at most {self._limits.seconds:g} seconds and {self._limits.memory_mib} MiB"
            )
            found.append(PolicyError(f"policy process: {ended}", rule, "mend the policy, or ask about less"))
        except BaseException:  # interrupted half-way: what it would say next belongs to another question
            self._drop()
            raise

    def _restarted(self) -> Child:
        if self._closed:
            raise PolicyError("policy engine", "it was closed", "make a new one")
        if self._ended > self._limits.restarts:
            rule = f"it is started again at most {self._limits.restarts} times"
            raise PolicyError("policy process: it had to be ended too often", rule, "mend the policy")
        return self._started()

    def _started(self) -> Child:
        return Child(self._modules, self._data, limits=self._limits)

    def _drop(self) -> None:
        if self._child is not None:
            self._child.close()
        self._child = None
