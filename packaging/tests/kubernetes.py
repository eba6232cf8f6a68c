"""What packaging/tests/kubernetes looks at in the manifests. Usage: kubernetes.py EXECUTABLE"""

import importlib.machinery
import importlib.util
import pathlib
import subprocess
import sys
import tempfile

import helm_python as helm
import kubernetes_validate
import yaml

CHART = pathlib.Path(__file__).resolve().parents[1] / "kubernetes"
VERSIONS = ["1.27", "1.37"]
POLICY = [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}]

# Values that take other ways through the templates than the defaults.
OTHERWISE = {
    "imagePullSecrets": [{"name": "registry"}],
    "bus": {"url": "nats://a:4222,b:4222"},
    "extraConfig": '[retention]\nruns_age = "7d"\n',
    "extraEnv": [{"name": "CRONBUS_GUARD__URL", "valueFrom": {"secretKeyRef": {"name": "mine", "key": "redis"}}}],
    "dispatchers": {"nodeSelector": {"disk": "ssd"}, "tolerations": [{"operator": "Exists"}]},
    "web": {"tlsSecret": "cronbus-tls", "allowFrom": POLICY, "nodeSelector": {"a": "b"}, "tolerations": [{"operator": "Exists"}]},
    "executors": {"image": {"repository": "mine", "tag": "7"}, "groups": ["php", "a b"], "longestTimeoutSeconds": 60,
                  "nodeSelector": {"a": "b"}, "tolerations": [{"operator": "Exists"}]},
    "monitoring": {"allowFrom": POLICY},
}
passed = 0


def ok(what):
    global passed
    passed += 1
    print(f"ok: {what}")


def documents(values):
    loader = importlib.machinery.SourceFileLoader("render", str(CHART / "render"))
    render = importlib.util.module_from_spec(importlib.util.spec_from_loader("render", loader))
    loader.exec_module(render)
    return list(yaml.safe_load_all(render.rendered(values)))


def of(found, kind, name):
    return next(each for each in found if each["kind"] == kind and each["metadata"]["name"] == name)


def pods(found):
    return {each["metadata"]["name"]: each["spec"]["template"]["spec"] for each in found if "template" in each.get("spec", {})}


def check_schemas(found):
    for each in found:
        for version in VERSIONS:
            kubernetes_validate.validate(each, version, strict=True)


def check_pods(found, longest):
    assert len(pods(found)) == 3, pods(found).keys()
    for name, pod in pods(found).items():
        assert pod["securityContext"]["runAsNonRoot"] and not pod["automountServiceAccountToken"], name
        for container in pod["containers"] + pod.get("initContainers", []):
            security = container["securityContext"]
            assert security["readOnlyRootFilesystem"] and not security["allowPrivilegeEscalation"], name
            assert security["capabilities"]["drop"] == ["ALL"] and "limits" in container["resources"], name
            for variable in container["env"]:
                is_secret = any(word in variable["name"] for word in ["KEY", "TOKEN", "DATABASE__URL"])
                assert not is_secret or "secretKeyRef" in variable["valueFrom"], variable
        node = pod["containers"][0]
        probes = [node[probe]["httpGet"]["path"] for probe in ["livenessProbe", "readinessProbe"]]
        assert probes == ["/healthz", "/readyz"] and "preStop" in node["lifecycle"], name
    executor = pods(found)["cronbus-executor"]
    assert executor["terminationGracePeriodSeconds"] > longest, executor
    names = [variable["name"] for variable in executor["containers"][0]["env"]]
    assert "CRONBUS_DATABASE__URL" not in names and "initContainers" not in executor, names


def check_selectors(found):
    """Services, budgets and policies are about pods that there are, and ports that these have."""
    labels = [each["spec"]["template"]["metadata"]["labels"] for each in found if "template" in each.get("spec", {})]
    for each in found:
        selector = each.get("spec", {}).get("selector", each.get("spec", {}).get("podSelector"))
        if each["kind"] in ["Service", "PodDisruptionBudget", "NetworkPolicy"]:
            wanted = selector.get("matchLabels", selector)
            assert any(wanted.items() <= of_pod.items() for of_pod in labels), each["metadata"]["name"]


def check_configuration(found, executable):
    text = of(found, "ConfigMap", "cronbus")["data"]["cronbus.toml"]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "cronbus.toml"
        path.write_text(text)
        variables = {"CRONBUS_DATABASE__URL": "postgres://u:p@db/cronbus", "CRONBUS_CLUSTER__KEY": "ab" * 32,
                     "CRONBUS_DATABASE__MIGRATE": "true", "CRONBUS_TOKEN": "x", "CRONBUS_SERVER": "http://cronbus-web"}
        told = subprocess.run([executable, "config", "check", path], env=variables, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr


def check_refusals():
    with helm.Chart.load(str(CHART / "chart")) as chart:
        for wrong in [{"bus": {"url": "nats://user:password@nats"}}, {"dispatchers": {"replicas": 0}}, {"unknown": 1}]:
            try:
                chart.validate_schema(wrong)
            except helm.HelmError:
                continue
            sys.exit(f"{wrong} should be refused")


def main():
    messages = helm.lint(str(CHART / "chart"))
    assert not messages["errors"], messages
    ok("helm lint finds no error, and manifests.yaml is what the chart makes")
    for name, values, longest in [("the defaults", {}, 3600), ("other values", OTHERWISE, 60)]:
        found = documents(values)
        check_schemas(found)
        check_pods(found, longest)
        check_selectors(found)
        check_configuration(found, sys.argv[1])
        ok(f"{name} make {len(found)} objects of the schemas of Kubernetes {' and '.join(VERSIONS)}")
    check_refusals()
    ok("passwords in URLs, no replicas and unknown values are refused")
    print(f"\n{passed} passed, 0 failed")


if __name__ == "__main__":
    main()
