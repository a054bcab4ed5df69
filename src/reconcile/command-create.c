/* Creates releases for the API. A release is created only if all its components can be resolved. */

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "compose/drafts.h"
#include "reconcile/command-internal.h"
#include "store/releases.h"

struct Creation {
        DraftState *draft;
        Actor actor; /* the arena of the draft holds its texts */
        CreateDone done;
        void *userdata;
};

static Subject subject(const Release *release)
{
        return (Subject){ KIND_RELEASE, release->id.text, release->tenant, release->name };
}

static void on_commit(DraftState *draft, Changes *changes, const Release *release)
{
        const Creation *creation = draft->userdata;

        report_audit(changes, &creation->actor, subject(release), NULL);
}

static void on_done(DraftState *draft, const Release *release)
{
        Creation *creation = draft->userdata;

        creation->done(&(Created){ .release_id = release->id.text }, creation->userdata);
        free(creation);
}

static void on_failed(DraftState *draft, const DraftFailure *failure)
{
        Creation *creation = draft->userdata;

        creation->done(&(Created){ .code = failure->code,
                                   .message = failure->message,
                                   .problems = failure->problems },
                       creation->userdata);
        free(creation);
}

static const DraftOwner owner = { .commit = on_commit, .done = on_done, .failed = on_failed };

Creation *creation_cancel(Creation *creation)
{
        if (!creation)
                return NULL;
        draft_state_done(creation->draft);
        free(creation);
        return NULL;
}

/* Refuses a name that belongs to a release, or to another creation in progress. Otherwise both
 * creations would resolve their components, and one would fail at the end. */
static int check_name(Reconciler *reconciler, const ReleaseSpec *spec, Arena *arena, Error *err)
{
        const char *tenant = spec->object.meta.tenant, *name = spec->object.meta.name;
        const Object *declared = model_find(reconciler->control.model, KIND_RELEASE, tenant, name);
        Release release;
        int r;

        if (declared && declared->place.file)
                return error_set(err, ERROR_CONFLICT, -EEXIST,
                                 "there is a release '%s' already, declared at %s:%u", name,
                                 declared->place.file, declared->place.line);
        r = store_release_by_name(reconciler->control.store, tenant, name, arena, &release, err);
        if (r > 0)
                r = error_set(err, ERROR_CONFLICT, -EEXIST,
                              "there is a release '%s' already, with id %s; take another name",
                              name, release.id.text);
        map_foreach (&reconciler->composer.drafts, entry) {
                const Object *other = &((const DraftState *)entry->value)->spec->object;

                if (r == 0 && streq(other->meta.name, name) && streq(other->meta.tenant, tenant))
                        r = error_set(err, ERROR_CONFLICT, -EEXIST,
                                      "a release '%s' is being made already", name);
        }
        return r;
}

static int decode(Reconciler *reconciler, DraftState *draft, const Node *document, DiagList *diags,
                  Error *err)
{
        Object *object = NULL;
        int r;

        r = command_decode(reconciler, document, &draft->arena, &object, diags, err);
        if (r < 0)
                return r;
        object->id = uuid_new(time_wall());
        object->managed_by = MANAGED_BY_API;
        draft->spec = (const ReleaseSpec *)object; /* ReleaseSpec begins with its Object */
        return check_name(reconciler, draft->spec, &draft->arena, err);
}

int command_create_release(Reconciler *reconciler, const Node *document,
                           const CreateCommand *command, Creation **ret, DiagList *diags,
                           Error *err)
{
        Creation *creation = calloc(1, sizeof(*creation));
        int r = -ENOMEM;

        if (creation)
                r = draft_state_new(&reconciler->composer, &owner, creation, &creation->draft);
        if (r >= 0)
                r = actor_copy(command->actor, &creation->draft->arena, &creation->actor);
        if (r < 0)
                (void)error_oom(err);
        else
                r = decode(reconciler, creation->draft, document, diags, err);
        if (r < 0) {
                if (creation && creation->draft)
                        draft_state_done(creation->draft);
                free(creation);
                return r;
        }
        creation->done = command->done;
        creation->userdata = command->userdata;
        creation->draft->managed_by = MANAGED_BY_API;
        creation->draft->created_by = creation->actor.principal;
        creation->draft->created_person = creation->actor.person;
        r = draft_state_begin(creation->draft);
        if (r < 0) {
                *ret = creation_cancel(creation);
                return error_oom(err);
        }
        draft_state_fresh(creation->draft);
        *ret = creation;
        return 0;
}
