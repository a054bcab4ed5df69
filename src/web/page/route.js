/* Routes: the view, its argument and its filters are in the fragment of the address, such as
 * #/release/NAME?tenant=shop, so that each view can be linked and the back button works. */

/** Returns { view, id, query } of a fragment. */
export function parseRoute(hash) {
        const [path, search = ""] = hash.replace(/^#\/?/, "").split("?");
        const [view, ...rest] = path.split("/");
        let id = rest.join("/");

        try {
                id = decodeURIComponent(id);
        } catch {
                /* a percent sign that was typed */
        }
        return { view: view || "matrix", id, query: Object.fromEntries(new URLSearchParams(search)) };
}

/** Returns the fragment of a view. Parameters without a value are omitted. */
export function link(view, id = "", query = {}) {
        const pairs = Object.entries(query).filter(([, value]) => value);
        return "#/" + view + (id ? "/" + encodeURIComponent(id) : "") +
                (pairs.length ? "?" + new URLSearchParams(pairs) : "");
}

/** Replaces the parameters of the current fragment; other parameters stay. Makes no entry in the history. */
export function setQuery(change) {
        const { view, id, query } = parseRoute(location.hash);
        history.replaceState(null, "", link(view, id, { ...query, ...change }));
        dispatchEvent(new HashChangeEvent("hashchange"));
}
