/* The actions on an environment: who may do them, what they need, and the request that does them. Pure functions. */

/** Returns the members of a promotion that were filled in. */
export function promotionFields({ reason, allowRemovals, force }) {
        return { ...(reason && { reason }), ...(allowRemovals && { allowRemovals }), ...(force && { force }) };
}

const path = (environment, verb) => `environments/${environment.id}/${verb}`;
const promote = (environment, release, fields) => ({
        path: `releases/${encodeURIComponent(release)}/promote`,
        body: { environmentId: environment.id, ...promotionFields(fields) },
});
const verdict = (verb) => (environment, release, fields) => ({
        path: path(environment, verb),
        body: { releaseId: release, ...(fields.reason && { message: fields.reason }) },
});
const plain = (verb) => (environment, release, fields) => ({
        path: path(environment, verb), body: fields.reason ? { reason: fields.reason } : {} });

/* needs: what must be there. reason: whether one is asked for. done: what is said afterwards. */
const ACTIONS = [
        { action: "promote", name: "Promote", needs: ["release"], reason: "optional", request: promote,
                done: (e, r) => `release '${r}' is being promoted to environment '${e.name}'` },
        { action: "approve", name: "Approve", needs: ["release", "approvals"], reason: "optional",
                request: verdict("approve"),
                done: (e, r) => `release '${r}' is approved for environment '${e.name}'` },
        { action: "reject", name: "Reject", needs: ["release", "approvals"], reason: "required",
                request: verdict("reject"),
                done: (e, r) => `release '${r}' is rejected for environment '${e.name}'` },
        { action: "hold", name: "Hold", needs: ["free"], reason: "required", request: plain("hold"),
                done: (e) => `environment '${e.name}' is on hold` },
        { action: "resume", name: "Resume", needs: ["hold"], reason: "none", request: plain("resume"),
                done: (e) => `environment '${e.name}' is resumed` },
        { action: "cancel", name: "Cancel promotion", needs: ["promoting"], reason: "required",
                request: plain("cancel"),
                done: (e) => `the promotion to environment '${e.name}' is canceled` },
        { action: "rollback", name: "Roll back", needs: ["target"], reason: "required", request: promote,
                done: (e, r) => `environment '${e.name}' is being rolled back to release '${r}'` },
];

function obstacle(need, { environment, release, targets }) {
        switch (need) {
        case "release":
                return release ? null : "no release is chosen";
        case "approvals":
                return environment.approvals > 0 ? null : `environment '${environment.name}' asks for no approvals`;
        case "free":
                if (!environment.stream && !environment.follows)
                        return `environment '${environment.name}' follows nothing: nothing is promoted to it by itself`;
                return environment.hold ? `environment '${environment.name}' is on hold already` : null;
        case "hold":
                return environment.hold ? null : `environment '${environment.name}' is not on hold`;
        case "promoting":
                return environment.state?.status === "promoting" ? null : "nothing is being promoted";
        default:
                return targets.length ? null : "no release was deployed here before the present one";
        }
}

/** Returns each action with why it is not possible now, or null: { action, name, reason, why, ... }. The daemon decides
 * in the end; this says beforehand what it would refuse for certain. */
export function actionsOf({ session, environment, release, targets }) {
        const now = { environment, release, targets };
        const role = session.role !== "read" ? null
                : `the role 'read' of ${session.principal} does not allow it; it needs the role 'write'`;
        return ACTIONS.map((each) => ({ ...each,
                why: role || each.needs.map((need) => obstacle(need, now)).find(Boolean) || null }));
}

/** Returns the action that most likely is wanted in an environment. */
export function firstAction(environment) {
        const pending = environment.pending;
        if (pending?.reason === "ApprovalsMissing" || pending?.reason === "Rejected")
                return "approve";
        return pending?.reason === "OnHold" ? "resume" : "promote";
}

/** Returns the rows of a comparison of two releases: { id, name, change, from, to, source }. */
export function diffRows(diff) {
        const of = (kind) => (each) => ({ id: each.componentId, name: each.componentName, change: kind,
                from: kind === "added" ? null : { version: each.version, tag: each.tag, digest: each.digest },
                to: kind === "removed" ? null : { version: each.version, tag: each.tag, digest: each.digest } });
        return [
                ...diff.changed.map((each) => ({ id: each.componentId, name: each.componentName, change: each.direction,
                        from: { version: each.fromVersion, tag: each.fromTag, digest: each.fromDigest },
                        to: { version: each.toVersion, tag: each.toTag, digest: each.toDigest },
                        source: each.source })),
                ...diff.added.map(of("added")), ...diff.removed.map(of("removed")),
        ].sort((a, b) => a.name < b.name ? -1 : 1);
}
