/* Sends the requests of a release task to registries. */

#include <errno.h>

#include "compose/release-task.h"
#include "release/admission.h"

/* Handles an answer in the step TASK_MANIFESTS. */
static void take_manifest(Part *part, const Manifest *manifest)
{
        Manifest plain = *manifest;
        const Manifest *copy;

        plain.facts = (ImageFactList){ 0 };
        copy = manifest_copy(&plain, &part->task->arena);
        if (copy) {
                part->manifest = *copy;
                part_add_images(part, &manifest->facts);
        } else
                part->problem = "out of memory";
        part->has_manifest = copy != NULL;
}

/* Handles an answer in the step TASK_IMAGES. */
static void take_images(Part *part, const Manifest *manifest)
{
        part->is_served = true;
        part_add_images(part, &manifest->facts);
        if (manifest->gone_platform)
                part->gone_platform =
                        arena_strdup(&part->task->arena, manifest->gone_platform->platform);
}

static void note_failure(Part *part, const Error *error)
{
        part->problem = arena_printf(&part->task->arena, "component '%s': %s",
                                     part->want->component->object.meta.name, error_message(error));
}

bool part_answered(Part *part, const Error *error)
{
        part->call = NULL;
        part->verification = NULL;
        part->task->n_calls--;
        if (error && error->kind == ERROR_CANCELED) {
                draft_state_restart(part->task->draft);
                return false;
        }
        if (error)
                note_failure(part, error);
        return true;
}

static void on_part(const Manifest *manifest, const Error *error, void *userdata)
{
        Part *part = userdata;
        ReleaseTask *task = part->task;

        if (!part_answered(part, error))
                return;
        if (!error)
                switch (task->step) {
                case TASK_TAGS:
                        part->tag = (TagRecord){ .tag = part->want->value,
                                                 .digest = arena_strdup(&task->arena,
                                                                        manifest->digest) };
                        part->has_tag = part->tag.digest != NULL;
                        break;
                case TASK_MANIFESTS: take_manifest(part, manifest); break;
                case TASK_SIGNATURES: break; /* release-signatures.c */
                case TASK_IMAGES: take_images(part, manifest); break;
                }
        if (task->n_calls == 0)
                task->next(task);
}

/* Returns the error for a component that is not active. The component was not removed, because a
 * reload that removes it restarts the draft. */
const Error *part_unserved(const Part *part, Error *err)
{
        (void)error_set(err, ERROR_NOT_FOUND, -ENOENT,
                        "component '%s' cannot be served; its conditions say why",
                        part->want->component->object.meta.name);
        return err;
}

void part_ask(Part *part, PartTry try)
{
        _cleanup_(error_done) Error error = { 0 };
        Component component;
        int r;

        if (!part_component(part, &component)) {
                note_failure(part, part_unserved(part, &error));
                return;
        }
        r = try(part, &component, &error);
        if (r < 0)
                note_failure(part, &error);
        else if (r > 0)
                part->task->n_calls++;
}

static int try_tag(Part *part, const Component *component, Error *err)
{
        int r = registry_resolve(component->client, component->repository, part->want->value,
                                 (ManifestReceiver){ on_part, part }, &part->call, err);

        return r < 0 ? r : 1;
}

void part_ask_tag(Part *part)
{
        part_ask(part, try_tag);
}

static int try_manifest(Part *part, const Component *component, Error *err)
{
        int r;

        part->has_manifest = part->was_known = part->stored && part->stored->artifact;
        if (part->was_known) {
                part->manifest = *part->stored;
                return 0;
        }
        r = registry_fetch(component->client, component->repository, part->picked.digest,
                           (ManifestReceiver){ on_part, part }, &part->call, err);
        return r < 0 ? r : 1;
}

void part_ask_manifest(Part *part)
{
        part_ask(part, try_manifest);
}

/* Checks whether the registry still serves a manifest from the database. A manifest that this task
 * has fetched needs no check. If facts of the image are missing, reads the manifest instead, which
 * also takes one request. */
static int try_images(Part *part, const Component *component, Error *err)
{
        ImagesQuestion question = { .repository = component->repository,
                                    .digest = part->picked.digest,
                                    .skip_digest = !part->was_known };
        int r;

        if (admission_images(component->spec, part->picked.digest, &part->manifest.platforms,
                             &part->task->arena, &question.platforms) < 0)
                return error_oom(err);
        part->is_served = question.skip_digest && question.platforms.n == 0;
        if (part->is_served)
                return 0;
        question.way = part_images_way(part, component, &question);
        r = registry_check_images(component->client, &question, (ManifestReceiver){ on_part, part },
                                  &part->call, err);
        return r < 0 ? r : 1;
}

void part_ask_images(Part *part)
{
        part_ask(part, try_images);
}
