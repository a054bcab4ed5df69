/* Small parts that all views share. Texts are given to Preact as children, which makes text nodes of them. */

import { html, useCallback, useEffect, useRef, useState } from "./lib.js";
import { get } from "./api.js";
import { age, localTime, shortDigest } from "./format.js";

const TICK = 20000;

/** Returns { data, problem, reload } of a path of the API, and gets it again when version changes. What was there
 * stays until the new answer has come, so that nothing jumps. load replaces the way to get it. */
export function useAnswer(path, version = 0, load = get) {
        const [state, setState] = useState({ path: null, data: null, problem: null });
        const [again, setAgain] = useState(0);

        useEffect(() => {
                if (!path)
                        return undefined;
                const ending = new AbortController();
                load(path, ending.signal).then(
                        (data) => setState((old) => old.path === path && old.data === data && !old.problem ? old
                                : { path, data, problem: null }),
                        (problem) => problem.name !== "AbortError" &&
                                setState((old) => ({ path, data: old.path === path ? old.data : null, problem })));
                return () => ending.abort();
        }, [path, version, again]);
        const reload = useCallback(() => setAgain((n) => n + 1), []);
        return state.path === path ? { ...state, reload } : { data: null, problem: null, reload };
}

/** Returns the time of now, which advances so that ages stay right. */
export function useNow() {
        const [now, setNow] = useState(Date.now());
        useEffect(() => {
                const timer = setInterval(() => setNow(Date.now()), TICK);
                return () => clearInterval(timer);
        }, []);
        return now;
}

/** Sets the title of the document. */
export function useTitle(title) {
        useEffect(() => {
                document.title = title + " · relman";
        }, [title]);
}

/** A problem, and the faults in its details. */
export function Failure({ problem }) {
        return problem && html`<div class="failure" role="alert"><p>${problem.message}</p>
                ${problem.errors?.length > 0 && html`<ul>
                        ${problem.errors.map((each) => html`<li>${each.detail}</li>`)}</ul>`}
        </div>`;
}

/** What stands where data will be. */
export function Loading({ answer }) {
        if (answer.problem)
                return html`<${Failure} problem=${answer.problem} />`;
        return answer.data ? null : html`<p class="quiet" aria-live="polite">Loading…</p>`;
}

/** How long ago a time was; its title is the exact time. */
export function Age({ time, now, suffix = "" }) {
        return time && html`<time datetime=${time} title=${localTime(time)}>${age(time, now)}${suffix}</time>`;
}

/** A moment as local time. */
export function When({ time }) {
        return time && html`<time datetime=${time}>${localTime(time)}</time>`;
}

/** A button that copies text. */
export function Copy({ text, label, children }) {
        const [state, setState] = useState("");
        const timer = useRef(0);

        useEffect(() => () => clearTimeout(timer.current), []);
        async function copy() {
                try {
                        await navigator.clipboard.writeText(text);
                        setState("copied");
                } catch {
                        setState("not copied");
                }
                clearTimeout(timer.current);
                timer.current = setTimeout(() => setState(""), 1500);
        }
        return html`<button type="button" class="copy" onClick=${copy} title=${text}
                aria-label=${label || "Copy " + text}>
                ${children || "Copy"}<span class="copied" role="status">${state}</span></button>`;
}

/** A digest, short, with a button that copies all of it. */
export function Digest({ digest }) {
        return digest ? html`<${Copy} text=${digest} label=${"Copy digest " + shortDigest(digest)}>
                <code>${shortDigest(digest)}</code><//>`
                : html`<span class="quiet">–</span>`;
}

const SHAPES = { failed: "bad", rejected: "bad", check: "bad", headMissing: "bad", rollbackNotReady: "warn",
        held: "warn", drift: "warn", tagMoved: "warn", warning: "warn", deprecated: "warn", soaking: "wait",
        closed: "wait", waiting: "wait", confirming: "wait", suspended: "wait", resolving: "wait", minimumAge: "wait",
        stalled: "warn", platformMismatch: "bad", good: "good" };
const NAMES = { headMissing: "head missing", tagMoved: "tag moved", rollbackNotReady: "rollback not ready",
        waiting: "waits for approval", check: "check failed", minimumAge: "minimum age",
        platformMismatch: "platforms differ" };

/** A badge of an environment or component. kind decides its colour; its words say it too. */
export function Badge({ kind, text, title }) {
        return html`<span class=${"badge " + (SHAPES[kind] || "info")}
                title=${title || null}>${text || NAMES[kind] || kind}</span>`;
}
