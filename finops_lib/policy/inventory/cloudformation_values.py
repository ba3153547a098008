"""What the functions of a CloudFormation template come to, as far as the template itself tells."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from finops_lib.policy.inventory.marked import listed, mapping
from finops_lib.policy.inventory.terraform_unknown import Unknown, Value

NOTHING = object()
"""What ``AWS::NoValue`` comes to: the property is not there."""
_LISTS = ("CommaDelimitedList", "List<")
_NAMED = re.compile(r"\$\{(!?)([^${}]{1,300})\}")
_MOST_STEPS = 200_000  # of one template: an expression may be written so that it grows
_DEEPEST = 60
_LONGEST = 1_000_000  # characters of a text that is put together


class Grown(Exception):  # noqa: N818  caught where a template is read: it becomes a fault
    """A template comes to more than is read."""


class Values:
    """Works out the values of one template.

    Parameters
    ----------
    template : mapping
        With ``Parameters``, ``Mappings``, ``Conditions`` and ``Resources``.
    """

    def __init__(self, template: Mapping[str, Any]) -> None:
        self.links: dict[str, None] = {}
        self._resources = mapping(template.get("Resources"))
        self._mappings = mapping(template.get("Mappings"))
        self._conditions = mapping(template.get("Conditions"))
        self._parameters = {
            name: _default(mapping(one)) for name, one in mapping(template.get("Parameters")).items()
        }
        self._left = _MOST_STEPS
        self._depth = 0

    def of(self, value: Any) -> Value:
        """What does this value come to.

        Parameters
        ----------
        value : object
            Of a template.

        Returns
        -------
        Value
            Plain, with `Unknown` for what cannot be known and `NOTHING` for what is not there. Names of
            resources on the way are added to ``links``.

        Raises
        ------
        Grown
            It comes to too much.
        """
        self._left -= 1
        self._depth += 1
        if self._left < 0 or self._depth > _DEEPEST:
            raise Grown("its functions come to more than is read")
        try:
            return self._worked_out(value)
        finally:
            self._depth -= 1

    def _worked_out(self, value: Any) -> Value:
        if isinstance(value, Mapping):
            if len(value) == 1:
                [(name, argument)] = value.items()
                if name in _FUNCTIONS:
                    return _FUNCTIONS[name](self, argument)
                if name.startswith("Fn::"):
                    self.of(argument)
                    return Unknown(f"${{{name}}}")
            found = {key: self.of(one) for key, one in value.items()}
            return {key: one for key, one in found.items() if one is not NOTHING}
        if isinstance(value, list):
            return [one for one in map(self.of, value) if one is not NOTHING]
        return value

    def condition(self, name: Any) -> bool | None:
        """Whether a condition holds; None where that is not known.

        Parameters
        ----------
        name : object
            Of ``Conditions``, or what stands for one.
        """
        if not isinstance(name, str) or name not in self._conditions:
            return None
        found = self.of(self._conditions[name])
        return found if isinstance(found, bool) else None

    def _ref(self, name: Any) -> Value:
        if name == "AWS::NoValue":
            return NOTHING
        if isinstance(name, str) and name in self._parameters:
            return self._parameters[name]
        return self._linked(name)

    def _linked(self, name: Any) -> Unknown:
        words = name if isinstance(name, list) else str(name).split(".")
        first = str(words[0]) if words else ""
        if first in self._resources:
            self.links[first] = None
        return Unknown(f"${{{'.'.join(map(str, words))}}}")

    def _sub(self, argument: Any) -> Value:
        text, given = (argument[0], mapping(argument[1])) if _pair(argument) else (argument, {})
        if not isinstance(text, str):
            return Unknown("${Fn::Sub}")
        names = {name: self.of(one) for name, one in given.items()}
        whole = True

        def put(found: re.Match[str]) -> str:
            nonlocal whole
            if found[1]:
                return f"${{{found[2]}}}"
            value = names[found[2]] if found[2] in names else self._ref(found[2].strip())
            if isinstance(value, (Unknown, Mapping, list)) or value is NOTHING:
                whole = False
                return value.text if isinstance(value, Unknown) else found[0]
            return _text(value)

        came = _NAMED.sub(put, text)
        return self._weighed(came) if whole else Unknown(self._weighed(came))

    def _join(self, argument: Any) -> Value:
        between, parts = (argument[0], self.of(argument[1])) if _pair(argument) else (None, None)
        if not isinstance(between, str) or not isinstance(parts, list):
            return Unknown("${Fn::Join}")
        texts = [one.text if isinstance(one, Unknown) else _text(one) for one in parts]
        came = self._weighed(between.join(texts))
        return Unknown(came) if any(isinstance(one, Unknown) for one in parts) else came

    def _weighed(self, text: str) -> str:
        self._left -= len(text) // 100
        if len(text) > _LONGEST:
            raise Grown("a text that its functions put together is too long")
        return text

    def _select(self, argument: Any) -> Value:
        place, parts = (self.of(argument[0]), self.of(argument[1])) if _pair(argument) else (None, None)
        if str(place).isdecimal() and isinstance(parts, list) and int(str(place)) < len(parts):
            return parts[int(str(place))]
        return Unknown("${Fn::Select}")

    def _split(self, argument: Any) -> Value:
        between, text = (argument[0], self.of(argument[1])) if _pair(argument) else (None, None)
        if isinstance(between, str) and between and isinstance(text, str):
            return text.split(between)
        return Unknown("${Fn::Split}")

    def _find(self, argument: Any) -> Value:
        found: Any = self._mappings
        for one in listed(argument)[:3]:
            key = self.of(one)
            found = (
                found.get(_text(key)) if isinstance(found, Mapping) and isinstance(key, (str, int)) else None
            )
        return Unknown("${Fn::FindInMap}") if found is None or found is self._mappings else found

    def _if(self, argument: Any) -> Value:
        if not isinstance(argument, list) or len(argument) != 3:  # noqa: PLR2004  condition, then, else
            return Unknown("${Fn::If}")
        name, then, otherwise = argument
        holds = self.condition(name)
        if holds is None:
            came = [self.of(then), self.of(otherwise)]
            return came[0] if came[0] == came[1] else Unknown(f"${{Fn::If {_text(name)[:80]}}}")
        return self.of(then if holds else otherwise)

    def _equals(self, argument: Any) -> Value:
        one, other = (self.of(argument[0]), self.of(argument[1])) if _pair(argument) else (None, None)
        if any(
            isinstance(part, (Unknown, Mapping, list)) or part in {None, NOTHING} for part in (one, other)
        ):
            return Unknown("${Fn::Equals}")
        return _text(one) == _text(other)

    def _all(self, argument: Any) -> Value:
        return self._some(argument, deciding=False)

    def _any(self, argument: Any) -> Value:
        return self._some(argument, deciding=True)

    def _some(self, argument: Any, *, deciding: bool) -> Value:
        found = [self.of(one) for one in listed(argument)]
        if any(one is deciding for one in found):
            return deciding
        known = bool(found) and all(isinstance(one, bool) for one in found)
        return (not deciding) if known else Unknown("${Condition}")

    def _not(self, argument: Any) -> Value:
        found = self.of(argument[0]) if isinstance(argument, list) and len(argument) == 1 else None
        return (not found) if isinstance(found, bool) else Unknown("${Fn::Not}")

    def _named_condition(self, argument: Any) -> Value:
        if not isinstance(argument, str) or argument not in self._conditions:
            return {"Condition": self.of(argument)}  # of a policy's statement, not of a template
        holds = self.condition(argument)
        return Unknown("${Condition}") if holds is None else holds


_FUNCTIONS: Mapping[str, Callable[[Values, Any], Value]] = {
    "Ref": Values._ref,
    "Fn::GetAtt": Values._linked,
    "Fn::Sub": Values._sub,
    "Fn::Join": Values._join,
    "Fn::Select": Values._select,
    "Fn::Split": Values._split,
    "Fn::FindInMap": Values._find,
    "Fn::If": Values._if,
    "Fn::Equals": Values._equals,
    "Fn::And": Values._all,
    "Fn::Or": Values._any,
    "Fn::Not": Values._not,
    "Condition": Values._named_condition,
}


def _pair(argument: Any) -> bool:
    return isinstance(argument, list) and len(argument) == 2  # noqa: PLR2004  two arguments


def _default(parameter: Mapping[str, Any]) -> Value:
    if "Default" not in parameter:
        return Unknown("${Parameter}")
    found, kind = parameter["Default"], str(parameter.get("Type", ""))
    if kind.startswith("AWS::SSM::"):
        return Unknown("${Parameter}")  # its default is the name of what is looked up
    if kind.startswith(_LISTS) and isinstance(found, str):
        return [part.strip() for part in found.split(",")]
    return found


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
