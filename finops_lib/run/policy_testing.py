"""Are the policies of a bundle good code: their cases, what these reach, and what mistakes they notice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finops_lib.policy.bundle import DATA, SHIPPED, Bundle, read_bundle
from finops_lib.policy.engine.bench import bench_of
from finops_lib.policy.engine.trusted import trusted
from finops_lib.policy.judge import ENGINE, INPUT, Written
from finops_lib.policy.life.cases import Case, read_cases
from finops_lib.policy.life.mutants import KILLED, SAME, SURVIVED, UNUSABLE, Mutants, mutated, read_equivalent
from finops_lib.policy.life.testing import Tested, tested
from finops_lib.records import Verdict

LEAST_KILLED = 0.95
_MOST_TOLD = 50


@dataclass(frozen=True)
class Shown:
    """What tests showed of a bundle.

    ``differing`` are names of cases of which the engine that judges in earnest says something else than
    the bench, or that a server differs on; ``mutants`` is None where none were tried.
    """

    bundle: Bundle
    tested: Tested
    differing: tuple[str, ...]
    engines: tuple[str, ...]
    mutants: Mutants | None = None

    @property
    def passed(self) -> bool:
        """Whether all cases came as expected on every engine, all rules fired, and mistakes are noticed."""
        noticed = self.mutants is None or (
            self.mutants.killed_share >= LEAST_KILLED and not self.mutants.stale
        )
        return self.tested.passed and not self.differing and noticed


def test_bundle(
    folder: str = "",
    *,
    pinned: str = "",
    url: str = "",
    push: bool = False,
    token_variable: str = "",
    mutants: bool = True,
    progress: Callable[[str], None] = lambda step: None,
) -> Shown:
    """Are these policies good code.

    Parameters
    ----------
    folder : str
        Of a bundle; the shipped one where it is empty.
    pinned : str
        Sha256 that it must have.
    url, push, token_variable
        Of an Open Policy Agent server that judges the cases too, see `finops_lib.policy.engine.trusted`.
    mutants : bool
        Try small changes of the policies.
    progress : callable
        Told which step begins.

    Returns
    -------
    Shown

    Raises
    ------
    PolicyError
        The bundle or its cases break a rule of theirs, or an engine cannot be trusted.
    """
    place = Path(folder) if folder else SHIPPED
    bundle = read_bundle(place, pinned=pinned)
    cases = read_cases(place)
    written = _written(bundle, place)
    progress("judge the cases")
    engines: list[str] = []
    differing: dict[str, None] = {}
    for address in ("", url) if url else ("",):
        with trusted(
            bundle, url=address, push=push, token_variable=token_variable if address else ""
        ) as engine:
            verdicts = list(engine.judge_all(case.document for case in cases))
            engines.append(engine.name)
        differing |= dict.fromkeys(_differing(cases, verdicts))
    progress("see which rules fire")
    shown = tested(written, cases, bench_of=bench_of)
    progress("try mutants")
    tried = None
    if mutants and not shown.failed:
        tried = mutated(written, cases, bench_of=bench_of, equivalent=read_equivalent(place))
    return Shown(bundle, shown, tuple(differing), tuple(engines), tried)


def _written(bundle: Bundle, folder: Path) -> Written:
    files = {policy.id: policy.file for policy in bundle.policies}
    return Written(files, bundle.modules, bundle.data, (folder / DATA).read_text(encoding="utf-8"))


def _differing(cases: Sequence[Case], verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Name the cases of which a verdict, with what is only watched, is not what is expected."""
    for case, verdict in zip(cases, verdicts, strict=True):
        rules = {reason.rule for reason in (*verdict.reasons, *verdict.shadow)}
        same = verdict.outcome == case.outcome or bool(verdict.shadow)
        refused = {ENGINE} == rules and set(case.rules) == {INPUT}  # before any policy was asked
        if not (refused or rules == set(case.rules)) or not same:
            yield case.name


def content(shown: Shown) -> dict[str, Any]:
    """What a machine is told of it.

    Parameters
    ----------
    shown : Shown
        Of `test_bundle`.

    Returns
    -------
    dict
        ``passed``; ``policy``; ``engines``; ``cases`` (count, failed, differing), ``coverage`` of rules
        (share and those that never fired); ``mutants`` (killed, survived, ...; null where none were tried).
    """
    told = shown.tested
    return {
        "passed": shown.passed,
        "policy": {
            "name": shown.bundle.name,
            "version": shown.bundle.version,
            "sha256": shown.bundle.sha256,
            "policies": len(shown.bundle.policies),
        },
        "engines": list(shown.engines),
        "cases": {
            "count": len(told.cases),
            "passed": len(told.cases) - len(told.failed),
            "failed": [case.to_json() for case in told.failed],
            "differing": list(shown.differing),
        },
        "coverage": {
            "rules": len(told.clauses),
            "share": told.coverage,
            "silent": [clause.to_json() for clause in told.silent],
            "faults": list(told.faults),
        },
        "mutants": _mutants(shown.mutants),
    }


def _mutants(found: Mutants | None) -> Mapping[str, Any] | None:
    if found is None:
        return None
    counts = {fate.replace(" ", "_"): len(found.of(fate)) for fate in (KILLED, SURVIVED, SAME, UNUSABLE)}
    return {
        "count": len(found.mutants),
        **counts,
        "killed_share": found.killed_share,
        "least_killed_share": LEAST_KILLED,
        "left_out": found.left_out,
        "stale": list(found.stale),
        "survivors": [mutant.to_json() for mutant in found.of(SURVIVED)],
    }


def lines(shown: Shown) -> list[str]:
    """What a person is told on a terminal.

    Parameters
    ----------
    shown : Shown
        Of `test_bundle`.
    """
    told = shown.tested
    found = [
        f"{shown.bundle.name} {shown.bundle.version}, {len(shown.bundle.policies)} policies, "
        f"sha256 {shown.bundle.sha256[:12]}; judged by {' and '.join(shown.engines)}",
        f"cases: {len(told.cases) - len(told.failed)} of {len(told.cases)} as expected",
        *(
            f"  {case.file}: {case.name}: expected {case.expected}, {case.why}"
            for case in told.failed[:_MOST_TOLD]
        ),
        *(f"  an engine says otherwise: {name}" for name in shown.differing[:_MOST_TOLD]),
        f"rules: {len(told.clauses) - len(told.silent)} of {len(told.clauses)} fire in some case",
        *(f"  {one.file}:{one.line}: {one.name} never fires" for one in told.silent[:_MOST_TOLD]),
        *(f"  {fault}" for fault in told.faults[:_MOST_TOLD]),
    ]
    if shown.mutants is not None:
        survived = shown.mutants.of(SURVIVED)
        found += [
            f"mutants: {len(shown.mutants.of(KILLED))} killed, {len(survived)} survived "
            f"({shown.mutants.killed_share:.1%} killed; at least {LEAST_KILLED:.0%})",
            *(f"  {one.file}:{one.line}: {one.id} survived" for one in survived[:_MOST_TOLD]),
            *(f"  equivalent.yaml: {name} must leave it" for name in shown.mutants.stale),
        ]
    return [*found, "passed" if shown.passed else "not passed"]
