"""The manifests fit the schemas of Kubernetes and our settings, and ask for no needless right."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from config.celery import app as celery_app
from tests.test_docker import (
    DOCKERFILE,
    SERVICES,
    is_anymails,
    variables_in_example,
)

FOLDER = Path(__file__).parent.parent / "deploy" / "kubernetes"
RELEASES = ["1.31", "1.37"]  # the oldest and the newest that we say they fit
DOCUMENTS: dict[str, dict[str, Any]] = {
    f"{path.name}/{document['metadata']['name']}/{document['kind']}": document
    for path in sorted(FOLDER.glob("*.yaml"))
    if path.name != "kustomization.yaml"
    for document in yaml.safe_load_all(path.read_text())
}
DEPLOYMENTS = {
    one["metadata"]["name"]: one for one in DOCUMENTS.values() if one["kind"] == "Deployment"
}
PODS = {name: one["spec"]["template"]["spec"] for name, one in DEPLOYMENTS.items()}
CONTAINERS = {
    f"{name}/{container['name']}": container
    for name, pod in PODS.items()
    for container in [*pod["initContainers"], *pod["containers"]]
}
WORKERS = ["offprint-worker-mail", "offprint-worker"]


def find_one(kind: str) -> dict[str, Any]:
    [found] = [one for one in DOCUMENTS.values() if one["kind"] == kind]
    return found


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_manifest_fits_its_schema(name: str, release: str) -> None:
    kubernetes_validate.validate(DOCUMENTS[name], release, strict=True)


@pytest.mark.parametrize(
    ("where", "field", "value"),
    [
        (["spec"], "replica", 2),
        (["spec", "template", "spec"], "terminationGracePeriodSecond", 20),
        (["spec", "template", "spec", "containers", 0], "readinesProbe", {}),
        (["spec", "template", "spec", "containers", 0, "resources"], "limit", {"memory": "1Gi"}),
        (["spec", "template", "spec", "securityContext"], "runAsNonRoot", "yes"),
    ],
)
def test_a_field_that_kubernetes_does_not_know_would_be_found(
    where: list[Any], field: str, value: Any
) -> None:
    wrong: Any = copy.deepcopy(DEPLOYMENTS["offprint-web"])
    place = wrong
    for step in where:
        place = place[step]
    place[field] = value
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, RELEASES[-1], strict=True)


def test_kustomize_is_given_every_file_that_is_no_example() -> None:
    kustomization = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
    files = {path.name for path in FOLDER.glob("*.yaml") if ".example" not in path.name}
    assert set(kustomization["resources"]) == files - {"kustomization.yaml"}
    [image] = kustomization["images"]
    assert {container["image"] for container in CONTAINERS.values()} == {image["name"]}


def test_what_compose_runs_runs_here_too() -> None:
    ours = {f"offprint-{name}" for name in ("web", "worker-mail", "worker", "beat", "metrics")}
    assert set(DEPLOYMENTS) == ours
    for name in ("worker-mail", "worker", "beat", "metrics"):
        here = " ".join(CONTAINERS[f"offprint-{name}/{name}"]["args"]).replace('"', "")
        here = here.replace(" -n celery@$(POD)", "")
        assert here == SERVICES[name]["command"]


def test_every_namespace_will_do() -> None:
    assert not [name for name, one in DOCUMENTS.items() if "namespace" in one["metadata"]]


@pytest.mark.parametrize("name", PODS)
def test_a_pod_is_nobody_and_knows_nothing_of_its_cluster(name: str) -> None:
    pod = PODS[name]
    [user] = re.findall(r"^USER (\d+):\1$", DOCKERFILE, re.MULTILINE)
    assert pod["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": int(user),
        "runAsGroup": int(user),
        "fsGroup": int(user),
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert pod["automountServiceAccountToken"] is False
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_writes_nowhere_but_where_it_is_told(name: str) -> None:
    container = CONTAINERS[name]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    [var] = re.findall(r"VAR_DIR=(\S+)", DOCKERFILE)
    assert mounts == {"tmp": "/tmp", "var": var}
    volumes = PODS[name.split("/")[0]]["volumes"]
    assert {volume["name"] for volume in volumes if "emptyDir" in volume} == set(mounts)


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_has_its_share_and_the_settings(name: str) -> None:
    container = CONTAINERS[name]
    assert set(container["resources"]["requests"]) == {"cpu", "memory"}
    assert set(container["resources"]["limits"]) == {"memory"}  # a limit of CPU only slows down
    config, secret = find_one("ConfigMap"), find_one("Secret")
    assert container["envFrom"] == [
        {"configMapRef": {"name": config["metadata"]["name"]}},
        {"secretRef": {"name": secret["metadata"]["name"]}},
    ]


@pytest.mark.parametrize("name", PODS)
def test_a_container_that_stays_is_watched(name: str) -> None:
    [container] = PODS[name]["containers"]
    assert "livenessProbe" in container
    assert PODS[name]["initContainers"][0]["args"][:3] == ["python", "manage.py", "migrate"]


@pytest.mark.parametrize("name", WORKERS)
def test_a_worker_whose_tasks_hang_is_not_ready(name: str) -> None:
    [container] = PODS[name]["containers"]
    queues = container["args"][-1].split(",")
    asked = ["python", "manage.py", "workers_answer", *queues]
    assert container["readinessProbe"]["exec"]["command"] == asked


def test_every_setting_is_one_we_know_and_none_holds_a_secret() -> None:
    config, secret = find_one("ConfigMap")["data"], find_one("Secret")["stringData"]
    known = set(variables_in_example())
    assert {name for name in {*config, *secret} if not is_anymails(name)} <= known
    assert {"SECRET_KEY", "DATABASE_URL", "REDIS_URL"} <= set(secret)
    assert set(secret.values()) == {""}
    assert all(isinstance(value, str) for value in config.values())
    assert config["LOG_FORMAT"] == "json"


def test_every_queue_has_its_worker() -> None:
    queues = set()
    for name in WORKERS:
        args = PODS[name]["containers"][0]["args"]
        queues |= set(args[args.index("-Q") + 1].split(","))
    assert set(celery_app.amqp.queues) <= queues


def test_one_beat_is_replaced_before_the_next_one_starts() -> None:
    beat = DEPLOYMENTS["offprint-beat"]["spec"]
    assert (beat["replicas"], beat["strategy"]) == (1, {"type": "Recreate"})


def test_what_names_others_names_some_that_are_there() -> None:
    labels = [one["spec"]["template"]["metadata"]["labels"] for one in DEPLOYMENTS.values()]
    for one in DEPLOYMENTS.values():
        assert one["spec"]["selector"]["matchLabels"] in labels
    for name, one in DOCUMENTS.items():
        if one["kind"] in ("Service", "PodDisruptionBudget"):
            wanted = one["spec"]["selector"]
            assert wanted.get("matchLabels", wanted) in labels, name
    [path] = find_one("Ingress")["spec"]["rules"][0]["http"]["paths"]
    service = path["backend"]["service"]
    [served] = [
        one
        for one in DOCUMENTS.values()
        if one["kind"] == "Service" and one["metadata"]["name"] == service["name"]
    ]
    assert service["port"]["name"] in {port["name"] for port in served["spec"]["ports"]}


def test_metrics_are_not_served_where_pages_are() -> None:
    ports = {
        port["name"]: port["containerPort"] for port in CONTAINERS["offprint-web/web"]["ports"]
    }
    assert ports == {"http": 8000, "metrics": 9100}
    pages, metrics = find_one("NetworkPolicy")["spec"]["ingress"]
    assert pages == {"ports": [{"port": "http"}]}
    assert metrics["from"]
