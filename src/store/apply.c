/* Writes a list of changes to the database, in one transaction. */

#include "store/apply.h"

#include <errno.h>
#include <stdio.h>

#include "base/limits.h"
#include "model/enum-names.h"
#include "model/schema/encode.h"
#include "store/driver.h"
#include "store/release-json.h"
#include "store/seal.h"

/* --- objects ---------------------------------------------------------------------------------- */

static int put_tenant(Store *store, const Change *change, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        Uuid id = tenant_id(change->tenant);
        int r;

        r = stmt_get(store, STMT_PUT_TENANT, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":id", id.text);
        bind_text(&stmt, ":name", change->tenant);
        bind_time(&stmt, ":at", change->at);
        return stmt_run(&stmt, err);
}

/* Binds the columns that all objects with documents have. tenant and document are borrowed until
 * stmt_done(). */
static void bind_object(Stmt *stmt, const Object *object, const Uuid *tenant,
                        const Buffer *document, usec_t at)
{
        bind_text(stmt, ":id", object->id.text);
        bind_text(stmt, ":tenant", tenant->text);
        bind_text(stmt, ":name", object->meta.name);
        bind_text(stmt, ":display", object_display_name(object));
        bind_text(stmt, ":document", document->data);
        bind_text(stmt, ":digest", object->digest);
        bind_text(stmt, ":file", object->place.file);
        bind_int(stmt, ":line", object->place.line);
        bind_time(stmt, ":at", at);
}

static int put_registry(Store *store, const Change *change, Error *err)
{
        const RegistrySpec *registry = change->registry;
        Uuid tenant = tenant_id(registry->object.meta.tenant);
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        _cleanup_(buffer_done) Buffer document;
        int r;

        buffer_init(&document, SPEC_FILE_MAX * 4);
        if (encode_document(&registry->object, ENCODE_NO_DEFAULTS, &document) < 0)
                return error_oom(err);
        r = stmt_get(store, STMT_PUT_INTEGRATION, &stmt, err);
        if (r < 0)
                return r;
        bind_object(&stmt, &registry->object, &tenant, &document, change->at);
        bind_text(&stmt, ":type", registry_type_to_string(registry->type));
        bind_text(&stmt, ":url", registry->url);
        return stmt_run(&stmt, err);
}

static int strategy_to_json(const VersionStrategy *strategy, Buffer *out)
{
        (void)buffer_printf(out, "{\"type\":\"%s\"", strategy_type_to_string(strategy->type));
        if (strategy->tag_pattern) {
                (void)buffer_puts(out, ",\"tagPattern\":");
                (void)encode_string(strategy->tag_pattern, out);
        }
        if (strategy->date_format) {
                (void)buffer_puts(out, ",\"dateFormat\":");
                (void)encode_string(strategy->date_format, out);
        }
        if (strategy->semver_extract) {
                (void)buffer_puts(out, ",\"semverExtract\":");
                (void)encode_string(strategy->semver_extract, out);
        }
        return buffer_putc(out, '}');
}

static int put_component(Store *store, const Change *change, Error *err)
{
        const ComponentSpec *component = change->component.spec;
        Uuid tenant = tenant_id(component->object.meta.tenant);
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        _cleanup_(buffer_done) Buffer document, strategy, metadata;
        int r;

        buffer_init(&document, SPEC_FILE_MAX * 4);
        buffer_init(&strategy, SPEC_FILE_MAX);
        buffer_init(&metadata, SPEC_FILE_MAX);
        if (encode_document(&component->object, ENCODE_NO_DEFAULTS, &document) < 0 ||
            strategy_to_json(&component->versioning_strategy, &strategy) < 0 ||
            pairs_to_json(&component->object.meta.labels, &metadata) < 0)
                return error_oom(err);
        r = stmt_get(store, STMT_PUT_COMPONENT, &stmt, err);
        if (r < 0)
                return r;
        bind_object(&stmt, &component->object, &tenant, &document, change->at);
        bind_text(&stmt, ":repository", component->image_repository);
        bind_text(&stmt, ":registry", change->component.registry_id);
        bind_text(&stmt, ":strategy", strategy.data);
        bind_text(&stmt, ":template", component->deployment_template);
        bind_text(&stmt, ":channel", component->default_channel);
        bind_text(&stmt, ":metadata", metadata.data);
        bind_text(&stmt, ":managed", managed_by_to_string(component->object.managed_by));
        return stmt_run(&stmt, err);
}

/* Deletes the rows of components that the release no longer contains with the same digest. */
static int delete_release_rows(Store *store, const Release *release, const char *json, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r = stmt_get(store, STMT_DELETE_RELEASE_COMPONENTS, &stmt, err);

        if (r < 0)
                return r;
        bind_text(&stmt, ":release", release->id.text);
        bind_text(&stmt, ":components", json);
        return stmt_run(&stmt, err);
}

/* json: the components, as stored. */
static int put_release_rows(Store *store, const Release *release, const char *json, Error *err)
{
        int r = delete_release_rows(store, release, json, err);

        for (size_t i = 0; i < release->components.n && r >= 0; i++) {
                const ReleaseComponent *component = &release->components.items[i];
                _cleanup_(stmt_done) Stmt stmt = { 0 };

                r = stmt_get(store, STMT_PUT_RELEASE_COMPONENT, &stmt, err);
                if (r < 0)
                        return r;
                bind_text(&stmt, ":release", release->id.text);
                bind_text(&stmt, ":component", component->component_id);
                bind_text(&stmt, ":digest", component->digest);
                bind_text(&stmt, ":tag", component->tag);
                bind_text(&stmt, ":semver", component->semver);
                r = stmt_run(&stmt, err);
        }
        return r < 0 ? r : stmt_run_with(store, STMT_PUT_RELEASE_DIGESTS, ":components", json, err);
}

/* Binds the columns of a release. json and seal are borrowed until stmt_done(). */
static int bind_release(Stmt *stmt, const Release *release, const ReleaseSpec *spec, Buffer json[4],
                        char seal[DIGEST_SIZE_MAX])
{
        char created[TIME_TEXT_SIZE];

        if (components_to_json(&release->components, &json[0]) < 0 ||
            source_ref_to_json(&release->source_ref, &json[1]) < 0 ||
            pairs_to_json(&release->metadata, &json[2]) < 0 ||
            (spec && encode_document(&spec->object, ENCODE_NO_DEFAULTS, &json[3]) < 0))
                return -ENOMEM;
        if (seal_make((const char *[SEAL_PARTS]){ release->id.text, release->name,
                                                  release->display_name, json[0].data, json[1].data,
                                                  release->spec_digest,
                                                  time_format(release->created_at, created) },
                      seal) < 0)
                return -ENOMEM;
        bind_text(stmt, ":id", release->id.text);
        bind_text(stmt, ":name", release->name);
        bind_text(stmt, ":display", release->display_name);
        bind_text(stmt, ":components", json[0].data);
        bind_text(stmt, ":seal", seal);
        bind_text(stmt, ":source", json[1].data);
        bind_text(stmt, ":status", release_status_to_string(release->status));
        bind_text(stmt, ":metadata", json[2].data);
        bind_text(stmt, ":document", spec ? json[3].data : NULL);
        bind_text(stmt, ":digest", release->spec_digest);
        bind_text(stmt, ":managed", managed_by_to_string(release->managed_by));
        bind_text(stmt, ":stream", release->stream_id);
        bind_int(stmt, ":sequence", release->sequence);
        bind_text(stmt, ":file", spec ? spec->object.place.file : NULL);
        bind_int(stmt, ":line", spec ? spec->object.place.line : 0);
        bind_time(stmt, ":created", release->created_at);
        bind_time(stmt, ":at", release->updated_at);
        return 0;
}

static int put_release(Store *store, const Change *change, Error *err)
{
        const Release *release = change->release.release;
        Uuid tenant = tenant_id(release->tenant), user = { 0 };
        char seal[DIGEST_SIZE_MAX];
        Buffer json[4];
        int r;

        for (size_t i = 0; i < ARRAY_SIZE(json); i++)
                buffer_init(&json[i], LOCK_FILE_MAX);
        if (release->created_by) {
                r = apply_user(store, &tenant, release->created_by, release->updated_at, &user,
                               err);
                if (r < 0)
                        return r;
        }
        {
                _cleanup_(stmt_done) Stmt stmt = { 0 };

                r = stmt_get(store, STMT_PUT_RELEASE, &stmt, err);
                if (r >= 0 && bind_release(&stmt, release, change->release.spec, json, seal) < 0)
                        r = error_oom(err);
                if (r >= 0) {
                        bind_text(&stmt, ":tenant", tenant.text);
                        bind_text(&stmt, ":by", release->created_by ? user.text : NULL);
                        bind_text(&stmt, ":person", release->created_person);
                        r = stmt_run(&stmt, err);
                }
        }
        if (r >= 0)
                r = put_release_rows(store, release, json[0].data, err);
        for (size_t i = 0; i < ARRAY_SIZE(json); i++)
                buffer_done(&json[i]);
        return r;
}

/* Writes an object of a kind without additional columns. The structs of these kinds begin with an
 * Object. */
static int put_named(Store *store, const Change *change, Error *err)
{
        static const StmtId put_statements[OBJECT_KIND_MAX_] = {
                [KIND_STREAM] = STMT_PUT_STREAM,
                [KIND_ENVIRONMENT] = STMT_PUT_ENVIRONMENT,
                [KIND_CALENDAR] = STMT_PUT_CALENDAR,
                [KIND_GROUP] = STMT_PUT_GROUP,
        };
        const Object *object = change_document(change);
        Uuid tenant = tenant_id(object->meta.tenant);
        _cleanup_(buffer_done) Buffer document;
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        buffer_init(&document, SPEC_FILE_MAX * 4);
        if (encode_document(object, ENCODE_NO_DEFAULTS, &document) < 0)
                return error_oom(err);
        r = stmt_get(store, put_statements[change->kind], &stmt, err);
        if (r < 0)
                return r;
        bind_object(&stmt, object, &tenant, &document, change->at);
        return stmt_run(&stmt, err);
}

/* For each kind: statements that differ only in the table. */
static const struct {
        StmtId delete, declare;
} by_kind[OBJECT_KIND_MAX_] = {
        [KIND_REGISTRY] = { STMT_DELETE_INTEGRATION, STMT_DECLARE_INTEGRATION },
        [KIND_COMPONENT] = { STMT_DELETE_COMPONENT, STMT_DECLARE_COMPONENT },
        [KIND_RELEASE] = { STMT_DELETE_RELEASE, STMT_DECLARE_RELEASE },
        [KIND_STREAM] = { STMT_DELETE_STREAM, STMT_DECLARE_STREAM },
        [KIND_ENVIRONMENT] = { STMT_DELETE_ENVIRONMENT, STMT_DECLARE_ENVIRONMENT },
        [KIND_CALENDAR] = { STMT_DELETE_CALENDAR, STMT_DECLARE_CALENDAR },
        [KIND_GROUP] = { STMT_DELETE_GROUP, STMT_DECLARE_GROUP },
};

static int delete_object(Store *store, const Change *change, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 }, conditions = { 0 };
        int r;

        r = stmt_get(store, by_kind[change->kind].delete, &stmt, err);
        if (r >= 0)
                r = stmt_get(store, STMT_DELETE_CONDITIONS, &conditions, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":id", change->object_id);
        bind_text(&conditions, ":kind", object_kind_to_string(change->kind));
        bind_text(&conditions, ":id", change->object_id);
        r = stmt_run(&stmt, err);
        return r < 0 ? r : stmt_run(&conditions, err);
}

static int set_declared(Store *store, const Change *change, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, by_kind[change->kind].declare, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":id", change->object_id);
        bind_text(&stmt, ":file", change->declared.file);
        bind_int(&stmt, ":line", change->declared.line);
        return stmt_run(&stmt, err);
}

static int set_status(Store *store, const Change *change, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_SET_STATUS, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":id", change->object_id);
        bind_text(&stmt, ":status", release_status_to_string(change->status));
        bind_time(&stmt, ":at", change->at);
        return stmt_run(&stmt, err);
}

/* --- all -------------------------------------------------------------------------------------- */

static const ApplyChange appliers[CHANGE_TYPE_MAX_] = {
        [CHANGE_PUT_TENANT] = put_tenant,
        [CHANGE_PUT_REGISTRY] = put_registry,
        [CHANGE_PUT_COMPONENT] = put_component,
        [CHANGE_PUT_RELEASE] = put_release,
        [CHANGE_DELETE_OBJECT] = delete_object,
        [CHANGE_SET_DECLARED] = set_declared,
        [CHANGE_SET_STATUS] = set_status,
        [CHANGE_PUT_TAG] = apply_put_tag,
        [CHANGE_ADD_TAG_HISTORY] = apply_put_tag_history,
        [CHANGE_PUT_VERSION] = apply_put_version,
        [CHANGE_DELETE_VERSION] = apply_delete_version,
        [CHANGE_PUT_CHANNEL] = apply_put_channel,
        [CHANGE_DELETE_CHANNEL] = apply_delete_channel,
        [CHANGE_PUT_SYNC] = apply_put_sync,
        [CHANGE_PUT_MANIFEST] = apply_put_manifest,
        [CHANGE_PUT_IMAGE] = apply_put_image,
        [CHANGE_PUT_HEAD_IMAGES] = apply_put_head_images,
        [CHANGE_PUT_REFERRERS] = apply_put_referrers,
        [CHANGE_SET_CONDITION] = apply_set_condition,
        [CHANGE_CLEAR_CONDITION] = apply_clear_condition,
        [CHANGE_ADD_EVENT] = apply_add_event,
        [CHANGE_PUT_STREAM] = put_named,
        [CHANGE_PUT_ENVIRONMENT] = put_named,
        [CHANGE_PUT_CALENDAR] = put_named,
        [CHANGE_PUT_GROUP] = put_named,
        [CHANGE_PUT_DEPLOYMENT] = apply_put_deployment,
        [CHANGE_ADD_STATEMENT] = apply_add_statement,
        [CHANGE_PUT_HOLD] = apply_put_hold,
        [CHANGE_DELETE_DEPLOYMENT] = apply_delete_deployment,
        [CHANGE_DELETE_HOLD] = apply_delete_hold,
        [CHANGE_PUT_CHECK] = apply_put_check,
        [CHANGE_END_CHECKS] = apply_end_checks,
        [CHANGE_PUT_CLOSED_GATE] = apply_put_closed_gate,
        [CHANGE_DELETE_CLOSED_GATE] = apply_delete_closed_gate,
        [CHANGE_ADD_APPROVAL] = apply_add_approval,
        [CHANGE_DELETE_APPROVAL] = apply_delete_approval,
        [CHANGE_PUT_OUTPUT_RUN] = apply_put_output_run,
        [CHANGE_PUT_ASSIGNMENT] = apply_put_assignment,
        [CHANGE_DELETE_ASSIGNMENT] = apply_delete_assignment,
        [CHANGE_ADD_AUDIT] = apply_add_audit,
        [CHANGE_PUT_RECEIVER] = apply_put_receiver,
        [CHANGE_ADD_DEAD_LETTER] = apply_add_dead_letter,
        [CHANGE_PRUNE_EVENTS] = apply_prune_events,
        [CHANGE_PUT_TAG_MOVE] = apply_put_tag_move,
        [CHANGE_DELETE_TAG_MOVE] = apply_delete_tag_move,
        [CHANGE_PUT_DRIFT] = apply_put_drift,
        [CHANGE_DELETE_DRIFT] = apply_delete_drift,
};

/* True if the change may replace the release of an environment, or change the status or the display
 * name of a release. */
static bool is_of_deployments(const Change *change)
{
        return change->type == CHANGE_PUT_DEPLOYMENT || change->type == CHANGE_DELETE_DEPLOYMENT ||
               change->type == CHANGE_SET_STATUS || change->type == CHANGE_PUT_RELEASE ||
               change->type == CHANGE_DELETE_OBJECT;
}

static void notify_watches(const Store *store, const Changes *changes)
{
        bool added = false, deployed = false;

        for (size_t i = 0; i < changes->n && store->watches; i++) {
                added = added || changes->items[i].type == CHANGE_ADD_EVENT;
                deployed = deployed || is_of_deployments(&changes->items[i]);
        }
        for (const EventWatch *watch = store->watches; watch; watch = watch->next) {
                if (watch->added && added)
                        watch->added(watch->userdata);
                if (watch->deployed && deployed)
                        watch->deployed(watch->userdata);
        }
}

/* Records a fault of the database. store_trouble() returns it until a change is stored
 * successfully. */
static void note_trouble(Store *store, StoreFault fault, const Changes *changes, const Error *err)
{
        StoreTrouble *trouble = &store->trouble;

        if (fault != STORE_FAULT_FULL && fault != STORE_FAULT_FAILED &&
            fault != STORE_FAULT_DENIED && fault != STORE_FAULT_DAMAGED)
                return;
        if (!trouble->message[0])
                trouble->since = changes->n > 0 ? changes->items[0].at : 0;
        trouble->reason = fault == STORE_FAULT_FULL ? "StorageFull" : "StorageFailed";
        (void)snprintf(trouble->message, sizeof(trouble->message), "%s", error_message(err));
}

/* Runs the transaction. The caller rolls it back on failure. */
static int carry_out(Store *store, Changes *changes, Error *err)
{
        int r;

        r = store->driver->begin(store, err);
        for (size_t i = 0; i < changes->n && r >= 0; i++) {
                const Change *change = &changes->items[i];

                r = appliers[change->type](store, change, err);
                if (r < 0)
                        r = error_prefix(err, r, "%s", change_type_to_string(change->type));
        }
        return r < 0 ? r : store->driver->commit(store, err);
}

int store_apply(Store *store, Changes *changes, Error *err)
{
        uint64_t n_rows = store->stats.n_rows;
        int r;

        if (changes->failed) /* memory ran out: the list may lack a change */
                return error_oom(err);
        if (changes->n == 0)
                return 0;
        r = store->driver->prepare(store, err);
        if (r < 0)
                return r;
        r = carry_out(store, changes, err);
        if (r < 0) {
                note_trouble(store, store->driver->rollback(store), changes, err);
                store->stats.n_rows = n_rows;
                return r;
        }
        store->trouble.message[0] = '\0';
        store->stats.n_transactions++;
        notify_watches(store, changes);
        return 0;
}
