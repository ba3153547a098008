"""Rego on an Open Policy Agent server, by REST: undefined, down, slow or other policies are a refusal."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import orjson

from finops_lib.cost.entry_texts import shown
from finops_lib.errors import PolicyError, ServiceError
from finops_lib.policy.bundle import Bundle
from finops_lib.web import Service

_DECISION = "/v1/data/finops/main/decision"
_DIGEST = "/v1/data/finops_bundle/sha256"
_PREFIX = "finops_bundle/"  # of the ids of policies that we upload
_LARGEST = 4 << 20  # bytes of an answer
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*", re.ASCII)


class ServerEngine:
    """Asks a server, which must hold the same bundle: ``data.finops_bundle.sha256`` says which it holds.

    Parameters
    ----------
    url : str
        Where it listens, such as ``http://127.0.0.1:8181``.
    bundle : Bundle
        Policies that it must hold.
    push : bool
        Upload them first; else they must be there.
    token_variable : str
        Environment variable with a bearer token; empty for none.
    timeout_seconds : float
        Until a whole answer is here.
    ca_file : str
        Certificates to trust instead of the system's.

    Raises
    ------
    PolicyError
        It cannot be reached, or holds other policies.
    """

    def __init__(
        self,
        url: str,
        bundle: Bundle,
        *,
        push: bool = False,
        token_variable: str = "",
        timeout_seconds: float = 5.0,
        ca_file: str = "",
    ) -> None:
        self.name = "opa"
        self._bundle = bundle
        self._service = Service(
            "of policies",
            url,
            _headers(token_variable),
            timeout_seconds=timeout_seconds,
            whole_seconds=timeout_seconds,
            ca_file=ca_file,
            largest=_LARGEST,
        )
        if push:
            self._upload()
        self._check_bundle()

    def answers(self, texts: Sequence[bytes]) -> list[str | PolicyError]:
        """What does the server decide about each of these inputs.

        Parameters
        ----------
        texts : sequence of bytes
            Each a JSON object.

        Returns
        -------
        list
            Decisions in JSON; an error where there is none, and for all where the server holds another bundle
            when the last one is answered.
        """
        found = [self._answer(text) for text in texts]
        try:
            self._check_bundle()
        except PolicyError as error:
            return [error] * len(texts)
        return found

    def close(self) -> None:
        """Nothing is held: each question has a connection of its own."""

    def _answer(self, text: bytes) -> str | PolicyError:
        try:
            result = self._result("POST", _DECISION, {"input": orjson.loads(text)})
            return orjson.dumps(result).decode()
        except PolicyError as error:
            return error

    def _check_bundle(self) -> None:
        held = self._result("GET", _DIGEST)
        if held != self._bundle.sha256:
            raise PolicyError(
                f"policy server: bundle {shown(held)}",
                f"it holds the bundle with sha256 {self._bundle.sha256}",
                "upload the bundle, or name the one that it holds",
            )

    def _upload(self) -> None:
        """Put the policies and their data there; the digest last, so that a half of them is never trusted."""
        self._ask("PUT", "/v1/data/finops_bundle", {"sha256": ""})
        there = self._result("GET", "/v1/policies")
        wanted = {_PREFIX + path: text for path, text in self._bundle.modules.items()}
        old = [one.get("id") for one in there if isinstance(one, dict)] if isinstance(there, list) else []
        for name in old:
            if isinstance(name, str) and name.startswith(_PREFIX) and name not in wanted:
                self._ask("DELETE", f"/v1/policies/{quote(name)}")
        for key, value in self._bundle.data.items():
            self._ask("PUT", f"/v1/data/{quote(key, safe='')}", value)
        for name, text in wanted.items():
            self._ask("PUT", f"/v1/policies/{quote(name)}", text=text)
        self._ask("PUT", "/v1/data/finops_bundle", {"sha256": self._bundle.sha256})

    def _result(self, method: str, path: str, content: object = None) -> Any:
        said = self._ask(method, path, content)
        if isinstance(said, Mapping) and "result" in said:
            return said["result"]
        what = "it is undefined there" if said == {} else f"it answers {shown(said)}"
        raise PolicyError(
            f"policy server, {path}: {what}",
            "it answers with a result",
            "upload the bundle, or check the address",
        )

    def _ask(self, method: str, path: str, content: object = None, *, text: str | None = None) -> Any:
        try:
            return self._service.request(method, path, content=content, text=text)
        except ServiceError as error:
            raise PolicyError(f"policy server: {error.value}", error.rule, error.remedy) from None


def _headers(token_variable: str) -> dict[str, str]:
    if not token_variable:
        return {}
    token = os.environ.get(token_variable, "") if _VARIABLE.fullmatch(token_variable) else ""
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise PolicyError(
            f"environment variable {shown(token_variable)}",
            "it holds the token of the policy server",
            "set it, or name none",
        )
    return {"Authorization": f"Bearer {token}"}
