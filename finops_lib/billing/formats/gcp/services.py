"""Which FOCUS ServiceSubcategory and ServiceCategory has a Google Cloud service; which kind is a resource.

Source: FOCUS allowed values, Google Cloud product pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from finops_lib.billing import focus
from finops_lib.billing.formats.subcategories import beginning, by_name

_SERVICES: Mapping[str, str] = MappingProxyType(
    {
        "AI Platforms": "AI Platform|Vertex AI",
        "Bots": "Dialogflow",
        "Generative AI": "Claude|Gemini|Generative AI",
        "Machine Learning": "AutoML|Machine Learning|TPU|Video Intelligence|Vision",
        "Natural Language Processing": (
            "Document AI|Natural Language|Speech|Text-to-Speech|Translate|Translation"
        ),
        "Other (AI and Machine Learning)": "Discovery Engine|Recommendations AI",
        "Analytics Platforms": "Analytics Hub|Dataplex",
        "Business Intelligence": "Looker",
        "Data Processing": "Data Fusion|Dataflow|Dataform|Dataprep|Dataproc",
        "Streaming Analytics": "Managed Service for Apache Kafka",
        "Other (Analytics)": "Composer|Data Catalog",
        "Productivity and Collaboration": "Workspace",
        "Other (Business Applications)": "AppSheet|Contact Center",
        "Containers": "GKE|Kubernetes Engine",
        "End User Computing": "Workstations",
        "Serverless Compute": "App Engine|Functions|Run",
        "Virtual Machines": "Bare Metal|Compute Engine|VMware Engine",
        "Other (Compute)": "Batch",
        "Caching": "Memorystore",
        "Data Warehouses": "BigQuery",
        "NoSQL Databases": "Bigtable|Datastore|Firestore",
        "Relational Databases": "AlloyDB|Spanner|SQL",
        "Continuous Integration and Deployment": "Build|Deploy",
        "Source Code Management": "Source Repositor",
        "Other (Developer Tools)": "Artifact Registry|Container Registry",
        "Identity and Access Management": "Identity|Managed Service for Microsoft Active Directory",
        "API Management": "API Gateway|Apigee|Endpoints",
        "Messaging": "Eventarc|Pub/Sub",
        "Workflow Orchestration": "Scheduler|Tasks|Workflows",
        "Other (Integration)": "Application Integration",
        "IoT Platforms": "IoT",
        "Observability": "Logging|Monitoring|Stackdriver|Trace",
        "Support": "Support",
        "Other (Management and Governance)": "Asset Inventory|Deployment Manager",
        "Media Streaming": "Live Stream|Video Stitcher",
        "Other (Media)": "Transcoder",
        "Data Migration": "Database Migration|Storage Transfer|Transfer Service",
        "Resource Migration": "Migrate",
        "Other (Mobile)": "Firebase",
        "Multicloud Integration": "Anthos",
        "Application Networking": "Load Balancing|Service Directory|Traffic Director",
        "Content Delivery": "CDN",
        "Network Connectivity": "Interconnect|NAT|Network|VPN",
        "Network Infrastructure": "DNS|Domains",
        "Secret Management": "Key Management|KMS|Secret Manager",
        "Security Posture Management": "Assured Workloads|Security",
        "Threat Detection and Response": "Chronicle|IDS|Web Risk|reCAPTCHA",
        "Other (Security)": "Armor|BeyondCorp|Binary Authorization|Certificate|Sensitive Data",
        "Backup Storage": "Backup",
        "File Storage": "Filestore|NetApp|Parallelstore",
        "Object Storage": "Storage",
    }
)
_NAMES = by_name(_SERVICES, lower=True)
_OWNERS = ("google ", "cloud ")


def service_subcategory(description: str) -> str:
    """Which ServiceSubcategory has this service; what is not listed is ``Other (Other)``.

    Parameters
    ----------
    description : str
        Name of the service in the export; a leading ``Google`` and ``Cloud`` say nothing.

    Returns
    -------
    str

    Examples
    --------
    >>> service_subcategory("Cloud Storage"), service_subcategory("BigQuery BI Engine")
    ('Object Storage', 'Data Warehouses')
    """
    name = description.strip().lower()
    for owner in _OWNERS:
        name = name.removeprefix(owner)
    return beginning(_NAMES, name)


def service_category(description: str) -> str:
    """Which ServiceCategory has this service; what is not listed is ``Other``.

    Parameters
    ----------
    description : str
        As in `service_subcategory`.

    Returns
    -------
    str

    Examples
    --------
    >>> service_category("Cloud Storage"), service_category("BigQuery BI Engine"), service_category("Unheard")
    ('Storage', 'Databases', 'Other')
    """
    return focus.parent_category(service_subcategory(description))


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
