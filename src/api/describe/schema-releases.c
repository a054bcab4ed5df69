/* Schemas of components, versions and releases. */

#include <stddef.h>

#include "api/describe/schema.h"

/* clang-format off */
static const ApiField condition_fields[] = {
        { "type", "text", "Ready, Stalled, Drift, HeadMissing, Held, TagMoved, Resolving, PlatformMismatch, NoRollback, PullRequest or Warning." },
        { "status", "True|False|Unknown", "Its status." },
        { "reason", "text", "A word for programs." },
        { "message", "text", "A sentence for people." },
        { "since", "time", "When its status last changed; another reason of the same status keeps it." },
        { 0 },
};

static const ApiField channel_head_fields[] = {
        { "tag", "text", "The head's tag." },
        { "digest", "digest", "The head's digest." },
        { "semver", "text?", "The head's version." },
        { "movedAt", "time", "When it became the head." },
        { 0 },
};

#define CHANGE "unknown|attestations|labels|base|own|all|platforms"

static const ApiField tag_digest_fields[] = {
        { "digest", "digest", "The digest of the tag." },
        { "since", "time", "Since when." },
        { "until", "time?", "Until when; null: not known." },
        { "change", CHANGE, "What differs in the image that followed, as in the event tag.moved." },
        { 0 },
};

static const ApiField moved_tag_fields[] = {
        { "at", "time?", "When relmand saw the move; null: not known." },
        { "tag", "text", "The tag." },
        { "fromDigest", "digest", "The digest that it had." },
        { "digest", "digest?", "The digest that followed; null: not known." },
        { "change", CHANGE, "What differs between the images, as in the event tag.moved." },
        { 0 },
};

static const ApiField version_strategy_fields[] = {
        { "type", "semver|date|sequential|numeric|lexical|manual", "How version text is read and ordered." },
        { "tagPattern?", "text", "Only tags that match are considered." },
        { "dateFormat?", "text", "The form of a calendar version, in the terms of calver.org." },
        { "semverExtract?", "text", "How a match gives the version text." },
        { "follow?", "text", "The one tag whose digest is the version." },
        { "orderBy?", "version|created", "The order of versions." },
        { 0 },
};

static const ApiField version_rule_fields[] = {
        { "id", "uuid", "Its id: derived from its component and pattern." },
        { "componentId", "uuid", "Its component's id." },
        { "pattern", "text", "This rule takes a tag that matches; the group is the version." },
        { "channel", "text", "The channel of the version." },
        { "prereleasePattern", "text?", "A tag that also matches this is a prerelease." },
        { 0 },
};

static const ApiField version_rule_input_fields[] = {
        { "id?", "text", "Ignored: identifies the rule." },
        { "componentId?", "text", "Ignored: identifies the component." },
        { "pattern", "text", "This rule takes a tag that matches; the group is the version." },
        { "channel", "text", "The channel of the version." },
        { "prereleasePattern?", "text?", "A tag that also matches this is a prerelease." },
        { 0 },
};

static const ApiField component_fields[] = {
        { "id", "uuid", "Its id." },
        { "tenantId", "uuid", "Its tenant's id." },
        { "tenant", "text", "Its tenant's name." },
        { "name", "text", "Its name." },
        { "displayName", "text", "Its name for people." },
        { "imageRepository", "text", "The image's repository with its host, without tag or digest." },
        { "registryIntegrationId", "uuid?", "The Registry in use; null: the host of imageRepository, anonymously." },
        { "versioningStrategy", "VersionStrategy", "How tags become ordered versions." },
        { "deploymentTemplate", "text?", "A text for deployers." },
        { "defaultChannel", "text", "The channel of releases that no rule assigns." },
        { "metadata", "map", "Labels." },
        { "managedBy", "spec|api", "Whether a spec declares it or the API made it." },
        { "declaredAt?", "text", "File and line of its document." },
        { "createdAt", "time?", "When it was first stored." },
        { "updatedAt", "time?", "When its document last changed." },
        { "versionRules?", "VersionRule[]", "The rules that turn tags into versions; empty: the strategy decides." },
        { "suspend", "bool", "Whether polls are disabled." },
        { "channels", "ChannelHeads", "Its channels and their heads." },
        { "conditions", "Condition[]", "Its conditions." },
        { 0 },
};

static const ApiField component_input_fields[] = {
        { "name", "text", "Its name." },
        { "displayName?", "text", "Its name for people. Default: its name." },
        { "registryIntegrationId?", "text?", "The Registry to use, by id or name. Default: the one with the host of imageRepository, or that host anonymously." },
        { "metadata?", "map", "Labels." },
        { "versionRules?", "VersionRuleInput[]", "The rules that turn tags into versions." },
        { 0 },
};

static const ApiField component_update_fields[] = {
        { "name?", "text", "Its name; it cannot change." },
        { "displayName?", "text?", "Its name for people." },
        { "registryIntegrationId?", "text?", "The Registry to use, by id or name." },
        { "metadata?", "map", "The complete set of labels." },
        { "versionRules?", "VersionRuleInput[]", "The complete list of rules that turn tags into versions." },
        { 0 },
};

static const ApiField deleted_fields[] = {
        { "deleted", "bool", "True." },
        { 0 },
};

static const ApiField sync_input_fields[] = {
        { "forceRefresh?", "bool", "Request the digest of every eligible tag, not only of those that are due." },
        { 0 },
};

static const ApiField sync_result_fields[] = {
        { "synced", "int", "The number of versions." },
        { "versions", "VersionMap[]", "The newest versions, newest first: up to limit, or 100,000." },
        { 0 },
};

static const ApiField version_map_fields[] = {
        { "id", "uuid", "Its id." },
        { "componentId", "uuid", "The component's id." },
        { "tag", "text", "The most specific tag with the version." },
        { "digest", "digest", "The digest." },
        { "semver", "text?", "The version." },
        { "channel", "text", "Its channel." },
        { "prerelease", "bool", "Whether it is a prerelease." },
        { "buildMetadata", "text?", "The text after + in the version." },
        { "resolvedAt", "time", "When the tag first had this digest." },
        { "source", "auto|manual", "Whether rules or a person assigned it." },
        { "vanished", "bool", "Whether the registry no longer lists the tag." },
        { 0 },
};

static const ApiField version_map_input_fields[] = {
        { "componentId", "text", "The component, by id or name." },
        { "tag", "text", "The tag." },
        { "semver", "text", "The version, as the component's strategy reads assigned versions." },
        { "channel?", "text?", "The channel. Default: the component's default channel." },
        { 0 },
};

static const ApiField release_component_fields[] = {
        { "componentId", "uuid", "The component's id." },
        { "componentName", "text", "The component's name." },
        { "digest", "digest", "The digest of its manifest or index." },
        { "semver", "text?", "The version when it was resolved." },
        { "tag", "text?", "The tag when it was resolved." },
        { "role", "primary|sidecar|init|migration", "Its role." },
        { "imageRepository", "text", "Its repository; the image is this, @, and the digest." },
        { "channel", "text?", "The channel when it was resolved." },
        { "mediaType", "text", "The manifest's media type." },
        { "artifact", "image|chart|other", "Its kind: a container image, a Helm chart, or another artifact." },
        { "size", "int", "The manifest's size in bytes." },
        { "resolvedAt", "time", "When it was resolved." },
        { "platforms", "map", "Digests by platform, of an index." },
        { "configs", "map", "Digests of the configurations by platform, as docker shows them as image ids. A platform is "
          "missing if its manifest was not read." },
        { "source?", "ComponentSource", "Its source, if its image names one and its labels or annotations were read." },
        { "replaces", "text[]", "The texts that its image replaces in files of tools." },
        { "image?", "ReleaseImage", "What its image says of itself; not in lists, and absent if nothing is known." },
        { 0 },
};

static const ApiField release_image_fields[] = {
        { "artifactType", "text?", "The artifact type of its manifest." },
        { "version", "text?", "The version that its author gave it: org.opencontainers.image.version." },
        { "base?", "ImageBase", "The image that it is built on, if it names one." },
        { "created?", "time?", "The build time of its first platform, if the configuration was read; null: not given." },
        { "labels?", "map", "The labels that are kept of its first platform, if the configuration was read; keepLabels of the component names more." },
        { 0 },
};

static const ApiField image_base_fields[] = {
        { "name", "text?", "Its name." },
        { "digest", "text?", "Its digest." },
        { 0 },
};

static const ApiField component_source_fields[] = {
        { "repository", "text?", "The URL of its repository." },
        { "revision", "text?", "The revision, such as a commit." },
        { "link", "text?", "The page of the commit; null: the forge is not known." },
        { 0 },
};

static const ApiField source_reference_fields[] = {
        { "scmIntegrationId?", "text", "The source repository's integration." },
        { "commitSha?", "text", "The commit." },
        { "branch?", "text", "The branch." },
        { "ciIntegrationId?", "text", "The build's integration." },
        { "buildId?", "text", "The build." },
        { "pipelineUrl?", "text", "The pipeline." },
        { 0 },
};

static const ApiField release_fields[] = {
        { "id", "uuid", "Its id." },
        { "tenantId", "uuid", "Its tenant's id." },
        { "tenant", "text", "Its tenant's name." },
        { "name", "text", "Its name." },
        { "displayName", "text", "Its name for people." },
        { "status", "draft|ready|promoting|deployed|deprecated|archived", "Its status." },
        { "components", "ReleaseComponent[]", "Its components, by name." },
        { "sourceRef", "SourceReference", "Its source." },
        { "createdAt", "time", "When it was made." },
        { "updatedAt", "time", "When it last changed." },
        { "createdBy", "uuid?", "The id of the principal that made it; null if a spec declares it." },
        { "createdByName", "text?", "The same as principal." },
        { "metadata", "map", "Labels, and the commit of the specs." },
        { "managedBy", "spec|api|stream", "The principal that made it." },
        { "declaredAt?", "text", "File and line of its document." },
        { "streamId?", "uuid", "The stream that made it." },
        { "specDigest", "text", "The digest of its document." },
        { "deployedEnvironments", "uuid[]", "The environments that have it." },
        { "promotion?", "PromotionResult", "Only in the answer to a promotion." },
        { "conditions", "Condition[]", "Its conditions." },
        { 0 },
};

static const ApiField rollback_target_fields[] = {
        { "releaseId", "uuid", "The release's id." },
        { "release", "text", "The release's name." },
        { "status", "ready|promoting|deployed|deprecated|archived", "Its status." },
        { "deployedAt", "time", "When it was last confirmed there." },
        { "promotable", "bool", "Whether its status allows a promotion. Gates are not checked." },
        { "readiness", "ready|notReady|unknown", "ready: the last polls found all its digests. notReady: a digest was deleted, or its status allows no promotion. unknown: nobody checks one of its digests now." },
        { "problem", "text?", "Why it is not ready, or unknown." },
        { "goneSince", "time?", "When a poll first missed one of its digests; null: none is missing." },
        { "checkedAt", "time?", "The oldest of the last successful polls of its components; null: there was none." },
        { "oneWay", "text[]", "Components of role migration that differ: what they changed in a database stays." },
        { "changes", "ReleaseDiff", "What differs from the deployed release." },
        { 0 },
};

static const ApiField rollback_plan_fields[] = {
        { "environmentId", "uuid", "The environment's id." },
        { "environment", "text", "The environment's name." },
        { "releaseId", "uuid?", "The release that it has deployed; null: none." },
        { "release", "text?", "That release's name." },
        { "targets", "RollbackTarget[]", "The last other releases that were deployed there, as many as its rollbackReleases, newest first, without deleted ones." },
        { 0 },
};

static const ApiField protected_digest_fields[] = {
        { "digest", "digest", "The digest." },
        { "ofDigest", "digest", "The digest in the release: the same, or that of the index that has it for a platform." },
        { "repository", "text", "A repository of it." },
        { "releaseId", "uuid", "A release that needs it." },
        { "release", "text", "That release's name." },
        { 0 },
};

static const ApiField digest_release_fields[] = {
        { "releaseId", "uuid", "The release's id." },
        { "release", "text", "The release's name." },
        { "status", "ready|promoting|deployed|deprecated|archived", "Its status." },
        { "repository", "text", "The repository of the component." },
        { "createdAt", "time", "When the release was made." },
        { 0 },
};

static const ApiField digest_environment_fields[] = {
        { "environmentId", "uuid", "The environment's id." },
        { "environment", "text", "The environment's name." },
        { "releaseId", "uuid", "The release that needs the digest there." },
        { "release", "text", "That release's name." },
        { "use", "promoting|deployed|failed|rollback", "Whether the environment has the release or is getting it; rollback: it is one of the last rollbackReleases before." },
        { "since", "time", "Since when; of rollback, when it was last confirmed there." },
        { 0 },
};

static const ApiField digest_use_fields[] = {
        { "digest", "digest", "The digest." },
        { "releases", "DigestRelease[]", "The releases that need it, at most 100: archived ones last, then newest first." },
        { "moreReleases", "bool", "Whether there are more." },
        { "environments", "DigestEnvironment[]", "The environments that need it." },
        { "protected", "bool", "Whether it must stay: a release that is not archived needs it, or an environment. False: it may be deleted." },
        { "image", "ImageFacts?", "What the image says of itself; null: relmand has not read it, or it is in no release." },
        { 0 },
};

static const ApiField image_facts_fields[] = {
        { "mediaType", "text?", "The media type of its manifest." },
        { "artifactType", "text?", "The artifact type of its manifest." },
        { "config", "digest?", "The digest of its configuration; null: an index." },
        { "layers", "digest[]", "The digests of its layers, in order." },
        { "annotations", "map", "The annotations of its manifest." },
        { "manifests", "map", "Other manifests that an index lists besides those of its platforms: digest and platform, which is empty for attestations." },
        { "labels?", "map", "Labels of its configuration, if relmand has read it." },
        { "platform?", "text?", "The platform in its configuration, if relmand has read it." },
        { "created?", "time?", "The build time in its configuration, if relmand has read it." },
        { "complete", "bool", "Whether everything was kept; false: some lists or values were too long." },
        { 0 },
};

static const ApiField pagination_meta_fields[] = {
        { "page", "int", "From 1." },
        { "pageSize", "int", "Entries a page." },
        { "total", "int", "Entries on all pages." },
        { "totalPages", "int", "Pages." },
        { 0 },
};

static const ApiField release_page_fields[] = {
        { "data", "Release[]", "The page." },
        { "meta", "PaginationMeta", "The position of the page." },
        { 0 },
};

static const ApiField release_component_input_fields[] = {
        { "componentId", "text", "The component, by id or name." },
        { "version?", "text?", "A version or a range." },
        { "tag?", "text?", "A tag, resolved now." },
        { "digest?", "text?", "A digest." },
        { "channel?", "text?", "A channel, for its newest version." },
        { "role?", "primary|sidecar|init|migration", "Its role. Default: primary." },
        { 0 },
};

static const ApiField release_input_fields[] = {
        { "name", "text", "Its name." },
        { "displayName?", "text?", "Its name for people." },
        { "components", "ReleaseComponentInput[]", "Its components; with pinFrom, those that are replaced or added." },
        { "pinFrom?", "PinFrom", "The environment that gives the other components: those of the release that it has deployed." },
        { "sourceRef?", "SourceReference", "Its source." },
        { "metadata?", "map", "Labels." },
        { 0 },
};

static const ApiField pin_from_fields[] = {
        { "environmentId", "text", "The environment, by id or name." },
        { 0 },
};

static const ApiField from_latest_input_fields[] = {
        { "name", "text", "Its name." },
        { "displayName?", "text?", "Its name for people." },
        { "channel?", "text?", "The channel. Default: the default one of each component (stable, unless set otherwise)." },
        { "componentIds?", "text[]", "The components, by id or name. Default: all." },
        { "pinFrom?", "PinFrom", "With componentIds: the environment that gives the other components." },
        { "sourceRef?", "SourceReference", "Its source." },
        { "metadata?", "map", "Labels." },
        { 0 },
};

static const ApiField release_update_fields[] = {
        { "displayName?", "text?", "Its name for people." },
        { "metadata?", "map", "The complete set of labels." },
        { "status?", "draft|ready|promoting|deployed|deprecated|archived", "deprecated, archived, or ready to restore an archived release." },
        { 0 },
};

static const ApiField environment_state_fields[] = {
        { "environmentId", "uuid", "The environment's id." },
        { "environment", "text?", "The environment's name." },
        { "status", "promoting|deployed|failed", "Its status there." },
        { "deployedAt", "time?", "Since when." },
        { 0 },
};

static const ApiField release_state_fields[] = {
        { "environments", "EnvironmentState[]", "The environments." },
        { 0 },
};

static const ApiField deployment_fields[] = {
        { "sequence", "int", "Counts up." },
        { "environmentId", "uuid", "The environment's id." },
        { "environment", "text?", "The environment's name; null if no document declares it any more." },
        { "releaseId", "uuid", "The release's id." },
        { "release", "text", "The release's name." },
        { "status", "promoting|deployed|failed|canceled", "The result." },
        { "at", "time", "When." },
        { "by", "text", "The principal." },
        { "promotionId", "uuid?", "The id of the promotion." },
        { "evidenceRef", "text?", "The deployer's evidence." },
        { "reason?", "text", "Why it was promoted, failed, was canceled, or was restored after that." },
        { 0 },
};

static const ApiField promotion_statement_fields[] = {
        { "number", "int", "Its place in the chain of the environment, from 1." },
        { "digest", "text", "The SHA-256 of the payload, which the next statement names." },
        { "at", "time", "When." },
        { "envelope", "object", "The DSSE envelope around an in-toto statement with predicateType urn:relman:promotion:v1." },
        { 0 },
};

static const ApiField release_lineage_fields[] = {
        { "releaseId", "uuid", "The release's id." },
        { "release", "Release", "The release." },
        { "path", "Deployment[]", "Its deployments, oldest first." },
        { 0 },
};

static const ApiField component_diff_fields[] = {
        { "componentId", "uuid", "The component's id." },
        { "componentName", "text", "The component's name." },
        { "version", "text?", "Its version." },
        { "tag", "text?", "Its tag." },
        { "digest", "digest", "Its digest." },
        { 0 },
};

static const ApiField component_change_fields[] = {
        { "componentId", "uuid", "The component's id." },
        { "componentName", "text", "The component's name." },
        { "fromVersion", "text?", "In the first release." },
        { "toVersion", "text?", "In the second release." },
        { "fromTag", "text?", "In the first release." },
        { "toTag", "text?", "In the second release." },
        { "fromDigest", "digest", "In the first release." },
        { "toDigest", "digest", "In the second release." },
        { "direction", "upgrade|downgrade|sameVersion|unknown", "Which way." },
        { "source?", "SourceChange", "The revisions, if at least one is known." },
        { 0 },
};

static const ApiField source_change_fields[] = {
        { "repository", "text?", "The URL of the new repository." },
        { "fromRevision", "text?", "The old revision." },
        { "toRevision", "text?", "The new revision." },
        { "link", "text?", "The page that compares both commits; null: the forge is not known, or the repository is another one." },
        { 0 },
};

static const ApiField release_diff_fields[] = {
        { "releaseA", "uuid?", "The first release's id." },
        { "releaseB", "uuid?", "The second release's id." },
        { "releaseAName", "text?", "The first release's name." },
        { "releaseBName", "text?", "The second release's name." },
        { "added", "ComponentDiff[]", "Components only in the second." },
        { "removed", "ComponentDiff[]", "Components only in the first." },
        { "changed", "ComponentChange[]", "Components with another digest." },
        { "unchanged", "ComponentDiff[]", "Components with the same digest." },
        { 0 },
};

static const ApiField promotion_result_fields[] = {
        { "environment", "text", "The environment's name." },
        { "dryRun", "bool", "Whether nothing was stored." },
        { "refusal?", "text", "Of a dry run: why the promotion would be refused now." },
        { "unchecked?", "text", "With force: for which component no registry answered, and why." },
        { "changes", "ReleaseDiff", "The release that the environment had, and the promoted one." },
        { 0 },
};

static const ApiField gate_fields[] = {
        { "gate", "text", "Its name: status, failure, removals, source, approvals, checks, soak, windows; hold: on hold." },
        { "state", "open|closed", "Whether the release passes it." },
        { "reason", "text?", "A word for programs, of a closed gate." },
        { "message", "text?", "A sentence for people, of a closed gate." },
        { "waitsFor", "text?", "What the release waits for." },
        { "opensAt", "time?", "When it opens by itself; null: never, or the time is not known." },
        { "openedBy", "text?", "Who or what can open it." },
        { "needsAction", "bool", "Whether it needs an action by a person." },
        { 0 },
};

static const ApiField gates_fields[] = {
        { "environmentId", "uuid", "The environment's id." },
        { "environment", "text", "The environment's name." },
        { "releaseId", "uuid?", "The release's id." },
        { "release", "text?", "The release: the one of the request, the next one, or the deployed one; null: there is none." },
        { "isThere", "bool", "It was promoted there already, and passed all gates." },
        { "isOpen", "bool", "It may be promoted now, if the registry serves its digests." },
        { "reason", "text?", "A word for programs: why not." },
        { "message", "text?", "A sentence for people: why not." },
        { "promoters", "text[]", "Who may promote releases there; empty: everybody who has the role." },
        { "gates", "Gate[]", "Every gate, in the order in which a promotion meets them." },
        { 0 },
};

static const ApiField check_input_fields[] = {
        { "releaseId", "text", "The release, by id or name." },
        { "check", "text", "The check's name." },
        { "status", "passed|failed|running", "Its result. running: relmand runs it, again if it ran." },
        { "promotionId?", "uuid?", "The promotion that was tested; another one than the last is refused (409)." },
        { "evidenceRef?", "text?", "A URL of http or https with the evidence, in at most 500 bytes." },
        { "message?", "text?", "A message in at most 1000 bytes; shown wherever the result is." },
        { 0 },
};

static const ApiField check_rule_fields[] = {
        { "name", "text", "Its name." },
        { "timeout", "text", "How long after its start it may pass." },
        { "run", "text?", "The check of relmand.yaml that relmand runs for it; null: its result is reported." },
        { "from", "text[]", "Who may report its result; empty: everybody who may promote, or with run nobody." },
        { 0 },
};

static const ApiField check_rules_fields[] = {
        { "before", "CheckRule[]", "The checks that must pass before the release is promoted." },
        { "after", "CheckRule[]", "The checks that must pass before the deployment is confirmed." },
        { 0 },
};

static const ApiField check_fields[] = {
        { "check", "text", "Its name." },
        { "when", "before|after", "Whether it must pass before the promotion, or after it." },
        { "state", "open|running|passed|failed|canceled", "open: it has not started. One that is late has failed. canceled: another release is next." },
        { "timeout", "text", "How long after its start it may pass." },
        { "run", "text?", "The check of relmand.yaml that relmand runs for it; null: its result is reported." },
        { "from", "text[]", "Who may report its result; empty: everybody who may promote, or with run nobody." },
        { "promotionId", "uuid?", "The promotion that it tests; null: it comes before the promotion, or has not started." },
        { "startedAt", "time?", "When it started." },
        { "endsAt", "time?", "When it fails unless it passed; null: it does not run." },
        { "reportedAt", "time?", "When its result was reported, or it timed out." },
        { "by", "text?", "The principal of the report; while it runs: of the person who started it, null: relmand did." },
        { "person", "text?", "The person of the report; null: it timed out." },
        { "evidenceRef", "text?", "The evidence." },
        { "message", "text?", "The message of the report." },
        { "output", "text?", "The end of what its program wrote, at most 64 KiB; null: relmand did not run it, it wrote nothing, or nine later results of this check have output." },
        { 0 },
};

static const ApiField environment_checks_fields[] = {
        { "environmentId", "uuid", "The environment's id." },
        { "environment", "text", "The environment's name." },
        { "releaseId", "uuid?", "The release's id." },
        { "release", "text?", "The release: the one of the request, the next one, or the deployed one; null: there is none." },
        { "checks", "Check[]", "The checks that the environment requires. Those after the promotion have the results of the release's last one." },
        { 0 },
};

const ApiSchema api_release_schemas[] = {
        { "CheckInput", "The result of a check, or the wish that relmand runs it.", check_input_fields, NULL, 0 },
        { "CheckRule", "A check that a release must pass.", check_rule_fields, NULL, 0 },
        { "CheckRules", "The checks that a release must pass.", check_rules_fields, NULL, 0 },
        { "Check", "A check of a release in an environment.", check_fields, NULL, 0 },
        { "EnvironmentChecks", "The checks of a release in an environment.", environment_checks_fields, NULL, 0 },
        { "Gate", "A gate of an environment.", gate_fields, NULL, 0 },
        { "Gates", "The gates of an environment for a release.", gates_fields, NULL, 0 },
        { "Condition", "A current fact about an object, since when, and why.", condition_fields, NULL, 0 },
        { "ChannelHead", "The newest version of a channel.", channel_head_fields, NULL, 0 },
        { "ChannelHeads", "Heads by channel.", NULL, "ChannelHead", 0 },
        { "VersionStrategy", "How tags become ordered versions.", version_strategy_fields, NULL, 0 },
        { "VersionRule", "A rule that turns tags into versions of a channel; the first whose pattern matches decides.", version_rule_fields, NULL, 0 },
        { "VersionRuleInput", "A rule to be made.", version_rule_input_fields, NULL, 0 },
        { "Component", "One image repository, and the rules that turn its tags into versions and channels.", component_fields, NULL, 1 },
        { "ComponentInput", "A component to be made.", component_input_fields, NULL, 2 },
        { "ComponentUpdate", "Changes of a component. A missing member stays, and null removes a value. tenantId and tenant must be the tenant of the request. Read-only members are ignored (id, managedBy, declaredAt, createdAt, updatedAt, channels, conditions; id and componentId of a rule).", component_update_fields, NULL, 1 },
        { "Deleted", "It was deleted.", deleted_fields, NULL, 0 },
        { "SyncInput", "Options of a poll.", sync_input_fields, NULL, 0 },
        { "SyncResult", "The result of a poll.", sync_result_fields, NULL, 0 },
        { "VersionMap", "A digest as a version of a component.", version_map_fields, NULL, 0 },
        { "VersionMapInput", "A version for the current digest of a tag.", version_map_input_fields, NULL, 0 },
        { "ReleaseComponent", "One component of a release, as resolved.", release_component_fields, NULL, 0 },
        { "ReleaseImage", "What an image says of itself. Its author wrote it, and relmand checks nothing of it.", release_image_fields, NULL, 0 },
        { "ImageBase", "The image that an image is built on.", image_base_fields, NULL, 0 },
        { "ComponentSource", "What an image says of its source. Its author wrote it, and relmand checks only its form.", component_source_fields, NULL, 0 },
        { "SourceReference", "The source of a release.", source_reference_fields, NULL, 0 },
        { "Release", "A set of digests.", release_fields, NULL, 0 },
        { "PaginationMeta", "Which page this is.", pagination_meta_fields, NULL, 0 },
        { "ReleasePage", "A page of releases.", release_page_fields, NULL, 0 },
        { "RollbackTarget", "A release that was deployed in an environment before.", rollback_target_fields, NULL, 0 },
        { "RollbackPlan", "What an environment can be rolled back to.", rollback_plan_fields, NULL, 0 },
        { "TagDigest", "An earlier digest of a tag.", tag_digest_fields, NULL, 0 },
        { "MovedTag", "A move of a tag.", moved_tag_fields, NULL, 0 },
        { "ProtectedDigest", "A digest that must stay in its registry.", protected_digest_fields, NULL, 0 },
        { "DigestRelease", "A release that needs a digest.", digest_release_fields, NULL, 0 },
        { "DigestEnvironment", "An environment that needs a digest.", digest_environment_fields, NULL, 0 },
        { "DigestUse", "What needs a digest.", digest_use_fields, NULL, 0 },
        { "ImageFacts", "What an image says of itself. Its author wrote it.", image_facts_fields, NULL, 0 },
        { "ReleaseComponentInput", "A component of a release to be made. At most one of version, tag, digest and channel; none: the newest of the default channel.", release_component_input_fields, NULL, 0 },
        { "ReleaseInput", "A release to be made.", release_input_fields, NULL, 0 },
        { "PinFrom", "The source of the other components.", pin_from_fields, NULL, 0 },
        { "FromLatestInput", "A release of the newest versions.", from_latest_input_fields, NULL, 0 },
        { "ReleaseUpdate", "Changes of a release.", release_update_fields, NULL, 0 },
        { "EnvironmentState", "The environments of a release.", environment_state_fields, NULL, 0 },
        { "ReleaseState", "The environments of a release.", release_state_fields, NULL, 0 },
        { "Deployment", "An entry of an environment's history.", deployment_fields, NULL, 0 },
        { "PromotionStatement", "A signed statement about what an environment has.", promotion_statement_fields, NULL, 0 },
        { "ReleaseLineage", "The origin of a release, and its deployments.", release_lineage_fields, NULL, 0 },
        { "ComponentDiff", "A component of one or both of two releases.", component_diff_fields, NULL, 0 },
        { "ComponentChange", "A component that differs.", component_change_fields, NULL, 0 },
        { "SourceChange", "The revisions of a component before and after a change.", source_change_fields, NULL, 0 },
        { "ReleaseDiff", "The differences between two releases.", release_diff_fields, NULL, 0 },
        { "PromotionResult", "What a promotion changes.", promotion_result_fields, NULL, 0 },
        { 0 },
};
/* clang-format on */
