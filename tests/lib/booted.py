"""A separate Debian for a test with systemd as PID 1, in namespaces of this machine: its own processes,
mounts, network, cgroups.

It needs root, namespaces and a cgroup v2 tree; why_not() returns what is missing. The system ends when the
object is closed or when the process that made it ends."""

import contextlib
import ctypes
import os
import shutil
import subprocess
import tempfile
import time

from docker_registry import die_with_parent
from relman import BUILDDIR, SRCDIR, wait_for

NAMESPACES = ["--fork", "--kill-child", "--pid", "--mount", "--ipc", "--uts", "--net", "--cgroup", "--propagation", "private"]
CLONE_NEWNET = 0x40000000


def cgroup_tree():
    """Returns where cgroup v2 is mounted, alone or beside v1; None if it is not mounted."""
    with open("/proc/mounts") as f:
        return next((line.split()[1] for line in f if line.split()[2] == "cgroup2"), None)


def why_not():
    """Returns None if a system can be booted on this machine; otherwise the reason why not."""
    if os.geteuid() != 0:
        return "booting systemd needs root"
    missing = [tool for tool in ("mmdebstrap", "unshare", "nsenter", "dpkg-buildpackage", "lintian") if not shutil.which(tool)]
    if missing:
        return f"{', '.join(missing)} is missing"
    if not cgroup_tree():
        return "there is no cgroup v2 tree"
    probe = subprocess.run(["unshare", *NAMESPACES, "sh", "-c", "mount -t tmpfs tmpfs /mnt && ip link set lo up"],
                           capture_output=True, text=True)
    return f"no namespaces here: {probe.stderr.strip()}" if probe.returncode else None


class Booted:
    def __init__(self):
        cache = os.path.join(BUILDDIR, "systemd-test")
        os.makedirs(cache, exist_ok=True)
        made = subprocess.run([f"{SRCDIR}/tests/lib/make-root", cache], check=True, stdout=subprocess.PIPE, text=True)
        self.folder = tempfile.mkdtemp(prefix="relman-booted-")
        self.root = os.path.join(self.folder, "root")
        subprocess.run(["cp", "-a", "--reflink=auto", made.stdout.strip(), self.root], check=True)
        self.cgroup = os.path.join(cgroup_tree(), os.path.basename(self.folder))
        self.own_net = os.open("/proc/self/ns/net", os.O_RDONLY)
        self._boot()

    def _boot(self):
        os.mkdir(self.cgroup)

        def prepare():
            die_with_parent()
            with open(f"{self.cgroup}/cgroup.procs", "w") as f:
                f.write(str(os.getpid()))
        self.process = subprocess.Popen(["unshare", *NAMESPACES, f"{SRCDIR}/tests/lib/boot-systemd", self.root],
                                        stdin=subprocess.DEVNULL, preexec_fn=prepare)
        wait_for(self._find_init, 30, "PID 1")
        wait_for(lambda: self.run("systemctl", "is-system-running", check=False)[1].strip() in ("running", "degraded"), 60,
                 "a running system")

    def _find_init(self):
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as f:
            children = f.read().split()
        if not children:
            return False
        self.init = int(children[0])
        with contextlib.suppress(OSError):
            with open(f"/proc/{self.init}/comm") as f:
                return f.read() == "systemd\n"
        return False

    def close(self):
        self.leave_net()
        self.process.kill()
        self.process.wait()
        for folder, _, _ in os.walk(self.cgroup, topdown=False):
            with contextlib.suppress(OSError):
                wait_for(lambda: self._remove_cgroup(folder), 5)
        os.close(self.own_net)
        shutil.rmtree(self.folder, ignore_errors=True)

    @staticmethod
    def _remove_cgroup(folder):
        try:
            os.rmdir(folder)
        except OSError:
            return not os.path.exists(folder)
        return True

    # --- the network: this process and its children use the loopback of the host or of the system ------

    def _enter(self, fd):
        if ctypes.CDLL(None, use_errno=True).setns(fd, CLONE_NEWNET) < 0:
            raise OSError(ctypes.get_errno(), "setns")

    def enter_net(self):
        with open(f"/proc/{self.init}/ns/net") as f:
            self._enter(f.fileno())

    def leave_net(self):
        self._enter(self.own_net)

    # --- inside the booted system --------------------------------------------------------------------

    def run(self, *command, check=True, user=None, timeout=120):
        """Runs a command in the booted system; returns (exit status, standard output, standard error)."""
        as_user = ["setpriv", f"--reuid={user}", "--regid=nogroup", "--clear-groups"] if user else []
        r = subprocess.run(["nsenter", "-t", str(self.init), "-a", *as_user, *command], capture_output=True, text=True, timeout=timeout,
                           env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"})
        if check and r.returncode:
            raise AssertionError(f"{' '.join(command)}: exit status {r.returncode}\n{r.stdout}{r.stderr}\n{self.journal()[-3000:]}")
        return r.returncode, r.stdout, r.stderr

    def out(self, *command):
        return self.run(*command)[1].strip()

    def path(self, path):
        """Returns the path under which this process reaches a file of the system while the system runs."""
        return f"/proc/{self.init}/root{path}"

    def write(self, path, text, mode=0o644):
        os.makedirs(os.path.dirname(self.path(path)), exist_ok=True)
        with open(self.path(path), "w") as f:
            f.write(text)
        os.chmod(self.path(path), mode)

    def read(self, path):
        with open(self.path(path)) as f:
            return f.read()

    def exists(self, path):
        return os.path.lexists(self.path(path))

    def access(self, path):
        """Returns 'USER:GROUP MODE'."""
        return self.out("stat", "-c", "%U:%G %a", path)

    def show(self, unit, name):
        return self.out("systemctl", "show", "--value", "-p", name, unit)

    def journal(self, unit="relmand", *more, since=None):
        """Returns the log of a unit, since a result of time.time() if given. A cursor is not used, because
        journalctl with a unit skips the first entry after the cursor."""
        if since:
            more = (*more, "--since", f"@{since:.6f}")
        return self.run("journalctl", "-u", unit, "-o", "cat", "--no-pager", *more, check=False)[1]

    def install(self, *packages):
        for package in packages:
            shutil.copy(package, self.path("/root/"))
        return self.run("dpkg", "--install", *(f"/root/{os.path.basename(p)}" for p in packages))

    def drop_in(self, unit, text):
        """Replaces the drop-in that the test adds to a unit; an empty text removes it."""
        path = f"/etc/systemd/system/{unit}.d/test.conf"
        if text:
            self.write(path, text)
        elif self.exists(path):
            os.unlink(self.path(path))
        self.run("systemctl", "daemon-reload")
        self.run("systemctl", "reset-failed")

    def wait(self, condition, seconds, what):
        try:
            return wait_for(condition, seconds, what)
        except AssertionError as e:
            raise AssertionError(f"{e}; the journal:\n{self.journal()[-3000:]}")


def seconds(function, *arguments):
    start = time.monotonic()
    function(*arguments)
    return time.monotonic() - start
