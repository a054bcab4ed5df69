/* The shapes of environments, registries, streams, events, plans and the service itself. */

#include "api/describe/schema.h"

#include <stddef.h>

/* clang-format off */
static const ApiField promote_input_fields[] = {
        { "environmentId", "text", "The environment, by id or name." },
        { 0 },
};

static const ApiField reason_input_fields[] = {
        { "reason?", "text?", "Why; shown wherever it has effect." },
        { 0 },
};

static const ApiField confirm_input_fields[] = {
        { "releaseId?", "text?", "The release, by id or name; whichever is on its way, if none is given." },
        { "status?", "deployed|failed", "What became of it; deployed, if nothing is said." },
        { "evidenceRef?", "text?", "Where the evidence is." },
        { "reason?", "text?", "Why, of a failure." },
        { 0 },
};

static const ApiField approve_input_fields[] = {
        { "releaseId", "text", "The release, by id or name." },
        { 0 },
};

static const ApiField current_fields[] = {
        { "releaseId", "uuid", "The release's id." },
        { "release", "text", "The release's name." },
        { "status", "promoting|deployed|failed", "How it is there." },
        { "deployedAt", "time", "Since when." },
        { "deployedBy", "text", "The principal." },
        { "promotionId", "uuid?", "Of the promotion." },
        { "evidenceRef", "text?", "What the deployer left as evidence." },
        { "deployedReleaseId", "uuid?", "What was confirmed last: it runs while another is on its way." },
        { 0 },
};

static const ApiField hold_fields[] = {
        { "releaseId", "uuid?", "The release that is to be there; null: whatever is there stays." },
        { "since", "time", "Since when." },
        { "by", "text", "The principal." },
        { "reason", "text", "Why." },
        { 0 },
};

static const ApiField pending_fields[] = {
        { "releaseId", "uuid?", "The release's id; null: there is none of that name yet." },
        { "release", "text?", "The release's name." },
        { "reason", "text", "One word: Promoting, Checking, ApprovalsMissing, DigestGone, ..." },
        { "message", "text", "For people." },
        { "waitsFor", "text", "What it waits for." },
        { "needsAction", "bool", "Whether it goes on only when somebody does something." },
        { 0 },
};

static const ApiField approval_fields[] = {
        { "releaseId", "uuid", "The release's id." },
        { "person", "text", "The person, who counts once." },
        { "by", "text", "The principal that the person used." },
        { "at", "time", "When." },
        { 0 },
};

static const ApiField approval_count_fields[] = {
        { "person", "text", "The person whose approval this was." },
        { "given", "int", "How many persons have approved the release." },
        { "required", "int", "How many must." },
        { "alreadyCounted", "bool", "This person's approval was there before." },
        { 0 },
};

static const ApiField environment_fields[] = {
        { "id", "uuid", "Its id." },
        { "tenantId", "uuid", "Its tenant's id." },
        { "name", "text", "Its name." },
        { "displayName", "text", "Its name for people." },
        { "release?", "text", "The release that its document fixes." },
        { "stream?", "text", "The stream it follows." },
        { "promotesFrom?", "text", "The environment a release must have been in first." },
        { "confirm", "auto|manual", "Who says that a release is deployed." },
        { "approvals", "int", "How many people must approve a release." },
        { "lock", "text?", "The path of its lockfile where relmand runs; null: there is none yet." },
        { "metadata", "map", "Labels." },
        { "managedBy", "spec|api", "Whether a spec declares it." },
        { "declaredAt?", "text", "File and line of its document." },
        { "createdAt", "time?", "When it was stored first." },
        { "updatedAt", "time?", "When its document changed last." },
        { "state", "Current?", "What it is at." },
        { "hold", "Hold?", "What holds it." },
        { "pending", "Pending?", "What it is about to get; POST cancel ends that." },
        { "approvedBy?", "Approval[]", "The newest 50 approvals; not in lists." },
        { "approval?", "ApprovalCount", "Only in the answer to an approval." },
        { "conditions", "Condition[]", "Its conditions." },
        { 0 },
};

static const ApiField limits_fields[] = {
        { "concurrency", "int", "Requests under way." },
        { "requestsPerSecond", "int", "0: no limit." },
        { "timeout", "text", "Of one request." },
        { 0 },
};

static const ApiField registry_fields[] = {
        { "id", "uuid", "Its id." },
        { "tenantId", "uuid", "Its tenant's id." },
        { "name", "text", "Its name." },
        { "displayName", "text", "Its name for people." },
        { "metadata", "map", "Labels." },
        { "managedBy", "spec|api", "Whether a spec declares it." },
        { "declaredAt?", "text", "File and line of its document." },
        { "createdAt", "time?", "When it was stored first." },
        { "updatedAt", "time?", "When its document changed last." },
        { "type", "text", "Which connector is used." },
        { "url", "text", "Where it is." },
        { "limits", "Limits", "How it is asked." },
        { "mirrors", "text[]", "Other places with the same content." },
        { "conditions", "Condition[]", "Its conditions." },
        { 0 },
};

static const ApiField stream_fields[] = {
        { "id", "uuid", "Its id." },
        { "tenantId", "uuid", "Its tenant's id." },
        { "name", "text", "Its name." },
        { "displayName", "text", "Its name for people." },
        { "metadata", "map", "Labels." },
        { "managedBy", "spec|api", "Whether a spec declares it." },
        { "declaredAt?", "text", "File and line of its document." },
        { "createdAt", "time?", "When it was stored first." },
        { "updatedAt", "time?", "When its document changed last." },
        { "channel", "text?", "The channel; null: of each component its default one." },
        { "components", "text[]", "Names; empty: all of the tenant." },
        { "nameTemplate", "text", "How its releases are called." },
        { "settle", "text", "How long what it follows must have been quiet." },
        { "keep", "int", "Releases that stay; 0: all." },
        { "conditions", "Condition[]", "Its conditions." },
        { 0 },
};

static const ApiField tenant_fields[] = {
        { "id", "uuid", "Its id." },
        { "name", "text", "Its name." },
        { "createdAt", "time?", "When something of it was stored first; null: nothing was yet." },
        { 0 },
};

static const ApiField event_fields[] = {
        { "sequence", "int", "Counts up." },
        { "id", "uuid", "Its id." },
        { "type", "text", "Such as tag.moved." },
        { "kind", "Registry|Component|Release|ReleaseStream|Environment", "Of what it is about." },
        { "objectId", "uuid", "Of what it is about." },
        { "objectName", "text", "Of what it is about." },
        { "at", "time", "When." },
        { "data", "object", "What else there is to say." },
        { 0 },
};

static const ApiField dead_letter_fields[] = {
        { "sequence", "int", "Of the event." },
        { "problem", "text", "Why it was not taken at last." },
        { "at", "time", "When it was given up." },
        { 0 },
};

static const ApiField receiver_fields[] = {
        { "name", "text", "Its name in events.webhooks." },
        { "format", "cloudevents|slack|ntfy", "In what form it is told." },
        { "tenant", "text?", "The tenant whose events it wants; null: all." },
        { "types", "text[]", "The types it wants; none: all." },
        { "labels", "map", "Labels of the objects whose events it wants." },
        { "threshold", "digest|patch|minor|major", "The least change of a version it is told of." },
        { "position", "int", "The sequence up to which all is delivered, not wanted or given up." },
        { "pending", "int", "Events after that." },
        { "nDeadLetters", "int", "Events that were given up." },
        { "delivered", "int", "Requests that went well, since the daemon began." },
        { "failed", "int", "Requests that did not." },
        { "deliveredAt", "time?", "When the last went well." },
        { "retryAt", "time?", "When it is tried again." },
        { "conditions", "Condition[]", "What is true of it." },
        { "deadLetters", "DeadLetter[]", "The first of what was given up." },
        { 0 },
};

static const ApiField replay_input_fields[] = {
        { "after?", "int", "The sequence after which all is told again." },
        { "from?", "uuid", "Or the id of the first event that is." },
        { 0 },
};

static const ApiField tag_fields[] = {
        { "tag", "text", "As the registry lists it." },
        { "digest", "digest?", "What it leads to; null: not resolved, for it is not needed or cannot be." },
        { "problem", "text?", "Why it cannot be resolved." },
        { "firstSeenAt", "time", "When it was listed first." },
        { "changedAt", "time?", "When its digest changed last." },
        { "checkedAt", "time?", "When its digest was asked for last." },
        { "pushedAt", "time?", "When it was pushed last, where the registry says so." },
        { "gone", "bool", "The registry lists it no more." },
        { "platforms?", "text[]", "The platforms of its image; in a list, if the manifest was read." },
        { "createdAt?", "time?", "When the image was built; in a list, where orderBy: created asks for it; null: it does not say." },
        { "artifact?", "text", "What it is, if no container can run it: a Helm chart; in a list; empty: an image." },
        { "history?", "TagDigest[]", "What it led to before, newest first; of a tag alone." },
        { 0 },
};

static const ApiField assignment_fields[] = {
        { "digest", "digest", "The version is of this digest, whatever becomes of the tag." },
        { "tag", "text", "The tag that led to it then." },
        { "semver", "text", "The version." },
        { "channel", "text", "The channel it goes to." },
        { "by", "text", "Who assigned it." },
        { "at", "time", "When." },
        { 0 },
};

static const ApiField tag_digest_fields[] = {
        { "digest", "digest", "What the tag led to." },
        { "since", "time", "Since when." },
        { 0 },
};

static const ApiField next_tag_fields[] = {
        { "next", "text?", "The afterTag of the next page; null: this is the last." },
        { 0 },
};

static const ApiField tag_page_fields[] = {
        { "data", "Tag[]", "The page." },
        { "meta", "NextTag", "Where the next begins." },
        { 0 },
};

static const ApiField next_page_fields[] = {
        { "next", "int", "The after of the next page." },
        { 0 },
};

static const ApiField event_page_fields[] = {
        { "data", "Event[]", "The page." },
        { "meta", "NextPage", "Where the next one begins." },
        { 0 },
};

static const ApiField audit_entry_fields[] = {
        { "sequence", "int", "Counts up." },
        { "at", "time", "When." },
        { "principal", "text", "Who: uid:NUMBER on the socket, token:NAME over TCP." },
        { "origin", "text", "From where: unix, or an address." },
        { "action", "text", "Method and path." },
        { "kind", "text?", "Of what it was about." },
        { "objectId", "text", "Of what it was about." },
        { "objectName", "text", "Of what it was about." },
        { 0 },
};

static const ApiField audit_page_fields[] = {
        { "data", "AuditEntry[]", "The page." },
        { "meta", "NextPage", "Where the next one begins." },
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
        { "to", "text?", "JSON; null: there would be none." },
        { 0 },
};

static const ApiField plan_object_fields[] = {
        { "kind", "Registry|Component|Release|ReleaseStream|Environment", "Its kind." },
        { "tenant", "text", "Its tenant." },
        { "name", "text", "Its name." },
        { "action", "created|updated|deleted|archived|restored|refused", "What would become of it." },
        { "message?", "text", "Why it is refused." },
        { "changes", "PlanChange[]", "Of what is updated." },
        { 0 },
};

static const ApiField plan_channel_fields[] = {
        { "tenant", "text", "The tenant." },
        { "component", "text", "The component." },
        { "channel", "text", "The channel." },
        { "fromTag", "text?", "From where." },
        { "fromDigest", "digest?", "From where." },
        { "toTag", "text?", "To where; null: the channel would be gone." },
        { "toDigest", "digest?", "To where." },
        { 0 },
};

static const ApiField plan_component_fields[] = {
        { "componentName", "text", "The component." },
        { "semver", "text?", "The version." },
        { "tag", "text?", "The tag." },
        { "digest", "digest?", "The digest." },
        { "problem", "text?", "Why there is none." },
        { 0 },
};

static const ApiField plan_release_fields[] = {
        { "tenant", "text", "The tenant." },
        { "name", "text", "Its name." },
        { "status", "draft|ready", "Whether it could be resolved from what is known." },
        { "problem", "text?", "Why not." },
        { "components", "PlanComponent[]", "Its components." },
        { 0 },
};

static const ApiField plan_environment_fields[] = {
        { "tenant", "text", "The tenant." },
        { "name", "text", "Its name." },
        { "fromRelease", "text?", "What it is at." },
        { "toRelease", "text?", "What its document fixes." },
        { "stream", "text?", "The stream whose next release it would get." },
        { 0 },
};

static const ApiField plan_fields[] = {
        { "held", "int", "Removals that would wait for confirm-prune." },
        { "skipped", "int", "Documents of other tenants than the one that was asked for: the plan says nothing of them." },
        { "objects", "PlanObject[]", "Objects." },
        { "channels", "PlanChannel[]", "Heads of channels, by the tags that are known." },
        { "releases", "PlanRelease[]", "New releases." },
        { "environments", "PlanEnvironment[]", "Environments." },
        { 0 },
};

static const ApiField trouble_fields[] = {
        { "kind", "Registry|Component|Release|ReleaseStream|Environment|Receiver|Database", "Of what; Database: nothing can be stored." },
        { "name", "text", "Of what." },
        { "type", "text", "The condition." },
        { "reason", "text", "A word for programs." },
        { "message", "text", "A sentence for people." },
        { "since", "time", "Since when." },
        { 0 },
};

static const ApiField spec_counts_fields[] = {
        { "total", "int", "Objects." },
        { "files", "int", "Files." },
        { "errors", "int", "Errors." },
        { "warnings", "int", "Warnings." },
        { "held", "int", "Removals that wait for confirm-prune." },
        { 0 },
};

static const ApiField spec_error_fields[] = {
        { "file", "text?", "The file." },
        { "line?", "int", "The line, from 1." },
        { "column?", "int", "The column, from 1." },
        { "message", "text", "A sentence for people." },
        { 0 },
};

static const ApiField component_counts_fields[] = {
        { "total", "int", "All." },
        { "failing", "int", "Whose last poll failed." },
        { "suspended", "int", "That are not polled." },
        { 0 },
};

static const ApiField release_counts_fields[] = {
        { "total", "int", "All." },
        { "drafts", "int", "That wait for a component." },
        { 0 },
};

static const ApiField environment_counts_fields[] = {
        { "total", "int", "All." },
        { "failing", "int", "That cannot get what they are to have." },
        { 0 },
};

static const ApiField receiver_counts_fields[] = {
        { "total", "int", "All." },
        { "failing", "int", "That do not take what they are sent." },
        { "deadLetters", "int", "Events that were given up." },
        { 0 },
};

static const ApiField status_fields[] = {
        { "version", "text", "Of relmand." },
        { "startedAt", "time", "When it was started." },
        { "specs?", "SpecCounts", "Not for tokens of one tenant." },
        { "specErrors?", "SpecError[]", "The first error of each spec file that has errors, at most 10 files. Not for tokens of one tenant." },
        { "moreSpecErrors?", "int", "How many more files have errors. Not for tokens of one tenant." },
        { "components", "ComponentCounts", "The components." },
        { "releases", "ReleaseCounts", "The releases." },
        { "environments", "EnvironmentCounts", "The environments." },
        { "receivers?", "ReceiverCounts", "Not for tokens of one tenant." },
        { "drift", "int", "Digests of live releases that their tags do not lead to." },
        { "troubles", "Trouble[]", "The newest 100 conditions that are not as they should be." },
        { "notices", "Trouble[]", "Environments that are on hold or run a deprecated release, the newest 100. They do not count in nTroubles and ok." },
        { "nTroubles", "int", "How many there are." },
        { "ok", "bool", "Whether all is well." },
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
        { "detail", "text", "What went wrong, and the way out." },
        { "pointer?", "text", "Where in the body (RFC 6901)." },
        { "errors?", "Fault[]", "What is wrong, if there is more to say; 100 faults at most." },
        { "moreErrors?", "int", "How many faults are not named." },
        { 0 },
};

const ApiSchema api_other_schemas[] = {
        { "PromoteInput", "Where a release goes.", promote_input_fields, NULL, 0 },
        { "ReasonInput", "Why.", reason_input_fields, NULL, 0 },
        { "ConfirmInput", "What a deployer says.", confirm_input_fields, NULL, 0 },
        { "ApproveInput", "What is approved.", approve_input_fields, NULL, 0 },
        { "Current", "What an environment is at.", current_fields, NULL, 0 },
        { "Hold", "People's word over what the spec follows.", hold_fields, NULL, 0 },
        { "Pending", "A promotion that is not complete, and what it waits for.", pending_fields, NULL, 0 },
        { "Approval", "A person has approved a release for an environment.", approval_fields, NULL, 0 },
        { "ApprovalCount", "What an approval has come to.", approval_count_fields, NULL, 0 },
        { "Environment", "Where releases run.", environment_fields, NULL, 0 },
        { "Limits", "How a registry is asked.", limits_fields, NULL, 0 },
        { "Registry", "A registry. Nothing of its credentials is shown.", registry_fields, NULL, 0 },
        { "Stream", "Makes a release whenever what it follows changes.", stream_fields, NULL, 0 },
        { "Tenant", "Whose objects they are; no question crosses tenants.", tenant_fields, NULL, 0 },
        { "Tag", "A tag as last seen.", tag_fields, NULL, 0 },
        { "Assignment", "A version that a person assigned to a digest.", assignment_fields, NULL, 0 },
        { "TagDigest", "What a tag led to.", tag_digest_fields, NULL, 0 },
        { "NextTag", "Where the next page begins.", next_tag_fields, NULL, 0 },
        { "TagPage", "A page of tags.", tag_page_fields, NULL, 0 },
        { "Event", "What happened.", event_fields, NULL, 0 },
        { "DeadLetter", "An event that was given up.", dead_letter_fields, NULL, 0 },
        { "Receiver", "Who is told of events.", receiver_fields, NULL, 0 },
        { "ReplayInput", "From where on a receiver is told again.", replay_input_fields, NULL, 0 },
        { "NextPage", "Where the next page begins.", next_page_fields, NULL, 0 },
        { "EventPage", "A page of events.", event_page_fields, NULL, 0 },
        { "AuditEntry", "Who asked for what.", audit_entry_fields, NULL, 0 },
        { "AuditPage", "A page of the audit.", audit_page_fields, NULL, 0 },
        { "Pruned", "What was removed.", pruned_fields, NULL, 0 },
        { "Looked", "What a hook has led to.", looked_fields, NULL, 0 },
        { "Health", "It is well.", health_fields, NULL, 0 },
        { "PlanInput", "A tree of specs.", plan_input_fields, NULL, 0 },
        { "PlanChange", "A member of a document that differs.", plan_change_fields, NULL, 0 },
        { "PlanObject", "What would become of an object.", plan_object_fields, NULL, 0 },
        { "PlanChannel", "A head that would move.", plan_channel_fields, NULL, 0 },
        { "PlanComponent", "A component of a release in the making.", plan_component_fields, NULL, 0 },
        { "PlanRelease", "A release that would be made.", plan_release_fields, NULL, 0 },
        { "PlanEnvironment", "An environment that would get another release.", plan_environment_fields, NULL, 0 },
        { "Plan", "What a tree of specs would change.", plan_fields, NULL, 0 },
        { "Trouble", "A condition that is not as it should be.", trouble_fields, NULL, 0 },
        { "SpecError", "The first error of a spec file.", spec_error_fields, NULL, 0 },
        { "SpecCounts", "The documents.", spec_counts_fields, NULL, 0 },
        { "ComponentCounts", "The components.", component_counts_fields, NULL, 0 },
        { "ReleaseCounts", "The releases.", release_counts_fields, NULL, 0 },
        { "EnvironmentCounts", "The environments.", environment_counts_fields, NULL, 0 },
        { "ReceiverCounts", "Counts.", receiver_counts_fields, NULL, 0 },
        { "Status", "How all is.", status_fields, NULL, 0 },
        { "Fault", "One thing that is wrong.", fault_fields, NULL, 0 },
        { "Problem", "What went wrong (RFC 9457).", problem_fields, NULL, 0 },
        { 0 },
};
/* clang-format on */
