"""Which FOCUS ServiceCategory does an AWS product code belong to.

Source: FOCUS allowed values, AWS product pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_PREFIXES: Mapping[str, str] = MappingProxyType(
    {
        "AmazonEC2": "Compute",
        "AmazonECS": "Compute",
        "AmazonEKS": "Compute",
        "AmazonLightsail": "Compute",
        "AWSLambda": "Compute",
        "AWSBatch": "Compute",
        "AmazonECR": "Compute",
        "ComputeSavingsPlans": "Compute",
        "AmazonS3": "Storage",
        "AmazonGlacier": "Storage",
        "AmazonEFS": "Storage",
        "AmazonFSx": "Storage",
        "AWSBackup": "Storage",
        "AmazonRDS": "Databases",
        "AmazonDynamoDB": "Databases",
        "AmazonElastiCache": "Databases",
        "AmazonRedshift": "Databases",
        "AmazonDocDB": "Databases",
        "AmazonNeptune": "Databases",
        "AmazonVPC": "Networking",
        "AmazonRoute53": "Networking",
        "AmazonCloudFront": "Networking",
        "AWSDataTransfer": "Networking",
        "AWSELB": "Networking",
        "AWSDirectConnect": "Networking",
        "AmazonApiGateway": "Integration",
        "AWSQueueService": "Integration",
        "AmazonSNS": "Integration",
        "AmazonStates": "Integration",
        "AWSEvents": "Integration",
        "AmazonCloudWatch": "Management and Governance",
        "AWSCloudTrail": "Management and Governance",
        "AWSConfig": "Management and Governance",
        "AWSSystemsManager": "Management and Governance",
        "AWSSupport": "Management and Governance",
        "OCBPremiumSupport": "Management and Governance",
        "AmazonSageMaker": "AI and Machine Learning",
        "AmazonBedrock": "AI and Machine Learning",
        "AWSGlue": "Analytics",
        "AmazonAthena": "Analytics",
        "AmazonKinesis": "Analytics",
        "ElasticMapReduce": "Analytics",
        "AmazonES": "Analytics",
        "awskms": "Security",
        "AWSSecretsManager": "Security",
        "AmazonGuardDuty": "Security",
        "awswaf": "Security",
        "AmazonCognito": "Identity",
    }
)


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
    exact = _PREFIXES.get(code)
    return exact or next((found for prefix, found in _PREFIXES.items() if code.startswith(prefix)), "Other")
