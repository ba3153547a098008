"""What does Oracle Cloud call a region: its cost reports hold the identifier alone.

Source: Oracle, "Regions and Availability Domains".
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "af-johannesburg-1": "South Africa Central (Johannesburg)",
        "ap-batam-1": "Indonesia North (Batam)",
        "ap-chuncheon-1": "South Korea North (Chuncheon)",
        "ap-hyderabad-1": "India South (Hyderabad)",
        "ap-melbourne-1": "Australia Southeast (Melbourne)",
        "ap-mumbai-1": "India West (Mumbai)",
        "ap-osaka-1": "Japan Central (Osaka)",
        "ap-seoul-1": "South Korea Central (Seoul)",
        "ap-singapore-1": "Singapore (Singapore)",
        "ap-singapore-2": "Singapore West (Singapore)",
        "ap-sydney-1": "Australia East (Sydney)",
        "ap-tokyo-1": "Japan East (Tokyo)",
        "ca-montreal-1": "Canada Southeast (Montreal)",
        "ca-toronto-1": "Canada Southeast (Toronto)",
        "eu-amsterdam-1": "Netherlands Northwest (Amsterdam)",
        "eu-frankfurt-1": "Germany Central (Frankfurt)",
        "eu-madrid-1": "Spain Central (Madrid)",
        "eu-marseille-1": "France South (Marseille)",
        "eu-milan-1": "Italy Northwest (Milan)",
        "eu-paris-1": "France Central (Paris)",
        "eu-stockholm-1": "Sweden Central (Stockholm)",
        "eu-zurich-1": "Switzerland North (Zurich)",
        "il-jerusalem-1": "Israel Central (Jerusalem)",
        "me-abudhabi-1": "UAE Central (Abu Dhabi)",
        "me-dubai-1": "UAE East (Dubai)",
        "me-jeddah-1": "Saudi Arabia West (Jeddah)",
        "me-riyadh-1": "Saudi Arabia Central (Riyadh)",
        "mx-monterrey-1": "Mexico Northeast (Monterrey)",
        "mx-queretaro-1": "Mexico Central (Queretaro)",
        "sa-bogota-1": "Colombia Central (Bogota)",
        "sa-santiago-1": "Chile Central (Santiago)",
        "sa-saopaulo-1": "Brazil East (Sao Paulo)",
        "sa-valparaiso-1": "Chile West (Valparaiso)",
        "sa-vinhedo-1": "Brazil Southeast (Vinhedo)",
        "uk-cardiff-1": "UK West (Newport)",
        "uk-london-1": "UK South (London)",
        "us-ashburn-1": "US East (Ashburn)",
        "us-chicago-1": "US Midwest (Chicago)",
        "us-phoenix-1": "US West (Phoenix)",
        "us-sanjose-1": "US West (San Jose)",
    }
)


def region_name(region: str) -> str | None:
    """Which name for people has this region.

    Parameters
    ----------
    region : str
        ``product/region`` of a report.

    Returns
    -------
    str or None
        None where it is not listed.

    Examples
    --------
    >>> region_name("eu-frankfurt-1"), region_name("mars-1")
    ('Germany Central (Frankfurt)', None)
    """
    return _NAMES.get(region.strip().lower())
