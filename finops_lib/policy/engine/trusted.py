"""The engine that others use: it has denied what must be denied before it is asked, and it fails closed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from types import TracebackType
from typing import Any, Protocol, Self

from finops_lib.errors import PolicyError
from finops_lib.policy.bundle import Bundle
from finops_lib.policy.engine.child import Limits
from finops_lib.policy.engine.decisions import Raw, decision
from finops_lib.policy.engine.inputs import Asked, prepared, subject_of, time_of
from finops_lib.policy.engine.limited import LimitedEngine
from finops_lib.policy.engine.local import LocalEngine
from finops_lib.policy.engine.server import ServerEngine
from finops_lib.policy.engine.verdicts import Waivers, refusal, verdict
from finops_lib.records import Verdict
from finops_lib.records.policy import DENY

_AT_ONCE = 64  # inputs
_DEFAULT = Limits()


class Engine(Protocol):
    """What asks policies: one verdict for each document, whatever the document is."""

    def judge(self, document: Mapping[str, Any]) -> Verdict:
        """Say whether this may be."""
        ...

    def judge_all(self, documents: Iterable[Mapping[str, Any]]) -> Iterator[Verdict]:
        """Say it of each, in their order."""
        ...


class Trusted:
    """An engine that denied every canary of its bundle; a context that lets go of it. See `trusted`."""

    def __init__(self, raw: Raw, bundle: Bundle, waivers: Waivers = ()) -> None:
        self.bundle, self.name = bundle, raw.name
        self._raw, self._waivers = raw, waivers
        try:
            _check_canaries(raw, bundle)
        except BaseException:
            raw.close()
            raise

    def judge(self, document: Mapping[str, Any]) -> Verdict:
        """May this be.

        Parameters
        ----------
        document : mapping
            A resource or a change with all around it.

        Returns
        -------
        Verdict
            A denial by the rule ``ENGINE`` where it could not be decided; never an exception for a bad
            document.
        """
        return next(self.judge_all([document]))

    def judge_all(self, documents: Iterable[Mapping[str, Any]]) -> Iterator[Verdict]:
        """May each of these be.

        Parameters
        ----------
        documents : iterable of mapping
            Each as for `judge`.

        Yields
        ------
        Verdict
            One for each, in their order.
        """
        waiting = iter(documents)
        while batch := list(islice(waiting, _AT_ONCE)):
            asked = [_asked(document) for document in batch]
            answers = iter(self._raw.answers([one.text for one in asked if isinstance(one, Asked)]))
            for document, one in zip(batch, asked, strict=True):
                if isinstance(one, Asked):
                    yield self._verdict(one, next(answers))
                else:
                    yield refusal(
                        one,
                        bundle=self.bundle,
                        engine=self.name,
                        subject=subject_of(document),
                        time=time_of(document),
                    )

    def close(self) -> None:
        """Let go of the process or connection."""
        self._raw.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _verdict(self, asked: Asked, answer: str | PolicyError) -> Verdict:
        try:
            read = decision(answer, bundle=self.bundle)
        except PolicyError as error:
            return refusal(
                error,
                bundle=self.bundle,
                engine=self.name,
                subject=asked.subject,
                time=asked.time,
                sha256=asked.sha256,
            )
        return verdict(read, asked, bundle=self.bundle, engine=self.name, waivers=self._waivers)


def trusted(
    bundle: Bundle,
    *,
    url: str = "",
    limits: Limits | None = _DEFAULT,
    waivers: Waivers = (),
    push: bool = False,
    token_variable: str = "",
) -> Trusted:
    """Which engine evaluates this bundle, after it has denied every canary.

    Parameters
    ----------
    bundle : Bundle
        Policies.
    url : str
        Of an Open Policy Agent server; empty evaluates here.
    limits : Limits or None
        What one evaluation may take, in a child process. None evaluates in this process, on this thread,
        without limits, after a child process has denied the canaries: for policies of one's own.
    waivers : sequence of Waiver, or callable
        Which reasons are lifted: see `verdicts.verdict`.
    push : bool
        Upload the bundle to the server.
    token_variable : str
        Environment variable with the token of the server.

    Returns
    -------
    Trusted
        A context manager, and an `Engine`.

    Raises
    ------
    PolicyError
        The bundle does not compile, has no policy or no canary, does not deny one, or the server cannot be
        used.
    """
    if url:
        server = ServerEngine(url, bundle, push=push, token_variable=token_variable)
        return Trusted(server, bundle, waivers)
    limited = LimitedEngine(bundle, limits or _DEFAULT)
    if limits is not None:
        return Trusted(limited, bundle, waivers)
    Trusted(limited, bundle).close()
    return Trusted(LocalEngine(bundle), bundle, waivers)


def _asked(document: object) -> Asked | PolicyError:
    try:
        return prepared(document)
    except PolicyError as error:
        return error


def _check_canaries(raw: Raw, bundle: Bundle) -> None:
    """Refuse an engine that does not deny each canary by a policy, not by a failure."""
    if not bundle.policies or not bundle.canaries:
        raise PolicyError(
            "policy bundle: no policy or no canary",
            "it has both: what is never denied proves nothing",
            "add one",
        )
    texts = [prepared(canary).text for canary in bundle.canaries]
    for place, answer in enumerate(raw.answers(texts), start=1):
        try:
            outcome = decision(answer, bundle=bundle).outcome
        except PolicyError as error:
            said = f"canary {place} of the policies could not be judged: {error.value}"
            raise PolicyError(said, error.rule, error.remedy) from None
        if outcome != DENY:
            said = f"canary {place} of the policies: {outcome}"
            raise PolicyError(said, "each canary is denied before an engine is trusted", "mend the policies")
