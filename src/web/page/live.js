/* The event stream of the API (server-sent events), read with fetch(): EventSource delivers only types of events
 * that it was given, and hides the status of a refused request. It reconnects after the daemon restarts or the network
 * fails. */

import { get, getStream } from "./api.js";

const WAITS = [300, 1000, 2000, 5000];
const SILENCE = 60000; /* relmand sends a keep-alive more often */

/** Splits what arrived into complete messages; returns { events, rest }. */
export function parseStream(text) {
        const blocks = text.split("\n\n"), rest = blocks.pop();
        const data = blocks.map((block) => block.split("\n").filter((line) => line.startsWith("data:"))
                .map((line) => line.slice(5).trimStart()).join("\n")).filter(Boolean);
        return { events: data.map((each) => JSON.parse(each)), rest };
}

async function read(body, onChunk) {
        const reader = body.pipeThrough(new TextDecoderStream()).getReader();
        let rest = "";

        for (;;) {
                let timer;
                const silence = new Promise((_, reject) => {
                        timer = setTimeout(() => reject(new Error("silence")), SILENCE);
                });
                const { done, value } = await Promise.race([reader.read(), silence]).finally(() => clearTimeout(timer));
                if (done)
                        return;
                const parsed = parseStream(rest + value);
                rest = parsed.rest;
                parsed.events.forEach(onChunk);
        }
}

/** Follows the events of a tenant. on.event(event) is called for each new one, on.state("live" or "lost") when the
 * connection changes. Returns a function that ends it. */
export function follow(tenant, on) {
        const ending = new AbortController(), path = "events?tenant=" + encodeURIComponent(tenant);
        let sequence = null, failures = 0, timer = 0;

        function received(event) {
                sequence = event.sequence;
                on.event(event);
        }

        async function connect() {
                const own = new AbortController(), abort = () => own.abort();
                ending.signal.addEventListener("abort", abort);
                try {
                        const newest = (await get(path + "&limit=1", own.signal)).data.at(-1);
                        /* a database that was restored may have lower numbers */
                        if (sequence === null || sequence > (newest?.sequence || 0))
                                sequence = newest?.sequence || 0;
                        const body = await getStream(path + "&after=" + sequence, own.signal);
                        failures = 0;
                        on.state("live");
                        await read(body, received);
                } catch {
                        /* the reason does not matter: a session that ended is reported by api.js */
                }
                own.abort();
                ending.signal.removeEventListener("abort", abort);
                if (ending.signal.aborted)
                        return;
                on.state("lost");
                timer = setTimeout(connect, WAITS[Math.min(failures++, WAITS.length - 1)]);
        }

        connect();
        return () => {
                ending.abort();
                clearTimeout(timer);
        };
}
