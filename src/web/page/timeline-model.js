/* When an environment had which release. Pure functions. */

/** Returns a map from the id of a release to its marks: { environment, id, from, until, isNow, isPending }.
 * events: those of type release.deployed, oldest first. environments: as the API lists them, with their state. */
export function marksOf(events, environments) {
        const last = new Map(), marks = [];
        const begin = (id, environment, releaseId, from) => {
                const before = last.get(id);
                if (before && before.releaseId === releaseId)
                        return before;
                if (before)
                        before.until = from;
                const mark = { id, environment, releaseId, from, until: null, isNow: false, isPending: false };
                last.set(id, mark);
                marks.push(mark);
                return mark;
        };

        for (const { at, objectId, data } of events)
                begin(data.environmentId, data.environment, objectId, at);
        for (const { id, name, displayName, state } of environments) {
                const title = displayName || name, isOver = state?.status === "deployed";
                const has = isOver ? state.releaseId : state?.deployedReleaseId;
                if (has)
                        begin(id, title, has, state.deployedAt).isNow = true;
                if (state && !isOver)
                        marks.push({ id, environment: title, releaseId: state.releaseId, from: state.deployedAt,
                                until: null,
                                isNow: false, isPending: true });
                for (const mark of marks)
                        if (mark.id === id)
                                mark.environment = title;
        }
        const map = new Map();
        for (const mark of marks)
                map.set(mark.releaseId, [...map.get(mark.releaseId) || [], mark]);
        return map;
}

/** Returns the marks of a release as they are shown: one for each environment, those that have it now first. */
export function shownMarks(marks) {
        const byEnvironment = new Map();
        for (const mark of marks) {
                const shown = byEnvironment.get(mark.id);
                if (!shown)
                        byEnvironment.set(mark.id, { ...mark, times: 1 });
                else
                        byEnvironment.set(mark.id, { ...mark, isNow: mark.isNow || shown.isNow,
                                times: shown.times + 1 });
        }
        const rank = (mark) => mark.isNow ? 0 : mark.isPending ? 1 : 2;
        return [...byEnvironment.values()].sort((a, b) => rank(a) - rank(b) ||
                (a.environment < b.environment ? -1 : a.environment > b.environment ? 1 : 0));
}

/** Returns a local time of the API in the form of an input of type datetime-local. */
export function inputTime(time) {
        const date = new Date(time), two = (n) => String(n).padStart(2, "0");
        return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T` +
                `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Returns the days of releases: [{ day, releases }], in the order of the list. */
export function daysOf(releases, dayOf) {
        const days = [];
        for (const release of releases) {
                const day = dayOf(release.createdAt);
                if (days.at(-1)?.day !== day)
                        days.push({ day, releases: [] });
                days.at(-1).releases.push(release);
        }
        return days;
}
