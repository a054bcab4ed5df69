/* Schemas of the answer of /api/v1/status. */

#include "api/describe/schema.h"

/* clang-format off */
static const ApiField trouble_fields[] = {
        { "kind", "Registry|Component|Release|ReleaseStream|Environment|Calendar|Group|Receiver|Database|Specs", "The kind of the object; Database: nothing can be stored; Specs: the newest commit of specs in Git is not active." },
        { "name", "text", "Of what." },
        { "tenant?", "text", "Its tenant's name; absent if it belongs to all." },
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
        { "commit?", "text", "The commit that has the file, with specs in Git." },
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
        { "failing", "int", "That cannot get their desired release." },
        { 0 },
};

static const ApiField receiver_counts_fields[] = {
        { "total", "int", "All." },
        { "failing", "int", "Receivers that fail." },
        { "deadLetters", "int", "Events that were given up." },
        { 0 },
};

static const ApiField status_pending_fields[] = {
        { "tenant", "text", "The environment's tenant." },
        { "environment", "text", "The environment." },
        { "deployed", "text?", "The release that it has." },
        { "releaseId", "uuid?", "The release that it is about to get; null: no release has that name yet." },
        { "release", "text?", "That release's name." },
        { "reason", "text", "One word: Promoting, Checking, ApprovalsMissing, DigestGone, ..." },
        { "message", "text", "For people." },
        { "waitsFor", "text", "The pending action." },
        { "needsAction", "bool", "Whether it needs an action by a person." },
        { "opensAt", "time?", "When the gate that it waits for opens by itself; null: never, or the time is not known." },
        { "next", "text", "The command to type." },
        { "approvals?", "PendingApprovals", "If it waits for approvals." },
        { 0 },
};

static const ApiField specs_git_fields[] = {
        { "url", "text", "The repository." },
        { "branch", "text", "The branch." },
        { "path", "text?", "The folder or file in the repository; null: all of it." },
        { "commit?", "text", "The commit that is active." },
        { "fetchedAt?", "time", "When relmand last asked for the newest commit." },
        { "succeededAt?", "time", "When that last succeeded." },
        { "failures", "int", "How often that failed since the start, or the signature of a commit was refused." },
        { 0 },
};

static const ApiField status_fields[] = {
        { "version", "text", "Of relmand." },
        { "startedAt", "time", "When the daemon was started." },
        { "specs?", "SpecCounts", "Not for tokens of one tenant." },
        { "specErrors?", "SpecError[]", "The first error of each spec file that has errors, at most 10 files. Not for tokens of one tenant." },
        { "moreSpecErrors?", "int", "How many more files have errors. Not for tokens of one tenant." },
        { "specWarnings?", "SpecError[]", "The first warnings of the specs, at most 10. Not for tokens of one tenant." },
        { "moreSpecWarnings?", "int", "How many more warnings there are. Not for tokens of one tenant." },
        { "specCommit?", "text", "The commit of the active specs, if they are in Git or in a work tree. Not for tokens of one tenant." },
        { "specsGit?", "SpecsGit", "The Git repository of the specs, if relmand fetches them. Not for tokens of one tenant." },
        { "components", "ComponentCounts", "The components." },
        { "releases", "ReleaseCounts", "The releases." },
        { "environments", "EnvironmentCounts", "The environments." },
        { "receivers", "ReceiverCounts", "The receivers; for tokens of one tenant, those of that tenant alone." },
        { "drift", "int", "Digests of live releases that their tags no longer have." },
        { "troubles", "Trouble[]", "The newest 100 conditions that report a problem." },
        { "notices", "Trouble[]", "Environments on hold or with a deprecated release, versions that wait for minimumAge, and components whose older versions have no digest yet; the newest 100. They do not count in nTroubles and ok." },
        { "pending", "StatusPending[]", "What environments are about to get, at most 100 of them." },
        { "morePending", "int", "How many more environments may wait for something." },
        { "nTroubles", "int", "The number of them." },
        { "ok", "bool", "Whether there is no problem." },
        { 0 },
};

static const ApiField key_fields[] = {
        { "id", "text", "The SHA-256 of the key in DER, which signatures name as keyid." },
        { "algorithm", "text", "ed25519, ecdsa-p256, ecdsa-p384, ecdsa-p521 or rsa." },
        { "publicKey", "text", "The key in PEM." },
        { "from", "time?", "When it replaced another key; null: it is the oldest." },
        { "until", "time?", "When another key replaced it; null: it signs." },
        { 0 },
};

static const ApiField output_pull_request_fields[] = {
        { "state", "none|open|merged|closed", "none: there is nothing to merge; closed: a person closed it without a merge." },
        { "number", "text?", "Its number." },
        { "url", "text?", "Its page." },
        { "problem", "text?", "Why the last request to the forge failed." },
        { 0 },
};

static const ApiField output_fields[] = {
        { "name", "text", "ENVIRONMENT/N for the Nth output of its environment in relmand.yaml." },
        { "environmentId", "uuid", "The environment's id." },
        { "environment", "text", "The environment's name." },
        { "tenant", "text", "The name of the environment's tenant." },
        { "kind", "file|exec|git", "A file alone; a program, with or without a file; or a branch." },
        { "target", "text", "The output in events and messages: the path, the program, or the branch and its URL." },
        { "format", "text?", "The format of the lockfile; null: the output edits files." },
        { "path", "text?", "The path of the file, on the machine or on the branch; null: the output edits files." },
        { "program", "text?", "The program." },
        { "url", "text?", "The repository's URL, without user and password." },
        { "branch", "text?", "The branch." },
        { "edits", "text[]", "The files on the branch in which the output sets values, one for each value." },
        { "state", "written|waiting|failed|never", "waiting: it is about to get the release; failed: the last attempt failed; never: it had no release yet." },
        { "since", "time?", "When that state began; null: not known." },
        { "release", "text?", "The name of the release that it took last; null: none, or not known." },
        { "lockDigest", "digest?", "The digest of that lockfile." },
        { "commit", "text?", "The id of the commit that the branch had then." },
        { "writtenAt", "time?", "When it took that release." },
        { "wanted", "text?", "The name of the release that it is to have." },
        { "problem", "text?", "Why the last attempt failed." },
        { "retryAt", "time?", "When relmand tries again." },
        { "pullRequest", "OutputPullRequest?", "The pull request of the branch; null: none, or not known yet." },
        { 0 },
};

static const ApiField signature_fields[] = {
        { "result", "valid|tolerated|missing|invalid", "tolerated: an entry of verify with mode warn is not met; missing: the registry has no signature of the image; invalid: none that verify accepts." },
        { "detail", "text", "Every place that was searched, and what was found there." },
        { "policy", "digest", "The digest of the rules and keys that were applied." },
        { "at", "time", "When the registry was asked." },
        { 0 },
};

static const ApiField group_fields[] = {
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
        { "members", "text[]", "The persons." },
        { "environments?", "text[]", "The environments whose approvals, promoters or checks name it; not in lists." },
        { "conditions", "Condition[]", "Its conditions." },
        { 0 },
};

static const ApiField replay_pick_fields[] = {
        { "tag", "text?", "The tag." },
        { "semver", "text?", "The version." },
        { "digest", "digest?", "The digest; null: it is not recorded." },
        { "unchecked?", "bool", "True: the kind, platforms or signatures of the image are not recorded, so that it might not have been admitted." },
        { 0 },
};

static const ApiField replay_component_fields[] = {
        { "componentName", "text", "The component." },
        { "made?", "ReplayPick", "What the newest release of the stream had of it then; absent: nothing." },
        { "replayed?", "ReplayPick", "What the newest release of the replay had of it then; absent: nothing." },
        { 0 },
};

static const ApiField replay_release_fields[] = {
        { "tenant", "text", "The tenant." },
        { "stream", "text", "The stream." },
        { "result", "same|new|missing|unknown", "same: it was made, and would have been made; new: it would have been made; missing: it would not have been made; unknown: it would have been made, but a digest is not recorded." },
        { "at", "time?", "When it would have been made." },
        { "release", "text?", "The name of the release that was made." },
        { "madeAt", "time?", "When it was made." },
        { "components", "ReplayComponent[]", "The components that differ; empty for same." },
        { 0 },
};

static const ApiField replay_record_fields[] = {
        { "tenant", "text", "The tenant." },
        { "componentName", "text", "The component." },
        { "recordedSince", "time?", "When relmand saw its first tag; null: it has seen none." },
        { "unknownTags", "int", "Tags that are versions by these rules and have no recorded digest." },
        { "undatedDigests", "int", "Digests without a recorded build time, which these rules need; the replay skips them." },
        { 0 },
};

static const ApiField specs_replay_fields[] = {
        { "since", "time", "The start." },
        { "until", "time", "The end." },
        { "same", "int", "Releases that were made, and would have been made." },
        { "new", "int", "Releases that would have been made." },
        { "missing", "int", "Releases that would not have been made." },
        { "unknown", "int", "Releases that would have been made, with a digest that is not recorded." },
        { "releases", "ReplayRelease[]", "The releases, by stream and time." },
        { "records", "ReplayRecord[]", "Components whose record has gaps." },
        { 0 },
};

const ApiSchema api_status_schemas[] = {
        { "Key", "A public key that verifies what relmand signed.", key_fields, NULL, 0 },
        { "OutputPullRequest", "The pull request of an output.", output_pull_request_fields, NULL, 0 },
        { "Output", "A place, program or branch that gets the lockfile of an environment.", output_fields, NULL, 0 },
        { "Signature", "The verification of an image by verify of its component.", signature_fields, NULL, 0 },
        { "Group", "Persons whom environments name together.", group_fields, NULL, 0 },
        { "ReplayPick", "An image of a component in a replay.", replay_pick_fields, NULL, 0 },
        { "ReplayComponent", "A component that differs in a replay.", replay_component_fields, NULL, 0 },
        { "ReplayRelease", "A release of a stream in a replay.", replay_release_fields, NULL, 0 },
        { "ReplayRecord", "The gaps in the record of a component.", replay_record_fields, NULL, 0 },
        { "SpecsReplay", "The releases that a tree of specs would have made.", specs_replay_fields, NULL, 0 },
        { "Trouble", "A condition that reports a problem.", trouble_fields, NULL, 0 },
        { "SpecsGit", "Specs in a Git repository.", specs_git_fields, NULL, 0 },
        { "SpecError", "An error or a warning of a spec file.", spec_error_fields, NULL, 0 },
        { "SpecCounts", "The documents.", spec_counts_fields, NULL, 0 },
        { "ComponentCounts", "The components.", component_counts_fields, NULL, 0 },
        { "ReleaseCounts", "The releases.", release_counts_fields, NULL, 0 },
        { "EnvironmentCounts", "The environments.", environment_counts_fields, NULL, 0 },
        { "ReceiverCounts", "Counts.", receiver_counts_fields, NULL, 0 },
        { "Status", "Overall health.", status_fields, NULL, 0 },
        { "StatusPending", "What an environment is about to get, and what that waits for.", status_pending_fields, NULL, 0 },
        { 0 },
};
/* clang-format on */
