/* The login: a token, typed once, is exchanged for a session cookie that scripts cannot read. */

import { html, useEffect, useRef, useState } from "./lib.js";
import { logIn } from "./api.js";
import { Failure, useTitle } from "./ui.js";

/** Shows the form. note says why it is shown again; onSession(session) is called after the login. */
export function Login({ note, onSession }) {
        const [problem, setProblem] = useState(null), [busy, setBusy] = useState(false);
        const field = useRef(null);

        useTitle("Log in");
        useEffect(() => field.current.focus(), []);
        async function submit(event) {
                event.preventDefault();
                setBusy(true);
                try {
                        onSession(await logIn(field.current.value.trim()));
                } catch (failed) {
                        setProblem(failed);
                        setBusy(false);
                        field.current.select();
                }
        }
        return html`<main id="main" class="login" tabindex="-1">
                <form onSubmit=${submit}>
                        <h1>relman</h1>
                        ${note && html`<p role="status">${note}</p>`}
                        <label for="token">Token</label>
                        <input id="token" type="password" ref=${field} required autocomplete="current-password"
                                aria-describedby="token-help" />
                        <p id="token-help" class="quiet"><code>relmanctl token NAME</code> makes a token.</p>
                        <button class="primary" disabled=${busy}>Log in</button>
                        <${Failure} problem=${problem} />
                </form>
        </main>`;
}
