#!/usr/bin/env python3
"""Tests push webhooks: bodies and authentication of each registry. A hook only starts a poll; its content is
not trusted."""

import base64
import hashlib
import hmac
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import unittest
import urllib.parse

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import MANIFEST, sha256  # noqa: E402
from relman import Site, UnixConnection, wait_for  # noqa: E402
from standin import StandIn  # noqa: E402

SECRET = "correct horse"


def signature(body, secret=SECRET, algorithm=hashlib.sha256):
    return hmac.new(secret.encode(), body.encode(), algorithm).hexdigest()


def bodies(repository, tag, digest, host):
    """Returns sender -> body, as each registry documents it."""
    namespace, name = repository.split("/")
    gar = base64.b64encode(json.dumps({"action": "INSERT", "digest": f"{host}/{repository}@{digest}",
                                       "tag": f"{host}/{repository}:{tag}"}).encode()).decode()
    return {
        "distribution": {"events": [
            {"id": "1", "timestamp": "2026-11-24T00:00:00Z", "action": "push",
             "target": {"mediaType": "application/octet-stream", "digest": digest, "repository": "other/blob"}},
            {"id": "2", "timestamp": "2026-11-24T00:00:00Z", "action": "push",
             "target": {"mediaType": MANIFEST, "digest": digest, "size": 7, "length": 7, "repository": repository,
                        "url": f"http://{host}/v2/{repository}/manifests/{digest}", "tag": tag},
             "request": {"id": "x", "addr": "10.0.0.1", "host": host, "method": "PUT", "useragent": "docker"},
             "actor": {}, "source": {"addr": host}}]},
        "dockerhub": {"callback_url": "http://169.254.169.254/", "push_data": {
            "pushed_at": 1417566161, "pusher": "trustedbuilder", "tag": tag},
            "repository": {"repo_name": repository, "namespace": namespace, "name": name,
                           "repo_url": f"https://hub.docker.com/r/{repository}", "status": "Active"}},
        "ghcr": {"action": "published", "registry_package": {
            "name": name, "namespace": namespace, "package_type": "CONTAINER", "package_version": {
                "version": digest, "container_metadata": {"tag": {"name": tag, "digest": digest}},
                "package_url": f"{host}/{repository}:{tag}"}}},
        "ghcr without url": {"action": "published", "registry_package": {
            "name": name, "namespace": namespace, "package_type": "CONTAINER", "package_version": {
                "version": digest, "container_metadata": {"tag": {"name": "", "digest": ""}}, "package_url": ""}}},
        "quay": {"repository": repository, "namespace": namespace, "name": name,
                 "docker_url": f"quay.io/{repository}", "homepage": f"https://quay.io/repository/{repository}",
                 "updated_tags": ["latest", tag]},
        "harbor": {"type": "PUSH_ARTIFACT", "occur_at": 1680501893, "operator": "harbor-jobservice", "event_data": {
            "resources": [{"digest": digest, "tag": digest, "resource_url": f"{host}/{repository}:{tag}"}],
            "repository": {"date_created": 1677053165, "name": name, "namespace": namespace,
                           "repo_full_name": repository, "repo_type": "private"}}},
        "harbor cloudevent": {"specversion": "1.0", "id": "a", "source": "/projects/1/webhook/policies/15",
                              "type": "harbor.artifact.pushed", "datacontenttype": "application/json",
                              "data": {"resources": [{"digest": digest, "tag": tag}],
                                       "repository": {"name": name, "repo_full_name": repository}}},
        "acr": {"id": "cb8c3971", "timestamp": "2026-11-17T16:52:26Z", "action": "push",
                "target": {"mediaType": MANIFEST, "size": 524, "digest": digest, "length": 524,
                           "repository": repository, "tag": tag},
                "request": {"id": "3cbb6949", "host": host, "method": "PUT", "useragent": "docker"}},
        "gar": {"message": {"data": gar, "messageId": "1", "publishTime": "2026-11-24T00:00:00Z"},
                "subscription": "projects/p/subscriptions/s"},
        "ecr": {"version": "0", "id": "1", "detail-type": "ECR Image Action", "source": "aws.ecr",
                "account": "123456789012", "region": "us-west-2",
                "detail": {"result": "SUCCESS", "repository-name": repository, "image-digest": digest,
                           "action-type": "PUSH", "image-tag": tag}},
        "nexus": {"timestamp": "2026-11-24T00:00:00Z", "nodeId": "n", "initiator": "admin",
                  "repositoryName": "docker", "action": "CREATED",
                  "component": {"id": "1", "format": "docker", "name": repository, "version": tag}},
        "zot": {"specversion": "1.0", "source": "zotregistry.dev", "type": "zotregistry.image.updated", "id": "1",
                "data": {"name": repository, "reference": tag, "digest": digest, "mediaType": MANIFEST}},
    }


MANIFEST_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


def pub_sub(change):
    return {"message": {"data": base64.b64encode(json.dumps(change).encode()).decode(), "attributes": {},
                        "messageId": "136969346945", "publishTime": "2026-11-24T00:00:00Z"},
            "subscription": "projects/p/subscriptions/s"}


def spellings(host):
    """Returns (sender and event, body, how many of the components app/api and library/redis are polled)."""
    digest, harbor = sha256(b"x"), {"date_created": 1677053165, "name": "api", "namespace": "app", "repo_full_name": "app/api",
                                    "repo_type": "private"}

    def target(**keys):
        return {"events": [{"id": "1", "timestamp": "2026-11-24T00:00:00Z", "action": keys.pop("action"), "target": keys}]}

    def harbor_event(kind, **data):
        return {"type": kind, "occur_at": 1680501893, "operator": "admin", "event_data": data}

    def cloud_event(kind, data):
        return {"specversion": "1.0", "id": "1", "source": "/s", "type": kind, "datacontenttype": "application/json", "data": data}

    def package(**keys):
        return {"action": "published", "registry_package": {
            "name": "api", "namespace": "App", "package_type": "CONTAINER", "ecosystem": "CONTAINER",
            "package_version": {"version": digest, "package_url": f"{host}/App/api:"}, **keys}}

    def acr(action, **keys):
        return {"id": "1", "timestamp": "2026-11-17T16:52:26Z", "action": action, "target": keys, "request": {"id": "2", "host": host}}

    def ecr(kind, **detail):
        return {"version": "0", "id": "1", "detail-type": kind, "source": "aws.ecr", "account": "123456789012", "resources": [],
                "detail": {"repository-name": "app/api", **detail}}

    def nexus(**keys):
        return {"timestamp": "2026-11-24T00:00:00Z", "nodeId": "n", "initiator": "admin/10.0.0.1", "repositoryName": "docker-hosted", **keys}

    def artifactory(event, **data):
        return {"domain": "docker", "event_type": event, "subscription_key": "s", "jpd_origin": "https://jfrog.example", "source": "u",
                "data": {"path": "app/api/1.0/manifest.json", "name": "manifest.json", "sha256": "0" * 64, "size": 7, "tag": "1.0",
                         "repo_key": "docker-local", "image_name": "app/api", "platforms": [], **data}}
    return (
        ("distribution: a manifest list", target(action="push", mediaType=MANIFEST_LIST, repository="app/api", digest=digest, tag="1"), 1),
        ("distribution: by digest, without a tag", target(action="push", mediaType=MANIFEST, repository="app/api", digest=digest), 1),
        ("distribution: a manifest is deleted", target(action="delete", repository="app/api", digest=digest), 1),
        ("distribution: a tag is deleted", target(action="delete", repository="app/api", tag="1"), 1),
        ("distribution: a pull", target(action="pull", mediaType=MANIFEST, repository="app/api", digest=digest), 0),
        ("distribution: a mounted blob", target(action="mount", mediaType=LAYER, repository="app/api", fromRepository="x/y"), 0),
        ("distribution: a layer", target(action="push", mediaType=LAYER, repository="app/api", digest=digest), 0),
        ("distribution: several", {"events": [target(action="push", mediaType=MANIFEST, repository=r)["events"][0]
                                              for r in ("app/api", "app/api", "library/redis", "other/thing")]}, 2),
        ("distribution: none", {"events": []}, 0),
        ("dockerhub: an official image", {"push_data": {"tag": "7"}, "repository": {"repo_name": "redis", "namespace": "library"}}, 1),
        ("dockerhub: an automated build", {"push_data": {"images": ["27d4", "51a9"], "pushed_at": 1.417566161e+09, "pusher": "p"},
                                           "repository": {"repo_name": "app/api", "is_trusted": True}}, 1),
        ("ghcr: upper case, no tag", package(), 1),
        ("ghcr: no URL", package(package_version={"version": digest, "package_url": ""}), 1),
        ("ghcr: no version", package(package_version=None), 1),
        ("ghcr: the event 'package'", {"action": "updated", "package": package()["registry_package"]}, 1),
        ("ghcr: the older type", package(package_type="docker"), 1),
        ("ghcr: another kind of package", package(package_type="npm", package_version=None), 0),
        ("ghcr: a ping", {"zen": "Design for failure.", "hook_id": 1, "hook": {"type": "Repository"}, "repository": {"full_name": "app/api"}}, 0),
        ("ghcr: as a form", "payload=" + urllib.parse.quote_plus(json.dumps(package())), 1),
        ("ghcr: as a form, spaces as %20", "payload=" + urllib.parse.quote(json.dumps(package(), indent=1)) + "&x=1", 1),
        ("quay: a push", {"repository": "app/api", "docker_url": "quay.io/app/api", "updated_tags": ["latest", "1.0"]}, 1),
        ("quay: tags with their images", {"repository": "app/api", "docker_url": "quay.io/app/api", "updated_tags": {"latest": "b750"}}, 1),
        ("quay: a build", {"repository": "app/api", "docker_url": "quay.io/app/api", "build_id": "2", "docker_tags": ["latest"]}, 1),
        ("quay: a vulnerability", {"repository": "app/api", "docker_url": "quay.io/app/api", "tags": ["latest"],
                                   "vulnerability": {"id": "CVE-1", "priority": "High"}}, 0),
        ("harbor: deleted", harbor_event("DELETE_ARTIFACT", resources=[{"digest": digest, "tag": digest}], repository=harbor), 1),
        ("harbor: a tag", cloud_event("harbor.tag.created", {"repository": harbor}), 1),
        ("harbor: pulled", harbor_event("PULL_ARTIFACT", resources=[], repository=harbor), 0),
        ("harbor: pulled, CloudEvent", cloud_event("harbor.artifact.pulled", {"repository": harbor}), 0),
        ("harbor: scanned", harbor_event("SCANNING_COMPLETED", resources=[], repository=harbor), 0),
        ("harbor: scanned, CloudEvent", cloud_event("harbor.scan.completed", {"repository": harbor}), 0),
        ("harbor: quota", harbor_event("QUOTA_EXCEED", resources=[], repository=harbor, custom_attributes={"Details": "x"}), 0),
        ("harbor: replicated", harbor_event("REPLICATION", replication={
            "job_status": "Success", "artifact_type": "image", "src_resource": {"endpoint": "https://hub.docker.com", "namespace": "other"},
            "dest_resource": {"registry_type": "harbor", "endpoint": f"http://{host}", "namespace": "app"},
            "successful_artifact": [{"type": "image", "status": "Success", "name_tag": "api [1 item(s) in total]"}]}), 1),
        ("harbor: replicated, CloudEvent", cloud_event("harbor.replication.status.changed", {"replication": {
            "dest_resource": {"namespace": "app"}, "successful_artifact": [{"name_tag": "api:1.0"}]}}), 1),
        ("harbor: retention", harbor_event("TAG_RETENTION", retention={
            "total": 2, "retained": 1, "project_name": "app", "result": "SUCCESS",
            "deleted_artifact": [{"type": "image", "status": "SUCCESS", "name_tag": "api:1.0"}]}), 1),
        ("acr: deleted", acr("delete", mediaType=MANIFEST, digest=digest, repository="app/api"), 1),
        ("acr: quarantined", acr("quarantine", mediaType=MANIFEST, digest=digest, repository="app/api", tag="1"), 1),
        ("acr: a ping", acr("ping"), 0),
        ("acr: Event Grid, a batch", [{"id": "1", "subject": "app/api:1", "eventType": "Microsoft.ContainerRegistry.ImagePushed",
                                       "data": acr("push", repository=r, tag="1")} for r in ("app/api", "library/redis")], 2),
        ("acr: Event Grid, CloudEvent", cloud_event("Microsoft.ContainerRegistry.ImageDeleted", acr("delete", repository="app/api")), 1),
        ("acr: Event Grid, a batch of CloudEvents", [cloud_event("Microsoft.ContainerRegistry.ImagePushed", acr("push", repository=r, tag="1"))
                                                     for r in ("app/api", "library/redis")], 2),
        ("gar: a digest alone", pub_sub({"action": "INSERT", "digest": f"{host}/app/api@{digest}"}), 1),
        ("gar: a tag is deleted", pub_sub({"action": "DELETE", "tag": f"{host}/app/api:1.0"}), 1),
        ("gar: unwrapped", {"action": "INSERT", "digest": f"{host}/app/api@{digest}", "tag": f"{host}/app/api:1.0"}, 1),
        ("gar: another message", pub_sub({"action": "SCAN", "digest": f"{host}/app/api@{digest}"}), 0),
        ("ecr: deleted, without a tag", ecr("ECR Image Action", **{"result": "SUCCESS", "action-type": "DELETE", "image-digest": digest}), 1),
        ("ecr: pull-through cache", ecr("ECR Pull Through Cache Action", **{"sync-status": "SUCCESS", "image-tag": "1"}), 1),
        ("ecr: replicated", ecr("ECR Replication Action", **{"result": "SUCCESS", "action-type": "REPLICATE", "image-tag": "1"}), 1),
        ("ecr: scanned", ecr("ECR Image Scan", **{"scan-status": "COMPLETE", "image-tags": ["1"]}), 0),
        ("zot: binary mode", {"name": "app/api", "reference": "1.0", "digest": digest, "mediaType": MANIFEST, "manifest": "{}"}, 1),
        ("zot: binary mode, deleted", {"name": "app/api", "reference": "1.0", "digest": "", "mediaType": ""}, 1),
        ("zot: structured mode", cloud_event("zotregistry.image.updated", {"name": "app/api", "reference": "1.0", "digest": digest}), 1),
        ("zot: a repository is made", {"name": "app/api"}, 0),
        ("nexus: deleted", nexus(action="DELETED", component={"format": "docker", "name": "app/api", "group": None, "version": "1"}), 1),
        ("nexus: the repository in the path", nexus(action="CREATED", repositoryName="app", component={"format": "docker", "name": "api"}), 1),
        ("nexus: an asset", nexus(action="UPDATED", asset={"format": "docker", "name": "v2/app/api/manifests/1.0"}), 1),
        ("nexus: an asset, with a slash", nexus(action="CREATED", asset={"format": "docker", "name": "/v2/app/api/manifests/1.0"}), 1),
        ("nexus: a layer", nexus(action="CREATED", asset={"format": "docker", "name": "v2/-/blobs/" + digest}), 0),
        ("nexus: another format", nexus(action="CREATED", component={"format": "npm", "name": "app/api"}), 0),
        ("artifactory: pushed", artifactory("pushed"), 1),
        ("artifactory: deleted", artifactory("deleted"), 1),
        ("artifactory: the repository in the path", artifactory("promoted", repo_key="app", image_name="api"), 1),
        ("artifactory: another domain", dict(artifactory("deployed"), domain="artifact"), 0),
    )


class Hooks(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        self.server = StandIn()
        self.addCleanup(self.server.close)
        self.server.push("app/api", "v1.0.0")
        self.secret = os.path.join(self.site.folder, "secret")
        with open(self.secret, "w") as f:
            f.write(SECRET + "\n")
        self.site.write("r.yaml",
                        f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: r}}\n"
                        f"spec: {{url: '{self.server.url}', hook: {{secretFile: '{self.secret}'}}}}\n---\n"
                        f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: mute}}\n"
                        f"spec: {{url: 'http://127.0.0.1:9'}}\n---\n"
                        f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: api}}\n"
                        f"spec: {{imageRepository: {self.server.host}/app/api, versioningStrategy: {{type: semver}}}}\n")
        self.site.start("poll: {interval: 1h}\n")
        self.wait_head("v1.0.0")
        self.n = 0

    def head(self):
        found = self.site.stored.channels("tag")
        return found[0][0] if found else None

    def wait_head(self, tag, seconds=5):
        return wait_for(lambda: self.head() == tag, seconds, f"head {tag}")

    def push(self):
        self.n += 1
        tag = f"v1.1.{self.n}"
        return tag, self.server.push("app/api", tag)

    def post(self, body, headers=None, path="/hooks/v1/r"):
        if not isinstance(body, str):
            body = json.dumps(body)
        return self.site.call("POST", path, body, dict({"Content-Type": "application/json"}, **(headers or {})))

    def bearer(self):
        return {"Authorization": "Bearer " + SECRET}

    def test_every_registrys_body_makes_us_look(self):
        for name in bodies("app/api", "t", "d", "h"):
            with self.subTest(name):
                tag, digest = self.push()
                body = bodies("app/api", tag, digest, self.server.host)[name]
                status, answer, _ = self.post(body, self.bearer())
                self.assertEqual((status, answer), (202, {"components": 1}), name)
                self.wait_head(tag)

    def test_every_event_as_its_sender_spells_it(self):
        self.site.write("redis.yaml", "apiVersion: relman/v1\nkind: Component\nmetadata: {name: redis}\n"
                                      f"spec: {{imageRepository: {self.server.host}/library/redis}}\n")
        wait_for(lambda: self.site.call("GET", "/api/v1/components/redis")[0] == 200, what="the component")
        for name, body, n in spellings(self.server.host):
            with self.subTest(name):
                self.assertEqual(self.post(body, self.bearer())[:2], (202, {"components": n}))

    def test_every_way_to_show_the_secret(self):
        body = json.dumps(bodies("app/api", "t", sha256(b""), "h")["distribution"])
        basic = base64.b64encode(f"anyone:{SECRET}".encode()).decode()
        quoted = SECRET.replace(" ", "%20")
        for headers, path in (
                ({"X-Hub-Signature-256": "sha256=" + signature(body)}, ""),
                ({"X-Signature": "sha256=" + signature(body)}, ""),
                ({"X-Nexus-Webhook-Signature": signature(body, algorithm=hashlib.sha1)}, ""),
                ({"X-JFrog-Event-Auth": SECRET}, ""), ({"X-JFrog-Event-Auth": signature(body)}, ""),
                ({"Authorization": "Bearer " + SECRET}, ""), ({"Authorization": SECRET}, ""),
                ({"Authorization": "Basic " + basic}, ""), ({"X-Gitlab-Token": SECRET}, ""),
                ({}, "?token=" + quoted), ({}, "?access_token=" + quoted), ({}, "/" + quoted)):
            with self.subTest(str(headers) + path):
                self.assertEqual(self.post(body, headers, "/hooks/v1/r" + path)[0], 202)

    def test_who_does_not_know_the_secret_is_refused_and_learns_nothing(self):
        body = json.dumps(bodies("app/api", "t", sha256(b""), "h")["distribution"])
        asked = len(self.server.requests)
        right = {"X-Hub-Signature-256": "sha256=" + signature(body)}
        texts = set()
        for headers, path, sent in (
                ({}, "r", body), (right, "r", body + " "), ({"X-Hub-Signature-256": "sha256=" + "0" * 64}, "r", body),
                ({"X-Hub-Signature-256": "sha256="}, "r", body), ({"X-Hub-Signature-256": signature(body)}, "r", body),
                ({"X-Hub-Signature-256": "sha256=" + signature(body)[:10]}, "r", body),
                (dict(self.bearer(), **{"X-Hub-Signature-256": "sha256=" + "0" * 64}), "r", body),
                ({"Authorization": "Bearer " + SECRET[:-1]}, "r", body), ({"Authorization": "Bearer "}, "r", body),
                ({"X-JFrog-Event-Auth": SECRET[:-1]}, "r", body), ({"X-JFrog-Event-Auth": signature(body + " ")}, "r", body),
                (dict(self.bearer(), **{"X-JFrog-Event-Auth": "0" * 64}), "r", body), ({"Authorization": "Basic !!!!"}, "r", body), ({"Authorization": "Basic " + "A" * 4000}, "r", body),
                ({}, "r/wrong", body), ({}, "r?token=", body), ({}, "r?access_token=x", body), (self.bearer(), "unknown", body),
                (self.bearer(), "mute", body), (self.bearer(), "r?tenant=other", body)):
            with self.subTest(str(headers)[:60] + path):
                status, answer, got = self.post(sent, headers, "/hooks/v1/" + path)
                self.assertEqual(status, 401)
                self.assertEqual(answer["status"], 401)
                self.assertEqual(got["Content-Type"], "application/problem+json")
                texts.add(answer["detail"])
        self.assertEqual(len(texts), 1)
        time.sleep(0.2)
        self.assertEqual(len(self.server.requests), asked)
        self.assertNotIn(SECRET, self.site.log)

    def validation(self, code='512d38b6-"c7b8"', **keys):
        """Returns the event with which Azure Event Grid validates a subscription, in the schema of Event
        Grid."""
        return {"id": "2d1781af", "topic": "/subscriptions/x/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/r", "subject": "",
                "data": {"validationCode": code, "validationUrl": self.server.url + "/confirm"},
                "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent", "eventTime": "2026-11-25T22:12:19.4556811Z",
                "metadataVersion": "1", "dataVersion": "1", **keys}

    def test_event_grid_gets_its_validation_code_back(self):
        """A receiver accepts a subscription by an answer with status 200 and the code. Event Grid sends the
        secret in the URL or in a header. relmand must not request the validationUrl of the event."""
        asked, kind = len(self.server.requests), {"aeg-event-type": "SubscriptionValidation", "aeg-subscription-name": "R"}
        for headers, path in ((kind, "?token=correct%20horse"), (kind, "/correct%20horse"), (dict(kind, **self.bearer()), ""), (self.bearer(), "")):
            for body in ([self.validation()], self.validation(), [self.validation(eventType="microsoft.eventgrid.subscriptionvalidationevent")]):
                with self.subTest(path, body=body):
                    status, answer, got = self.post(body, headers, "/hooks/v1/r" + path)
                    self.assertEqual((status, answer), (200, {"validationResponse": '512d38b6-"c7b8"'}))
                    self.assertTrue(got["Content-Type"].startswith("application/json"))
        for path in ("r", "r?token=wrong", "r/wrong", "mute?token=correct%20horse", "unknown/correct%20horse"):
            with self.subTest(path):
                status, answer, _ = self.post([self.validation()], kind, "/hooks/v1/" + path)
                self.assertEqual(status, 401)
                self.assertNotIn("512d38b6", str(answer))
        for body in ([self.validation(code=None)], [self.validation(data=7)], [self.validation(code=["x"])], [self.validation(), self.validation()], [[self.validation()]],
                     [self.validation(eventType="Microsoft.EventGrid.SubscriptionDeletedEvent")], [self.validation(eventType=None)]):
            with self.subTest(body=body):
                self.assertEqual(self.post(body, self.bearer())[:2], (202, {"components": 0}))
        time.sleep(0.2)
        self.assertEqual(len(self.server.requests), asked)

    def test_a_sender_of_cloudevents_is_permitted_by_options(self):
        """HTTP 1.1 Web Hooks for CloudEvents, section 4: the headers of the answer give the permission,
        whatever the status is."""
        ask = {"WebHook-Request-Origin": "eventgrid.azure.net", "WebHook-Request-Callback": self.server.url + "/confirm", "WebHook-Request-Rate": "120"}
        asked = len(self.server.requests)
        for headers, path in ((ask, "?token=correct%20horse"), (ask, "?access_token=correct%20horse"), (ask, "/correct%20horse"), (dict(ask, **self.bearer()), "")):
            with self.subTest(path):
                status, answer, got = self.site.call("OPTIONS", "/hooks/v1/r" + path, headers=headers)
                self.assertEqual((status, answer), (200, {"components": 0}))
                self.assertEqual((got["WebHook-Allowed-Origin"], got["WebHook-Allowed-Rate"], got["Allow"]), ("eventgrid.azure.net", "*", "POST, OPTIONS"))
        status, _, got = self.site.call("OPTIONS", "/hooks/v1/r/correct%20horse")
        self.assertEqual((status, got["Allow"], got["WebHook-Allowed-Origin"]), (200, "POST, OPTIONS", None))
        for path in ("r", "r?token=wrong", "r/wrong", "mute/correct%20horse", "unknown/correct%20horse"):
            with self.subTest(path):
                status, _, got = self.site.call("OPTIONS", "/hooks/v1/" + path, headers=ask)
                self.assertEqual((status, got["WebHook-Allowed-Origin"], got["WebHook-Allowed-Rate"]), (401, None, None))
        self.assertEqual(self.site.call("OPTIONS", "/api/v1/status", headers=ask)[0], 405)
        time.sleep(0.2)
        self.assertEqual(len(self.server.requests), asked)

    def test_a_secret_that_cannot_be_read_is_like_a_wrong_one(self):
        body = json.dumps(bodies("app/api", "t", sha256(b""), "h")["distribution"])
        wrong = self.post(body, {"Authorization": "Bearer wrong"})[:2]
        os.rename(self.secret, self.secret + ".away")
        for headers in (self.bearer(), {"X-Hub-Signature-256": "sha256=" + signature(body)}, {}):
            self.assertEqual(self.post(body, headers)[:2], wrong)
        wait_for(lambda: self.secret in self.site.log, what="the reason in the log")
        # only once, because anybody can send hooks
        self.assertEqual(self.site.log.count("hooks are refused"), 1, self.site.log)
        os.rename(self.secret + ".away", self.secret)
        self.assertEqual(self.post(body, self.bearer())[0], 202)

    def test_what_a_hook_says_of_digests_and_tags_is_not_believed(self):
        lie = bodies("app/api", "v9.9.9", sha256(b"never pushed"), self.server.host)["distribution"]
        self.assertEqual(self.post(lie, self.bearer())[0], 202)
        tag, _ = self.push()
        wait_for(lambda: self.post(lie, self.bearer())[0] == 202 and self.head() == tag)
        self.assertEqual(self.site.stored.count("tags", tag="v9.9.9"), 0)

    def test_junk_is_taken_and_changes_nothing(self):
        asked = len(self.server.requests)
        for body in ("", "x", "[]", "null", "{}", "{" * 200, '{"events": 7}', '{"events": [1, {"target": []}]}',
                     '{"message": {"data": "!!!"}}', '{"message": {"data": "AAAA"}}', '{"repository": "app/api"}',
                     '{"a": 1, "a": 2}', '{"events": [{"action": "pull", "target": {"repository": "app/api"}}]}',
                     json.dumps(bodies("other/thing", "t", sha256(b""), "h")["quay"]), '{"events": "\\u0000"}'):
            with self.subTest(body[:40]):
                self.assertEqual(self.post(body, self.bearer())[:2], (202, {"components": 0}))
        time.sleep(0.2)
        self.assertEqual(len(self.server.requests), asked)

    def test_large_bodies_are_refused_said_or_not(self):
        status, answer, _ = self.post(" " * (256 * 1024 + 1), self.bearer())
        self.assertEqual((status, answer["status"]), (413, 413))
        connection = UnixConnection(self.site.socket)
        with self.assertRaises((OSError, relman.http.client.HTTPException)):
            connection.request("POST", "/hooks/v1/r", (b" " * 65536 for _ in range(800)), self.bearer(),
                               encode_chunked=True)
            connection.getresponse()
        self.assertEqual(self.post(" " * (256 * 1024 - 2) + "{}", self.bearer())[0], 202)

    def test_a_flood_costs_no_more_than_a_poll_a_second(self):
        body = bodies("app/api", "t", sha256(b""), "h")["distribution"]
        before, start = self.server.count("tags/list"), time.monotonic()
        connection, n = UnixConnection(self.site.socket), 0
        text = json.dumps(body)
        while time.monotonic() - start < 2.5:
            connection.request("POST", "/hooks/v1/r", text, self.bearer())
            answer = connection.getresponse()
            answer.read()
            self.assertEqual(answer.status, 202)
            n += 1
        connection.close()
        self.assertGreater(n, 100)
        self.assertLessEqual(self.server.count("tags/list") - before, 4)

    def test_a_registry_that_fails_is_not_asked_at_every_hook(self):
        self.server.answers["GET /v2/app/api/tags/list"] = lambda handler: handler.reply(404, {})
        body = bodies("app/api", "t", sha256(b""), "h")["quay"]
        self.post(body, self.bearer())
        wait_for(lambda: self.server.count("tags/list") >= 2)
        before = self.server.count("tags/list")
        for _ in range(20):
            self.post(body, self.bearer())
        time.sleep(0.5)
        self.assertLessEqual(self.server.count("tags/list") - before, 1)

    def test_a_push_during_a_sync_is_not_lost(self):
        gate, entered = threading.Event(), threading.Event()

        def slow(handler):
            self.server.answers.pop("GET /v2/app/api/tags/list", None)
            entered.set()
            tags = sorted(self.server.repositories["app/api"])
            gate.wait(10)
            handler.reply(200, {"name": "app/api", "tags": tags})
        self.server.answers["GET /v2/app/api/tags/list"] = slow
        body = bodies("app/api", "t", sha256(b""), "h")["quay"]
        time.sleep(1.1)
        self.post(body, self.bearer())
        self.assertTrue(entered.wait(5))
        tag, _ = self.push()
        self.post(body, self.bearer())
        gate.set()
        self.wait_head(tag)

    def test_other_paths_and_methods_are_problems(self):
        for method, path, wanted in (("GET", "/hooks/v1/r", 405), ("POST", "/hooks/v1/", 404), ("POST", "/hooks/v1", 404),
                                     ("POST", "/nothing", 404), ("DELETE", "/healthz", 405), ("GET", "/" * 300, 404)):
            with self.subTest(path):
                status, answer, _ = self.site.call(method, path)
                self.assertEqual((status, answer["status"]), (wanted, wanted))
        self.assertEqual(self.site.call("GET", "/healthz")[:2], (200, {"status": "ok"}))
        self.assertEqual(self.site.call("HEAD", "/healthz")[0], 200)

    def test_slow_and_half_open_clients_hold_up_nobody(self):
        held = []
        for i in range(200):
            s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            s.connect(self.site.socket)
            s.sendall(b"POST /hooks/v1/r HTTP/1.1\r\nHost: x\r\nContent-Le" if i % 2 else b"")
            held.append(s)
        tag, digest = self.push()
        start = time.monotonic()
        self.assertEqual(self.post(bodies("app/api", tag, digest, "h")["quay"], self.bearer())[0], 202)
        self.wait_head(tag)
        self.assertLess(time.monotonic() - start, 2)
        for s in held:
            s.close()


class Sockets(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)

    def test_the_socket_is_for_its_owner_and_group_and_goes_with_the_daemon(self):
        self.site.start()
        self.assertEqual(os.stat(self.site.socket).st_mode & 0o777, 0o660)
        self.site.stop()
        self.assertFalse(os.path.exists(self.site.socket))

    def test_what_a_killed_daemon_left_is_replaced(self):
        self.site.start()
        self.site.process.kill()
        self.site.process.wait()
        self.assertTrue(os.path.exists(self.site.socket))
        self.site.start()
        self.assertEqual(self.site.call("GET", "/healthz")[0], 200)

    def test_what_is_no_socket_is_left_alone(self):
        path = os.path.join(self.site.folder, "precious")
        with open(path, "w") as f:
            f.write("precious")
        with self.assertRaises(AssertionError) as e:
            self.site.start(f"api: {{socket: '{path}'}}\n")
        self.assertIn("is no socket", str(e.exception))
        with open(path) as f:
            self.assertEqual(f.read(), "precious")

    def test_a_socket_whose_folder_does_not_exist_is_named(self):
        path = os.path.join(self.site.folder, "nowhere", "relmand.sock")
        with self.assertRaises(AssertionError) as e:
            self.site.start(f"api: {{socket: '{path}'}}\n")
        self.assertIn(f"cannot create the socket '{path}': its folder does not exist; create it, or name another place by api.socket",
                      str(e.exception))

    def test_addresses_are_listened_on_and_bad_ones_named(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        self.site.start(f"api: {{socket: '', listen: ['127.0.0.1:{port}']}}\n")
        connection = relman.http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/healthz")
        self.assertEqual(connection.getresponse().status, 200)
        connection.close()
        self.site.stop()
        for bad in ("127.0.0.1", "localhost:80", "::1:80", "[::1]", "127.0.0.1:99999"):
            with self.subTest(bad), self.assertRaises(AssertionError) as e:
                self.site.start(f"api: {{socket: '', listen: ['{bad}']}}\n")
            self.assertIn(bad, str(e.exception))


# A program that passes sockets to relmand, as systemd does for relmand.socket and relmand-hooks.socket.
ACTIVATE = """
import os, socket, sys
names = ["relmand.socket", "hooks"][-len(sys.argv[1].split(":")):]
sockets = []
for i, path in enumerate(sys.argv[1].split(":")):
    s = socket.socket(socket.AF_UNIX); s.bind(path); s.listen(10); s.setblocking(False); sockets.append(s)
for i, s in enumerate(sockets):
    os.dup2(s.fileno(), 10 + i)
for i, s in enumerate(sockets):
    os.dup2(10 + i, 3 + i, inheritable=True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(names)), LISTEN_FDNAMES=":".join(names))
os.execv(sys.argv[2], sys.argv[2:])
"""


class Activated(relman.SiteCase):
    """Tests sockets that systemd passes."""

    def start(self, *paths):
        arguments = self.site.arguments
        self.site.arguments = lambda *more: [sys.executable, "-c", ACTIVATE, ":".join(paths), *arguments(*more)]
        self.site.start(f"api: {{socket: {self.site.folder}/relmand.sock}}\n")

    def statuses(self, path):
        self.site.socket = path
        return self.site.call("GET", "/healthz")[0], self.site.call("POST", "/hooks/v1/r", "{}")[0]

    def test_the_one_named_hooks_answers_hooks_alone(self):
        main, hooks = self.site.folder + "/a.sock", self.site.folder + "/b.sock"
        self.start(main, hooks)
        self.assertEqual(self.statuses(main), (200, 404))
        self.assertEqual(self.statuses(hooks), (404, 401))
        self.assertFalse(os.path.exists(self.site.folder + "/relmand.sock"))

    def test_the_one_named_hooks_alone_leaves_relmand_its_own_socket(self):
        hooks = self.site.folder + "/b.sock"
        self.start(hooks)
        self.assertEqual(self.statuses(hooks), (404, 401))
        self.assertEqual(self.statuses(self.site.folder + "/relmand.sock"), (200, 404))


class OwnListener(unittest.TestCase):
    """Tests a socket and an address that answer only hooks."""

    @classmethod
    def setUpClass(cls):
        cls.site = Site()
        cls.addClassCleanup(cls.site.close)
        cls.secret = os.path.join(cls.site.folder, "secret")
        with open(cls.secret, "w") as f:
            f.write(SECRET)
        cls.site.write("r.yaml", "apiVersion: relman/v1\nkind: Registry\nmetadata: {name: r}\n"
                                 f"spec: {{url: 'http://127.0.0.1:9', hook: {{secretFile: '{cls.secret}'}}}}\n")
        cls.port, cls.hooks_port = relman.free_port(), relman.free_port()
        cls.hooks = os.path.join(cls.site.folder, "hooks.sock")
        cls.site.start(f"api: {{socket: {cls.site.folder}/relmand.sock, listen: ['127.0.0.1:{cls.port}'], tokenFile: {cls.site.folder}/tokens, "
                       f"hooks: {{socket: {cls.hooks}, listen: ['127.0.0.1:{cls.hooks_port}']}}}}\n")

    def connections(self, own):
        for connection in ((UnixConnection(self.hooks), http.client.HTTPConnection("127.0.0.1", self.hooks_port)) if own else
                           (UnixConnection(self.site.socket), http.client.HTTPConnection("127.0.0.1", self.port))):
            yield connection
            connection.close()

    def status(self, connection, method, path, headers=None):
        return self.site.call(method, path, "{}" if method == "POST" else None, headers, connection)[0]

    def test_it_answers_hooks_and_nothing_else(self):
        right = {"Authorization": "Bearer " + SECRET}
        for connection in self.connections(own=True):
            self.assertEqual(self.status(connection, "POST", "/hooks/v1/r", right), 202)
            self.assertEqual(self.status(connection, "POST", "/hooks/v1/r/correct%20horse"), 202)
            self.assertEqual(self.status(connection, "GET", "/hooks/v1/r", right), 405)
            for method, path in (("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics"), ("GET", "/api/v1/status"), ("GET", "/api/v1/openapi.json"),
                                 ("POST", "/api/v1/releases"), ("DELETE", "/api/v1/releases/x"), ("GET", "/"), ("GET", "/hooks"), ("GET", "/hooks/"),
                                 ("GET", "/hooks/../api/v1/status"), ("GET", "/hooks/v1/%2e%2e/%2e%2e/api/v1/status"), ("GET", "//api/v1/status")):
                with self.subTest(path):
                    self.assertEqual(self.status(connection, method, path, right), 404)

    def test_no_byte_in_the_path_leads_elsewhere(self):
        for target in (b"/hooks/v1/r%00", b"/api/v1/status%00/hooks/v1/r", b"/hooks/v1/r%0a/api/v1/status", b"/hooks/v1/r\0/api/v1/status"):
            for address in (self.hooks, ("127.0.0.1", self.hooks_port)):
                with self.subTest(target), socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET) as c:
                    c.connect(address)
                    c.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\n\r\n")
                    self.assertIn(c.makefile("rb").read()[:12], (b"HTTP/1.1 400", b""))

    def test_the_other_listeners_have_no_hooks_then(self):
        for connection in self.connections(own=False):
            self.assertEqual(self.status(connection, "POST", "/hooks/v1/r", {"Authorization": "Bearer " + SECRET}), 404)
            self.assertEqual(self.status(connection, "GET", "/healthz"), 200)
        self.assertEqual(self.site.call("GET", "/api/v1/status")[0], 200)

    def test_every_account_may_connect_to_the_socket_for_hooks_alone(self):
        self.assertEqual(os.stat(self.hooks).st_mode & 0o777, 0o666)
        self.assertEqual(os.stat(self.site.socket).st_mode & 0o777, 0o660)

    @unittest.skipUnless(shutil.which("nginx"), "no nginx")
    def test_behind_nginx(self):
        port, folder = relman.free_port(), os.path.join(self.site.folder, "nginx")
        os.mkdir(folder)
        with open(os.path.join(folder, "nginx.conf"), "w") as f:
            f.write(("user root; " if os.getuid() == 0 else "") + f"daemon off; pid {folder}/pid; error_log stderr; events {{}}\nhttp {{ access_log off; client_body_temp_path {folder}/body; "
                    f"proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
                    f"server {{ listen 127.0.0.1:{port}; location /hooks/ {{ proxy_pass http://unix:{self.hooks}; client_max_body_size 256k; }} "
                    f"location / {{ return 404; }} }} }}\n")
        nginx = subprocess.Popen(["nginx", "-p", folder, "-c", os.path.join(folder, "nginx.conf")], stderr=subprocess.DEVNULL)
        self.addCleanup(nginx.wait)
        self.addCleanup(nginx.terminate)

        def ask(method, path, headers=None):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            try:
                return self.status(connection, method, path, headers)
            finally:
                connection.close()

        def is_up():
            try:
                return ask("GET", "/") == 404
            except OSError:
                return False
        wait_for(is_up, what="nginx")
        self.assertEqual(ask("POST", "/hooks/v1/r", {"Authorization": "Bearer " + SECRET}), 202)
        self.assertEqual(ask("POST", "/hooks/v1/r"), 401)
        for path in ("/api/v1/status", "/hooks/%2e%2e/api/v1/status", "/hooks/v1/r%00/api/v1/status", "/hooks//api/v1/status", "/healthz"):
            with self.subTest(path):
                self.assertIn(ask("GET", path), (400, 404))


if __name__ == "__main__":
    relman.main()
