"""Everything that the world can get wrong, as one tree.

FinOpsError
├── BillError                a bill could not be taken in
│   ├── UnknownFormatError   no known export looks like this file
│   ├── UnreadableBillError  the file is damaged, locked, in another encoding or changing
│   └── RefusedDeliveryError the bill is readable, but taking it would lose or distort money
├── LakeError                the store cannot be read or written
├── QueryError               a question names a column, period or currency the lake does not have
├── CurrencyError            amounts of different currencies would have been added
├── SettingsError            a settings, rates or catalogue file breaks its own rules
├── PrivacyError             a key is missing, exposed or does not fit the key map
├── ParameterError           a notebook was given a parameter it does not have, or of the wrong type
├── UsageError               telemetry cannot be read, or contradicts itself
├── PolicyError              a policy bundle, an engine or an inventory cannot be used, so nothing is allowed
├── ServiceError             a service on the network does not answer, or refuses
│   ├── NotifyError          an alert or report could not be delivered
│   └── PrometheusError      a Prometheus cannot be asked, or answers in part
└── RunError                 a notebook run failed, hung or was killed

A wrong argument in code is a ``ValueError``; these are for data and the world.
"""

from __future__ import annotations


class FinOpsError(Exception):
    """What is wrong, which rule it breaks and what to do about it.

    Parameters
    ----------
    value : str
        What was found, naming the file, column or value.
    rule : str
        The rule it breaks.
    remedy : str
        What the reader can do next.

    Examples
    --------
    >>> print(FinOpsError("month '2026-13'", "a month is YYYY-MM", "write 2026-12"))
    month '2026-13': a month is YYYY-MM. Remedy: write 2026-12.
    """

    def __init__(self, value: str, rule: str, remedy: str) -> None:
        super().__init__(f"{value}: {rule}. Remedy: {remedy}.")
        self.value = value
        self.rule = rule
        self.remedy = remedy


class BillError(FinOpsError):
    """A bill could not be taken in."""


class UnknownFormatError(BillError):
    """No known export looks like this file."""


class UnreadableBillError(BillError):
    """The file is damaged, locked, in another encoding or changing under our hands."""


class RefusedDeliveryError(BillError):
    """The bill is readable, but taking it would lose or distort money."""


class LakeError(FinOpsError):
    """The store cannot be read or written."""


class QueryError(FinOpsError):
    """A question names a column, period or currency that the lake does not have."""


class CurrencyError(FinOpsError):
    """Amounts of different currencies would have been added."""


class SettingsError(FinOpsError):
    """A settings, rates or catalogue file breaks its own rules."""


class PrivacyError(FinOpsError):
    """A key is missing, exposed or does not fit the key map."""


class ParameterError(FinOpsError):
    """A notebook was given a parameter that it does not have, or of the wrong type."""


class RunError(FinOpsError):
    """A notebook run failed, hung or was killed."""


class UsageError(FinOpsError):
    """Telemetry cannot be read, or contradicts itself."""


class PolicyError(FinOpsError):
    """A policy bundle, an engine or an inventory cannot be used, so nothing is allowed."""


class ServiceError(FinOpsError):
    """A service on the network does not answer, or refuses.

    ``passing`` says that another try may help, ``wait`` how many seconds from now the service wants it,
    ``status`` what it answered, and ``said`` the beginning of its own words, which are not to be trusted.
    """

    def __init__(
        self,
        value: str,
        rule: str,
        remedy: str,
        *,
        passing: bool = False,
        wait: float | None = None,
        status: int | None = None,
        said: str = "",
    ) -> None:
        super().__init__(value, rule, remedy)
        self.passing, self.wait, self.status, self.said = passing, wait, status, said


class NotifyError(ServiceError):
    """An alert could not be delivered."""


class PrometheusError(ServiceError):
    """A Prometheus cannot be asked, or answers in part."""
