#!/usr/bin/env python3
"""Tests relmanctl verify --running: what podman prints, what docker, crictl and kubectl print in their documented
forms, and what a daemon says of other releases."""

import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import MANIFEST, DockerRegistry, sha256  # noqa: E402
from relman import SRCDIR, SiteCase, documents, relmanctl, wait_for  # noqa: E402

DATA = os.path.join(SRCDIR, "tests/data/running")
LOCK = os.path.join(SRCDIR, "tests/golden/render/configs.lock.yaml")


def data(name):
    with open(os.path.join(DATA, name + ".json")) as f:
        return f.read()


def rows(out):
    """Returns the containers of a table: (name, result and component)."""
    lines = [line for line in out.splitlines() if line.startswith(("shop", "api", "web"))]
    return [tuple(" ".join(line.split()).split(" registry.")[0].split(" ", 1)) for line in lines]


class Documented(unittest.TestCase):
    def verify(self, text, *more):
        status, out, err = relmanctl("verify", LOCK, "--running", "-", *more, stdin=text)
        self.assertEqual(err, "")
        return status, out

    def test_docker(self):
        status, out = self.verify(data("docker-inspect"))
        self.assertEqual(status, 1)
        self.assertRegex(out, r"(?m)^shop-db-1 +unknown image +- +postgres:16 +sha256:8{64}$")
        self.assertRegex(out, r"(?m)^shop-api-1 +right +api +registry.example.com/myapp/api:v2.3.1@sha256:a{64} +linux/amd64$")
        self.assertRegex(out, r"(?m)^shop-migrate-1 +not running +migrate ")
        self.assertLess(out.index("shop-db-1"), out.index("shop-api-1"))  # what is wrong comes first
        self.assertTrue(out.endswith("-: 1 of 2 running containers is not what release 'configs-1' has\n"), out)
        status, out = self.verify(data("docker-inspect"), "--allow-also", "quay.io/*,docker.io/library/postgres")
        self.assertEqual((status, out.splitlines()[-1]), (0, "-: good: 2 running containers, release 'configs-1'"))

    def test_json(self):
        status, out = self.verify(data("docker-inspect"), "-o", "json")
        report = json.loads(out)
        self.assertEqual((status, report["good"], report["release"], report["running"], report["wrong"]), (1, False, "configs-1", 2, 1))
        self.assertEqual([(c["name"], c["result"], c["components"], c["platform"]) for c in report["containers"]],
                         [("shop-db-1", "unknown image", None, None), ("shop-api-1", "right", "api", "linux/amd64"),
                          ("shop-migrate-1", "not running", "migrate", None)])
        database = report["containers"][0]
        self.assertEqual((database["image"], database["imageId"], database["message"]), ("postgres:16", "sha256:" + "8" * 64, "sha256:" + "8" * 64))
        self.assertIn("sha256:" + "a" * 64, report["containers"][1]["digests"])
        status, out = self.verify("[]", "-o", "json")
        self.assertEqual((status, json.loads(out)), (1, {"containers": [], "notRunning": ["api"], "release": "configs-1", "running": 0, "wrong": 0,
                                                         "undecided": 0, "good": False}))
        self.assertTrue(json.loads(self.verify(data("docker-inspect"), "-o", "json", "--allow-also", "docker.io/*")[1])["good"])
        self.assertEqual(relmanctl("verify", LOCK, "-o", "json")[2], "relmanctl: error: --output json does not go without --running\n")

    def test_docker_with_the_image_store_of_containerd(self):
        status, out = self.verify(data("docker-inspect-containerd"))
        self.assertEqual(status, 0)
        self.assertRegex(out, r"(?m)^shop-api-1 +right +api .* linux/arm64$")
        for wrong, near in (("linux/arm46", "linux/arm64"), ("amd64", "linux/amd64")):
            status, out, err = relmanctl("verify", LOCK, "--running", "-", "--platform", wrong, stdin="[]")
            self.assertEqual((status, out), (2, ""))
            self.assertIn(f"--platform takes a platform such as {near}, not '{wrong}'", err)
        status, out = self.verify(data("docker-inspect-containerd"), "--platform", "linux/x86_64")
        self.assertEqual(status, 1)
        self.assertRegex(out, r"(?m)^shop-api-1 +other platform +api .* image for linux/arm64, not for linux/amd64$")

    def test_crictl(self):
        pod = "shop/api-7c9f8d6b5-x2x7z"
        status, out = self.verify(data("crictl-ps"))
        self.assertEqual(status, 1)
        self.assertRegex(out, rf"(?m)^{pod}/api +right +api ")
        self.assertRegex(out, rf"(?m)^{pod}/proxy +unknown image +- +docker.io/library/haproxy:3.0 ")
        self.assertRegex(out, rf"(?m)^{pod}/migrate +not running +migrate ")
        status, out = self.verify(data("crictl-images") + data("crictl-ps"), "--allow-also", "docker.io/*")
        self.assertEqual(status, 0)

    def test_kubectl(self):
        status, out = self.verify(data("kubectl-pods"))
        self.assertEqual(status, 1)
        self.assertEqual(rows(out), [
            ("shop/api-7c9f8d6b5-x2x7z/debugger-4x7kq", "unknown image - docker.io/library/busybox:latest sha256:" + "4" * 64),
            ("shop/api-7c9f8d6b5-crash/api", "unknown digest api"),
            ("shop/api-7c9f8d6b5-x2x7z/migrate", "not running migrate"),
            ("shop/api-7c9f8d6b5-x2x7z/api", "right api"),
            ("shop/api-7c9f8d6b5-pull/api", "pending api"),
            ("shop/api-7c9f8d6b5-new/api", "pending api")])
        self.assertTrue(out.endswith("-: 2 of 3 running containers are not what release 'configs-1' has\n"), out)

    def test_components_that_run_nowhere(self):
        nothing = "no container runs: api\n-: nothing of release 'configs-1' runs\n"
        self.assertEqual(self.verify("[]"), (1, nothing))
        path = os.path.join(SRCDIR, "tests/golden/render/plain.lock.yaml")
        one = data("docker-inspect").replace("1" * 64, "9" * 64)  # the digest in the name is that of the index
        arguments = ("verify", path, "--running", "-", "--allow-also", "docker.io/*")
        status, out, _ = relmanctl(*arguments, stdin=one)
        self.assertEqual(status, 0)
        self.assertTrue(out.endswith("no container runs: my.web-ui\n-: good: 2 running containers, release 'plain-1'\n"), out)
        status, out, _ = relmanctl(*arguments, "--all", stdin=one)
        self.assertEqual(status, 1)
        self.assertTrue(out.endswith("no container runs: my.web-ui\n-: 1 component of release 'plain-1' does not run\n"), out)

    def test_other_input_changes_the_exit_status_and_names_the_command(self):
        for text, said in (("", "'-' is empty"), ("NAME READY\n", "JSON value 1: it is not valid JSON"),
                           ('{"kind":"Deployment"}', "no pods, such as a Deployment"), (data("crictl-images"), "it has images but no container")):
            status, out, err = relmanctl("verify", LOCK, "--running", "-", stdin=text)
            self.assertEqual((status, out), (2, ""))
            self.assertIn(said, err)
            self.assertIn("; pass the output of podman ps --format json, docker inspect $(docker ps -q), crictl ps -o json or kubectl get", err)
        self.assertIn("cannot read '/nonexistent'", relmanctl("verify", LOCK, "--running", "/nonexistent")[2])
        self.assertIn("cannot read", relmanctl("verify", "none.lock.yaml", "--running", "-", stdin="[]")[2])

    def test_an_altered_lockfile_exits_three(self):
        with tempfile.NamedTemporaryFile("w", suffix=".lock.yaml") as f, open(LOCK) as lock:
            f.write(lock.read().replace("1" * 64, "9" * 64))
            f.flush()
            status, out, err = relmanctl("verify", f.name, "--running", "-", stdin="[]")
        self.assertEqual((status, out), (3, ""))
        self.assertIn("was altered", err)

    def test_usage(self):
        for arguments, said in (((LOCK, LOCK, "--running", "-"), "--running compares one lockfile"), ((LOCK, "--registry", "--running", "-"), "--registry does not go with --running"),
                                ((LOCK, "--all"), "--all does not go without --running"), ((LOCK, "--platform", "linux/amd64"), "--platform does not go without --running"),
                                ((LOCK, "--allow-also", "x"), "--allow-also does not go without --running")):
            status, out, err = relmanctl("verify", *arguments, stdin="[]")
            self.assertEqual((status, out), (2, ""), arguments)
            self.assertIn(said, err)


class Daemon(SiteCase):
    def setUp(self):
        super().setUp()
        self.registry = DockerRegistry()
        self.addCleanup(self.registry.close)
        self.digests = [self.registry.push("app/api", f"v1.{i}.0", platforms=("linux/amd64", "linux/arm64")) for i in range(2)]
        self.site.write("all.yaml", documents(relman.document("Environment", "prod"), registry=self.registry, components=("api",)))
        self.site.start("poll: {interval: 1h, jitter: 0%}\n")
        wait_for(lambda: len(self.get("components/api/versions")) == 2, 20, "versions")
        for name, version in (("one", "1.0.0"), ("two", "1.1.0")):
            self.ctl("create", "release", name, "api=" + version)
        self.ctl("promote", "one", "prod", "--wait")
        self.ctl("promote", "two", "prod", "--wait")

    def write(self, text):
        path = os.path.join(self.site.folder, "running.json")
        with open(path, "w") as f:
            f.write(text)
        return path

    def pods(self, *images):
        return self.write(json.dumps({"kind": "List", "items": [
            {"kind": "Pod", "metadata": {"namespace": "shop", "name": f"p{i}"}, "spec": {"containers": []},
             "status": {"phase": "Running", "containerStatuses": [
                 {"name": "api", "image": image.split("@")[0], "imageID": image, "state": {"running": {}}}]}}
            for i, image in enumerate(images)]}))

    def test_another_release_is_named(self):
        api = self.registry.host + "/app/api@"
        right = self.pods(api + self.digests[1])
        for name in ("prod", "environment/prod", "release/two"):
            self.assertTrue(self.ctl("verify", name, "--running", right).endswith(f"{right}: good: 1 running container, release 'two'\n"))
        wrong = self.pods(api + self.digests[1], api + self.digests[0], api + "sha256:" + "9" * 64, "mirror:5000/x@" + self.digests[0])
        out = self.ctl("verify", "prod", "--running", wrong, wanted=1)
        self.assertRegex(out, r"(?m)^shop/p0/api +right +api ")
        self.assertRegex(out, r"(?m)^shop/p1/api +other release +api +\S+ +release 'one' of environment 'prod'$")
        self.assertRegex(out, r"(?m)^shop/p2/api +unknown digest +api +\S+ +sha256:9{64}$")
        self.assertRegex(out, r"(?m)^shop/p3/api +other release +- +\S+ +release 'one' of environment 'prod'$")
        self.assertTrue(out.endswith(f"{wrong}: 3 of 4 running containers are not what release 'two' has\n"), out)
        # the lockfile alone does not know other releases, and needs no daemon
        lock = os.path.join(self.site.folder, "prod.lock.yaml")
        self.ctl("lock", "prod", "--to", lock)
        self.site.stop()
        out = self.ctl("verify", lock, "--running", wrong, wanted=1)
        self.assertRegex(out, r"(?m)^shop/p1/api +unknown digest +api ")
        self.assertIn("is it running?", self.ctl("verify", "prod", "--running", wrong, wanted=2))

    def test_an_unknown_environment(self):
        self.assertIn("there is no environment and no release 'prd'", self.ctl("verify", "prd", "--running", self.write("[]"), wanted=1))


def podman_works():
    """podman needs root, and a mount namespace to unpack layers in; not every container has both."""
    return shutil.which("podman") and os.geteuid() == 0 and subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode == 0


@unittest.skipUnless(podman_works(), "podman is not installed, or this may not mount")
class Podman(SiteCase):
    def podman(self, *words):
        r = subprocess.run(["podman", "--root", self.folder + "/root", "--runroot", self.folder + "/run", "--storage-driver", "vfs",
                            "--cgroup-manager", "cgroupfs", *words], capture_output=True, text=True, timeout=120)
        self.assertEqual(r.returncode, 0, r.stderr)
        return r.stdout

    def setUp(self):
        super().setUp()
        self.folder = tempfile.mkdtemp(prefix="relman-podman-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.registry = DockerRegistry()
        self.addCleanup(self.registry.close)
        self.registry.push("app/api", "v1.0.0", platforms=("linux/amd64", "linux/arm64"))
        self.registry.push("app/web", "v1.0.0")
        self.site.write("all.yaml", documents(relman.document("Release", "one", "mode: full"), registry=self.registry, components=("api", "web")))
        self.assertEqual(self.site.once()[0], 0)

    def create(self, name, reference):
        self.podman("create", "--pull", "always", "--tls-verify=false", "--arch", "amd64", "--name", name, f"{self.registry.host}/app/{reference}", "/x")

    def up(self, text):
        """Containers are only created, because the kernel may not allow this test to run them: says that they run."""
        self.assertIn('"created"', text)
        return text.replace('"created"', '"running"')

    def verify(self, text):
        return relmanctl("verify", self.site.lock_path("one"), "--running", "-", stdin=text)

    def test_what_podman_prints(self):
        self.create("api", "api:v1.0.0")
        self.create("web", "web:v1.0.0")
        ps, images = self.podman("ps", "-a", "--format", "json"), self.podman("images", "--format", "json")
        status, out, err = self.verify(ps)
        self.assertEqual((status, err), (1, ""), out)
        self.assertRegex(out, r"(?m)^api +not running +api ")
        status, out, err = self.verify(self.up(ps))  # relmand knows the config that the one manifest of web names
        self.assertRegex(out, r"(?m)^web +right +web .* linux/amd64$")
        status, out, err = self.verify(self.up(ps) + images)
        self.assertEqual((status, err), (0, ""), out)
        self.assertRegex(out, r"(?m)^web +right +web ")
        inspected = self.up(self.podman("inspect", "api", "web"))
        self.assertEqual(self.verify(inspected + images)[0], 0)
        self.assertEqual(self.verify(inspected + self.podman("image", "inspect", *(f"{self.registry.host}/app/{i}:v1.0.0" for i in ("api", "web"))))[0], 0)
        # the tag moves on, and the host pulls it
        self.registry.push("app/api", "v1.0.0", "other")
        self.podman("rm", "api")
        self.create("api", "api:v1.0.0")
        status, out, err = self.verify(self.up(self.podman("ps", "-a", "--format", "json")) + self.podman("images", "--format", "json"))
        self.assertEqual((status, err), (1, ""), out)
        self.assertRegex(out, r"(?m)^api +unknown digest +api ")
        self.assertRegex(out, r"(?m)^web +right +web ")

    def test_a_config_is_an_image_id(self):
        """A lockfile with configs decides from podman ps alone."""
        digest = self.registry.push("app/api", "v1.0.0")
        self.create("api", f"api@{digest}")
        ps = json.loads(self.up(self.podman("ps", "-a", "--format", "json")))
        ps[0]["Image"] = f"{self.registry.host}/app/api:v1.0.0"
        manifest = json.loads(self.registry.request("GET", f"/v2/app/api/manifests/{digest}", headers={"Accept": MANIFEST})[2])
        self.assertEqual("sha256:" + ps[0]["ImageID"], manifest["config"]["digest"])
        with open(LOCK) as f:
            text = f.read()
        text = text[:text.index("lockDigest")].replace("sha256:" + "1" * 64, manifest["config"]["digest"])
        path = os.path.join(self.site.folder, "x.lock.yaml")
        with open(path, "w") as f:
            f.write(text + f"lockDigest: {sha256(text.encode())}\n")
        status, out, err = relmanctl("verify", path, "--running", "-", stdin=json.dumps(ps))
        self.assertEqual((status, err), (0, ""), out)
        self.assertRegex(out, r"(?m)^api +right +api .* linux/amd64$")


def docker_works():
    return shutil.which("dockerd") and shutil.which("docker") and os.geteuid() == 0


@unittest.skipUnless(docker_works(), "docker is not installed, or this is not root")
class Docker(SiteCase):
    """Runs a Docker daemon without a network."""

    def setUp(self):
        super().setUp()
        self.folder = tempfile.mkdtemp(prefix="relman-docker-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.log = open(self.folder + "/log", "wb")
        self.addCleanup(self.log.close)
        self.socket = self.folder + "/docker.sock"
        self.daemon = subprocess.Popen(
            ["dockerd", "--data-root", self.folder + "/data", "--exec-root", self.folder + "/exec", "--pidfile", self.folder + "/pid", "--host",
             "unix://" + self.socket, "--storage-driver", "vfs", "--iptables=false", "--ip6tables=false", "--bridge=none"],
            stdout=self.log, stderr=self.log)
        self.addCleanup(self.end)
        wait_for(self.is_up, 30, "dockerd")
        self.registry = DockerRegistry()
        self.addCleanup(self.registry.close)
        self.registry.push("app/api", "v1.0.0", platforms=("linux/amd64", "linux/arm64"))
        self.registry.push("app/web", "v1.0.0")
        self.site.write("all.yaml", documents(relman.document("Release", "one", "mode: full"), registry=self.registry, components=("api", "web")))
        self.assertEqual(self.site.once()[0], 0)

    def end(self):
        self.daemon.terminate()
        self.daemon.wait(30)

    def is_up(self):
        if self.daemon.poll() is not None:
            self.skipTest("dockerd does not start here")
        return subprocess.run(["docker", "version"], env=self.environment(), capture_output=True, timeout=30).returncode == 0

    def environment(self):
        return dict(os.environ, DOCKER_HOST="unix://" + self.socket, DOCKER_CONFIG=self.folder)

    def docker(self, *words):
        r = subprocess.run(["docker", *words], capture_output=True, text=True, timeout=120, env=self.environment())
        self.assertEqual(r.returncode, 0, r.stderr)
        return r.stdout

    def create(self, name, reference, platform="linux/amd64"):
        image = f"{self.registry.host}/app/{reference}"
        self.docker("pull", "--platform", platform, image)
        self.docker("create", "--network", "none", "--platform", platform, "--name", name, image, "/x")

    def up(self, text):
        """Containers are only created, because the kernel may not allow this test to run them: says that they run."""
        self.assertIn('"created"', text)
        return text.replace('"created"', '"running"')

    def inspect(self):
        return self.docker("inspect", *self.docker("ps", "-a", "-q").split())

    def api(self):
        """Returns the answer of the daemon's API, which docker ps shows as a table."""
        return subprocess.run(["curl", "-sS", "--unix-socket", self.socket, "http://docker/containers/json?all=1"],
                              capture_output=True, text=True, timeout=30, check=True).stdout

    def verify(self, text, *more):
        return relmanctl("verify", self.site.lock_path("one"), "--running", "-", *more, stdin=text)

    def test_what_docker_prints(self):
        self.create("api", "api:v1.0.0")
        self.create("web", "web:v1.0.0")
        status, out, err = self.verify(self.inspect())
        self.assertEqual((status, err), (1, ""), out)
        self.assertRegex(out, r"(?m)^api +not running +api ")
        for text in (self.inspect(), self.api()):
            status, out, err = self.verify(self.up(text), "--platform", "linux/amd64")
            self.assertEqual((status, err), (0, ""), out)
            self.assertRegex(out, r"(?m)^api +right +api .* linux/amd64$")
            self.assertRegex(out, r"(?m)^web +right +web .* linux/amd64$")
        images = self.docker("image", "inspect", *(f"{self.registry.host}/app/{i}:v1.0.0" for i in ("api", "web")))
        self.assertEqual(self.verify(self.up(self.inspect()) + images)[0], 0)
        # the tag moves on, and the host pulls it
        self.registry.push("app/api", "v1.0.0", "other")
        self.docker("rm", "api")
        self.create("api", "api:v1.0.0")
        status, out, err = self.verify(self.up(self.inspect()))
        self.assertEqual((status, err), (1, ""), out)
        self.assertRegex(out, r"(?m)^api +unknown digest +api ")
        self.assertRegex(out, r"(?m)^web +right +web ")

    def test_an_image_for_another_platform(self):
        self.create("api", "api:v1.0.0", "linux/arm64")
        status, out, err = self.verify(self.up(self.inspect()), "--platform", "linux/amd64")
        self.assertEqual((status, err), (1, ""), out)
        self.assertRegex(out, r"(?m)^api +other platform +api .* image for linux/arm64, not for linux/amd64$")


class ApiServer(http.server.BaseHTTPRequestHandler):
    """Answers as the API server of a cluster that has the pods of the documented output."""

    def log_message(self, *args):
        pass

    def do_GET(self):
        pods = json.loads(data("kubectl-pods"))["items"]
        for pod in pods:  # a list in the API names the kind of its items only once
            pod.pop("kind"), pod.pop("apiVersion")
        answers = {"/api": {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}, "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
                   "/api/v1": {"kind": "APIResourceList", "groupVersion": "v1", "resources": [
                       {"name": "pods", "singularName": "pod", "namespaced": True, "kind": "Pod", "verbs": ["get", "list"], "shortNames": ["po"]}]},
                   "/version": {"major": "1", "minor": "32", "gitVersion": "v1.32.4"},
                   "/api/v1/pods": {"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": pods},
                   "/api/v1/namespaces/shop/pods/" + pods[0]["metadata"]["name"]: dict(pods[0], kind="Pod", apiVersion="v1")}
        answer = answers.get(self.path.split("?")[0])
        body = json.dumps(answer or {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 404}).encode()
        self.send_response(200 if answer else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@unittest.skipUnless(shutil.which("kubectl"), "kubectl is not installed")
class Kubectl(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="relman-kubectl-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), ApiServer)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def kubectl(self, *words):
        r = subprocess.run(["kubectl", "--server", f"http://127.0.0.1:{self.server.server_address[1]}", "--cache-dir", self.folder, *words],
                           capture_output=True, text=True, timeout=60, env=dict(os.environ, KUBECONFIG="/dev/null", HOME=self.folder))
        self.assertEqual(r.returncode, 0, r.stderr)
        return r.stdout

    def verify(self, text):
        status, out, err = relmanctl("verify", LOCK, "--running", "-", stdin=text)
        self.assertEqual(err, "")
        return status, out

    def test_what_kubectl_prints(self):
        self.assertEqual(self.verify(self.kubectl("get", "pods", "-A", "-o", "json")), self.verify(data("kubectl-pods")))
        one = json.loads(data("kubectl-pods"))["items"][0]
        self.assertEqual(self.verify(self.kubectl("get", "pod", "-n", "shop", one["metadata"]["name"], "-o", "json")), self.verify(json.dumps(one)))


if __name__ == "__main__":
    relman.main()
