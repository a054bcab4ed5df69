/* What the view of a component shows, from the answers of the API. Pure functions. */

/** Returns the data of the plot of versions over time: { data, names }. A version is drawn at its place in the order
 * of all versions of the channel; names has its text. versions: as the API lists them, newest first. */
export function versionPlot(versions) {
        const ordered = versions.slice().reverse();
        const places = new Map(ordered.map((each, i) => [each.id, i]));
        const byTime = ordered.slice().sort((a, b) => Date.parse(a.resolvedAt) - Date.parse(b.resolvedAt) ||
                places.get(a.id) - places.get(b.id));
        return { data: [byTime.map((each) => Date.parse(each.resolvedAt) / 1000),
                byTime.map((each) => places.get(each.id))],
                names: ordered.map((each) => each.semver || each.tag) };
}

/** Returns the state of a tag: { kind, text }, or null if there is nothing to say. */
export function tagState(tag) {
        if (tag.gone)
                return { kind: "warn", text: "deleted" };
        if (tag.problem)
                return { kind: "bad", text: "problem" };
        if (tag.keeps)
                return { kind: "warn", text: "moved" };
        if (tag.signature && tag.signature.result !== "valid")
                return { kind: tag.signature.result === "tolerated" ? "warn" : "bad",
                        text: "signature " + tag.signature.result };
        return tag.signature ? { kind: "good", text: "signed" } : null;
}

/** Returns the versions of tags: a map from a tag to its rows of the version map. */
export function versionsByTag(versions) {
        const map = new Map();
        for (const each of versions)
                map.set(each.tag, [...map.get(each.tag) || [], each]);
        return map;
}

const CHANGES = { unknown: "changed", attestations: "only attestations changed", labels: "only labels changed",
        base: "only the base image changed", own: "own layers changed", all: "all layers changed",
                platforms: "platforms changed" };

/** Returns the change between two digests of a tag as words. */
export function changeText(change) {
        return CHANGES[change] || change || "";
}

/** Returns the conditions that a person should see first: problems, then facts. */
export function sortConditions(conditions) {
        const isBad = ({ type, status }) => type === "Ready" ? status !== "True" : status === "True";
        return conditions.map((each) => ({ ...each, isBad: isBad(each) })).sort((a, b) => b.isBad - a.isBad);
}
