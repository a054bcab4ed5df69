/* Short texts of events and of entries of the audit. Pure functions. */

import { localTime, shortDigest } from "./format.js";
import { link } from "./route.js";

const VIEWS = { Component: "component", Release: "release" };
const DIGEST = /^[a-z0-9]+:[0-9a-f]{32,}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;
/* kind, name and id of the object have their own column */
const SKIPPED = /^(id|kind|name|tenant|component|environment|registry|stream)$|Id$/;

/** Returns a value of an event as a short text, or "" for none. */
export function valueText(value) {
        if (value === null || value === undefined || value === "")
                return "";
        if (Array.isArray(value))
                return value.every((each) => typeof each === "string") ? value.join(", ") : String(value.length);
        if (typeof value === "object")
                return value.name || value.release || value.message || "";
        const text = String(value);
        return DIGEST.test(text) ? shortDigest(text) : TIME.test(text) ? localTime(text) : text;
}

/** Returns "toDigest" as "to digest". */
export function words(name) {
        return name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
}

/** Returns the facts of an event as pairs of a name and a short text. An equal second digest is left out. */
export function eventFacts(event) {
        const data = event.data || {};

        return Object.entries(data)
                .filter(([name]) => !SKIPPED.test(name) && !(name === "digest" && data.toDigest === data.digest))
                .map(([name, value]) => [words(name), valueText(value)])
                .filter(([, text]) => text !== "" && text !== event.objectName);
}

/** Returns the address of the view of an object, or null if it has none. */
export function objectLink(kind, id, tenant) {
        return VIEWS[kind] && id ? link(VIEWS[kind], id, { tenant }) : null;
}

/** Returns the kind of badge of a type of event: its colour. */
export function eventShape(type) {
        if (/failed|blocked|rejected|unreachable|missing|drift\.detected|refused/.test(type))
                return "bad";
        if (/moved|held|deprecated|canceled|rolled|removed|deleted|closed/.test(type))
                return "warn";
        return /deployed|resolved|resumed|approved|passed|opened|ready/.test(type) ? "good" : "info";
}

/** Returns the object of a filter, KIND/NAME, as the API wants it, or undefined while it is incomplete. */
export function objectFilter(text) {
        return /^[^/\s]+\/\S+$/.test((text || "").trim()) ? text.trim() : undefined;
}
