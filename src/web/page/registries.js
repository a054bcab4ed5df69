/* Registries: their addresses, limits, mirrors and problems. */

import { html } from "./lib.js";
import { withQuery } from "./api.js";
import { count } from "./format.js";
import { getAll } from "./pages.js";
import { Age, Loading, useAnswer, useNow, useTitle } from "./ui.js";

/* Returns the conditions of which a person should know: those that fail, and warnings. */
function problemsOf(conditions) {
        return conditions.filter(({ type, status }) => type === "Ready" ? status !== "True" : status === "True");
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
