"""A judge on the bench, without stages and limits: for tests of what is built on judges."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from finops_lib.errors import PolicyError
from finops_lib.policy.engine.bench import bench_of
from finops_lib.records import Reason, Verdict

bench = bench_of


class RegorusJudge:
    """Verdicts of the texts as they stand."""

    def __init__(self, modules: Mapping[str, str], data: Mapping[str, Any]) -> None:
        self.bench = bench_of(modules, data)
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
