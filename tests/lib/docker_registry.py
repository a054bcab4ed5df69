"""Runs Debian's docker-registry as a process of the test, and pushes images to it.

The program is $DOCKER_REGISTRY, or docker-registry on the path, or build/docker-registry from
`tests/lib/get-docker-registry`, which unpacks Debian's package without installing a service. The registry
listens on a free loopback port and keeps its data in a temporary folder. It ends when the object is closed or
when the process that made it ends."""

import base64
import ctypes
import gzip
import hashlib
import http.client
import io
import json
import os
import random
import shutil
import signal
import socket
import ssl
import subprocess
import tarfile
import tempfile
import time

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


def find_binary():
    builddir = os.environ.get("BUILDDIR", "build")
    for path in (os.environ.get("DOCKER_REGISTRY"), shutil.which("docker-registry"),
                 os.path.join(builddir, "docker-registry")):
        if path and os.access(path, os.X_OK):
            return path
    return None


def free_port():
    """Returns a free port below the range from which the kernel takes ports of outgoing connections, so that
    the port stays free until the test uses it."""
    while True:
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", random.randrange(10000, 32000)))
            except OSError:
                continue
            return s.getsockname()[1]


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def dump(value):
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


class DockerRegistry:
    """One running registry. auth: (user, password) for Basic authentication. tls: serve HTTPS with a
    certificate of a private CA, whose certificate is in ca_file."""

    def __init__(self, auth=None, tls=False):
        self.folder = tempfile.mkdtemp(prefix="relman-registry-")
        self.port = free_port()
        self.auth, self.tls, self.process = auth, tls, None
        self.host = f"127.0.0.1:{self.port}"
        self.ca_file = None
        extra = ""
        if auth:
            self._make_htpasswd(*auth)
            extra += f"\nauth: {{htpasswd: {{realm: test, path: {self.folder}/htpasswd}}}}"
        tls_config = ""
        if tls:
            self._make_certificate()
            tls_config = f", tls: {{certificate: {self.folder}/server.pem, key: {self.folder}/server.key}}"
        self.config = os.path.join(self.folder, "config.yml")
        with open(self.config, "w") as f:
            f.write(f"version: 0.1\nlog: {{level: error}}\n"
                    f"storage: {{filesystem: {{rootdirectory: {self.folder}/data}}, delete: {{enabled: true}}}}\n"
                    f"http: {{addr: '{self.host}', secret: x{tls_config}}}{extra}\n")
        self.start()

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://{self.host}"

    def _make_htpasswd(self, user, password):
        line = subprocess.run(["htpasswd", "-Bbn", user, password], check=True, capture_output=True, text=True).stdout
        with open(f"{self.folder}/htpasswd", "w") as f:
            f.write(line.strip() + "\n")

    def _openssl(self, *args):
        subprocess.run(["openssl", *args], check=True, capture_output=True, cwd=self.folder)

    def _make_certificate(self):
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
                      "2", "-subj", "/CN=private test CA", "-addext", "keyUsage=critical,keyCertSign", "-keyout", "ca.key",
                      "-out", "ca.pem")  # Python 3.13 requires the key usage (RFC 5280, 4.2.1.3)
        self._openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                      "/CN=registry", "-keyout", "server.key", "-out", "server.csr")
        with open(f"{self.folder}/san", "w") as f:
            f.write("subjectAltName=IP:127.0.0.1\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n")
        self._openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                      "-days", "2", "-extfile", "san", "-out", "server.pem")
        self.ca_file = f"{self.folder}/ca.pem"

    def start(self):
        env = dict(os.environ, OTEL_TRACES_EXPORTER="none")
        with open(f"{self.folder}/log", "ab") as log:
            self.process = subprocess.Popen([find_binary(), "serve", self.config], stdout=log, stderr=log, env=env,
                                            preexec_fn=die_with_parent)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"docker-registry did not start; see {self.folder}/log")

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.process = None

    def close(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- pushing -----------------------------------------------------------------------------------

    def _connect(self):
        if self.tls:
            return http.client.HTTPSConnection("127.0.0.1", self.port,
                                               context=ssl.create_default_context(cafile=self.ca_file))
        return http.client.HTTPConnection("127.0.0.1", self.port)

    def request(self, method, path, body=None, headers=None):
        headers = dict(headers or {})
        if self.auth:
            headers["Authorization"] = "Basic " + base64.b64encode(":".join(self.auth).encode()).decode()
        if not getattr(self, "_connection", None):
            self._connection = self._connect()
        for attempt in (1, 2):
            try:
                self._connection.request(method, path, body, headers)
                response = self._connection.getresponse()
                return response.status, dict(response.getheaders()), response.read()
            except (http.client.HTTPException, OSError):
                self._connection.close()
                if attempt == 2:
                    raise

    def _put_blob(self, repository, data):
        digest = sha256(data)
        status, _, _ = self.request("HEAD", f"/v2/{repository}/blobs/{digest}")
        if status == 200:
            return digest
        status, headers, body = self.request("POST", f"/v2/{repository}/blobs/uploads/")
        assert status == 202, (status, body)
        location = headers["Location"]
        path = location[location.index("/v2/"):]
        path += ("&" if "?" in path else "?") + "digest=" + digest
        status, _, body = self.request("PUT", path, data, {"Content-Type": "application/octet-stream"})
        assert status == 201, (status, body)
        return digest

    def put_manifest(self, repository, reference, data, media_type):
        status, _, body = self.request("PUT", f"/v2/{repository}/manifests/{reference}", data,
                                       {"Content-Type": media_type})
        assert status == 201, (status, body)
        return sha256(data)

    def image(self, repository, content, platform="linux/amd64", created=None, labels=None, annotations=None):
        """Uploads an image of one platform; returns its manifest. The same content gives the same digest."""
        raw = io.BytesIO()
        with tarfile.open(fileobj=raw, mode="w") as tar:
            info = tarfile.TarInfo("content")
            info.size = len(content.encode())
            tar.addfile(info, io.BytesIO(content.encode()))
        layer = gzip.compress(raw.getvalue(), mtime=0)
        parts = platform.split("/")
        config = {"os": parts[0], "architecture": parts[1],
                  "rootfs": {"type": "layers", "diff_ids": [sha256(raw.getvalue())]}, "config": {}}
        if len(parts) > 2:
            config["variant"] = parts[2]
        if created:
            config["created"] = created
        if labels:
            config["config"]["Labels"] = labels
        config = dump(config)
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST,
                    "config": {"mediaType": CONFIG, "digest": self._put_blob(repository, config),
                               "size": len(config)},
                    "layers": [{"mediaType": LAYER, "digest": self._put_blob(repository, layer),
                                "size": len(layer)}]}
        if annotations:
            manifest["annotations"] = annotations
        return dump(manifest)

    def push(self, repository, tag, content=None, platforms=("linux/amd64",), created=None):
        """Pushes an image under a tag, or an index of images if there are several platforms. Returns the
        digest of what was pushed."""
        content = content or f"{repository}:{tag}"
        manifests = [(p, self.image(repository, content, p, created)) for p in platforms]
        if len(manifests) == 1:
            return self.put_manifest(repository, tag, manifests[0][1], MANIFEST)
        entries = []
        for platform, manifest in manifests:
            digest = self.put_manifest(repository, sha256(manifest), manifest, MANIFEST)
            parts = platform.split("/")
            described = {"os": parts[0], "architecture": parts[1]}
            if len(parts) > 2:
                described["variant"] = parts[2]
            entries.append({"mediaType": MANIFEST, "digest": digest, "size": len(manifest), "platform": described})
        return self.put_manifest(repository, tag,
                                 dump({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}), INDEX)

    def push_index(self, repository, reference, entries):
        """Pushes an index with exactly the given entries: (digest, media type, platform or None). Returns its
        digest."""
        described = []
        for digest, media_type, platform in entries:
            item = {"mediaType": media_type, "digest": digest, "size": 2}
            if platform:
                item["platform"] = dict(zip(("os", "architecture", "variant"), platform.split("/")))
            described.append(item)
        data = dump({"schemaVersion": 2, "mediaType": INDEX, "manifests": described})
        return self.put_manifest(repository, reference or sha256(data), data, INDEX)

    def push_image(self, repository, content, platform="linux/amd64", created=None):
        """Pushes an image without a tag; returns its digest."""
        manifest = self.image(repository, content, platform, created)
        return self.put_manifest(repository, sha256(manifest), manifest, MANIFEST)

    def push_chart(self, repository, version, name=None):
        """Pushes a Helm chart as `helm push` does: a '+' of the version is '_' in the tag. Returns its digest."""
        name = name or repository.split("/")[-1]
        chart = {"apiVersion": "v2", "name": name, "version": version, "type": "application"}
        text = json.dumps(chart).encode()
        raw = io.BytesIO()
        with tarfile.open(fileobj=raw, mode="w") as tar:
            info = tarfile.TarInfo(f"{name}/Chart.yaml")
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text))
        layer = gzip.compress(raw.getvalue(), mtime=0)
        config = dump(chart)
        manifest = dump({
            "schemaVersion": 2, "mediaType": MANIFEST,
            "config": {"mediaType": "application/vnd.cncf.helm.config.v1+json", "digest": self._put_blob(repository, config),
                       "size": len(config)},
            "layers": [{"mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
                        "digest": self._put_blob(repository, layer), "size": len(layer)}],
            "annotations": {"org.opencontainers.image.title": name, "org.opencontainers.image.version": version}})
        return self.put_manifest(repository, version.replace("+", "_"), manifest, MANIFEST)

    def tag(self, repository, tag, manifest):
        """Adds a tag to an existing manifest."""
        return self.put_manifest(repository, tag, manifest, MANIFEST)

    def delete(self, repository, digest):
        status, _, body = self.request("DELETE", f"/v2/{repository}/manifests/{digest}")
        assert status == 202, (status, body)

    def lose(self, repository, reference, platform):
        """Deletes the manifest of one architecture of an index, as garbage collection may do. Returns a
        function that restores the manifest."""
        status, _, body = self.request("GET", f"/v2/{repository}/manifests/{reference}", headers={"Accept": INDEX})
        assert status == 200, (status, body)
        digest = [m["digest"] for m in json.loads(body)["manifests"] if m["platform"]["architecture"] == platform][0]
        _, _, manifest = self.request("GET", f"/v2/{repository}/manifests/{digest}", headers={"Accept": MANIFEST})
        self.delete(repository, digest)
        return lambda: self.put_manifest(repository, digest, manifest, MANIFEST)

    def collect_garbage(self):
        """Deletes manifests without a tag. This registry counts the manifests that an index lists as
        untagged."""
        self.stop()
        subprocess.run([find_binary(), "garbage-collect", "--delete-untagged", self.config], check=True, capture_output=True,
                       env=dict(os.environ, OTEL_TRACES_EXPORTER="none"))
        self.start()

    def untag(self, repository, tag):
        """Deletes a tag on disk: the registry's API cannot delete tags."""
        shutil.rmtree(f"{self.folder}/data/docker/registry/v2/repositories/{repository}/_manifests/tags/{tag}")
