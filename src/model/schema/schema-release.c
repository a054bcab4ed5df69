#include "model/enum-names.h"
#include "model/release.h"
#include "model/schema/schema.h"

/* clang-format off */
static const Field item_fields[] = {
        { .name = "name", .type = FIELD_STRING, .format = FORMAT_NAME, .offset = offsetof(ReleaseItem, name), .required = true,
          .doc = "The Component." },
        { .name = "version", .type = FIELD_STRING, .format = FORMAT_VERSION_OR_RANGE, .offset = offsetof(ReleaseItem, version),
          .doc = "A version, or a range (>=2.3 <3, ^2.3, ~2.3.1, 2.x), of which the newest is used." },
        { .name = "tag", .type = FIELD_STRING, .format = FORMAT_TAG, .offset = offsetof(ReleaseItem, tag),
          .doc = "A tag; the release gets the digest that it has when the release is resolved." },
        { .name = "digest", .type = FIELD_STRING, .format = FORMAT_DIGEST, .offset = offsetof(ReleaseItem, digest),
          .doc = "A digest." },
        { .name = "channel", .type = FIELD_STRING, .format = FORMAT_CHANNEL, .offset = offsetof(ReleaseItem, channel),
          .doc = "The newest version of a channel." },
        { .name = "role", .type = FIELD_ENUM, .offset = offsetof(ReleaseItem, role), .names = component_role_names, .default_value = "primary",
          .doc = "Its role in the release, for deployers." },
        { 0 },
};
static const Schema item_schema = {
        .name = "components", .fields = item_fields, .size = sizeof(ReleaseItem), .has_place = true,
        .doc = "One component of the release. In modes pinned and partial exactly one of version, tag, digest and channel is given; in the others none.",
};

static const Field source_fields[] = {
        { .name = "scmIntegrationId", .type = FIELD_STRING, .offset = offsetof(SourceRef, scm_integration_id), .doc = "The source code host." },
        { .name = "commitSha", .type = FIELD_STRING, .offset = offsetof(SourceRef, commit_sha), .doc = "The commit it was built from." },
        { .name = "branch", .type = FIELD_STRING, .offset = offsetof(SourceRef, branch), .doc = "The branch." },
        { .name = "ciIntegrationId", .type = FIELD_STRING, .offset = offsetof(SourceRef, ci_integration_id), .doc = "The CI service." },
        { .name = "buildId", .type = FIELD_STRING, .offset = offsetof(SourceRef, build_id), .doc = "The build." },
        { .name = "pipelineUrl", .type = FIELD_STRING, .format = FORMAT_URL, .offset = offsetof(SourceRef, pipeline_url), .doc = "The URL of the build." },
        { 0 },
};
static const Schema source_schema = {
        .name = "sourceRef", .fields = source_fields, .size = sizeof(SourceRef),
        .doc = "The source of the release; relman stores and shows it only.",
};

static const Field pin_from_fields[] = {
        { .name = "environment", .type = FIELD_STRING, .format = FORMAT_NAME, .offset = offsetof(PinFrom, environment), .required = true,
          .doc = "The Environment; its deployment at the time of resolving counts." },
        { 0 },
};
static const Schema pin_from_schema = {
        .name = "pinFrom", .fields = pin_from_fields, .size = sizeof(PinFrom), .has_place = true,
        .doc = "The source of the components that a partial release does not name.",
};

static const Field release_fields[] = {
        { .name = "mode", .type = FIELD_ENUM, .offset = offsetof(ReleaseSpec, mode), .names = release_mode_names, .default_value = "pinned",
          .doc = "pinned: each component has a version, tag, digest or channel. full: all (or the named) components, newest in their default channel. channel: as full, from one named channel. partial: the components of pinFrom, with the named ones replaced." },
        { .name = "channel", .type = FIELD_STRING, .format = FORMAT_CHANNEL, .offset = offsetof(ReleaseSpec, channel),
          .doc = "The channel of mode channel." },
        { .name = "components", .type = FIELD_LIST, .offset = offsetof(ReleaseSpec, components), .schema = &item_schema,
          .doc = "The components. Optional in modes full and channel: then all of the tenant." },
        { .name = "pinFrom", .type = FIELD_OBJECT, .offset = offsetof(ReleaseSpec, pin_from), .schema = &pin_from_schema,
          .doc = "Mode partial: the source of the other components." },
        { .name = "sourceRef", .type = FIELD_OBJECT, .offset = offsetof(ReleaseSpec, source_ref), .schema = &source_schema,
          .doc = "The source of the release." },
        { .name = "sameVersion", .type = FIELD_BOOL, .offset = offsetof(ReleaseSpec, same_version), .default_value = "false",
          .doc = "All components must have the same version; until then, the release stays a draft." },
        { 0 },
};
static const Schema spec_schema = {
        .name = "Release", .fields = release_fields, .size = sizeof(ReleaseSpec),
        .doc = "A set of digests. It is resolved once, as soon as possible; then it never changes.",
};
/* clang-format on */

const KindSchema release_schema = { .kind = KIND_RELEASE, .spec = &spec_schema };
