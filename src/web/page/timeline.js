/* The timeline of releases, with marks of the environments that have or had them, and the way to any moment. */

import { html, useMemo, useState } from "./lib.js";
import { get, withQuery } from "./api.js";
import { Choice, Field, Fields } from "./field.js";
import { count, localTime } from "./format.js";
import { getAll } from "./pages.js";
import { link } from "./route.js";
import { daysOf, inputTime, marksOf, shownMarks } from "./timeline-model.js";
import { Failure, Loading, useAnswer, useTitle } from "./ui.js";

const PAGE = 100, EVENTS = 1000;
const STATUSES = [["", "any status"], ...["draft", "ready", "promoting", "deployed", "deprecated",
        "archived"].map((each) => [each, each])];

/* Gets nPages pages of releases. */
async function loadReleases(path, signal) {
        const [base, nPages] = path.split("#");
        const pages = await Promise.all(Array.from({ length: Number(nPages) }, (_, i) => get(`${base}&page=${i + 1}`,
                signal)));
        return { releases: pages.flatMap((page) => page.data), total: pages[0].meta.total };
}

function markText(mark) {
        if (mark.isPending)
                return "is being promoted since " + localTime(mark.from);
        if (mark.isNow)
                return "since " + localTime(mark.from);
        return localTime(mark.from) + (mark.until ? " to " + localTime(mark.until) : "") + (mark.times > 1
                ? `, ${mark.times} times` : "");
}

function Mark({ mark, keep }) {
        const shape = mark.isNow ? "good" : mark.isPending ? "wait" : "info";
        return html`<a class=${"badge mark " + shape} href=${link("matrix", "", { ...keep, asOf: mark.isNow ||
                mark.isPending ? "" : inputTime(mark.from) })}
                title=${`${mark.environment}: ${markText(mark)}`}>${mark.environment}<span> ${mark.isNow ? "now"
                        : mark.isPending ? "promoting" : "had it"}</span></a>`;
}

function Release({ release, marks, keep }) {
        const shown = shownMarks(marks);
        return html`<tr><td class="time"><a href=${link("matrix", "", { ...keep, asOf: inputTime(release.createdAt) })}
                title=${"The matrix as of " + localTime(release.createdAt)}>${localTime(release.createdAt).slice(11)}
                        </a></td>
                <th scope="row"><a href=${link("release", release.id, keep)}>${release.displayName || release.name}</a>
                        </th>
                <td><span class=${"badge " + (release.status === "deployed" ? "good" : release.status === "deprecated"
                        ? "warn" : "info")}>${release.status}</span></td>
                <td>${release.components.length}</td>
                <td><div class="badges">${shown.map((mark) => html`<${Mark} key=${mark.id} mark=${mark} keep=${keep}
                        />`)}</div></td></tr>`;
}

function Table({ releases, marks, keep }) {
        const days = daysOf(releases, (time) => localTime(time).slice(0, 10));
        return html`<div class="scroll" role="region" aria-label="Releases" tabindex="0"><table class="list timeline">
                <thead><tr>
                ${["Made", "Release", "Status", "Components", "Environments"].map((head) => html`<th scope="col"
                        key=${head}>${head}</th>`)}</tr></thead>
                ${days.map(({ day, releases: those }) => html`<tbody key=${day}><tr class="day"><th colspan="5"
                        scope="rowgroup">${day}</th></tr>
                        ${those.map((each) => html`<${Release} key=${each.id} release=${each}
                                marks=${marks.get(each.id) || []} keep=${keep} />`)}</tbody>`)}
                </table></div>`;
}

function AsOf({ keep }) {
        const submit = (event) => {
                event.preventDefault();
                const { value } = event.target.elements.moment;
                if (value)
                        location.hash = link("matrix", "", { ...keep, asOf: value });
        };
        return html`<form class="inline" onSubmit=${submit}><label class="inline">The matrix as of <input
                type="datetime-local" name="moment" required
                max=${inputTime(Date.now())} /></label><button type="submit">Show</button></form>`;
}

/** The view. */
export function Timeline({ query, tenant, version }) {
        const [nPages, setPages] = useState(1), keep = { tenant: query.tenant };
        const path = withQuery("releases", { tenant, pageSize: PAGE, text: query.text, status: query.status });
        const answer = useAnswer(path + "#" + nPages, version, loadReleases);
        const events = useAnswer(withQuery("events", { tenant, type: "release.deployed", limit: EVENTS }), version);
        const environments = useAnswer(withQuery("environments", { tenant, limit: 500 }), version, getAll);
        const marks = useMemo(() => marksOf(events.data?.data || [], environments.data || []), [events.data,
                environments.data]);
        const { releases, total } = answer.data || {};

        useTitle("Timeline");
        return html`<div class="view"><h1>Timeline</h1>
                <${AsOf} keep=${keep} />
                <${Fields}><${Field} name="text" label="Release" query=${query} placeholder="text" />
                        <${Choice} name="status" label="Status" query=${query} options=${STATUSES} /><//>
                <${Failure} problem=${answer.data && (answer.problem || events.problem || environments.problem)} />
                ${!answer.data && html`<${Loading} answer=${answer} />`}
                ${releases && html`<p class="quiet">${releases.length < total ? `${releases.length} of ${count(total,
                        "release")}` : count(total, "release")}, newest first.</p>`}
                ${releases && html`<${Table} releases=${releases} marks=${marks} keep=${keep} />`}
                ${releases && releases.length < total && html`<div><button type="button"
                        onClick=${() => setPages(nPages + 1)}>Show older releases</button></div>`}
        </div>`;
}
