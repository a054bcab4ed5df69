// Signs with sigstore's libraries, by a test instance of Fulcio, Rekor and a time-stamping authority on loopback.
// Input on standard input: {artifacts: [{form, data, key, witnesses}]}, where form is "dsse" or "message", data is
// base64, key says whether to sign with a key instead of an identity, and witnesses has "rekor" and "tsa".
// Output: {bundles, trustedRoot, publicKey, issuer, subject}.

import { bundleToJSON } from "@sigstore/bundle";
import {
  fulcioHandler,
  initializeCA,
  initializeTLog,
  initializeTSA,
  rekorHandler,
  tsaHandler,
} from "@sigstore/mock";
import { DSSEBundleBuilder, FulcioSigner, MessageSignatureBundleBuilder, RekorWitness, TSAWitness } from "@sigstore/sign";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const issuer = "https://issuer.example.com";
const subject = "https://git.example.com/shop/api/build.yml@refs/heads/main";
const start = new Date(Date.now() - 60000).toISOString();
const makeKeys = (namedCurve) => generateKeyPairSync("ec", { namedCurve });
const caKeys = makeKeys("P-384");
const [logKeys, ctLogKeys, ownKeys] = ["P-256", "P-256", "P-256"].map(makeKeys);
const tsaKeys = makeKeys("P-384");

const publicKeyOf = (keys) => keys.publicKey.export({ format: "der", type: "spki" });
const sha256 = (data) => createHash("sha256").update(data).digest();

// The body of the first element of a DER sequence, with its header.
function firstElement(der) {
  const header = (at) => (der[at + 1] < 0x80 ? 2 : 2 + (der[at + 1] & 0x7f));
  const size = (at) => (der[at + 1] < 0x80 ? der[at + 1] : der.readUIntBE(at + 2, der[at + 1] & 0x7f));
  const at = header(0);
  return der.subarray(at, at + header(at) + size(at));
}

const uint = (value, size) => {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(value, 0, size);
  return bytes;
};

// A log of certificates (RFC 6962, 3.2 and 3.3). That of the package leaves the signature empty with pkijs 3.4.
const ctLog = {
  async log(certificate, issuerId) {
    const body = firstElement(Buffer.from(certificate));
    const time = Buffer.concat([uint(0, 2), uint(Date.now(), 6)]);
    const signed = [uint(0, 2), time, uint(1, 2), Buffer.from(issuerId), uint(body.length, 3), body, uint(0, 2)];
    const signature = sign("sha256", Buffer.concat(signed), ctLogKeys.privateKey);
    const hashAndAlgorithm = Buffer.from([4, 3]); // SHA-256, ECDSA
    const head = [uint(0, 1), sha256(publicKeyOf(ctLogKeys)), time, uint(0, 2), hashAndAlgorithm];
    const sct = Buffer.concat([...head, uint(signature.length, 2), signature]);
    return Buffer.concat([uint(sct.length, 2), sct]);
  },
};

const ca = await initializeCA(caKeys, ctLog);
const log = await initializeTLog("https://rekor.example.com", logKeys);
const tsa = await initializeTSA(tsaKeys);
const handlers = [fulcioHandler(ca), rekorHandler(log), tsaHandler(tsa)];

// the three services
const server = createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", async () => {
    const handler = handlers.find(({ path }) => path === request.url);
    const answer = await handler.fn(Buffer.concat(parts).toString());
    response.writeHead(answer.statusCode, { "Content-Type": answer.contentType ?? "text/plain" });
    response.end(answer.response);
  });
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const baseURL = `http://127.0.0.1:${server.address().port}`;

const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const token = [part({ alg: "none" }), part({ iss: issuer, sub: subject, aud: "sigstore" }), "x"].join(".");

function signerOf({ key }) {
  if (!key) return new FulcioSigner({ fulcioBaseURL: baseURL, identityProvider: { getToken: async () => token } });
  return {
    sign: async (data) => ({
      key: { $case: "publicKey", hint: "own", publicKey: ownKeys.publicKey.export({ format: "pem", type: "spki" }) },
      signature: sign("sha256", data, ownKeys.privateKey),
    }),
  };
}

function bundle(artifact) {
  const witnesses = artifact.witnesses.map((name) =>
    name === "rekor"
      ? // entries of type dsse, as the test instance makes them, are not those of Rekor
        new RekorWitness({ rekorBaseURL: baseURL, entryType: "intoto" })
      : new TSAWitness({ tsaBaseURL: baseURL }),
  );
  const Builder = artifact.form === "dsse" ? DSSEBundleBuilder : MessageSignatureBundleBuilder;
  const builder = new Builder({ signer: signerOf(artifact), witnesses });
  return builder.create({ data: Buffer.from(artifact.data, "base64"), type: "application/vnd.in-toto+json" });
}

const logOf = (keys, baseUrl) => ({
  baseUrl,
  hashAlgorithm: "SHA2_256",
  publicKey: {
    rawBytes: publicKeyOf(keys).toString("base64"),
    keyDetails: "PKIX_ECDSA_P256_SHA_256",
    validFor: { start },
  },
  logId: { keyId: sha256(publicKeyOf(keys)).toString("base64") },
});
const authorityOf = (uri, ...certificates) => ({
  subject: { organization: "sigstore.mock", commonName: "sigstore" },
  uri,
  certChain: { certificates: certificates.map((rawBytes) => ({ rawBytes: rawBytes.toString("base64") })) },
  validFor: { start },
});

const { artifacts } = JSON.parse(readFileSync(0, "utf8"));
const bundles = [];
for (const artifact of artifacts) bundles.push(bundleToJSON(await bundle(artifact)));
server.close();
console.log(
  JSON.stringify({
    bundles,
    issuer,
    subject,
    publicKey: ownKeys.publicKey.export({ format: "pem", type: "spki" }),
    trustedRoot: {
      mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
      tlogs: [logOf(logKeys, "https://rekor.example.com")],
      certificateAuthorities: [authorityOf("https://fulcio.example.com", ca.rootCertificate)],
      ctlogs: [logOf(ctLogKeys, "https://ctlog.example.com")],
      timestampAuthorities: [authorityOf("https://tsa.example.com", tsa.intCertificate, tsa.rootCertificate)],
    },
  }),
);
