/* Requests to the API. Each answer is JSON or a problem document, which is thrown as a Problem. */

const BASE = "/api/v1/";
const KEPT = 60; /* answers that are kept with their ETag */

let csrf = null;
let onEnded = () => {};
const kept = new Map();

/** A problem document of the API (RFC 9457), or a connection that failed (status 0). */
export class Problem extends Error {
        constructor(status, detail, errors = []) {
                super(detail);
                this.status = status;
                this.errors = errors;
        }
}

/** Sets the token that writes send, and the function that is called when the session has ended. */
export function setSession(session, ended = onEnded) {
        csrf = session ? session.csrfToken : null;
        onEnded = ended;
        if (!session)
                kept.clear();
}

/** Returns path with those parameters that have a value. */
export function withQuery(path, query = {}) {
        const pairs = Object.entries(query).filter(([, value]) => ![undefined, null, ""].includes(value));
        return pairs.length ? path + "?" + new URLSearchParams(pairs) : path;
}

/** Returns the value of after in the link to the next page of a Link header, or null. */
export function nextAfter(link) {
        const match = /<([^>]*)>\s*;\s*rel="?next"?/.exec(link || "");
        return match ? new URL(match[1], "http://relman/").searchParams.get("after") : null;
}

async function problemOf(answer) {
        let body = null;
        try {
                body = await answer.json();
        } catch {
                /* not from relmand: a proxy answers */
        }
        return new Problem(answer.status, body?.detail || `the server answers ${answer.status}`, body?.errors);
}

async function send(method, path, { body, headers = {}, signal } = {}) {
        const init = { method, signal, credentials: "same-origin",
                headers: { Accept: "application/json", ...headers } };

        if (body !== undefined) {
                init.body = JSON.stringify(body);
                init.headers["Content-Type"] = "application/json";
        }
        if (method !== "GET" && csrf)
                init.headers["X-CSRF-Token"] = csrf;
        try {
                return await fetch(BASE + path, init);
        } catch (problem) {
                if (problem.name === "AbortError")
                        throw problem;
                throw new Problem(0, "relmand does not answer; the page tries again");
        }
}

async function ended(answer, path) {
        const problem = await problemOf(answer);
        if (answer.status === 401 && path !== "session")
                onEnded(problem);
        return problem;
}

/** Gets path; returns { data, next }. next is the name after which the next page begins, or null. An answer that
 * did not change is the same object again. */
export async function getPage(path, signal) {
        const known = kept.get(path);
        const headers = known ? { "If-None-Match": known.etag } : {};
        const answer = await send("GET", path, { headers, signal });

        if (answer.status === 304 && known)
                return known.page;
        if (!answer.ok)
                throw await ended(answer, path);
        const page = { data: await answer.json(), next: nextAfter(answer.headers.get("Link")) };
        const etag = answer.headers.get("ETag");
        kept.delete(path);
        if (etag)
                kept.set(path, { etag, page });
        if (kept.size > KEPT)
                kept.delete(kept.keys().next().value);
        return page;
}

/** Gets path; returns the decoded answer. */
export async function get(path, signal) {
        return (await getPage(path, signal)).data;
}

/** Gets path as text in a media type. */
export async function getText(path, accept) {
        const answer = await send("GET", path, { headers: { Accept: accept } });
        if (!answer.ok)
                throw await ended(answer, path);
        return answer.text();
}

/** Opens a stream of events; returns its body. */
export async function getStream(path, signal) {
        const answer = await send("GET", path, { headers: { Accept: "text/event-stream" }, signal });
        if (!answer.ok)
                throw await ended(answer, path);
        return answer.body;
}

/** Sends a write; returns the decoded answer. */
export async function write(method, path, body) {
        const answer = await send(method, path, { body });
        if (!answer.ok)
                throw await ended(answer, path);
        return answer.json();
}

/** Logs in with a token; returns the session. */
export async function logIn(token) {
        const answer = await send("POST", "session", { headers: { Authorization: "Bearer " + token } });
        if (!answer.ok)
                throw await problemOf(answer);
        return answer.json();
}
