"""Which resource does a series belong to: from its labels over the pod's owners to an id of a template.

A pod belongs to what controls it: a ReplicaSet's to its Deployment, a Job's to its CronJob. A pod whose owner
is not known stands for itself. Labels are hostile: each part of an id is quoted like a part of an address, so
that no name can look like a path of another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import quote

from finops_lib.errors import SettingsError
from finops_lib.records import content_id
from finops_lib.usage.prometheus.answers import Labels
from finops_lib.usage.prometheus.queries import AUTOSCALER

TEMPLATE = "{cluster}/{namespace}/{workload}/{container}"
FIELDS = ("cluster", "namespace", "workload", "kind", "container")
_FIELD = re.compile(r"\{([^{}]*)\}")
_KEPT = " !$&'()*+,;=:@"  # beside letters, digits and _.-~
_LONGEST = 900
_Key = tuple[str, str, str]


class Workload(NamedTuple):
    """Kind and name of what runs pods, such as a Deployment; a Pod stands for itself."""

    kind: str
    name: str


def label(labels: Labels, name: str) -> str:
    """What is this label, as the exporter meant it.

    Parameters
    ----------
    labels : mapping of str to str
        Of a series.
    name : str
        Such as ``pod``: ``exported_pod`` goes first, for ``pod`` is then the exporter's own.

    Returns
    -------
    str
        Empty where there is none.

    Examples
    --------
    >>> label({"pod": "kube-state-metrics-0", "exported_pod": "shop-1"}, "pod")
    'shop-1'
    """
    return labels.get(f"exported_{name}") or labels.get(name, "")


def checked_template(template: str) -> str:
    """Is this a template of ids.

    Parameters
    ----------
    template : str
        Parts between slashes, of words and of ``{cluster}``, ``{namespace}``, ``{workload}``, ``{kind}`` and
        ``{container}``.

    Returns
    -------
    str
        The template.

    Raises
    ------
    SettingsError
        It has other fields, or not one of the workload.
    """
    unknown = [name for name in _FIELD.findall(template) if name not in FIELDS]
    if unknown or "{workload}" not in template or set("{}") & set(_FIELD.sub("", template)):
        raise SettingsError(
            f"template {template[:200]!r}",
            f"it has the field workload, and others only of {', '.join(FIELDS)}",
            f"write {TEMPLATE}",
        )
    return template


@dataclass
class Owners:
    """Who owns which pod, in all clusters, and what is scaled by whom.

    Parameters
    ----------
    template : str
        Of resource ids.
    cluster : str
        Name of the cluster for series that have no such label.
    """

    template: str = TEMPLATE
    cluster: str = "cluster"
    pods: dict[_Key, Workload] = field(default_factory=dict)
    above: dict[tuple[str, str, str, str], Workload] = field(default_factory=dict)
    scaled: dict[_Key, Workload] = field(default_factory=dict)
    unowned: set[_Key] = field(default_factory=set)
    kinds: dict[_Key, set[str]] = field(default_factory=dict)

    def learn(
        self,
        *,
        pods: Iterable[Labels],
        replicasets: Iterable[Labels] = (),
        jobs: Iterable[Labels] = (),
        autoscalers: Iterable[Labels] = (),
    ) -> None:
        """Take in what kube-state-metrics says of owners.

        Parameters
        ----------
        pods, replicasets, jobs, autoscalers : iterable of labels
            Of ``kube_pod_owner``, ``kube_replicaset_owner``, ``kube_job_owner`` and
            ``kube_horizontalpodautoscaler_info``.
        """
        for labels in pods:
            self.pods[self.key(labels)] = _owner(labels) or Workload("Pod", label(labels, "pod"))
        for kind, name, found in (("ReplicaSet", "replicaset", replicasets), ("Job", "job_name", jobs)):
            for labels in found:
                owner = _owner(labels)
                if owner:
                    self.above[(kind, *self.key(labels, name))] = owner
        for labels in autoscalers:
            target = Workload(labels.get("scaletargetref_kind", ""), labels.get("scaletargetref_name", ""))
            self.scaled[self.key(labels, AUTOSCALER)] = target
        for cluster, namespace, pod in self.pods:
            runs = self.workload((cluster, namespace, pod))
            self.kinds.setdefault((cluster, namespace, runs.name), set()).add(runs.kind)

    def key(self, labels: Labels, name: str = "pod") -> _Key:
        """Which cluster, namespace and name have these labels."""
        return (labels.get("cluster") or self.cluster, label(labels, "namespace"), label(labels, name))

    def workload(self, key: _Key) -> Workload:
        """Which workload runs this pod.

        Parameters
        ----------
        key : tuple of str
            Cluster, namespace and pod.

        Returns
        -------
        Workload
        """
        found = self.pods.get(key)
        if found is None:
            self.unowned.add(key)
            return Workload("Pod", key[2])
        return self.above.get((found.kind, key[0], key[1], found.name), found)

    def resource(self, labels: Labels, *, whole_pod: bool = False) -> str:
        """Which resource does a series with these labels belong to.

        Parameters
        ----------
        labels : mapping of str to str
            Of the series.
        whole_pod : bool
            Leave the container out.

        Returns
        -------
        str
            An id after the template; empty for a series that belongs to no pod.

        Examples
        --------
        >>> owners = Owners(cluster="eu")
        >>> owners.learn(pods=[{"namespace": "shop", "pod": "web-1", "owner_kind": "StatefulSet",
        ...     "owner_name": "web", "owner_is_controller": "true"}])
        >>> owners.resource({"namespace": "shop", "pod": "web-1", "container": "a/b"})
        'eu/shop/web/a%2Fb'
        """
        if AUTOSCALER in labels:
            cluster, namespace, name = self.key(labels, AUTOSCALER)
            workload = self.scaled.get((cluster, namespace, name), Workload("", ""))
        else:
            cluster, namespace, name = self.key(labels)
            workload = self.workload((cluster, namespace, name)) if name else Workload("", "")
        if not workload.name:
            return ""
        container = "" if whole_pod else label(labels, "container")
        # A Deployment and a StatefulSet may bear one name: each is told with its kind then.
        alike = len(self.kinds.get((cluster, namespace, workload.name), ())) > 1
        alike = alike and "{kind}" not in self.template
        named = f"{workload.name}:{workload.kind.lower()}" if alike else workload.name
        values = dict(zip(FIELDS, (cluster, namespace, named, workload.kind, container), strict=True))
        return _filled(self.template, values)


def _owner(labels: Labels) -> Workload | None:
    kind, name = labels.get("owner_kind", ""), labels.get("owner_name", "")
    known = kind not in {"", "<none>", "Node"} and name not in {"", "<none>"}
    return Workload(kind, name) if known and labels.get("owner_is_controller") != "false" else None


def _filled(template: str, values: dict[str, str]) -> str:
    """Put quoted values into the template; parts without a value at its end are left out."""
    found = _FIELD.sub(lambda match: quote(values[match[1]], safe=_KEPT), template).rstrip("/")
    return found if len(found) <= _LONGEST else f"{found[:_LONGEST]}~{content_id(found)}"
