/* The tags of a component, the digests that a tag had, and why an environment has it or not. */

import { html, useState } from "./lib.js";
import { get, withQuery } from "./api.js";
import { changeText, tagState } from "./component-model.js";
import { Failure, Loading, useAnswer, Digest, When } from "./ui.js";

const PAGE = 200, q = encodeURIComponent;
const STATES = { ok: "good", waits: "wait", blocked: "bad", open: "info" };

/** The steps of a chain of decisions, as GET …/why returns them. */
export function Steps({ why }) {
        return html`<ol class="steps">${why.steps.map((step, i) => html`<li key=${i}>
                <span class=${"badge " + (STATES[step.state] || "info")}>${step.state}</span> <b>${step.step}</b>
                ${step.message && html` <span>${step.message}</span>`}
                ${step.next && html` <code class="command">${step.next}</code>`}</li>`)}</ol>`;
}

function TagHistory({ tag }) {
        return html`<div><h3>Digests</h3><table class="list"><thead><tr><th scope="col">Digest</th><th
                scope="col">Since</th><th scope="col">Until</th>
                <th scope="col">Then</th></tr></thead><tbody>
                <tr><td><${Digest} digest=${tag.digest} /></td><td><${When} time=${tag.changedAt} /></td><td>now</td>
                        <td></td></tr>
                ${(tag.history || []).map((each, i) => html`<tr key=${i}><td><${Digest} digest=${each.digest} /></td>
                        <td><${When} time=${each.since} /></td><td><${When} time=${each.until} /></td><td>
                                ${changeText(each.change)}</td></tr>`)}
                </tbody></table></div>`;
}

function Explain({ component, name, tenant, version, environments }) {
        const [environment, setEnvironment] = useState("");
        const chosen = environment || environments[0]?.name;
        const path = `components/${q(component.id)}/tags/${q(name)}`;
        const tag = useAnswer(withQuery(path, { tenant }), version);
        const why = useAnswer(chosen ? withQuery(`environments/${q(chosen)}/why`,
                { tenant, component: component.id, tag: name }) : null, version);

        return html`<div class="detail">
                <${Loading} answer=${tag} />
                ${tag.data?.problem && html`<p class="failure">${tag.data.problem}</p>`}
                ${tag.data?.signature && html`<p>Signature ${tag.data.signature.result}: ${tag.data.signature.detail}
                        </p>`}
                ${tag.data?.platforms?.length > 0 && html`<p>Platforms: ${tag.data.platforms.join(", ")}</p>`}
                ${tag.data && html`<${TagHistory} tag=${tag.data} />`}
                ${chosen && html`<h3>Decisions</h3><label class="inline">Environment <select value=${chosen}
                        onChange=${(event) => setEnvironment(event.target.value)}>
                                ${environments.map((each) => html`<option key=${each.name}
                                value=${each.name} selected=${each.name === chosen}>${each.displayName || each.name}
                                        </option>`)}</select></label>
                        <${Loading} answer=${why} />${why.data && html`<${Steps} why=${why.data} />`}`}
        </div>`;
}

function TagRow({ tag, versions, isOpen, onToggle, children }) {
        const state = tagState(tag);
        return html`<tr><th scope="row"><span class="tag">${tag.tag}</span></th>
                <td>${versions.map((each) => html`<span key=${each.id}>${each.semver || "–"} <span class="quiet">
                        ${each.channel}</span> </span>`)}</td>
                <td><${Digest} digest=${tag.digest} /></td>
                <td><${When} time=${tag.changedAt || tag.firstSeenAt} /></td>
                <td>${state && html`<span class=${"badge " + state.kind} title=${tag.problem || tag.keeps || null}>
                        ${state.text}</span>`}</td>
                <td><button type="button" class="small" aria-expanded=${isOpen ? "true" : "false"} onClick=${onToggle}
                        aria-label=${`Explain tag ${tag.tag}`}>Explain</button></td></tr>
                ${isOpen && html`<tr><td colspan="6">${children}</td></tr>`}`;
}

/* Gets nPages pages of tags. */
async function loadTags(path, signal) {
        const [base, nPages] = path.split("#");
        let tags = [], after = null;
        for (let i = 0; i < Number(nPages); i++) {
                const page = await get(base + (after ? "&afterTag=" + q(after) : ""), signal);
                tags = tags.concat(page.data);
                after = page.meta.next;
                if (!after)
                        break;
        }
        return { tags, more: Boolean(after) };
}

/** The table of tags. byTag: versions of tags. */
export function Tags({ component, byTag, tenant, version, environments }) {
        const [open, setOpen] = useState(null), [text, setText] = useState(""), [nPages, setPages] = useState(1);
        const path = withQuery(`components/${q(component.id)}/tags`, { tenant, limit: PAGE });
        const answer = useAnswer(path + "#" + nPages, version, loadTags);
        const shown = answer.data?.tags.filter((each) => each.tag.includes(text));

        return html`<section><h2 id="tags">Tags</h2><${Loading} answer=${answer} />
                ${answer.data && answer.problem && html`<${Failure} problem=${answer.problem} />`}
                ${shown && html`<label class="inline">Filter <input type="search" value=${text}
                        onInput=${(event) => setText(event.target.value)} /></label>
                <div class="scroll" role="region" aria-labelledby="tags" tabindex="0"><table class="list"><thead><tr>
                        ${["Tag", "Version", "Digest", "Since", "State", "Decisions"].map((head) => html`<th
                                scope="col" key=${head}>${head}</th>`)}</tr></thead>
                <tbody>${shown.map((tag) => html`<${TagRow} key=${tag.tag} tag=${tag} versions=${byTag.get(tag.tag) ||
                        []} isOpen=${open === tag.tag}
                        onToggle=${() => setOpen(open === tag.tag ? null : tag.tag)}><${Explain} component=${component}
                                name=${tag.tag} tenant=${tenant}
                                version=${version} environments=${environments} /><//>`)}</tbody></table></div>`}
                ${answer.data?.more && html`<div><button type="button"
                        onClick=${() => setPages(nPages + 1)}>Show more tags</button></div>`}</section>`;
}
