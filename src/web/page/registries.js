/* Registries: their addresses, limits, mirrors and problems, and their last hour. */

import { html } from "./lib.js";
import { withQuery } from "./api.js";
import { count } from "./format.js";
import { getAll } from "./pages.js";
import { Plot } from "./plot.js";
import { seriesOf, totalsOf } from "./registries-model.js";
import { Age, Loading, useAnswer, useNow, useTitle } from "./ui.js";

/* Returns the conditions of which a person should know: those that fail, and warnings. */
function problemsOf(conditions) {
        return conditions.filter(({ type, status }) => type === "Ready" ? status !== "True" : status === "True");
}

const PLOTS = [["requests", "Requests a minute"], ["errors", "Errors a minute"],
        ["latencyMicroseconds", "Milliseconds of a request"], ["rateLimitLeft", "Left of the rate limit"]];

/* The last hour: a sentence, and a plot of each figure that there is. */
function History({ registry, tenant, version }) {
        const answer = useAnswer(withQuery(`registries/${encodeURIComponent(registry.id)}/history`, { tenant }),
                version);
        if (!answer.data)
                return null;
        const { samples } = answer.data, sums = totalsOf(samples);
        const isThere = ([name]) => samples.some((sample) => sample[name] !== null);
        const inMilliseconds = (plot, ticks) => ticks.map((tick) => String(tick / 1000));

        return html`<p>${count(sums.requests, "request")} and ${count(sums.errors, "error")} in the last hour${
                sums.latency !== null && `, ${(sums.latency / 1000).toFixed(1)} ms a request`}${
                sums.rateLimitLeft !== null && `; ${sums.rateLimitLeft} left of the rate limit`}.</p>
                <div class="plots">${PLOTS.filter(isThere).map(([name, text]) => html`<figure key=${name}>
                        <figcaption>${text}</figcaption>
                        <${Plot} label=${`${text} of registry ${registry.name} in the last hour`}
                                data=${seriesOf(samples, name)} whole=${name !== "latencyMicroseconds"}
                                values=${name === "latencyMicroseconds" ? inMilliseconds : undefined}
                                series=${[{ label: text, colour: name === "errors" ? "bad" : "link" }]} />
                        </figure>`)}</div>`;
}

function RegistryCard({ registry, tenant, version, now }) {
        const problems = problemsOf(registry.conditions), { limits } = registry;
        const isReady = registry.conditions.some(({ type, status }) => type === "Ready" && status === "True");
        const shape = problems.length ? "bad" : isReady ? "good" : "info";

        return html`<section class="card">
                <h2>${registry.displayName || registry.name} <span class=${"badge " + shape}>${problems.length
                        ? count(problems.length, "problem") : isReady ? "answers" : "no problem reported"}</span></h2>
                <dl class="pairs"><div><dt>Address</dt><dd>${registry.url}</dd></div><div><dt>Type</dt><dd>
                        ${registry.type}</dd></div>
                        <div><dt>At once</dt><dd>${count(limits.concurrency, "request")}</dd></div>
                        <div><dt>Each second</dt><dd>${limits.requestsPerSecond || "no limit"}</dd></div>
                        <div><dt>Timeout</dt><dd>${limits.timeout}</dd></div>
                        ${registry.mirrors.length > 0 && html`<div><dt>Mirrors</dt><dd>${registry.mirrors.join(", ")}
                                </dd></div>`}</dl>
                ${problems.map((each) => html`<p class="failure" key=${each.type}>${each.reason}: ${each.message}
                        <span> (since <${Age} time=${each.since} now=${now} suffix=" ago" />)</span></p>`)}
                <${History} registry=${registry} tenant=${tenant} version=${version} />
        </section>`;
}

/** The view. */
export function Registries({ tenant, version }) {
        const answer = useAnswer(withQuery("registries", { tenant, limit: 500 }), version, getAll);
        const now = useNow();

        useTitle("Registries");
        return html`<div class="view"><h1>Registries</h1><${Loading} answer=${answer} />
                ${answer.data?.length === 0 && html`<p
                        class="quiet">No spec declares a registry. The names of images say where they are.</p>`}
                ${answer.data?.map((each) => html`<${RegistryCard} key=${each.id} registry=${each} tenant=${tenant}
                        version=${version} now=${now} />`)}</div>`;
}
