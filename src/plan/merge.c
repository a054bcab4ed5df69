/* Makes the active model. It contains the loaded documents. It also contains stored documents: the
 * last valid ones of broken files, and those of API objects other than releases. */

#include "plan/merge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "spec/spec.h"

#define MERGE_ARENA_MAX ((size_t)64 * 1024 * 1024) /* memory of one document of the database */

/* A document of the database. It is decoded again only after it changed, so that controllers see
 * the same object until then. */
typedef struct StoredDocument {
        unsigned n_refs;
        Arena arena;
        Object *object;
} StoredDocument;

/* The owner of the documents that a merged model points to. */
typedef struct Merged {
        Model *loaded;
        StoredDocument **documents;
        size_t n;
} Merged;

static StoredDocument *document_unref(StoredDocument *document)
{
        if (!document || --document->n_refs > 0)
                return NULL;
        arena_done(&document->arena);
        free(document);
        return NULL;
}
DEFINE_FREEP(StoredDocument, document_unref)

static void merged_free(void *owner)
{
        Merged *merged = owner;

        model_unref(merged->loaded);
        for (size_t i = 0; i < merged->n; i++)
                document_unref(merged->documents[i]);
        free(merged->documents);
        free(merged);
}

static int document_read(Store *store, const StoredObject *stored, StoredDocument **ret, Error *err)
{
        _cleanup_(document_unrefp) StoredDocument *document = calloc(1, sizeof(*document));
        const char *json;
        int r;

        if (!document)
                return error_oom(err);
        document->n_refs = 1;
        arena_init(&document->arena, MERGE_ARENA_MAX);
        r = store_document(store, stored->kind, stored->id, &document->arena, &json, err);
        if (r >= 0)
                r = spec_decode_json(json, strlen(json), &document->arena, &document->object, err);
        if (r < 0)
                return error_prefix(err, r, "stored document of %s '%s'",
                                    object_kind_to_noun(stored->kind), stored->name);
        (void)snprintf(document->object->id.text, sizeof(document->object->id.text), "%s",
                       stored->id);
        document->object->managed_by = stored->managed_by;
        *ret = TAKE(document);
        return 0;
}

static int add_stored(MergeSource source, const StoredObject *stored, Merged *merged, Model *model,
                      Error *err)
{
        StoredDocument *document = map_get(source.documents, stored->id);
        int r = 0;

        if (document && streq(document->object->digest, stored->spec_digest))
                document->n_refs++;
        else
                r = document_read(source.store, stored, &document, err);
        if (r < 0)
                return r;
        merged->documents[merged->n++] = document;
        return model_add(model, document->object) < 0 ? error_oom(err) : 0;
}

/* Keeps the documents of this merge for the next one, and drops those that this merge did not
 * use. */
static int remember(Map *ret, const Merged *merged)
{
        Map documents = { 0 };

        for (size_t i = 0; i < merged->n; i++) {
                StoredDocument *document = merged->documents[i];

                if (map_put(&documents, document->object->id.text, document, NULL) < 0) {
                        map_done(&documents);
                        return -ENOMEM;
                }
        }
        for (size_t i = 0; i < merged->n; i++)
                merged->documents[i]->n_refs++;
        merge_forget(ret);
        *ret = documents;
        return 0;
}

void merge_forget(Map *documents)
{
        map_foreach (documents, entry)
                document_unref(entry->value);
        map_done(documents);
}

/* True for an object of the API that belongs to the model. Releases do not belong to it, because
 * they are frozen. */
static bool is_of_the_api(const StoredObject *stored)
{
        return stored->managed_by == MANAGED_BY_API && stored->kind != KIND_RELEASE;
}

/* Copies base without some of its objects, with room for n_more objects. The owner of the copy has
 * room for n_documents. */
static int merge_copy(Model *loaded, const Model *base, const Map *without, size_t n_more,
                      size_t n_documents, Model **ret)
{
        Merged *merged = calloc(1, sizeof(*merged));

        if (!merged)
                return -ENOMEM;
        merged->loaded = model_ref(loaded);
        merged->documents = calloc(n_documents + 1, sizeof(StoredDocument *));
        if (!merged->documents || model_copy(base, without, n_more, ret) < 0) {
                merged_free(merged);
                return -ENOMEM;
        }
        (*ret)->owner = merged;
        (*ret)->owner_free = merged_free;
        return 0;
}

/* Finishes the model after all objects were added. The model does not change afterwards. */
static int merge_finish(MergeSource source, const Merged *merged, Model *model, Error *err)
{
        return remember(source.documents, merged) < 0 || model_sort(model) < 0 ? error_oom(err) : 0;
}

int merge_begin(Model *loaded, const SpecPlan *plan, const StoredObjects *stored, Model **ret,
                Error *err)
{
        size_t n = plan->n_retained;

        for (size_t i = 0; i < stored->n; i++)
                n += is_of_the_api(&stored->items[i]);
        return merge_copy(loaded, loaded, &plan->refused, n, n, ret) < 0 ? error_oom(err) : 0;
}

int merge_step(const MergeInput *input, size_t *at, usec_t until, Error *err)
{
        const SpecPlan *plan = input->plan;
        const StoredObjects *stored = input->stored;
        Merged *merged = input->model->owner;
        int r = 0;

        while (*at < plan->n_retained + stored->n && r >= 0) {
                const StoredObject *object = *at < plan->n_retained
                                                     ? plan->retained[*at]
                                                     : &stored->items[*at - plan->n_retained];

                if (*at < plan->n_retained || is_of_the_api(object))
                        r = add_stored(input->source, object, merged, input->model, err);
                ++*at;
                if (r >= 0 && time_monotonic() >= until)
                        return 1;
        }
        return r < 0 ? r : merge_finish(input->source, merged, input->model, err);
}

int merge_one(MergeSource source, Model *before, const char *id, const StoredObject *stored,
              Model **ret, Error *err)
{
        const Merged *merged_before = before->owner;
        _cleanup_(model_unrefp) Model *model = NULL;
        _cleanup_(map_done) Map without = { 0 };
        Merged *merged;
        int r = 0;

        if (map_put(&without, id, before, NULL) < 0 ||
            merge_copy(merged_before->loaded, before, &without, 1, merged_before->n + 1, &model) <
                    0)
                return error_oom(err);
        merged = model->owner;
        for (size_t i = 0; i < merged_before->n; i++) {
                StoredDocument *document = merged_before->documents[i];

                if (streq(document->object->id.text, id))
                        continue;
                document->n_refs++;
                merged->documents[merged->n++] = document;
        }
        if (stored)
                r = add_stored(source, stored, merged, model, err);
        if (r >= 0)
                r = merge_finish(source, merged, model, err);
        if (r < 0)
                return r;
        *ret = TAKE(model);
        return 0;
}
