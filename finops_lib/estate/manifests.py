"""Declare what runs in the cluster: plain manifests, a Kustomize base with overlays, a Helm chart."""

from __future__ import annotations

from finops_lib.estate.company import Company
from finops_lib.estate.machines import FITTING
from finops_lib.estate.pages import Book, Page
from finops_lib.estate.workloads import HELM, KUSTOMIZE, PLAIN, WORKLOADS, Workload, resource_id

_OVERLAYS = (("staging", 1), ("prod", 3))
_CHART = """{{- range $name, $app := .Values.apps }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
  namespace: {{ $app.namespace }}
spec:
  replicas: {{ $app.replicas }}
  selector:
    matchLabels: {app: {{ $name }}}
  template:
    metadata:
      labels: {app: {{ $name }}, team: {{ $app.namespace }}}
    spec:
      containers:
        - name: main
          image: "{{ $app.image }}"
          resources: {{- toYaml $app.resources | nindent 12 }}
{{- end }}"""


def write_manifests(book: Book, who: Company) -> None:
    """Declare the workloads, each in the way its list says.

    Parameters
    ----------
    book : Book
        Gets the pages, the places of the workloads and requests that are too large or too small.
    who : Company
        The company whose cluster it is.
    """
    for item in WORKLOADS:
        if item.source == PLAIN:
            _plain(book, who, item)
        elif item.source == KUSTOMIZE:
            _kustomize(book, who, item)
    _helm(book, who, [item for item in WORKLOADS if item.source == HELM])


def memory_text(mib: int) -> str:
    """How does Kubernetes write this much memory.

    Parameters
    ----------
    mib : int
        MiB.

    Returns
    -------
    str

    Examples
    --------
    >>> memory_text(512), memory_text(2048)
    ('512Mi', '2Gi')
    """
    return f"{mib // 1024}Gi" if mib % 1024 == 0 else f"{mib}Mi"


def _resources(item: Workload, indent: str) -> str:
    cores = f"{item.cpu_milli // 1000}" if item.cpu_milli % 1000 == 0 else f"{item.cpu_milli}m"
    gpu = f"\n{indent}  nvidia.com/gpu: {item.gpus}§gpu" if item.gpus else ""
    return f"""{indent}requests:
{indent}  cpu: {cores}§cpu
{indent}  memory: {memory_text(item.memory_mib)}§memory
{indent}limits:
{indent}  cpu: {item.cpu_limit_milli}m§cpu_limit
{indent}  memory: {memory_text(item.memory_limit_mib)}§memory_limit{gpu}"""


def _deployment(item: Workload, *, namespace: bool = True) -> str:
    where = f"\n  namespace: {item.team}" if namespace else ""
    return f"""apiVersion: apps/v1
kind: Deployment§block
metadata:
  name: {item.name}{where}
  labels: {{app: {item.name}, team: {item.team}}}
spec:
  replicas: {item.replicas}§replicas
  selector:
    matchLabels:
      app: {item.name}
  template:
    metadata:
      labels:
        app: {item.name}
    spec:
      containers:
        - name: main
          image: registry.lanternfreight.example/{item.name}:1.{len(item.name)}.0
          resources:   # measured once, in 2024
{_resources(item, "            ")}"""


def _autoscaler(item: Workload) -> str:
    return f"""---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: {item.name}, namespace: {item.team}}}
spec:
  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: {item.name}}}
  minReplicas: {item.replicas}§min_replicas
  maxReplicas: {item.most_replicas}§max_replicas
  metrics:
    - type: Resource
      resource: {{name: cpu, target: {{type: Utilization, averageUtilization: 70}}}}"""


def _budget(item: Workload) -> str:
    return f"""---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {item.name}
  namespace: {item.team}
spec:
  minAvailable: {item.replicas - 1}
  selector:
    matchLabels: {{app: {item.name}}}"""


def _plain(book: Book, who: Company, item: Workload) -> None:
    page = book.page(f"kubernetes/apps/{item.team}/{item.name}.yaml")
    marks = page.add(
        f"# owner: {item.team}; cpu: 64 is not a request, this is a comment\n{_deployment(item)}"
    )
    if item.most_replicas > item.replicas:
        marks |= page.add(_autoscaler(item))
    if item.replicas > 1:
        page.add(_budget(item))
    if item.name == "parcel-api":
        _exposed(book, page, item)
    _placed(book, who, page, marks, item)


def _exposed(book: Book, page: Page, item: Workload) -> None:
    marks = page.add(f"""---
apiVersion: v1
kind: Service
metadata: {{name: {item.name}-debug, namespace: {item.team}}}
spec:
  type: LoadBalancer§type
  selector: {{app: {item.name}}}
  ports: [{{port: 9229, targetPort: 9229}}]""")
    book.plant("public_service", page, marks["type"], address=f"Service/{item.name}-debug", port=9229)


def _kustomize(book: Book, who: Company, item: Workload) -> None:
    folder = f"kubernetes/{item.name}"
    page = book.page(f"{folder}/base/deployment.yaml")
    marks = page.add(_deployment(item, namespace=False))
    book.page(f"{folder}/base/service.yaml").add(f"""apiVersion: v1
kind: Service
metadata:
  name: {item.name}
spec:
  selector:
    app: {item.name}
  ports:
  - port: 80
    targetPort: 8080""")
    book.page(f"{folder}/base/kustomization.yaml").add("""apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
- deployment.yaml
- service.yaml""")
    for name, replicas in _OVERLAYS:
        overlay = book.page(f"{folder}/overlays/{name}/kustomization.yaml")
        overlay.add(f"""apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: {item.team if name == "prod" else f"{item.team}-{name}"}
resources:
  - ../../base
patches:
  - target: {{kind: Deployment, name: {item.name}}}
    patch: |-
      - op: replace
        path: /spec/replicas
        value: {replicas}""")  # fmt: skip
    _placed(book, who, page, marks, item)


def _helm(book: Book, who: Company, items: list[Workload]) -> None:
    folder = "helm/lantern"
    book.page(f"{folder}/Chart.yaml").add("apiVersion: v2\nname: lantern\nversion: 0.4.1\ntype: application")
    book.page(f"{folder}/templates/deployments.yaml").add(_CHART)
    page = book.page(f"{folder}/values.yaml")
    page.add("# one entry an application\napps:")
    for item in items:
        marks = page.add(f"""  {item.name}:§block
    namespace: {item.team}
    image: registry.lanternfreight.example/{item.name}:2.0.3
    replicas: {item.replicas}§replicas
    resources:
{_resources(item, "      ")}""")
        _placed(book, who, page, marks, item)
    book.page(f"{folder}/values-staging.yaml").add(
        "apps:\n" + "\n".join(f"  {item.name}: {{replicas: 1}}" for item in items)
    )


def _placed(book: Book, who: Company, page: Page, marks: dict[str, int], item: Workload) -> None:
    found = resource_id(who, item)
    book.place([found], page, marks, address=f"Deployment/{item.name}")
    if item.planted != FITTING:
        book.plant(
            "requests", page, marks["cpu"], resource=found, address=f"Deployment/{item.name}",
            planted=item.planted, cpu_milli=item.cpu_milli, memory_mib=item.memory_mib,
            cpu_need_permille=item.cpu_level, memory_need_permille=item.memory_level,
        )  # fmt: skip
