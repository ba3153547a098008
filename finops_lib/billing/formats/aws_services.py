"""Which FOCUS ServiceSubcategory, and so which ServiceCategory, does an AWS product code belong to.

Source: FOCUS allowed values, AWS product pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from finops_lib.billing import focus
from finops_lib.billing.formats.subcategories import beginning, by_name

_CODES: Mapping[str, str] = MappingProxyType(
    {
        "Generative AI": "AmazonBedrock",
        "Machine Learning": "AmazonSageMaker",
        "Data Processing": "AWSGlue|AmazonAthena|ElasticMapReduce",
        "Search": "AmazonES",
        "Streaming Analytics": "AmazonKinesis",
        "Containers": "AmazonECS|AmazonEKS|AmazonECR",
        "Serverless Compute": "AWSLambda",
        "Virtual Machines": "AmazonEC2|AmazonLightsail",
        "Other (Compute)": "AWSBatch|ComputeSavingsPlans",
        "Caching": "AmazonElastiCache",
        "Data Warehouses": "AmazonRedshift",
        "NoSQL Databases": "AmazonDynamoDB|AmazonDocDB|AmazonNeptune",
        "Relational Databases": "AmazonRDS",
        "Identity and Access Management": "AmazonCognito",
        "API Management": "AmazonApiGateway",
        "Messaging": "AWSQueueService|AmazonSNS|AWSEvents",
        "Workflow Orchestration": "AmazonStates",
        "Compliance": "AWSCloudTrail|AWSConfig",
        "Observability": "AmazonCloudWatch",
        "Support": "AWSSupport|OCBPremiumSupport",
        "Other (Management and Governance)": "AWSSystemsManager",
        "Application Networking": "AWSELB",
        "Content Delivery": "AmazonCloudFront",
        "Network Connectivity": "AWSDataTransfer|AWSDirectConnect",
        "Network Infrastructure": "AmazonVPC|AmazonRoute53",
        "Secret Management": "awskms|AWSSecretsManager",
        "Threat Detection and Response": "AmazonGuardDuty",
        "Other (Security)": "awswaf",
        "Backup Storage": "AWSBackup",
        "File Storage": "AmazonEFS|AmazonFSx",
        "Object Storage": "AmazonS3|AmazonGlacier",
    }
)
_PREFIXES = by_name(_CODES)


def service_subcategory(code: str) -> str:
    """Which ServiceSubcategory has this product code; what is not listed is ``Other (Other)``.

    Parameters
    ----------
    code : str
        AWS product code, for example ``AmazonEC2``.

    Returns
    -------
    str

    Examples
    --------
    >>> service_subcategory("AmazonEC2"), service_subcategory("AWSSupportBusiness")
    ('Virtual Machines', 'Support')
    """
    return beginning(_PREFIXES, code)


def service_category(code: str) -> str:
    """Which ServiceCategory has this product code; what is not listed is ``Other``.

    Parameters
    ----------
    code : str
        AWS product code, for example ``AmazonEC2``.

    Returns
    -------
    str

    Examples
    --------
    >>> service_category("AmazonEC2"), service_category("AWSSupportBusiness"), service_category("Unheard")
    ('Compute', 'Management and Governance', 'Other')
    """
    return focus.parent_category(service_subcategory(code))
