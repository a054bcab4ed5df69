"""Measures first syncs, compared with a minimal libcurl loop, an older build and other programs."""

import os
import shutil
import subprocess

from measure import BENCH, BUILDDIR, Missing, StaticRegistry, Usage, component_site, instructions, median, need, once

GO_TAGS_MAX = 10000  # the Go program runs only up to this size, because its cost for each tag is constant


def go_scanner():
    """Builds go-scan with the Go packages of Debian, which are in a GOPATH. Returns the path of the
    program."""
    need("go")
    source, program = os.path.join(os.environ.get("SRCDIR", "."), "tests/bench/go-scan.go"), f"{BENCH}/go-scan"
    built = subprocess.run(["go", "build", "-tags", "containers_image_openpgp", "-o", program, os.path.abspath(source)],
                           env=dict(os.environ, GO111MODULE="off", GOPATH="/usr/share/gocode", GOFLAGS=""), capture_output=True, text=True)
    if built.returncode:
        raise Missing(f"go-scan.go was not built, is golang-github-containers-image-dev installed? {built.stderr.strip()[:200]}")
    return program


def sync_once(registry, n, build):
    """Runs a first sync; returns its usage. Checks its requests: a list, a HEAD for each tag, and up to two
    more for the newest tag."""
    site = component_site(registry, build)
    try:
        usage = once(site)
        stored = site.stored.query("SELECT count(*) FROM version_maps")[0][0]
        assert stored == n and n < usage.n_requests <= n + 3, (stored, usage.n_requests)
        return usage
    finally:
        site.close()


def programs(table, plan):
    """Returns {name: function} of the programs to measure. A name is that of a line in the plots. A function
    takes (registry, n) and returns a usage."""
    found = {"relman": lambda registry, n: sync_once(registry, n, BUILDDIR),
             "libcurl floor": lambda registry, n: Usage([f"{BENCH}/head-floor", f"{registry.url}/v2/b", str(n)])}
    if plan.against:
        found["relman before"] = lambda registry, n: sync_once(registry, n, plan.against)
    try:
        scanner = go_scanner()
        found["Go, containers/image"] = lambda registry, n: Usage([scanner, f"{registry.host}/b"]) if n <= GO_TAGS_MAX else None
    except Missing as missing:
        table.skip("scanner in Go", str(missing))
    return found


def alternate(n, runs, measured):
    """Runs the programs alternately; returns {name: usages}."""
    registry, usages = StaticRegistry(n), {name: [] for name in measured}
    try:
        for _ in range(runs):
            for name, run in measured.items():
                usage = run(registry, n)
                if usage:
                    usages[name].append(usage)
        assert registry.n_refused() == 0, "more than 16 requests at once"
    finally:
        registry.close()
    return {name: taken for name, taken in usages.items() if taken}


def ratio(usages, other, attribute):
    """Returns the median of the ratios of consecutive runs of relman and another program."""
    return median(getattr(a, attribute) / getattr(b, attribute) for a, b in zip(usages["relman"], usages[other]))


def add_points(table, n, usages):
    for name, taken in usages.items():
        table.point("cold-cpu", name, n, median(u.cpu for u in taken))
        table.point("cold-wall", name, n, median(u.wall for u in taken))
        table.point("cold-memory", name, n, median(u.peak for u in taken))


def others(table, n, usages):
    """Adds the rows of the other programs to the table."""
    for name in ("relman before", "Go, containers/image"):
        if name in usages:
            theirs = usages[name]
            table.row(f"cold sync of {n:,} tags, {name}", "", f"{median(u.cpu for u in theirs) / n * 1e6:.0f} us CPU a tag, "
                      f"{median(u.wall for u in theirs):.2f} s, {median(u.peak for u in theirs):.1f} MB; relman takes "
                      f"{ratio(usages, name, 'cpu'):.2f} x the CPU, {ratio(usages, name, 'wall'):.2f} x the time")


def cold(table, plan):
    """Measures first syncs with a HEAD for each tag, and compares them with a minimal libcurl loop that sends
    the same requests."""
    sizes, costs, measured = plan.sizes(1000, 10000, 100000), [], programs(table, plan)
    cpu_goals, memory_goals = {100000: 2.0}, {10000: 18, 100000: 40}
    for n in sizes:
        usages = alternate(n, plan.runs, measured)
        ours, floor = usages["relman"], usages["libcurl floor"]
        cpu, wall, goal = ratio(usages, "libcurl floor", "cpu"), ratio(usages, "libcurl floor", "wall"), cpu_goals.get(n, 1.6)
        peak, most = median(u.peak for u in ours), memory_goals.get(n)
        costs.append(median(u.cpu for u in ours))
        add_points(table, n, usages)
        table.row(f"cold sync of {n:,} tags, CPU", f"<= {goal} x bare libcurl HEADs",
                  f"{cpu:.2f} x ({costs[-1] / n * 1e6:.0f} us and {median(u.cpu for u in floor) / n * 1e6:.0f} us a tag)", cpu <= goal)
        table.row(f"cold sync of {n:,} tags, wall", "<= 1.3 x bare libcurl HEADs",
                  f"{wall:.2f} x ({median(u.wall for u in ours):.2f} s and {median(u.wall for u in floor):.2f} s)", wall <= 1.3)
        table.row(f"cold sync of {n:,} tags, peak memory", f"<= {most} MB" if most else "", f"{peak:.1f} MB",
                  peak <= most if most else None)
        others(table, n, usages)
    table.growth("cold sync, CPU", sizes, costs, "s", 1.05)


def instructions_a_tag(arguments_of, n):
    """Returns the number of instructions for each further tag, without those of a start.
    arguments_of(registry, n) returns (site or None, arguments of the program)."""
    counts = []
    for size in (n, 2 * n):
        registry = StaticRegistry(size)
        try:
            site, arguments = arguments_of(registry, size)
            counts.append(instructions(arguments))
            if site:
                site.close()
        finally:
            registry.close()
    return (counts[1] - counts[0]) / n


def counted(table, plan):
    """Counts the instructions of first syncs outside the kernel. Other load does not change them."""
    n = plan.sizes(500, 1000, 2000)[-1]

    def sync_of(build):
        def arguments_of(registry, size):
            del size
            site = component_site(registry, build)
            return site, site.arguments("--once")
        return arguments_of

    ours = instructions_a_tag(sync_of(BUILDDIR), n)
    floor = instructions_a_tag(lambda registry, size: (None, [f"{BENCH}/head-floor", f"{registry.url}/v2/b", str(size)]), n)
    table.row(f"cold sync, instructions a tag, {n:,} to {2 * n:,} tags", "", f"{ours:,.0f}, floor {floor:,.0f}")
    if plan.against:
        before = instructions_a_tag(sync_of(plan.against), n)
        table.row("cold sync, instructions a tag, the build beside it", "", f"{before:,.0f} ({ours / before:.2f} x)")


def peers(table, plan):
    """Measures skopeo on the same registry in the same run."""
    need("skopeo")
    n = plan.sizes(1000, 10000, 100000)[-1]
    registry = StaticRegistry(n)
    try:
        theirs = [Usage([shutil.which("skopeo"), "list-tags", "--tls-verify=false", f"docker://{registry.host}/b"])
                  for _ in range(plan.runs)]
        table.row(f"peer: skopeo list-tags of {n:,} tags", "", f"{median(u.cpu for u in theirs) * 1000:.0f} ms CPU, "
                                                               f"{median(u.peak for u in theirs):.0f} MB")
        asked = [Usage([shutil.which("skopeo"), "inspect", "--raw", "--tls-verify=false", f"docker://{registry.host}/b:v1.0.{100000 + i}"])
                 for i in range(10 * plan.runs)]
        table.row("peer: skopeo inspect --raw, a tag (a process each)", "", f"{median(u.cpu for u in asked) * 1e6:,.0f} us CPU, "
                                                                            f"{median(u.wall for u in asked) * 1e6:,.0f} us")
    finally:
        registry.close()
