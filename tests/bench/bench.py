#!/usr/bin/env python3
"""make bench: one table of figures with their goals. No figure fails anything; a program that fails does."""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
from docker_registry import DockerRegistry, die_with_parent, free_port  # noqa: E402
from relman import BUILDDIR, Site  # noqa: E402

ROWS = []


def row(what, goal, measured):
    ROWS.append((what, goal, measured))
    print(f"{what:44} {goal:34} {measured}", flush=True)


def cpu_and_wall(arguments, **more):
    """Runs it five times; the medians of CPU seconds and wall seconds."""
    times = []
    for _ in range(5):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.monotonic() - start))
    return statistics.median(t[0] for t in times), statistics.median(t[1] for t in times)


def rules():
    rate = subprocess.run([f"{BUILDDIR}/tests/bench/bench-rules"], check=True, capture_output=True, text=True).stdout
    row("rules: 1,000,000 tags x 3 rules", ">= 2 million tags/s", f"{float(rate) / 1e6:.2f} million tags/s")


def explain():
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/c.yaml", "w") as f:
            f.write("apiVersion: relman/v1\nkind: Component\nmetadata: {name: api}\nspec:\n"
                    "  imageRepository: r.example/a\n  versionRules:\n"
                    "    - {pattern: '^v(\\d+\\.\\d+\\.\\d+)$', channel: stable}\n"
                    "    - {pattern: '^v(\\d+\\.\\d+\\.\\d+-rc\\.\\d+)$', channel: beta}\n"
                    "    - {pattern: '^nightly-(\\d+\\.\\d+\\.\\d+)$', channel: nightly}\n")
        with open(f"{folder}/tags", "w") as f:
            for i in range(200000):
                f.write(("v{}.{}.{}", "v{}.{}.{}-rc.1", "nightly-{}.{}.{}", "sha-{}{}{}")[i % 4]
                        .format(i // 10000, i // 100 % 100, i % 100) + "\n")
        for form in ("json", "table"):
            arguments = [f"{BUILDDIR}/relmanctl", "explain", "--specs", folder, "api", "--tags", f"{folder}/tags", "-o", form]
            row(f"explain of 200,000 tags, -o {form}", "< 1 s", f"{cpu_and_wall(arguments)[1]:.2f} s")


def spec_load():
    with tempfile.TemporaryDirectory() as folder:
        for i in range(100):
            with open(f"{folder}/{i}.yaml", "w") as f:
                f.write("---\n".join(
                    f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: c{i}-{j}}}\nspec:\n"
                    f"  imageRepository: r.example/a/c{i}-{j}\n  versioningStrategy: {{type: semver, tagPattern: '^v'}}\n"
                    "  versionRules:\n    - {pattern: '^v(\\d+\\.\\d+\\.\\d+)$', channel: stable}\n" for j in range(100)))
        load = cpu_and_wall([f"{BUILDDIR}/relmanctl", "lint", folder])[0]
        scan = cpu_and_wall([f"{BUILDDIR}/tests/bench/yaml-scan", *[f"{folder}/{i}.yaml" for i in range(100)]])[0]
        row("spec load: 10,000 component documents", "<= 2 x bare libyaml scan",
            f"{load / scan:.2f} x ({load:.2f} s and {scan:.2f} s CPU)")


def warm_poll():
    registry, site = DockerRegistry(), Site()
    try:
        for i in range(3):
            for j in range(50):
                registry.push(f"b/c{i}", f"v1.{j}.0")
            site.write(f"c{i}.yaml", f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: c{i}}}\n"
                                     f"spec: {{imageRepository: {registry.host}/b/c{i}, versioningStrategy: {{type: semver}}}}\n")
        site.write("r.yaml", f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: r}}\nspec: {{url: '{registry.url}'}}\n")
        cold = site.once()[1]
        warm = site.once()[1]
        n = [int(out.split(" requests")[0].rsplit(" ", 1)[1]) for out in (cold, warm)]
        cpu, wall = cpu_and_wall(site.arguments("--once"))
        row("cold sync, 3 components x 50 tags", "1 list + 50 HEAD each", f"{n[0]} requests")
        row("warm --once, the same", "1 list + 1 HEAD each, <= 10 ms CPU", f"{n[1]} requests, {cpu * 1000:.0f} ms CPU, {wall * 1000:.0f} ms")
    finally:
        site.close()
        registry.close()


class Nginx:
    """Answers of a registry with n tags as fast as they come: static ones."""

    def __init__(self, n):
        self.folder = tempfile.mkdtemp(prefix="relman-bench-")
        self.port = free_port()
        with open(f"{self.folder}/tags.json", "w") as f:
            f.write('{"name":"b","tags":[' + ",".join(f'"v1.0.{100000 + i}"' for i in range(n)) + "]}")
        with open(f"{self.folder}/nginx.conf", "w") as f:
            f.write(f"""daemon off; worker_processes 1; pid {self.folder}/pid; error_log {self.folder}/log;
events {{ worker_connections 256; }}
http {{ access_log off; keepalive_requests 10000000; client_body_temp_path {self.folder}; proxy_temp_path {self.folder};
fastcgi_temp_path {self.folder}; uwsgi_temp_path {self.folder}; scgi_temp_path {self.folder};
server {{ listen 127.0.0.1:{self.port};
location ~ ^/v2/[a-z0-9]+/tags/list$ {{ default_type application/json; alias {self.folder}/tags.json; }}
location ~ ^/v2/[a-z0-9]+/manifests/v1.0.([0-9]+)$ {{
default_type application/vnd.oci.image.manifest.v1+json;
add_header Docker-Content-Digest sha256:{'0' * 58}$1; return 200 ""; }} }} }}
""")
        self.process = subprocess.Popen(["nginx", "-c", f"{self.folder}/nginx.conf", "-e", f"{self.folder}/log"],
                                        preexec_fn=die_with_parent)
        self.url = f"http://127.0.0.1:{self.port}"
        for _ in range(100):
            if subprocess.run(["curl", "-fs", "-o", "/dev/null", f"{self.url}/v2/b/tags/list"]).returncode == 0:
                return
            time.sleep(0.05)
        raise RuntimeError("nginx did not start")

    def close(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder)


def once_usage(site):
    """(CPU seconds, wall seconds, peak MB, requests) of one --once."""
    start = time.monotonic()
    process = subprocess.Popen(site.arguments("--once"), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    assert status == 0, (status, out)
    return (usage.ru_utime + usage.ru_stime, time.monotonic() - start, usage.ru_maxrss / 1000,
            int(out.split(" requests")[0].rsplit(" ", 1)[1]))


def many_components(n=10000, n_registries=5, n_tags=20):
    servers, site = [Nginx(n_tags) for _ in range(n_registries)], Site()
    try:
        for i, server in enumerate(servers):
            documents = [f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: r{i}}}\nspec: {{url: '{server.url}'}}\n"]
            documents += [f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: c{i}-{j}}}\n"
                          f"spec: {{imageRepository: {server.url[7:]}/b{j}, versioningStrategy: {{type: semver}}}}\n"
                          for j in range(n // n_registries)]
            site.write(f"{i}.yaml", "---\n".join(documents[:900]))
            for k in range(900, len(documents), 900):
                site.write(f"{i}-{k}.yaml", "---\n".join(documents[k:k + 900]))
        what = f"{n:,} components x {n_tags} tags, {n_registries} registries"
        cold = once_usage(site)
        row(f"{what}: cold", "", f"{cold[0]:.1f} s CPU, {cold[1]:.1f} s, {cold[2]:.0f} MB, {cold[3]:,} requests")
        warm = [once_usage(site) for _ in range(3)]
        load = cpu_and_wall([f"{BUILDDIR}/relmanctl", "lint", site.specs])[0]
        middle = sorted(warm)[1]
        row(f"{what}: warm", "<= 2 s CPU, <= 96 MB",
            f"{middle[0]:.2f} s CPU (of that {load:.2f} s to load the specs), {middle[1]:.1f} s, {middle[2]:.0f} MB, {middle[3]:,} requests")
    finally:
        site.close()
        for server in servers:
            server.close()


def cold_sync(n, goal_memory):
    server = Nginx(n)
    times, peaks = [], []
    try:
        for _ in range(5):
            site = Site()
            try:
                site.write("c.yaml", f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: r}}\nspec: {{url: '{server.url}'}}\n"
                                     f"---\napiVersion: relman/v1\nkind: Component\nmetadata: {{name: c}}\n"
                                     f"spec: {{imageRepository: {server.url[7:]}/b, versioningStrategy: {{type: semver}}}}\n")
                start = time.monotonic()
                process = subprocess.Popen(site.arguments("--once"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = status
                assert status == 0, status
                times.append((usage.ru_utime + usage.ru_stime, time.monotonic() - start))
                peaks.append(usage.ru_maxrss / 1000)
            finally:
                site.close()
        floor = cpu_and_wall([f"{BUILDDIR}/tests/bench/head-floor", f"{server.url}/v2/b", str(n)])
    finally:
        server.close()
    cpu, wall = (statistics.median(t[i] for t in times) for i in (0, 1))
    row(f"cold sync of {n:,} tags, CPU", "<= 1.5 x bare libcurl HEADs",
        f"{cpu / floor[0]:.2f} x ({cpu / n * 1e6:.0f} us and {floor[0] / n * 1e6:.0f} us a tag)")
    row(f"cold sync of {n:,} tags, wall", "<= 1.3 x bare libcurl HEADs", f"{wall / floor[1]:.2f} x ({wall:.2f} s and {floor[1]:.2f} s)")
    row(f"cold sync of {n:,} tags, peak memory", goal_memory, f"{statistics.median(peaks):.0f} MB")


def cold_syncs():
    if not shutil.which("nginx"):
        print("cold sync: skipped, nginx is missing; on Debian: apt-get install nginx-light")
        return
    cold_sync(10000, "<= 20 MB")
    cold_sync(100000, "<= 64 MB")
    many_components()


def catalog():
    with tempfile.TemporaryDirectory() as folder:
        out = subprocess.run([f"{BUILDDIR}/tests/bench/bench-catalog", f"{folder}/state.db"], check=True, capture_output=True,
                             text=True).stdout
    for line in out.splitlines():
        name, time_ = line.split()
        row(f"catalog, 1,000,000 versions, 10,000 releases: {name}", "<= 1 ms", f"{int(time_) / 1000:.2f} ms")


def size():
    total = 0
    with tempfile.TemporaryDirectory() as folder:
        for program in ("relmand", "relmanctl"):
            subprocess.run(["strip", "-o", f"{folder}/{program}", f"{BUILDDIR}/{program}"], check=True)
            total += os.path.getsize(f"{folder}/{program}")
    row("size: stripped relmand + relmanctl", "<= 600 KB", f"{total / 1000:.0f} KB")


if __name__ == "__main__":
    print(f"{'figure':44} {'goal':34} measured")
    for measure in (rules, explain, spec_load, warm_poll, cold_syncs, catalog, size):
        measure()
