#!/usr/bin/env python3
"""Tests the GitHub action and the GitLab component in etc/ci: runs their steps against a daemon, and a stand-in for
the comments of both forges."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import yaml

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import DockerRegistry, free_port  # noqa: E402
from relman import BUILDDIR, SRCDIR, Site, relmanctl  # noqa: E402

CI = os.path.join(os.path.abspath(SRCDIR), "etc/ci")
FORGES = {  # folder of the comments, path of one comment, method of a change, header with the token
    "github": ("/repos/acme/deploy/issues/7/comments", "/repos/acme/deploy/issues/comments", "PATCH", ("Authorization", "Bearer s3cret")),
    "gitlab": ("/projects/11/merge_requests/7/notes", "/projects/11/merge_requests/7/notes", "PUT", ("PRIVATE-TOKEN", "s3cret"))}


class Forge(ThreadingHTTPServer):
    """Comments as the documented REST of GitHub ("issue comments") and GitLab ("notes") has them."""
    daemon_threads = True

    def __init__(self, test, kind):
        super().__init__(("127.0.0.1", 0), Handler)
        self.kind, self.comments, self.requests = kind, [], []
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        test.addCleanup(self.server_close)
        test.addCleanup(self.shutdown)

    def add(self, body):
        self.comments.append({"id": 1000 + len(self.comments), "body": body})
        return self.comments[-1]

    def env(self, folder, number=7):
        url = f"http://127.0.0.1:{self.server_address[1]}"
        if self.kind == "github":
            path = os.path.join(folder, "event.json")
            with open(path, "w") as f:
                json.dump({"pull_request": {"number": number}} if number else {"ref": "refs/heads/main"}, f)
            return {"GITHUB_ACTIONS": "true", "GITHUB_API_URL": url, "GITHUB_REPOSITORY": "acme/deploy", "GITHUB_EVENT_PATH": path,
                    "GITHUB_TOKEN": "s3cret", "GITHUB_STEP_SUMMARY": os.path.join(folder, "summary"), "RUNNER_TEMP": folder,
                    "GITHUB_ACTION_PATH": os.path.join(CI, "github")}
        return {"GITLAB_CI": "true", "CI_API_V4_URL": url, "CI_PROJECT_ID": "11", "RELMAN_COMMENT_TOKEN": "s3cret",
                **({"CI_MERGE_REQUEST_IID": str(number)} if number else {})}


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_any(self):
        forge = self.server
        folder, one, change, (header, value) = FORGES[forge.kind]
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        forge.requests.append((self.command, self.path))
        answer, status = None, 404
        if self.headers.get(header) != value:
            status = 401
        elif self.command == "GET" and path == folder:
            size, page = int(query["per_page"][0]), int(query["page"][0])
            answer, status = forge.comments[(page - 1) * size:page * size], 200
        elif self.command == "POST" and path == folder:
            answer, status = forge.add(json.loads(body)["body"]), 201
        elif self.command == change and path.startswith(one + "/"):
            answer = next(c for c in forge.comments if c["id"] == int(path.rsplit("/", 1)[1]))
            answer["body"], status = json.loads(body)["body"], 200
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PATCH = do_PUT = do_any


class Pipelines(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="relman-pipeline-")
        self.addCleanup(shutil.rmtree, self.folder)

    def run_script(self, script, **env):
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("GITHUB_", "GITLAB_", "CI_", "RELMAN_"))}
        path = os.pathsep.join([os.path.abspath(BUILDDIR), CI, os.environ["PATH"]])
        return subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=self.folder, env={**clean, "PATH": path, "NO_COLOR": "1", **env},
                              capture_output=True, text=True, timeout=60)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)

    # --- the comment -------------------------------------------------------------------------------

    def test_a_comment_is_updated_in_place(self):
        for kind in FORGES:
            with self.subTest(kind):
                forge = Forge(self, kind)
                env = forge.env(self.folder)
                for n in range(150):  # more than a page of others' comments
                    forge.add(f"comment {n}, about <!-- relman: plan -->")
                for text in ("first", "second\n`ä` \"quoted\" $HOME"):
                    self.write("plan.md", text)
                    r = self.run_script("relman-comment plan.md", **env)
                    self.assertEqual((r.returncode, r.stdout, r.stderr), (0, "", ""))
                    self.assertEqual([c["body"] for c in forge.comments[150:]], [f"<!-- relman: plan -->\n{text}"])
                self.assertEqual(len([c for c in forge.comments if c["body"].startswith("comment")]), 150)
                self.assertEqual(self.run_script("relman-comment plan.md verify", **env).returncode, 0)
                self.assertEqual(len(forge.comments), 152)

    def test_a_long_comment_is_cut(self):
        for kind in FORGES:
            forge = Forge(self, kind)
            self.write("plan.md", "x" + "ä" * 50000)
            r = self.run_script("relman-comment plan.md", **forge.env(self.folder))
            self.assertEqual(r.returncode, 0, r.stderr)
            self.assertTrue(forge.comments[0]["body"].endswith("ä\n\n… and more: see the log of this job.\n"))
            self.assertLess(len(forge.comments[0]["body"].encode()), 61000)

    def test_what_it_does_without_a_request_or_a_right(self):
        self.write("plan.md", "text")
        for kind in FORGES:
            with self.subTest(kind):
                forge = Forge(self, kind)
                r = self.run_script("relman-comment plan.md", **forge.env(self.folder, None))
                self.assertEqual(r.returncode, 0, r.stderr)
                self.assertIn("nothing is written", r.stderr)
                r = self.run_script("relman-comment plan.md", **{**forge.env(self.folder), "GITHUB_TOKEN": "wrong", "RELMAN_COMMENT_TOKEN": "wrong"})
                self.assertNotEqual(r.returncode, 0)
                self.assertIn("401", r.stderr)
                self.assertEqual(forge.comments, [])
        self.assertIn("neither GitHub Actions nor GitLab CI", self.run_script("relman-comment plan.md").stderr)

    # --- both pipelines ----------------------------------------------------------------------------

    def github(self, inputs, env):
        """Runs the steps of the action as the runner does: inputs become text; a step with `if` needs its input."""
        with open(os.path.join(CI, "github/action.yml")) as f:
            action = yaml.safe_load(f)
        values = {k: v.get("default", "") for k, v in action["inputs"].items()}
        self.assertLessEqual(set(inputs), set(values))
        values |= inputs

        def fill(text):
            return re.sub(r"\$\{\{ (?:inputs\.([\w-]+)|github\.(token)) \}\}", lambda m: values[m[1]] if m[1] else env["GITHUB_TOKEN"], text)
        out = ""
        self.assertEqual(action["runs"]["using"], "composite")
        for step in action["runs"]["steps"]:
            condition = step.get("if")
            if condition and not values[re.fullmatch(r"inputs\.([\w-]+) != ''", condition)[1]]:
                continue
            r = self.run_script(step["run"], **{**env, **{k: fill(fill(v)) for k, v in step.get("env", {}).items()}})
            out += r.stdout + r.stderr
            if r.returncode != 0:
                return r.returncode, out
        return 0, out

    def gitlab(self, inputs, env):
        with open(os.path.join(CI, "gitlab/relman.yml")) as f:
            header, text = f.read().split("\n---\n", 1)
        values = {k: v.get("default", "") for k, v in yaml.safe_load(header)["spec"]["inputs"].items()}
        values |= {k: v for k, v in inputs.items() if k in values} | {"image": "relman"}
        job = yaml.safe_load(re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda m: values[m[1]], text))["relman"]
        r = self.run_script("\n".join(job["script"]), **{**env, **job["variables"], "RELMAN_URL": inputs.get("url", ""), "RELMAN_TOKEN": inputs.get("token", "")})
        return r.returncode, r.stdout + r.stderr

    def test_they_check_plan_comment_and_verify(self):
        registry, site = DockerRegistry(), Site()
        self.addCleanup(registry.close)
        self.addCleanup(site.close)
        registry.push("shop/api", "v1.0.0")
        _, out, _ = relmanctl("token", "ci", "--role", "read")
        with open(os.path.join(site.folder, "tokens"), "w") as f:
            f.write(out.splitlines()[-1] + "\n")
        os.chmod(f.name, 0o600)
        port = free_port()
        site.start(f"api: {{socket: {site.folder}/relmand.sock, listen: ['127.0.0.1:{port}'], tokenFile: {f.name}}}\n")
        inputs = {"url": f"http://127.0.0.1:{port}", "token": out.splitlines()[1]}
        good = f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: api}}\nspec: {{imageRepository: {registry.host}/shop/api}}\n"
        for kind, pipeline in (("github", self.github), ("gitlab", self.gitlab)):
            with self.subTest(kind):
                forge = Forge(self, kind)
                env = forge.env(self.folder)
                self.write("specs/a.yaml", good)
                status, out = pipeline(inputs, env)
                self.assertEqual(status, 0, out)
                self.assertRegex(forge.comments[0]["body"], r"(?s)^<!-- relman: plan -->\n### What relman would do\n.*api")
                # specs with an error: the pipeline fails, and the comment stays
                self.write("specs/a.yaml", good.replace("imageRepository", "imageRepo"))
                os.remove(os.path.join(self.folder, "plan.md"))
                status, out = pipeline(inputs, env)
                self.assertEqual(status, 1, out)
                self.assertIn('unknown field "imageRepo"', out)
                self.assertEqual(len(forge.comments), 1)
                # without a daemon only the specs are checked
                self.write("specs/a.yaml", good)
                status, out = pipeline({}, env)
                self.assertEqual(status, 0, out)
                self.assertEqual(len(forge.comments), 1)
                # a lockfile that was altered
                self.write("prod.lock.yaml", "apiVersion: relman/v1\nkind: Lock\n")
                status, out = pipeline({**inputs, "lockfiles": "prod.lock.yaml"}, env)
                self.assertNotEqual(status, 0, out)
                self.assertIn("prod.lock.yaml", out)
                if os.path.exists(os.path.join(self.folder, "plan.md")):
                    os.remove(os.path.join(self.folder, "plan.md"))


if __name__ == "__main__":
    relman.main()
