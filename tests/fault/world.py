"""Shared code of the fault tests: a small installation, load on it, and the checks afterwards. Settings come
from the environment; a run with the same FAULT_SEED makes the same random choices. Each driver is a TAP
program like other tests."""

import atexit
import glob
import json
import mmap
import os
import random
import resource
import shutil
import signal
import sqlite3  # noqa: F401
import struct
import subprocess
import sys
import tempfile
import threading
import time

SRCDIR = os.environ.get("SRCDIR", os.path.abspath("."))
sys.path.insert(0, os.path.join(SRCDIR, "tests/lib"))
import yaml  # noqa: E402
from relman import BUILDDIR, Site, UnixConnection, relmanctl, wait_for  # noqa: E402
from standin import StandIn  # noqa: E402

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
PRELOAD = os.path.join(BUILDDIR, "tests/fault/preload.so")
SEED = int(os.environ.get("FAULT_SEED") or time.time())
LIVE = ("ready", "promoting", "deployed", "deprecated")
EXIT_LOADER = 127  # exit status of the dynamic loader, which prints its own message


resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def say(text):
    print("# " + text, flush=True)


def setting(name, default):
    return int(os.environ.get(name) or default)


def is_sanitized():
    with open(os.path.join(BUILDDIR, "relmand"), "rb") as f:
        return b"__asan_init" in f.read()


SANITIZED = is_sanitized()


def under_test(leaks=True, **faults):
    """Returns the environment for a program that runs with preload.so. faults: settings of preload.c."""
    env = dict(os.environ, ASAN_OPTIONS="verify_asan_link_order=0:allocator_may_return_null=1:quarantine_size_mb=4:"
               f"detect_leaks={int(leaks)}", UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1",
               LSAN_OPTIONS=f"suppressions={SRCDIR}/tests/fault/lsan.supp:print_suppressions=0", MALLOC_ARENA_MAX="1")
    if faults:
        if not os.path.exists(PRELOAD):
            raise FileNotFoundError(f"{PRELOAD}: make it with make check-crash")
        env["LD_PRELOAD"] = PRELOAD
        env.update({"FAULT_" + name.upper(): str(value) for name, value in faults.items()})
    return env


# --- installation
# -------------------------------------------------------------------------------------------------

class World(Site):
    """An installation and its registry. Specs declare `components`; the writers make other objects."""

    def __init__(self, components=("api", "worker"), versions=("v1.0.0", "v1.1.0", "v2.0.0-rc.1"), stream=""):
        super().__init__()
        self.registry = StandIn()
        self.components = components
        for name in components:
            for version in versions:
                self.registry.push(f"app/{name}", version)
        self.write("registry.yaml", document("Registry", "r", f"{{url: '{self.registry.url}', limits: {{timeout: 5s}}}}"))
        self.write("components.yaml", "---\n".join(self.component(name) for name in components))
        self.write("stream.yaml", document("ReleaseStream", "st", f"{{components: [{', '.join(components[:2])}], settle: 0s, keep: 5{stream}}}"))
        self.write("environments.yaml", document("Environment", "auto", "{stream: st, confirm: auto}") + "---\n" +
                   document("Environment", "manual", "{}"))
        self.write_release("one", "1.0.0")

    def close(self):
        super().close()
        self.registry.close()

    def wait_notify(self, wanted, seconds=20):
        """Like Site.wait_notify(), but fails at once if the daemon exits."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                return super().wait_notify(wanted, 0.2)
            except AssertionError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise

    def component(self, name):
        return document("Component", name, f"{{imageRepository: {self.registry.host}/app/{name}, versioningStrategy: {{type: semver}}}}")

    def write_release(self, name, version, file="release.yaml"):
        """Replaces a file atomically, as editors do: writes a new file and renames it."""
        self.write("." + file + ".new", document("Release", name, "{mode: pinned, components: [" + ", ".join(
            f"{{name: {c}, version: {version}}}" for c in self.components[:2]) + "]}"))
        os.rename(os.path.join(self.specs, "." + file + ".new"), os.path.join(self.specs, file))

    def move_files_to(self, folder):
        """Moves the state and the lockfiles to a folder, such as a disk with faults."""
        self.state, self.locks = os.path.join(folder, "state.db"), os.path.join(folder, "locks")

    def forget(self):
        for path in glob.glob(self.state + "*"):
            os.unlink(path)
        shutil.rmtree(self.locks, ignore_errors=True)

    def ready(self):
        return {row[0] for row in self.stored.query("SELECT name FROM releases WHERE status = 'ready'")}

    def lockfiles(self):
        return sorted(glob.glob(os.path.join(self.locks, "*/*/*.lock.yaml")))

    def run(self, *prefix, env=None, timeout=120):
        """Runs relmand --once, optionally under a program such as strace; returns (status, output)."""
        with subprocess.Popen([*prefix, *self.arguments("--once")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace",
                              env=env or under_test(leaks=False), start_new_session=True) as process:
            try:
                out, err = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)  # kills the program too, not only strace
                raise
        return process.returncode, err if process.returncode else err + out


# HANGS is the status of a program that did not end in HANG_SECONDS. If every send fails, libcurl waits ten
# seconds for the connection of each transfer, three or four times.
HANGS, HANG_SECONDS = -1000, 120


def run_or_hang(world, *prefix, **more):
    try:
        return world.run(*prefix, timeout=HANG_SECONDS, **more)
    except subprocess.TimeoutExpired as e:
        return HANGS, f"does not end in {HANG_SECONDS} s: {(e.stderr or b'').decode(errors='replace')}"


def document(kind, name, spec):
    return f"apiVersion: relman/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {spec}\n"


# --- checks
# -----------------------------------------------------------------------------------------------------------

def torn_files(world):
    """Returns the incomplete lockfiles that a deployer could read now."""
    files = world.lockfiles()
    if not files:
        return []
    status, out, err = relmanctl("verify", *files)
    return [] if status == 0 else [line for line in err.splitlines() if line] or [f"verify: {status}"]


def left_overs(world):
    return [p for p in glob.glob(world.locks + "/**/.*", recursive=True) + glob.glob(world.state + "-journal")
            if ".tmp." in p or p.endswith("-journal")]


def damage(world):
    """Returns the faults of the database: damaged pages, broken references, missing event numbers."""
    wrong = [f"integrity_check: {row[0]}" for row in world.stored.query("PRAGMA integrity_check") if row[0] != "ok"]
    wrong += [f"foreign_key_check: {row}" for row in world.stored.query("PRAGMA foreign_key_check")]
    low, high, n = world.stored.query("SELECT min(sequence), max(sequence), count(*) FROM events")[0]
    if n and (low != 1 or high != n):
        wrong.append(f"events have gaps: {n} from {low} to {high}")
    return wrong


def wanted_locks(world):
    """Returns the lockfiles that must exist according to the database: path -> (id, {component: digest})."""
    rows = world.stored.query("SELECT r.id, r.name, json_group_object(coalesce(c.name, rc.component_id), rc.digest) FROM releases r "
                       "JOIN release_components rc ON rc.release_id = r.id LEFT JOIN components c ON c.id = rc.component_id "
                       f"WHERE r.status IN {LIVE} GROUP BY r.id")
    wanted = {world.lock_path(name): (id, json.loads(digests)) for id, name, digests in rows}
    releases = {id: digests for id, digests in wanted.values()}
    for name, id in world.stored.query("SELECT e.name, s.release_id FROM release_environment_state s JOIN environments e ON e.id = s.environment_id"):
        wanted[os.path.join(world.locks, "default/environments", name + ".lock.yaml")] = (id, releases.get(id))
    return wanted


def read_lock(path):
    with open(path) as f:
        lock = yaml.load(f, Loader)
    return lock["metadata"]["id"], {c["name"]: c["digest"] for c in lock["components"]}


def differences(world):
    """Compares the lockfiles with the database; returns the faults."""
    wanted, found, wrong = wanted_locks(world), set(world.lockfiles()), []
    wrong += [f"'{path}' is missing" for path in wanted if path not in found]
    wrong += [f"'{path}' is of no live release" for path in found if path not in wanted]
    for path in found & set(wanted):
        try:
            is_equal = read_lock(path) == wanted[path]
        except (OSError, KeyError, TypeError, yaml.YAMLError) as e:
            wrong.append(f"'{path}': {e}")
            continue
        if not is_equal:
            wrong.append(f"'{path}' differs from the database")
    return wrong


def settle(world, seconds=20):
    """Waits until the lockfiles match the database and no temporary files exist. Returns the faults that
    remain."""
    try:
        wait_for(lambda: not differences(world) and not left_overs(world), seconds)
    except AssertionError:
        return differences(world) + [f"'{path}' was left" for path in left_overs(world)]
    return []


def all_that_is_wrong(world):
    return damage(world) + torn_files(world) + differences(world) + [f"'{path}' was left" for path in left_overs(world)]


def summary(world):
    """Returns the result of a run in a form that can be compared, without times and random ids."""
    return {
        "versions": world.stored.query("SELECT c.name, v.tag, v.digest, v.channel FROM version_maps v JOIN components c ON c.id = v.component_id ORDER BY 1, 2"),
        "tags": world.stored.query("SELECT c.name, t.tag FROM tags t JOIN components c ON c.id = t.component_id ORDER BY 1, 2"),
        "releases": world.stored.query("SELECT r.name, r.status, rc.digest FROM releases r JOIN release_components rc ON rc.release_id = r.id ORDER BY 1, 3"),
        "environments": world.stored.query("SELECT e.name, r.name, s.status FROM release_environment_state s JOIN environments e ON e.id = s.environment_id "
                                    "JOIN releases r ON r.id = s.release_id ORDER BY 1"),
        "events": sorted(world.stored.query("SELECT type, object_name FROM events WHERE type NOT LIKE 'registry.%'")),
        "locks": sorted((os.path.relpath(path, world.locks), sorted(read_lock(path)[1].items())) for path in world.lockfiles()),
    }


def difference(now, reference):
    """Returns the parts of two results of summary() that differ."""
    return {key: ([x for x in now[key] if x not in reference[key]], "instead of", [x for x in reference[key] if x not in now[key]])
            for key in reference if now[key] != reference[key]}


# --- a run with changes ---------------------------------------------------------------------------

def change(world, saved):
    """Makes a first run, saves its result, and then makes many changes for a second run."""
    status, said = world.run()
    if status:
        raise AssertionError(said)
    shutil.copytree(world.locks, os.path.join(saved, "locks"), symlinks=True)
    shutil.copy2(world.state, saved)
    for name in world.components:
        world.registry.push(f"app/{name}", "v1.3.0")
    world.write_release("two", "1.3.0")


def restore(world, saved):
    """Restores the state that change() saved; without change(), an empty state."""
    world.forget()
    if os.path.exists(os.path.join(saved, "locks")):
        shutil.copytree(os.path.join(saved, "locks"), world.locks, symlinks=True)
        shutil.copy2(os.path.join(saved, "state.db"), world.state)


# --- load -----------------------------------------------------------------------------------------

class Load:
    """Load on a daemon: pushes, edits of specs, and writers over the API. `acks` lists the acknowledged
    writes: (kind, key, value). Each is synced to a file outside the tested disk before the writer
    continues."""

    def __init__(self, world, n_writers=4):
        self.world, self.acks, self.pushed, self.edited = world, [], 0, 0
        self.log = open(os.path.join(world.folder, "acks"), "ab", buffering=0)
        self.lock = threading.Lock()
        self.counts = {}
        self.n_refused = 0
        self.writers = [f"w{i}" for i in range(n_writers)]
        for name in self.writers:
            world.registry.push(f"own/{name}", "v1.0.0")

    def start(self):
        self.is_over = threading.Event()
        self.threads = [threading.Thread(target=f, args=a, daemon=True) for f, a in
                        [(self.push, ()), (self.edit, ())] + [(self.write, (name,)) for name in self.writers]]
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.is_over.set()
        for thread in self.threads:
            thread.join()

    def acknowledge(self, *ack):
        with self.lock:
            self.log.write(json.dumps(ack).encode() + b"\n")
            os.fsync(self.log.fileno())
            self.acks.append(ack)

    def push(self):
        while not self.is_over.wait(0.05):
            self.pushed += 1
            self.world.registry.push("app/" + random.choice(self.world.components), f"v1.2.{self.pushed}")

    def edit(self):
        while not self.is_over.wait(0.1):
            self.edited += 1
            self.world.write_release(f"edited-{self.edited}", random.choice(("1.0.0", "1.1.0")))

    def write(self, name):
        connection = UnixConnection(self.world.socket, 30)
        try:
            while not self.is_over.is_set():
                self.write_once(name, connection)
        except OSError:
            pass  # the daemon was killed: this request was not acknowledged
        except Exception as e:
            if not self.is_over.is_set() and "Remote end closed" not in str(e) and "IncompleteRead" not in repr(e) and "BadStatus" not in repr(e):
                raise
        finally:
            connection.close()

    def write_once(self, name, connection):
        n = self.counts[name] = self.counts.get(name, 0) + 1
        host = self.world.registry.host

        def ask(method, path, body, *good):
            status, answer, _ = self.world.call(method, "/api/v1/" + path, body, connection=connection)
            self.n_refused += status not in good
            return answer if status in good else None
        if n == 1 and ask("POST", "components", {"name": name, "imageRepository": f"{host}/own/{name}", "registryIntegrationId": "r"}, 201):
            self.acknowledge("component", name, 0)
        if ask("PUT", f"components/{name}", {"displayName": str(n)}, 200):
            self.acknowledge("component", name, n)
        release = f"{name}-{n}"
        made = ask("POST", "releases", {"name": release, "components": [{"componentId": self.world.components[0], "version": "1.0.0"}]}, 201)
        if made:
            self.acknowledge("release", release, made["id"])
            if ask("POST", f"releases/{release}/promote", {"environmentId": "manual"}, 200, 202):
                self.acknowledge("promotion", release, made["id"])
        made = ask("POST", "version-maps", {"componentId": name, "tag": "v1.0.0", "semver": f"9.0.{n}", "channel": "blessed"}, 201)
        if made:
            self.acknowledge("version", name, n)


def lost(world, acks):
    """Returns the acknowledgements whose result is not in the database."""
    components = dict(world.stored.query("SELECT name, display_name FROM components WHERE managed_by = 'api'"))
    releases = {row[0] for row in world.stored.query("SELECT id FROM releases")}
    created = {row[0] for row in world.stored.query("SELECT object_id FROM events WHERE type = 'release.created'")}
    promoted = {row[0] for row in world.stored.query("SELECT result_id FROM audit WHERE object_name = 'manual' AND outcome = 'accepted'")}
    versions = dict(world.stored.query("SELECT c.name, v.semver FROM version_maps v JOIN components c ON c.id = v.component_id WHERE v.source = 'manual'"))
    missing = []
    for kind, key, value in acks:
        if kind == "component":
            text = components.get(key)
            is_there = text is not None and (not text.isdigit() or int(text) >= value) and (value == 0 or text.isdigit())
        elif kind == "version":
            is_there = int(versions.get(key, "9.0.-1").rsplit(".", 1)[1]) >= value
        else:
            is_there = value in releases and value in created if kind == "release" else value in promoted
        if not is_there:
            missing.append(f"{kind} {key} {value}")
    return missing


# --- allocations that fail ------------------------------------------------------------------------

class Control:
    """The memory that is shared with preload.c: its struct Control."""

    def __init__(self):
        fd, self.path = tempfile.mkstemp(prefix="relman-control-")
        atexit.register(lambda: os.path.exists(self.path) and os.unlink(self.path))
        os.write(fd, bytes(32))
        self.memory = mmap.mmap(fd, 32)
        os.close(fd)

    def calls(self):
        return struct.unpack_from("Q", self.memory, 0)[0]

    def failed(self):
        return struct.unpack_from("Q", self.memory, 24)[0]

    def arm(self, n, times=1):
        """Makes the n-th allocation from now fail, and the allocations after it until times have failed."""
        at = self.calls() + n
        struct.pack_into("Q", self.memory, 8, 0)
        struct.pack_into("QQ", self.memory, 16, times, 0)
        struct.pack_into("Q", self.memory, 8, at)

    def disarm(self):
        struct.pack_into("Q", self.memory, 8, 0)

    def reset(self):
        self.memory[:] = bytes(32)
