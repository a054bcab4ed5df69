/* Writes changes of tags, versions, conditions and events. */

#include "base/limits.h"
#include "model/enum-names.h"
#include "model/tag-past.h"
#include "store/apply.h"
#include "store/release-json.h"
#include "store/stmt.h"

/* --- versions --------------------------------------------------------------------------------- */

int apply_put_tag(Store *store, const Change *change, Error *err)
{
        const TagRecord *tag = change->tag;
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_PUT_TAG, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", change->object_id);
        bind_text(&stmt, ":tag", tag->tag);
        bind_text(&stmt, ":digest", tag->digest);
        bind_text(&stmt, ":problem", tag->problem);
        bind_int(&stmt, ":first", (int64_t)tag->first_seen_at);
        bind_int(&stmt, ":changed", (int64_t)tag->changed_at);
        bind_int(&stmt, ":checked", (int64_t)tag->checked_at);
        bind_int(&stmt, ":pushed", (int64_t)tag->pushed_at);
        bind_int(&stmt, ":missing", tag->missing);
        return stmt_run(&stmt, err);
}

int apply_put_tag_history(Store *store, const Change *change, Error *err)
{
        const TagPast *past = change->tag_past;
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_PUT_TAG_HISTORY, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", change->object_id);
        bind_text(&stmt, ":tag", past->tag);
        bind_text(&stmt, ":digest", past->digest);
        bind_int(&stmt, ":at", (int64_t)past->since);
        bind_int(&stmt, ":until", (int64_t)past->until);
        if (past->change != IMAGE_CHANGE_UNKNOWN)
                bind_text(&stmt, ":change", image_change_to_string(past->change));
        return stmt_run(&stmt, err);
}

int apply_put_version(Store *store, const Change *change, Error *err)
{
        const VersionMap *version = change->version;
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_PUT_VERSION, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":id", version->id.text);
        bind_text(&stmt, ":component", change->object_id);
        bind_text(&stmt, ":tag", version->tag);
        bind_text(&stmt, ":digest", version->digest);
        bind_text(&stmt, ":semver", version->semver);
        bind_text(&stmt, ":channel", version->channel);
        bind_int(&stmt, ":prerelease", version->prerelease);
        bind_text(&stmt, ":build", version->build_metadata);
        bind_key(&stmt, ":key", version->sort_key);
        bind_int(&stmt, ":specificity", version->specificity);
        bind_int(&stmt, ":vanished", version->vanished);
        bind_time(&stmt, ":resolved", version->resolved_at);
        bind_text(&stmt, ":source", version_source_names[version->source]);
        return stmt_run(&stmt, err);
}

int apply_delete_version(Store *store, const Change *change, Error *err)
{
        const Uuid id = version_map_id(change->object_id, change->digest);
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_DELETE_VERSION, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":id", id.text);
        return stmt_run(&stmt, err);
}

int apply_put_channel(Store *store, const Change *change, Error *err)
{
        const Channel *channel = change->channel;
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_PUT_CHANNEL, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", change->object_id);
        bind_text(&stmt, ":name", channel->name);
        bind_text(&stmt, ":tag", channel->tag);
        bind_text(&stmt, ":digest", channel->digest);
        bind_text(&stmt, ":semver", channel->semver);
        bind_key(&stmt, ":key", channel->sort_key);
        bind_int(&stmt, ":specificity", channel->specificity);
        bind_time(&stmt, ":at", channel->moved_at);
        return stmt_run(&stmt, err);
}

int apply_delete_channel(Store *store, const Change *change, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_DELETE_CHANNEL, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", change->object_id);
        bind_text(&stmt, ":name", change->channel_name);
        return stmt_run(&stmt, err);
}

int apply_put_sync(Store *store, const Change *change, Error *err)
{
        const SyncState *sync = change->sync;
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_PUT_SYNC, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", change->object_id);
        bind_text(&stmt, ":list", sync->list_digest);
        bind_text(&stmt, ":etag", sync->list_etag);
        bind_text(&stmt, ":rules", sync->rules_digest);
        bind_int(&stmt, ":tags", sync->n_tags);
        bind_int(&stmt, ":missing", sync->n_missing);
        bind_int(&stmt, ":held", (int64_t)sync->held_since);
        bind_time(&stmt, ":at", sync->synced_at);
        return stmt_run(&stmt, err);
}

int apply_put_manifest(Store *store, const Change *change, Error *err)
{
        const Manifest *manifest = change->manifest;
        const Signature *signature = &manifest->signature;
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        _cleanup_(buffer_done) Buffer platforms;
        int r;

        buffer_init(&platforms, MANIFEST_MAX);
        if (platforms_to_json(&manifest->platforms, &platforms) < 0)
                return error_oom(err);
        r = stmt_get(store, STMT_PUT_MANIFEST, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", change->object_id);
        bind_text(&stmt, ":digest", manifest->digest);
        bind_text(&stmt, ":type", manifest->media_type);
        bind_int(&stmt, ":size", manifest->size);
        bind_text(&stmt, ":platforms", platforms.data);
        bind_int(&stmt, ":created", manifest->created);
        bind_text(&stmt, ":artifact", manifest->artifact);
        bind_time(&stmt, ":at", change->at);
        bind_text(&stmt, ":result", signature_word(signature));
        bind_text(&stmt, ":policy", signature->policy);
        bind_text(&stmt, ":detail", signature->detail);
        bind_time(&stmt, ":verified", signature->at);
        if (signature->until > 0)
                bind_time(&stmt, ":until", signature->until);
        else
                bind_text(&stmt, ":until", NULL);
        bind_int(&stmt, ":tolerated", signature_is_tolerated(signature));
        return stmt_run(&stmt, err);
}

static int bind_tag_move(Store *store, StmtId id, const Change *change, Stmt *stmt, Error *err)
{
        int r;

        r = stmt_get(store, id, stmt, err);
        if (r < 0)
                return r;
        bind_text(stmt, ":component", change->object_id);
        bind_text(stmt, ":tag", change->tag_move->tag);
        bind_text(stmt, ":digest", change->tag_move->digest);
        return 0;
}

int apply_put_tag_move(Store *store, const Change *change, Error *err)
{
        const TagMove *move = change->tag_move;
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = bind_tag_move(store, STMT_PUT_TAG_MOVE, change, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":keeps", move->keeps);
        bind_time(&stmt, ":since", move->since);
        bind_text(&stmt, ":by", move->allowed_by);
        if (move->allowed_by)
                bind_int(&stmt, ":at", (int64_t)move->allowed_at);
        else
                bind_text(&stmt, ":at", NULL);
        bind_text(&stmt, ":reason", move->reason);
        return stmt_run(&stmt, err);
}

int apply_delete_tag_move(Store *store, const Change *change, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = bind_tag_move(store, STMT_DELETE_TAG_MOVE, change, &stmt, err);
        return r < 0 ? r : stmt_run(&stmt, err);
}

static int bind_drift(Store *store, StmtId id, const Change *change, Stmt *stmt, Error *err)
{
        int r;

        r = stmt_get(store, id, stmt, err);
        if (r < 0)
                return r;
        bind_text(stmt, ":component", change->object_id);
        bind_text(stmt, ":tag", change->drift->tag);
        bind_text(stmt, ":released", change->drift->released_digest);
        bind_text(stmt, ":digest", change->drift->digest);
        return 0;
}

int apply_put_drift(Store *store, const Change *change, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = bind_drift(store, STMT_PUT_DRIFT, change, &stmt, err);
        if (r < 0)
                return r;
        bind_time(&stmt, ":at", change->drift->since);
        bind_int(&stmt, ":live", change->drift->is_live);
        if (change->drift->change != IMAGE_CHANGE_UNKNOWN)
                bind_text(&stmt, ":change", image_change_to_string(change->drift->change));
        return stmt_run(&stmt, err);
}

int apply_delete_drift(Store *store, const Change *change, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = bind_drift(store, STMT_DELETE_DRIFT, change, &stmt, err);
        return r < 0 ? r : stmt_run(&stmt, err);
}

/* --- conditions and events -------------------------------------------------------------------- */

int apply_set_condition(Store *store, const Change *change, Error *err)
{
        const Condition *condition = change->condition;
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_SET_CONDITION, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":kind", object_kind_to_string(change->kind));
        bind_text(&stmt, ":id", change->object_id);
        bind_text(&stmt, ":type", condition_type_to_string(condition->type));
        bind_text(&stmt, ":status", condition_status_to_string(condition->status));
        bind_text(&stmt, ":reason", condition->reason);
        bind_text(&stmt, ":message", condition->message);
        bind_time(&stmt, ":since", condition->since);
        return stmt_run(&stmt, err);
}

int apply_clear_condition(Store *store, const Change *change, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_CLEAR_CONDITION, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":kind", object_kind_to_string(change->kind));
        bind_text(&stmt, ":id", change->object_id);
        bind_text(&stmt, ":type", condition_type_to_string(change->condition_type));
        return stmt_run(&stmt, err);
}

int apply_add_event(Store *store, const Change *change, Error *err)
{
        const Event *event = change->event;
        Uuid tenant = tenant_id(event->tenant);
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_ADD_EVENT, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":id", event->id.text);
        bind_text(&stmt, ":tenant", tenant.text);
        bind_text(&stmt, ":type", event_type_to_string(event->type));
        bind_text(&stmt, ":kind", object_kind_to_string(event->kind));
        bind_text(&stmt, ":object", event->object_id);
        bind_text(&stmt, ":name", event->object_name);
        bind_text(&stmt, ":data", event->data);
        bind_time(&stmt, ":at", event->at);
        return stmt_run(&stmt, err);
}

int apply_put_assignment(Store *store, const Change *change, Error *err)
{
        const Assignment *assignment = change->assignment;
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_PUT_ASSIGNMENT, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", change->object_id);
        bind_text(&stmt, ":digest", assignment->digest);
        bind_text(&stmt, ":tag", assignment->tag);
        bind_text(&stmt, ":semver", assignment->semver);
        bind_text(&stmt, ":channel", assignment->channel);
        bind_text(&stmt, ":by", assignment->by);
        bind_time(&stmt, ":at", assignment->at);
        return stmt_run(&stmt, err);
}

int apply_delete_assignment(Store *store, const Change *change, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_DELETE_ASSIGNMENT, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", change->object_id);
        bind_text(&stmt, ":digest", change->digest);
        return stmt_run(&stmt, err);
}
