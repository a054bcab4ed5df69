#!/usr/bin/env python3
"""Tests relmanctl status and lists of all tenants: which release each environment will get, and what the
release waits for."""

import os
import re
import socket
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from relman import SiteCase, document, documents, wait_for  # noqa: E402
from standin import StandIn  # noqa: E402

CONFIG = "poll: {interval: 1h, jitter: 0%}\n"


class Case(SiteCase):
    maxDiff = None

    def setUp(self):
        super().setUp()
        self.server = StandIn()
        self.addCleanup(self.server.close)
        self.server.push("app/a", "v1.0.0")

    def specs(self, *environments, tenant="default"):
        text = documents(document("ReleaseStream", "s", "components: [a], nameTemplate: 's-{version:a}', settle: 0s"),
                         *(document("Environment", name, spec) for name, spec in environments), registry=self.server, components=("a",))
        self.site.write(f"{tenant}.yaml", text if tenant == "default" else re.sub(r"metadata: {name: (\w+)", rf"metadata: {{tenant: {tenant}, name: \1", text))

    def reason(self, environment, tenant="default"):
        status, answer, _ = self.site.call("GET", f"/api/v1/environments/{environment}?tenant={tenant}")
        return next((c["reason"] for c in answer["conditions"] if c["type"] == "Ready"), None) if status == 200 else None

    def wait_reasons(self, wanted, tenant="default"):
        wait_for(lambda: {name: self.reason(name, tenant) for name in wanted} == wanted, 20, f"{wanted} instead of {({name: self.reason(name, tenant) for name in wanted})}")


class Next(Case):
    ENVIRONMENTS = (("dev", "stream: s"), ("hand", "confirm: manual"), ("named", "release: later"), ("prod", "stream: s, promotesFrom: dev, approvals: 2"),
                    ("qa", "stream: s, promotesFrom: hand"), ("slow", "stream: s, confirm: manual"))
    REASONS = {"dev": "Deployed", "named": "NoRelease", "prod": "ApprovalsMissing", "qa": "NotInSource", "slow": "Promoting"}

    def begin(self):
        self.specs(*self.ENVIRONMENTS)
        self.site.start(CONFIG)
        self.wait_reasons(self.REASONS)
        self.person = re.search(r"; (\S+) has approved it", self.ctl("approve", "s-1.0.0", "prod", "--wait", wanted=3)).group(1)

    def test_status_says_what_is_next_for_each_environment(self):
        self.begin()
        out = self.ctl("status", wanted=1)
        self.assertEqual(out[out.index("what is next:"):], f"""what is next:
named: later
  waits for    a release of that name
  see          relmanctl why named
prod: s-1.0.0
  waits for    1 more approval
  approved by  {self.person} (1 of 2)
  to do        relmanctl approve s-1.0.0 prod
qa: s-1.0.0
  waits for    its deployment in environment 'hand'
  to do        relmanctl promote s-1.0.0 hand
slow: s-1.0.0
  waits for    its confirmation
  to do        relmanctl confirm slow
""")
        answer = self.get("status")
        self.assertEqual(answer["pending"][1], {
            "tenant": "default", "environment": "prod", "deployed": None, "releaseId": self.get("releases/s-1.0.0")["id"], "release": "s-1.0.0",
            "reason": "ApprovalsMissing", "message": "release 's-1.0.0' needs 1 more of 2 approvals for environment 'prod'; relmanctl approve s-1.0.0 prod",
            "waitsFor": "1 more approval (relmanctl approve s-1.0.0 prod)", "needsAction": True, "opensAt": None, "next": "relmanctl approve s-1.0.0 prod",
            "approvals": {"required": 2, "given": 1, "missing": 1, "persons": [self.person]}})
        self.assertEqual(answer["morePending"], 0)
        self.ctl("confirm", "slow")
        self.server.push("app/a", "v2.0.0")
        self.ctl("sync", "a")
        wait_for(lambda: "s-2.0.0" in self.ctl("status", wanted=1), 20, "the next release")
        wait_for(lambda: self.get("environments/slow")["state"]["release"] == "s-2.0.0", 20, "its promotion")
        out = self.ctl("status", wanted=1)
        self.assertIn("\nslow: s-2.0.0 (now s-1.0.0)\n  waits for    its confirmation\n", out)

    def test_a_list_says_what_each_environment_alone_says(self):
        """Tests environments with a hold, a failed promotion, and a deployed release that was deprecated later."""
        self.specs(*self.ENVIRONMENTS, ("held", "stream: s"), ("failed", "stream: s, confirm: manual"), ("back", "stream: s"), ("calm", "stream: s, promotesFrom: dev, soak: 1h"))
        self.site.start(CONFIG)
        self.wait_reasons(self.REASONS)
        self.ctl("approve", "s-1.0.0", "prod")
        self.wait_reasons({"failed": "Promoting", "held": "Deployed", "back": "Deployed"})
        self.ctl("confirm", "failed", "--status", "failed", "--reason", "does not start")
        self.ctl("hold", "held", "--reason", "freeze")
        self.server.push("app/a", "v2.0.0")
        self.ctl("sync", "a")
        wait_for(lambda: self.get("environments/dev")["state"]["release"] == "s-2.0.0", 20, "the next release")
        self.ctl("promote", "s-1.0.0", "back", "--reason", "INC-17")
        wait_for(lambda: self.reason("calm") == "Soaking", 20, "the soak")
        listed = {e["name"]: e["pending"] for e in self.get("environments")}
        alone = {name: self.get("environments/" + name)["pending"] for name in listed}
        self.assertEqual(listed, alone)
        self.assertEqual({name: (pending or {}).get("reason") for name, pending in listed.items()},
                         {"back": None, "calm": "Soaking", "dev": None, "failed": None, "hand": None, "held": None, "named": "NoRelease", "prod": "ApprovalsMissing",
                          "qa": "NotInSource", "slow": "Promoting"})
        self.assertEqual([p["environment"] for p in self.get("status")["pending"]], [name for name, pending in listed.items() if pending])

    def statements(self, path):
        """Returns the number of database statements of a request. The daemon must be idle."""
        def count():
            status, text = self.site.call("GET", "/metrics")[:2]
            self.assertEqual(status, 200)
            return int(re.search(r"^relman_store_statements_total (\d+)$", text, re.M).group(1))
        idle = -count() + count()
        before = count()
        self.get(path)
        return count() - before - idle

    def test_the_statements_of_a_list_do_not_grow_with_it(self):
        counts = []
        for n in (2, 40):
            names = [f"e{i:02}" for i in range(n)]
            self.specs(("dev", "stream: s"), *((name, "stream: s, promotesFrom: dev, approvals: 1, confirm: manual") for name in names))
            if not counts:
                self.site.start(CONFIG)
            self.wait_reasons({name: "ApprovalsMissing" for name in names})
            self.assertEqual([p["environment"] for p in self.get("status")["pending"]], names)
            counts.append((self.statements("environments"), self.statements("status")))
        self.assertEqual(counts[0], counts[1])


class Tenants(Case):
    def setUp(self):
        super().setUp()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.tokens = os.path.join(self.site.folder, "tokens")
        self.token = {}
        lines = []
        for name, tenant in (("one", "data"), ("every", "*")):
            out = relman.relmanctl("token", name, "--tenant", tenant, "--role", "read")[1].splitlines()
            self.token[name] = out[1]
            lines.append(out[4])
        with open(self.tokens, "w") as f:
            f.write("\n".join(lines) + "\n")
        self.specs(("prod", "stream: s, confirm: manual"))
        self.specs(("db", "stream: s, approvals: 1"), ("prod", "stream: s, approvals: 1"), tenant="data")
        self.site.start(CONFIG + f"api: {{socket: {self.site.folder}/relmand.sock, listen: ['127.0.0.1:{self.port}'], tokenFile: {self.tokens}}}\n"
                        "events: {webhooks: [{name: all, url: 'http://127.0.0.1:9/', firstSync: true}, {name: ours, url: 'http://127.0.0.1:9/', tenant: data, firstSync: true}, "
                        "{name: theirs, url: 'http://127.0.0.1:9/', tenant: default, firstSync: true}]}\n")
        self.wait_reasons({"prod": "Promoting"})
        self.wait_reasons({"db": "ApprovalsMissing", "prod": "ApprovalsMissing"}, "data")

    def remote(self, token):
        return dict(os.environ, RELMAN_TOKEN=self.token[token], RELMAN_URL=f"http://127.0.0.1:{self.port}")

    def test_status_of_all_tenants(self):
        wait_for(lambda: self.get("status")["receivers"]["failing"] == 3, 20, "the receivers")
        for env in (None, self.remote("every"), dict(self.remote("every"), RELMAN_TENANT="data")):
            out = self.ctl("status", "--all-tenants", wanted=1, env=env)
            self.assertIn("\ncomponents    2\nreleases      2\nenvironments  3", out)
            self.assertRegex(out, r"\nTENANT +KIND +NAME +CONDITION +REASON")
            self.assertRegex(out, r"\ndata +Receiver +ours +Ready +NotDelivered ")
            self.assertRegex(out, r"\ndefault +Receiver +theirs +Ready +NotDelivered ")
            self.assertEqual(out[out.index("what is next:"):], """what is next:
data/db: s-1.0.0
  waits for    1 more approval
  approved by  nobody (0 of 1)
  to do        relmanctl approve s-1.0.0 db --tenant data
data/prod: s-1.0.0
  waits for    1 more approval
  approved by  nobody (0 of 1)
  to do        relmanctl approve s-1.0.0 prod --tenant data
default/prod: s-1.0.0
  waits for    its confirmation
  to do        relmanctl confirm prod
""")
        self.assertEqual(self.ctl("status", "--all-tenants", env=self.remote("one"), wanted=1),
                         "relmanctl: error: this is of all tenants, and the token of tenant 'data' alone; relmanctl token --tenant '*' makes one for all\n")
        self.assertEqual(self.ctl("status", "--all-tenants", "--tenant", "data", wanted=2), "relmanctl: error: --tenant does not go with --all-tenants\n")

    def test_a_token_of_one_tenant_sees_its_receivers_and_no_others(self):
        wait_for(lambda: self.get("status")["receivers"]["failing"] == 3, 20, "the receivers")
        out = self.ctl("status", env=self.remote("one"), wanted=1)
        self.assertIn("\nreceivers     1 (1 failing)\n", out)
        self.assertEqual(re.findall(r"^Receiver +(\w+)", out, re.M), ["ours"])
        self.assertIn("to do        relmanctl approve s-1.0.0 db --tenant data\n", out)
        self.assertNotIn("theirs", out)

    def test_lists_of_all_tenants(self):
        rows = [re.split(" {2,}", line)[:3] for line in self.ctl("get", "environments", "--all-tenants", "-o", "wide").splitlines()]
        self.assertEqual(rows, [["TENANT", "NAME", "RELEASE"], ["data", "db", "-"], ["data", "prod", "-"], ["default", "prod", "s-1.0.0"]])
        for kind in ("components", "streams", "registries"):
            rows = [line.split()[:2] for line in self.ctl("get", kind, "--all-tenants").splitlines()]
            self.assertEqual([row[0] for row in rows], ["TENANT", "data", "default"], kind)
        names = []
        after = ""
        for _ in range(3):  # the pages continue across tenants
            page = self.get(f"environments?tenant=*&limit=1{after}")
            names += [(e["tenant"], e["name"]) for e in page]
            after = "&after=" + "/".join(names[-1])
        self.assertEqual(names, [("data", "db"), ("data", "prod"), ("default", "prod")])
        self.assertEqual(self.get("environments?tenant=*&limit=1" + after), [])
        self.assertEqual(self.site.call("GET", "/api/v1/environments?tenant=*&after=x")[1]["detail"], "parameter after: a list of all tenants continues after TENANT/NAME")
        self.assertIn("the token of tenant 'data' alone", self.ctl("get", "environments", "--all-tenants", env=self.remote("one"), wanted=1))
        for bad in (("get", "releases"), ("get", "environment", "prod"), ("get", "tags", "a")):
            self.assertEqual(self.ctl(*bad, "--all-tenants", wanted=2),
                             "relmanctl: error: --all-tenants goes with lists of calendars, components, environments, groups, outputs, registries and streams\n", bad)
        self.assertIn("there is no tenant '*'", self.site.call("GET", "/api/v1/releases?tenant=*")[1]["detail"])


if __name__ == "__main__":
    relman.main()
