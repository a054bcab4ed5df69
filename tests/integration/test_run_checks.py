#!/usr/bin/env python3
"""Tests checks that relmand runs itself: programs of relmand.yaml, before and after a promotion, with kills and
reloads while they run."""

import json
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import relman  # noqa: E402
import test_checks  # noqa: E402
import yaml  # noqa: E402
from relman import wait_for  # noqa: E402
from test_gates import CONFIG  # noqa: E402

LONG = "echo $$ >> {pids}; exec sleep 600"


class Case(test_checks.Case):
    def setUp(self):
        super().setUp()
        self.pids = os.path.join(self.site.folder, "pids")
        self.addCleanup(self.end_left)

    def end_left(self):
        for pid in self.started():
            self.assertFalse(self.runs(pid), f"process {pid} was left")

    def started(self):
        """Returns the processes that scripts wrote to the file."""
        if not os.path.exists(self.pids):
            return []
        with open(self.pids) as f:
            return [int(line) for line in f]

    def runs(self, pid):
        try:
            with open(f"/proc/{pid}/stat") as f:
                return f.read().rsplit(")", 1)[1].split()[0] != "Z"
        except (FileNotFoundError, ProcessLookupError):  # the latter if it ends meanwhile
            return False

    def wait_end(self, pid):
        wait_for(lambda: not self.runs(pid), 20, "the end of the program")

    def config(self, **scripts):
        """Returns a configuration with a check for each script. A dict has other fields."""
        checks = []
        for name, script in scripts.items():
            more = script if isinstance(script, dict) else {"script": script}
            run = {"name": name, **{k: v for k, v in more.items() if k != "script"}}
            if "script" in more:
                run["exec"] = ["/bin/sh", "-c", more["script"].replace("{pids}", self.pids).replace("{folder}", self.site.folder)]
            checks.append(run)
        self.configured = CONFIG + yaml.safe_dump({"checks": checks}, width=1000)
        return self.configured

    def kill(self):
        """Kills relmand and its programs, as systemd does with a unit."""
        self.site.process.kill()
        self.site.process.wait()
        for pid in self.started():
            if self.runs(pid):
                os.kill(pid, signal.SIGKILL)
        self.site.start(self.configured)

    def restart(self, **scripts):
        self.site.stop()
        self.site.start(self.config(**scripts))

    def wait_states(self, wanted, environment="prod", release=None):
        wait_for(lambda: self.states(environment, release) == wanted, 20, str(wanted))

    def wait_started(self, n=1):
        wait_for(lambda: len(self.started()) == n, 20, f"{n} programs")
        return self.started()[-1]

    def no_message(self, check):
        return {k: check[k] for k in ("state", "by", "person", "message", "run")}


class Before(Case):
    def test_a_release_whose_check_passes_is_promoted(self):
        self.push("1.0.0")
        self.specs(prod="stream: s, checks: {before: [{name: smoke, run: probe}]}")
        self.site.start(self.config(probe="env | grep ^RELMAN_ | sort; cat > {folder}/input; cat \"$RELMAN_PATH\" > {folder}/lock; printf 'tab\\tred\\033[0m\\377\\r\\n'"))
        self.wait_state("prod", "s-1.0.0")
        check = self.checks()["smoke"]
        self.assertEqual(self.no_message(check), {"state": "passed", "by": "relmand", "person": None, "message": None, "run": "probe"})
        lines = check["output"].split("\n")
        release = self.get("releases/s-1.0.0")
        path = os.path.join(self.site.locks, "default/releases/s-1.0.0.lock.yaml")
        for line in ("RELMAN_CHECK=smoke", "RELMAN_CHECK_WHEN=before", "RELMAN_ENVIRONMENT=prod", f"RELMAN_PATH={path}", "RELMAN_RELEASE=s-1.0.0",
                     f"RELMAN_RELEASE_ID={release['id']}", "RELMAN_TENANT=default", "tab\tred\\x1B[0m\\xFF"):
            self.assertIn(line, lines)
        self.assertNotIn("RELMAN_PROMOTION_ID", check["output"])
        with open(os.path.join(self.site.folder, "input")) as f:
            self.assertEqual({key: value for key, value in json.load(f).items() if key in ("environment", "name", "releaseName")}, {"environment": "prod"})
        with open(os.path.join(self.site.folder, "lock")) as f:
            self.assertIn("s-1.0.0", f.read())
        self.assertIn("\noutput of check 'smoke':\n    RELMAN_CHECK=smoke\n", self.ctl("checks", "prod", "-o", "wide"))
        self.assertNotIn("output of check", self.ctl("checks", "prod"))
        self.assertEqual(self.happened("check.passed"), [("prod", "s-1.0.0", "smoke", None)])

    def test_a_release_whose_check_fails_stays_out(self):
        self.push("1.0.0")
        self.specs(prod="stream: s, checks: {before: [{name: smoke, run: probe}]}")
        self.site.start(self.config(probe="echo first; echo the login does not answer >&2; echo; exit 3"))
        self.wait_for_reason("CheckFailed")
        check = self.checks()["smoke"]
        self.assertEqual((check["state"], check["message"], check["output"]),
                         ("failed", "/bin/sh exited with status 3: the login does not answer", "first\nthe login does not answer\n\n"))
        self.assertEqual(self.happened("check.failed"), [("prod", "s-1.0.0", "smoke", check["message"])])
        self.assertIn(check["message"], self.ctl("status", wanted=1))
        self.assertIn(check["message"], self.ctl("why", "prod", wanted=1))
        self.assertIn(f"check 'smoke' failed: {check['message']}; to run it again: relmanctl check s-1.0.0 prod smoke --run", self.pending()["message"])
        self.assertEqual(self.pending()["next"], "relmanctl check s-1.0.0 prod smoke --run")
        # nobody else reports it, unless the spec says who
        said = self.check("s-1.0.0", "prod", "smoke", "--pass", wanted=1)
        self.assertIn("relmand runs check 'smoke' of environment 'prod' (", said)
        self.assertIn("nobody else reports it, unless its from names persons", said)
        self.kill()
        self.assertEqual((self.states(), len(self.happened("check.failed"))), ({"smoke": "failed"}, 1))
        self.specs(prod="stream: s, checks: {before: [{name: smoke, run: probe, from: [anna, root]}]}")
        wait_for(lambda: self.checks()["smoke"]["from"] == ["anna", "root"], 20, "the specs")
        self.check("s-1.0.0", "prod", "smoke", "--pass", "--message", "known")
        self.wait_state("prod", "s-1.0.0")
        self.assertEqual((self.checks()["smoke"]["output"], self.checks()["smoke"]["person"]), (None, "root"))

    def test_a_person_runs_a_failed_check_again(self):
        self.push("1.0.0")
        self.specs(prod="stream: s, checks: {before: [{name: smoke, run: probe}, {name: load}], after: [{name: late, run: probe}]}")
        self.site.start(self.config(probe="echo $$ >> {pids}; [ -e {folder}/ok ] || exit 1; while [ ! -e {folder}/go ]; do sleep 0.1; done"))
        self.wait_for_reason("CheckFailed")
        open(os.path.join(self.site.folder, "ok"), "w").close()
        said = self.check("s-1.0.0", "prod", "smoke", "--run")
        self.assertIn("check 'smoke' of release 's-1.0.0' runs\n", said)
        self.check("s-1.0.0", "prod", "smoke", "--run")  # it runs already
        self.assertEqual(self.checks()["smoke"]["by"], "uid:0")
        self.wait_started(2)
        self.kill()
        open(os.path.join(self.site.folder, "go"), "w").close()
        self.wait_states({"smoke": "passed", "load": "running", "late": "open"})
        self.assertEqual(self.happened("check.passed"), [("prod", "s-1.0.0", "smoke", None)])
        smoke = self.checks()["smoke"]
        self.assertEqual((smoke["by"], smoke["person"], len(self.started())), ("relmand", None, 3))
        for name, problem in (("load", "relmand does not run check 'load' of environment 'prod': report its result with relmanctl check s-1.0.0 prod load --pass or --fail"),
                              ("late", "check 'late' of environment 'prod' runs after each promotion: relmanctl promote s-1.0.0 prod is another one")):
            self.assertIn(problem, self.check("s-1.0.0", "prod", name, "--run", wanted=1))
        self.assertIn("--promotion, --evidence and --message belong to --pass and --fail",
                      self.check("s-1.0.0", "prod", "smoke", "--run", "--message", "x", wanted=2))
        self.assertIn("say whether the check passed", self.check("s-1.0.0", "prod", "smoke", "--run", "--pass", wanted=2))
        body = {"releaseId": "s-1.0.0", "check": "smoke", "status": "running", "evidenceRef": "https://ci/1"}
        self.assertEqual(self.site.call("POST", "/api/v1/environments/prod/checks", body)[0], 400)
        self.assertEqual(self.site.call("POST", "/api/v1/environments/prod/checks", dict(body, status="canceled"))[0], 400)

    def test_a_person_runs_the_checks_of_a_release_that_is_not_next(self):
        self.push("1.0.0")
        self.specs(dev="stream: s", prod="promotesFrom: dev, checks: {before: [{name: smoke, run: probe}]}")
        self.site.start(self.config(probe="exec sleep 1"))
        self.wait_state("dev", "s-1.0.0")
        said = self.ctl("promote", "s-1.0.0", "prod", wanted=1)
        self.assertIn("relmanctl check s-1.0.0 prod smoke --run", said)
        self.check("s-1.0.0", "prod", "smoke", "--run")
        self.ctl("hold", "dev")
        self.next("2.0.0")
        self.wait_states({"smoke": "passed"}, release="s-1.0.0")
        self.ctl("promote", "s-1.0.0", "prod")
        self.wait_state("prod", "s-1.0.0")
        self.assertIn("was promoted to environment 'prod' already", self.check("s-1.0.0", "prod", "smoke", "--run", wanted=1))
        wait_for(lambda: self.site.call("GET", "/api/v1/releases/s-2.0.0")[0] == 200, 20, "the second release")
        self.assertIn("check 'smoke' does not run yet: release 's-2.0.0'", self.check("s-2.0.0", "prod", "smoke", "--run", wanted=1))
        self.assertEqual(self.states(release="s-2.0.0"), {"smoke": "open"})

    def test_how_a_program_ends_is_the_message(self):
        self.push("1.0.0")
        self.specs(prod="stream: s, checks: {before: [{name: a, run: a}, {name: b, run: b}, {name: c, run: c}, {name: d, run: d}]}")
        self.site.start(self.config(a="kill -9 $$", b={"script": "echo waits; sleep 600", "timeout": "1s"}, c={"exec": ["/nonexistent/x"]},
                                    d={"script": "head -c 200000 /dev/zero; echo end; exit 1"}))
        self.wait_states(dict.fromkeys("abcd", "failed"))
        checks = self.checks()
        self.assertEqual([checks[name]["message"] for name in "abcd"],
                         ["/bin/sh was killed by signal 9", "/bin/sh was ended after 1s: waits",
                          "cannot run '/nonexistent/x': No such file or directory", checks["d"]["message"]])
        self.assertEqual(checks["d"]["message"], "/bin/sh exited with status 1: " + 50 * "\\x00")
        # 64 KiB of text, of which the last are the end of the program's output
        self.assertEqual((len(checks["d"]["output"]), checks["d"]["output"][-8:]), (64 * 1024, "\\x00end\n"))

    def test_what_a_program_leaves_is_ended_with_it(self):
        self.push("1.0.0")
        self.specs(prod="stream: s, checks: {before: [{name: a, run: a}, {name: b, run: b}]}")
        self.site.start(self.config(a="(trap '' TERM; echo $(exec sh -c 'echo $PPID') >> {pids}; while :; do sleep 1; done) & while [ ! -s {pids} ]; do sleep 0.1; done; echo done",
                                    b={"script": "trap '' TERM; echo $$ >> {pids}; while :; do sleep 1; done", "timeout": "1s"}))
        self.wait_states({"a": "passed", "b": "failed"})
        for pid in self.started():
            self.wait_end(pid)

    def test_a_killed_daemon_runs_it_again(self):
        self.push("1.0.0")
        self.specs(prod="stream: s, checks: {before: [{name: smoke, run: probe}]}")
        self.site.start(self.config(probe="echo $$ >> {pids}; [ $(wc -l < {pids}) -gt 1 ] || exec sleep 600; echo again"))
        self.wait_started()
        since = self.checks()["smoke"]["startedAt"]
        self.kill()
        self.wait_state("prod", "s-1.0.0")
        check = self.checks()["smoke"]
        self.assertEqual((check["output"], check["startedAt"], len(self.started())), ("again\n", since, 2))

    def test_it_ends_when_relmand_stops(self):
        self.push("1.0.0")
        self.specs(prod="stream: s, checks: {before: [{name: smoke, run: probe}]}")
        self.site.start(self.config(probe=LONG))
        pid = self.wait_started()
        self.assertIn("\nnext: nothing to type; it continues on its own\n", self.ctl("why", "prod", wanted=1))
        self.site.stop()
        self.assertFalse(self.runs(pid))

    def test_a_late_check_is_ended(self):
        self.push("1.0.0")
        self.specs(prod="stream: s, checks: {before: [{name: smoke, run: probe, timeout: 2s}]}")
        self.site.start(self.config(probe=LONG))
        self.wait_for_reason("CheckFailed")
        self.assertEqual(self.happened("check.failed"), [("prod", "s-1.0.0", "smoke", "timed out after 2s")])
        self.wait_end(self.started()[0])

    def test_it_ends_with_its_release_and_with_a_hold(self):
        self.push("1.0.0")
        self.specs(prod="stream: s, checks: {before: [{name: smoke, run: probe}]}")
        self.site.start(self.config(probe=LONG))
        first = self.wait_started()
        self.next("2.0.0")
        second = self.wait_started(2)
        self.wait_end(first)
        self.assertEqual((self.states(release="s-1.0.0"), self.states(release="s-2.0.0")), ({"smoke": "canceled"}, {"smoke": "running"}))
        self.ctl("hold", "prod", "--reason", "later")
        self.wait_end(second)
        self.ctl("resume", "prod")
        self.wait_started(3)
        self.site.stop()

    def test_a_reload_ends_what_it_removes(self):
        self.push("1.0.0")
        self.specs(prod="stream: s, checks: {before: [{name: smoke, run: probe}]}")
        self.site.start(self.config(probe=LONG, other="echo other"))
        first = self.wait_started()
        # an edit that leaves the check as it is does not disturb it
        self.specs(prod="stream: s, approvals: 1, checks: {before: [{name: smoke, run: probe}]}")
        wait_for(lambda: self.pending()["reason"] == "ApprovalsMissing", 20, "the specs")
        self.assertTrue(self.runs(first))
        # the spec names no program any more: a person reports the check
        self.specs(prod="stream: s, approvals: 1, checks: {before: [{name: smoke}]}")
        self.wait_end(first)
        self.assertEqual(self.states(), {"smoke": "running"})
        self.specs(prod="stream: s, approvals: 1, checks: {before: [{name: smoke, run: probe}]}")
        second = self.wait_started(2)
        # another program
        self.specs(prod="stream: s, approvals: 1, checks: {before: [{name: smoke, run: other}]}")
        self.wait_states({"smoke": "passed"})
        self.wait_end(second)
        self.assertEqual(self.checks()["smoke"]["output"], "other\n")
        self.specs(prod="stream: s, approvals: 1, checks: {before: [{name: load, run: probe}]}")
        third = self.wait_started(3)
        self.specs(prod="stream: s, approvals: 1")
        self.wait_end(third)
        self.specs(prod="stream: s, approvals: 1, checks: {before: [{name: load, run: probe}]}")
        fourth = self.wait_started(4)
        self.specs()
        self.ctl("confirm-prune")
        self.wait_end(fourth)

    def test_a_bounded_number_runs_at_once(self):
        self.push("1.0.0")
        names = [f"c{i}" for i in range(10)]
        self.specs(prod="stream: s, checks: {before: [%s]}" % ", ".join(f"{{name: {name}, run: probe}}" for name in names))
        self.site.start(self.config(probe="echo $$ >> {pids}; while [ ! -e {folder}/go ]; do sleep 0.1; done"))
        self.wait_started(8)
        self.assertEqual(self.states(), dict.fromkeys(names, "running"))
        self.kill()
        self.wait_started(16)
        with open(os.path.join(self.site.folder, "go"), "w"):
            pass
        self.wait_state("prod", "s-1.0.0")
        self.assertEqual((self.states(), len(self.started())), (dict.fromkeys(names, "passed"), 18))


class After(Case):
    def test_a_failed_release_that_stays_stands_in_the_way(self):
        self.push("1.0.0")
        self.specs(dev="stream: s", prod="onFailure: hold, checks: {after: [{name: smoke, run: probe}]}")
        self.site.start(self.config(probe="echo no login; exit 3"))
        self.wait_state("dev", "s-1.0.0")
        self.ctl("promote", "s-1.0.0", "prod")
        self.wait_state("prod", "s-1.0.0", "failed")
        said = self.ctl("why", "prod", wanted=1)
        self.assertIn("check 'smoke' failed: /bin/sh exited with status 3: no login", said)
        self.assertIn("next: relmanctl promote s-1.0.0 prod tries it again; relmanctl rollback prod restores the release before", said)

    def test_a_deployment_counts_after_its_check(self):
        self.push("1.0.0")
        self.specs(prod="stream: s, checks: {after: [{name: smoke, run: probe}]}")
        self.site.start(self.config(probe="env | grep -E '^RELMAN_(CHECK|PATH|PROMOTION)' | sort; grep -c s-1.0.0 \"$RELMAN_PATH\" >&2"))
        self.wait_state("prod", "s-1.0.0")
        promotion = self.get("environments/prod/history")[0]["promotionId"]
        path = os.path.join(self.site.locks, "default/environments/prod.lock.yaml")
        self.assertIn(f"RELMAN_CHECK=smoke\nRELMAN_CHECK_WHEN=after\nRELMAN_PATH={path}\nRELMAN_PROMOTION_ID={promotion}\n", self.checks()["smoke"]["output"])

    def test_a_failure_restores_the_release_before(self):
        self.push("1.0.0")
        self.specs(prod="stream: s, checks: {after: [{name: smoke, run: probe}]}")
        self.site.start(self.config(probe="[ $RELMAN_RELEASE = s-1.0.0 ] || { echo no login; exit 1; }"))
        self.wait_state("prod", "s-1.0.0")
        self.next("2.0.0")
        wait_for(lambda: self.get("environments/prod")["hold"], 20, "the failure")
        reason = "check 'smoke' failed: /bin/sh exited with status 1: no login"
        self.assertEqual((self.state("prod"), self.get("environments/prod")["hold"]["reason"]),
                         (("s-1.0.0", "deployed"), f"release 's-2.0.0' failed: {reason}"))
        self.assertIn(("s-2.0.0", "failed", reason), self.history())
        self.assertIn("s-1.0.0", self.ctl("lock", "prod"))
        self.kill()
        self.assertEqual((self.state("prod"), len(self.happened("check.failed"))), (("s-1.0.0", "deployed"), 1))
        self.assertEqual(self.checks("prod", "s-2.0.0")["smoke"]["output"], "no login\n")

    def test_it_runs_again_for_each_attempt(self):
        self.push("1.0.0")
        self.specs(prod="stream: s, checks: {after: [{name: smoke, run: probe}]}")
        self.site.start(self.config(probe="echo $$ >> {pids}; [ $(wc -l < {pids}) -gt 1 ] || exec sleep 600"))
        pid = self.wait_started()
        # the promotion ends while the check runs: the result of that run would come too late
        self.ctl("cancel", "prod")
        self.wait_end(pid)
        self.ctl("resume", "prod")
        self.wait_state("prod", "s-1.0.0")
        self.assertEqual(len(self.started()), 2)
        self.assertEqual(self.happened("check.failed"), [])

    def test_a_killed_daemon_runs_it_again(self):
        self.push("1.0.0")
        self.specs(prod="stream: s, checks: {after: [{name: smoke, run: probe}]}")
        self.site.start(self.config(probe="echo $$ >> {pids}; [ $(wc -l < {pids}) -gt 1 ] || exec sleep 600; exit 1"))
        self.wait_started()
        self.kill()
        wait_for(lambda: self.get("environments/prod")["hold"], 20, "the failure")
        self.assertEqual([row[:2] for row in self.history()], [("s-1.0.0", "promoting"), ("s-1.0.0", "failed")])


class Specs(Case):
    def test_a_spec_names_a_check_of_the_configuration(self):
        self.push("1.0.0")
        self.specs(prod="stream: s, checks: {before: [{name: smoke, run: prob}]}")
        self.site.start(self.config(probe="true", theirs={"script": "true", "tenants": ["other"]}))
        self.assertIn("check 'smoke': relmand.yaml has no check 'prob'; declare it there in checks, and restart relmand", self.ctl("status", wanted=1))
        self.specs(prod="stream: s, checks: {before: [{name: smoke, run: theirs}]}")
        self.assertIn("the documents have 1 error; the first: check 'smoke': relmand.yaml does not allow check 'theirs' for tenant 'default'; add it to its tenants", self.ctl("plan", self.site.specs, wanted=1))
        path = os.path.join(self.site.folder, "check.yaml")
        with open(path, "w") as f:
            f.write(self.configured)
        r = subprocess.run(self.site.arguments("--check", "--config", path), capture_output=True, text=True, timeout=60)
        self.assertEqual(r.returncode, 1, r.stdout + r.stderr)
        self.assertIn("relmand.yaml does not allow check 'theirs' for tenant 'default'", r.stdout + r.stderr)
        self.specs(prod="stream: s, checks: {before: [{name: smoke, run: probe}]}")
        wait_for(lambda: self.get("environments"), 20, "the specs")
        self.wait_state("prod", "s-1.0.0")
        # without its definition the last good spec stays, and its check waits
        self.next("2.0.0")
        self.wait_state("prod", "s-2.0.0")
        self.restart(probe=LONG)
        self.next("3.0.0")
        pid = self.wait_started()
        self.restart(other="true")
        self.assertFalse(self.runs(pid))
        self.wait_states({"smoke": "running"})
        self.assertIn("relmand.yaml has no check 'probe'", self.ctl("status", wanted=1))
        self.restart(probe="true")
        self.wait_state("prod", "s-3.0.0")

    def test_mistakes_in_the_configuration_have_a_place(self):
        self.push("1.0.0")
        self.specs(prod="stream: s")
        for text, said in (("[{name: a}]", "exactly one of exec and http must be given"), ("[{exec: [/bin/true]}]", "name"), ("[{name: a, exec: [true]}]", '"true" is not an absolute path'),
                           ("[{name: a, exec: [/bin/true], timeout: 0s}]", "timeout"), ("[{name: a, exec: [/bin/true], timeout: 31d}]", "timeout is longer than 30d"),
                           ("[{name: a, exec: [/bin/true], tenants: [A/b]}]", "not the name of a tenant"),
                           ("[{name: a, exec: [/bin/true]}, {name: a, exec: [/bin/true]}]", "there is a check 'a' already")):
            path = os.path.join(self.site.folder, "bad.yaml")
            with open(path, "w") as f:
                f.write(f"checks: {text}\n")
            status, out, err = self.site.once("--config", path)
            self.assertEqual(status, 2, out + err)
            self.assertIn(said, err)
            self.assertIn("bad.yaml:1:", err)

    def test_once_waits_for_its_checks(self):
        self.push("1.0.0")
        self.specs(prod="stream: s, checks: {before: [{name: smoke, run: probe}], after: [{name: ping, run: probe}]}")
        path = os.path.join(self.site.folder, "once.yaml")
        with open(path, "w") as f:
            f.write(self.config(probe="sleep 1"))
        status, out, err = self.site.once("--config", path)
        self.assertEqual(status, 0, out + err)
        self.assertEqual([(row[1], row[2]) for row in self.rows()], [("smoke", "passed"), ("ping", "passed")])


if __name__ == "__main__":
    relman.main()
