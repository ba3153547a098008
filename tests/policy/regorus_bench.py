"""A bench on regorus and a judge on it, as the engine will be: for tests of what is built on them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import regorus

from finops_lib.errors import PolicyError
from finops_lib.records import Reason, Verdict

MAIN = "data.finops.main.decision"


class RegorusBench:
    """Compiled texts, with the lines that were evaluated."""

    def __init__(self, modules: Mapping[str, str], data: Mapping[str, Any]) -> None:
        self.engine = regorus.Engine()
        self.engine.set_enable_coverage(True)
        for file, text in modules.items():
            self._guarded(self.engine.add_policy, file, text)
        self._guarded(self.engine.add_data_json, json.dumps(data))
        try:
            self.decision({})
        except PolicyError as error:
            if "unsafe" in str(error):  # regorus looks at variables when it first evaluates
                raise
        self.lines()

    @staticmethod
    def _guarded(call: Any, *arguments: str) -> Any:
        try:
            return call(*arguments)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001  # a panic of regorus is no Exception
            said = " ".join(str(error).partition("Stack backtrace")[0].split())[-300:]
            raise PolicyError(said, "the policy can be evaluated", "correct it") from None

    def decision(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        found = self.value(MAIN, document)
        if not isinstance(found, dict):
            raise PolicyError("no decision", "the main rule decides", "write a default")
        return found

    def value(self, rule: str, document: Mapping[str, Any]) -> Any:
        self._guarded(self.engine.set_input_json, json.dumps(document))
        try:
            found = json.loads(self._guarded(self.engine.eval_rule_as_json, rule))
        except PolicyError as error:
            if "not a valid rule path" not in str(error):
                raise
            return None  # there is no such rule
        return None if found == "<undefined>" else found

    def lines(self) -> Mapping[str, tuple[frozenset[int], frozenset[int]]]:
        report = json.loads(self.engine.get_coverage_report_as_json())["files"]
        self.engine.clear_coverage_data()
        return {one["path"]: (frozenset(one["covered"]), frozenset(one["not_covered"])) for one in report}


def bench(modules: Mapping[str, str], data: Mapping[str, Any]) -> RegorusBench:
    """Compile; a function of a module, so that other processes find it."""
    return RegorusBench(modules, data)


class RegorusJudge:
    """Verdicts of the texts as they stand."""

    def __init__(self, modules: Mapping[str, str], data: Mapping[str, Any]) -> None:
        self.bench = RegorusBench(modules, data)
        self.sha256 = hashlib.sha256(json.dumps([dict(modules), data], sort_keys=True).encode()).hexdigest()

    def judge(self, document: Mapping[str, Any]) -> Verdict:
        text = json.dumps(document, sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()
        try:
            found = self.bench.decision(document)
        except PolicyError as error:
            reasons = (Reason("ENGINE", str(error)),)
            return Verdict("deny", reasons, (), (), (), self.sha256, digest, "regorus", "")
        reasons = tuple(Reason(**one) for one in [*found["deny"], *found["approve"]])
        evaluated = tuple(found["evaluated"])
        time = str(document.get("time", ""))
        return Verdict(found["outcome"], reasons, evaluated, (), (), self.sha256, digest, "regorus", time)

    def judge_all(self, documents: Iterable[Mapping[str, Any]]) -> Iterator[Verdict]:
        return map(self.judge, documents)
