"""Rego in this very process: the fastest way, for policies of one's own.

Nothing here can stop a policy that loops; see `limited` for the way that can.
"""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from finops_lib.errors import PolicyError
from finops_lib.policy.bundle import Bundle
from finops_lib.policy.engine.rego import Rego, engine_name

_LONGEST_ANSWER = 1 << 20  # characters


class LocalEngine:
    """Evaluates on the thread that made it; a use from another thread is refused.

    Parameters
    ----------
    bundle : Bundle
        Policies to evaluate.

    Raises
    ------
    PolicyError
        They do not compile.
    """

    def __init__(self, bundle: Bundle) -> None:
        self.name = engine_name()
        self._rego = Rego(bundle.modules, orjson.dumps(bundle.data).decode())

    def answers(self, texts: Sequence[bytes]) -> list[str | PolicyError]:
        """What does the bundle decide about each of these inputs.

        Parameters
        ----------
        texts : sequence of bytes
            Each a JSON object.

        Returns
        -------
        list
            Decisions in JSON; an error where there is none.
        """
        return [self._answer(text) for text in texts]

    def close(self) -> None:
        """Nothing is held."""

    def _answer(self, text: bytes) -> str | PolicyError:
        try:
            said = self._rego.answer(text.decode())
        except PolicyError as error:
            return error
        if len(said) > _LONGEST_ANSWER:
            return PolicyError(
                f"decision of {len(said):,} characters",
                f"it has at most {_LONGEST_ANSWER:,}",
                "give fewer reasons",
            )
        return said
