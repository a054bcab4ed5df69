#!/usr/bin/env python3
"""Tests the files in etc/ for Grafana, docker, podman and Kubernetes: the programs that read them accept them, and
a daemon serves every metric and label of the dashboard."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

try:
    import yaml
except ImportError:  # Debian's package is only for Debian's interpreter
    if sys.executable == "/usr/bin/python3":
        raise
    os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import metrics  # noqa: E402
import relman  # noqa: E402
from relman import BUILDDIR, SRCDIR  # noqa: E402

# the registry has no rate limit, no release was deployed, nothing drifts
WITHOUT_SAMPLES = {"relman_registry_rate_limit_remaining", "relman_rollback_ready", "relman_component_drift"}


def read(path):
    with open(os.path.join(SRCDIR, path)) as f:
        return f.read()


class Dashboard(unittest.TestCase):
    def test_a_daemon_serves_every_metric_and_label(self):
        text, served = metrics.served(self)
        panels = [p for p in json.loads(read("etc/grafana/relman-dashboard.json"))["panels"] if p["type"] != "row"]
        self.assertGreater(len(panels), 20)
        for panel in panels:
            for target in panel["targets"]:
                names = re.findall(r"\brelman_[a-z_]+", target["expr"])
                self.assertEqual(set(names) - served, set(), panel["title"])
                labels = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
                for name in set(names) - WITHOUT_SAMPLES:
                    sample = re.search(rf"^{name}(?:{{(.*?)}})? ", text, re.M)
                    self.assertTrue(sample, name)
                    self.assertEqual(labels - set(re.findall(r'(\w+)="', sample[1] or "")), set(), (panel["title"], name))

    def test_panels_do_not_overlap(self):
        dashboard = json.loads(read("etc/grafana/relman-dashboard.json"))
        self.assertEqual(len({p["id"] for p in dashboard["panels"]}), len(dashboard["panels"]))
        taken = set()
        for panel in dashboard["panels"]:
            at = panel["gridPos"]
            cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
            self.assertFalse(taken & cells, panel["title"])
            self.assertLessEqual(at["x"] + at["w"], 24)
            taken |= cells


class Containers(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def test_docker_compose_reads_its_file(self):
        program = shutil.which("docker-compose")
        if not program:
            self.skipTest("no docker-compose")
        r = subprocess.run([program, "-f", os.path.join(SRCDIR, "etc/container/compose.yaml"), "config"], capture_output=True, text=True, timeout=60)
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertIn("/etc/relman/specs", r.stdout)

    def test_podman_reads_the_quadlet(self):
        program = next((p for p in ("/usr/libexec/podman/quadlet", "/usr/lib/podman/quadlet") if os.path.exists(p)), None)
        if not program:
            self.skipTest("no podman with quadlets (4.4 or later)")
        r = subprocess.run([program, "-dryrun"], env={"QUADLET_UNIT_DIRS": os.path.join(SRCDIR, "etc/container")}, capture_output=True, text=True, timeout=60)
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertRegex(r.stdout, r"ExecStart=.*podman run .*--read-only.*localhost/relman:latest")

    def test_the_configurations_are_valid(self):
        with open(os.path.join(self.folder.name, "c.yaml"), "w") as f:
            f.write(next(d for d in yaml.safe_load_all(read("etc/kubernetes/relman.yaml")) if d["metadata"]["name"] == "relman-config")["data"]["relmand.yaml"])
        for path in (os.path.join(self.folder.name, "c.yaml"), os.path.join(SRCDIR, "etc/container/relmand.yaml")):
            r = subprocess.run([os.path.join(BUILDDIR, "relmand"), "--check-config", "--config", path], capture_output=True, text=True, timeout=30)
            self.assertEqual(r.returncode, 0, r.stderr)

    def test_the_specs_for_kubernetes_are_valid(self):
        specs = next(d for d in yaml.safe_load_all(read("etc/kubernetes/relman.yaml")) if d["metadata"]["name"] == "relman-specs")["data"]
        with tempfile.TemporaryDirectory() as folder:
            for name, text in specs.items():
                with open(os.path.join(folder, name), "w") as f:
                    f.write(text)
            r = subprocess.run([os.path.join(BUILDDIR, "relmanctl"), "lint", folder], capture_output=True, text=True, timeout=30)
            self.assertEqual(r.returncode, 0, r.stdout + r.stderr)

    def test_the_objects_for_kubernetes_are_as_its_schemas_say(self):
        modules = os.path.join(BUILDDIR, "contract/node_modules")
        if not os.path.isdir(os.path.join(modules, "kubernetes-models")) or not shutil.which("node"):
            self.skipTest("no npm packages: see run-tests")
        objects = list(yaml.safe_load_all(read("etc/kubernetes/relman.yaml")))
        self.assertEqual([o["kind"] for o in objects], ["ConfigMap", "ConfigMap", "Service", "StatefulSet", "NetworkPolicy"])
        shutil.copy(os.path.join(SRCDIR, "tests/contract/kubernetes.mjs"), os.path.join(BUILDDIR, "contract"))
        r = subprocess.run(["node", os.path.join(BUILDDIR, "contract/kubernetes.mjs")], input=json.dumps(objects), capture_output=True, text=True, timeout=60)
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        pod = objects[3]["spec"]["template"]["spec"]
        mounts = {m["name"] for m in pod["containers"][0]["volumeMounts"]}
        self.assertEqual(mounts, {v["name"] for v in pod["volumes"]} | {"state"})


if __name__ == "__main__":
    relman.main()
