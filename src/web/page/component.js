/* A component: channels, versions over time, tags with their history, and the releases that it is in. */

import { html, useState } from "./lib.js";
import { withQuery } from "./api.js";
import { sortConditions, versionPlot, versionsByTag } from "./component-model.js";
import { Plot } from "./plot.js";
import { getAll } from "./pages.js";
import { link } from "./route.js";
import { Tags } from "./tags.js";
import { Age, Digest, Failure, Loading, useAnswer, useNow, useTitle, When } from "./ui.js";

const VERSIONS = 500, RELEASES = 20;

/** The conditions of an object; problems first. */
export function Conditions({ conditions, now }) {
        return html`<ul class="conditions">${sortConditions(conditions).map((each) => html`<li
                key=${each.type + each.reason}>
                <span class=${"badge " + (each.isBad ? "bad" : each.type === "Ready" ? "good" : "info")}>
                        ${each.type} ${each.reason}</span>
                <span>${each.message}</span> <span class="quiet"><${Age} time=${each.since} now=${now} /></span>
                        </li>`)}</ul>`;
}

function Channels({ component, now }) {
        const channels = Object.entries(component.channels);
        if (!channels.length)
                return html`<p class="quiet">No channel has a version yet.</p>`;
        return html`<div class="scroll" role="region" aria-labelledby="channels" tabindex="0"><table class="list">
                <thead><tr><th scope="col">Channel</th>
                <th scope="col">Version</th><th scope="col">Tag</th><th scope="col">Digest</th><th
                        scope="col">Since</th></tr></thead>
                <tbody>${channels.map(([name, head]) => html`<tr key=${name}><th scope="row">${name}${
                        name === component.defaultChannel && html` <span class="quiet">default</span>`}</th><td>
                                ${head.semver}</td>
                        <td>${head.tag}</td><td><${Digest} digest=${head.digest} /></td><td><${Age}
                                time=${head.movedAt} now=${now} /></td></tr>`)}
                </tbody></table></div>`;
}

function Versions({ component, versions }) {
        const channels = [...new Set([...Object.keys(component.channels),
                ...versions.map((each) => each.channel)])].sort();
        const [chosen, setChosen] = useState(component.defaultChannel);
        const channel = channels.includes(chosen) ? chosen : channels[0];
        const { data, names } = versionPlot(versions.filter((each) => each.channel === channel));

        if (!channel)
                return null;
        const label = `Versions of ${component.name} in channel ${channel} over time; the table of tags has the times`;
        return html`<section><h2>Versions over time</h2>
                ${channels.length > 1 && html`<label class="inline">Channel <select value=${channel}
                        onChange=${(event) => setChosen(event.target.value)}>
                        ${channels.map((each) => html`<option key=${each} value=${each} selected=${each === channel}>
                                ${each}</option>`)}</select></label>`}
                <${Plot} label=${label} data=${data} stepped whole
                        series=${[{ label: "version" }]} values=${(_,
                                ticks) => ticks.map((tick) => Number.isInteger(tick) ? names[tick] || "" : "")} />
                                </section>`;
}

function Releases({ component, tenant, version, keep }) {
        const answer = useAnswer(withQuery(`components/${encodeURIComponent(component.id)}/releases`, { tenant,
                pageSize: RELEASES }), version);
        return html`<section><h2>Newest releases</h2><${Loading} answer=${answer} />
                ${answer.data?.length === 0 && html`<p class="quiet">It is in no release.</p>`}
                ${answer.data && html`<ul class="plain">${answer.data.map((each) => html`<li key=${each.id}>
                        <a href=${link("release", each.id, keep)}>${each.displayName || each.name}</a> <span
                                class="badge info">${each.status}</span>
                        <span class="quiet"><${When} time=${each.createdAt} /></span></li>`)}</ul>`}</section>`;
}

/** The view of component id. */
export function ComponentView({ id, query, tenant, version }) {
        const now = useNow(), path = `components/${encodeURIComponent(id)}`, keep = { tenant: query.tenant };
        const answer = useAnswer(withQuery(path, { tenant }), version);
        const versions = useAnswer(withQuery(path + "/versions", { tenant, limit: VERSIONS }), version);
        const environments = useAnswer(withQuery("environments", { tenant, limit: 500 }), version, getAll);
        const component = answer.data;

        useTitle(component ? component.displayName || component.name : "Component");
        if (!component)
                return html`<div class="view"><h1>Component</h1><${Loading} answer=${answer} /></div>`;
        return html`<div class="view"><h1>${component.displayName || component.name}</h1>
                ${answer.problem && html`<${Failure} problem=${answer.problem} />`}
                <dl class="pairs"><div><dt>Name</dt><dd>${component.name}</dd></div>
                        <div><dt>Repository</dt><dd>${component.imageRepository}</dd></div>
                        <div><dt>Versions are</dt><dd>${component.versioningStrategy.type}</dd></div>
                        ${Object.entries(component.metadata).map(([name, value]) => html`<div key=${name}><dt>${name}
                                </dt><dd>${value}</dd></div>`)}
                        ${component.suspend && html`<div><dt>Polls</dt><dd><span class="badge wait">suspended</span>
                                </dd></div>`}</dl>
                <${Conditions} conditions=${component.conditions} now=${now} />
                <h2 id="channels">Channels</h2><${Channels} component=${component} now=${now} />
                ${versions.data && html`<${Versions} component=${component} versions=${versions.data} />`}
                <${Tags} component=${component} byTag=${versionsByTag(versions.data || [])} tenant=${tenant}
                        version=${version}
                        environments=${environments.data || []} />
                <${Releases} component=${component} tenant=${tenant} version=${version} keep=${keep} /></div>`;
}
