"""Signs images as notation does, with the command line of openssl. Envelopes are JWS, or COSE that is assembled
here byte by byte."""

import base64
import json
import os
import subprocess
import time

from docker_registry import MANIFEST, dump, sha256

PAYLOAD = "application/vnd.cncf.notary.payload.v1+json"
ARTIFACT = "application/vnd.cncf.notary.signature"
JWS, COSE = "application/jose+json", "application/cose"
EMPTY = "application/vnd.oci.empty.v1+json"
PREFIX = "io.cncf.notary."

LEAF = "keyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\n"
ROOT = ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"]
TSA = """[tsa]
default_tsa = it
[it]
serial = {folder}/serial
signer_digest = sha256
digests = sha256
default_policy = 1.2.3.4
ess_cert_id_alg = sha256
"""


def openssl(*args, data=None):
    return subprocess.run(["openssl", *args], input=data, capture_output=True, check=True).stdout


def url64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def std64(data):
    return base64.b64encode(data).decode()


# --- CBOR -------------------------------------------------------------------------------------------------------


class Tag:
    def __init__(self, number, value):
        self.number, self.value = number, value


def head(major, n):
    for size, kind in ((1, 24), (2, 25), (4, 26), (8, 27)):
        if n < 24:
            return bytes([major << 5 | n])
        if n < 256 ** size:
            return bytes([major << 5 | kind]) + n.to_bytes(size, "big")


def cbor(value):
    if isinstance(value, Tag):
        return head(6, value.number) + cbor(value.value)
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    return head(5, len(value)) + b"".join(cbor(k) + cbor(v) for k, v in value.items())


# --- certificates -----------------------------------------------------------------------------------------------


class Authority:
    """An authority for certificates, in files of a folder: NAME.key and NAME.pem."""

    def __init__(self, folder, name, subject=None):
        self.folder, self.name = folder, name
        self.key, self.pem = os.path.join(folder, name + ".key"), os.path.join(folder, name + ".pem")
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", self.key)
        openssl("req", "-x509", "-key", self.key, "-subj", subject or f"/CN={name}", "-days", "30", "-out", self.pem, *ROOT)

    def issue(self, name, subject="/C=US/ST=WA/O=Example/CN=release", extensions=LEAF, days=7, rsa=False):
        return Signer(self, name, subject, extensions, days, rsa)

    def stamp(self, signature):
        """A TimeStampToken by a certificate of this authority."""
        path = os.path.join(self.folder, self.name)
        signer = self.issue(self.name + "-tsa", "/CN=stamps", "keyUsage=critical,digitalSignature\n"
                            "extendedKeyUsage=critical,timeStamping\n")
        for end, text in (("tsa.conf", TSA.format(folder=self.folder)), ("signature", signature)):
            with open(f"{path}.{end}", "wb") as file:
                file.write(text if isinstance(text, bytes) else text.encode())
        with open(os.path.join(self.folder, "serial"), "w") as file:
            file.write("01\n")
        openssl("ts", "-query", "-data", path + ".signature", "-sha256", "-cert", "-out", path + ".tsq")
        return openssl("ts", "-reply", "-config", path + ".tsa.conf", "-section", "it", "-queryfile", path + ".tsq",
                       "-inkey", signer.key, "-signer", signer.pem, "-token_out")


class Signer:
    """A certificate that signs. authority NULL: self-signed."""

    def __init__(self, authority, name, subject, extensions, days, rsa):
        self.authority, self.rsa = authority, rsa
        path = os.path.join(authority.folder, name)
        self.key, self.pem = path + ".key", path + ".pem"
        kind = ("RSA", "rsa_keygen_bits:2048") if rsa else ("EC", "ec_paramgen_curve:P-256")
        openssl("genpkey", "-algorithm", kind[0], "-pkeyopt", kind[1], "-out", self.key)
        openssl("req", "-new", "-key", self.key, "-subj", subject, "-out", path + ".csr")
        with open(path + ".ext", "w") as file:
            file.write(extensions)
        # Both dates are given, because OpenSSL 3.5 refuses a negative number of days (openssl-ca(1)).
        with open(path + ".cnf", "w") as file:
            file.write(f"[ca]\ndefault_ca=c\n[c]\ndatabase={path}.index\nrand_serial=yes\ndefault_md=sha256\npolicy=p\nunique_subject=no\n"
                       f"new_certs_dir={authority.folder}\n[p]\ncountryName=optional\nstateOrProvinceName=optional\n"
                       "organizationName=optional\ncommonName=supplied\n")
        with open(path + ".index", "w"):
            pass
        start, end = (time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + 86400 * day)) for day in (min(0, days - 1), days))
        openssl("ca", "-batch", "-config", path + ".cnf", "-in", path + ".csr", "-cert", authority.pem, "-keyfile", authority.key,
                "-preserveDN", "-startdate", start, "-enddate", end, "-extfile", path + ".ext", "-notext", "-out", self.pem)

    def chain(self):
        return [openssl("x509", "-in", pem, "-outform", "DER") for pem in (self.pem, self.authority.pem)]

    def sign(self, data):
        """PS256, or ES256 as two numbers one after the other."""
        if self.rsa:
            return openssl("dgst", "-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:-1", "-sign",
                           self.key, data=data)
        der = openssl("dgst", "-sha256", "-sign", self.key, data=data)
        first = der[4:4 + der[3]]
        second = der[6 + der[3]:]
        return b"".join(int.from_bytes(n, "big").to_bytes(32, "big") for n in (first, second))


# --- envelopes --------------------------------------------------------------------------------------------------


def payload(digest, size, media_type=MANIFEST):
    return dump({"targetArtifact": {"mediaType": media_type, "digest": digest, "size": size}})


def attributes(scheme="notary.x509", expiry=None, critical=(), **more):
    """The signed attributes, with times in seconds, and the names of the critical ones."""
    stamped = "signingTime" if scheme == "notary.x509" else "authenticSigningTime"
    found = {PREFIX + "signingScheme": scheme, PREFIX + stamped: int(time.time()), **more}
    names = [PREFIX + "signingScheme"] + [PREFIX + stamped] * (scheme != "notary.x509")
    if expiry is not None:
        found[PREFIX + "expiry"] = expiry
        names.append(PREFIX + "expiry")
    return found, names + list(critical)


def jws(signer, text, tsa=None, chain=None, **more):
    def show(value):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(value)) if isinstance(value, int) else value
    found, names = attributes(**more)
    protected = url64(dump({"alg": "PS256" if signer.rsa else "ES256", "cty": PAYLOAD, "crit": names,
                            **{k: show(v) for k, v in found.items()}}))
    signature = signer.sign(f"{protected}.{url64(text)}".encode())
    header = {"x5c": [std64(der) for der in chain or signer.chain()], PREFIX + "signingAgent": "test/1.0.0"}
    if tsa:
        header[PREFIX + "timestampSignature"] = std64(tsa.stamp(signature))
    return dump({"payload": url64(text), "protected": protected, "header": header, "signature": url64(signature)})


def cose(signer, text, tsa=None, chain=None, **more):
    found, names = attributes(**more)
    protected = cbor({1: -37 if signer.rsa else -7, 2: names, 3: PAYLOAD,
                      **{k: Tag(1, v) if isinstance(v, int) else v for k, v in found.items()}})
    signature = signer.sign(cbor(["Signature1", protected, b"", text]))
    header = {33: chain or signer.chain(), PREFIX + "signingAgent": "test/1.0.0"}
    if tsa:
        header[PREFIX + "timestampSignature"] = tsa.stamp(signature)
    return cbor(Tag(18, [protected, header, text, signature]))


def signature_manifest(digest, size, envelopes, media_type=JWS, artifact_type=ARTIFACT, config=EMPTY, subject=None):
    """The manifest that refers to the image and holds envelopes, and its blobs."""
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": {"mediaType": config, "digest": sha256(b"{}"), "size": 2},
                "layers": [{"mediaType": media_type, "digest": sha256(e), "size": len(e)} for e in envelopes],
                "subject": subject or {"mediaType": MANIFEST, "digest": digest, "size": size}}
    if artifact_type:
        manifest["artifactType"] = artifact_type
    return dump(manifest), [b"{}", *envelopes]


def read_size(registry, repository, digest):
    _, _, manifest = registry.request("GET", f"/v2/{repository}/manifests/{digest}", headers={"Accept": MANIFEST})
    return len(manifest)


def tampered(envelope, change):
    """A JWS whose members are changed after it was signed."""
    members = json.loads(envelope)
    change(members)
    return dump(members)
