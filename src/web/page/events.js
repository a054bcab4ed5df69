/* Events, and the audit of commands, with filters. */

import { html, useState } from "./lib.js";
import { withQuery } from "./api.js";
import { eventFacts, eventShape, objectFilter, objectLink } from "./event-text.js";
import { Choice, Field, Fields } from "./field.js";
import { count } from "./format.js";
import { link } from "./route.js";
import { Failure, Loading, useAnswer, useTitle, When } from "./ui.js";

const FIRST = 100, MOST = 1000;
const SINCE = [["", "any time"], ["1h", "the last hour"], ["24h", "24 hours"], ["7d", "7 days"], ["30d", "30 days"]];

function ObjectName({ kind, id, name, tenant }) {
        const address = objectLink(kind, id, tenant);
        return html`${kind && html`<span class="quiet">${kind} </span>`}${address ? html`<a href=${address}>${name}
                </a>` : name}`;
}

function EventRow({ event, tenant }) {
        return html`<tr><td class="time"><${When} time=${event.at} /></td>
                <td><span class=${"badge " + eventShape(event.type)}>${event.type}</span></td>
                <td><${ObjectName} kind=${event.kind} id=${event.objectId} name=${event.objectName} tenant=${tenant} />
                        </td>
                <td class="facts">${eventFacts(event).map(([name, text]) => html`<span key=${name}><span class="quiet">
                        ${name}</span> ${text}</span> `)}</td></tr>`;
}

const OUTCOMES = { accepted: "good", refused: "warn", failed: "bad" };

function AuditRow({ entry, tenant }) {
        return html`<tr><td class="time"><${When} time=${entry.at} /></td>
                <td><span class=${"badge " + (OUTCOMES[entry.outcome] || "info")}>${entry.outcome}${entry.status
                        ? " " + entry.status : ""}</span></td>
                <td>${entry.person || entry.principal}${entry.person && html` <span class="quiet">${entry.principal}
                        </span>`}</td>
                <td><${ObjectName} kind=${entry.kind} id=${entry.objectId} name=${entry.objectName} tenant=${tenant} />
                        </td>
                <td class="facts"><code>${entry.action.replace("/api/v1/", "")}</code>
                        ${entry.release && html` <span><span class="quiet">release</span> ${entry.release}</span>`}
                        ${entry.detail && html` <span>${entry.detail}</span>`}</td></tr>`;
}

const HEADS = { events: ["Time", "Type", "Object", "Facts"], audit: ["Time", "Outcome", "Who", "Object", "Command"] };

function Rows({ list, rows, tenant }) {
        return html`<div class="scroll" role="region" aria-label=${list === "audit" ? "Audit" : "Events"} tabindex="0">
                <table class="list"><thead><tr>${HEADS[list].map((head) => html`<th scope="col" key=${head}>${head}
                        </th>`)}</tr></thead>
                <tbody>${rows.map((row) => list === "audit" ? html`<${AuditRow} key=${row.sequence} entry=${row}
                        tenant=${tenant} />`
                : html`<${EventRow} key=${row.sequence} event=${row} tenant=${tenant} />`)}</tbody></table></div>`;
}

/** The view. query.list: events or audit. */
export function Events({ query, tenant, version, session }) {
        const list = query.list === "audit" ? "audit" : "events", isAllowed = list === "events" ||
                session.role === "admin";
        const [limit, setLimit] = useState(FIRST);
        const answer = useAnswer(isAllowed ? withQuery(list, { tenant, limit, since: query.since,
                object: objectFilter(query.object),
                type: list === "events" ? query.type : undefined }) : null, version);
        const rows = answer.data ? answer.data.data.slice().reverse() : null;
        const keep = { tenant: query.tenant, since: query.since, object: query.object };

        useTitle(list === "audit" ? "Audit" : "Events");
        return html`<div class="view"><h1>${list === "audit" ? "Audit" : "Events"}</h1>
                <nav class="tabs" aria-label="Lists">${[["events", "Events"], ["audit", "Audit"]].map(([each,
                        name]) => html`<a key=${each}
                        href=${link("events", "", { ...keep, list: each })} aria-current=${each === list ? "page"
                                : null}>${name}</a>`)}</nav>
                <${Fields}>
                        ${list === "events" && html`<${Field} name="type" label="Type" query=${query}
                                placeholder="release.*" />`}
                        <${Field} name="object" label="Object" query=${query} placeholder="component/api" />
                        <${Choice} name="since" label="Since" query=${query} options=${SINCE} />
                <//>
                ${!isAllowed && html`<p class="past"
                        role="status">The audit needs the role admin. Your role is ${session.role}.</p>`}
                ${isAllowed && html`<${Loading} answer=${answer} />`}
                ${rows && answer.problem && html`<${Failure} problem=${answer.problem} />`}
                ${rows && html`<p class="quiet">The newest ${count(rows.length, list === "audit" ? "command"
                        : "event")} that match, newest first.</p>
                        <${Rows} list=${list} rows=${rows} tenant=${query.tenant} />`}
                ${rows && rows.length === limit && limit < MOST && html`<div><button type="button"
                        onClick=${() => setLimit(Math.min(limit * 3, MOST))}>Show more</button></div>`}</div>`;
}
