/* The shapes of components, versions and releases. */

#include <stddef.h>

#include "api/describe/schema.h"

/* clang-format off */
static const ApiField condition_fields[] = {
        { "type", "text", "Ready, Stalled, Drift, HeadMissing, Held or Warning." },
        { "status", "True|False|Unknown", "Its status." },
        { "reason", "text", "A word for programs." },
        { "message", "text", "A sentence for people." },
        { "since", "time", "Since when it has had that status." },
        { 0 },
};

static const ApiField channel_head_fields[] = {
        { "tag", "text", "The head's tag." },
        { "digest", "digest", "The head's digest." },
        { "semver", "text?", "The head's version." },
        { "movedAt", "time", "When it became the head." },
        { 0 },
};

static const ApiField version_strategy_fields[] = {
        { "type", "semver|date|sequential|numeric|lexical|manual", "How version text is read and ordered." },
        { "tagPattern?", "text", "Only tags that match are looked at." },
        { "semverExtract?", "text", "What of a match is the version text." },
        { "follow?", "text", "The one tag whose digest is the version." },
        { "orderBy?", "version|created", "What makes one version newer than another." },
        { 0 },
};

static const ApiField version_rule_fields[] = {
        { "id", "uuid", "Its id: of its component and its pattern." },
        { "componentId", "uuid", "Its component's id." },
        { "pattern", "text", "A tag that matches is taken by this rule; its group is the version." },
        { "channel", "text", "The channel the version goes to." },
        { "prereleasePattern", "text?", "A tag that matches this too is a prerelease." },
        { 0 },
};

static const ApiField version_rule_input_fields[] = {
        { "id?", "text", "Passed over: it says which rule it is." },
        { "componentId?", "text", "Passed over, likewise." },
        { "pattern", "text", "A tag that matches is taken by this rule; its group is the version." },
        { "channel", "text", "The channel the version goes to." },
        { "prereleasePattern?", "text?", "A tag that matches this too is a prerelease." },
        { 0 },
};

static const ApiField component_fields[] = {
        { "id", "uuid", "Its id." },
        { "tenantId", "uuid", "Its tenant's id." },
        { "name", "text", "Its name." },
        { "displayName", "text", "Its name for people." },
        { "imageRepository", "text", "The image's repository with its host, without tag or digest." },
        { "registryIntegrationId", "uuid?", "The Registry that is asked; null: the host of imageRepository, anonymously." },
        { "versioningStrategy", "VersionStrategy", "How tags become ordered versions." },
        { "deploymentTemplate", "text?", "A word for deployers." },
        { "defaultChannel", "text", "The channel of releases where no rule says otherwise." },
        { "metadata", "map", "Labels." },
        { "managedBy", "spec|api", "Whether a spec declares it or the API made it." },
        { "declaredAt?", "text", "File and line of its document." },
        { "createdAt", "time?", "When it was stored first." },
        { "updatedAt", "time?", "When its document changed last." },
        { "versionRules?", "VersionRule[]", "The rules that turn tags into versions; none: the strategy decides." },
        { "suspend", "bool", "Whether the registry is not asked." },
        { "channels", "ChannelHeads", "Its channels and their heads." },
        { "conditions", "Condition[]", "Its conditions." },
        { 0 },
};

static const ApiField component_input_fields[] = {
        { "name", "text", "Its name." },
        { "displayName?", "text", "Its name for people; its name, if none is given." },
        { "registryIntegrationId?", "text?", "The Registry to ask, by id or name; without it, the one whose host is that of imageRepository, or that host anonymously." },
        { "metadata?", "map", "Labels." },
        { "versionRules?", "VersionRuleInput[]", "The rules that turn tags into versions." },
        { 0 },
};

static const ApiField component_update_fields[] = {
        { "name?", "text", "Its name, which stays." },
        { "displayName?", "text?", "Its name for people." },
        { "registryIntegrationId?", "text?", "The Registry to ask, by id or name." },
        { "metadata?", "map", "Labels, all of them." },
        { "versionRules?", "VersionRuleInput[]", "The rules that turn tags into versions, all of them." },
        { 0 },
};

static const ApiField deleted_fields[] = {
        { "deleted", "bool", "True." },
        { 0 },
};

static const ApiField sync_input_fields[] = {
        { "forceRefresh?", "bool", "Ask for the digest of every eligible tag, not only of those that are due." },
        { 0 },
};

static const ApiField sync_result_fields[] = {
        { "synced", "int", "How many versions there are." },
        { "versions", "VersionMap[]", "The newest of them, newest first: up to limit, or 100,000." },
        { 0 },
};

static const ApiField version_map_fields[] = {
        { "id", "uuid", "Its id." },
        { "componentId", "uuid", "The component's id." },
        { "tag", "text", "The most specific tag that bears the version." },
        { "digest", "digest", "The digest." },
        { "semver", "text?", "The version." },
        { "channel", "text", "Its channel." },
        { "prerelease", "bool", "Whether it is a prerelease." },
        { "buildMetadata", "text?", "What stands after + in the version." },
        { "resolvedAt", "time", "When the tag led here first." },
        { "source", "auto|manual", "Whether rules made it or people did." },
        { "vanished", "bool", "Whether the registry no longer lists the tag." },
        { 0 },
};

static const ApiField version_map_input_fields[] = {
        { "componentId", "text", "The component, by id or name." },
        { "tag", "text", "The tag." },
        { "semver", "text", "The version, as the component's strategy reads people's words." },
        { "channel?", "text?", "The channel; the component's default one, if none is given." },
        { 0 },
};

static const ApiField release_component_fields[] = {
        { "componentId", "uuid", "The component's id." },
        { "componentName", "text", "The component's name." },
        { "digest", "digest", "What the release is about." },
        { "semver", "text?", "The version it was found as." },
        { "tag", "text?", "The tag it was found by." },
        { "role", "primary|sidecar|init|migration", "What it is for." },
        { "imageRepository", "text", "Its repository; the image is this, @, and the digest." },
        { "channel", "text?", "The channel it was found in." },
        { "mediaType", "text", "The manifest's media type." },
        { "size", "int", "The manifest's size in bytes." },
        { "resolvedAt", "time", "When it was resolved." },
        { "platforms", "map", "Digests by platform, of an index." },
        { "replaces", "text[]", "What its image stands for in the files of tools." },
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
        { "status", "draft|ready|promoting|deployed|deprecated|archived", "Where it is in its life." },
        { "components", "ReleaseComponent[]", "Its components, by name." },
        { "sourceRef", "SourceReference", "Where it comes from." },
        { "createdAt", "time", "When it was made." },
        { "updatedAt", "time", "When anything of it changed." },
        { "createdBy", "uuid?", "The id of who made it; null where a spec declares it." },
        { "createdByName", "text?", "The same as principal." },
        { "metadata", "map", "Labels, and the commit of the specs it was made from." },
        { "managedBy", "spec|api|stream", "Who made it." },
        { "declaredAt?", "text", "File and line of its document." },
        { "streamId?", "uuid", "The stream that made it." },
        { "specDigest", "text", "Of the document it was made from." },
        { "deployedEnvironments", "uuid[]", "Where it is deployed." },
        { "conditions", "Condition[]", "Its conditions." },
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
        { "meta", "PaginationMeta", "Which it is." },
        { 0 },
};

static const ApiField release_component_input_fields[] = {
        { "componentId", "text", "The component, by id or name." },
        { "version?", "text?", "A version or a range." },
        { "tag?", "text?", "A tag, resolved now." },
        { "digest?", "text?", "A digest." },
        { "channel?", "text?", "A channel, for its newest version." },
        { "role?", "primary|sidecar|init|migration", "What it is for; primary, if nothing is said." },
        { 0 },
};

static const ApiField release_input_fields[] = {
        { "name", "text", "Its name." },
        { "displayName?", "text?", "Its name for people." },
        { "components", "ReleaseComponentInput[]", "Its components." },
        { "sourceRef?", "SourceReference", "Where it comes from." },
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
        { "channel?", "text?", "The channel; without it, of each component its default one (stable, unless it says otherwise)." },
        { "componentIds?", "text[]", "The components, by id or name; all, if not given." },
        { "pinFrom?", "PinFrom", "With componentIds: what the environment runs of the others." },
        { "sourceRef?", "SourceReference", "Where it comes from." },
        { "metadata?", "map", "Labels." },
        { 0 },
};

static const ApiField release_update_fields[] = {
        { "displayName?", "text?", "Its name for people." },
        { "metadata?", "map", "Labels, all of them." },
        { "status?", "draft|ready|promoting|deployed|deprecated|archived", "deprecated, archived, or ready for what is archived." },
        { 0 },
};

static const ApiField environment_state_fields[] = {
        { "environmentId", "uuid", "The environment's id." },
        { "environment", "text?", "The environment's name." },
        { "status", "promoting|deployed|failed", "How it is there." },
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
        { "status", "promoting|deployed|failed|canceled", "What became of it." },
        { "at", "time", "When." },
        { "by", "text", "The principal." },
        { "promotionId", "uuid?", "Of the promotion." },
        { "evidenceRef", "text?", "What the deployer left as evidence." },
        { "reason?", "text", "Of a failure, a cancellation, or of what came back after one: why." },
        { 0 },
};

static const ApiField release_lineage_fields[] = {
        { "releaseId", "uuid", "The release's id." },
        { "release", "Release", "The release." },
        { "path", "Deployment[]", "Where it was, oldest first." },
        { 0 },
};

static const ApiField component_diff_fields[] = {
        { "componentId", "uuid", "The component's id." },
        { "componentName", "text", "The component's name." },
        { "version", "text?", "Its version." },
        { "digest", "digest", "Its digest." },
        { 0 },
};

static const ApiField component_change_fields[] = {
        { "componentId", "uuid", "The component's id." },
        { "componentName", "text", "The component's name." },
        { "fromVersion", "text?", "In the first release." },
        { "toVersion", "text?", "In the second release." },
        { "fromDigest", "digest", "In the first release." },
        { "toDigest", "digest", "In the second release." },
        { "direction", "upgrade|downgrade|sameVersion|unknown", "Which way." },
        { 0 },
};

static const ApiField release_diff_fields[] = {
        { "releaseA", "uuid?", "The first release's id." },
        { "releaseB", "uuid?", "The second release's id." },
        { "releaseAName", "text?", "The first release's name." },
        { "releaseBName", "text?", "The second release's name." },
        { "added", "ComponentDiff[]", "Components of the second alone." },
        { "removed", "ComponentDiff[]", "Components of the first alone." },
        { "changed", "ComponentChange[]", "Components with another digest." },
        { "unchanged", "ComponentDiff[]", "Components with the same digest." },
        { 0 },
};

const ApiSchema api_release_schemas[] = {
        { "Condition", "What is true of an object now, since when, and why.", condition_fields, NULL, 0 },
        { "ChannelHead", "The newest version of a channel.", channel_head_fields, NULL, 0 },
        { "ChannelHeads", "Heads by channel.", NULL, "ChannelHead", 0 },
        { "VersionStrategy", "How tags become ordered versions.", version_strategy_fields, NULL, 0 },
        { "VersionRule", "A rule that turns tags into versions of a channel; the first whose pattern matches decides.", version_rule_fields, NULL, 0 },
        { "VersionRuleInput", "A rule in the making.", version_rule_input_fields, NULL, 0 },
        { "Component", "One image repository, and the rules that turn its tags into versions and channels.", component_fields, NULL, 1 },
        { "ComponentInput", "What a component is made of.", component_input_fields, NULL, 2 },
        { "ComponentUpdate", "What is to change of a component. What is not named stays, null takes a value away; tenantId must be the tenant that is asked of; members that only say what is (id, managedBy, declaredAt, createdAt, updatedAt, channels, conditions; id and componentId of a rule) are passed over.", component_update_fields, NULL, 1 },
        { "Deleted", "It is gone.", deleted_fields, NULL, 0 },
        { "SyncInput", "How to poll.", sync_input_fields, NULL, 0 },
        { "SyncResult", "What a poll has come to.", sync_result_fields, NULL, 0 },
        { "VersionMap", "A digest as a version of a component.", version_map_fields, NULL, 0 },
        { "VersionMapInput", "A version for what a tag leads to now.", version_map_input_fields, NULL, 0 },
        { "ReleaseComponent", "One component of a release, as resolved.", release_component_fields, NULL, 0 },
        { "SourceReference", "Where a release comes from.", source_reference_fields, NULL, 0 },
        { "Release", "A set of digests.", release_fields, NULL, 0 },
        { "PaginationMeta", "Which page this is.", pagination_meta_fields, NULL, 0 },
        { "ReleasePage", "A page of releases.", release_page_fields, NULL, 0 },
        { "ReleaseComponentInput", "A component of a release in the making. At most one of version, tag, digest and channel; none: the newest of the default channel.", release_component_input_fields, NULL, 0 },
        { "ReleaseInput", "What a release is made of.", release_input_fields, NULL, 0 },
        { "PinFrom", "Where the other components come from.", pin_from_fields, NULL, 0 },
        { "FromLatestInput", "A release of the newest versions.", from_latest_input_fields, NULL, 0 },
        { "ReleaseUpdate", "What is to change of a release.", release_update_fields, NULL, 0 },
        { "EnvironmentState", "Where a release is.", environment_state_fields, NULL, 0 },
        { "ReleaseState", "Where a release is.", release_state_fields, NULL, 0 },
        { "Deployment", "What an environment was at.", deployment_fields, NULL, 0 },
        { "ReleaseLineage", "What a release came from, and where it went.", release_lineage_fields, NULL, 0 },
        { "ComponentDiff", "A component that both or one of two releases have.", component_diff_fields, NULL, 0 },
        { "ComponentChange", "A component that differs.", component_change_fields, NULL, 0 },
        { "ReleaseDiff", "What differs between two releases.", release_diff_fields, NULL, 0 },
        { 0 },
};
/* clang-format on */
