"""What can the sample company buy: services, products with prices, regions.

Prices are close to public on-demand prices of mid 2026, rounded; they are whole micro-dollars for one
pricing unit, so that a price times a quantity of ten-thousandths is exact in 1e-10 dollars.
"""

from __future__ import annotations

import csv
import importlib.resources
from dataclasses import dataclass

STEADY, OFFICE, LOAD, STORAGE = "steady", "office", "load", "storage"


@dataclass(frozen=True)
class Service:
    """A cloud service as bills name it: the code in CUR, the name and the categories in FOCUS."""

    code: str
    name: str
    category: str
    subcategory: str


@dataclass(frozen=True)
class Region:
    """A region; ``price_percent`` compares its prices with those of the first region."""

    id: str
    name: str
    prefix: str
    price_percent: int = 100


@dataclass(frozen=True)
class Product:
    """Something billed by the unit.

    ``price_micro`` is micro-dollars for one ``unit``. ``volume`` is what one resource uses in an hour,
    in ten-thousandths of the unit. ``shape`` says how use moves in time. ``contract_percent`` is the
    negotiated share of the list price, ``plan_percent`` the savings plan's share (0: not eligible) and
    ``frequency`` how often the company has one, as a weight. A ``renewed`` resource gets a new id each month.
    """

    key: str
    service: Service
    usage_type: str
    operation: str
    family: str
    unit: str
    price_micro: int
    volume: int
    shape: str
    frequency: int
    resource: str
    contract_percent: int
    plan_percent: int
    renewed: bool
    instance: str


VIRGINIA = Region("us-east-1", "US East (N. Virginia)", "")
FRANKFURT = Region("eu-central-1", "EU (Frankfurt)", "EUC1-", 114)
IRELAND = Region("eu-west-1", "EU (Ireland)", "EU-", 108)
SYDNEY = Region("ap-southeast-2", "Asia Pacific (Sydney)", "APS2-", 125)

EC2 = Service("AmazonEC2", "Amazon Elastic Compute Cloud", "Compute", "Virtual Machines")
RDS = Service("AmazonRDS", "Amazon Relational Database Service", "Databases", "Relational Databases")
S3 = Service("AmazonS3", "Amazon Simple Storage Service", "Storage", "Object Storage")
LAMBDA = Service("AWSLambda", "AWS Lambda", "Compute", "Serverless Compute")
EKS = Service("AmazonEKS", "Amazon Elastic Kubernetes Service", "Compute", "Containers")
ECS = Service("AmazonECS", "Amazon Elastic Container Service", "Compute", "Containers")
DYNAMODB = Service("AmazonDynamoDB", "Amazon DynamoDB", "Databases", "NoSQL Databases")
CLOUDFRONT = Service("AmazonCloudFront", "Amazon CloudFront", "Networking", "Content Delivery")
SQS = Service("AWSQueueService", "Amazon Simple Queue Service", "Integration", "Messaging")
TRANSFER = Service("AWSDataTransfer", "AWS Data Transfer", "Networking", "Network Connectivity")
CLOUDWATCH = Service("AmazonCloudWatch", "AmazonCloudWatch", "Management and Governance", "Observability")
ELASTICACHE = Service("AmazonElastiCache", "Amazon ElastiCache", "Databases", "Caching")
BEDROCK = Service("AmazonBedrock", "Amazon Bedrock", "AI and Machine Learning", "Generative AI")
SUPPORT = Service("AWSSupportBusiness", "AWS Support (Business)", "Management and Governance", "Support")
PLANS = Service(
    "ComputeSavingsPlans", "Savings Plans for AWS Compute usage", "Compute", "Other (Compute)"
)  # fmt: skip


SERVICES = (
    EC2, RDS, S3, LAMBDA, EKS, ECS, DYNAMODB, CLOUDFRONT, SQS, TRANSFER, CLOUDWATCH, ELASTICACHE, BEDROCK,
    SUPPORT, PLANS,
)  # fmt: skip


def _products() -> tuple[Product, ...]:
    services = {service.code: service for service in SERVICES}
    text = importlib.resources.files(__package__).joinpath("products.csv").read_text(encoding="utf-8")
    return tuple(_product(services, row) for row in csv.DictReader(text.splitlines()))


def _product(services: dict[str, Service], row: dict[str, str]) -> Product:
    numbers = {name: int(row[name]) for name in _WHOLE}
    words = {name: text for name, text in row.items() if name not in (*_WHOLE, "service", "renewed")}
    return Product(**words, **numbers, service=services[row["service"]], renewed=row["renewed"] == "1")  # type: ignore[arg-type]  # the file has text where the class has


_WHOLE = ("price_micro", "volume", "frequency", "contract_percent", "plan_percent")
PRODUCTS = _products()


def product(key: str) -> Product:
    """Which product has this key.

    Parameters
    ----------
    key : str
        For example ``lambda``.

    Returns
    -------
    Product

    Raises
    ------
    ValueError
        No product has it.

    Examples
    --------
    >>> product("lambda").price_micro
    16667
    """
    for item in PRODUCTS:
        if item.key == key:
            return item
    raise ValueError(f"product {key!r}: known are {', '.join(item.key for item in PRODUCTS)}")


def price_micro(item: Product, region: Region) -> int:
    """What does one unit cost on demand in this region, in micro-dollars.

    Parameters
    ----------
    item : Product
        The product.
    region : Region
        Where it runs.

    Returns
    -------
    int

    Examples
    --------
    >>> price_micro(product("ebs"), FRANKFURT)
    91200
    """
    return item.price_micro * region.price_percent // 100
