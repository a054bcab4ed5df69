#!/usr/bin/env python3
"""Tests the formats in which receivers get events: templates, chat services, mail, GitHub's deployment records."""

import base64
import email
import email.policy
import json
import os
import re
import shutil
import socketserver
import sys
import threading
import time
import unittest

try:
    import jsonschema
except ImportError:  # Debian's package is only for Debian's interpreter
    if sys.executable == "/usr/bin/python3":
        raise
    os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import MANIFEST  # noqa: E402
from event_site import EventCase  # noqa: E402
from relman import SRCDIR, wait_for  # noqa: E402

# The body of "set cluster deployment records", as GitHub's description of its REST API has it, version 2026-03-10.
CLUSTER_RECORDS = {
    "type": "object", "required": ["logical_environment", "deployments"], "additionalProperties": False,
    "properties": {
        "logical_environment": {"type": "string", "minLength": 1, "maxLength": 128},
        "physical_environment": {"type": "string", "maxLength": 128},
        "partial_success": {"type": "boolean"}, "return_records": {"type": "boolean"},
        "deployments": {"type": "array", "maxItems": 1000, "items": {
            "type": "object", "required": ["name", "deployment_name", "digest"], "additionalProperties": False,
            "properties": {
                "name": {"type": "string", "minLength": 1, "maxLength": 256},
                "digest": {"type": "string", "pattern": "^sha256:[a-f0-9]{64}$"},
                "version": {"type": "string", "maxLength": 100},
                "status": {"enum": ["deployed", "decommissioned"]},
                "deployment_name": {"type": "string", "minLength": 1, "maxLength": 256},
                "github_repository": {"type": "string", "maxLength": 100, "pattern": r"^[A-Za-z0-9.\-_]+$"},
                "tags": {"type": "object", "additionalProperties": {"type": "string"}}}}}}}


class MailHandler(socketserver.StreamRequestHandler):
    """Enough of SMTP (RFC 5321) for a mail program."""

    def handle(self):
        self.wfile.write(b"220 mail.test\r\n")
        sender, recipients = None, []
        for line in iter(self.rfile.readline, b""):
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                data = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.mails.append((sender, recipients, data))
                sender, recipients = None, []
            elif word == b"MAIL":
                if self.server.refuses:
                    self.wfile.write(b"451 try later\r\n")
                    continue
                sender = re.search(rb"<(.*)>", line)[1].decode()
            elif word == b"RCPT":
                recipients.append(re.search(rb"<(.*)>", line)[1].decode())
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"250 ok\r\n")


class MailServer(socketserver.ThreadingTCPServer):
    daemon_threads, allow_reuse_address = True, True

    def __init__(self, test):
        super().__init__(("127.0.0.1", 0), MailHandler)
        self.mails, self.refuses = [], False
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        test.addCleanup(self.server_close)
        test.addCleanup(self.shutdown)


class Formats(EventCase):
    def write(self, name, text):
        path = os.path.join(self.site.folder, name)
        with open(path, "w") as f:
            f.write(text)
        return path

    def refused(self, text):
        status, _, err = self.site.once("--config", self.write("c.yaml", f"events:\n  webhooks:\n  - {text}\n"))
        self.assertEqual(status, 2, err)
        return err

    # --- templates ---------------------------------------------------------------------------------

    def test_a_body_of_ones_own(self):
        page, plain = self.receiver(), self.receiver()
        token = self.write("token", "s3cret\n")
        body = {"routing_key": "${token}", "event_action": "trigger", "dedup_key": "${tenant}/${data.environment}",
                "payload": {"summary": "${text:20}", "severity": "${severity}", "timestamp": "${time}", "source": "relman",
                            "priority": 5, "custom_details": "${event}", "more": ["${data}", True, None, "$${kept} $5", "${data.reason}"]}}
        self.site.start(self.config(
            pager=(page, f"format: json, types: [release.deployed], tokenFile: {token}, body: '{json.dumps(body)}'"),
            opsgenie=(plain, f"""format: json, types: [release.deployed], tokenFile: {token}, tokenScheme: GenieKey, body: '{{"message": "${{kind}} ${{object}} ${{type}}"}}'""")))
        self.settle()
        wait_for(lambda: page.taken and plain.taken)
        sent = json.loads(page.taken[0])
        event = sent["payload"]["custom_details"]
        self.assertEqual((event["type"], event["specversion"]), ("release.deployed", "1.0"))
        self.assertEqual(sent, {
            "routing_key": "s3cret", "event_action": "trigger", "dedup_key": "default/prod",
            "payload": {"summary": "release app-1.0.0…", "severity": "info", "timestamp": event["time"], "source": "relman", "priority": 5,
                        "custom_details": event, "more": [event["data"], True, None, "${kept} $5", ""]}})
        self.assertNotIn("Authorization", page.requests[0][1])
        self.assertEqual(page.requests[0][1]["Content-Type"], "application/json")
        self.assertEqual(json.loads(plain.taken[0]), {"message": "Release app-1.0.0 release.deployed"})
        self.assertEqual(plain.requests[0][1]["Authorization"], "GenieKey s3cret")
        self.assertNotIn("s3cret", self.site.log)

    def test_each_key_of_the_manual_is_known(self):
        with open(os.path.join(SRCDIR, "doc/events.md")) as f:
            rows = [line.split("|")[3] for line in f if re.match(r"\| `[a-z]+\.", line)]
        keys = sorted(set(re.findall(r"`(\w+)`", " ".join(rows))) - {"components", "relmand"})
        self.assertGreater(len(keys), 20)
        body = json.dumps({key: "${data.%s}" % key for key in keys})
        status, _, err = self.site.once("--config", self.write("c.yaml", f"events:\n  webhooks:\n  - {{name: a, url: 'http://127.0.0.1:9/', "
                                                                         f"format: json, body: '{body}'}}\n"))
        self.assertEqual(status, 0, err)

    def test_wrong_formats_are_refused(self):
        for text, problem in (
                ("{name: a, url: 'http://x', format: json}", "format: json needs a body"),
                ("{name: a, url: 'http://x', body: '{}'}", "body goes with format: json"),
                ("{name: a, url: 'http://x', format: json, batch: 1s, body: '{}'}", "takes no batch"),
                ("{name: a, url: 'http://x', format: json, body: '{'}", 'field "body"'),
                ("""{name: a, url: 'http://x', format: json, body: '{"a": "${txt}"}'}""", "did you mean ${text}?"),
                ("""{name: a, url: 'http://x', format: json, body: '{"a": "${data.relase}"}'}""", "did you mean ${data.release}?"),
                ("""{name: a, url: 'http://x', format: json, body: '{"a": "x ${event}"}'}""", "must be the complete text"),
                ("""{name: a, url: 'http://x', format: json, body: '{"a": "${text"}'}""", "is no ${NAME}"),
                ("""{name: a, url: 'http://x', format: json, body: '{"a": "${text:0}"}'}""", "is no ${NAME}"),
                ("""{name: a, url: 'http://x', format: json, body: '{"a": "${token}"}'}""", "needs tokenFile"),
                ("{name: a, url: 'http://x', tokenScheme: 'a b'}", "not one word"),
                ("{name: a, format: mail}", 'needs addresses in "to"'),
                ("{name: a, format: mail, to: ['-Cevil@x']}", "is not an address"),
                ("{name: a, format: mail, to: ['Ops <ops@x>']}", "is not an address"),
                ("{name: a, format: mail, to: [a@x], from: \"a@x\\nBcc: b\"}", "from"),
                ("{name: a, format: mail, to: [a@x], url: 'http://x'}", "no URL"),
                ("{name: a, format: mail, to: [a@x], sendmail: [sendmail]}", "not an absolute path"),
                ("{name: a, url: 'http://x', to: [a@x]}", "go with format: mail"),
                ("{name: a, url: 'http://x', format: github-deployment}", "/artifacts/metadata/deployment-record/cluster/CLUSTER"),
                ("{name: a, urlFile: /x, format: github-deployment, types: ['release.*']}", "release.deployed only")):
            with self.subTest(text):
                self.assertIn(problem, self.refused(text))

    # --- chat services -----------------------------------------------------------------------------

    def test_a_card_for_teams(self):
        teams = self.receiver(202)
        self.site.start(self.config(teams=(teams, "format: teams, batch: 300ms, types: [release.ready, release.deployed]")))
        self.settle()
        wait_for(lambda: teams.taken)
        message = json.loads(teams.taken[0])
        self.assertEqual((message["type"], len(message["attachments"])), ("message", 1))
        attachment = message["attachments"][0]
        self.assertEqual(attachment["contentType"], "application/vnd.microsoft.card.adaptive")
        self.assertEqual(attachment["content"]["type"], "AdaptiveCard")
        self.assertEqual([b["inlines"] for b in attachment["content"]["body"]][:1], [[{"type": "TextRun", "text": "release app-1.0.0 is ready: api 1.0.0"}]])
        self.assertEqual({b["type"] for b in attachment["content"]["body"]}, {"RichTextBlock"})

    def test_a_service_that_asks_to_wait_is_asked_after_that_time(self):
        times = []

        def answer(n):
            times.append(time.monotonic())
            return (429, {"Retry-After": "2"}, b"") if n == 1 else 204

        chat = self.receiver(answer)
        self.site.start(self.config(chat=(chat, "format: slack, types: [release.deployed]")))
        self.settle()
        wait_for(lambda: chat.taken)
        self.assertEqual(len(times), 2)
        self.assertGreater(times[1] - times[0], 1.9)

    # --- mail --------------------------------------------------------------------------------------

    def mail_site(self, more=""):
        server = MailServer(self)
        program = shutil.which("msmtp")
        self.assertTrue(program, "msmtp is missing")
        account = self.write("msmtprc", f"account default\nhost 127.0.0.1\nport {server.server_address[1]}\ntls off\nauth off\nfrom relman@example.com\n")
        os.chmod(account, 0o600)
        self.site.start(f"""events:
  webhooks:
  - name: people
    format: mail
    to: [ops@example.com, dev@example.com]
    from: relman@example.com
    retryInterval: 100ms
    sendmail: [{program}, --file={account}, -i]
    {more}
api: {{socket: {os.path.join(self.site.folder, 'relmand.sock')}}}
""")
        return server

    def test_mails_of_one_promotion_are_a_thread(self):
        server = self.mail_site("types: [release.promoted, release.deployed]")
        self.settle()
        wait_for(lambda: len(server.mails) == 2)
        mails = [email.message_from_bytes(data, policy=email.policy.default) for _, _, data in server.mails]
        for (sender, recipients, _), mail in zip(server.mails, mails):
            self.assertEqual((sender, recipients), ("relman@example.com", ["ops@example.com", "dev@example.com"]))
            self.assertEqual((mail["From"], mail["To"]), ("relman@example.com", "ops@example.com, dev@example.com"))
            self.assertEqual(mail["Auto-Submitted"], "auto-generated")
        self.assertEqual(mails[1]["Subject"], "relman: release app-1.0.0 runs in prod: api 1.0.0")
        self.assertEqual(mails[1].get_content().splitlines()[0], "release app-1.0.0 runs in prod: api 1.0.0")
        self.assertEqual(mails[0]["References"], mails[1]["References"])
        self.assertRegex(mails[0]["References"], r"^<[0-9a-f-]{36}@example\.com>$")
        events = self.site.stored.events("id", type="release.deployed")
        self.assertEqual(mails[1]["Message-ID"], f"<{events[0][0]}@example.com>")

    def test_a_mail_that_is_not_taken_is_sent_again(self):
        server = self.mail_site("types: [release.deployed]")
        server.refuses = True
        self.settle()
        wait_for(lambda: "try later" in self.site.log, what="the answer of the mail server in the log")
        self.assertEqual(server.mails, [])
        server.refuses = False
        wait_for(lambda: server.mails)
        time.sleep(0.3)
        self.assertEqual(len(server.mails), 1)

    def test_a_reason_in_any_language_stays_text(self):
        server = self.mail_site("types: [environment.held]")
        self.settle()
        reason = "Störung – 障害 " * 12
        status, _ = self.call("POST", "/environments/" + self.site.stored.environments("id")[0][0] + "/hold", {"reason": reason})
        self.assertLess(status, 300)
        wait_for(lambda: server.mails)
        mail = email.message_from_bytes(server.mails[0][2], policy=email.policy.default)
        self.assertIn(reason.strip(), mail.get_content())
        self.assertTrue(mail["Subject"].startswith("relman: environment prod was put on hold"), mail["Subject"])
        self.assertIn("Störung – 障害", mail["Subject"])
        self.assertLessEqual(max(map(len, server.mails[0][2].split(b"\r\n"))), 78)

    def test_only_the_events_of_some_environments(self):
        prod, other = self.receiver(), self.receiver()
        self.site.write("e.yaml", "apiVersion: relman/v1\nkind: Environment\nmetadata: {name: test}\nspec: {stream: app}\n")
        self.site.start(self.config(prod=(prod, "environments: [prod]"), other=(other, "environments: [nowhere]")))
        self.settle()
        wait_for(lambda: len(self.site.stored.events(type="release.deployed")) == 2)
        wait_for(lambda: len(prod.taken) >= 2)
        about = [e["data"].get("environment") or e["data"]["objectName"] for e in prod.events()]
        self.assertEqual(set(about), {"prod"})
        self.assertIn("release.deployed", [e["type"] for e in prod.events()])
        status, shown = self.call("GET", "/receivers")
        self.assertEqual([r["environments"] for r in shown], [["prod"], ["nowhere"]])
        self.assertEqual(other.taken, [])

    # --- GitHub ------------------------------------------------------------------------------------

    def test_deployment_records_for_github(self):
        github = self.receiver((200, {}, b'{"total_count":1}'))
        token = self.write("token", "gh-token\n")
        path = "/orgs/acme/artifacts/metadata/deployment-record/cluster/prod-eu"
        self.registry.push("app/web", "v2.0.0", "web")
        self.component("web", "payments", "app/web")
        self.stream("api, web")
        self.site.start(self.config(records=(github, f"format: github-deployment, tokenFile: {token}, url: 'http://127.0.0.1:{github.port}{path}'")))
        self.settle()
        # the next release has the source of one image, and lacks the other one
        labels = {"org.opencontainers.image.source": "https://github.com/Acme/api", "org.opencontainers.image.revision": "4f1c" * 10}
        manifest = self.registry.image("app/api", "second", labels=labels)
        self.stream("api")
        wait_for(lambda: "1 updated" in self.site.log, what="the changed stream")
        second = self.registry.put_manifest("app/api", "v1.1.0", manifest, MANIFEST)
        self.settle("app-1.1.0")
        wait_for(lambda: any(b"app-1.1.0" in body for body in github.taken))
        for requested, headers, body in github.requests:
            self.assertEqual(requested, path)
            self.assertEqual((headers["Authorization"], headers["X-GitHub-Api-Version"], headers["Accept"]),
                             ("Bearer gh-token", "2026-03-10", "application/vnd.github+json"))
            jsonschema.validate(json.loads(body), CLUSTER_RECORDS)
        first, last = json.loads(github.taken[0]), json.loads(github.taken[-1])
        self.assertEqual((first["logical_environment"], [d["deployment_name"] for d in first["deployments"]]), ("prod", ["default-api", "default-web"]))
        self.assertEqual(first["deployments"][0], {
            "name": f"{self.registry.host}/app/api", "digest": self.first, "version": "1.0.0", "status": "deployed",
            "deployment_name": "default-api", "tags": {"release": "app-1.0.0"}})
        api = [d for d in last["deployments"] if d["deployment_name"] == "default-api"][0]
        self.assertEqual((api["digest"], api["version"], api["github_repository"]), (second, "1.1.0", "api"))
        gone = [d for body in github.taken for d in json.loads(body)["deployments"] if d["status"] == "decommissioned"]
        self.assertEqual([d["deployment_name"] for d in gone], ["default-web"])


if __name__ == "__main__":
    relman.main()
