"""Which FOCUS ServiceCategory does a service of Oracle Cloud belong to.

Source: FOCUS allowed values, Oracle's product pages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

_OTHER = re.compile(r"[^A-Z0-9]+")
_PREFIXES: Mapping[str, str] = MappingProxyType(
    {
        "COMPUTE": "Compute",
        "CONTAINER": "Compute",
        "FUNCTIONS": "Compute",
        "BLOCKSTORAGE": "Storage",
        "FILESTORAGE": "Storage",
        "OBJECTSTOR": "Storage",
        "ARCHIVESTORAGE": "Storage",
        "DATABASE": "Databases",
        "AUTONOMOUSDATABASE": "Databases",
        "EXADATA": "Databases",
        "MYSQL": "Databases",
        "NOSQL": "Databases",
        "POSTGRESQL": "Databases",
        "NETWORK": "Networking",
        "VIRTUALCLOUDNETWORK": "Networking",
        "LOADBALANCER": "Networking",
        "FASTCONNECT": "Networking",
        "DNS": "Networking",
        "ORACLESTREAMINGSERVICE": "Analytics",
        "STREAMING": "Analytics",
        "ANALYTICS": "Analytics",
        "BIGDATA": "Analytics",
        "DATAFLOW": "Analytics",
        "DATASCIENCE": "AI and Machine Learning",
        "GENERATIVEAI": "AI and Machine Learning",
        "APIGATEWAY": "Integration",
        "INTEGRATION": "Integration",
        "NOTIFICATION": "Integration",
        "QUEUE": "Integration",
        "TELEMETRY": "Management and Governance",
        "MONITORING": "Management and Governance",
        "LOGGING": "Management and Governance",
        "VAULT": "Security",
        "KEYMANAGEMENT": "Security",
        "WAF": "Security",
        "IDENTITY": "Identity",
    }
)


def service_category(service: str) -> str:
    """Which ServiceCategory has this service; what is not listed is ``Other``.

    Parameters
    ----------
    service : str
        Name in the report, as a code or in words: ``BLOCK_STORAGE``, ``Block Storage``.

    Returns
    -------
    str

    Examples
    --------
    >>> service_category("BLOCK_STORAGE"), service_category("Object Storage"), service_category("UNHEARD")
    ('Storage', 'Storage', 'Other')
    """
    plain = _OTHER.sub("", service.upper())
    return next((found for prefix, found in _PREFIXES.items() if plain.startswith(prefix)), "Other")
