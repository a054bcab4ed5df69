"""A stand-in for the REST APIs of GitHub, GitLab and Gitea, for the pull requests of one repository. It follows the
documentation of each; branches and merges are those of a real bare repository."""

import http.server
import json
import re
import subprocess
import threading
import urllib.parse

TOKEN = "t0ken-of-the-forge"
NAME = "shop/deploy"


class Pull:
    def __init__(self, number, title, body, head, base):
        self.number, self.title, self.body, self.head, self.base = number, title, body, head, base
        self.state, self.labels, self.sha, self.fork = "open", [], None, False


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body=None, **headers):
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def handle_request(self):
        forge = self.server.forge
        size = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(size)) if size else {}
        path, _, query = self.path.partition("?")
        with forge.lock:
            forge.requests.append((self.command, self.path, body))
            if self.headers["Authorization"] != f"{forge.scheme} {TOKEN}":
                self.answer(401, {"message": "Bad credentials"})
                return
            if forge.failures:
                status, headers = forge.failures.pop(0)
                self.answer(status, {"message": "no\nway"}, **headers)
                return
            if not path.startswith(forge.prefix):
                self.answer(404, {"message": "Not Found"})
                return
            self.answer(*forge.serve(self.command, path[len(forge.prefix):], dict(urllib.parse.parse_qsl(query)), body))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_request

    def log_message(self, *_):
        pass


class Forge:
    def __init__(self, kind, repository):
        self.kind, self.repository = kind, repository  # repository: its folder
        self.scheme = "token" if kind == "gitea" else "Bearer"
        self.root = {"github": "", "gitlab": "/api/v4", "gitea": "/api/v1"}[kind]
        self.prefix = self.root + ("/projects/" + NAME.replace("/", "%2F") if kind == "gitlab" else "/repos/" + NAME)
        self.pulls, self.requests, self.failures, self.lock = [], [], [], threading.Lock()
        self.may_merge = True
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.forge, self.server.daemon_threads = self, True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}{self.root}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def git(self, *arguments):
        done = subprocess.run(["git", "--git-dir", self.repository, *arguments], capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else None

    def sha(self, branch):
        return self.git("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}")

    def n_files(self, pull):
        return len((self.git("diff", "--name-only", f"{pull.base}...{pull.head}") or "").split())

    def merge(self, pull, squash=False):
        """Merges as the button does; the branch stays."""
        pull.sha = self.sha(pull.head)
        parents = ["-p", pull.base] + ([] if squash else ["-p", pull.head])
        tree = self.git("merge-tree", "--write-tree", pull.base, pull.head)
        commit = subprocess.run(["git", "--git-dir", self.repository, "-c", "user.name=f", "-c", "user.email=f@x", "commit-tree", tree, *parents,
                                 "-m", f"Merge {pull.number}"], capture_output=True, text=True, check=True).stdout.strip()
        self.git("update-ref", f"refs/heads/{pull.base}", commit)
        pull.state = "merged"

    # --- answers -----------------------------------------------------------------------------------

    def show(self, pull, is_list=False):
        sha = self.sha(pull.head) if pull.state == "open" else pull.sha
        at = "2026-12-01T00:00:00Z" if pull.state == "merged" else None
        if self.kind == "gitlab":
            state = {"open": "opened"}.get(pull.state, pull.state)
            return {"id": 1000 + pull.number, "iid": pull.number, "title": pull.title, "description": pull.body, "state": state,
                    "source_branch": pull.head, "target_branch": pull.base, "sha": sha, "merged_at": at, "labels": pull.labels,
                    "source_project_id": 9 if pull.fork else 7, "target_project_id": 7, "web_url": f"https://forge.example/{NAME}/-/merge_requests/{pull.number}",
                    **({} if is_list else {"changes_count": str(self.n_files(pull))})}
        name = {"full_name": "someone/deploy" if pull.fork else NAME}
        shown = {"id": 1000 + pull.number, "number": pull.number, "title": pull.title, "body": pull.body, "state": "open" if pull.state == "open" else "closed",
                 "head": {"ref": pull.head, "sha": sha, "repo": name}, "base": {"ref": pull.base, "repo": {"full_name": NAME}}, "merged_at": at,
                 "labels": [{"name": label} for label in pull.labels], "html_url": f"https://forge.example/{NAME}/pull/{pull.number}"}
        if not is_list:
            shown.update(merged=bool(at), changed_files=self.n_files(pull))
        return shown

    def find(self, number):
        return next((pull for pull in self.pulls if pull.number == int(number)), None)

    def serve(self, method, path, query, body):
        pulls = "/merge_requests" if self.kind == "gitlab" else "/pulls"
        branch = re.fullmatch(r"(?:/repository)?/branches/([^/]+)" if method == "GET" or self.kind != "github" else r"/git/refs/heads/([^/]+)", path)
        one = re.fullmatch(pulls + r"/(\d+)(/merge)?", path)
        labels = re.fullmatch(r"/issues/(\d+)/labels", path)
        if path == pulls and method == "GET":
            return self.list(query)
        if path == pulls and method == "POST":
            return self.create(body)
        if branch:
            name = urllib.parse.unquote(branch.group(1))
            if not self.sha(name):
                return 404, {"message": "Branch not found"}
            if method == "DELETE":
                self.git("update-ref", "-d", f"refs/heads/{name}")
                return 204, None
            return 200, {"name": name, "commit": {"sha": self.sha(name)} if self.kind == "github" else {"id": self.sha(name)}}
        if labels and self.kind != "gitlab" and method == "POST":
            self.find(labels.group(1)).labels += body["labels"]
            return 200, []
        if one and one.group(2):
            return self.ask_merge(method, self.find(one.group(1)), body)
        if one and method == "GET":
            return 200, self.show(self.find(one.group(1)))
        if one and method == ("PUT" if self.kind == "gitlab" else "PATCH"):
            return self.update(self.find(one.group(1)), body)
        return 404, {"message": "Not Found"}

    def list(self, query):
        assert query["state"] == "all"
        found = list(reversed(self.pulls))
        if self.kind == "gitlab":
            found = [pull for pull in found if (pull.head, pull.base) == (query["source_branch"], query["target_branch"])]
        elif self.kind == "github":
            owner, _, head = query["head"].partition(":")
            found = [pull for pull in found if (owner, head, query["base"]) == (NAME.split("/", maxsplit=1)[0], pull.head, pull.base)]
        return 200, [self.show(pull, True) for pull in found]

    def create(self, body):
        head, base, text = ("source_branch", "target_branch", "description") if self.kind == "gitlab" else ("head", "base", "body")
        if not self.sha(body[head]) or any(pull.state == "open" and pull.head == body[head] for pull in self.pulls):
            return 422, {"message": "Validation Failed"}
        pull = Pull(len(self.pulls) + 1, body["title"], body[text], body[head], body[base])
        pull.labels = body.get("labels", [])
        self.pulls.append(pull)
        return 201, self.show(pull)

    def update(self, pull, body):
        pull.title = body.get("title", pull.title)
        pull.body = body.get("description" if self.kind == "gitlab" else "body", pull.body)
        if body.get("state") == "closed" or body.get("state_event") == "close":
            pull.state, pull.sha = "closed", self.sha(pull.head)
        return 200, self.show(pull)

    def ask_merge(self, method, pull, body):
        assert method == ("POST" if self.kind == "gitea" else "PUT")
        assert body["head_commit_id" if self.kind == "gitea" else "sha"] == self.sha(pull.head)
        if not self.may_merge:
            return 405, {"message": "Pull Request is not mergeable"}
        self.merge(pull)
        return 200, {"merged": True}
