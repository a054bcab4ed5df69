#!/usr/bin/env python3
"""Asks what environments had at an earlier time, what they can be rolled back to, and which digests must stay for
that, on a real registry."""

import json
import os
import re
import signal
import sys
import time
import urllib.request

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import DockerRegistry  # noqa: E402
from relman import SiteCase, document, documents, relmanctl, wait_for  # noqa: E402

CONFIG = "poll: {interval: 1h, jitter: 0%}\n"
PAST = "2020-01-01T00:00:00Z"


def now():
    """Returns the time in seconds, as relmand stores it, and waits until the next second."""
    text = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    while time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()) == text:
        time.sleep(0.02)
    return text


class Case(SiteCase):
    """Helpers for a shop with one component and releases one, two and three."""

    def setUp(self):
        super().setUp()
        self.registry = DockerRegistry()
        self.addCleanup(self.registry.close)
        for version in ("v1.0.0", "v1.1.0", "v1.2.0"):
            self.registry.push("app/api", version)

    def start(self, config=CONFIG, **environments):
        self.specs(**environments)
        self.site.start(config)
        self.wait_for_versions()
        for name, version in (("one", "1.0.0"), ("two", "1.1.0"), ("three", "1.2.0")):
            self.ctl("create", "release", name, "api=" + version)

    def specs(self, **environments):
        self.site.write("all.yaml", documents(*(document("Environment", name, spec) for name, spec in environments.items()),
                                              registry=self.registry, components=("api",)))

    def wait_for_versions(self):
        wait_for(lambda: len(self.get("components/api/versions")) == 3, 20, "versions")

    def promote(self, release, environment="prod"):
        self.ctl("promote", release, environment)

    def promote_deployed(self, release, environment="prod"):
        self.ctl("promote", release, environment, "--wait")

    def at(self, when, name="prod"):
        state = self.get(f"environments/{name}?asOf={when}")["state"]
        return state and (state["release"], state["status"], state["deployedRelease"])


class Compare(Case):
    def test_environments_of_now_and_then(self):
        self.start(prod="", staging="")
        self.promote_deployed("one")
        self.promote_deployed("one", "staging")
        then = now()
        self.promote_deployed("two")
        self.promote_deployed("three", "staging")
        for sides, heads, versions in (
                (("prod", "staging"), ["environment 'prod': release 'two'", "environment 'staging': release 'three'"], ("1.1.0", "1.2.0")),
                ((f"prod@{then}", "prod"), [f"environment 'prod' at {then}: release 'one'", "environment 'prod': release 'two'"], ("1.0.0", "1.1.0")),
                ((f"environment/prod@{then}", "three"), [f"environment 'prod' at {then}: release 'one'"], ("1.0.0", "1.2.0")),
                (("three", "staging", "--as-of", then), [f"environment 'staging' at {then}: release 'one'"], ("1.2.0", "1.0.0"))):
            lines = self.ctl("compare", *sides).splitlines()
            self.assertEqual(lines[:len(heads)], heads)
            row = lines[-1].split()
            self.assertEqual((row[0], row[2], row[4]), ("api", *versions), lines)
        self.assertEqual(self.ctl("compare", "prod", "staging", "--as-of", then).splitlines(), [
            f"environment 'prod' at {then}: release 'one'", f"environment 'staging' at {then}: release 'one'", "1 component is unchanged"])
        answer = json.loads(self.ctl("compare", f"prod@{then}", "prod", "-o", "json"))
        self.assertEqual((answer["releaseAName"], answer["releaseBName"]), ("one", "two"))

    def test_what_cannot_be_compared(self):
        self.start(prod="", empty="")
        self.promote_deployed("one")
        for words, said, status in (
                (("prod", "empty"), "environment 'empty' has no release; relmanctl history empty lists what was deployed when", 1),
                ((f"prod@{PAST}", "one"), f"environment 'prod' has no release at {PAST}; relmanctl history prod", 1),
                (("onne", "two"), "there is no release 'onne' in tenant 'default'; did you mean 'one'", 1),
                (("prd@1h", "two"), "there is no environment 'prd' in tenant 'default'; did you mean 'prod'", 1),
                (("one", "two", "--as-of", "1h"), "a release does not change", 2), (("release/one@1h", "two"), "a release does not change", 2),
                (("prod@soon", "two"), "--as-of takes a time", 2), (("component/api", "two"), "unknown kind 'component'", 2)):
            self.assertIn(said, self.ctl("compare", *words, wanted=status))

    def test_a_release_comes_before_an_environment_of_its_name(self):
        self.start(two="")
        self.promote_deployed("three", "two")
        self.assertEqual(self.ctl("compare", "two", "two"), "1 component is unchanged\n")
        self.assertIn("environment 'two': release 'three'\n", self.ctl("compare", "two", "environment/two"))


class AsOf(Case):
    def test_the_state_at_each_time_is_told_again_also_after_a_restart(self):
        self.start(prod="confirm: manual", dev="")
        before = now()
        self.promote("one")
        promoting = now()
        self.ctl("confirm", "prod")
        deployed = now()
        self.promote("two")
        second = now()
        self.ctl("cancel", "prod")
        canceled = now()
        wanted = {PAST: None, before: None, promoting: ("one", "promoting", None), deployed: ("one", "deployed", "one"),
                  second: ("two", "promoting", "one"), canceled: ("one", "deployed", "one")}
        for _ in range(2):
            self.assertEqual({when: self.at(when) for when in wanted}, wanted)
            self.site.process.kill()
            self.site.process.wait()
            self.site.start(CONFIG)
        listed = self.get(f"environments?asOf={second}")
        self.assertEqual([(e["name"], e["asOf"], e["removed"], (e["state"] or {}).get("release"), e["hold"], e["pending"], e["conditions"]) for e in listed],
                         [("dev", second, False, None, None, None, []), ("prod", second, False, "two", None, None, [])])
        self.assertNotIn("asOf", self.get("environments/prod"))
        status, page, headers = self.site.call("GET", f"/api/v1/environments?limit=1&asOf={second}")
        self.assertEqual([e["name"] for e in page], ["dev"])
        self.assertIn(f"asOf={second.replace(':', '%3A')}", headers["Link"])
        user = f"uid:{os.getuid()}"
        table = self.ctl("get", "environments", "--as-of", second)
        self.assertRegex(table, rf"\Aas of {second}:\nNAME +RELEASE +STATUS +SINCE +BY +DEPLOYED *\n"
                                rf"dev +- +- +- +- +- *\nprod +two +promoting +\S+ +{user} +one *\n\Z")
        self.assertEqual(self.ctl("status", "--as-of", second), table)
        self.assertRegex(self.ctl("get", "environment", "prod", "--as-of", PAST), rf"\Aas of {PAST}:\n.*\nprod +- +- ")
        self.assertEqual(self.ctl("get", "environments", "--as-of", second, "-o", "name"), "environment/dev\nenvironment/prod\n")
        self.assertEqual(json.loads(self.ctl("status", "--as-of", second, "-o", "json")), listed)
        digest = self.get("releases/two")["components"][0]["digest"]
        described = self.ctl("describe", "environment", "prod", "--as-of", second)
        self.assertTrue(described.startswith(f"# as of {second}; what is declared is that of today\n"), described)
        self.assertRegex(described, rf"\n\ncomponents:\nNAME .*\napi +1.1.0 +v1.1.0 +{digest}")
        self.assertNotIn("history", described)
        self.assertIn("as of ", self.ctl("get", "environments", "--as-of", "1h"))

    def test_a_removed_environment_is_found_by_its_name(self):
        self.start(prod="", dev="")
        self.promote_deployed("one")
        then = now()
        self.specs(dev="")
        wait_for(lambda: self.site.call("GET", "/api/v1/environments/prod")[0] == 404, 20, "removal")
        found = self.get(f"environments/prod?asOf={then}")
        self.assertEqual((found["name"], found["removed"], found["state"]["release"], found["state"]["status"]), ("prod", True, "one", "deployed"))
        self.assertIn("removed: true\n", self.ctl("describe", "environment", "prod", "--as-of", then))
        self.assertEqual([e["name"] for e in self.get(f"environments?asOf={then}")], ["dev"])
        self.assertIn("there is no environment 'prod' in tenant 'default'", self.ctl("get", "environment", "prod", "--as-of", PAST, wanted=1))
        self.assertIn("there is no environment 'none' in tenant 'default'", self.ctl("get", "environment", "none", "--as-of", then, wanted=1))
        # another tenant has had no environment of this name, nor one with its id
        for name in ("prod", found["id"]):
            self.assertEqual(self.site.call("GET", f"/api/v1/environments/{name}?asOf={then}&tenant=other")[0], 404)
        # declared again, it has nothing
        now()
        self.specs(dev="", prod="")
        wait_for(lambda: self.site.call("GET", "/api/v1/environments/prod")[0] == 200, 20, "return")
        self.assertEqual((self.at(now()), self.at(then)), (None, ("one", "deployed", "one")))

    def test_bad_times_are_refused(self):
        self.start(prod="")
        future = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
        for query, detail in ((f"asOf={future}", "parameter asOf: a time in the past, not in the future"),
                              ("asOf=x", "parameter asOf: a time such as 2026-11-24T12:00:00Z")):
            for path in ("environments", "environments/prod"):
                status, answer, _ = self.site.call("GET", f"/api/v1/{path}?{query}")
                self.assertEqual((status, answer["detail"]), (400, detail))
        self.assertIn("in the future", self.ctl("get", "environments", "--as-of", future, wanted=1))
        for call in (("get", "environments"), ("describe", "environment", "prod"), ("status",)):
            self.assertIn("--as-of takes a time (2026-11-28T12:00:00Z)", self.ctl(*call, "--as-of", "tuesday", wanted=2))
        self.assertIn("--as-of goes with an environment", self.ctl("describe", "release", "one", "--as-of", "1h", wanted=2))
        self.assertIn("--as-of", self.ctl("get", "releases", "--as-of", "1h", wanted=2))


class LockAsOf(Case):
    def disk(self):
        with open(f"{self.site.locks}/default/environments/prod.lock.yaml") as f:
            return f.read()

    def test_the_lockfile_of_each_time_has_the_bytes_of_then(self):
        self.start(prod="confirm: manual", dev="")
        before = now()
        then = {}
        self.promote("one")
        then[now()] = self.disk()
        self.ctl("confirm", "prod")
        then[now()] = self.disk()
        self.promote("two")
        then[now()] = self.disk()
        self.ctl("cancel", "prod")
        then[now()] = self.disk()
        self.promote("three")
        self.ctl("confirm", "prod")
        self.ctl("archive", "two")
        self.specs(dev="")  # the environment is removed; its history is kept
        wait_for(lambda: self.site.call("GET", "/api/v1/environments/prod")[0] == 404, 20, "removal")
        for name in ("prod", "environment/prod"):
            self.assertEqual({when: self.ctl("lock", name, "--as-of", when) for when in then}, then)
        self.assertEqual(len(set(then.values())), 2)
        self.assertIn("@sha256:", self.ctl("lock", "prod", "--as-of", list(then)[0], "--format", "compose"))
        self.assertIn("environment", self.ctl("lock", "prod", "--as-of", before, wanted=1))

    def test_mistakes_are_named(self):
        self.start(prod="")
        before = now()
        self.promote_deployed("one")
        self.assertIn(f"environment 'prod' had no lockfile at {before}; relmanctl history prod lists",
                      self.ctl("lock", "prod", "--as-of", before, wanted=1))
        self.assertIn("--as-of is about environments", self.ctl("lock", "release/one", "--as-of", before, wanted=2))
        self.assertIn("no environment 'prud'", self.ctl("lock", "prud", "--as-of", before, wanted=1))
        self.assertIn("exclude each other", self.ctl("lock", "prod", "--as-of", before, "--wait-change", wanted=2))
        self.assertEqual(self.site.call("GET", "/api/v1/environments/prod/lock?asOf=2999-01-01T00:00:00Z")[0], 400)
        self.assertEqual(self.site.call("GET", "/api/v1/environments/prod/lock?asof=x")[0], 400)

    def test_an_unchanged_past_is_not_sent_again_and_does_not_wait(self):
        self.start(prod="")
        self.promote_deployed("one")
        when = now()
        path = f"/api/v1/environments/prod/lock?asOf={when}"
        status, _, headers = self.site.call("GET", path)
        self.assertEqual(status, 200)
        status, _, _ = self.site.call("GET", path, headers={"If-None-Match": headers["ETag"], "Prefer": "wait=60"})
        self.assertEqual(status, 304)


class Rollback(Case):
    def test_a_rollback_promotes_the_release_before(self):
        self.registry.push("app/migrate", "v1.0.0")
        self.registry.push("app/migrate", "v2.0.0")
        self.site.write("all.yaml", documents(document("Environment", "prod"), document("Environment", "empty"), registry=self.registry,
                                              components=("api", "migrate")))
        self.site.start(CONFIG)
        wait_for(lambda: len(self.get("components/migrate/versions")) == 2 and len(self.get("components/api/versions")) == 3, 20, "versions")
        for name, api, migrate in (("zero", "1.0.0", "1.0.0"), ("one", "1.1.0", "1.0.0"), ("two", "1.2.0", "1.0.0"), ("three", "1.0.0", "2.0.0")):
            status, answer, _ = self.site.call("POST", "/api/v1/releases", {"name": name, "components": [
                {"componentId": "api", "version": api}, {"componentId": "migrate", "version": migrate, "role": "migration"}]})
            self.assertEqual(status, 201, answer)
        self.assertEqual(self.ctl("rollback", "prod", "--plan"), "environment 'prod' has no release\nno other release was deployed there\n")
        self.assertIn("none of the last releases that were deployed there can be promoted", self.ctl("rollback", "prod", wanted=1))
        for name in ("zero", "one", "two", "one", "three"):
            self.promote_deployed(name)
        plan = self.get("environments/prod/rollback")
        self.assertEqual((plan["release"], [(t["release"], t["promotable"], t["oneWay"], [c["componentName"] for c in t["changes"]["changed"]])
                                            for t in plan["targets"]]),
                         ("three", [("one", True, ["migrate"], ["api", "migrate"]), ("two", True, ["migrate"], ["api", "migrate"]),
                                    ("zero", True, ["migrate"], ["migrate"])]))
        self.assertEqual(json.loads(self.ctl("rollback", "prod", "--plan", "-o", "json")), plan)
        text = self.ctl("rollback", "prod", "--plan")
        self.assertRegex(text, r"\Aenvironment 'prod' has release 'three'\n\nrelease 'one' \(ready\), deployed \S+\n"
                               r"ready: all its digests were found, last checked 20\S+\n"
                               r"one-way: migration 'migrate' differs; what it changed stays\nCOMPONENT +CHANGE +three +one *\napi +upgrade ")
        self.ctl("deprecate", "one")
        self.assertIn("release 'one' (deprecated), deployed", self.ctl("rollback", "prod", "--plan"))
        # the newest that can be promoted, then one of the choice of the caller
        self.assertIn("environment 'prod': release 'two' is ", self.ctl("rollback", "prod", "--wait", "--reason", "INC-17"))
        self.assertEqual(self.get("environments/prod/history")[0]["reason"], "INC-17")
        self.assertEqual([t["release"] for t in self.get("environments/prod/rollback")["targets"]], ["three", "one", "zero"])
        self.assertIn("release 'zero' is ", self.ctl("rollback", "prod", "--to", "zero", "--wait"))
        # the words are those of a promotion
        self.assertEqual(self.ctl("rollback", "prod", "--to", "one", wanted=1), self.ctl("promote", "one", "prod", wanted=1))
        self.assertIn("there is no environment 'none'", self.ctl("rollback", "none", wanted=1))
        self.assertIn("--plan only lists", self.ctl("rollback", "prod", "--plan", "--to", "one", wanted=2))


class Ready(Case):
    """Which earlier releases of an environment could be pulled now."""

    def setUp(self):
        super().setUp()
        self.start("poll: {interval: 1h, jitter: 0%, recheckInterval: 1h}\n", prod="rollbackReleases: 2")
        self.digests = {name: self.get("releases/" + name)["components"][0]["digest"] for name in ("one", "two", "three")}

    def delete(self, release):
        self.registry.delete("app/api", self.digests[release])
        self.ctl("sync", "api", "--wait")

    def restore(self, release, version):
        self.assertEqual(self.registry.push("app/api", version), self.digests[release])
        self.ctl("sync", "api", "--wait")

    def targets(self):
        return [(t["release"], t["readiness"]) for t in self.get("environments/prod/rollback")["targets"]]

    def condition(self):
        return next((c for c in self.get("environments/prod")["conditions"] if c["type"] == "NoRollback"), None)

    def metric(self):
        found = re.findall(r'^relman_rollback_ready\{environment="prod",tenant="default"\} (\d+)$', self.site.call("GET", "/metrics")[1], re.M)
        return int(found[0]) if found else None

    def wait(self, metric, condition):
        wait_for(lambda: (self.metric(), (self.condition() or {}).get("status")) == (metric, condition), 20, f"{metric} {condition}")

    def requests(self):
        return sum(int(n) for n in re.findall(r"^relman_registry_requests_total\{.*\} (\d+)$", self.site.call("GET", "/metrics")[1], re.M))

    def test_deleted_images_of_earlier_releases_are_noticed(self):
        self.promote_deployed("one")
        self.assertEqual((self.targets(), self.metric(), self.condition()), ([], None, None))
        self.promote_deployed("two")
        self.wait(1, None)
        before = self.requests()
        self.promote_deployed("three")
        self.wait(2, None)
        self.assertEqual(self.targets(), [("two", "ready"), ("one", "ready")])
        self.assertEqual(self.requests() - before, 1)  # of the promotion
        # one of them is left
        self.delete("two")
        self.wait(1, None)
        self.assertEqual(self.targets(), [("two", "notReady"), ("one", "ready")])
        target = self.get("environments/prod/rollback")["targets"][0]
        problem = f"component 'api': its registry no longer serves {self.digests['two']}, or an image of it"
        self.assertEqual((target["problem"], target["promotable"]), (problem, True))
        self.assertRegex(self.ctl("rollback", "prod", "--plan"), rf"release 'two' \(ready\), deployed \S+\nnot ready since {target['goneSince']}: {problem}\n")
        self.assertEqual(self.ctl("rollback", "prod", wanted=1),
                         f"relmanctl: error: release 'two' cannot be pulled: {problem}; relmanctl rollback prod --to one promotes one that can\n")
        # none is left: reported, and after a kill, too
        self.delete("one")
        self.wait(0, "True")
        wanted = (f"no release that was deployed here before can be pulled; release 'two': {problem}; "
                  "relmanctl rollback prod --plan lists them")
        self.assertEqual((self.condition()["reason"], self.condition()["message"]), ("DigestGone", wanted))
        self.assertIn(wanted, self.ctl("status", wanted=1))
        self.assertIn("and no earlier one", self.ctl("rollback", "prod", wanted=1))
        self.site.process.kill()
        self.site.process.wait()
        self.site.start(CONFIG)
        self.wait(0, "True")
        # pushed again
        self.restore("one", "v1.0.0")
        self.wait(1, None)
        self.ctl("rollback", "prod", "--to", "one", "--wait")
        # releases that may not be promoted are the choice of a person
        self.restore("two", "v1.1.0")
        wait_for(lambda: self.targets() == [("three", "ready"), ("two", "ready")], 10, "two")
        self.ctl("archive", "two")
        self.assertEqual(self.get("environments/prod/rollback")["targets"][1]["problem"], "it is archived")
        self.wait(1, None)
        self.ctl("deprecate", "three")
        self.wait(0, None)

    def test_a_start_reports_nothing_before_the_first_polls(self):
        names = ["api"] + [f"c{n}" for n in range(70)]  # more than relmand polls at once
        components = [document("Component", name, f"imageRepository: {self.registry.host}/app/api") for name in names[1:]]
        self.site.write("more.yaml", "---\n".join(components))
        wait_for(lambda: all(self.site.call("GET", f"/api/v1/components/{name}/versions")[0] == 200 for name in names), 20, "components")
        self.ctl("sync", *names, "--wait")
        for name, version in (("all", "1.0.0"), ("next", "1.1.0")):
            self.ctl("create", "release", name, *(f"{component}={version}" for component in names))
            self.promote_deployed(name)
        self.wait(1, None)
        self.site.process.kill()
        self.site.process.wait()
        self.registry.process.send_signal(signal.SIGSTOP)
        self.addCleanup(self.registry.process.send_signal, signal.SIGCONT)
        self.site.start(CONFIG)
        time.sleep(1)
        self.assertEqual((self.metric(), self.condition()), (None, None))
        self.assertEqual(self.targets(), [("all", "unknown")])
        self.registry.process.send_signal(signal.SIGCONT)
        self.wait(1, None)

    def test_what_nobody_checks_is_unknown(self):
        self.promote_deployed("one")
        self.promote_deployed("two")
        self.wait(1, None)
        self.site.write("all.yaml", documents(document("Environment", "prod"), registry=self.registry, components=("api",))
                        .replace("/app/api", "/app/api, suspend: true"))
        wait_for(lambda: self.targets() == [("one", "unknown")], 10, "suspended")
        self.assertIn("unknown: component 'api': it is suspended, so nobody checks its digest\n", self.ctl("rollback", "prod", "--plan"))

    def test_mistakes_are_refused(self):
        for value, wanted in (("0", "rollbackReleases"), ("21", "rollbackReleases is at most 20"), ("x", "rollbackReleases")):
            self.specs(prod="rollbackReleases: " + value)
            self.assertIn(wanted, relmanctl("lint", self.site.specs)[1])


class Protected(Case):
    """Digests of releases with a digest for each of two platforms."""

    def setUp(self):
        super().setUp()
        for version in ("v2.0.0", "v2.1.0"):
            self.registry.push("app/web", version, platforms=("linux/amd64", "linux/arm64"))

    def make(self, name, version, wanted=0):
        self.ctl("create", "release", name, "web=" + version, wanted=wanted)
        component = self.get("releases/" + name)["components"][0]
        return [component["digest"], *component["platforms"].values()]

    def listed(self, *arguments):
        return self.ctl("protected", "-o", "digests", *arguments).split()

    def test_digests_of_releases_and_their_platforms_are_protected(self):
        self.site.write("all.yaml", documents(document("Environment", "prod"), registry=self.registry, components=("api", "web")))
        self.site.start(CONFIG)
        wait_for(lambda: len(self.get("components/web/versions")) == 2, 20, "versions")
        old, new = self.make("old", "2.0.0"), self.make("new", "2.1.0")
        self.assertEqual((len(set(old)), len(set(new))), (3, 3))
        self.assertEqual(self.listed(), sorted(old + new))
        self.assertEqual([d["digest"] for d in self.get("digests")], sorted(old + new))
        for digest in old:
            self.assertIn(f"{digest}: protected\n  release 'old': ready since ", self.ctl("protected", digest, wanted=3))
            self.assertEqual(self.ctl("protected", f"{self.registry.host}/app/web@{digest}", "-o", "digests", wanted=3), digest + "\n")
        free = "sha256:" + "0" * 64
        self.assertEqual(self.ctl("protected", free), f"{free}: free, may be deleted\n")
        self.assertEqual(self.get("digests/" + free),
                         {"digest": free, "releases": [], "moreReleases": False, "environments": [], "protected": False, "image": None})
        self.ctl("protected", free, new[1], wanted=3)
        # pages
        status, page, headers = self.site.call("GET", "/api/v1/digests?limit=4")
        self.assertEqual([d["digest"] for d in page], sorted(old + new)[:4])
        self.assertIn(f"after={sorted(old + new)[3].replace(':', '%3A')}", headers["Link"])
        status, page, headers = self.site.call("GET", f"/api/v1/digests?limit=2&after={page[3]['digest']}")
        self.assertEqual(([d["digest"] for d in page], headers.get("Link")), (sorted(old + new)[4:], None))
        # repositories and tenants
        self.assertEqual(self.listed("--repository", f"{self.registry.host}/app/web"), sorted(old + new))
        self.assertEqual(self.listed("--repository", f"{self.registry.host}/app/api"), [])
        self.assertEqual(self.site.call("GET", "/api/v1/digests?tenant=default")[0], 200)
        # an archived release needs its digests while an environment could be rolled back to it
        self.promote_deployed("old")
        use = self.get("digests/" + old[2])
        self.assertEqual([(e["environment"], e["release"], e["use"]) for e in use["environments"]], [("prod", "old", "deployed")])
        self.promote_deployed("new")
        self.ctl("archive", "old")
        use = self.get("digests/" + old[1])
        self.assertEqual(([(e["release"], e["use"]) for e in use["environments"]], [r["status"] for r in use["releases"]], use["protected"]),
                         ([("old", "rollback")], ["archived"], True))
        self.assertEqual(self.listed(), sorted(old + new))
        self.site.process.kill()
        self.site.process.wait()
        self.site.start(CONFIG)
        self.assertEqual(self.listed(), sorted(old + new))
        for name in ("b", "c", "d"):
            self.make(name, "2.1.0")
            self.promote_deployed(name)
        self.assertEqual(self.listed(), sorted(new))
        self.assertEqual(self.ctl("protected", old[0]).splitlines()[0], f"{old[0]}: free, may be deleted")
        self.assertEqual(self.get("digests/" + old[0])["releases"][0]["status"], "archived")
        self.assertEqual(self.site.call("DELETE", "/api/v1/releases/old")[0], 200)
        self.assertEqual(self.ctl("protected", old[1]), f"{old[1]}: free, may be deleted\n")
        self.assertEqual(self.site.stored.count("release_digests"), 3)

    def test_an_environment_decides_how_many_releases_are_protected(self):
        self.site.write("all.yaml", documents(document("Environment", "prod", "rollbackReleases: 1"), document("Environment", "test"),
                                              registry=self.registry, components=("api", "web")))
        self.site.start(CONFIG)
        wait_for(lambda: len(self.get("components/web/versions")) == 2, 20, "versions")
        digests = {"old": self.make("old", "2.0.0")}
        for name in ("a", "b"):
            digests[name] = self.make(name, "2.1.0")
        for name in ("old", "a", "b"):
            self.promote_deployed(name)
        self.ctl("archive", "old")
        self.assertEqual([t["release"] for t in self.get("environments/prod/rollback")["targets"]], ["a"])
        self.assertEqual(self.listed(), sorted(digests["b"]))
        self.assertIn("free", self.ctl("protected", digests["old"][0]))

    def test_mistakes_are_refused(self):
        self.start(prod="")
        for word in ("api", "sha256:12", f"{self.registry.host}/app/api:v1.0.0"):
            self.assertIn(f"'{word}' is no digest", self.ctl("protected", word, wanted=2))
        for path in ("digests/sha256:12", "digests/x", "digests?after=x", "digests?limit=0", "digests?color=red"):
            self.assertEqual(self.site.call("GET", "/api/v1/" + path)[0], 400, path)
        self.assertIn("--repository selects from the list", self.ctl("protected", "sha256:" + "0" * 64, "--repository", "x", wanted=2))

    def test_a_tenant_sees_its_own_and_the_role_read_suffices(self):
        port, tokens, secrets = relman.free_port(), os.path.join(self.site.folder, "tokens"), {}
        with open(tokens, "w") as f:
            for tenant in ("default", "theirs"):
                status, out, err = relmanctl("token", "t", "--role", "read", "--tenant", tenant)
                self.assertEqual(status, 0, err)
                secrets[tenant] = re.search(r"^(relman_\S+)$", out, re.M).group(1)
                f.write(re.search(rf"^t {tenant} read [0-9a-f]{{64}}.*$", out + err, re.M).group(0) + "\n")
        self.start(CONFIG + f"api: {{socket: {self.site.folder}/relmand.sock, listen: ['127.0.0.1:{port}'], tokenFile: {tokens}}}\n", prod="")
        digest = self.get("releases/one")["components"][0]["digest"]
        self.promote_deployed("one")

        def ask(tenant, path):
            request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/{path}", headers={"Authorization": "Bearer " + secrets[tenant]})
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)

        use = ask("default", "digests/" + digest)
        self.assertEqual((use["protected"], [e["environment"] for e in use["environments"]]), (True, ["prod"]))
        self.assertEqual(len(ask("default", "digests")), 3)
        self.assertEqual(ask("default", "environments/prod/rollback")["targets"], [])
        use = ask("theirs", "digests/" + digest)
        self.assertEqual((use["protected"], use["releases"], use["environments"]), (False, [], []))
        self.assertEqual(ask("theirs", "digests"), [])


if __name__ == "__main__":
    relman.main()
