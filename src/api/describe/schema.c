/* Schemas of environments, registries, streams, events, plans and the service itself. */

#include "api/describe/schema.h"

#include <stddef.h>

/* clang-format off */
static const ApiField promote_input_fields[] = {
        { "environmentId", "text", "The environment, by id or name." },
        { "reason?", "text?", "The reason; stored with the deployment and shown wherever it applies." },
        { "allowRemovals?", "bool", "Promote the release even if it lacks components that the environment has. Default: such a release is refused." },
        { "force?", "bool", "Promote the release even if a registry does not answer whether it serves a digest. A digest that is no longer served is refused, and one that the registry denies access to (401, 403). Default: the promotion is refused." },
        { "dryRun?", "bool", "Decide, check the digests, and store nothing. The answer (200) says what would change, and in promotion.refusal why it would be refused." },
        { 0 },
};

static const ApiField reason_input_fields[] = {
        { "reason?", "text?", "The reason; shown wherever it applies." },
        { 0 },
};

static const ApiField confirm_input_fields[] = {
        { "releaseId?", "text?", "The release, by id or name. Default: the one that is being promoted." },
        { "promotionId?", "uuid?", "The promotion that it is about; another one than the last is refused (409)." },
        { "status?", "deployed|failed", "The result. Default: deployed." },
        { "evidenceRef?", "text?", "A reference to the evidence." },
        { "reason?", "text?", "Why it failed." },
        { 0 },
};

static const ApiField approve_input_fields[] = {
        { "releaseId", "text", "The release, by id or name." },
        { "message?", "text?", "Why, in at most 1000 bytes; stored with it, and shown wherever it applies." },
        { 0 },
};

static const ApiField withdraw_input_fields[] = {
        { "releaseId", "text", "The release, by id or name." },
        { 0 },
};

static const ApiField current_fields[] = {
        { "releaseId", "uuid", "The release's id." },
        { "release", "text", "The release's name." },
        { "status", "promoting|deployed|failed", "Its status there." },
        { "deployedAt", "time", "Since when." },
        { "deployedBy", "text", "The principal." },
        { "promotionId", "uuid?", "The id of the promotion." },
        { "evidenceRef", "text?", "The deployer's evidence." },
        { "deployedReleaseId", "uuid?", "The last confirmed one: it runs while another is being promoted." },
        { "deployedRelease?", "text?", "Its name. Only with asOf." },
        { "reason?", "text", "Why it was promoted, or restored." },
        { 0 },
};

static const ApiField hold_fields[] = {
        { "releaseId", "uuid?", "The release to deploy; null: the current one stays." },
        { "since", "time", "Since when." },
        { "by", "text", "The principal." },
        { "reason", "text", "Why." },
        { 0 },
};

static const ApiField pending_fields[] = {
        { "releaseId", "uuid?", "The release's id; null: no release has that name yet." },
        { "release", "text?", "The release's name." },
        { "reason", "text", "One word: Promoting, Checking, ApprovalsMissing, DigestGone, ..." },
        { "message", "text", "For people." },
        { "waitsFor", "text", "The pending action." },
        { "needsAction", "bool", "Whether it needs an action by a person." },
        { "opensAt", "time?", "When the gate that it waits for opens by itself; null: never, or the time is not known." },
        { "next", "text", "The command to type." },
        { "approvals?", "PendingApprovals", "If it waits for approvals." },
        { 0 },
};

static const ApiField pending_approvals_fields[] = {
        { "required", "int", "How many the environment requires." },
        { "given", "int", "How many persons have approved." },
        { "missing", "int", "How many are missing." },
        { "persons", "text[]", "The persons who have approved." },
        { 0 },
};

static const ApiField approval_rules_fields[] = {
        { "count", "int", "How many persons must approve at least." },
        { "from", "text[]", "Whose approvals count, besides those of required; empty: everybody's." },
        { "required", "text[]", "Who must approve." },
        { "expireAfter", "text?", "How long an approval counts; null: indefinitely." },
        { "excludeAuthor", "bool", "Whether the approval of the person who created the release does not count." },
        { 0 },
};
static const ApiField approval_fields[] = {
        { "releaseId", "uuid", "The release's id." },
        { "person", "text", "The person, who counts once." },
        { "by", "text", "The principal that the person used." },
        { "at", "time", "When." },
        { "message", "text?", "Why; null: no reason was given." },
        { 0 },
};

static const ApiField approval_count_fields[] = {
        { "person", "text", "The person whose approval it is." },
        { "given", "int", "How many persons have approved the release." },
        { "required", "int", "The required number." },
        { "alreadyCounted", "bool", "This person had approved before." },
        { "waitsFor", "text?", "The approvals that are missing; null: none." },
        { 0 },
};

static const ApiField window_fields[] = {
        { "allow?", "text", "When promotions are allowed." },
        { "deny?", "text", "When promotions are denied." },
        { "for?", "text", "How long a window that is given by its starts lasts." },
        { "zone", "text", "The IANA name of its time zone." },
        { "name?", "text", "Its name." },
        { "reason?", "text", "Why it is there." },
        { 0 },
};

static const ApiField calendar_fields[] = {
        { "id", "uuid", "Its id." },
        { "tenantId", "uuid", "Its tenant's id." },
        { "tenant", "text", "Its tenant's name." },
        { "name", "text", "Its name." },
        { "displayName", "text", "Its name for people." },
        { "metadata", "map", "Labels." },
        { "managedBy", "spec|api", "Whether a spec declares it." },
        { "declaredAt?", "text", "File and line of its document." },
        { "createdAt", "time?", "When it was first stored." },
        { "updatedAt", "time?", "When its document last changed." },
        { "environmentLabels?", "map", "The labels of the environments to which it applies; absent: all of the tenant." },
        { "windows", "Window[]", "Its windows." },
        { "environments?", "text[]", "The environments to which it applies now; not in lists." },
        { "conditions", "Condition[]", "Its conditions." },
        { 0 },
};

static const ApiField environment_fields[] = {
        { "id", "uuid", "Its id." },
        { "tenantId", "uuid", "Its tenant's id." },
        { "tenant", "text", "Its tenant's name." },
        { "name", "text", "Its name." },
        { "displayName", "text", "Its name for people." },
        { "release?", "text", "The release that its document names." },
        { "stream?", "text", "The stream it follows." },
        { "follows?", "text", "The environment it follows." },
        { "promotesFrom?", "text", "The environment in which a release must have been deployed, if there is one." },
        { "sources?", "text[]", "These environments, if there are several." },
        { "require?", "all|any", "Whether the release must have been deployed in all of them." },
        { "sourceLabels?", "map", "The labels that select more of these environments, if promotesFrom has some; sources then has all that are selected now." },
        { "windows", "Window[]", "Its own windows." },
        { "calendars", "text[]", "The calendars whose windows apply to it, too." },
        { "soak?", "text", "How long it must have been deployed there without interruption." },
        { "confirm", "auto|manual", "How a deployment is confirmed." },
        { "approvals", "int", "The number of persons who must approve a release." },
        { "approvalRules", "ApprovalRules", "Who must approve." },
        { "promoters", "text[]", "Who may promote releases there; empty: everybody who has the role." },
        { "checks", "CheckRules", "The checks that a release must pass." },
        { "onFailure", "rollback|hold", "What follows a failed deployment: the release before is restored, or the failed one stays." },
        { "rollbackMaxAge?", "text", "How old a release may be that is restored." },
        { "rollbackReleases", "int", "How many earlier releases are kept ready to be restored." },
        { "lock", "text?", "The path of its lockfile on relmand's machine; null: there is none yet." },
        { "metadata", "map", "Labels." },
        { "managedBy", "spec|api", "Whether a spec declares it." },
        { "declaredAt?", "text", "File and line of its document." },
        { "createdAt", "time?", "When it was first stored." },
        { "updatedAt", "time?", "When its document last changed." },
        { "asOf?", "time", "The time that state is of. Absent: now." },
        { "removed?", "bool", "Only with asOf: no document declares it now. When it was removed is not stored." },
        { "state", "Current?", "Its release." },
        { "hold", "Hold?", "Its hold." },
        { "pending", "Pending?", "The pending release; POST cancel cancels it." },
        { "approvedBy?", "Approval[]", "The newest 50 approvals; not in lists." },
        { "rejectedBy?", "Approval[]", "The newest rejections; not in lists." },
        { "approval?", "ApprovalCount", "Only in the answer to an approval." },
        { "conditions", "Condition[]", "Its conditions." },
        { 0 },
};

static const ApiField release_approvals_fields[] = {
        { "releaseId", "uuid", "The release's id." },
        { "release", "text", "The release's name." },
        { "isNext", "bool", "The environment is to get this release next." },
        { "given", "int", "How many persons have approved it." },
        { "missing", "int", "How many more must approve it." },
        { "persons", "text[]", "The persons whose approval counts now." },
        { "waitsFor", "text?", "Whose approvals are missing; null: nobody's." },
        { "approvals", "Approval[]", "The approvals." },
        { "rejections", "Approval[]", "The rejection that the release waits to be approved after; empty: none." },
        { "next", "text?", "The next command; null: none is needed." },
        { 0 },
};

static const ApiField environment_approvals_fields[] = {
        { "environmentId", "uuid", "The environment's id." },
        { "environment", "text", "The environment's name." },
        { "required", "int", "The number of persons who must approve a release." },
        { "releases", "ReleaseApprovals[]", "The next release, and those that were approved last." },
        { 0 },
};

static const ApiField why_step_fields[] = {
        { "step", "poll|tag|rule|channel|moved|deny|image|platform|age|signature|head|stream|follows|release|promotesFrom|soak|windows|approvals|checks|formats|hold|digests|lockfile|confirmation", "The decision." },
        { "state", "ok|waits|blocked|open", "ok: passed; waits: an obstacle that ends without an action; blocked: an obstacle that needs an action; open: not decided before an earlier obstacle ends." },
        { "reason", "text?", "A word for programs, of an obstacle." },
        { "message", "text?", "A sentence for people." },
        { "next", "text?", "The next command or change; null: none is needed." },
        { 0 },
};

static const ApiField why_component_fields[] = {
        { "component", "text", "The component." },
        { "channel", "text?", "The channel that the stream takes; null: the environment follows no stream." },
        { "head", "text?", "The tag of the channel's head." },
        { "released", "text?", "The tag in the release, or the digest if no tag is known; null: it is not in the release." },
        { "state", "ok|waits|blocked|open", "As in a step." },
        { "reason", "text?", "A word for programs." },
        { "message", "text?", "A sentence for people." },
        { 0 },
};

static const ApiField why_fields[] = {
        { "environmentId", "uuid", "The environment's id." },
        { "environment", "text", "The environment's name." },
        { "component", "text?", "The component; null: the complete environment." },
        { "channel", "text?", "The channel of the component; null without one." },
        { "tag", "text?", "The tag whose way is shown: the one of the request, or the newest version of the channel; null: there is none." },
        { "release", "text?", "The release whose way is shown: the next one, or the deployed one; null: there is none." },
        { "obstacle", "text?", "The first step that waits or is blocked; null: nothing stands in the way." },
        { "next", "text?", "The next of that step." },
        { "steps", "WhyStep[]", "The steps from the registry to the lockfile. A step that does not apply is absent." },
        { "components", "WhyComponent[]", "Without component: each component of the stream, or of the release." },
        { 0 },
};

static const ApiField limits_fields[] = {
        { "concurrency", "int", "Concurrent requests." },
        { "requestsPerSecond", "int", "0: no limit." },
        { "timeout", "text", "Of one request." },
        { 0 },
};

static const ApiField registry_fields[] = {
        { "id", "uuid", "Its id." },
        { "tenantId", "uuid", "Its tenant's id." },
        { "tenant", "text", "Its tenant's name." },
        { "name", "text", "Its name." },
        { "displayName", "text", "Its name for people." },
        { "metadata", "map", "Labels." },
        { "managedBy", "spec|api", "Whether a spec declares it." },
        { "declaredAt?", "text", "File and line of its document." },
        { "createdAt", "time?", "When it was first stored." },
        { "updatedAt", "time?", "When its document last changed." },
        { "type", "text", "Which connector is used." },
        { "url", "text", "Where it is." },
        { "limits", "Limits", "Limits on requests to it." },
        { "mirrors", "text[]", "Other registries with the same content." },
        { "conditions", "Condition[]", "Its conditions." },
        { 0 },
};

static const ApiField stream_fields[] = {
        { "id", "uuid", "Its id." },
        { "tenantId", "uuid", "Its tenant's id." },
        { "tenant", "text", "Its tenant's name." },
        { "name", "text", "Its name." },
        { "displayName", "text", "Its name for people." },
        { "metadata", "map", "Labels." },
        { "managedBy", "spec|api", "Whether a spec declares it." },
        { "declaredAt?", "text", "File and line of its document." },
        { "createdAt", "time?", "When it was first stored." },
        { "updatedAt", "time?", "When its document last changed." },
        { "newestRelease", "text?", "The newest release that an environment may get; null: none." },
        { "channel", "text?", "The channel; null: the default one of each component." },
        { "components", "text[]", "Names; empty: all of the tenant." },
        { "nameTemplate", "text", "The template for names of its releases." },
        { "settle", "text", "How long its heads must not change." },
        { "keep", "int", "The number of releases that are kept; 0: all." },
        { "conditions", "Condition[]", "Its conditions." },
        { 0 },
};

static const ApiField tenant_fields[] = {
        { "id", "uuid", "Its id." },
        { "name", "text", "Its name." },
        { "createdAt", "time?", "When the first object of it was stored; null: none was." },
        { 0 },
};

static const ApiField event_fields[] = {
        { "sequence", "int", "Counts up." },
        { "id", "uuid", "Its id." },
        { "type", "text", "Such as tag.moved." },
        { "kind", "Registry|Component|Release|ReleaseStream|Environment|Calendar|Group", "The kind of its object." },
        { "objectId", "uuid", "The id of its object." },
        { "objectName", "text", "The name of its object." },
        { "at", "time", "When." },
        { "data", "object", "Data of the type." },
        { 0 },
};

static const ApiField dead_letter_fields[] = {
        { "sequence", "int", "The id of the event." },
        { "problem", "text", "The last failure." },
        { "at", "time", "When it was given up." },
        { 0 },
};

static const ApiField receiver_fields[] = {
        { "name", "text", "Its name in events.webhooks." },
        { "format", "cloudevents|slack|ntfy|teams|json|mail|github-deployment", "The format of what it gets." },
        { "tenant", "text?", "The tenant whose events it gets; null: all." },
        { "types", "text[]", "The types it gets; empty: all." },
        { "labels", "map", "Labels of the objects whose events it gets." },
        { "environments", "text[]", "Names of the environments whose events it gets; empty: all." },
        { "threshold", "digest|patch|minor|major", "The smallest version change that it gets." },
        { "position", "int", "The sequence up to which all events are delivered, filtered out or given up." },
        { "pending", "int", "Events after that." },
        { "nDeadLetters", "int", "Events that were given up." },
        { "delivered", "int", "Successful requests since the daemon started." },
        { "failed", "int", "Requests that did not." },
        { "deliveredAt", "time?", "When the last request succeeded." },
        { "retryAt", "time?", "When the next attempt is made." },
        { "conditions", "Condition[]", "Its conditions." },
        { "deadLetters", "DeadLetter[]", "The first events that were given up." },
        { 0 },
};

static const ApiField replay_input_fields[] = {
        { "after?", "int", "The sequence after which events are delivered again." },
        { "from?", "uuid", "Or the id of the first such event." },
        { 0 },
};

static const ApiField allow_move_input_fields[] = {
        { "tag", "text", "The tag that moved." },
        { "digest?", "text", "The digest to allow, or at least 8 hex digits of its beginning. If the tag has moved to another one, 409. Default: the digest that it moved to." },
        { "reason?", "text", "Why; shown in the event." },
        { 0 },
};

static const ApiField tag_fields[] = {
        { "tag", "text", "As the registry lists it." },
        { "digest", "digest?", "Its digest; null: not resolved, because it is not needed or not available." },
        { "problem", "text?", "Why it cannot be resolved." },
        { "firstSeenAt", "time", "When it was first listed." },
        { "changedAt", "time?", "When its digest last changed." },
        { "checkedAt", "time?", "When its digest was last requested." },
        { "pushedAt", "time?", "When it was last pushed, if the registry reports it." },
        { "gone", "bool", "The registry no longer lists it." },
        { "keeps?", "digest", "The digest that its version keeps until the move of the tag is allowed; in a list." },
        { "platforms?", "text[]", "The platforms of its image; in a list, if the manifest was read." },
        { "createdAt?", "time?", "When the image was built; in a list, if orderBy: created requires it; null: not given." },
        { "artifact?", "text", "Its kind, if no container can run it: a Helm chart; in a list; empty: an image." },
        { "signature?", "Signature", "The last verification of its image by verify; in a list, if there was one." },
        { "history?", "TagDigest[]", "Earlier digests, newest first; only of a single tag." },
        { 0 },
};

static const ApiField assignment_fields[] = {
        { "digest", "digest", "The version belongs to this digest, even if the tag moves." },
        { "tag", "text", "The tag that had it then." },
        { "semver", "text", "The version." },
        { "channel", "text", "The channel of the version." },
        { "by", "text", "The principal that assigned it." },
        { "at", "time", "When." },
        { 0 },
};

static const ApiField next_tag_fields[] = {
        { "next", "text?", "The afterTag of the next page; null: this is the last one." },
        { 0 },
};

static const ApiField tag_page_fields[] = {
        { "data", "Tag[]", "The page." },
        { "meta", "NextTag", "The after of the next page." },
        { 0 },
};

static const ApiField next_page_fields[] = {
        { "next", "int", "The after of the next page." },
        { "searchedAfter?", "int", "Only if a filtered search of the newest entries ended at its bound: entries up to this sequence were not searched." },
        { 0 },
};

static const ApiField event_page_fields[] = {
        { "data", "Event[]", "The page." },
        { "meta", "NextPage", "The after of the next page." },
        { 0 },
};

static const ApiField audit_entry_fields[] = {
        { "sequence", "int", "Counts up." },
        { "at", "time", "When." },
        { "principal", "text", "The principal: uid:NUMBER on the socket, token:NAME over TCP." },
        { "origin", "text", "The origin: unix, or an address." },
        { "action", "text", "Method and path." },
        { "kind", "text?", "The kind of the object." },
        { "objectId", "text", "The id of the object." },
        { "objectName", "text", "The name of the object; of a refused command as the request named it." },
        { "person", "text?", "The person behind the principal, if known: of the token, or the local user's name." },
        { "release", "text?", "The name of the release that the command is about." },
        { "outcome", "accepted|refused|failed", "The outcome: refused with a status of 4xx, failed with 5xx or without an answer." },
        { "status", "int?", "The HTTP status, unless accepted; null without an answer." },
        { "detail", "text?", "The first line of the problem; of an accepted command the reason that a person gave." },
        { 0 },
};

static const ApiField audit_page_fields[] = {
        { "data", "AuditEntry[]", "The page." },
        { "meta", "NextPage", "The after of the next page." },
        { 0 },
};

static const ApiField pruned_fields[] = {
        { "removed", "int", "Objects." },
        { 0 },
};

static const ApiField looked_fields[] = {
        { "components", "int", "Components that are polled next." },
        { 0 },
};

static const ApiField fetched_fields[] = {
        { "fetches", "bool", "Whether the push was to the branch of the specs, which relmand fetches next." },
        { 0 },
};

static const ApiField hook_validation_fields[] = {
        { "validationResponse", "text", "The validationCode of the event." },
        { 0 },
};

static const ApiField health_fields[] = {
        { "status", "text", "ok or ready." },
        { 0 },
};

static const ApiField plan_input_fields[] = {
        { "documents", "object[]", "The documents, each with its place: {file, line}." },
        { 0 },
};

static const ApiField plan_change_fields[] = {
        { "path", "text", "Where." },
        { "from", "text?", "JSON; null: there is none." },
        { "to", "text?", "JSON; null: it would be removed." },
        { 0 },
};

static const ApiField plan_object_fields[] = {
        { "kind", "Registry|Component|Release|ReleaseStream|Environment|Calendar|Group", "Its kind." },
        { "tenant", "text", "Its tenant." },
        { "name", "text", "Its name." },
        { "action", "created|updated|deleted|archived|restored|refused", "What would be done." },
        { "message?", "text", "Why it is refused, or not applied as written." },
        { "environments?", "text[]", "The environments that name it; only of Groups." },
        { "changes", "PlanChange[]", "Changes of an updated object." },
        { 0 },
};

static const ApiField plan_channel_fields[] = {
        { "tenant", "text", "The tenant." },
        { "component", "text", "The component." },
        { "channel", "text", "The channel." },
        { "fromTag", "text?", "From where." },
        { "fromDigest", "digest?", "From where." },
        { "toTag", "text?", "The new tag; null: the channel would be removed." },
        { "toDigest", "digest?", "To where." },
        { "source?", "SourceChange", "The revisions, if at least one is known." },
        { 0 },
};

static const ApiField plan_component_fields[] = {
        { "componentName", "text", "The component." },
        { "semver", "text?", "The version." },
        { "tag", "text?", "The tag." },
        { "digest", "digest?", "The digest." },
        { "problem", "text?", "Why there is none." },
        { "source?", "ComponentSource", "Its source, if it is known." },
        { 0 },
};

static const ApiField plan_release_fields[] = {
        { "tenant", "text", "The tenant." },
        { "name", "text", "Its name." },
        { "status", "draft|ready", "Whether it could be resolved from stored data." },
        { "problem", "text?", "Why not." },
        { "components", "PlanComponent[]", "Its components." },
        { 0 },
};

static const ApiField plan_environment_fields[] = {
        { "tenant", "text", "The tenant." },
        { "name", "text", "Its name." },
        { "fromRelease", "text?", "Its current release." },
        { "toRelease", "text?", "The release that it would get, if it is known." },
        { "stream", "text?", "The stream whose next release it would get." },
        { "waitsFor", "text?", "What the promotion would wait for; null: it would not wait." },
        { "problem", "text?", "Why it would not get that release." },
        { 0 },
};

static const ApiField plan_warning_fields[] = {
        { "kind", "Component|Release|ReleaseStream", "The kind of the object." },
        { "tenant", "text", "Its tenant." },
        { "name", "text", "Its name." },
        { "message", "text", "What would happen." },
        { 0 },
};

static const ApiField plan_fields[] = {
        { "held", "int", "Deleted objects that the removal guard would keep until confirm-prune." },
        { "skipped", "int", "Documents of other tenants; the plan skips them." },
        { "objects", "PlanObject[]", "Objects." },
        { "channels", "PlanChannel[]", "Heads of channels, by the known tags." },
        { "releases", "PlanRelease[]", "New releases." },
        { "environments", "PlanEnvironment[]", "Environments." },
        { "warnings", "PlanWarning[]", "Changes that relmand would make, but that may not be intended." },
        { 0 },
};

static const ApiField fault_fields[] = {
        { "detail", "text", "What." },
        { "pointer?", "text", "Where in the body (RFC 6901)." },
        { 0 },
};

static const ApiField problem_fields[] = {
        { "type", "text", "about:blank" },
        { "title", "text", "The status in words." },
        { "status", "int", "The status." },
        { "detail", "text", "What happened, and the next step." },
        { "pointer?", "text", "Where in the body (RFC 6901)." },
        { "errors?", "Fault[]", "Details of the faults, at most 100." },
        { "moreErrors?", "int", "The number of further faults." },
        { 0 },
};

const ApiSchema api_other_schemas[] = {
        { "PromoteInput", "The target of a promotion.", promote_input_fields, NULL, 0 },
        { "ReasonInput", "Why.", reason_input_fields, NULL, 0 },
        { "ConfirmInput", "The report of a deployer.", confirm_input_fields, NULL, 0 },
        { "ApproveInput", "The release to approve or reject.", approve_input_fields, NULL, 0 },
        { "WithdrawInput", "The release whose approval to withdraw.", withdraw_input_fields, NULL, 0 },
        { "Current", "The state of an environment.", current_fields, NULL, 0 },
        { "Hold", "A manual override of what the spec follows.", hold_fields, NULL, 0 },
        { "PendingApprovals", "The approvals that a promotion waits for.", pending_approvals_fields, NULL, 0 },
        { "Pending", "A promotion that is not complete, and what it waits for.", pending_fields, NULL, 0 },
        { "Approval", "A person has approved a release for an environment.", approval_fields, NULL, 0 },
        { "ApprovalRules", "Who must approve a release.", approval_rules_fields, NULL, 0 },
        { "ApprovalCount", "The result of an approval.", approval_count_fields, NULL, 0 },
        { "Environment", "Places where releases run.", environment_fields, NULL, 0 },
        { "Window", "A time in which promotions are allowed or denied.", window_fields, NULL, 0 },
        { "Calendar", "Windows of several environments.", calendar_fields, NULL, 0 },
        { "ReleaseApprovals", "The approvals of a release.", release_approvals_fields, NULL, 0 },
        { "EnvironmentApprovals", "The approvals of an environment.", environment_approvals_fields, NULL, 0 },
        { "WhyStep", "A decision on the way of a version.", why_step_fields, NULL, 0 },
        { "WhyComponent", "A component of an environment.", why_component_fields, NULL, 0 },
        { "Why", "What stands in the way of the newest version.", why_fields, NULL, 0 },
        { "Limits", "Limits on requests to a registry.", limits_fields, NULL, 0 },
        { "Registry", "A registry, without its credentials.", registry_fields, NULL, 0 },
        { "Stream", "Makes a release when the heads of its components change.", stream_fields, NULL, 0 },
        { "Tenant", "A name space for objects; requests never cross tenants.", tenant_fields, NULL, 0 },
        { "AllowMoveInput", "The move of a version tag to allow.", allow_move_input_fields, NULL, 0 },
        { "Tag", "A tag as last seen.", tag_fields, NULL, 0 },
        { "Assignment", "A version that a person assigned to a digest.", assignment_fields, NULL, 0 },
        { "NextTag", "The start of the next page.", next_tag_fields, NULL, 0 },
        { "TagPage", "A page of tags.", tag_page_fields, NULL, 0 },
        { "Event", "What happened.", event_fields, NULL, 0 },
        { "DeadLetter", "An event that was given up.", dead_letter_fields, NULL, 0 },
        { "Receiver", "A receiver of events.", receiver_fields, NULL, 0 },
        { "ReplayInput", "From which event on to deliver again.", replay_input_fields, NULL, 0 },
        { "NextPage", "The start of the next page.", next_page_fields, NULL, 0 },
        { "EventPage", "A page of events.", event_page_fields, NULL, 0 },
        { "AuditEntry", "An entry of the audit.", audit_entry_fields, NULL, 0 },
        { "AuditPage", "A page of the audit.", audit_page_fields, NULL, 0 },
        { "Pruned", "What was removed.", pruned_fields, NULL, 0 },
        { "Looked", "What a hook started.", looked_fields, NULL, 0 },
        { "Fetched", "What a push to a Git repository started.", fetched_fields, NULL, 0 },
        { "HookValidation", "The answer to the validation event of Azure Event Grid.", hook_validation_fields, NULL, 0 },
        { "Health", "The daemon is healthy.", health_fields, NULL, 0 },
        { "PlanInput", "A tree of specs.", plan_input_fields, NULL, 0 },
        { "PlanChange", "A member of a document that differs.", plan_change_fields, NULL, 0 },
        { "PlanObject", "A change of an object.", plan_object_fields, NULL, 0 },
        { "PlanChannel", "A head that would move.", plan_channel_fields, NULL, 0 },
        { "PlanComponent", "A component of a release to be made.", plan_component_fields, NULL, 0 },
        { "PlanRelease", "A release that would be made.", plan_release_fields, NULL, 0 },
        { "PlanEnvironment", "An environment that would get another release.", plan_environment_fields, NULL, 0 },
        { "PlanWarning", "A change that may not be intended.", plan_warning_fields, NULL, 0 },
        { "Plan", "What a tree of specs would change.", plan_fields, NULL, 0 },
        { "Fault", "A single fault.", fault_fields, NULL, 0 },
        { "Problem", "An error (RFC 9457).", problem_fields, NULL, 0 },
        { 0 },
};
/* clang-format on */
