"""What does Google Cloud call a region: its bills hold the id alone.

Source: Google Cloud, "Cloud Run locations".
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "africa-south1": "Johannesburg",
        "asia-east1": "Taiwan",
        "asia-east2": "Hong Kong",
        "asia-northeast1": "Tokyo",
        "asia-northeast2": "Osaka",
        "asia-northeast3": "Seoul",
        "asia-south1": "Mumbai",
        "asia-south2": "Delhi",
        "asia-southeast1": "Singapore",
        "asia-southeast2": "Jakarta",
        "australia-southeast1": "Sydney",
        "australia-southeast2": "Melbourne",
        "europe-central2": "Warsaw",
        "europe-north1": "Finland",
        "europe-north2": "Stockholm",
        "europe-southwest1": "Madrid",
        "europe-west1": "Belgium",
        "europe-west2": "London",
        "europe-west3": "Frankfurt",
        "europe-west4": "Netherlands",
        "europe-west6": "Zurich",
        "europe-west8": "Milan",
        "europe-west9": "Paris",
        "europe-west10": "Berlin",
        "europe-west12": "Turin",
        "me-central1": "Doha",
        "me-central2": "Dammam",
        "me-west1": "Tel Aviv",
        "northamerica-northeast1": "Montréal",
        "northamerica-northeast2": "Toronto",
        "northamerica-south1": "Mexico",
        "southamerica-east1": "São Paulo",
        "southamerica-west1": "Santiago",
        "us-central1": "Iowa",
        "us-east1": "South Carolina",
        "us-east4": "Northern Virginia",
        "us-east5": "Columbus",
        "us-south1": "Dallas",
        "us-west1": "Oregon",
        "us-west2": "Los Angeles",
        "us-west3": "Salt Lake City",
        "us-west4": "Las Vegas",
    }
)


def region_name(region: str) -> str | None:
    """Which name for people has this region.

    Parameters
    ----------
    region : str
        ``location.region`` of an export.

    Returns
    -------
    str or None
        None where it is not listed.

    Examples
    --------
    >>> region_name("europe-west1"), region_name("mars-east1")
    ('Belgium', None)
    """
    return _NAMES.get(region.strip().lower())
