"""Which FOCUS ServiceSubcategory, and so which ServiceCategory, does a service of Oracle Cloud belong to.

Source: FOCUS allowed values, Oracle's product pages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from finops_lib.billing import focus
from finops_lib.billing.formats.subcategories import beginning, by_name

_OTHER = re.compile(r"[^A-Z0-9]+")
_SERVICES: Mapping[str, str] = MappingProxyType(
    {
        "Generative AI": "GENERATIVEAI",
        "Machine Learning": "DATASCIENCE",
        "Business Intelligence": "ANALYTICS",
        "Data Processing": "BIGDATA|DATAFLOW",
        "Streaming Analytics": "ORACLESTREAMINGSERVICE|STREAMING",
        "Containers": "CONTAINER",
        "Serverless Compute": "FUNCTIONS",
        "Virtual Machines": "COMPUTE",
        "NoSQL Databases": "NOSQL",
        "Relational Databases": "DATABASE|AUTONOMOUSDATABASE|EXADATA|MYSQL|POSTGRESQL",
        "Identity and Access Management": "IDENTITY",
        "API Management": "APIGATEWAY",
        "Messaging": "NOTIFICATION|QUEUE",
        "Other (Integration)": "INTEGRATION",
        "Observability": "TELEMETRY|MONITORING|LOGGING",
        "Application Networking": "LOADBALANCER",
        "Network Connectivity": "NETWORK|FASTCONNECT",
        "Network Infrastructure": "VIRTUALCLOUDNETWORK|DNS",
        "Secret Management": "VAULT|KEYMANAGEMENT",
        "Other (Security)": "WAF",
        "Block Storage": "BLOCKSTORAGE",
        "File Storage": "FILESTORAGE",
        "Object Storage": "OBJECTSTOR|ARCHIVESTORAGE",
    }
)
_PREFIXES = by_name(_SERVICES)


def service_subcategory(service: str) -> str:
    """Which ServiceSubcategory has this service; what is not listed is ``Other (Other)``.

    Parameters
    ----------
    service : str
        Name in the report, as a code or in words: ``BLOCK_STORAGE``, ``Block Storage``.

    Returns
    -------
    str

    Examples
    --------
    >>> service_subcategory("BLOCK_STORAGE"), service_subcategory("Object Storage")
    ('Block Storage', 'Object Storage')
    """
    return beginning(_PREFIXES, _OTHER.sub("", service.upper()))


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
    return focus.parent_category(service_subcategory(service))
