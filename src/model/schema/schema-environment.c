#include "model/enum-names.h"
#include "model/environment.h"
#include "model/group.h"
#include "model/schema/schema.h"

/* clang-format off */
static const Field stream_fields[] = {
        { .name = "channel", .type = FIELD_STRING, .format = FORMAT_CHANNEL, .offset = offsetof(StreamSpec, channel),
          .doc = "The channel whose newest versions are used. Default: each component's defaultChannel." },
        { .name = "components", .type = FIELD_STRINGS, .format = FORMAT_NAME, .offset = offsetof(StreamSpec, components), .place_offset = offsetof(StreamSpec, components_place),
          .doc = "The Components. Default: all of the tenant." },
        { .name = "nameTemplate", .type = FIELD_STRING, .format = FORMAT_NAME_TEMPLATE, .offset = offsetof(StreamSpec, name_template), .default_value = "{stream}-{seq}",
          .doc = "The names of releases. {stream} is the stream's name, {seq} a counter, {date} the day (YYYYMMDD, UTC), {version:NAME} the version of Component NAME. A name that exists gets -2, -3 and so on." },
        { .name = "settle", .type = FIELD_DURATION, .offset = offsetof(StreamSpec, settle), .default_value = "30s",
          .doc = "How long nothing must change before a release is made, so that a burst of pushes makes one. relmand waits at most ten times as long." },
        { .name = "keep", .type = FIELD_INTEGER, .offset = offsetof(StreamSpec, keep), .default_value = "20",
          .doc = "How many releases of the stream are kept. Older ones are archived, except those that an environment has or is getting. 0: all." },
        { .name = "sameVersion", .type = FIELD_BOOL, .offset = offsetof(StreamSpec, same_version), .default_value = "false",
          .doc = "Make a release only when all components have the same version." },
        { 0 },
};
static const Schema stream_spec_schema = {
        .name = "ReleaseStream", .fields = stream_fields, .size = sizeof(StreamSpec),
        .doc = "Makes a new release whenever the heads of its components change.",
};

static const Field lock_fields[] = {
        { .name = "formats", .type = FIELD_STRINGS, .format = FORMAT_LOCK_FORMAT, .offset = offsetof(EnvironmentSpec, lock_formats),
          .doc = "The formats of its lockfile, besides the native one: yaml." },
        { .name = "allowAlso", .type = FIELD_STRINGS, .format = FORMAT_IMAGE, .offset = offsetof(EnvironmentSpec, allow_also),
          .doc = "Images that the formats policy-json, kyverno and vap admit beside those of releases, such as sidecars: HOST/PATH@DIGEST, HOST/PATH:TAG, or HOST/PATH for all images of this repository and of those below it." },
        { 0 },
};
static const Schema lock_schema = {
        .name = "lock", .fields = lock_fields, .size = sizeof(EnvironmentSpec),
        .doc = "The files for deployers of the environment.",
};

static const Field promotes_from_fields[] = {
        { .name = "environments", .type = FIELD_STRINGS, .format = FORMAT_NAME, .single = true, .offset = offsetof(PromotesFrom, environments),
          .doc = "The Environments. spec.promotesFrom may be this name or list itself." },
        { .name = "matchLabels", .type = FIELD_PAIRS, .offset = offsetof(PromotesFrom, match_labels),
          .doc = "Also all other Environments of the tenant that have these labels. As long as there is none, nothing is promoted." },
        { .name = "require", .type = FIELD_ENUM, .offset = offsetof(PromotesFrom, require), .names = require_mode_names, .default_value = "all",
          .doc = "Whether a release must have been deployed in all of the environments, or in any of them." },
        { 0 },
};
static const Schema promotes_from_schema = {
        .name = "promotesFrom", .fields = promotes_from_fields, .size = sizeof(PromotesFrom),
        .doc = "The environments in which a release must have been deployed before.",
};

static const Field approvals_fields[] = {
        { .name = "count", .type = FIELD_INTEGER, .offset = offsetof(ApprovalRules, count), .place_offset = offsetof(ApprovalRules, count_place), .default_value = "0",
          .doc = "How many persons must approve. spec.approvals may be this number itself." },
        { .name = "from", .type = FIELD_STRINGS, .single = true, .offset = offsetof(ApprovalRules, from), .place_offset = offsetof(ApprovalRules, from_place),
          .doc = "The persons whose approvals count, besides those of required, and Groups (group:NAME). Default: everybody who may approve." },
        { .name = "required", .type = FIELD_STRINGS, .single = true, .offset = offsetof(ApprovalRules, required), .place_offset = offsetof(ApprovalRules, required_place),
          .doc = "The persons who must approve, each of them, and Groups (group:NAME), of each of which one member must. They are part of count." },
        { .name = "expireAfter", .type = FIELD_DURATION, .positive = true, .offset = offsetof(ApprovalRules, expire_after),
          .doc = "How long an approval counts. Default: indefinitely." },
        { .name = "excludeAuthor", .type = FIELD_BOOL, .offset = offsetof(ApprovalRules, exclude_author), .default_value = "false",
          .doc = "If true, the approval of the person who created the release does not count. Releases of streams and specs have no such person." },
        { 0 },
};
static const Schema approvals_schema = {
        .name = "approvals", .fields = approvals_fields, .size = sizeof(ApprovalRules),
        .doc = "The persons who must approve a release.",
};

static const Field check_fields[] = {
        { .name = "name", .type = FIELD_STRING, .format = FORMAT_NAME, .offset = offsetof(CheckSpec, name), .required = true,
          .doc = "Its name, which no other check of the Environment has." },
        { .name = "timeout", .type = FIELD_DURATION, .positive = true, .offset = offsetof(CheckSpec, timeout), .default_value = "1h",
          .doc = "How long after its start it may pass; at most 30d. A later result counts as failed." },
        { .name = "from", .type = FIELD_STRINGS, .single = true, .offset = offsetof(CheckSpec, from), .place_offset = offsetof(CheckSpec, from_place),
          .doc = "The persons, or Groups (group:NAME), who may report its result. Default: everybody who may promote releases; with run: nobody." },
        { .name = "run", .type = FIELD_STRING, .format = FORMAT_NAME, .offset = offsetof(CheckSpec, run), .place_offset = offsetof(CheckSpec, run_place),
          .doc = "The check in the section checks of relmand.yaml that relmand runs for it. Default: none; its result is reported." },
        { 0 },
};
static const Schema check_schema = {
        .name = "check", .fields = check_fields, .size = sizeof(CheckSpec), .has_place = true,
        .doc = "A named test of a release in the environment. relmand runs it, or its result is reported with relmanctl check or over the API.",
};

static const Field checks_fields[] = {
        { .name = "before", .type = FIELD_LIST, .schema = &check_schema, .offset = offsetof(CheckRules, before),
          .doc = "The checks that must pass before the release is promoted. A check starts when only approvals, checks, soak and windows still prevent the promotion." },
        { .name = "after", .type = FIELD_LIST, .schema = &check_schema, .offset = offsetof(CheckRules, after),
          .doc = "The checks that must pass before the deployment is confirmed. They start when the lockfile is written, again for each promotion. If one fails or is late, the deployment has failed." },
        { 0 },
};
static const Schema checks_schema = {
        .name = "checks", .fields = checks_fields, .size = sizeof(CheckRules),
        .doc = "The checks that a release must pass.",
};

static const Field window_fields[] = {
        { .name = "allow", .type = FIELD_STRING, .offset = offsetof(WindowSpec, allow), .place_offset = offsetof(WindowSpec, calendar_place),
          .doc = "When promotions are allowed: days and a range of times ('Mon..Fri 09:00..16:00'), complete days ('Sat,Sun'), a range of dates ('2026-12-20..2027-01-02'), or starts as in systemd.time(7) ('Mon..Fri 09:00') with for." },
        { .name = "deny", .type = FIELD_STRING, .offset = offsetof(WindowSpec, deny), .place_offset = offsetof(WindowSpec, calendar_place),
          .doc = "When promotions are denied, in the same forms. deny wins over allow." },
        { .name = "for", .type = FIELD_DURATION, .positive = true, .offset = offsetof(WindowSpec, duration), .place_offset = offsetof(WindowSpec, duration_place),
          .doc = "How long a window that is given by its starts lasts. Ranges have their own end." },
        { .name = "zone", .type = FIELD_STRING, .offset = offsetof(WindowSpec, zone), .place_offset = offsetof(WindowSpec, zone_place), .default_value = "UTC",
          .doc = "The time zone by its IANA name, such as Europe/Berlin." },
        { .name = "name", .type = FIELD_STRING, .offset = offsetof(WindowSpec, name),
          .doc = "The name that messages use for the window." },
        { .name = "reason", .type = FIELD_STRING, .offset = offsetof(WindowSpec, reason),
          .doc = "Why the window is there, such as a freeze; shown while it keeps the environment closed." },
        { 0 },
};
static const Schema window_schema = {
        .name = "window", .fields = window_fields, .size = sizeof(WindowSpec), .has_place = true,
        .doc = "A time in which promotions to the environment are allowed or denied.",
};

static const Field selector_fields[] = {
        { .name = "matchLabels", .type = FIELD_PAIRS, .offset = offsetof(EnvironmentSelector, match_labels),
          .doc = "The labels that an Environment must have, with these values." },
        { 0 },
};
static const Schema selector_schema = {
        .name = "environments", .fields = selector_fields, .size = sizeof(EnvironmentSelector),
        .doc = "Chooses Environments of the tenant by their labels.",
};

static const Field calendar_fields[] = {
        { .name = "environments", .type = FIELD_OBJECT, .schema = &selector_schema, .offset = offsetof(CalendarSpec, environments), .place_offset = offsetof(CalendarSpec, environments_place),
          .doc = "The Environments to which the windows apply. Default: all of the tenant." },
        { .name = "windows", .type = FIELD_LIST, .offset = offsetof(CalendarSpec, windows), .place_offset = offsetof(CalendarSpec, windows_place), .schema = &window_schema,
          .doc = "When releases may be promoted to these Environments. An Environment is open if its own windows and each of its Calendars are." },
        { 0 },
};
static const Schema calendar_spec_schema = {
        .name = "Calendar", .fields = calendar_fields, .size = sizeof(CalendarSpec),
        .doc = "Holds windows once for several Environments, such as a freeze.",
};

static const Field group_fields[] = {
        { .name = "members", .type = FIELD_STRINGS, .single = true, .required = true, .offset = offsetof(GroupSpec, members), .place_offset = offsetof(GroupSpec, members_place),
          .doc = "The persons. A Group has no Groups." },
        { 0 },
};
static const Schema group_spec_schema = {
        .name = "Group", .fields = group_fields, .size = sizeof(GroupSpec),
        .doc = "Names persons once for several Environments. A list of persons may have group:NAME, which stands for its members.",
};

static const Field environment_fields[] = {
        { .name = "release", .type = FIELD_STRING, .format = FORMAT_NAME, .offset = offsetof(EnvironmentSpec, release), .place_offset = offsetof(EnvironmentSpec, release_place),
          .doc = "The Release to deploy." },
        { .name = "stream", .type = FIELD_STRING, .format = FORMAT_NAME, .offset = offsetof(EnvironmentSpec, stream), .place_offset = offsetof(EnvironmentSpec, stream_place),
          .doc = "The ReleaseStream whose newest ready release to deploy." },
        { .name = "follows", .type = FIELD_STRING, .format = FORMAT_NAME, .offset = offsetof(EnvironmentSpec, follows), .place_offset = offsetof(EnvironmentSpec, follows_place),
          .doc = "The Environment to follow: this one gets the release that is deployed there, also after a roll back there. With none of release, stream and follows, only relmanctl promote deploys releases." },
        { .name = "promotesFrom", .type = FIELD_OBJECT, .schema = &promotes_from_schema, .shorthand = "environments", .offset = offsetof(EnvironmentSpec, promotes_from), .place_offset = offsetof(EnvironmentSpec, promotes_from_place),
          .doc = "The Environment in which a release must have been deployed before, or several: a name, a list of names, or a mapping." },
        { .name = "soak", .type = FIELD_DURATION, .offset = offsetof(EnvironmentSpec, soak), .positive = true, .place_offset = offsetof(EnvironmentSpec, soak_place),
          .doc = "How long the release must have been deployed there without interruption. It starts again after the release was replaced there and restored. Default: not at all." },
        { .name = "confirm", .type = FIELD_ENUM, .offset = offsetof(EnvironmentSpec, confirm), .names = confirm_mode_names, .default_value = "auto",
          .doc = "auto: relmand confirms the release when its lockfile is written and its checks passed. manual: a deployer confirms it (relmanctl confirm). pullRequest: relmand confirms it when the pull request of its output is merged, and its checks passed." },
        { .name = "approvals", .type = FIELD_OBJECT, .schema = &approvals_schema, .shorthand = "count", .offset = offsetof(EnvironmentSpec, approvals), .place_offset = offsetof(EnvironmentSpec, approvals_place),
          .doc = "The persons who must approve a release for this environment before it is promoted: their number, or a mapping." },
        { .name = "promoters", .type = FIELD_STRINGS, .single = true, .offset = offsetof(EnvironmentSpec, promoters), .place_offset = offsetof(EnvironmentSpec, promoters_place),
          .doc = "The persons, or Groups (group:NAME), who may decide which release it gets: promote, cancel, hold and resume. They also need the role. Default: everybody who has the role." },
        { .name = "checks", .type = FIELD_OBJECT, .schema = &checks_schema, .offset = offsetof(EnvironmentSpec, checks), .place_offset = offsetof(EnvironmentSpec, checks_place),
          .doc = "The checks that a release must pass in this environment." },
        { .name = "onFailure", .type = FIELD_ENUM, .offset = offsetof(EnvironmentSpec, on_failure), .names = failure_mode_names, .default_value = "rollback",
          .doc = "What follows a failed deployment, also one whose check after the promotion failed. rollback: the release that was deployed before is restored, except after a failed roll back. hold: the failed release stays in the lockfile. Both put the environment on hold if it follows something." },
        { .name = "rollbackMaxAge", .type = FIELD_DURATION, .positive = true, .offset = offsetof(EnvironmentSpec, rollback_max_age), .place_offset = offsetof(EnvironmentSpec, rollback_max_age_place),
          .doc = "The age up to which a release is restored after a failure, counted from when it was made. An older one is not restored, as with onFailure: hold. Default: any age." },
        { .name = "rollbackReleases", .type = FIELD_INTEGER, .positive = true, .offset = offsetof(EnvironmentSpec, rollback_releases), .default_value = "3", .place_offset = offsetof(EnvironmentSpec, rollback_releases_place),
          .doc = "How many earlier releases of the Environment relmand keeps ready for a roll back, at most 20. It reports if none of them can be pulled, and their digests are protected." },
        { .name = "windows", .type = FIELD_LIST, .offset = offsetof(EnvironmentSpec, windows), .schema = &window_schema,
          .doc = "When releases may be promoted: in a window that allows, if there is one, and in none that denies. A release that waits is promoted when the environment opens." },
        { .name = "lock", .type = FIELD_OBJECT, .schema = &lock_schema,
          .doc = "The files for deployers of the environment." },
        { 0 },
};
static const Schema environment_spec_schema = {
        .name = "Environment", .fields = environment_fields, .size = sizeof(EnvironmentSpec),
        .doc = "A place where releases run, and its desired release.",
};
/* clang-format on */

const KindSchema stream_schema = { .kind = KIND_STREAM, .spec = &stream_spec_schema };
const KindSchema environment_schema = { .kind = KIND_ENVIRONMENT,
                                        .spec = &environment_spec_schema };
const KindSchema group_schema = { .kind = KIND_GROUP, .spec = &group_spec_schema };
const KindSchema calendar_schema = { .kind = KIND_CALENDAR, .spec = &calendar_spec_schema };
