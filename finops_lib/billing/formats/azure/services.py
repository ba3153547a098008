"""Which FOCUS ServiceSubcategory, and so which ServiceCategory, has an Azure meter or resource provider.

The meter category is the finer of the two: a virtual network's traffic and a virtual machine's disk are
both emitted by ``Microsoft.Compute``.

Source: FOCUS allowed values; Microsoft, list of Azure resource providers and Azure products by category.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from finops_lib.billing.formats.subcategories import by_name

_METERS: Mapping[str, str] = MappingProxyType(
    {
        "AI Platforms": "Foundry Models|Foundry Tools",
        "Bots": "Azure Bot Service",
        "Generative AI": "Azure OpenAI",
        "Machine Learning": "Azure Machine Learning|Machine Learning Studio",
        "Other (AI and Machine Learning)": "Azure Applied AI Services|Cognitive Services",
        "Analytics Platforms": "Azure Databricks|Azure Synapse Analytics|Microsoft Fabric",
        "Business Intelligence": "Azure Analysis Services|Power BI|Power BI Embedded",
        "Data Processing": "Azure Data Explorer|Data Lake Analytics|HDInsight",
        "Search": "Azure Cognitive Search",
        "Streaming Analytics": "Stream Analytics",
        "Other (Analytics)": "Data Catalog",
        "Containers": (
            "Azure Container Apps|Azure Kubernetes Service|Container Instances|Container Registry"
        ),
        "End User Computing": "Azure Virtual Desktop|Windows Virtual Desktop",
        "Serverless Compute": "Azure Functions|Functions",
        "Virtual Machines": (
            "Azure VMware Solution|Cloud Services|Dedicated Host|Reserved VM Instance|Virtual Machines|"
            "Virtual Machines Licenses"
        ),
        "Other (Compute)": "Azure Batch|Specialized Compute",
        "Caching": "Azure Managed Redis|Redis Cache",
        "Data Warehouses": "SQL Data Warehouse",
        "NoSQL Databases": "Azure Cosmos DB",
        "Relational Databases": (
            "Azure Database for MariaDB|Azure Database for MySQL|Azure Database for PostgreSQL|SQL DB|"
            "SQL Database|SQL Managed Instance|SQL Server Stretch Database"
        ),
        "Development Environments": (
            "Azure DevTest Labs|Microsoft Dev Box|Visual Studio|Visual Studio Subscription"
        ),
        "Developer Platforms": "Azure DevOps",
        "Quality Assurance": "Azure Load Testing",
        "Source Code Management": "GitHub|GitHub AE",
        "Identity and Access Management": (
            "Azure Active Directory|Azure Active Directory B2C|Azure Active Directory Domain Services|"
            "Azure Active Directory for External Identities|Microsoft Entra Domain Services|"
            "Microsoft Entra ID|Multi-Factor Authentication"
        ),
        "API Management": "API Management",
        "Messaging": ("Azure Communication Services|Event Grid|Event Hubs|Notification Hubs|Service Bus"),
        "Workflow Orchestration": "Azure Data Factory|Azure Data Factory v2|Logic Apps",
        "IoT Analytics": "Time Series Insights",
        "IoT Platforms": "Azure IoT Central|Azure IoT Hub|Digital Twins|IoT Central|IoT Hub",
        "Compliance": "Azure Policy",
        "Data Governance": "Microsoft Purview",
        "Disaster Recovery": "Azure Site Recovery",
        "Observability": (
            "Application Insights|Azure Grafana Service|Azure Monitor|Insight and Analytics|Log Analytics"
        ),
        "Support": "Support",
        "Other (Management and Governance)": "Automation",
        "Media Streaming": "Media Services",
        "Other (Media)": "Azure Video Indexer|Content Protection",
        "Data Migration": "Azure Data Box|Azure Database Migration Service",
        "Resource Migration": "Azure Migrate",
        "Multicloud Integration": ("Azure Arc|Azure Arc Enabled Databases|Azure Stack|Azure Stack HCI"),
        "Application Networking": "Application Gateway|Load Balancer",
        "Content Delivery": "Azure Front Door Service|Content Delivery Network",
        "Network Connectivity": ("Bandwidth|ExpressRoute|NAT Gateway|Private Link|VPN Gateway|Virtual WAN"),
        "Network Infrastructure": "Azure DNS|Network Watcher|Virtual Network",
        "Network Routing": "Traffic Manager",
        "Network Security": ("Azure Bastion|Azure DDOS Protection|Azure Firewall|Azure Firewall Manager"),
        "Secret Management": "Azure Dedicated HSM|Key Vault",
        "Security Posture Management": "Advanced Data Security|Microsoft Defender for Cloud|Security Center",
        "Threat Detection and Response": "Advanced Threat Protection|Microsoft Sentinel|Sentinel",
        "Other (Security)": "Azure Information Protection",
        "Backup Storage": "Backup",
        "Block Storage": "Azure Elastic SAN",
        "File Storage": "Azure HPC Cache|Azure Managed Lustre|Azure NetApp Files",
        "Object Storage": "Azure Data Lake Storage|Data Lake Store",
        "Storage Platforms": "Storage",
        "Other (Storage)": "StorSimple",
        "Application Platforms": "Azure App Service|Azure Spring Apps|Azure Spring Cloud",
        "Other (Web)": "Azure Maps|SignalR|Web PubSub",
    }
)
_PROVIDERS: Mapping[str, str] = MappingProxyType(
    {
        "Bots": "botservice|healthbot",
        "Machine Learning": "machinelearning|machinelearningservices",
        "Other (AI and Machine Learning)": "cognitiveservices",
        "Analytics Platforms": "databricks|fabric|synapse",
        "Business Intelligence": "analysisservices|powerbidedicated",
        "Data Processing": "datalakeanalytics|hdinsight|kusto",
        "Search": "search",
        "Streaming Analytics": "streamanalytics",
        "Other (Analytics)": "datacatalog",
        "Containers": "app|containerinstance|containerregistry|containerservice|servicefabric",
        "End User Computing": "desktopvirtualization|labservices",
        "Quantum Compute": "quantum",
        "Virtual Machines": "avs|classiccompute|compute",
        "Other (Compute)": "baremetalinfrastructure|batch|hanaonazure",
        "Caching": "cache",
        "Ledger Databases": "confidentialledger",
        "NoSQL Databases": "documentdb",
        "Relational Databases": "dbformariadb|dbformysql|dbforpostgresql|sql|sqlvirtualmachine",
        "Development Environments": "devcenter|devtestlab",
        "Developer Platforms": "visualstudio",
        "Quality Assurance": "loadtestservice",
        "Identity and Access Management": "aad|azureactivedirectory|verifiedid",
        "API Management": "apicenter|apimanagement",
        "Messaging": "communication|eventgrid|eventhub|notificationhubs|relay|servicebus",
        "Workflow Orchestration": "datafactory|logic",
        "IoT Analytics": "timeseriesinsights",
        "IoT Platforms": "deviceupdate|devices|digitaltwins|iotcentral|iotoperations",
        "Cost Management": "billingbenefits|capacity",
        "Data Governance": "purview",
        "Disaster Recovery": "recoveryservices",
        "Observability": "insights|monitor|operationalinsights",
        "Other (Management and Governance)": "automation",
        "Mixed Reality": "mixedreality",
        "Media Streaming": "media",
        "Data Migration": "databox|databoxedge|datamigration|datashare|importexport|storagesync",
        "Resource Migration": "migrate",
        "Multicloud Integration": (
            "azurearcdata|azurestackhci|hybridcompute|hybridcontainerservice|kubernetes"
        ),
        "Application Networking": "servicenetworking",
        "Content Delivery": "cdn",
        "Network Connectivity": "mobilenetwork|peering",
        "Network Infrastructure": "classicnetwork|network|networkfunction",
        "Secret Management": "hardwaresecuritymodules|keyvault",
        "Security Posture Management": "easm|security",
        "Threat Detection and Response": "securitycopilot|securityinsights",
        "Backup Storage": "dataprotection",
        "Block Storage": "elasticsan",
        "File Storage": "netapp|storagecache",
        "Object Storage": "datalakestore",
        "Storage Platforms": "classicstorage|storage",
        "Other (Storage)": "storsimple",
        "Application Platforms": "appplatform|web",
        "Other (Web)": ("appconfiguration|certificateregistration|domainregistration|maps|signalrservice"),
    }
)
_BY_METER = by_name(_METERS, lower=True)
_BY_PROVIDER = by_name(_PROVIDERS, prefix="microsoft.")


def meter_subcategory(category: str) -> str | None:
    """Which ServiceSubcategory has this meter category.

    Parameters
    ----------
    category : str
        ``MeterCategory`` of an export, in any case.

    Returns
    -------
    str or None
        None where it is not listed.

    Examples
    --------
    >>> meter_subcategory("Virtual Machines"), meter_subcategory("Unassigned")
    ('Virtual Machines', None)
    """
    return _BY_METER.get(category.strip().lower())


def provider_subcategory(namespace: str) -> str | None:
    """Which ServiceSubcategory has this resource provider.

    Parameters
    ----------
    namespace : str
        ``ConsumedService`` of an export, in any case.

    Returns
    -------
    str or None
        None where it is not listed.

    Examples
    --------
    >>> provider_subcategory("microsoft.keyvault"), provider_subcategory("Contoso.Things")
    ('Secret Management', None)
    """
    return _BY_PROVIDER.get(namespace.strip().lower())
