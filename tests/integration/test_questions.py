#!/usr/bin/env python3
"""Questions of people who release a shop, each answered by one command, on a real registry. The complete texts are
compared with golden/questions.txt. UPDATE_GOLDEN=1 writes them again."""

import os
import re
import shlex
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import DockerRegistry  # noqa: E402
from relman import BUILDDIR, SRCDIR, SiteCase, document, documents, wait_for  # noqa: E402

GOLDEN = os.path.join(SRCDIR, "tests/golden/questions.txt")
CONFIG = "poll: {interval: 1h, jitter: 0%}\n"
IMAGES = {"api": ("v1.0.0", "v1.1.0", "v2.0.0-beta.1"), "web": ("1.26.0-alpine", "1.27.0-alpine"),
          "billing": ("2024.06.1", "2024.06.2", "2024.07.0"), "search": ("main-4f1c2aa-1717600000", "main-9ab01cd-1717800000")}
RULES = {"billing": "versioningStrategy: {type: date, dateFormat: 'YYYY.0M.MICRO'}",
         "web": r"versionRules: [{pattern: '^(\d+\.\d+\.\d+)-alpine$', channel: stable}]",
         "search": r"versioningStrategy: {type: sequential}, versionRules: [{pattern: '^main-[0-9a-f]+-(\d+)$', channel: stable}]"}


class Questions(SiteCase):
    def setUp(self):
        super().setUp()
        self.registry = DockerRegistry()
        self.addCleanup(self.registry.close)
        self.text = ""

    def shop(self):
        for name, tags in IMAGES.items():
            for tag in tags:
                self.registry.push("app/" + name, tag)
        components = [document("Component", name, f"imageRepository: {self.registry.host}/app/{name}" + (f", {RULES[name]}" if name in RULES else ""))
                      for name in IMAGES]
        self.site.write("shop.yaml", documents(
            *components, document("ReleaseStream", "shop", "channel: stable, nameTemplate: 'shop-{seq}', settle: 1s"),
            document("Environment", "dev", "stream: shop"), document("Environment", "staging", "stream: shop, promotesFrom: dev"),
            document("Environment", "prod", "stream: shop, promotesFrom: staging, approvals: 2, confirm: manual"), registry=self.registry))
        self.site.start(CONFIG)
        self.wait_release("dev", "shop-1")
        self.wait_release("staging", "shop-1")
        wait_for(lambda: (self.get("environments/prod")["pending"] or {}).get("reason") == "ApprovalsMissing", 20, "prod waits")

    def wait_release(self, environment, release):
        def there():
            state = self.get(f"environments/{environment}")["state"] or {}
            return (state.get("release"), state.get("status")) == (release, "deployed")
        wait_for(there, 20, f"{release} in {environment}")

    def clean(self, text):
        text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME", text)
        text = re.sub(r"relmand( +)\S+, since", r"relmand\1VERSION, since", text)
        text = re.sub(r"(sha256:)?\b[0-9a-f]{64}\b", "DIGEST", text)
        text = re.sub(r"sha256:([0-9a-f]{12}|[0-9a-f]{8})\b", "SHORT", text)
        # the text of libcurl depends on its version
        text = re.sub(r"Failed to connect to .*? server", "NO ANSWER", text)
        text = re.sub(r"component '\w+': HEAD \S+:", "component 'ONE': HEAD URL:", text)
        return text.replace(self.registry.host, "HOST").replace(self.site.folder, "SITE")

    def ask(self, question, *commands):
        self.text += f"### {question}\n"
        for command in commands:
            words = [os.path.join(self.site.folder, word[5:]) if word.startswith("SITE/") else word for word in shlex.split(command)]
            r = subprocess.run([f"{BUILDDIR}/relmanctl", *words], capture_output=True, text=True, timeout=60,
                               env=dict(os.environ, RELMAN_SOCKET=self.site.socket))
            self.text += f"$ relmanctl {self.clean(command)}\n{self.clean(r.stdout + r.stderr)}[{r.returncode}]\n\n"

    def test_each_question_has_one_command(self):
        self.shop()
        self.ask("on call: what is wrong, what is next?", "status --all-tenants")
        self.ask("why does production not have the newest version?", "why prod billing")
        self.ask("which version did relmand choose, and why not this tag?", "explain billing", "explain api v2.0.0-beta.1", "explain api --range '^2'",
                 "explain api v1.1.0 --channel bta")
        self.ask("who has approved, who is missing?", "approvals prod", "approve shop-1 prod", "approve shop-1 prod", "approvals prod", "promote shop-1 prod",
                 "approve shop-1 prod --withdraw")
        self.ask("a machine deploys: what is it to run?", "lock staging --format dotenv", "lock stagin")
        self.ask("a hotfix: what dev has, but another billing", "create release hotfix --from-env dev billing=2024.06.2", "promote hotfix dev --dry-run",
                 "promote hotfix dev --wait --reason INC-17", "get environments")
        self.ask("a release that lacks components", "create release two api=1.0.0 search:main-4f1c2aa-1717600000", "promote two dev", "compare shop-1 two")
        self.ask("back to the stream, and what happened there?", "resume dev --wait", "changes dev", "history dev", "lineage hotfix")
        self.ask("which releases have this digest, this version?",
                 f"get releases --digest {self.digest('billing', '2024.06.2')[:15]}", "get releases --version v1.0.0")
        self.lock("staging")
        self.ask("is this file what staging is to have, and does the registry serve it?", "verify staging SITE/staging.yaml",
                 "verify SITE/staging.yaml --registry --specs SITE/specs", "verify dev SITE/hotfix.yaml")
        self.registry.stop()
        self.ask("the registry is down, and we must roll back", "promote hotfix dev", "promote hotfix dev --force --reason INC-18 --wait")
        self.registry.start()
        self.registry.push("app/api", "v1.1.0", "another build")
        self.ask("somebody pushed a released tag again", "sync api", "why dev api", "allow-move api v1.1.0 --digest 00000000", "allow-move api v1.1.0")
        self.ask("is this change right?", "plan SITE/tree", "guess --tags SITE/tags")
        self.compare()

    def digest(self, name, tag):
        return {v["tag"]: v["digest"] for v in self.get(f"components/{name}/versions")}[tag]

    def lock(self, environment):
        for name, what in (("staging", environment), ("hotfix", "release/hotfix")):
            with open(os.path.join(self.site.folder, name + ".yaml"), "w") as f:
                f.write(self.ctl("lock", what))
        tree = os.path.join(self.site.folder, "tree")
        os.mkdir(tree)
        with open(os.path.join(self.site.specs, "shop.yaml")) as f, open(os.path.join(tree, "shop.yaml"), "w") as to:
            to.write(f.read().replace("stream: shop, promotesFrom: staging", "stream: shopp, promotesFrom: staging"))
        with open(os.path.join(self.site.folder, "tags"), "w") as f:
            f.write("\n".join(IMAGES["search"]) + "\n")

    def compare(self):
        if os.environ.get("UPDATE_GOLDEN"):
            with open(GOLDEN, "w") as f:
                f.write("Questions and answers of relmanctl (tests/integration/test_questions.py).\n\n" + self.text)
        with open(GOLDEN) as f:
            wanted = f.read().split("\n\n", 1)[1]
        self.maxDiff = None
        self.assertEqual(self.text, wanted)


if __name__ == "__main__":
    relman.main()
