/* Streams and environments as a graph, where each release stands, and the same as a list. */

import { html, useMemo } from "./lib.js";
import { withQuery } from "./api.js";
import { edgePath, fit, graphOf, HEIGHT, layoutOf, stateOf, WIDTH } from "./flow-model.js";
import { getAll } from "./pages.js";
import { link } from "./route.js";
import { Loading, useAnswer, useTitle } from "./ui.js";

/* Gets all streams and environments. path: the query. */
async function loadFlow(path, signal) {
        const [streams, environments] = await Promise.all(["streams", "environments"]
                .map((kind) => getAll(kind + "?limit=500&" + path, signal)));
        return { streams, environments };
}

const WORDS = { stream: "from stream", follows: "follows", promotesFrom: "promotes from" };

function Node({ node, keep }) {
        const { object, kind, x, y } = node, state = stateOf(node), name = object.displayName || object.name;
        const address = kind === "environment" ? link("matrix", "", { ...keep, environment: object.name })
                : link("timeline", "", { ...keep, text: object.newestRelease });
        const title = `${kind} ${name}: ${state.has || "nothing"}${state.next ? " → " + state.next : ""}${state.why
                ? "\n" + state.why : ""}`;
        return html`<a href=${address} class=${`node ${kind} ${state.kind}`} transform=${`translate(${x} ${y})`}>
                <rect width=${WIDTH} height=${HEIGHT} rx="5"><title>${title}</title></rect><rect class="side" width="4"
                        height=${HEIGHT} rx="2" />
                <text x="12" y="18" class="name">${fit(name, 24)}</text>
                <text x="12" y="36">${fit(`${state.has || "–"}${state.next && state.next !== state.has
                        ? " → " + state.next : ""}`, 27)}</text>
                <text x="12" y="54" class="why">${fit(state.why || (kind === "stream" ? "stream"
                        : object.state?.status || "empty"), 29)}</text></a>`;
}

function Graph({ layout, keep }) {
        return html`<div class="scroll" role="region" aria-label="Graph" tabindex="0"><svg class="flow" role="group"
                aria-label="Streams and environments"
                width=${layout.width} height=${layout.height} viewBox=${`0 0 ${layout.width} ${layout.height}`}>
                <defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8"
                        orient="auto"><path d="M0,0 L8,4 L0,8 z" /></marker></defs>
                <g>${layout.edges.map((edge) => html`<path key=${edge.from + edge.to + edge.kind}
                        class=${`edge ${edge.kind}${stateOf(edge.b).isMoving ? " moving" : ""}`}
                        d=${edgePath(edge)} marker-end="url(#arrow)"><title>
                                ${`${edge.b.object.name} ${WORDS[edge.kind]} ${edge.a.object.name}`}</title></path>`)}
                                </g>
                <g>${layout.nodes.map((node) => html`<${Node} key=${node.key} node=${node} keep=${keep} />`)}</g></svg>
                        </div>`;
}

function Row({ node, edges, keep, onAct }) {
        const { object } = node, state = stateOf(node), release = object.state;
        const sources = edges.filter(({ to }) => to === node.key).map(({ kind,
                a }) => `${WORDS[kind]} ${a.object.displayName || a.object.name}`);
        return html`<tr><th scope="row">${object.displayName || object.name}</th><td class="quiet">
                ${node.kind === "stream" ? "stream" : sources.join(", ") || "–"}</td>
                <td>${release && state.has ? html`<a href=${link("release", release.status === "deployed"
                        ? release.releaseId
                        : release.deployedReleaseId || release.releaseId, keep)}>${state.has}</a>` : state.has ||
                                html`<span class="quiet">nothing</span>`}</td>
                <td>${state.next && state.next !== state.has && html`<a href=${link("release",
                        release?.status === "promoting" ? release.releaseId : object.pending.releaseId, keep)}>
                                ${state.next}</a>`}</td>
                <td>${state.why}</td>
                <td>${node.kind === "environment" && html`<button type="button" class="small"
                        onClick=${() => onAct(object)}
                        aria-label=${"Actions for " + (object.displayName || object.name)}>Actions</button>`}</td></tr>`;
}

/** The view. onAct(environment) opens the drawer. */
export function Flow({ query, tenant, version, onAct }) {
        const answer = useAnswer(withQuery("", { tenant }).slice(1), version, loadFlow),
                keep = { tenant: query.tenant };
        const layout = useMemo(() => answer.data && layoutOf(graphOf(answer.data.streams, answer.data.environments)),
                [answer.data]);
        const ordered = layout ? layout.nodes.slice().sort((a, b) => a.column - b.column || a.y - b.y) : [];

        useTitle("Flow");
        return html`<div class="view"><h1>Flow</h1><${Loading} answer=${answer} />
                ${layout && !ordered.length && html`<p class="quiet">There are no streams and no environments.</p>`}
                ${layout && ordered.length > 0 && html`<div class="both"><${Graph} layout=${layout} keep=${keep} />
                        <div class="scroll" role="region" aria-label="List" tabindex="0"><table class="list"><thead><tr>
                        ${["Name", "Source", "Has", "Next", "Why not yet", "Actions"].map((head) => html`<th
                                scope="col" key=${head}>${head}</th>`)}</tr></thead>
                        <tbody>${ordered.map((node) => html`<${Row} key=${node.key} node=${node} edges=${layout.edges}
                                keep=${keep} onAct=${onAct} />`)}</tbody>
                        </table></div></div>`}</div>`;
}
