"""Helpers for the rows of the benchmark: resource usage, medians, growth, a static registry."""

import hashlib
import json
import math
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
from docker_registry import MANIFEST, die_with_parent, free_port  # noqa: E402
from relman import BUILDDIR, Site  # noqa: E402

BENCH = f"{BUILDDIR}/tests/bench"
RELMANCTL = f"{BUILDDIR}/relmanctl"


class Missing(Exception):
    """Raised if a row cannot be measured on this machine; its text is the reason."""


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            raise Missing(f"{program} is not installed (tests/lib/packages.sh, BENCH_PACKAGES)")


class Usage:
    """Runs a program once. Has its CPU seconds, wall seconds, peak memory in MB and output."""

    def __init__(self, arguments, **more):
        read, write = os.pipe()
        # The pipe becomes descriptor 3, because tests/bench/usage writes its results there.
        process = subprocess.run([f"{BENCH}/usage", *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                 preexec_fn=lambda: os.dup2(write, 3), pass_fds=(3, write), **more)
        os.close(write)
        with open(read) as pipe:
            words = pipe.read().split()
        if process.returncode or words[4] != "0":
            raise RuntimeError(f"{' '.join(arguments)[:200]}: failed ({words})")
        self.cpu, self.wall, self.peak = float(words[0]) + float(words[1]), float(words[2]), int(words[3]) * 1024 / 1e6
        self.output = process.stdout


def median(values):
    return statistics.median(values)


def exponent(sizes, costs):
    """Returns b of cost = a * size ^ b, fitted by least squares of the logarithms."""
    x, y = [math.log(s) for s in sizes], [math.log(max(c, 1e-9)) for c in costs]
    mx, my = sum(x) / len(x), sum(y) / len(y)
    return sum((a - mx) * (b - my) for a, b in zip(x, y)) / sum((a - mx) ** 2 for a in x)


def instructions(arguments):
    """Returns the number of instructions that a program executes outside the kernel. Other load does not
    change it."""
    need("valgrind")
    result = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *arguments], stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, text=True, check=True)
    return int(re.search(r"Collected : (\d+)", result.stderr).group(1))


def p99(values):
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.99))]


class Process:
    """Reads the CPU time of a running process."""

    def __init__(self, pid):
        self.pid = pid

    def cpu(self):
        with open(f"/proc/{self.pid}/schedstat") as f:
            return int(f.read().split()[0]) / 1e9


# --- a registry that uses little CPU time ---------------------------------------------------------


class StaticRegistry:
    """nginx with the static answers of a registry with n tags. The digests have no order, as in real
    registries. At most 16 requests are accepted at once; n_refused() counts the others. A repository of any
    name exists and has these tags. Lists have no ETag, as with distribution."""

    def __init__(self, n, first=100000):
        need("nginx", "curl")
        self.folder = tempfile.mkdtemp(prefix="relman-bench-")
        self.port = free_port()
        def digest(text):
            return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
        config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}})
        manifest = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "layers": [],
                               "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest(config),
                                          "size": len(config)}})
        # relmand reads and verifies the manifest of a head and its configuration
        head, blob = digest(manifest), digest(config)
        manifest, config = (text.replace('"', '\\"') for text in (manifest, config))
        with open(f"{self.folder}/tags.json", "w") as f:
            f.write('{"name":"b","tags":[' + ",".join(f'"v1.0.{first + i}"' for i in range(n)) + "]}")
        with open(f"{self.folder}/nginx.conf", "w") as f:
            f.write(f"""daemon off; worker_processes 1; pid {self.folder}/pid; error_log {self.folder}/log;
events {{ worker_connections 256; }}
http {{ access_log off; keepalive_requests 10000000; etag off; client_body_temp_path {self.folder};
proxy_temp_path {self.folder}; fastcgi_temp_path {self.folder}; uwsgi_temp_path {self.folder}; scgi_temp_path {self.folder};
limit_conn_zone $server_port zone=all:1m; limit_conn all 16;
server {{ listen 127.0.0.1:{self.port};
location = /v2/ {{ return 200 "{{}}"; }}
location ~ ^/v2/[a-z0-9]+/tags/list$ {{ default_type application/json; alias {self.folder}/tags.json; }}
location ~ ^/v2/[a-z0-9]+/blobs/{blob}$ {{ return 200 "{config}"; }}
location ~ ^/v2/[a-z0-9]+/manifests/(v1.0.{first + n - 1}|{head})$ {{
default_type {MANIFEST}; add_header Docker-Content-Digest {head}; return 200 "{manifest}"; }}
location ~ ^/v2/[a-z0-9]+/manifests/v1.0.([0-9])([0-9])([0-9])([0-9])([0-9])([0-9])$ {{
default_type {MANIFEST}; add_header Docker-Content-Digest sha256:$6$5$4$3$2$1{'0' * 58}; return 200 "{manifest}"; }} }} }}
""")
        self.process = subprocess.Popen(["nginx", "-c", f"{self.folder}/nginx.conf", "-e", f"{self.folder}/log"],
                                        preexec_fn=die_with_parent)
        self.host = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.host}"
        for _ in range(100):
            if subprocess.run(["curl", "-fs", "-o", "/dev/null", f"{self.url}/v2/b/tags/list"]).returncode == 0:
                return
            time.sleep(0.05)
        raise RuntimeError("nginx did not start")

    def n_refused(self):
        with open(f"{self.folder}/log") as f:
            return f.read().count("limiting connections")

    def close(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder)


# --- installations --------------------------------------------------------------------------------


class Built(Site):
    """A site with the programs of a given build."""

    def __init__(self, build):
        super().__init__()
        self.build = build

    def arguments(self, *more):
        return [os.path.join(self.build, "relmand"), *super().arguments(*more)[1:]]


def component_site(registry, build=BUILDDIR):
    """Returns a site with one component, whose repository is b."""
    site = Built(build)
    site.write("c.yaml", registry_text("r", registry.url) + "---\n" + component_text("c", f"{registry.host}/b"))
    return site


def registry_text(name, url, more=""):
    return f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: {name}}}\nspec: {{url: '{url}'{more}}}\n"


def component_text(name, repository, more=""):
    return (f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: {name}}}\n"
            f"spec: {{imageRepository: {repository}, versioningStrategy: {{type: semver}}{more}}}\n")


def write_documents(site, name, documents, in_one=900):
    for k in range(0, len(documents), in_one):
        site.write(f"{name}-{k}.yaml", "---\n".join(documents[k:k + in_one]))


def once(site):
    """Runs relmand --once; returns its usage, with n_requests."""
    usage = Usage(site.arguments("--once"))
    usage.n_requests = int(re.search(r"(\d+) requests", usage.output).group(1))
    return usage


def forget(site):
    for suffix in ("", "-wal", "-shm"):
        if os.path.exists(site.state + suffix):
            os.unlink(site.state + suffix)


def metric(site, name):
    text = site.call("GET", "/metrics")[1]
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if re.match(name + r"[ {]", line))


__all__ = ["BENCH", "RELMANCTL", "BUILDDIR", "Built", "Missing", "Process", "Site", "StaticRegistry", "Usage", "component_site",
           "component_text", "exponent", "forget", "instructions", "median", "metric", "need", "once", "p99", "registry_text",
           "write_documents"]
