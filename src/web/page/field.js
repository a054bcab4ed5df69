/* Fields of filters. They write the query of the address after a short rest, so that a filter can be linked. */

import { html, useEffect, useRef } from "./lib.js";
import { setQuery } from "./route.js";

const REST = 250;

/** A field of text. name is the parameter of the address; all other properties are those of the input. */
export function Field({ name, label, query, type = "search", ...more }) {
        const timer = useRef(0);
        const change = (event) => {
                const { value } = event.target;
                clearTimeout(timer.current);
                timer.current = setTimeout(() => setQuery({ [name]: value }), REST);
        };
        useEffect(() => () => clearTimeout(timer.current), []);
        return html`<label><span>${label}</span><input name=${name} type=${type} value=${query[name] || ""}
                onInput=${change} ...${more} /></label>`;
}

/** A choice. options: pairs of a value and its text; the first is the default. */
export function Choice({ name, label, query, options }) {
        const value = query[name] || options[0]?.[0] || "";
        return html`<label><span>${label}</span><select name=${name} value=${value}
                onChange=${(event) => setQuery({ [name]: event.target.value })}>
                ${options.map(([each, text]) => html`<option key=${each} value=${each} selected=${each === value}>
                        ${text}</option>`)}
        </select></label>`;
}

/** The form around the fields. */
export function Fields({ label = "Filters", children }) {
        return html`<form class="filters" role="search" aria-label=${label}
                onSubmit=${(event) => event.preventDefault()}>${children}</form>`;
}
