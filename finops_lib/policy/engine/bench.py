"""Policies on a bench: compiled with their lines counted, without stages, waivers or limits.

For policies of one's own, whose cases a limited engine has answered before: see `finops_lib.policy.life`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

import regorus

from finops_lib.errors import PolicyError
from finops_lib.policy.engine.rego import QUESTION, guarded

_UNDEFINED, _NO_RULE = "<undefined>", "not a valid rule path"
_UNSAFE = "unsafe"  # a variable without a value: found only when it is first evaluated


class RegoBench:
    r"""Compiled policies, with the lines that were evaluated; a `finops_lib.policy.judge.Bench`.

    Parameters
    ----------
    modules : mapping
        Path of a file to its Rego.
    data : mapping
        Plain JSON.

    Raises
    ------
    PolicyError
        A text does not compile.

    Examples
    --------
    >>> tried = RegoBench({"a.rego": "package finops.main\ndecision := {\"n\": input.n + 1}"}, {})
    >>> tried.decision({"n": 1}), tried.value("data.finops.main.other", {})
    ({'n': 2}, None)
    """

    def __init__(self, modules: Mapping[str, str], data: Mapping[str, Any]) -> None:
        self._engine = regorus.Engine()
        self._engine.set_enable_coverage(True)
        for file, text in modules.items():
            guarded(partial(self._engine.add_policy, file, text))
        guarded(partial(self._engine.add_data_json, json.dumps(dict(data))))
        try:
            self.decision({})
        except PolicyError as error:
            if _UNSAFE in str(error):
                raise
        self.lines()

    def decision(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """What does the main rule decide.

        Parameters
        ----------
        document : mapping
            An input.

        Returns
        -------
        mapping

        Raises
        ------
        PolicyError
            It decides nothing, or fails.
        """
        found = self.value(QUESTION, document)
        if not isinstance(found, dict):
            raise PolicyError(QUESTION, "it is defined for each input", "give it a default that denies")
        return found

    def value(self, rule: str, document: Mapping[str, Any]) -> Any:
        """What is the value of a rule; None where there is no such rule, or it is undefined.

        Parameters
        ----------
        rule : str
            Such as ``data.finops.rules.tags.required.deny``.
        document : mapping
            An input.

        Raises
        ------
        PolicyError
            It fails.
        """
        guarded(partial(self._engine.set_input_json, json.dumps(document)))
        try:
            found = json.loads(guarded(partial(self._engine.eval_rule_as_json, rule)))
        except PolicyError as error:
            if _NO_RULE in str(error):
                return None
            raise
        return None if found == _UNDEFINED else found

    def lines(self) -> Mapping[str, tuple[frozenset[int], frozenset[int]]]:
        """Which lines of each file were evaluated since this was last asked, and which were not."""
        report = json.loads(self._engine.get_coverage_report_as_json())["files"]
        self._engine.clear_coverage_data()
        return {one["path"]: (frozenset(one["covered"]), frozenset(one["not_covered"])) for one in report}


def bench_of(modules: Mapping[str, str], data: Mapping[str, Any]) -> RegoBench:
    """Compile policies to try them; see `RegoBench`, also for what it takes and raises."""
    return RegoBench(modules, data)
