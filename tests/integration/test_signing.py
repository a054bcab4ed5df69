#!/usr/bin/env python3
"""Tests the signed statements of lockfiles and of environments. openssl checks them, with no code of relman."""

import base64
import collections
import glob
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import DockerRegistry  # noqa: E402
from faults import NO_LEAKS, Faults  # noqa: E402
from relman import Site, wait_for  # noqa: E402


def read(path):
    with open(path) as f:
        return f.read()


def encode(kind, payload):
    """The pre-authentication encoding of DSSE."""
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)


class Signing(unittest.TestCase):
    def setUp(self):
        self.registry = DockerRegistry()
        self.addCleanup(self.registry.close)
        self.digest = self.registry.push("app/api", "v1.0.0")
        self.site = Site()
        self.addCleanup(self.site.close)
        self.site.write("r.yaml", f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: r}}\nspec: {{url: '{self.registry.url}'}}\n")
        self.site.write("c.yaml", f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: api}}\nspec: {{imageRepository: {self.registry.host}/app/api}}\n")
        self.site.write("s.yaml", "apiVersion: relman/v1\nkind: ReleaseStream\nmetadata: {name: main}\nspec: {components: [api], nameTemplate: 'main-{seq}', settle: 0s}\n")
        self.release("one")
        self.site.write("e.yaml", "apiVersion: relman/v1\nkind: Environment\nmetadata: {name: prod}\nspec: {release: one}\n")
        self.credentials = os.path.join(self.site.folder, "credentials")
        os.mkdir(self.credentials)

    def release(self, name):
        self.site.write(f"{name}.yaml", f"apiVersion: relman/v1\nkind: Release\nmetadata: {{name: {name}}}\nspec: {{mode: full, components: [{{name: api}}]}}\n")

    def key(self, name, *more):
        path = os.path.join(self.credentials, name)
        status, out, err = relman.relmanctl("key", "new", path, *more)
        self.assertEqual((status, err), (0, ""))
        self.assertIn(f"{path}.pub: public key, for relmanctl verify --key; its id is sha256:", out)
        return path + ".pub"

    def start(self, config="signing: {credential: signer}\n"):
        self.site.start(config, env={"CREDENTIALS_DIRECTORY": self.credentials})

    def path(self, room, name):
        return os.path.join(self.site.locks, "default", room, name)

    def verify(self, public, lock):
        return relman.relmanctl("verify", "--key", public, lock)

    def statement(self, path):
        envelope = json.loads(read(path))
        return envelope, json.loads(base64.b64decode(envelope["payload"], validate=True))

    def openssl_verifies(self, path, public, *digest):
        """True if openssl finds the signature valid."""
        envelope, _ = self.statement(path)
        data, signature = os.path.join(self.site.folder, "data"), os.path.join(self.site.folder, "signature")
        with open(data, "wb") as f:
            f.write(encode(envelope["payloadType"], base64.b64decode(envelope["payload"])))
        with open(signature, "wb") as f:
            f.write(base64.b64decode(envelope["signatures"][0]["sig"]))
        r = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", public, "-rawin", *digest, "-in", data, "-sigfile", signature],
                           capture_output=True, text=True)
        return r.returncode == 0

    def test_each_lockfile_has_a_statement_that_openssl_verifies(self):
        for kind, digest in (("ed25519", ()), ("ecdsa-p256", ("-digest", "sha256"))):
            with self.subTest(kind):
                name = kind
                public = self.key(name, "--type", kind)
                self.start(f"signing: {{credential: {name}}}\n")
                for room, stem in (("releases", "one"), ("releases", "main-1"), ("environments", "prod"), ("streams", "main/latest")):
                    path = self.path(room, stem + ".lock.intoto.json")
                    wait_for(lambda: os.path.exists(path))
                    wait_for(lambda: self.openssl_verifies(path, public, *digest))
                    lock = self.path(room, stem + ".lock.yaml")
                    self.assertEqual(self.verify(public, lock)[0], 0)
                self.site.stop()

    def test_the_statement_names_the_lockfile_and_all_digests(self):
        public = self.key("signer")
        self.start()
        lock, path = self.path("environments", "prod.lock.yaml"), self.path("environments", "prod.lock.intoto.json")
        wait_for(lambda: os.path.exists(path))
        envelope, statement = self.statement(path)
        with open(lock, "rb") as f:
            digest = hashlib.sha256(f.read()).hexdigest()
        spki = subprocess.run(["openssl", "pkey", "-pubin", "-in", public, "-outform", "DER"], capture_output=True, check=True).stdout
        self.assertEqual(envelope["payloadType"], "application/vnd.in-toto+json")
        self.assertEqual(envelope["signatures"][0]["keyid"], "sha256:" + hashlib.sha256(spki).hexdigest())
        self.assertEqual(statement["_type"], "https://in-toto.io/Statement/v1")
        self.assertEqual(statement["predicateType"], "urn:relman:lock:v1")
        self.assertEqual(statement["subject"][0], {"name": "prod.lock.yaml", "digest": {"sha256": digest}})
        self.assertEqual(statement["subject"][1], {"name": "api", "digest": {"sha256": self.digest[7:]}})
        predicate = statement["predicate"]
        self.assertEqual(predicate["environment"], "prod")
        self.assertEqual((predicate["release"]["tenant"], predicate["release"]["name"]), ("default", "one"))
        self.assertIn(f"lockDigest: {predicate['lockDigest']}\n", read(lock))

    def test_what_was_altered_is_refused(self):
        public, other = self.key("signer"), self.key("other")
        self.start()
        lock, path = self.path("releases", "one.lock.yaml"), self.path("releases", "one.lock.intoto.json")
        wait_for(lambda: os.path.exists(path))
        folder = os.path.join(self.site.folder, "copy")
        os.mkdir(folder)
        copy, signed = os.path.join(folder, "one.lock.yaml"), os.path.join(folder, "one.lock.intoto.json")
        text, envelope = read(lock), read(path)

        def check(lockfile, statement, key=public):
            for name, content in ((copy, lockfile), (signed, statement)):
                with open(name, "w") as f:
                    f.write(content)
            status, _, err = self.verify(key, copy)
            return status, err.replace(folder + "/", "").replace("relmanctl: ", "")

        self.assertEqual(check(text, envelope), (0, ""))
        status, err = check(text, envelope, other)
        self.assertEqual(status, 3)
        self.assertIn("one.lock.intoto.json: no signature is valid under the keys; the statement names key sha256:", err)
        # a lockfile whose own digest is right, and that was not signed
        body = text[:text.index("lockDigest:")].replace("tag: v1.0.0", "tag: v1.0.1")
        forged = body + f"lockDigest: sha256:{hashlib.sha256(body.encode()).hexdigest()}\n"
        status, err = check(forged, envelope)
        self.assertEqual(status, 3)
        self.assertIn("one.lock.intoto.json: the statement is about another lockfile: this one is sha256:", err)
        self.assertEqual(relman.relmanctl("verify", copy)[0], 0)
        # a signed statement that has the forged file among the digests of platforms, which a registry chooses
        outer = json.loads(envelope)
        inner = json.loads(base64.b64decode(outer["payload"]))
        inner["subject"].append({"name": "api linux/s390x", "digest": {"sha256": hashlib.sha256(forged.encode()).hexdigest()}})
        payload = json.dumps(inner).encode()
        data = os.path.join(folder, "data")
        with open(data, "wb") as f:
            f.write(encode(outer["payloadType"], payload))
        outer["payload"] = base64.b64encode(payload).decode()
        outer["signatures"][0]["sig"] = base64.b64encode(subprocess.run(
            ["openssl", "pkeyutl", "-sign", "-inkey", public[:-len(".pub")], "-rawin", "-in", data], capture_output=True, check=True).stdout).decode()
        self.assertEqual(check(text, json.dumps(outer)), (0, ""))
        status, err = check(forged, json.dumps(outer))
        self.assertEqual(status, 3)
        self.assertIn("the statement is about another lockfile", err)
        # a payload that was not signed
        outer = json.loads(envelope)
        inner = base64.b64decode(outer["payload"]).replace(b"default", b"another")
        outer["payload"] = base64.b64encode(inner).decode()
        self.assertEqual(check(text, json.dumps(outer))[0], 3)
        # the same payload, read as another type
        outer = json.loads(envelope)
        outer["payloadType"] = "application/vnd.in-toto"
        self.assertEqual(check(text, json.dumps(outer))[0], 3)
        # a key that is there twice
        self.assertEqual(check(text, envelope.replace('{"payload"', '{"payloadType":"x","payload"'))[0], 3)
        self.assertEqual(check(text, envelope[:100])[0], 3)
        os.unlink(signed)
        status, _, err = self.verify(public, copy)
        self.assertEqual(status, 3)
        self.assertIn("cannot read '" + signed + "': No such file or directory", err)

    def test_a_new_key_leaves_what_a_listed_key_has_signed(self):
        old = self.key("old", "--type", "ecdsa-p256")
        self.start("signing: {credential: old}\n")
        path = self.path("releases", "one.lock.intoto.json")
        wait_for(lambda: os.path.exists(path))
        before = read(path)
        self.site.stop()
        self.start("signing: {credential: old}\n")  # a signature of ECDSA would differ
        self.release("two")
        self.site.kill(1)
        wait_for(lambda: os.path.exists(self.path("releases", "two.lock.intoto.json")))
        self.assertEqual(read(path), before)
        self.site.stop()
        new = self.key("new")
        self.start(f"signing: {{credential: new, oldKeys: [{{file: {old}, until: '2026-11-01T00:00:00Z'}}]}}\n")
        self.release("three")
        self.site.kill(1)
        third = self.path("releases", "three.lock.intoto.json")
        wait_for(lambda: os.path.exists(third))
        self.assertEqual(read(path), before)
        self.assertTrue(self.openssl_verifies(third, new))
        keys = self.site.call("GET", "/api/v1/keys")[1]
        self.assertEqual([(k["algorithm"], k["publicKey"], k["until"]) for k in keys],
                         [("ed25519", read(new), None), ("ecdsa-p256", read(old), "2026-11-01T00:00:00Z")])
        self.assertEqual([k["id"] for k in keys], [self.statement(p)[0]["signatures"][0]["keyid"] for p in (third, path)])
        both = os.path.join(self.site.folder, "both.pub")
        with open(both, "w") as f:
            f.write(read(old) + read(new))
        for name in ("one", "three"):
            self.assertEqual(self.verify(both, self.path("releases", name + ".lock.yaml"))[0], 0)
        self.site.stop()
        self.start("signing: {credential: new}\n")  # the old key is not listed any more
        wait_for(lambda: read(path) != before)
        self.assertTrue(self.openssl_verifies(path, new))

    def test_a_release_of_before_is_signed_and_an_archived_one_loses_its_statement(self):
        self.key("signer")
        self.site.start()
        lock, path = self.path("releases", "one.lock.yaml"), self.path("releases", "one.lock.intoto.json")
        wait_for(lambda: os.path.exists(lock))
        self.site.stop()
        self.assertFalse(os.path.exists(path))
        self.start()
        wait_for(lambda: os.path.exists(path))
        wait_for(lambda: os.path.exists(self.path("environments", "prod.lock.intoto.json")))
        os.unlink(path)  # a file that somebody removed is written again
        left = self.path("releases", "left.lock.intoto.json")
        with open(left, "w") as f:
            f.write(read(self.path("environments", "prod.lock.intoto.json")))
        foreign = self.path("releases", "foreign.lock.intoto.json")
        with open(foreign, "w") as f:
            f.write('{"payload": "e30=", "payloadType": "x", "signatures": [{"sig": "AAAA"}]}')
        self.site.stop()
        self.start()
        wait_for(lambda: os.path.exists(path))
        wait_for(lambda: not os.path.exists(left))
        self.assertTrue(os.path.exists(foreign))
        self.site.stop()
        self.site.start()
        wait_for(lambda: not os.path.exists(path))
        self.site.stop()
        self.start()
        wait_for(lambda: os.path.exists(path))
        self.assertEqual(relman.relmanctl("archive", "main-1", "--socket", self.site.socket)[0], 0)
        wait_for(lambda: not os.path.exists(self.path("releases", "main-1.lock.intoto.json")))

    def test_a_lost_release_is_taken_from_a_signed_lockfile_only(self):
        self.key("signer")
        self.start()
        lock, path = self.path("releases", "one.lock.yaml"), self.path("releases", "one.lock.intoto.json")
        wait_for(lambda: os.path.exists(path))
        text = read(lock)
        newer = self.registry.push("app/api", "v1.1.0")

        def start_without_state():
            for name in os.listdir(self.site.folder):
                if name.startswith("state.db"):
                    os.unlink(os.path.join(self.site.folder, name))
            self.start()
            wait_for(lambda: self.site.call("GET", "/api/v1/releases/one")[1].get("status") in ("ready", "deployed"))
            return [c["digest"] for c in self.site.call("GET", "/api/v1/releases/one")[1]["components"]]

        self.site.stop()
        self.assertEqual(start_without_state(), [self.digest])
        self.assertEqual(read(lock), text)
        self.assertNotIn("its old lockfile is not used", self.site.log)
        self.site.stop()  # a daemon that runs may write the file again
        # a lockfile whose own digest is right, and that was not signed
        body = text[:text.index("lockDigest:")].replace("tag: v1.0.0", "tag: v1.0.1")
        with open(lock, "w") as f:
            f.write(body + f"lockDigest: sha256:{hashlib.sha256(body.encode()).hexdigest()}\n")
        self.assertEqual(start_without_state(), [newer])
        self.site.wait_log("release 'one': its old lockfile is not used: the statement is about another lockfile")

    def test_a_key_that_cannot_sign_stops_the_start(self):
        def fails(config, wanted):
            path = os.path.join(self.site.folder, "relmand.yaml")
            with open(path, "w") as f:
                f.write(config)
            r = subprocess.run(self.site.arguments("--once", "--config", path), capture_output=True, text=True,
                               env=dict(os.environ, CREDENTIALS_DIRECTORY=self.credentials))
            self.assertEqual(r.returncode, 2, r.stderr)
            self.assertIn(wanted, r.stderr)

        def make(name, *arguments):
            path = os.path.join(self.credentials, name)
            subprocess.run(["openssl", "genpkey", "-out", path, *arguments], check=True, capture_output=True)
            return path

        public = self.key("signer")
        make("rsa", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
        make("small", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024")
        make("k1", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1")
        make("explicit", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt", "ec_param_enc:explicit")
        make("secret", "-algorithm", "ED25519", "-aes-128-cbc", "-pass", "pass:word")
        for name, wanted in (("rsa", "signing: key 'rsa' (rsa) cannot sign"), ("small", "signing: key 'small' (RSA, 1024 bits) is not supported"),
                             ("k1", "signing: key 'k1' (EC, 256 bits) is not supported"), ("explicit", "signing: key 'explicit' (EC, 256 bits) is not supported"),
                             ("secret", "signing: 'secret' has no private key in PEM without a passphrase; relmanctl key new FILE makes one"),
                             ("signer.pub", "signing: 'signer.pub' has no private key"), ("missing", "signing: credentials: cannot read ")):
            with self.subTest(name):
                fails(f"signing: {{credential: {name}}}\n", wanted)
        for section, wanted in (
                ("{oldKeys: []}", "signing needs credential, which names the private key, or uri"),
                ("{uri: 'file:/etc/passwd'}", "a key in a token begins with pkcs11:"),
                ("{uri: 'pkcs11:token=a?pin-value=1234'}", "leave pin-value out, and give the PIN as a credential"),
                ("{uri: 'pkcs11:token=a?pin-source=x', credential: missing}", "signing: credentials: cannot read "),
                ("{uri: 'pkcs11:token=a?pin-source=x'}", "signing: key 'pkcs11:token=a' cannot be opened")):
            with self.subTest(section):
                fails(f"signing: {section}\n", wanted)
        fails("signing: {uri: 'pkcs11:token=a'}\n", "activate pkcs11-provider in openssl.cnf, or the file that "
              "OPENSSL_CONF names")
        fails(f"signing: {{credential: signer, oldKeys: [{{file: {self.credentials}/signer, until: '2026-11-01T00:00:00Z'}}]}}\n", "has no public key in PEM")
        fails(f"signing: {{credential: signer, oldKeys: [{{file: {public}, until: yesterday}}]}}\n", 'field "until": "yesterday" is not a time')

    def test_a_key_is_never_replaced(self):
        public = self.key("signer")
        private = read(public[:-4])
        self.assertEqual(os.stat(public[:-4]).st_mode & 0o777, 0o600)
        for name in ("signer", "signer.pub"):
            status, _, err = relman.relmanctl("key", "new", os.path.join(self.credentials, name))
            self.assertEqual(status, 2)
            self.assertIn("exists, and keys are not replaced", err)
            os.unlink(os.path.join(self.credentials, "signer")) if name == "signer" else None
        self.assertNotIn("PRIVATE", read(public))
        self.assertIn("PRIVATE KEY", private)
        self.assertEqual(relman.relmanctl("key", "new", os.path.join(self.credentials, "x"), "--type", "ed2551")[0], 2)
        self.assertEqual(relman.relmanctl("key", "old", os.path.join(self.credentials, "x"))[0], 2)


class Tokens(unittest.TestCase):
    """The key is in a token: SoftHSM, which OpenSSL reaches by pkcs11-provider."""

    release, key, start, path = Signing.release, Signing.key, Signing.start, Signing.path
    statement, openssl_verifies = Signing.statement, Signing.openssl_verifies

    PIN = "1234"
    URI = "pkcs11:token=relman;object=signer"

    def setUp(self):
        found = {name: glob.glob(f"/usr/lib/{pattern}") for name, pattern in
                 (("softhsm2", "softhsm/libsofthsm2.so"), ("pkcs11-provider", "*/ossl-modules/pkcs11.so"))}
        missing = [name for name, files in found.items() if not files]
        if missing:
            self.skipTest(" and ".join(missing) + " not installed; Debian 13 has them")
        Signing.setUp(self)
        token = os.path.join(self.site.folder, "token")
        os.mkdir(token)
        # SoftHSM uses OpenSSL itself; without the first quirk the process crashes at its end
        self.site.write("../openssl.cnf", "openssl_conf = init\n[init]\nproviders = all\n[all]\ndefault = usual\npkcs11 = token\n"
                        f"[usual]\nactivate = 1\n[token]\nmodule = {found['pkcs11-provider'][0]}\n"
                        f"pkcs11-module-path = {found['softhsm2'][0]}\n"
                        "pkcs11-module-quirks = no-deinit no-operation-state\nactivate = 1\n")
        self.site.write("../softhsm2.conf", f"directories.tokendir = {token}\nlog.level = ERROR\n")
        self.settings = {"SOFTHSM2_CONF": os.path.join(self.site.folder, "softhsm2.conf")}
        self.softhsm("--init-token", "--free", "--label", "relman", "--so-pin", self.PIN, "--pin", self.PIN)
        self.public = self.import_key("signer", "01")
        self.import_key("second", "02")
        self.credential("pin", self.PIN)
        self.settings.update(OPENSSL_CONF=os.path.join(self.site.folder, "openssl.cnf"), CREDENTIALS_DIRECTORY=self.credentials)

    def softhsm(self, *arguments):
        r = subprocess.run(["softhsm2-util", *arguments], capture_output=True, text=True, env={**os.environ, **self.settings})
        self.assertEqual(r.returncode, 0, r.stderr)

    def import_key(self, label, number):
        public = self.key(label, "--type", "ecdsa-p256")
        private = public[:-4]
        self.softhsm("--import", private, "--token", "relman", "--label", label, "--id", number, "--pin", self.PIN)
        os.unlink(private)
        return public

    def credential(self, name, text):
        with open(os.path.join(self.credentials, name), "w") as f:
            f.write(text)

    def run_token(self, uri=URI, credential="pin"):
        self.site.start(f"signing: {{uri: '{uri}', credential: {credential}}}\n", env=self.settings)

    def test_lockfiles_and_promotions_are_signed(self):
        self.run_token()
        for room, name in (("releases", "one"), ("environments", "prod")):
            path = self.path(room, name + ".lock.intoto.json")
            wait_for(lambda: os.path.exists(path))
            wait_for(lambda: self.openssl_verifies(path, self.public, "-digest", "sha256"))
        listed = self.site.call("GET", "/api/v1/keys")[1]
        self.assertEqual([k["publicKey"] for k in listed], [read(self.public)])
        envelopes = [s["envelope"] for s in self.site.call("GET", "/api/v1/environments/prod/statements")[1]]
        self.assertEqual({e["signatures"][0]["keyid"] for e in envelopes}, {listed[0]["id"]})
        status, _, err = relman.relmanctl("audit", "--verify", "--key", self.public, "prod", "--socket", self.site.socket)
        self.assertEqual((status, err), (0, ""))
        self.assertNotIn(self.PIN, self.site.log)

    def test_a_wrong_pin_or_object_is_a_mistake_at_start(self):
        self.credential("wrong", "9999")
        for uri, credential, wanted in ((self.URI, "wrong", "key 'pkcs11:token=relman;object=signer' was not found"),
                                        ("pkcs11:token=relman;object=nobody", "pin", "was not found"),
                                        ("pkcs11:token=relman", "pin", "is not the only one that its URI names")):
            with self.subTest(uri=uri, credential=credential):
                config = self.site.write("../relmand.yaml", f"signing: {{uri: '{uri}', credential: {credential}}}\n")
                status, _, err = self.site.once("--config", config, env=self.settings)
                self.assertEqual(status, 2)
                self.assertIn(wanted, err)
                self.assertNotIn("9999", err)


class OtherImplementation(unittest.TestCase):
    """sigstore's libraries verify what relman signs."""

    def setUp(self):
        self.packages = os.path.join(relman.BUILDDIR, "contract/node_modules")
        if not os.path.isdir(os.path.join(self.packages, "@sigstore/verify")):
            self.skipTest("no npm packages in " + self.packages)
        Signing.setUp(self)

    release, key, start, path, statement = Signing.release, Signing.key, Signing.start, Signing.path, Signing.statement

    def errors(self, public, envelopes):
        """Returns the error of sigstore's verifier for each envelope; None: it is valid."""
        work = os.path.join(self.site.folder, "contract")
        if not os.path.isdir(work):
            os.mkdir(work)
            shutil.copy(os.path.join(relman.SRCDIR, "tests/contract/sigstore-verify.mjs"), work)
            os.symlink(self.packages, os.path.join(work, "node_modules"))
        r = subprocess.run(["node", "sigstore-verify.mjs"], cwd=work, capture_output=True, text=True, timeout=120,
                           input=json.dumps({"publicKey": read(public), "envelopes": envelopes}))
        self.assertEqual(r.returncode, 0, r.stderr)
        return json.loads(r.stdout)

    def statements(self):
        return [s["envelope"] for s in self.site.call("GET", "/api/v1/environments/prod/statements?pageSize=500")[1]]

    def test_statements_of_lockfiles_and_promotions_are_valid_and_altered_ones_are_not(self):
        bad = "SIGNATURE_ERROR: signature verification failed"
        old = []
        for kind in ("ecdsa-p256", "ed25519"):
            public = self.key(kind, "--type", kind)
            files = "".join(f"{{file: {path}, until: '2026-11-0{i + 1}T00:00:00Z'}}, " for i, (path, _) in enumerate(old))
            self.release(kind)
            self.site.write("e.yaml", f"apiVersion: relman/v1\nkind: Environment\nmetadata: {{name: prod}}\nspec: {{release: {kind}}}\n")
            self.start(f"signing: {{credential: {kind}, oldKeys: [{files}]}}\n")
            n = 2 * len(old) + 2  # promoting and deployed, of each release
            wait_for(lambda: len(self.statements()) == n)
            mine = self.statements()[-2:] + [self.statement(self.path(room, name + ".lock.intoto.json"))[0]
                                            for room, name in (("releases", kind), ("environments", "prod"))]
            self.assertEqual(self.errors(public, mine), [None] * 4)
            altered = []
            for envelope in mine:
                payload = base64.b64decode(envelope["payload"]).replace(b'"default"', b'"another"')
                altered += [{**envelope, "payload": base64.b64encode(payload).decode()}, {**envelope, "payloadType": "application/json"}]
            self.assertEqual(self.errors(public, altered), [bad] * 8)
            for path, envelopes in old:
                self.assertEqual(self.errors(path, envelopes), [None] * 3)
                self.assertEqual(self.errors(public, envelopes), [bad] * 3)
            self.assertEqual([(k["publicKey"], k["until"]) for k in self.site.call("GET", "/api/v1/keys")[1]],
                             [(read(public), None)] + [(read(path), "2026-11-01T00:00:00Z") for path, _ in old])
            old.append((public, mine[:3]))  # not that of the environment, whose file has the new release now
            self.site.stop()


class History(unittest.TestCase):
    """The chain of signed statements about an environment."""

    def setUp(self):
        Signing.setUp(self)
        self.release("two")
        self.site.remove("e.yaml")
        self.environment("confirm: manual, approvals: {count: 1}")
        self.file = os.path.join(self.site.folder, "prod.jsonl")

    release, key, start, statement, openssl_verifies = Signing.release, Signing.key, Signing.start, Signing.statement, Signing.openssl_verifies

    def environment(self, spec, name="prod"):
        self.site.write(f"e-{name}.yaml", f"apiVersion: relman/v1\nkind: Environment\nmetadata: {{name: {name}}}\nspec: {{{spec}}}\n")

    def ctl(self, *arguments):
        status, out, err = relman.relmanctl(*arguments, "--socket", self.site.socket)
        self.assertEqual((status, err), (0, ""))
        return out

    def statements(self, environment="prod"):
        return self.site.call("GET", f"/api/v1/environments/{environment}/statements?pageSize=500")[1]

    def predicates(self, environment="prod"):
        return [json.loads(base64.b64decode(s["envelope"]["payload"]))["predicate"] for s in self.statements(environment)]

    def promote(self, name, environment="prod"):
        wait_for(lambda: self.site.call("GET", f"/api/v1/releases/{name}")[1].get("status") in ("ready", "promoting", "deployed"))
        if environment == "prod":
            self.ctl("approve", name, environment, "--message", "looks right")
        self.ctl("promote", name, environment, "--reason", "INC-17")

    def audit(self, public, *arguments):
        status, out, err = relman.relmanctl("audit", "--verify", "--key", public, *arguments, "--socket", self.site.socket)
        return status, out, err.replace(self.site.folder + "/", "").replace("relmanctl: ", "")

    def lines(self):
        with open(self.file) as f:
            return f.read().splitlines(keepends=True)

    def check(self, lines, public, *more):
        """Verifies a file with these lines, without the daemon."""
        path = os.path.join(self.site.folder, "copy.jsonl")
        with open(path, "w") as f:
            f.writelines(lines)
        return self.audit(public, path, *more)

    def test_each_state_has_a_statement_that_names_the_one_before(self):
        public = self.key("signer")
        self.start()
        self.promote("one")
        self.ctl("confirm", "prod", "--evidence", "CR-17")
        self.promote("two")
        self.ctl("confirm", "prod", "--status", "failed", "--reason", "does not start")
        statements, found = self.statements(), self.predicates()
        self.assertEqual([(p["number"], p["status"], p["release"]["name"]) for p in found],
                         [(1, "promoting", "one"), (2, "deployed", "one"), (3, "promoting", "two"), (4, "failed", "two"), (5, "deployed", "one")])
        self.assertEqual([s["digest"] for s in statements],
                         ["sha256:" + hashlib.sha256(base64.b64decode(s["envelope"]["payload"])).hexdigest() for s in statements])
        self.assertEqual([p.get("previous") for p in found], [None] + [s["digest"] for s in statements[:-1]])
        self.assertEqual([p["unsigned"] for p in found], [0] * 5)
        self.assertEqual((found[0]["environment"]["tenant"], found[0]["environment"]["name"]), ("default", "prod"))
        self.assertEqual(found[0]["reason"], "INC-17")
        self.assertEqual([(a["verdict"], a["message"]) for a in found[0]["approvals"]], [("approved", "looks right")])
        self.assertTrue(found[0]["approvals"][0]["person"])
        self.assertEqual({g["gate"]: g["state"] for g in found[0]["gates"]}["approvals"], "open")
        self.assertEqual(found[1]["evidenceRef"], "CR-17")
        self.assertEqual(found[3]["reason"].split(";")[0], "does not start")
        # the first subject is the lockfile, the others are the digests of the release
        with open(os.path.join(self.site.locks, "default", "environments", "prod.lock.yaml"), "rb") as f:
            lock = f.read()
        subjects = json.loads(base64.b64decode(statements[4]["envelope"]["payload"]))["subject"]
        self.assertEqual(subjects[0], {"name": "prod.lock.yaml", "digest": {"sha256": hashlib.sha256(lock).hexdigest()}})
        self.assertIn({"name": "api", "digest": {"sha256": self.digest[7:]}}, subjects)
        self.assertIn(f"lockDigest: {found[4]['release']['lockDigest']}\n".encode(), lock)
        for statement in statements:
            path = os.path.join(self.site.folder, "envelope")
            with open(path, "w") as f:
                json.dump(statement["envelope"], f)
            self.assertTrue(self.openssl_verifies(path, public))
        status, out, err = self.audit(public, "prod", "--to", self.file)
        self.assertEqual((status, err), (0, ""))
        self.assertIn(f"prod: good: 5 statements about environment 'prod', the last one: release 'one' is deployed; head {statements[-1]['digest']}\n", out)
        self.assertEqual(self.check(self.lines(), public)[0], 0)
        self.assertEqual(self.site.call("GET", "/api/v1/environments/prod/statements?page=2&pageSize=2")[1], statements[2:4])

    def test_a_history_that_was_altered_or_cut_is_refused(self):
        public, other = self.key("signer"), self.key("other")
        self.environment("confirm: auto", "test")
        self.start()
        self.promote("one")
        self.ctl("confirm", "prod")
        self.promote("two")
        self.ctl("confirm", "prod")
        self.promote("one", "test")
        wait_for(lambda: len(self.statements("test")) == 2)
        head = self.statements()[-1]["digest"]
        self.assertEqual(self.audit(public, "prod", "--to", self.file, "--head", head)[0], 0)
        a, b, c, d = self.lines()
        foreign = json.dumps(self.statements("test")[0]["envelope"]) + "\n"
        envelope = json.loads(b)
        envelope["payload"] = base64.b64encode(base64.b64decode(envelope["payload"]).replace(b'"by":"', b'"by":"x')).decode()
        key = json.loads(b)["signatures"][0]["keyid"]
        for lines, message in (([a, json.dumps(envelope) + "\n", c, d], f"statement 2: was altered: its signature is not valid under key {key}"),
                               ([a, c, d], "statement 2: has number 3: statement 2 is missing"),
                               ([a, d], "statement 2: has number 4: statements 2 to 3 are missing"),
                               ([b, c, d], "statement 1: has number 2: statement 1 is missing"),
                               ([a, c, b, d], "statement 2: has number 3: statement 2 is missing"),
                               ([a, b, b, c, d], "statement 3: has number 2 and stands after number 2: it is repeated, or the order was changed"),
                               ([a, b, foreign], "statement 3: is about environment 'test' of tenant 'default', not about 'prod'"),
                               ([a, b, c[:100] + "\n", d], "statement 3: not a DSSE envelope: it is not JSON"),
                               ([a, "\n", b], "statement 2: not a DSSE envelope"),
                               ([], "there is no statement")):
            status, _, err = self.check(lines, public)
            self.assertEqual(status, 3, err)
            self.assertIn("copy.jsonl: " + message, err)
        # a cut at the end shows by the remembered head only
        self.assertEqual(self.check([a, b, c], public)[0], 0)
        status, _, err = self.check([a, b, c], public, "--head", head)
        self.assertEqual(status, 3)
        self.assertIn(f"{head} is not in the history, which ends with statement 3, sha256:", err)
        self.assertEqual(self.check([a, b, c, d], public, "--head", json.loads(base64.b64decode(json.loads(c)["payload"]))["predicate"]["previous"])[0], 0)
        status, _, err = self.check([a, b, c, d], other)
        self.assertEqual(status, 3)
        self.assertIn(f"statement 1: is signed with key {key}, which is none of the given keys", err)
        self.assertEqual(self.audit(public, "prod", "--head", "sha256:1")[0], 2)
        self.assertEqual(self.audit(public)[0], 2)
        self.assertEqual(self.audit(public, "nothing")[0], 2)
        self.assertEqual(relman.relmanctl("audit", "prod")[0], 2)

    def test_signing_that_begins_later_and_a_new_key(self):
        old, new = self.key("old"), self.key("new", "--type", "ecdsa-p256")
        self.site.start()
        self.promote("one")
        self.ctl("confirm", "prod")
        self.assertEqual(self.statements(), [])
        self.site.stop()
        self.start("signing: {credential: old}\n")
        self.promote("two")
        self.assertEqual([(p["number"], p["unsigned"]) for p in self.predicates()], [(1, 2)])
        self.site.stop()
        self.site.start()  # not signed
        self.ctl("confirm", "prod")
        self.site.stop()
        self.start(f"signing: {{credential: new, oldKeys: [{{file: {old}, until: '2026-11-01T00:00:00Z'}}]}}\n")
        self.promote("one")
        self.assertEqual([(p["number"], p["unsigned"]) for p in self.predicates()], [(1, 2), (2, 1)])
        both = os.path.join(self.site.folder, "both.pub")
        with open(both, "w") as f:
            f.write(read(old) + read(new))
        status, out, _ = self.audit(both, "prod")
        self.assertEqual(status, 0)
        self.assertIn("prod: 3 changes have no statement: relmand had no signing key then\n", out)
        self.assertEqual(self.audit(new, "prod")[0], 3)
        self.assertEqual([(k["from"], k["until"]) for k in self.site.call("GET", "/api/v1/keys")[1]],
                         [("2026-11-01T00:00:00Z", None), (None, "2026-11-01T00:00:00Z")])

    def test_the_history_goes_on_after_a_removal_and_a_kill_leaves_no_gap(self):
        public = self.key("signer")
        self.start()
        self.promote("one")
        self.ctl("confirm", "prod")
        self.site.remove("e-prod.yaml")
        self.site.kill(1)
        wait_for(lambda: [p["status"] for p in self.predicates()] == ["promoting", "deployed", "removed"])
        self.assertEqual(self.audit(public, "prod")[0], 0)
        self.environment("confirm: manual, approvals: {count: 1}")
        self.site.kill(1)
        wait_for(lambda: self.site.call("GET", "/api/v1/environments/prod")[0] == 200)
        self.promote("two")
        self.site.stop(signal.SIGKILL)
        self.start()
        self.assertEqual([(p["number"], p["status"], p["unsigned"]) for p in self.predicates()],
                         [(1, "promoting", 0), (2, "deployed", 0), (3, "removed", 0), (4, "promoting", 0)])
        self.assertEqual(self.site.stored.count("statements"), self.site.stored.count("history") + 1)
        self.assertEqual(self.audit(public, "prod")[0], 0)

    def test_a_kill_while_a_promotion_is_stored_leaves_both_or_none(self):
        """The promotion and its statement are one transaction. The daemon is killed at each of its writes."""
        public, config = self.key("signer"), "signing: {credential: signer}\n"
        env = {"CREDENTIALS_DIRECTORY": self.credentials, **NO_LEAKS}
        self.site.start(config, env=env)
        self.promote("one")
        self.ctl("confirm", "prod")
        results = collections.Counter()
        for n in (1, 6, 20, 99):
            relman.relmanctl("approve", "two", "prod", "--message", "again", "--socket", self.site.socket)
            before = len(self.predicates())
            with Faults(self.site.process, "pwrite64", n, "signal=KILL"):
                relman.relmanctl("promote", "two", "prod", "--reason", "test", "--socket", self.site.socket)
                if self.site.process.poll() is None:  # it writes less often
                    self.site.process.kill()
                self.site.process.wait(20)
            self.site.start(config, env=env)
            status, out, err = self.audit(public, "prod")
            self.assertEqual(status, 0, out + err)
            self.assertEqual(self.site.stored.count("statements"), self.site.stored.count("history"))
            results[len(self.predicates()) - before] += 1
            self.site.call("POST", "/api/v1/environments/prod/cancel")
        self.assertEqual(sorted(results), [0, 1])

    def test_a_restored_backup_shows_by_the_remembered_head(self):
        public = self.key("signer")
        self.start()
        self.promote("one")
        backup = os.path.join(self.site.folder, "backup.db")
        self.ctl("backup", backup)
        self.ctl("confirm", "prod")
        head = self.statements()[-1]["digest"]
        self.site.stop()
        self.assertEqual(relman.relmanctl("restore", backup, "--state", self.site.state)[0], 0)
        self.start()
        self.assertEqual(self.audit(public, "prod")[0], 0)
        self.ctl("confirm", "prod", "--evidence", "another")
        self.assertEqual([p["number"] for p in self.predicates()], [1, 2])
        status, _, err = self.audit(public, "prod", "--head", head)
        self.assertEqual(status, 3)
        self.assertIn("its end was cut off, or the database was replaced", err)


if __name__ == "__main__":
    relman.main()
