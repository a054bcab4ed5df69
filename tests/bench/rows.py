"""The rows of the benchmark. Each function that takes (table, plan) measures some rows and adds them to the
table."""

import os
import re
import signal
import subprocess
import tempfile
import time

from branch import branch
from cold import cold, counted, peers
from first import first
from measure import (BENCH, BUILDDIR, RELMANCTL, Built, Process, Site, StaticRegistry, Usage, component_site, component_text, forget,
                     free_port, instructions, median, metric, need, once, registry_text, write_documents)
from pushes import background, push


def rules(table, plan):
    """Measures how fast three rules read tags, without output."""
    sizes, costs = plan.sizes(10000, 100000, 1000000), []
    for n in sizes:
        rate = float(Usage([f"{BENCH}/bench-rules", str(n)]).output)
        costs.append(n / rate)
        if n == sizes[-1]:
            table.row(f"rules: {n:,} tags x 3 rules", ">= 2 million tags/s", f"{rate / 1e6:.2f} million tags/s", rate >= 2e6)
    table.growth("rules, seconds", sizes, costs, "s")


def explain(table, plan):
    """Measures relmanctl explain of many tags, including its output."""
    n = plan.sizes(2000, 20000, 200000)[-1]
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/c.yaml", "w") as f:
            f.write("apiVersion: relman/v1\nkind: Component\nmetadata: {name: api}\nspec:\n"
                    "  imageRepository: r.example/a\n  versionRules:\n"
                    "    - {pattern: '^v(\\d+\\.\\d+\\.\\d+)$', channel: stable}\n"
                    "    - {pattern: '^v(\\d+\\.\\d+\\.\\d+-rc\\.\\d+)$', channel: beta}\n"
                    "    - {pattern: '^nightly-(\\d+\\.\\d+\\.\\d+)$', channel: nightly}\n")
        with open(f"{folder}/tags", "w") as f:
            for i in range(n):
                f.write(("v{}.{}.{}", "v{}.{}.{}-rc.1", "nightly-{}.{}.{}", "sha-{}{}{}")[i % 4]
                        .format(i // 10000, i // 100 % 100, i % 100) + "\n")
        for form in ("json", "table"):
            runs = [Usage([RELMANCTL, "explain", "--specs", folder, "api", "--tags", f"{folder}/tags", "-o", form])
                    for _ in range(plan.runs)]
            table.row(f"explain of {n:,} tags, -o {form}", "", f"{median(r.wall for r in runs):.2f} s")


# --- sync -----------------------------------------------------------------------------------------


def warm(table, plan):
    """Measures polls of an unchanged repository by a daemon."""
    sizes, costs = plan.sizes(100, 1000, 10000), []
    for n in sizes:
        registry = StaticRegistry(n)
        site = component_site(registry)
        try:
            once(site)
            site.start("poll: {interval: 1s, jitter: 0%}\n")
            process = Process(site.process.pid)
            time.sleep(2.5)
            before = site.stored.query("PRAGMA data_version"), open(site.state, "rb").read(), wal_of(site)
            requests, cpu = metric(site, "relman_registry_requests_total"), process.cpu()
            time.sleep(max(plan.runs, 5) + 0.5)
            cpu = process.cpu() - cpu
            requests = metric(site, "relman_registry_requests_total") - requests
            written = before != (site.stored.query("PRAGMA data_version"), open(site.state, "rb").read(), wal_of(site))
            site.stop()
        finally:
            site.close()
            registry.close()
        polls = requests / 2  # each poll is one list and one HEAD
        costs.append(cpu / polls)
        if n == sizes[-1]:
            table.row(f"warm poll of {n:,} tags", "1 list + 1 HEAD per head",
                      f"{requests:.0f} requests in {int(polls)} polls", requests % 2 == 0)
            table.row(f"warm poll of {n:,} tags, CPU", "<= 10 ms", f"{cpu / polls * 1000:.2f} ms", cpu / polls <= 0.01)
            table.row(f"warm poll of {n:,} tags, database", "nothing written", "written" if written else "nothing written",
                      not written)
    table.growth("warm poll, CPU", sizes, [c * 1000 for c in costs], "ms")


def wal_of(site):
    try:
        with open(site.state + "-wal", "rb") as f:
            return f.read()
    except FileNotFoundError:
        return b""


def many(table, plan):
    """Measures one poll of many unchanged components in five registries."""
    sizes, costs = plan.sizes(100, 1000, 10000), []
    for n in sizes:
        registries, site = [StaticRegistry(20) for _ in range(5)], Site()
        try:
            for i, registry in enumerate(registries):
                write_documents(site, f"r{i}", [registry_text(f"r{i}", registry.url)] +
                                [component_text(f"c{i}-{j}", f"{registry.host}/b{j}") for j in range(n // 5)])
            first = once(site)
            rounds = [once(site) for _ in range(plan.runs)]
            load = median(Usage([RELMANCTL, "lint", site.specs]).cpu for _ in range(3))
            refused = sum(registry.n_refused() for registry in registries)
        finally:
            site.close()
            for registry in registries:
                registry.close()
        cpu, peak = median(r.cpu for r in rounds), median(r.peak for r in rounds)
        costs.append(cpu)
        if n != sizes[-1]:
            continue
        what = f"{n:,} components x 20 tags, 5 registries"
        table.row(f"{what}: first round", "", f"{first.cpu:.1f} s CPU, {first.wall:.1f} s, {first.peak:.0f} MB, "
                                              f"{first.n_requests:,} requests")
        table.row(f"{what}: warm round, CPU", "<= 2 s", f"{cpu:.2f} s (of that {load:.2f} s to load the specs; "
                                                        f"{rounds[0].n_requests:,} requests)", cpu <= 2)
        table.row(f"{what}: warm round, memory", "<= 96 MB", f"{peak:.0f} MB", peak <= 96)
        table.row(f"{what}: requests beyond 16 at once", "0", str(refused), refused == 0)
    table.growth("warm round of many components, CPU", sizes, costs, "s")


# --- specs ----------------------------------------------------------------------------------------


def spec_file(folder, i, n):
    with open(f"{folder}/{i}.yaml", "w") as f:
        f.write("---\n".join(
            f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: c{i}-{j}}}\nspec:\n"
            f"  imageRepository: r.example/a/c{i}-{j}\n  versioningStrategy: {{type: semver, tagPattern: '^v'}}\n  suspend: true\n"
            "  versionRules:\n    - {pattern: '^v(\\d+\\.\\d+\\.\\d+)$', channel: stable}\n" for j in range(n)))


def scanned(folder, n):
    """Writes n documents to files of a folder; returns the paths of the files."""
    for i in range(n // 100):
        spec_file(folder, i, 100)
    return [f"{folder}/{name}" for name in sorted(os.listdir(folder))]


def lint(folder, build=BUILDDIR):
    return [f"{build}/relmanctl", "lint", folder]


def load(table, plan):
    """Measures loading of specs, compared with libyaml reading the same files, and reloads in a daemon."""
    sizes, costs = plan.sizes(100, 1000, 10000), []
    for n in sizes:
        with tempfile.TemporaryDirectory() as folder:
            files = scanned(folder, n)
            pairs = [(Usage(lint(folder)), Usage([f"{BENCH}/yaml-scan", *files])) for _ in range(plan.runs)]
        ratio = median(a.cpu / max(b.cpu, 1e-6) for a, b in pairs)
        costs.append(median(a.cpu for a, _ in pairs))
        floor = median(b.cpu for _, b in pairs)
        table.point("load-cpu", "relman", n, costs[-1])
        table.point("load-cpu", "libyaml floor", n, floor)
        if n == sizes[-1]:
            table.row(f"spec load: {n:,} component documents, CPU", "<= 1.6 x bare libyaml scan",
                      f"{ratio:.2f} x ({costs[-1] * 1000:.0f} ms and {floor * 1000:.0f} ms)", ratio <= 1.6)
    table.growth("spec load, CPU", sizes, costs, "s")
    load_counted(table, plan)
    reload(table, plan, sizes[-1])


def load_counted(table, plan):
    """Counts the instructions for each further document. Other load does not change them."""
    n, ours, floor, before = plan.sizes(100, 500, 1000)[-1], [], [], []
    for size in (n, 2 * n):
        with tempfile.TemporaryDirectory() as folder:
            files = scanned(folder, size)
            ours.append(instructions(lint(folder)))
            floor.append(instructions([f"{BENCH}/yaml-scan", *files]))
            if plan.against:
                before.append(instructions(lint(folder, plan.against)))
    each, scan = (ours[1] - ours[0]) / n, (floor[1] - floor[0]) / n
    table.row(f"spec load, instructions a document, {n:,} to {2 * n:,}", "<= 1.6 x bare libyaml scan",
              f"{each / scan:.2f} x ({each:,.0f} and {scan:,.0f})", each <= 1.6 * scan)
    if plan.against:
        table.row("spec load, instructions, the build beside it", "", f"{(before[1] - before[0]) / n / scan:.2f} x")


def reload_times(n, runs, build):
    """Returns three lists: the seconds from an edit to the end of its reload, without the 250 ms of settling;
    the CPU seconds of these reloads; the seconds of reloads without a change."""
    site = Built(build)
    try:
        scanned(site.specs, n)
        site.start()
        process, walls, cpus, whole = Process(site.process.pid), [], [], []
        with open(f"{site.specs}/0.yaml") as f:
            text = f.read()
        for k in range(runs):
            before = site.log.count(" 100 updated")
            cpu, begin = process.cpu(), time.monotonic()
            with open(f"{site.specs}/0.yaml", "w") as f:
                f.write(text.replace("suspend: true", f"suspend: true\n  interval: {k + 2}h"))
            while site.log.count(" 100 updated") == before:
                assert time.monotonic() - begin < 30, site.log[-2000:]
                time.sleep(0.001)
            walls.append(time.monotonic() - begin - 0.25)
            cpus.append(process.cpu() - cpu)
            begin = time.monotonic()
            site.kill(signal.SIGHUP)
            site.wait_notify("RELOADING=1")
            site.wait_notify("READY=1", 30)
            whole.append(time.monotonic() - begin)
        site.stop()
        return walls, cpus, whole
    finally:
        site.close()


def reload(table, plan, n):
    walls, cpus, whole = reload_times(n, plan.runs, BUILDDIR)
    table.row(f"reload after one of {n // 100} files changed, 100 of {n:,} documents", "<= 15 ms",
              f"{median(walls) * 1000:.0f} ms beyond the 250 ms of settling; {median(cpus) * 1000:.0f} ms CPU", median(walls) <= 0.015)
    table.row(f"systemctl reload of {n:,} documents, nothing changed", "", f"{median(whole) * 1000:.0f} ms")
    if plan.against:
        walls, cpus, whole = reload_times(n, plan.runs, plan.against)
        table.row("reloads, the build beside it", "", f"{median(walls) * 1000:.0f} ms, {median(cpus) * 1000:.0f} ms CPU; nothing "
                  f"changed {median(whole) * 1000:.0f} ms")


def samples(site):
    """Returns name -> value of the metrics relman_loop_stall... of the daemon since its start."""
    text = site.call("GET", "/metrics")[1]
    return {name: float(value) for name, value in re.findall(r"^(relman_loop_stall\S+) (\S+)$", text, re.M)}


def start(table, plan):
    """Measures the time from the start of the daemon to READY=1, with a new database and with a filled
    database."""
    sizes, cold_times, warm_times, answers = plan.sizes(100, 1000, 10000), [], [], []
    for n in sizes:
        site = Site()
        try:
            for i in range(n // 100):
                spec_file(site.specs, i, 100)
            first, again, answer = [], [], []
            for _ in range(plan.runs):
                forget(site)
                for times in (first, again):
                    begin = time.monotonic()
                    site.start()
                    times.append(time.monotonic() - begin)
                    begin = time.monotonic()
                    assert site.call("GET", "/api/v1/components")[0] == 200
                    answer.append(time.monotonic() - begin)
                    site.stop()
            cold_times.append(median(first))
            warm_times.append(median(again))
            answers.append(median(answer))
        finally:
            site.close()
    n = sizes[-1]
    table.row(f"start with {n:,} components, new database", "<= 500 ms", f"{cold_times[-1] * 1000:.0f} ms", cold_times[-1] <= 0.5)
    table.row(f"start with {n:,} components, warm database", "<= 500 ms", f"{warm_times[-1] * 1000:.0f} ms; all components are "
              f"listed {answers[-1] * 1000:.0f} ms later", warm_times[-1] <= 0.5)
    table.growth("start, new database", sizes, cold_times, "s")


def lists(table, plan):
    """Measures one answer with all components: the time in the loop, and its longest turn, rounded up to 5,
    10, 25, ... ms."""
    sizes, costs = plan.sizes(100, 1000, 10000), []
    bucket = 'relman_loop_stall_seconds_bucket{le="'
    for n in sizes:
        site = Site()
        try:
            for i in range(n // 100):
                spec_file(site.specs, i, 100)
            site.start()
            while len(site.call("GET", "/api/v1/components")[1]) < n:
                time.sleep(0.1)
            time.sleep(1)
            runs = []
            for _ in range(plan.runs):
                before = samples(site)
                site.call("GET", "/api/v1/components")
                after = samples(site)
                added = sorted((float(name[len(bucket):-2]), after[name] - before[name]) for name in after if name.startswith(bucket))
                runs.append((after["relman_loop_stall_seconds_sum"] - before["relman_loop_stall_seconds_sum"],
                             next(bound for bound, turns in added if turns == added[-1][1])))
            site.stop()
        finally:
            site.close()
        costs.append(median(run[0] for run in runs))
        longest = median(run[1] for run in runs)
    table.row(f"{sizes[-1]:,} components listed", "<= 40 ms in turns of <= 10 ms", f"{costs[-1] * 1000:.0f} ms, "
              f"longest turn <= {longest * 1000:.0f} ms", costs[-1] <= 0.04 and longest <= 0.01)
    table.growth("components listed", sizes, costs, "s")


# --- database, API, webhooks, size ----------------------------------------------------------------


def catalog(table, plan):
    """Measures queries of a large database."""
    sizes, costs = plan.sizes(10000, 100000, 1000000), {}
    for n in sizes:
        with tempfile.TemporaryDirectory() as folder:
            out = Usage([f"{BENCH}/bench-catalog", f"{folder}/state.db", str(n)]).output
        for line in out.splitlines():
            name, microseconds = line.split()
            costs.setdefault(name, []).append(int(microseconds) / 1000)
            if n == sizes[-1]:
                table.row(f"catalog, {n:,} versions, {n // 100:,} releases: {name}", "<= 1 ms", f"{costs[name][-1]:.2f} ms",
                          costs[name][-1] <= 1)
    for name in costs:
        table.growth(f"catalog: {name}", sizes, costs[name], "ms")


def images(table, plan):
    """Measures the search for releases by layer and by base image, and what facts of images take in the database."""
    sizes, costs = plan.sizes(10000, 100000, 1000000), {}
    for n in sizes:
        bytes_of = {}
        for what in ("none", "facts", *(("versions", "unused") if n == sizes[0] else ())):
            with tempfile.TemporaryDirectory() as folder:
                out = Usage([f"{BENCH}/bench-images", f"{folder}/state.db", what, str(n)]).output
                bytes_of[what] = os.stat(f"{folder}/state.db").st_size
            for line in out.splitlines():
                name, microseconds, found = line.split()
                costs.setdefault(name, []).append(int(microseconds) / 1000)
                if n == sizes[-1]:
                    table.row(f"images, {n:,} x 20 layers: {name}, processor", "<= 5 ms", f"{costs[name][-1]:.2f} ms, {int(found):,} releases",
                              costs[name][-1] <= 5)
        if n == sizes[-1]:
            ratio = bytes_of["facts"] / bytes_of["none"]
            table.row(f"images, {n:,} x 20 layers: database with facts", "<= 1.6 x", f"{ratio:.2f} x ({bytes_of['none'] / n:,.0f} and "
                      f"{bytes_of['facts'] / n:,.0f} bytes for each version in a release)", ratio <= 1.6)
        if n == sizes[0]:
            more = bytes_of["unused"] - bytes_of["versions"]
            table.row("images: facts of versions that no release has", "0 bytes", f"{more:,} bytes for {n:,} versions", more == 0)
    for name in costs:
        table.growth(f"images: {name}", sizes, costs[name], "ms")


def trust(table, _):
    """Measures the verification of one signature of each kind, without the requests for it."""
    for line in Usage([f"{BENCH}/bench-trust"]).output.splitlines():
        name, microseconds = line.split()
        table.row(f"verify a signature: {name.replace('-', ' ')}, processor", "<= 1 ms", f"{int(microseconds) / 1000:.2f} ms",
                  int(microseconds) <= 1000)


def gates(table, plan):
    """Measures one evaluation of all environments, which have all gates."""
    out = Usage([f"{BENCH}/bench-gates", "10000"]).output
    for line in out.splitlines():
        name, microseconds = line.split()
        milliseconds = int(microseconds) / 1000
        table.row(f"gates, 10,000 releases, 200 environments: {name}, processor", "<= 20 ms", f"{milliseconds:.1f} ms", milliseconds <= 20)


class Served(Built):
    """A daemon with an API over TCP. It has a component with 20 versions, and a second registry."""

    def __init__(self, small, large, build=BUILDDIR):
        super().__init__(build)
        self.port = free_port()
        self.write("r.yaml", registry_text("small", small.url) + "---\n" + registry_text("large", large.url))
        self.write("c.yaml", component_text("c", f"{small.host}/b"))
        lines = subprocess.run([f"{build}/relmanctl", "token", "bench"], capture_output=True, text=True, check=True).stdout.splitlines()
        self.token = lines[1]
        with open(f"{self.folder}/tokens", "w") as f:
            f.write(lines[4] + "\n")
        os.chmod(f"{self.folder}/tokens", 0o600)
        self.start(f"api: {{socket: {self.folder}/relmand.sock, listen: ['127.0.0.1:{self.port}'], tokenFile: {self.folder}/tokens}}\n")
        self.id = self.call("GET", "/api/v1/components")[1][0]["id"]
        while len(self.call("GET", f"/api/v1/components/{self.id}/versions")[1]) < 20:
            time.sleep(0.05)

    def wrk(self, limit, seconds):
        """Returns requests per second, requests per CPU second of the daemon, and p99 in ms, for 64 clients
        that keep their connections."""
        process = Process(self.process.pid)
        cpu = process.cpu()
        out = subprocess.run(["wrk", "-t1", "-c64", f"-d{seconds}s", "--latency", "-H", f"Authorization: Bearer {self.token}",
                              f"http://127.0.0.1:{self.port}/api/v1/components/{self.id}/versions?limit={limit}"], capture_output=True,
                             text=True, check=True).stdout
        cpu = process.cpu() - cpu
        n, taken = re.search(r"(\d+) requests in ([\d.]+)s", out).groups()
        most, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", out).groups()
        if "Non-2xx" in out or "Socket errors" in out:
            raise RuntimeError(out)
        return int(n) / float(taken), int(n) / cpu, float(most) * {"us": 0.001, "ms": 1, "s": 1000}[unit]

    def wrk_during_sync(self, large, seconds):
        """Runs wrk during a first sync. Returns the result of wrk() and the number of versions that the sync
        stored until its end."""
        self.write("large.yaml", component_text("large", f"{large.host}/b"))
        while metric(self, "relman_registry_requests_total") < 40:
            time.sleep(0.02)
        found = self.wrk(1, seconds)
        return found, self.stored.query("SELECT count(*) FROM version_maps")[0][0] - 20


def api(table, plan):
    """Measures 64 clients that keep their connections and read versions, with an idle daemon and during a
    first sync."""
    need("wrk")
    n = plan.sizes(200, 2000, 20000)[-1]
    small, large, found = StaticRegistry(20), StaticRegistry(n), {BUILDDIR: [], plan.against: []}
    try:
        for run in range(plan.runs):
            for build in filter(None, found):
                site = Served(small, large, build)
                try:
                    for limit, what in ((1, "the newest version"), (20, "20 versions")) if run == 0 and build == BUILDDIR else ():
                        rate, per_cpu, most = site.wrk(limit, plan.seconds)
                        table.row(f"API, 64 clients: {what}", ">= 20,000 a CPU second, p99 <= 5 ms",
                                  f"{per_cpu:,.0f} a CPU second ({rate:,.0f}/s), p99 {most:.1f} ms", per_cpu >= 20000 and most <= 5)
                    found[build].append(site.wrk_during_sync(large, plan.seconds))
                    site.stop()
                finally:
                    site.close()
    finally:
        small.close()
        large.close()
    most = median(of[2] for of, _ in found[BUILDDIR])
    table.row(f"API, 64 clients: the newest version, while {n:,} tags are synced first", "p99 <= 5 ms",
              f"p99 {most:.1f} ms; {median(of[1] for of, _ in found[BUILDDIR]):,.0f} a CPU second, the sync included; "
              f"{median(stored for _, stored in found[BUILDDIR]):,.0f} versions stored meanwhile", most <= 5)
    if plan.against:
        table.row("API, 64 clients, during a first sync, the build beside it", "", f"p99 {median(of[2] for of, _ in found[plan.against]):.1f} ms; "
                  f"{median(stored for _, stored in found[plan.against]):,.0f} versions stored meanwhile")


def size(table, plan):
    """Measures the file sizes of both programs after strip."""
    del plan
    sizes = {}
    with tempfile.TemporaryDirectory() as folder:
        for program in ("relmand", "relmanctl"):
            subprocess.run(["strip", "-o", f"{folder}/{program}", f"{BUILDDIR}/{program}"], check=True)
            sizes[program] = os.path.getsize(f"{folder}/{program}") / 1000
    total = sum(sizes.values())
    table.row("size: stripped relmand + relmanctl", "<= 600 KB", f"{total:.0f} KB ({sizes['relmand']:.0f} + {sizes['relmanctl']:.0f})",
              total <= 600)


ROWS = [first, background, rules, explain, load, start, lists, size, catalog, images, trust, gates, warm, many, push, branch, api, cold, counted, peers]
