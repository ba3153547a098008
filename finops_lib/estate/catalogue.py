"""What can the sample company buy: services, products with prices, regions.

Prices are close to public on-demand prices of mid 2026, rounded; they are whole micro-dollars for one
pricing unit, so that a price times a quantity of ten-thousandths is exact in 1e-10 dollars.
"""

from __future__ import annotations

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
    ``frequency`` how often the company has one, as a weight.
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
    resource: str = ""
    contract_percent: int = 100
    plan_percent: int = 0
    renewed: bool = False
    instance: str = ""


VIRGINIA = Region("us-east-1", "US East (N. Virginia)", "")
FRANKFURT = Region("eu-central-1", "EU (Frankfurt)", "EUC1-", 114)
IRELAND = Region("eu-west-1", "EU (Ireland)", "EU-", 108)
SYDNEY = Region("ap-southeast-2", "Asia Pacific (Sydney)", "APS2-", 125)
REGIONS = (VIRGINIA, FRANKFURT, IRELAND)

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


def _instance(kind: str, price: int, volume: int, shape: str, *, frequency: int) -> Product:
    return Product(
        kind, EC2, f"BoxUsage:{kind}", "RunInstances", "Compute Instance", "Hrs", price, volume, shape,
        frequency, "instance/i-", plan_percent=72, renewed=shape == LOAD, instance=kind,
    )  # fmt: skip


PRODUCTS = (
    _instance("m6i.xlarge", 192_000, 10_000, STEADY, frequency=12),
    _instance("r6i.4xlarge", 1_008_000, 10_000, STEADY, frequency=3),
    _instance("c6i.2xlarge", 340_000, 30_000, LOAD, frequency=9),
    _instance("t3.large", 83_200, 10_000, OFFICE, frequency=7),
    Product("ebs", EC2, "EBS:VolumeUsage.gp3", "CreateVolume-Gp3", "Storage", "GB-Mo", 80_000, 6_849, STORAGE,
            10, "volume/vol-"),
    Product("nat", EC2, "NatGateway-Bytes", "NatGateway", "NAT Gateway", "GB", 45_000, 90_000, LOAD, 4,
            "natgateway/nat-"),
    Product("r6g.large", RDS, "InstanceUsage:db.r6g.large", "CreateDBInstance:0014", "Database Instance", "Hrs",
            260_000, 10_000, STEADY, 5, "db:", instance="db.r6g.large"),
    Product("m6g.2xlarge", RDS, "InstanceUsage:db.m6g.2xl", "CreateDBInstance:0014", "Database Instance", "Hrs",
            632_000, 10_000, STEADY, 2, "db:", instance="db.m6g.2xlarge"),
    Product("rds-storage", RDS, "RDS:GP3-Storage", "CreateDBInstance:0014", "Database Storage", "GB-Mo",
            115_000, 8_219, STORAGE, 5, "db:"),
    Product("s3-storage", S3, "TimedStorage-ByteHrs", "StandardStorage", "Storage", "GB-Mo", 23_000, 120_000,
            STORAGE, 9, "bucket:"),
    Product("s3-requests", S3, "Requests-Tier1", "PutObject", "API Request", "1K Requests", 5_000, 450_000,
            LOAD, 5, "bucket:"),
    Product("lambda", LAMBDA, "Lambda-GB-Second", "Invoke", "Serverless", "1K GB-Seconds", 16_667, 140_000, LOAD,
            7, "function:", plan_percent=88),
    Product("fargate", ECS, "Fargate-vCPU-Hours:perCPU", "FargateTask", "Compute", "vCPU-Hours", 40_480, 160_000,
            LOAD, 4, "task/", plan_percent=80, renewed=True),
    Product("eks", EKS, "AmazonEKS-Hours:perCluster", "CreateOperation", "Compute", "Hrs", 100_000, 10_000,
            STEADY, 3, "cluster/"),
    Product("dynamodb", DYNAMODB, "WriteRequestUnits", "PayPerRequestThroughput", "Amazon DynamoDB PayPerRequest",
            "1M WriteRequestUnits", 1_250_000, 6_200, LOAD, 5, "table/"),
    Product("cloudfront", CLOUDFRONT, "DataTransfer-Out-Bytes", "GET", "Data Transfer", "GB", 85_000, 120_000,
            LOAD, 3, "distribution/E", contract_percent=70),
    Product("sqs", SQS, "Requests-RBP", "SendMessage", "API Request", "1M Requests", 400_000, 9_000, LOAD, 4,
            "queue/"),
    Product("transfer", TRANSFER, "DataTransfer-Out-Bytes", "RunInstances", "Data Transfer", "GB", 90_000, 45_000,
            LOAD, 5, "instance/i-", renewed=True),
    Product("logs", CLOUDWATCH, "DataProcessing-Bytes", "PutLogEvents", "Data Payload", "GB", 500_000, 8_000,
            LOAD, 5, "log-group:"),
    Product("cache", ELASTICACHE, "NodeUsage:cache.r6g.large", "CreateCacheCluster:0002", "Cache Instance", "Hrs",
            206_000, 10_000, STEADY, 3, "cluster:", instance="cache.r6g.large"),
    Product("bedrock", BEDROCK, "InputTokenCount", "InvokeModel", "Generative AI", "1M Tokens", 3_000_000, 1_800,
            LOAD, 2, "model/"),
)  # fmt: skip


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
