/* A table of the components that differ between two releases. */

import { html } from "./lib.js";
import { diffRows } from "./actions.js";
import { count, safeLink, versionOf } from "./format.js";
import { Badge, Digest } from "./ui.js";

const KINDS = { downgrade: "held", removed: "failed", added: "info", upgrade: "info" };
const NAMES = { sameVersion: "same version" };

function Side({ image }) {
        return image ? html`${versionOf(image)} <${Digest} digest=${image.digest} />` : html`<span
                class="quiet">–</span>`;
}

/** A link to the commits between two images, or their revisions. */
export function Commits({ source }) {
        if (!source)
                return null;
        const revision = (text) => (text || "?").slice(0, 10);
        const words = "fromRevision" in source
                ? `${revision(source.fromRevision)}…${revision(source.toRevision)}` : revision(source.revision);
        return safeLink(source.link) ? html`<a href=${source.link} rel="noreferrer">${words}</a>` : html`<code
                title=${source.repository}>${words}</code>`;
}

/** The table. */
export function Diff({ diff }) {
        const rows = diffRows(diff), verb = rows.length === 1 ? "differs" : "differ";
        const says = rows.length ? `${count(rows.length, "component")} ${verb}.` : "No component differs.";
        return html`<p class="quiet">${says}
                ${diff.unchanged.length > 0 && ` ${count(diff.unchanged.length, "component")} unchanged.`}</p>
        ${rows.length > 0 && html`<div class="wide" role="region" aria-label="Changes by component" tabindex="0">
                <table class="list">
                <thead><tr><th scope="col">Component</th><th scope="col">Change</th><th scope="col">From</th>
                        <th scope="col">To</th><th scope="col">Commits</th></tr></thead>
                <tbody>${rows.map((row) => html`<tr key=${row.id + row.change}><th scope="row">${row.name}</th>
                        <td><${Badge} kind=${KINDS[row.change] || "warning"} text=${NAMES[row.change] || row.change} />
                                </td>
                        <td><${Side} image=${row.from} /></td><td><${Side} image=${row.to} /></td>
                        <td><${Commits} source=${row.source} /></td></tr>`)}</tbody></table></div>`}`;
}
