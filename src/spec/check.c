#include "spec/check.h"

#include <errno.h>

#include "base/limits.h"
#include "base/suggest.h"
#include "model/image/image.h"
#include "model/name-template.h"
#include "model/schema/component-check.h"
#include "model/schema/verify-check.h"
#include "version/policy.h"
#include "version/range.h"
#include "version/version.h"

/* --- within a registry ------------------------------------------------------------------------ */

/* A place to log in to: the registry itself or a mirror. */
typedef struct Login {
        const char *url;
        const RegistryAuth *auth;
        const RegistryTls *tls;
        Place place;
} Login;

static int check_login(const Login *login, DiagList *diags)
{
        const RegistryAuth *auth = login->auth;
        Place place = auth->place.line > 0 ? auth->place : login->place;
        bool password = auth->password_file || auth->password_credential;

        if (auth->password_file && auth->password_credential)
                diag_error(diags, place, "auth: give passwordFile or passwordCredential, not both");
        else if (auth->username && !password)
                diag_error(diags, place,
                           "auth: username needs passwordFile or passwordCredential beside it");
        else if (password && !auth->username)
                diag_error(diags, place, "auth: a password needs username beside it");
        else if ((auth->username != NULL) + (auth->token_file != NULL) +
                         (auth->docker_config != NULL) + (auth->helper != NULL) >
                 1)
                diag_error(diags, place,
                           "auth: give only one of username, tokenFile, dockerConfig and helper");
        else if (auth->realm && strncmp(login->url, "https:", 6) == 0 &&
                 strncmp(auth->realm, "https:", 6) != 0)
                diag_error(
                        diags, place,
                        "auth: realm must be https where the registry is: credentials travel there");
        else if ((login->tls->cert_file != NULL) != (login->tls->key_file != NULL))
                diag_error(diags, login->place, "tls: certFile and keyFile go together");
        else if (login->tls->ca_file && strncmp(login->url, "https:", 6) != 0)
                diag_error(diags, place, "tls: caFile has no use with an http: url");
        else
                return 0;
        return -EINVAL;
}

static int check_mirrors(const RegistrySpec *registry, DiagList *diags)
{
        int worst = 0;

        for (size_t i = 0; i < registry->mirrors.n; i++) {
                const RegistryMirror *mirror = &registry->mirrors.items[i];
                const Login login = { mirror->url, &mirror->auth, &mirror->tls, mirror->place };
                int r = check_login(&login, diags);

                worst = MIN(worst, r);
        }
        return worst;
}

static int check_registry(const RegistrySpec *registry, DiagList *diags)
{
        Place place = registry->object.place;
        int worst = check_login(&(Login){ registry->url, &registry->auth, &registry->tls, place },
                                diags);
        int r = check_mirrors(registry, diags);

        worst = MIN(worst, r);
        if (registry->hook.secret_file && registry->hook.secret_credential) {
                diag_error(diags, place, "hook: give secretFile or secretCredential, not both");
                worst = -EINVAL;
        }
        r = verify_rules_check(&registry->verify, registry->verify_place, diags);
        worst = MIN(worst, r);
        if (registry->type != REGISTRY_AUTO &&
            (registry->type == REGISTRY_OCI_LAYOUT) !=
                    (strncmp(registry->url, "oci-layout:", 11) == 0)) {
                diag_error(diags, place,
                           "type oci-layout goes with a url such as oci-layout:/srv/images");
                worst = -EINVAL;
        }
        return worst;
}

/* --- within a component ----------------------------------------------------------------------- */

static int check_extracts(const ComponentSpec *component, DiagList *diags)
{
        const char *extract = component->versioning_strategy.semver_extract;
        int worst = 0;

        for (size_t i = 0; extract && i < component->version_rules.n; i++) {
                const VersionRule *rule = &component->version_rules.items[i];
                _cleanup_(error_done) Error error = { 0 };

                if (version_check_extract(extract, rule->pattern, &error) >= 0)
                        continue;
                diag_error(diags, rule->place, "semverExtract: %s", error_message(&error));
                worst = -EINVAL;
        }
        return worst;
}

static int check_date_format(const ComponentSpec *component, DiagList *diags)
{
        const VersionStrategy *strategy = &component->versioning_strategy;
        int worst = 0;

        if (!strategy->date_format)
                return 0;
        if (strategy->type != STRATEGY_DATE) {
                diag_error(diags, strategy->place,
                           "versioningStrategy: dateFormat goes with type date, not with type %s",
                           strategy_type_to_string(strategy->type));
                worst = -EINVAL;
        }
        for (size_t i = 0; i < component->version_rules.n; i++) {
                const VersionRule *rule = &component->version_rules.items[i];
                _cleanup_(error_done) Error error = { 0 };
                bool has_groups = false;

                /* ignores a bad pattern, which the format check of the field reports */
                if (version_has_date_groups(rule->pattern, &has_groups, &error) == -ENOMEM)
                        diags->failed = -ENOMEM;
                if (!has_groups)
                        continue;
                diag_error(diags, rule->place,
                           "versionRules[%zu]: the groups year and month do not go with "
                           "dateFormat: name the group of the complete version 'version', or leave "
                           "dateFormat out",
                           i);
                worst = -EINVAL;
        }
        return worst;
}

static int check_versions(const ComponentSpec *component, DiagList *diags)
{
        const VersionStrategy *strategy = &component->versioning_strategy;
        _cleanup_(arena_done) Arena arena;
        _cleanup_(map_done) Map seen = { 0 };
        int worst = 0, r;

        arena_init(&arena, 1024 * 1024);
        for (size_t i = 0; i < component->versions.n; i++) {
                ManualVersion *version = &component->versions.items[i];
                const ManualVersion *before = map_get(&seen, version->tag);
                const char *reason = NULL;
                Version parsed;

                arena_clear(&arena);
                r = version_check_assigned(version->semver, &reason);
                if (r >= 0)
                        r = version_parse_assigned(strategy, version->semver, &arena, &parsed,
                                                   &reason);
                if (r == -ENOMEM)
                        diags->failed = r;
                else if (r < 0) {
                        diag_error(diags, version->place, "versions: semver \"%s\" of tag '%s': %s",
                                   version->semver, version->tag, reason);
                        worst = -EINVAL;
                }
                if (before) {
                        diag_error(
                                diags, version->place,
                                "versions: tag '%s' is assigned twice; first at line %u, column %u",
                                version->tag, before->place.line, before->place.column);
                        worst = -EINVAL;
                } else if (map_put(&seen, version->tag, version, NULL) < 0)
                        diags->failed = -ENOMEM;
        }
        return worst;
}

/* Checks the versions of `deny` by the component's strategy, which the format check does not
 * know. */
static int check_deny(const ComponentSpec *component, DiagList *diags)
{
        _cleanup_(arena_done) Arena arena;
        int worst = 0, r;

        arena_init(&arena, 1024 * 1024);
        for (size_t i = 0; i < component->deny.n; i++) {
                const Denial *denial = &component->deny.items[i];
                _cleanup_(error_done) Error error = { 0 };
                VersionWish wish;

                if ((denial->digest != NULL) == (denial->version != NULL)) {
                        diag_error(diags, denial->place,
                                   "deny: exactly one of digest and version must be given, not %s",
                                   denial->digest ? "both" : "none");
                        worst = -EINVAL;
                        continue;
                }
                if (!denial->version)
                        continue;
                arena_clear(&arena);
                r = version_wish_parse(&component->versioning_strategy, denial->version, &arena,
                                       &wish, &error);
                if (r == -ENOMEM)
                        diags->failed = r;
                else if (r < 0) {
                        diag_error(diags, denial->place, "deny: version \"%s\": %s",
                                   denial->version, error_message(&error));
                        worst = -EINVAL;
                }
        }
        return worst;
}

static int check_component(const ComponentSpec *component, DiagList *diags)
{
        int worst = check_extracts(component, diags), r;

        r = check_deny(component, diags);
        worst = MIN(worst, r);
        r = check_date_format(component, diags);
        worst = MIN(worst, r);
        r = component_check(component, diags);
        worst = MIN(worst, r);
        r = check_versions(component, diags);
        if (component->versioning_strategy.type == STRATEGY_MANUAL &&
            component->version_rules.n > 0)
                diag_warning(
                        diags, component->version_rules.items[0].place,
                        "versionRules have no use under the strategy manual: only versions assigns");
        return MIN(worst, r);
}

/* --- within a release ------------------------------------------------------------------------- */

static unsigned n_selectors(const ReleaseItem *item)
{
        return (item->version != NULL) + (item->tag != NULL) + (item->digest != NULL) +
               (item->channel != NULL);
}

static int check_item(const ReleaseSpec *release, const ReleaseItem *item, DiagList *diags)
{
        bool pinned = release->mode == RELEASE_PINNED || release->mode == RELEASE_PARTIAL;

        if (pinned && n_selectors(item) != 1)
                diag_error(
                        diags, item->place,
                        "component '%s': in mode %s exactly one of version, tag, digest and channel "
                        "must be given, not %s",
                        item->name, release_mode_to_string(release->mode),
                        n_selectors(item) == 0 ? "none" : "several");
        else if (!pinned && n_selectors(item) > 0)
                diag_error(
                        diags, item->place,
                        "component '%s': in mode %s a component gives its name and role only; version, tag, "
                        "digest and channel belong to modes pinned and partial",
                        item->name, release_mode_to_string(release->mode));
        else
                return 0;
        return -EINVAL;
}

static int check_items(const ReleaseSpec *release, DiagList *diags)
{
        _cleanup_(map_done) Map seen = { 0 };
        int worst = 0, r;

        for (size_t i = 0; i < release->components.n; i++) {
                ReleaseItem *item = &release->components.items[i];
                const ReleaseItem *before = map_get(&seen, item->name);

                r = check_item(release, item, diags);
                worst = MIN(worst, r);
                if (before) {
                        diag_error(diags, item->place,
                                   "component '%s' stands twice; first at line %u, column %u",
                                   item->name, before->place.line, before->place.column);
                        worst = -EINVAL;
                } else if (map_put(&seen, item->name, item, NULL) < 0)
                        diags->failed = -ENOMEM;
        }
        return worst;
}

static int check_release(const ReleaseSpec *release, DiagList *diags)
{
        Place place = release->object.place;
        int worst = check_items(release, diags);

        if (release->mode == RELEASE_PINNED && release->components.n == 0) {
                diag_error(diags, place,
                           "mode pinned needs components: without them nothing is pinned");
                worst = -EINVAL;
        }
        if ((release->mode == RELEASE_PARTIAL) != (release->pin_from.environment != NULL)) {
                diag_error(diags, release->pin_from.environment ? release->pin_from.place : place,
                           release->mode == RELEASE_PARTIAL
                                   ? "mode partial needs pinFrom: from which environment?"
                                   : "pinFrom belongs to mode partial");
                worst = -EINVAL;
        }
        if (release->mode == RELEASE_PARTIAL && release->components.n == 0) {
                diag_error(diags, place,
                           "mode partial needs components: without them nothing is updated");
                worst = -EINVAL;
        }
        if (release->mode == RELEASE_CHANNEL && !release->channel) {
                diag_error(diags, place, "mode channel needs channel: which one?");
                worst = -EINVAL;
        }
        if (release->mode != RELEASE_CHANNEL && release->channel) {
                diag_error(diags, place, "channel belongs to mode channel, and this is mode %s",
                           release_mode_to_string(release->mode));
                worst = -EINVAL;
        }
        return worst;
}

static int check_stream(const StreamSpec *stream, DiagList *diags)
{
        _cleanup_(map_done) Map seen = { 0 };
        int worst = 0;

        for (size_t i = 0; i < stream->components.n; i++) {
                int r = map_put(&seen, stream->components.items[i], &seen, NULL);

                if (r < 0)
                        diags->failed = -ENOMEM;
                if (r != 0)
                        continue;
                diag_error(diags, stream->components_place, "components: '%s' stands twice",
                           stream->components.items[i]);
                worst = -EINVAL;
        }
        return worst;
}

static int check_promotes_from(const EnvironmentSpec *environment, DiagList *diags)
{
        const Strings *from = &environment->promotes_from.environments;
        Place place = environment->promotes_from_place;
        int worst = 0;

        if (place.line > 0 && from->n == 0 && environment->promotes_from.match_labels.n == 0) {
                diag_error(diags, place, "promotesFrom names no environment");
                worst = -EINVAL;
        } else if (from->n > SOURCES_MAX) {
                diag_error(diags, place,
                           "promotesFrom names %zu environments; at most %d are valid", from->n,
                           SOURCES_MAX);
                return -EINVAL;
        }
        for (size_t i = 0; i < from->n; i++) {
                if (streq(from->items[i], environment->object.meta.name)) {
                        diag_error(diags, place, "an environment cannot promote from itself");
                        worst = -EINVAL;
                }
                for (size_t j = 0; j < i; j++)
                        if (streq(from->items[i], from->items[j])) {
                                diag_error(diags, place, "promotesFrom: '%s' stands twice",
                                           from->items[i]);
                                worst = -EINVAL;
                        }
        }
        return worst;
}

static unsigned n_requests(const EnvironmentSpec *environment)
{
        return (environment->release != NULL) + (environment->stream != NULL) +
               (environment->follows != NULL);
}

static int check_environment(const EnvironmentSpec *environment, DiagList *diags)
{
        const char *follows = environment->follows;

        if (n_requests(environment) > 1)
                diag_error(diags, follows ? environment->follows_place : environment->stream_place,
                           "give only one of release, stream and follows: which one is to run "
                           "there?");
        else if (follows && streq(follows, environment->object.meta.name))
                diag_error(diags, environment->follows_place,
                           "an environment cannot follow itself");
        else if (environment->soak > 0 && environment->promotes_from.environments.n == 0 &&
                 environment->promotes_from.match_labels.n == 0)
                diag_error(diags, environment->soak_place,
                           "soak needs promotesFrom: in which environment is a release to soak?");
        else if (environment->rollback_max_age > 0 && environment->on_failure == FAILURE_HOLD)
                diag_error(diags, environment->rollback_max_age_place,
                           "rollbackMaxAge needs onFailure: rollback; with hold no release is "
                           "restored");
        else if (environment->rollback_releases > ROLLBACK_RELEASES_MAX)
                diag_error(diags, environment->rollback_releases_place,
                           "rollbackReleases is at most %d", ROLLBACK_RELEASES_MAX);
        else
                return check_promotes_from(environment, diags);
        return -EINVAL;
}

static int check_calendar(const CalendarSpec *calendar, DiagList *diags)
{
        int worst = 0, r;

        if (calendar->environments_place.line > 0 && calendar->environments.match_labels.n == 0) {
                diag_error(diags, calendar->environments_place,
                           "environments has no labels; omit the field to select all "
                           "environments of the tenant");
                worst = -EINVAL;
        }
        if (calendar->windows.n == 0) {
                diag_error(diags, calendar->object.place, "calendar '%s' has no windows",
                           calendar->object.meta.name);
                return -EINVAL;
        }
        r = check_windows(&calendar->windows, diags);
        return MIN(worst, r);
}

/* Checks the length of a name that becomes part of a file name. Names that are longer stay valid if
 * an older version of relman has accepted them. */
static int check_file_name(const Object *object, DiagList *diags)
{
        size_t size = strlen(object->meta.name);

        if (size <= FILE_STEM_MAX)
                return 0;
        diag_error(diags, object->place,
                   "metadata.name has %zu characters: names of lockfiles are made of it, so it may "
                   "have %d",
                   size, FILE_STEM_MAX);
        return -EINVAL;
}

static int check_kind(const Object *object, DiagList *diags)
{
        int r, windows;

        switch (object->kind) {
        case KIND_REGISTRY: return check_registry((const RegistrySpec *)object, diags);
        case KIND_COMPONENT: return check_component((const ComponentSpec *)object, diags);
        case KIND_RELEASE: return check_release((const ReleaseSpec *)object, diags);
        case KIND_STREAM: return check_stream((const StreamSpec *)object, diags);
        case KIND_ENVIRONMENT:
                r = check_environment((const EnvironmentSpec *)object, diags);
                windows = check_windows(&((const EnvironmentSpec *)object)->windows, diags);
                r = MIN(r, windows);
                windows = check_approvals((const EnvironmentSpec *)object, diags);
                r = MIN(r, windows);
                windows = check_checks((const EnvironmentSpec *)object, diags);
                return MIN(r, windows);
        case KIND_CALENDAR: return check_calendar((const CalendarSpec *)object, diags);
        case KIND_GROUP: return check_group((const GroupSpec *)object, diags);
        case OBJECT_KIND_MAX_: break;
        }
        return 0;
}

int check_object(const Object *object, DiagList *diags)
{
        bool makes_files = object->kind == KIND_COMPONENT || object->kind == KIND_RELEASE ||
                           object->kind == KIND_ENVIRONMENT;
        int name = makes_files ? check_file_name(object, diags) : 0;
        int r = check_kind(object, diags);

        return MIN(name, r);
}
