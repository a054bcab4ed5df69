/* The matrix: what runs where, and why not yet. One request for each page of 200 components. */

import { Component, html, useEffect, useMemo, useState } from "./lib.js";
import { getPage, withQuery } from "./api.js";
import { Field, Fields } from "./field.js";
import { count, localTime, shortDigest, until, versionOf, withoutCommand } from "./format.js";
import { matrixOf, matrixQuery, nextChange, teamsOf } from "./matrix-model.js";
import { link, setQuery } from "./route.js";
import { Age, Badge, Failure, useNow, useTitle } from "./ui.js";

const FIELDS = ["text", "environment", "label", "team", "asOf"];
const WORDS = { soaking: "soaking", closed: "closed" };

/* Returns the words of a badge of an environment: with the end if it has one. */
function badgeText(badge, next, now) {
        if (badge.until)
                return `${WORDS[badge.kind] || badge.kind} until ${until(badge.until, now)}`;
        if (badge.kind === "waiting" && next?.approvals)
                return `approvals ${next.approvals.given}/${next.approvals.required}`;
        return undefined;
}

function Next({ next, now }) {
        if (!next)
                return html`<div class="next quiet"><span>nothing is next</span></div>`;
        const obstacle = next.waitsFor ? "waits for " + withoutCommand(next.waitsFor) : next.message || next.reason;
        return html`<div class="next" title=${next.message || obstacle}>
                <span>→ <b>${next.release || "?"}</b>${next.opensAt && html` <span
                        class="quiet">${until(next.opensAt, now)}</span>`}</span>
                <span class="obstacle">${obstacle}</span></div>`;
}

function Head({ column, now, query, onAct }) {
        const name = column.displayName || column.name, release = column.release;
        const title = name === column.name ? name : `${name} (${column.name})`;
        const phase = ["promoting", "failed"].includes(column.phase) ? column.phase + " " : "";
        return html`<th scope="col">
                <div class="head">
                        <span class="name" title=${title}>${name}</span>
                        <button type="button" class="small" onClick=${() => onAct(column)}
                                aria-label=${"Actions for " + name}>Actions</button>
                        <span class="release">${release ? html`<a href=${link("release", release.id, query)}
                                title=${release.name}>${release.name}</a>`
                                : html`<span class="quiet">empty</span>`}</span>
                        <span class="phase quiet">${phase}<${Age}
                                time=${column.since} now=${now} /></span>
                        <div class="badges">${column.badges.map((badge) => html`<${Badge} kind=${badge.kind}
                                text=${badgeText(badge, column.pending, now)} title=${badge.text} />`)}</div>
                        <${Next} next=${column.pending} now=${now} />
                </div></th>`;
}

function Image({ image }) {
        return html`${versionOf(image)} <code>${shortDigest(image.digest)}</code>`;
}

const titleOf = (image) => image ? `${image.tag || ""} ${image.digest}` : null;

/* Few elements: a large matrix has thousands of cells, and the time of a first view is that of their layout. */
function Cell({ cell }) {
        if (!cell)
                return html`<td class="none">·</td>`;
        const { image, next, drift } = cell;
        return html`<td class=${image ? "is" : "quiet"} title=${titleOf(image)}>
                ${image ? Image({ image }) : "not there"}
                ${(next !== undefined || drift) && html`<div class="will" title=${titleOf(next)}>
                        ${next && ["→ ", Image({ image: next })]}${next === null && "→ removed"}
                        ${drift && html`<${Badge} kind="drift"
                                title="the tag has another digest in the registry" />`}</div>`}</td>`;
}

/* A row is drawn again only if its values changed: matrixOf() keeps the object of a row that did not. */
class Row extends Component {
        shouldComponentUpdate(next) {
                return next.row !== this.props.row || next.tenant !== this.props.tenant;
        }

        render({ row, tenant }) {
                const name = row.displayName || row.name;
                return html`<tr><th scope="row"><a href=${link("component", row.id, { tenant })}
                        title=${row.name}>${name}</a>
                        <span class="badges">${row.badges.map((badge) => html`<${Badge} kind=${badge.kind}
                                title=${badge.text} />`)}</span></th>
                        ${row.cells.map((cell) => html`<${Cell} cell=${cell} />`)}</tr>`;
        }
}

function Filters({ query, teams }) {
        return html`<${Fields}>
                <${Field} name="text" label="Component" query=${query} placeholder="text" />
                <${Field} name="environment" label="Environment" query=${query} placeholder="text" />
                <${Field} name="label" label="Label" query=${query} placeholder="key=value" />
                <${Field} name="team" label="Team" query=${query} list="teams" />
                <datalist id="teams">${teams.map((team) => html`<option value=${team} />`)}</datalist>
                <${Field} name="asOf" label="As of" query=${query} type="datetime-local"
                        max=${localTime(Date.now()).replace(" ", "T")} />
                <button type="button"
                        disabled=${!FIELDS.some((name) => query[name])}
                        onClick=${() => setQuery(Object.fromEntries(FIELDS.map((name) => [name, ""])))}>Clear</button>
        <//>`;
}

function isSame(old, pages) {
        return old.pages.length === pages.length && pages.every((page, i) => page === old.pages[i]) && !old.problem;
}

async function loadPages(query, tenant, nPages, signal) {
        const pages = [];
        let after;
        do {
                const { data, next } = await getPage(withQuery("matrix", matrixQuery(query, tenant, after)), signal);
                pages.push(data);
                after = next;
        } while (after && pages.length < nPages);
        return { pages, more: Boolean(after) };
}

/* Returns { matrix, more, problem }: the matrix of nPages pages, kept equal where it did not change. */
function useMatrix(query, tenant, version, nPages) {
        const [state, setState] = useState({ matrix: null, more: false, problem: null, pages: [] });
        const key = JSON.stringify(matrixQuery(query, tenant));

        useEffect(() => {
                const ending = new AbortController();
                loadPages(query, tenant, nPages, ending.signal).then(({ pages, more }) => setState((old) =>
                        isSame(old, pages) ? old
                                : { matrix: matrixOf(pages, old.matrix || undefined), more, pages, problem: null }),
                (problem) => problem.name !== "AbortError" && setState((old) => ({ ...old, problem })));
                return () => ending.abort();
        }, [key, version, nPages]);
        return state;
}

/** The view. onAct(environment) opens the drawer. */
export function Matrix({ query, tenant, version, onAct }) {
        const now = useNow(), [nPages, setPages] = useState(1), [turn, setTurn] = useState(0);
        const { matrix, more, problem } = useMatrix(query, tenant, version + turn, nPages);
        const teams = useMemo(() => matrix ? teamsOf(matrix.rows) : [], [matrix]);
        const own = { tenant: query.tenant };

        useTitle("Matrix");
        useEffect(() => {
                const at = matrix && nextChange(matrix.columns, Date.now());
                if (!at)
                        return undefined;
                const timer = setTimeout(() => setTurn((n) => n + 1), Math.min(at - Date.now() + 1000, 0x7fffffff));
                return () => clearTimeout(timer);
        }, [matrix]);
        return html`<h1 class="aside">Matrix</h1>
                <${Filters} query=${query} teams=${teams} />
                ${query.asOf && html`<p class="past"
                        role="status">As of ${localTime(query.asOf)}: what was deployed then.</p>`}
                <${Failure} problem=${problem} />
                ${!matrix && !problem && html`<p class="quiet">Loading…</p>`}
                ${matrix && html`<div class="scroll" role="region" aria-label="Components and environments"
                        tabindex="0">
                        <table class="matrix"><thead><tr><th scope="col"
                                class="corner">${count(matrix.rows.length, "component")}${more && ", more below"}</th>
                        ${matrix.columns.map((column) => html`<${Head} key=${column.id} column=${column} now=${now}
                                query=${own} onAct=${onAct} />`)}</tr></thead>
                        <tbody>${matrix.rows.map((row) => html`<${Row} key=${row.id} row=${row}
                                tenant=${query.tenant} />`)}</tbody></table></div>`}
                ${matrix && matrix.rows.length === 0 && html`<p class="quiet">No component matches.</p>`}
                ${more && html`<button type="button"
                        onClick=${() => setPages(nPages + 1)}>Show more components</button>`}`;
}
