/* A release: its components, where it is and was, its lockfile; and the comparison of two releases. */

import { html, useState } from "./lib.js";
import { getText } from "./api.js";
import { Commits, Diff } from "./diff.js";
import { localTime, size, versionOf } from "./format.js";
import { link } from "./route.js";
import { Badge, Copy, Digest, Failure, Loading, useAnswer, useTitle, When } from "./ui.js";

const q = encodeURIComponent;
const FORMATS = [["YAML", "application/yaml"], ["JSON", "application/json"]];

/* What the registry says about the tag of a component, loaded when its row is opened. */
function TagFacts({ component, tenant }) {
        const path = `components/${q(component.componentId)}/tags/${q(component.tag || "")}?tenant=${q(tenant)}`;
        const answer = useAnswer(component.tag && path), tag = answer.data;
        if (!component.tag)
                return html`<p class="quiet">The component was added by digest.</p>`;
        if (!tag)
                return html`<${Loading} answer=${answer} />`;
        return html`<dl><dt>Signature</dt><dd>${tag.signature ? html`<${Badge}
                kind=${tag.signature.result === "valid" ? "good" : "failed"}
                        text=${tag.signature.result} /> ${tag.signature.detail}` : "not asked for"}</dd>
                <dt>Tag now</dt><dd>${tag.digest === component.digest ? "the same digest" : tag.gone ? "deleted"
                        : html`moved to <${Digest} digest=${tag.digest} />`}</dd>
                ${tag.createdAt && html`<dt>Created</dt><dd><${When} time=${tag.createdAt} /></dd>`}
                ${tag.pushedAt && html`<dt>Pushed</dt><dd><${When} time=${tag.pushedAt} /></dd>`}</dl>`;
}

function Details({ component, tenant }) {
        const [open, setOpen] = useState(false);
        return html`<details onToggle=${(event) => setOpen(event.target.open)}>
                <summary>${component.artifact}, ${size(component.size)}<span
                class="aside"> of ${component.componentName}</span></summary>
                <dl>${Object.entries(component.platforms).map(([platform, digest]) => html`<dt>${platform}</dt><dd>
                        <${Digest} digest=${digest} /></dd>`)}
                ${component.image?.base?.name && html`<dt>Base</dt><dd>${component.image.base.name}</dd>`}</dl>
                ${open && html`<${TagFacts} component=${component} tenant=${tenant} />`}</details>`;
}

function Components({ release, tenant, keep }) {
        return html`<div class="wide" role="region" aria-label="Components" tabindex="0"><table class="list"><thead><tr>
                <th scope="col">Component</th><th scope="col">Version</th>
                <th scope="col">Digest</th><th scope="col">Image</th><th scope="col">Source</th>
                        <th scope="col">Details</th></tr></thead>
                <tbody>${release.components.map((each) => html`<tr key=${each.componentId + each.role}>
                        <th scope="row"><a href=${link("component", each.componentId, keep)}>${each.componentName}</a>${
                                each.role !== "primary" && ` (${each.role})`}</th>
                        <td>${versionOf({ ...each, version: each.semver })}</td>
                        <td><${Digest} digest=${each.digest} /></td>
                        <td><code class="break">${each.imageRepository}${each.tag && ":" + each.tag}</code></td>
                        <td><${Commits} source=${each.source} /></td>
                        <td><${Details} component=${each} tenant=${tenant} /></td></tr>`)}</tbody></table></div>`;
}

function Lock({ release, tenant }) {
        const [shown, setShown] = useState(null), [problem, setProblem] = useState(null);
        async function show(name, type) {
                try {
                        const path = `releases/${q(release.id)}/lock?tenant=${q(tenant)}`;
                        setShown({ name, text: await getText(path, type) });
                        setProblem(null);
                } catch (failed) {
                        setProblem(failed);
                }
        }
        return html`<section><h2>Lockfile</h2><div class="row">${FORMATS.map(([name, type]) => html`<button
                type="button"
                        aria-pressed=${shown?.name === name} onClick=${() => show(name, type)}>${name}</button>`)}
                ${shown && html`<${Copy} text=${shown.text} label="Copy the lockfile" />`}
                <span class="quiet"><code>relmanctl lock ${release.name} --format …</code> writes other formats.</span>
                </div>
                <${Failure} problem=${problem} />
                ${shown && html`<pre tabindex="0" aria-label="Lockfile">${shown.text}</pre>`}</section>`;
}

function Lineage({ path, keep }) {
        return html`<section><h2>Where it was</h2>${path.length === 0 ? html`<p
                class="quiet">It was not deployed yet.</p>`
                : html`<div class="wide" role="region" aria-label="Deployments" tabindex="0"><table class="list"><thead>
                        <tr><th scope="col">Time</th><th scope="col">Environment</th><th scope="col">Status</th>
                        <th scope="col">By</th><th scope="col">Reason</th></tr></thead>
                                <tbody>${path.map((each) => html`<tr key=${each.sequence}><td>
                                <${When} time=${each.at} /></td>
                        <td>${each.environment}</td><td>${each.status}</td><td>${each.by}</td><td>${each.reason}</td>
                                </tr>`)}</tbody></table></div>`}</section>`;
}

function Compare({ release, keep }) {
        const [other, setOther] = useState("");
        return html`<form class="row" onSubmit=${(event) => {
                event.preventDefault();
                if (other.trim())
                        location.hash = link("release", release.id, { ...keep, with: other.trim() });
        }}><label class="field inline"><span>Compare with release</span>
                <input name="with" value=${other} onInput=${(event) => setOther(event.target.value)} /></label>
                <button>Compare</button></form>`;
}

function Compared({ release, other, tenant, version, keep }) {
        const answer = useAnswer(`releases/${q(release.id)}/compare/${q(other)}?tenant=${q(tenant)}`, version);
        return html`<section><h2>Changes from ${release.name} to ${answer.data?.releaseBName || other}</h2>
                ${answer.data ? html`<${Diff} diff=${answer.data} />` : html`<${Loading} answer=${answer} />`}
                <p><a href=${link("release", release.id, keep)}>End the comparison</a></p></section>`;
}

function Metadata({ release }) {
        const pairs = [...Object.entries(release.metadata), ...Object.entries(release.sourceRef)];
        return pairs.length > 0 && html`<dl class="facts">${pairs.map(([name, value]) => html`<dt>${name}</dt>
                <dd>${typeof value === "string" ? value : JSON.stringify(value)}</dd>`)}</dl>`;
}

/** The view. */
export function Release({ id, query, tenant, version, onAct }) {
        const answer = useAnswer(`releases/${q(id)}/lineage?tenant=${q(tenant)}`, version);
        const environments = useAnswer(`environments?tenant=${q(tenant)}`, version);
        const release = answer.data?.release, keep = { tenant: query.tenant };

        useTitle(release ? release.name : "Release");
        if (!release)
                return html`<h1>Release</h1><${Loading} answer=${answer} />`;
        const at = new Set(release.deployedEnvironments);
        const stateIn = (each) => at.has(each.id) ? "deployed"
                : each.state?.releaseId === release.id ? each.state.status : "promote…";
        return html`<header class="row"><h1>${release.displayName || release.name}</h1>
                <${Badge} kind=${release.status} />
                        <span class="quiet">${release.name}, made ${localTime(release.createdAt)} by ${" "}
                                ${release.createdByName || release.managedBy}</span></header>
                ${release.conditions.filter((each) => each.status !== "True").map((each) => html`<p
                        class="past">${each.message}</p>`)}
                <${Metadata} release=${release} />
                <section><h2>Where it is</h2><ul class="row plain">${(environments.data || []).map((each) => html`<li
                        key=${each.id}>
                        <button type="button" onClick=${() => onAct(each, release.name)}>
                                ${each.displayName || each.name}: ${stateIn(each)}</button></li>`)}</ul></section>
                ${query.with ? html`<${Compared} release=${release} other=${query.with} tenant=${tenant}
                        version=${version} keep=${keep} />`
                        : html`<${Compare} release=${release} keep=${keep} />`}
                <section><h2>Components</h2><${Components} release=${release} tenant=${tenant} keep=${keep} /></section>
                <${Lineage} path=${answer.data.path} keep=${keep} />
                <${Lock} release=${release} tenant=${tenant} />`;
}
