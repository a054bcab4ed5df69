/* Formats changes as lines, for people and tests. */

#include "base/text.h"
#include "model/changes/changes.h"
#include "model/statement-row.h"
#include "model/tag-past.h"

const char *change_type_to_string(ChangeType type)
{
        static const char *const names[CHANGE_TYPE_MAX_] = {
                [CHANGE_PUT_TENANT] = "put tenant",
                [CHANGE_PUT_REGISTRY] = "put registry",
                [CHANGE_PUT_COMPONENT] = "put component",
                [CHANGE_PUT_RELEASE] = "put release",
                [CHANGE_DELETE_OBJECT] = "delete",
                [CHANGE_SET_DECLARED] = "set place",
                [CHANGE_SET_STATUS] = "set status",
                [CHANGE_PUT_STREAM] = "put stream",
                [CHANGE_PUT_ENVIRONMENT] = "put environment",
                [CHANGE_PUT_CALENDAR] = "put calendar",
                [CHANGE_PUT_GROUP] = "put group",
                [CHANGE_PUT_DEPLOYMENT] = "put deployment",
                [CHANGE_DELETE_DEPLOYMENT] = "delete deployment",
                [CHANGE_ADD_STATEMENT] = "add statement",
                [CHANGE_PUT_HOLD] = "put hold",
                [CHANGE_DELETE_HOLD] = "delete hold",
                [CHANGE_ADD_APPROVAL] = "add approval",
                [CHANGE_DELETE_APPROVAL] = "delete approval",
                [CHANGE_PUT_CHECK] = "put check",
                [CHANGE_END_CHECKS] = "end checks",
                [CHANGE_PUT_CLOSED_GATE] = "put closed gate",
                [CHANGE_DELETE_CLOSED_GATE] = "delete closed gate",
                [CHANGE_PUT_OUTPUT_RUN] = "put output run",
                [CHANGE_PUT_TAG] = "put tag",
                [CHANGE_ADD_TAG_HISTORY] = "add tag history",
                [CHANGE_PUT_VERSION] = "put version",
                [CHANGE_DELETE_VERSION] = "delete version",
                [CHANGE_PUT_CHANNEL] = "put channel",
                [CHANGE_DELETE_CHANNEL] = "delete channel",
                [CHANGE_PUT_SYNC] = "put sync state",
                [CHANGE_PUT_MANIFEST] = "put manifest",
                [CHANGE_PUT_IMAGE] = "put image",
                [CHANGE_PUT_HEAD_IMAGES] = "put images of head",
                [CHANGE_PUT_REFERRERS] = "put referrers",
                [CHANGE_PUT_ASSIGNMENT] = "put assignment",
                [CHANGE_DELETE_ASSIGNMENT] = "delete assignment",
                [CHANGE_PUT_TAG_MOVE] = "put tag move",
                [CHANGE_DELETE_TAG_MOVE] = "delete tag move",
                [CHANGE_PUT_DRIFT] = "put drift",
                [CHANGE_DELETE_DRIFT] = "delete drift",
                [CHANGE_SET_CONDITION] = "set condition",
                [CHANGE_CLEAR_CONDITION] = "clear condition",
                [CHANGE_ADD_EVENT] = "add event",
                [CHANGE_ADD_AUDIT] = "add audit",
                [CHANGE_PUT_RECEIVER] = "put receiver",
                [CHANGE_ADD_DEAD_LETTER] = "add dead letter",
                [CHANGE_PRUNE_EVENTS] = "prune events",
        };

        return names[type];
}

static int format_gates(const Change *change, Buffer *out)
{
        if (change->type == CHANGE_PUT_CALENDAR)
                return buffer_printf(out, " '%s'", change->calendar->object.meta.name);
        if (change->type == CHANGE_PUT_GROUP)
                return buffer_printf(out, " '%s'", change->group->object.meta.name);
        if (change->type == CHANGE_PUT_CHECK)
                return buffer_printf(out, " '%s' %s", change->check->name,
                                     check_status_to_string(change->check->status));
        if (change->type == CHANGE_END_CHECKS)
                return buffer_printf(out, " %s", change->check->name ? change->check->name : "");
        return buffer_printf(out, " %s", change->closed_gate->gate);
}

/* Formats changes of streams and environments. */
static int format_environment(const Change *change, Buffer *out)
{
        if (change->type == CHANGE_PUT_STREAM)
                return buffer_printf(out, " '%s'", change->stream->object.meta.name);
        if (change->type == CHANGE_PUT_ENVIRONMENT)
                return buffer_printf(out, " '%s'", change->environment->object.meta.name);
        if (change->type == CHANGE_PUT_DEPLOYMENT)
                return buffer_printf(out, " '%s' %s", change->deployment->release_name,
                                     deployment_status_to_string(change->deployment->status));
        if (change->type == CHANGE_ADD_STATEMENT)
                return buffer_printf(out, " %lld", (long long)change->statement->number);
        if (change->type == CHANGE_DELETE_HOLD || change->type == CHANGE_DELETE_DEPLOYMENT)
                return 0;
        if (change->type == CHANGE_PUT_OUTPUT_RUN)
                return buffer_printf(out, " %s", change->output.run.lock_digest);
        return buffer_printf(out, " by %s",
                             change->type == CHANGE_PUT_HOLD ? change->hold->by
                                                             : change->approval->by);
}

/* Formats audit entries and assigned versions. */
static int format_word(const Change *change, Buffer *out)
{
        if (change->type == CHANGE_ADD_AUDIT)
                return buffer_printf(out, " %s '%s'", change->audit->actor.action,
                                     change->audit->object_name);
        return buffer_printf(out, " %s '%s' in '%s'", change->assignment->semver,
                             change->assignment->tag, change->assignment->channel);
}

static int format_tag(const Change *change, Buffer *out)
{
        if (change->type == CHANGE_PUT_TAG)
                return buffer_printf(out, " '%s' %s", change->tag->tag,
                                     change->tag->digest ? change->tag->digest : "unresolved");
        if (change->type == CHANGE_ADD_TAG_HISTORY)
                return buffer_printf(out, " '%s' %s", change->tag_past->tag,
                                     change->tag_past->digest);
        if (change->type != CHANGE_PUT_VERSION)
                return buffer_printf(out, " '%s' %s", change->tag_move->tag,
                                     change->tag_move->digest);
        return buffer_printf(out, " %s '%s' in '%s'", change->version->semver, change->version->tag,
                             change->version->channel);
}

static int format_receiver(const Change *change, Buffer *out)
{
        if (change->type == CHANGE_PUT_RECEIVER)
                return buffer_printf(out, " '%s' at %lld", change->receiver->name,
                                     (long long)change->receiver->position);
        if (change->type == CHANGE_ADD_DEAD_LETTER)
                return buffer_printf(out, " %lld of '%s'", (long long)change->dead_letter->sequence,
                                     change->dead_letter->receiver);
        return buffer_printf(out, " up to %lld", (long long)change->sequence);
}

/* Formats the changes that any object can have. */
static int format_object(const Change *change, Buffer *out)
{
        if (change->type == CHANGE_DELETE_OBJECT)
                return buffer_printf(out, " %s", object_kind_to_noun(change->kind));
        if (change->type == CHANGE_SET_DECLARED)
                return buffer_printf(out, " %s:%u", change->declared.file, change->declared.line);
        return buffer_printf(out, " %s", release_status_to_string(change->status));
}

static int change_format_release(const Release *release, Buffer *out)
{
        return buffer_printf(out, " '%s' %s, %zu component%s", release->name,
                             release_status_to_string(release->status), release->components.n,
                             text_plural(release->components.n));
}

static int format_condition(const Change *change, Buffer *out)
{
        if (change->type == CHANGE_CLEAR_CONDITION)
                return buffer_printf(out, " %s", condition_type_to_string(change->condition_type));
        return buffer_printf(out, " %s=%s %s: %s",
                             condition_type_to_string(change->condition->type),
                             condition_status_to_string(change->condition->status),
                             change->condition->reason, change->condition->message);
}

static int format_channel(const Change *change, Buffer *out)
{
        return buffer_printf(out, " '%s' at '%s'", change->channel->name, change->channel->tag);
}

static int format_images(const Change *change, Buffer *out)
{
        return buffer_printf(out, " %s", change->images->items[0].digest);
}

static int format_sync(const Change *change, Buffer *out)
{
        return buffer_printf(out, " %lld tag%s", (long long)change->sync->n_tags,
                             text_plural((size_t)change->sync->n_tags));
}

int change_format(const Change *change, Buffer *out)
{
        (void)buffer_puts(out, change_type_to_string(change->type));
        switch (change->type) {
        case CHANGE_PUT_TENANT: return buffer_printf(out, " '%s'", change->tenant);
        case CHANGE_PUT_REGISTRY:
                return buffer_printf(out, " '%s'", change->registry->object.meta.name);
        case CHANGE_PUT_COMPONENT:
                return buffer_printf(out, " '%s'", change->component.spec->object.meta.name);
        case CHANGE_PUT_RELEASE: return change_format_release(change->release.release, out);
        case CHANGE_DELETE_OBJECT:
        case CHANGE_SET_DECLARED:
        case CHANGE_SET_STATUS: return format_object(change, out);
        case CHANGE_PUT_CHECK:
        case CHANGE_END_CHECKS:
        case CHANGE_PUT_CLOSED_GATE:
        case CHANGE_DELETE_CLOSED_GATE:
        case CHANGE_PUT_GROUP:
        case CHANGE_PUT_CALENDAR: return format_gates(change, out);
        case CHANGE_PUT_STREAM:
        case CHANGE_PUT_ENVIRONMENT:
        case CHANGE_PUT_DEPLOYMENT:
        case CHANGE_DELETE_DEPLOYMENT:
        case CHANGE_ADD_STATEMENT:
        case CHANGE_PUT_HOLD:
        case CHANGE_DELETE_HOLD:
        case CHANGE_PUT_OUTPUT_RUN:
        case CHANGE_ADD_APPROVAL:
        case CHANGE_DELETE_APPROVAL: return format_environment(change, out);
        case CHANGE_PUT_TAG:
        case CHANGE_ADD_TAG_HISTORY:
        case CHANGE_PUT_TAG_MOVE:
        case CHANGE_DELETE_TAG_MOVE:
        case CHANGE_PUT_VERSION: return format_tag(change, out);
        case CHANGE_PUT_ASSIGNMENT:
        case CHANGE_ADD_AUDIT: return format_word(change, out);
        case CHANGE_DELETE_ASSIGNMENT:
        case CHANGE_DELETE_VERSION: return buffer_printf(out, " %s", change->digest);
        case CHANGE_PUT_CHANNEL: return format_channel(change, out);
        case CHANGE_DELETE_CHANNEL: return buffer_printf(out, " '%s'", change->channel_name);
        case CHANGE_PUT_SYNC: return format_sync(change, out);
        case CHANGE_PUT_MANIFEST: return buffer_printf(out, " %s", change->manifest->digest);
        case CHANGE_PUT_IMAGE:
        case CHANGE_PUT_REFERRERS:
        case CHANGE_PUT_HEAD_IMAGES: return format_images(change, out);
        case CHANGE_PUT_DRIFT:
        case CHANGE_DELETE_DRIFT: return buffer_printf(out, " '%s'", change->drift->tag);
        case CHANGE_SET_CONDITION:
        case CHANGE_CLEAR_CONDITION: return format_condition(change, out);
        case CHANGE_ADD_EVENT:
                return buffer_printf(out, " %s '%s'", event_type_to_string(change->event->type),
                                     change->event->object_name);
        case CHANGE_PUT_RECEIVER:
        case CHANGE_ADD_DEAD_LETTER:
        case CHANGE_PRUNE_EVENTS: return format_receiver(change, out);
        case CHANGE_TYPE_MAX_: break;
        }
        return 0;
}
