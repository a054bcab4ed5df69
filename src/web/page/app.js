/* The page: session, shell, and the view that the address names. */

import { html, render, useCallback, useEffect, useRef, useState } from "./lib.js";
import { get, setSession, write } from "./api.js";
import { ComponentView } from "./component.js";
import { Drawer } from "./drawer.js";
import { Events } from "./events.js";
import { Flow } from "./flow.js";
import { follow } from "./live.js";
import { Login } from "./login.js";
import { Matrix } from "./matrix.js";
import { Registries } from "./registries.js";
import { Release } from "./release.js";
import { link, parseRoute, setQuery } from "./route.js";
import { Timeline } from "./timeline.js";
import { Failure } from "./ui.js";

const VIEWS = [
        { view: "matrix", name: "Matrix", draw: Matrix },
        { view: "flow", name: "Flow", draw: Flow },
        { view: "timeline", name: "Timeline", draw: Timeline },
        { view: "registries", name: "Registries", draw: Registries },
        { view: "events", name: "Events", draw: Events },
        { view: "component", draw: ComponentView },
        { view: "release", draw: Release },
];
const REST = 120; /* milliseconds in which events are collected before the view asks again */
const POLL = 120000; /* what no event reports, such as a soak that ends, is seen at the latest then */

/* Returns the route of the address. A new view gets the focus, so that a reader of screens begins there. */
function useRoute() {
        const [route, setRoute] = useState(parseRoute(location.hash));
        useEffect(() => {
                const changed = () => setRoute((old) => {
                        const now = parseRoute(location.hash);
                        if (now.view !== old.view || now.id !== old.id)
                                setTimeout(() => document.getElementById("main")?.focus());
                        return now;
                });
                addEventListener("hashchange", changed);
                return () => removeEventListener("hashchange", changed);
        }, []);
        return route;
}

/* Returns { version, state }. version grows when something may have changed, but not while the page is hidden. */
function useLive(tenant) {
        const [version, setVersion] = useState(0), [state, setState] = useState("connecting");
        const timer = useRef(0), missed = useRef(false);

        useEffect(() => {
                const bump = () => {
                        timer.current = 0;
                        missed.current = document.hidden;
                        if (!document.hidden)
                                setVersion((n) => n + 1);
                };
                const soon = () => {
                        timer.current ||= setTimeout(bump, REST);
                };
                const shown = () => missed.current && !document.hidden && soon();
                const end = follow(tenant, { event: soon, state: (now) => {
                        setState(now);
                        if (now === "live")
                                soon();
                } });
                const poll = setInterval(soon, POLL);
                document.addEventListener("visibilitychange", shown);
                return () => {
                        end();
                        clearTimeout(timer.current);
                        timer.current = 0;
                        clearInterval(poll);
                        document.removeEventListener("visibilitychange", shown);
                };
        }, [tenant]);
        return { version, state };
}

const STATES = { live: "live", lost: "no connection, trying again", connecting: "connecting" };

function Top({ route, session, tenant, state, onLogOut }) {
        const keep = { tenant: route.query.tenant };
        return html`<header class="top">
                <a class="skip" href=${location.hash || "#/matrix"} onClick=${(event) => {
                        event.preventDefault();
                        document.getElementById("main").focus();
                }}>Skip to content</a>
                <a class="brand" href=${link("matrix", "", keep)}>relman</a>
                <nav aria-label="Views">${VIEWS.filter((each) => each.name).map(({ view, name }) => html`<a
                        href=${link(view, "", keep)}
                                aria-current=${route.view === view ? "page" : null}>${name}</a>`)}</nav>
                <span class=${"live " + state} role="status">${STATES[state]}</span>
                ${session.tenants?.length > 1 && html`<label class="tenant"><span class="aside">Tenant</span><select
                        value=${tenant} onChange=${(event) => setQuery({ tenant: event.target.value })}>
                        ${session.tenants.map((name) => html`<option value=${name}
                                selected=${name === tenant}>${name}</option>`)}</select></label>`}
                <span class="who" title=${session.principal}>${session.person || session.principal} <span
                        class="quiet">${session.role}</span></span>
                ${session.method === "session" && html`<button type="button" class="small"
                        onClick=${onLogOut}>Log out</button>`}
        </header>`;
}

function Shell({ session, onLogOut }) {
        const route = useRoute(), tenant = route.query.tenant || session.tenant || "default";
        const { version, state } = useLive(tenant);
        const [open, setOpen] = useState(null);
        const act = useCallback((environment, release, action) => setOpen({ environment, release, action }), []);
        const close = useCallback(() => setOpen(null), []);
        const found = VIEWS.find(({ view }) => view === route.view);

        return html`<${Top} route=${route} session=${session} tenant=${tenant} state=${state} onLogOut=${onLogOut} />
                <main id="main" tabindex="-1">${found ? html`<${found.draw}
                        key=${route.view + " " + route.id + " " + tenant} id=${route.id}
                        query=${route.query} tenant=${tenant} version=${version} session=${session} onAct=${act} />`
                : html`<h1>There is no such view</h1><p><a href="#/matrix">Matrix</a></p>`}</main>
                ${open && html`<${Drawer} open=${open} session=${session} version=${version} onClose=${close} />`}`;
}

function App() {
        const [state, setState] = useState({ session: undefined, note: "", problem: null });
        const logged = useCallback((session) => {
                setSession(session);
                setState({ session, note: "", problem: null });
        }, []);
        const ask = useCallback(async () => {
                try {
                        logged(await get("session"));
                } catch (problem) {
                        if (problem.status === 401)
                                setState({ session: null, note: "", problem: null });
                        else {
                                setState({ session: undefined, note: "", problem });
                                setTimeout(ask, 2000);
                        }
                }
        }, []);

        useEffect(() => {
                setSession(null, (problem) => {
                        setSession(null);
                        setState({ session: null, note: "The session has ended: " + problem.message, problem: null });
                });
                ask();
        }, []);
        async function logOut() {
                try {
                        await write("DELETE", "session");
                } finally {
                        setSession(null);
                        setState({ session: null, note: "You are logged out.", problem: null });
                }
        }
        if (state.session)
                return html`<${Shell} session=${state.session} onLogOut=${logOut} />`;
        if (state.session === null)
                return html`<${Login} note=${state.note} onSession=${logged} />`;
        return html`<main id="main" tabindex="-1">${state.problem ? html`<${Failure} problem=${state.problem} />`
                : html`<p class="quiet">Loading…</p>`}</main>`;
}

const root = document.getElementById("app");
root.textContent = "";
render(html`<${App} />`, root);
