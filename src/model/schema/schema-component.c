#include "model/component.h"
#include "model/enum-names.h"
#include "model/schema/schema.h"

/* clang-format off */
static const char *const strategy_type_others[] = {
        "calver", "calver is type: date; with a counter, dateFormat: 'YYYY.MM.MICRO'",
        NULL,
};

static const Field strategy_fields[] = {
        { .name = "type", .type = FIELD_ENUM, .offset = offsetof(VersionStrategy, type), .names = strategy_type_names, .others = strategy_type_others, .default_value = "semver",
          .doc = "How the version text is read and ordered: semver (2.0.0), date (calendar versions), sequential (an integer), numeric (dotted integers of any number), lexical (bytewise) or manual (only what versions assigns)." },
        { .name = "tagPattern", .type = FIELD_STRING, .format = FORMAT_REGEX, .offset = offsetof(VersionStrategy, tag_pattern),
          .doc = "Only tags that match this pattern are considered." },
        { .name = "dateFormat", .type = FIELD_STRING, .format = FORMAT_DATE_FORMAT, .offset = offsetof(VersionStrategy, date_format),
          .doc = "With type date: the form of a version in the terms of calver.org, such as YYYY.0M.MICRO. Its parts are YYYY, YY, 0Y, MM, 0M, WW, 0W, DD, 0D, MAJOR, MINOR, MICRO and MODIFIER, with . - or _ between them. The version is what the tag says. Default: any date, see relman's doc/versions.md." },
        { .name = "semverExtract", .type = FIELD_STRING, .format = FORMAT_EXTRACT, .offset = offsetof(VersionStrategy, semver_extract),
          .doc = "How a match gives the version text: a group's number or name, or a template such as $1.$2.$3, in which ${2:+-} is a hyphen if group 2 matched. Default: the group named version, else group 1, else the complete match." },
        { .name = "orderBy", .type = FIELD_ENUM, .offset = offsetof(VersionStrategy, order_by), .names = version_order_names, .default_value = "version",
          .doc = "The order of versions: version, or created, the time in the image's configuration (costs two or more requests for each new digest; for an index, that of its first platform)." },
        { .name = "follow", .type = FIELD_STRING, .format = FORMAT_TAG, .offset = offsetof(VersionStrategy, follow),
          .doc = "With type manual: the one tag, such as latest, whose current digest is the head of the default channel." },
        { 0 },
};
static const Schema strategy_schema = {
        .name = "versioningStrategy", .fields = strategy_fields, .size = sizeof(VersionStrategy), .has_place = true,
        .doc = "How tags become ordered versions.",
};

static const Field rule_fields[] = {
        { .name = "pattern", .type = FIELD_STRING, .format = FORMAT_RULE_REGEX, .offset = offsetof(VersionRule, pattern), .required = true,
          .doc = "The rule applies to tags that match; the capture group is the version. The date strategy also reads the groups year, month, day and seq: seq is a counter." },
        { .name = "channel", .type = FIELD_STRING, .format = FORMAT_CHANNEL, .offset = offsetof(VersionRule, channel), .required = true,
          .doc = "The channel of the version." },
        { .name = "prereleasePattern", .type = FIELD_STRING, .format = FORMAT_REGEX, .offset = offsetof(VersionRule, prerelease_pattern),
          .doc = "A tag that also matches this is a prerelease." },
        { 0 },
};
static const Schema rule_schema = {
        .name = "VersionRule", .fields = rule_fields, .size = sizeof(VersionRule), .has_place = true,
        .doc = "One rule; the first whose pattern matches decides.",
};

static const Field version_fields[] = {
        { .name = "tag", .type = FIELD_STRING, .format = FORMAT_TAG, .offset = offsetof(ManualVersion, tag), .required = true,
          .doc = "The tag." },
        { .name = "semver", .type = FIELD_STRING, .offset = offsetof(ManualVersion, semver), .required = true,
          .doc = "The version, as the strategy reads it (as semver with the strategy manual)." },
        { .name = "channel", .type = FIELD_STRING, .format = FORMAT_CHANNEL, .offset = offsetof(ManualVersion, channel),
          .doc = "Its channel. Default: the default channel." },
        { 0 },
};
static const Schema version_schema = {
        .name = "versions", .fields = version_fields, .size = sizeof(ManualVersion), .has_place = true,
        .doc = "A manually assigned version.",
};

static const Field deny_fields[] = {
        { .name = "digest", .type = FIELD_STRING, .format = FORMAT_DIGEST, .offset = offsetof(Denial, digest),
          .doc = "This digest, under every tag." },
        { .name = "version", .type = FIELD_STRING, .format = FORMAT_VERSION_OR_RANGE, .offset = offsetof(Denial, version),
          .doc = "This version, or all versions of this range (semver), including prereleases." },
        { .name = "reason", .type = FIELD_STRING, .offset = offsetof(Denial, reason), .required = true,
          .doc = "The reason; shown wherever the denial applies." },
        { 0 },
};
static const Schema deny_schema = {
        .name = "deny", .fields = deny_fields, .size = sizeof(Denial), .has_place = true,
        .doc = "A digest or versions that must never be chosen.",
};

static const Field component_fields[] = {
        { .name = "imageRepository", .type = FIELD_STRING, .format = FORMAT_IMAGE_REPOSITORY, .offset = offsetof(ComponentSpec, image_repository), .required = true,
          .doc = "The image's repository with its host, without tag or digest: registry.example.com/myapp/api." },
        { .name = "registry", .type = FIELD_STRING, .format = FORMAT_NAME, .offset = offsetof(ComponentSpec, registry), .place_offset = offsetof(ComponentSpec, registry_place),
          .doc = "The Registry to use. Default: the one with the host of imageRepository, or that host anonymously over https." },
        { .name = "artifact", .type = FIELD_ENUM, .offset = offsetof(ComponentSpec, artifact), .names = component_artifact_names, .default_value = "image", .place_offset = offsetof(ComponentSpec, artifact_place),
          .doc = "Which artifacts are versions: image (container images), chart (Helm charts), or any. Others in the repository are skipped. relmand reads the kind from the manifest, which it fetches in any case." },
        { .name = "versioningStrategy", .type = FIELD_OBJECT, .offset = offsetof(ComponentSpec, versioning_strategy), .schema = &strategy_schema,
          .doc = "How tags become ordered versions." },
        { .name = "tags", .type = FIELD_ENUM, .offset = offsetof(ComponentSpec, tags), .names = component_tags_names, .default_value = "inherit",
          .doc = "What happens when a tag moves whose version is in a release: immutable (the version keeps its digest until relmanctl allow-move), mutable (channels and streams follow each move), or inherit: as tags of its Registry says." },
        { .name = "defaultChannel", .type = FIELD_STRING, .format = FORMAT_CHANNEL, .offset = offsetof(ComponentSpec, default_channel), .default_value = "stable",
          .doc = "The channel of releases that no rule assigns, and the channel for full releases." },
        { .name = "deploymentTemplate", .type = FIELD_STRING, .offset = offsetof(ComponentSpec, deployment_template),
          .doc = "A text for deployers; relman passes it on unchanged." },
        { .name = "versionRules", .type = FIELD_LIST, .offset = offsetof(ComponentSpec, version_rules), .schema = &rule_schema,
          .doc = "Rules, in order. Without any, the strategy reads the complete tag: a release goes to defaultChannel, a prerelease to the channel of its first letters." },
        { .name = "platforms", .type = FIELD_STRINGS, .format = FORMAT_PLATFORM, .offset = offsetof(ComponentSpec, platforms),
          .doc = "Platforms such as linux/arm64 that an image must have to enter a release. Other spellings, such as linux/aarch64, are accepted." },
        { .name = "ignoreTags", .type = FIELD_STRINGS, .format = FORMAT_REGEX, .offset = offsetof(ComponentSpec, ignore_tags),
          .doc = "Tags that match one of these patterns are skipped." },
        { .name = "replaces", .type = FIELD_STRINGS, .format = FORMAT_REPLACES, .offset = offsetof(ComponentSpec, replaces),
          .doc = "The texts that its image replaces in files of tools: images as they are written there (kustomize's name, kbld's id; default: imageRepository), and paths of Helm values such as api.image or .image (default: NAME.image), which get registry, repository and digest, or with =TEMPLATE one text: api.tag={tag}@{digest}. A release keeps the values of the time when it was made." },
        { .name = "keepLabels", .type = FIELD_STRINGS, .offset = offsetof(ComponentSpec, keep_labels), .place_offset = offsetof(ComponentSpec, keep_labels_place),
          .doc = "Keys of labels that relmand keeps of its images, besides org.opencontainers.image.* or else org.label-schema.*: at most 32. Values of more than 1 KiB are skipped. It applies to images that are read after the change." },
        { .name = "versions", .type = FIELD_LIST, .offset = offsetof(ComponentSpec, versions), .schema = &version_schema,
          .doc = "Manually assigned versions; they override the rules." },
        { .name = "deny", .type = FIELD_LIST, .offset = offsetof(ComponentSpec, deny), .schema = &deny_schema,
          .doc = "Digests and versions that must never be chosen, each with a reason. They override everything else, also versions." },
        { .name = "verify", .type = FIELD_LIST, .offset = offsetof(ComponentSpec, verify), .schema = &verify_schema, .place_offset = offsetof(ComponentSpec, verify_place),
          .doc = "Signatures that an image must have before it can head a channel or enter a release; all entries must be met. Replaces verify of the Registry. Images without one are skipped, and the condition Warning has the reason: SignatureMissing or SignatureInvalid. If the registry cannot answer, nothing changes (SignatureUnreachable)." },
        { .name = "minimumAge", .type = FIELD_DURATION, .offset = offsetof(ComponentSpec, minimum_age), .positive = true,
          .doc = "How long relman must have known a digest under its tag before it may be a head; until then the condition Held has the time." },
        { .name = "maxVersions", .type = FIELD_INTEGER, .offset = offsetof(ComponentSpec, max_versions), .positive = true,
          .doc = "How many versions of each channel are kept, newest first. Default: all. Versions in releases are kept in addition." },
        { .name = "resolve", .type = FIELD_OBJECT, .offset = offsetof(ComponentSpec, resolve), .schema = &resolve_schema, .word = "all", .word_offset = offsetof(Resolve, all),
          .doc = "Which tags get a digest: all, or only the newest of each channel, for a registry that counts requests. Default: that of the Registry." },
        { .name = "interval", .type = FIELD_DURATION, .offset = offsetof(ComponentSpec, interval), .positive = true,
          .doc = "How often the registry is polled. Default: poll.interval of the daemon." },
        { .name = "suspend", .type = FIELD_BOOL, .offset = offsetof(ComponentSpec, suspend), .default_value = "false",
          .doc = "Do not poll the registry; the stored state stays." },
        { .name = "allowDowngrade", .type = FIELD_BOOL, .offset = offsetof(ComponentSpec, allow_downgrade), .default_value = "false",
          .doc = "Let a channel's head move back when its tag is deleted in the registry." },
        { 0 },
};
static const Schema spec_schema = {
        .name = "Component", .fields = component_fields, .size = sizeof(ComponentSpec),
        .doc = "One image repository, and the rules that turn its tags into versions and channels.",
};
/* clang-format on */

const KindSchema component_schema = { .kind = KIND_COMPONENT, .spec = &spec_schema };
