#include "model/environment.h"
#include "model/names.h"
#include "model/schema.h"

/* clang-format off */
static const Field stream_fields[] = {
        { .name = "channel", .type = FIELD_STRING, .format = FORMAT_CHANNEL, .offset = offsetof(StreamSpec, channel),
          .doc = "The channel whose newest versions are taken; without it each component's defaultChannel." },
        { .name = "components", .type = FIELD_STRINGS, .format = FORMAT_NAME, .offset = offsetof(StreamSpec, components), .place_offset = offsetof(StreamSpec, components_place),
          .doc = "The Components; without it all of the tenant." },
        { .name = "nameTemplate", .type = FIELD_STRING, .format = FORMAT_NAME_TEMPLATE, .offset = offsetof(StreamSpec, name_template), .default_value = "{stream}-{seq}",
          .doc = "How releases are named. {stream} is the stream's name, {seq} counts, {date} is the day (YYYYMMDD, UTC), {version:NAME} is the version of Component NAME. A name that is taken gets -2, -3 and so on." },
        { .name = "settle", .type = FIELD_DURATION, .offset = offsetof(StreamSpec, settle), .default_value = "30s",
          .doc = "How long nothing must have changed before a release is made, so that a burst of pushes makes one; ten times that at most." },
        { .name = "keep", .type = FIELD_INTEGER, .offset = offsetof(StreamSpec, keep), .default_value = "20",
          .doc = "How many releases of the stream stay; older ones are archived, but never one that an environment has or is getting. 0: all." },
        { .name = "sameVersion", .type = FIELD_BOOL, .offset = offsetof(StreamSpec, same_version), .default_value = "false",
          .doc = "A release is made only when all components have the same version." },
        { 0 },
};
static const Schema stream_spec_schema = {
        .name = "ReleaseStream", .fields = stream_fields, .size = sizeof(StreamSpec),
        .doc = "Makes a new release by itself whenever what it follows changes.",
};

static const Field lock_fields[] = {
        { .name = "formats", .type = FIELD_STRINGS, .format = FORMAT_LOCK_FORMAT, .offset = offsetof(EnvironmentSpec, lock_formats),
          .doc = "The formats its lockfile is written in, beside the native one: yaml." },
        { 0 },
};
static const Schema lock_schema = {
        .name = "lock", .fields = lock_fields, .size = sizeof(EnvironmentSpec),
        .doc = "What deployers of the environment read.",
};

static const Field environment_fields[] = {
        { .name = "release", .type = FIELD_STRING, .format = FORMAT_NAME, .offset = offsetof(EnvironmentSpec, release), .place_offset = offsetof(EnvironmentSpec, release_place),
          .doc = "The Release that is to run there." },
        { .name = "stream", .type = FIELD_STRING, .format = FORMAT_NAME, .offset = offsetof(EnvironmentSpec, stream), .place_offset = offsetof(EnvironmentSpec, stream_place),
          .doc = "The ReleaseStream whose newest ready release is to run there. With neither release nor stream, releases get there by relmanctl promote alone." },
        { .name = "promotesFrom", .type = FIELD_STRING, .format = FORMAT_NAME, .offset = offsetof(EnvironmentSpec, promotes_from), .place_offset = offsetof(EnvironmentSpec, promotes_from_place),
          .doc = "The Environment that a release must have been deployed in before." },
        { .name = "confirm", .type = FIELD_ENUM, .offset = offsetof(EnvironmentSpec, confirm), .names = confirm_mode_names, .default_value = "auto",
          .doc = "auto: writing the lockfile counts as deployed. manual: a deployer says so (relmanctl confirm)." },
        { .name = "approvals", .type = FIELD_INTEGER, .offset = offsetof(EnvironmentSpec, approvals), .default_value = "0",
          .doc = "By how many people a release must have been approved for this environment before it is promoted." },
        { .name = "lock", .type = FIELD_OBJECT, .schema = &lock_schema,
          .doc = "What deployers of the environment read." },
        { 0 },
};
static const Schema environment_spec_schema = {
        .name = "Environment", .fields = environment_fields, .size = sizeof(EnvironmentSpec),
        .doc = "A place where releases run, and which one is to.",
};
/* clang-format on */

const KindSchema stream_schema = { .kind = KIND_STREAM, .spec = &stream_spec_schema };
const KindSchema environment_schema = { .kind = KIND_ENVIRONMENT,
                                        .spec = &environment_spec_schema };
