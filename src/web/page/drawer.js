/* The drawer of an environment: what would change, which gates are closed and why, and then the button. */

import { html, useEffect, useRef, useState } from "./lib.js";
import { actionsOf, firstAction, promotionFields } from "./actions.js";
import { write } from "./api.js";
import { Diff } from "./diff.js";
import { Age, Failure, Loading, useAnswer, useNow, When } from "./ui.js";

const q = encodeURIComponent;

function Gates({ gates }) {
        const closedFirst = [...gates].sort((a, b) => (a.state === "open") - (b.state === "open"));
        return html`<ul class="gates">${closedFirst.map((gate) => html`<li key=${gate.gate} class=${gate.state}>
                <span class="gate">${gate.gate}</span><span
                        class="state">${gate.state === "open" ? "✓ open" : "✗ closed"}</span>
                <span>${gate.message}${gate.opensAt && html` <span class="quiet">Opens at <${When}
                        time=${gate.opensAt} />.</span>`}
                ${gate.openedBy && html` <span class="quiet">Opened by ${gate.openedBy}.</span>`}</span></li>`)}</ul>`;
}

function Approvals({ environment, release }) {
        const of = (list) => (list || []).filter((each) => each.releaseId === release?.id);
        const given = of(environment.approvedBy), rejected = of(environment.rejectedBy);
        if (!given.length && !rejected.length)
                return null;
        return html`<ul class="plain">${given.map((each) => html`<li>Approved by <b>${each.person}</b>, <${When}
                time=${each.at} />${each.message && ": " + each.message}</li>`)}
                ${rejected.map((each) => html`<li>Rejected by <b>${each.person}</b>, <${When}
                        time=${each.at} />${each.message && ": " + each.message}</li>`)}</ul>`;
}

const READINESS = { notReady: " (not ready)", unknown: " (not checked)" };

/* Whether the daemon would promote, and why not: the result of a dry run. It asks the registry for each digest, so it is
 * repeated only when the gates have changed, not for each event. */
function useDryRun(environment, release, fields, wanted, gates) {
        const [state, setState] = useState({ key: null });
        const key = wanted ? JSON.stringify([environment.id, release, fields, gates]) : null;

        useEffect(() => {
                if (!wanted)
                        return undefined;
                let over = false;
                const timer = setTimeout(async () => {
                        try {
                                const path = `releases/${q(release)}/promote?tenant=${q(environment.tenant)}`;
                                const { promotion } = await write("POST", path,
                                        { environmentId: environment.id, dryRun: true, ...fields });
                                if (!over)
                                        setState({ key, ...promotion, problem: null });
                        } catch (problem) {
                                if (!over)
                                        setState({ key, problem });
                        }
                }, state.key ? 400 : 0);
                return () => {
                        over = true;
                        clearTimeout(timer);
                };
        }, [key]);
        return { ...state, isDone: state.key === key };
}

function Choice({ actions, action, onAction }) {
        return html`<fieldset class="choice"><legend>Action</legend>${actions.map((each) => html`<label
                key=${each.action}>
                <input type="radio" name="action" value=${each.action} checked=${each.action === action}
                        onChange=${() => onAction(each.action)} />${each.name}</label>`)}</fieldset>`;
}

function ReleaseField({ action, value, environment, targets, onRelease }) {
        if (action === "rollback")
                return html`<label class="field"><span>Roll back to</span>
                        <select value=${value} onChange=${(event) => onRelease(event.target.value)}>
                        ${targets.map((target) => html`<option value=${target.release}
                                selected=${target.release === value}>${target.release}${
                                READINESS[target.readiness]}</option>`)}</select></label>`;
        const names = [environment.pending?.release, ...targets.map((target) => target.release)];
        const known = [...new Set(names.filter(Boolean))];
        return html`<label class="field"><span>Release</span><input name="release" list="known" value=${value}
                autocomplete="off"
                onChange=${(event) => onRelease(event.target.value.trim())} />
                <datalist id="known">${known.map((name) => html`<option value=${name} />`)}</datalist></label>`;
}

function Fields({ chosen, fields, diff, onFields }) {
        const set = (change) => onFields({ ...fields, ...change });
        const isPromotion = chosen.action === "promote" || chosen.action === "rollback";
        return html`${chosen.reason !== "none" && html`<label class="field">
                <span>Reason${chosen.reason === "optional" && " (optional)"}</span>
                        <textarea name="reason" rows="2" maxlength="1000" required=${chosen.reason === "required"}
                                value=${fields.reason}
                                onInput=${(event) => set({ reason: event.target.value })} /></label>`}
                ${isPromotion && diff?.removed.length > 0 && html`<label class="check">
                        <input type="checkbox" name="allowRemovals" checked=${fields.allowRemovals}
                        onChange=${(event) => set({ allowRemovals: event.target.checked })} />
                        Allow that components are removed</label>`}
                ${isPromotion && html`<label class="check"><input type="checkbox" name="force" checked=${fields.force}
                        onChange=${(event) => set({ force: event.target.checked })} />
                        Promote even if a registry does not answer</label>`}`;
}

/* The form for an environment that was loaded. */
function Form({ environment, gates, targets, session, initial, version, onDone, onRelease }) {
        const [action, setAction] = useState(initial.action || firstAction(environment));
        const [fields, setFields] = useState({ reason: "", allowRemovals: false, force: false });
        const [problem, setProblem] = useState(null), [busy, setBusy] = useState(false);
        const target = targets.find((each) => each.release === initial.release) || targets[0];
        const release = action === "rollback" ? target?.release : initial.release;
        const actions = actionsOf({ session, environment, release, targets });
        const chosen = actions.find((each) => each.action === action);
        const isPromotion = action === "promote" || action === "rollback";
        const hasRelease = isPromotion || action === "approve" || action === "reject";
        const present = environment.state?.deployedReleaseId || environment.state?.releaseId;
        const compared = useAnswer(release && present && hasRelease
                ? `releases/${q(present)}/compare/${q(release)}?tenant=${q(environment.tenant)}` : null, version);
        const isAsked = isPromotion && !chosen.why && release;
        const dry = useDryRun(environment, release, promotionFields(fields), isAsked && gates.data, gates.data);
        const waits = Boolean(isAsked) && !dry.isDone && !gates.problem;
        const refusal = chosen.why || (isPromotion && dry.isDone && (dry.refusal || dry.problem?.message)) || null;
        const says = waits ? "Checking each digest in its registry…" : refusal || (isPromotion && dry.unchecked);

        useEffect(() => {
                if (release !== initial.release && action === "rollback")
                        onRelease(release);
        }, [action, release]);
        async function submit(event) {
                event.preventDefault();
                if (refusal || waits || busy)
                        return;
                setBusy(true);
                setProblem(null);
                try {
                        const request = chosen.request(environment, release, fields);
                        await write("POST", `${request.path}?tenant=${q(environment.tenant)}`, request.body);
                        setFields({ reason: "", allowRemovals: false, force: false });
                        onDone(chosen.done(environment, release));
                } catch (failed) {
                        setProblem(failed);
                }
                setBusy(false);
        }
        return html`<form onSubmit=${submit}>
                <${Choice} actions=${actions} action=${action} onAction=${setAction} />
                ${hasRelease && html`<${ReleaseField}
                        action=${action} value=${release || ""}
                        environment=${environment} targets=${targets} onRelease=${onRelease} />
                <section><h3>What changes</h3>${!present ? html`<p
                        class="quiet">Nothing is deployed here: each component is new.</p>`
                        : !release ? html`<p class="quiet">No release is chosen.</p>`
                                : compared.data ? html`<${Diff} diff=${compared.data} />` : html`<${Loading}
                                        answer=${compared} />`}</section>
                <section><h3>Gates</h3>${gates.data ? html`<${Gates} gates=${gates.data.gates} />` : html`<${Loading}
                        answer=${gates} />`}
                        <${Approvals} environment=${environment}
                                release=${gates.data && { id: gates.data.releaseId }} /></section>`}
                <${Fields} chosen=${chosen} fields=${fields} diff=${compared.data} onFields=${setFields} />
                <${Failure} problem=${problem} />
                <div class="act"><button class="primary" disabled=${Boolean(refusal) || waits || busy}
                        aria-describedby="refusal">${chosen.name}${
                        hasRelease && " " + (release || "")}</button>
                        <p id="refusal" role="status">${says}</p></div>
        </form>`;
}

function Present({ state, hold }) {
        const now = useNow();
        return html`<p>${!state && "Nothing is deployed here."}
                ${state && html`Release <b>${state.release}</b> is ${state.status}, by ${state.deployedBy}, ${" "}
                        <${Age} time=${state.deployedAt} now=${now} suffix=" ago" />.`}
                ${hold && ` On hold by ${hold.by}: ${hold.reason}.`}</p>`;
}

/** The drawer. open: { environment: { id, name, tenant }, release, action }. */
export function Drawer({ open, session, version, onClose }) {
        const dialog = useRef(null);
        const [release, setRelease] = useState(open.release);
        const [done, setDone] = useState(""), [turn, setTurn] = useState(0);
        const base = `environments/${open.environment.id}`, tenant = `tenant=${q(open.environment.tenant)}`;
        const environment = useAnswer(`${base}?${tenant}`, version + turn);
        const chosen = release || environment.data?.pending?.release || undefined;
        const gates = useAnswer(environment.data && `${base}/gates?${chosen ? `release=${q(chosen)}&` : ""}${tenant}`,
                version + turn);
        const rollback = useAnswer(`${base}/rollback?${tenant}`, version + turn);

        useEffect(() => {
                dialog.current.showModal();
        }, []);
        return html`<dialog ref=${dialog} class="drawer" aria-labelledby="drawer-title" onClose=${onClose}
                onClick=${(event) => event.target === dialog.current && dialog.current.close()}>
                <div class="inside"><header><h2
                        id="drawer-title">${open.environment.displayName || open.environment.name}</h2>
                        <button type="button" class="small" onClick=${() => dialog.current.close()}>Close</button>
                                </header>
                ${environment.data && html`<${Present} state=${environment.data.state}
                        hold=${environment.data.hold} />`}
                <p class="done" role="status">${done}</p>
                <${Loading} answer=${environment} />
                ${environment.data && rollback.data && html`<${Form} environment=${environment.data} gates=${gates}
                        targets=${rollback.data.targets}
                        session=${session} version=${version + turn} initial=${{ release: chosen, action: open.action }}
                                onRelease=${setRelease}
                        onDone=${(text) => {
                                setDone(text);
                                setTurn((n) => n + 1);
                        }} />`}
                ${rollback.problem && html`<${Failure} problem=${rollback.problem} />`}</div></dialog>`;
}
