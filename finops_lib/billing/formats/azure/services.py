"""Which FOCUS ServiceCategory does an Azure meter or resource provider belong to.

The meter category is the finer of the two: a virtual network's traffic and a virtual machine's disk are
both emitted by ``Microsoft.Compute``.

Source: FOCUS allowed values; Microsoft, list of Azure resource providers and Azure products by category.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_METERS: Mapping[str, str] = MappingProxyType(
    {
        "AI and Machine Learning": (
            "Azure Bot Service|Azure Machine Learning|Azure OpenAI|Cognitive Services|Foundry Models|"
            "Foundry Tools|Azure Applied AI Services|Machine Learning Studio"
        ),
        "Analytics": (
            "Azure Analysis Services|Azure Cognitive Search|Azure Data Explorer|Azure Databricks|"
            "Azure Synapse Analytics|Data Catalog|Data Lake Analytics|HDInsight|Microsoft Fabric|"
            "Power BI|Power BI Embedded|Stream Analytics"
        ),
        "Compute": (
            "Azure Batch|Azure Container Apps|Azure Functions|Azure Kubernetes Service|Azure Virtual Desktop|"
            "Azure VMware Solution|Cloud Services|Container Instances|Container Registry|"
            "Dedicated Host|Functions|Virtual Machines|Virtual Machines Licenses|Windows Virtual Desktop|"
            "Reserved VM Instance|Specialized Compute"
        ),
        "Databases": (
            "Azure Cosmos DB|Azure Database for MariaDB|Azure Database for MySQL|"
            "Azure Database for PostgreSQL|Redis Cache|Azure Managed Redis|SQL Data Warehouse|SQL Database|"
            "SQL DB|SQL Managed Instance|SQL Server Stretch Database"
        ),
        "Developer Tools": (
            "Azure DevOps|Azure Load Testing|GitHub|GitHub AE|Microsoft Dev Box|Visual Studio|"
            "Visual Studio Subscription|Azure DevTest Labs"
        ),
        "Identity": (
            "Azure Active Directory|Azure Active Directory B2C|Azure Active Directory Domain Services|"
            "Azure Active Directory for External Identities|Microsoft Entra Domain Services|"
            "Microsoft Entra ID|Multi-Factor Authentication"
        ),
        "Integration": (
            "API Management|Azure Data Factory|Azure Data Factory v2|Event Grid|Event Hubs|Logic Apps|"
            "Notification Hubs|Service Bus|Azure Communication Services"
        ),
        "Internet of Things": (
            "Azure IoT Central|Azure IoT Hub|Digital Twins|IoT Central|IoT Hub|Time Series Insights"
        ),
        "Management and Governance": (
            "Application Insights|Automation|Azure Monitor|Azure Site Recovery|Azure Policy|"
            "Azure Grafana Service|Insight and Analytics|Log Analytics|Microsoft Purview|Support"
        ),
        "Media": "Media Services|Azure Video Indexer|Content Protection",
        "Migration": "Azure Data Box|Azure Database Migration Service|Azure Migrate",
        "Multicloud": "Azure Arc Enabled Databases|Azure Arc|Azure Stack|Azure Stack HCI",
        "Networking": (
            "Application Gateway|Azure Bastion|Azure DDOS Protection|Azure DNS|Azure Firewall|"
            "Azure Firewall Manager|Azure Front Door Service|Bandwidth|Content Delivery Network|ExpressRoute|"
            "Load Balancer|NAT Gateway|Network Watcher|Private Link|Traffic Manager|Virtual Network|"
            "Virtual WAN|VPN Gateway"
        ),
        "Security": (
            "Advanced Data Security|Advanced Threat Protection|Azure Information Protection|Key Vault|"
            "Microsoft Defender for Cloud|Microsoft Sentinel|Security Center|Sentinel|"
            "Azure Dedicated HSM"
        ),
        "Storage": (
            "Azure Data Lake Storage|Azure Elastic SAN|Azure HPC Cache|Azure Managed Lustre|"
            "Azure NetApp Files|Backup|Data Lake Store|Storage|StorSimple"
        ),
        "Web": "Azure App Service|Azure Maps|Azure Spring Apps|Azure Spring Cloud|SignalR|Web PubSub",
    }
)
_PROVIDERS: Mapping[str, str] = MappingProxyType(
    {
        "AI and Machine Learning": (
            "botservice|cognitiveservices|healthbot|machinelearning|machinelearningservices"
        ),
        "Analytics": (
            "analysisservices|databricks|datacatalog|datalakeanalytics|fabric|hdinsight|kusto|powerbidedicated|"
            "search|streamanalytics|synapse"
        ),
        "Compute": (
            "app|avs|batch|classiccompute|compute|containerinstance|containerregistry|containerservice|"
            "desktopvirtualization|hanaonazure|labservices|baremetalinfrastructure|quantum|servicefabric"
        ),
        "Databases": (
            "cache|confidentialledger|dbformariadb|dbformysql|dbforpostgresql|documentdb|sql|sqlvirtualmachine"
        ),
        "Developer Tools": "devcenter|devtestlab|loadtestservice|visualstudio",
        "Identity": "aad|azureactivedirectory|verifiedid",
        "Integration": (
            "apicenter|apimanagement|communication|datafactory|eventgrid|eventhub|logic|notificationhubs|relay|"
            "servicebus"
        ),
        "Internet of Things": "deviceupdate|devices|digitaltwins|iotcentral|iotoperations|timeseriesinsights",
        "Management and Governance": (
            "automation|capacity|billingbenefits|insights|monitor|operationalinsights|purview|recoveryservices"
        ),
        "Media": "media|mixedreality",
        "Migration": "databox|databoxedge|datamigration|datashare|importexport|migrate|storagesync",
        "Multicloud": "azurearcdata|azurestackhci|hybridcompute|hybridcontainerservice|kubernetes",
        "Networking": "cdn|classicnetwork|mobilenetwork|network|networkfunction|peering|servicenetworking",
        "Security": "easm|hardwaresecuritymodules|keyvault|security|securityinsights|securitycopilot",
        "Storage": (
            "classicstorage|datalakestore|dataprotection|elasticsan|netapp|storage|storagecache|storsimple"
        ),
        "Web": (
            "appconfiguration|appplatform|certificateregistration|domainregistration|maps|signalrservice|web"
        ),
    }
)
_NAMESPACE = "microsoft."


def _by_name(table: Mapping[str, str], prefix: str = "") -> Mapping[str, str]:
    return MappingProxyType(
        {prefix + name.lower(): category for category, names in table.items() for name in names.split("|")}
    )


_BY_METER = _by_name(_METERS)
_BY_PROVIDER = _by_name(_PROVIDERS, _NAMESPACE)


def meter_service(category: str) -> str | None:
    """Which ServiceCategory has this meter category.

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
    >>> meter_service("Virtual Machines"), meter_service("Unassigned")
    ('Compute', None)
    """
    return _BY_METER.get(category.strip().lower())


def provider_service(namespace: str) -> str | None:
    """Which ServiceCategory has this resource provider.

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
    >>> provider_service("microsoft.compute"), provider_service("Contoso.Things")
    ('Compute', None)
    """
    return _BY_PROVIDER.get(namespace.strip().lower())
