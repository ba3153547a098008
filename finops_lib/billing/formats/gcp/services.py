"""Which FOCUS ServiceCategory does a Google Cloud service belong to, and which kind of resource is this.

Source: FOCUS allowed values, Google Cloud product pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_BY_CATEGORY: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "AI and Machine Learning": (
            "AutoML", "Dialogflow", "Discovery Engine", "Document AI", "Gemini", "Generative AI", "Claude",
            "Machine Learning", "Natural Language", "Recommendations AI", "Speech", "Text-to-Speech",
            "Translate", "Translation", "TPU", "Vertex AI", "Video Intelligence", "Vision", "AI Platform",
        ),
        "Analytics": (
            "Analytics Hub", "Composer", "Data Catalog", "Data Fusion", "Dataflow", "Dataform", "Dataplex",
            "Dataproc", "Dataprep", "Looker", "Managed Service for Apache Kafka",
        ),
        "Business Applications": ("AppSheet", "Contact Center", "Workspace"),
        "Compute": (
            "App Engine", "Bare Metal", "Batch", "Compute Engine", "Functions", "GKE", "Kubernetes Engine",
            "Run", "VMware Engine", "Workstations",
        ),
        "Databases": (
            "AlloyDB", "BigQuery", "Bigtable", "Datastore", "Firestore", "Memorystore", "Spanner", "SQL",
        ),
        "Developer Tools": ("Artifact Registry", "Build", "Container Registry", "Deploy", "Source Repositor"),
        "Identity": ("Identity", "Managed Service for Microsoft Active Directory"),
        "Integration": (
            "API Gateway", "Apigee", "Application Integration", "Endpoints", "Eventarc", "Pub/Sub",
            "Scheduler", "Tasks", "Workflows",
        ),
        "Internet of Things": ("IoT",),
        "Management and Governance": (
            "Asset Inventory", "Deployment Manager", "Logging", "Monitoring", "Stackdriver", "Support",
            "Trace",
        ),
        "Media": ("Live Stream", "Transcoder", "Video Stitcher"),
        "Migration": ("Database Migration", "Migrate", "Storage Transfer", "Transfer Service"),
        "Mobile": ("Firebase",),
        "Multicloud": ("Anthos",),
        "Networking": (
            "CDN", "DNS", "Domains", "Interconnect", "Load Balancing", "NAT", "Network", "Service Directory",
            "Traffic Director", "VPN",
        ),
        "Security": (
            "Armor", "Assured Workloads", "BeyondCorp", "Binary Authorization", "Certificate", "Chronicle",
            "IDS", "Key Management", "KMS", "reCAPTCHA", "Secret Manager", "Security", "Sensitive Data",
            "Web Risk",
        ),
        "Storage": ("Backup", "Filestore", "NetApp", "Parallelstore", "Storage"),
    }
)  # fmt: skip
_CATEGORIES: Mapping[str, str] = MappingProxyType(
    dict(
        sorted(
            ((name.lower(), category) for category, names in _BY_CATEGORY.items() for name in names),
            key=lambda pair: -len(pair[0]),
        )
    )
)
_OWNERS = ("google ", "cloud ")


def service_category(description: str) -> str:
    """Which ServiceCategory has this service; what is not listed is ``Other``.

    Parameters
    ----------
    description : str
        Name of the service in the export; a leading ``Google`` and ``Cloud`` say nothing.

    Returns
    -------
    str

    Examples
    --------
    >>> service_category("Cloud Storage"), service_category("BigQuery BI Engine"), service_category("Unheard")
    ('Storage', 'Databases', 'Other')
    """
    name = description.strip().lower()
    for owner in _OWNERS:
        name = name.removeprefix(owner)
    return next((found for start, found in _CATEGORIES.items() if name.startswith(start)), "Other")


def resource_type(global_name: str) -> str | None:
    """Which kind of resource has this global name.

    Parameters
    ----------
    global_name : str
        ``//service/collection/id/collection/id``.

    Returns
    -------
    str or None
        Its last collection; None where the name has another form.

    Examples
    --------
    >>> resource_type("//compute.googleapis.com/projects/1/zones/z/instances/7"), resource_type("//example")
    ('instances', None)
    """
    if not global_name.startswith("//"):
        return None
    parts = global_name.removeprefix("//").split("/")[1:]
    return parts[-2] if parts and len(parts) % 2 == 0 else None
