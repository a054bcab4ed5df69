/* Checks the field promotesFrom of all environments at once, in linear time, and the field follows
 * of one environment. A release can reach an environment if it can reach all sources of the
 * environment, or one source with require: any. */

#include <errno.h>

#include "base/limits.h"
#include "model/selection.h"
#include "spec/check.h"

typedef struct PromotionNode PromotionNode;

/* An edge to an environment that promotes from the node of this edge. */
typedef struct PromotionEdge {
        PromotionNode *to;
        struct PromotionEdge *next;
} PromotionEdge;

struct PromotionNode {
        const EnvironmentSpec *spec;
        PromotionEdge *first; /* the first edge to an environment that promotes from this one */
        size_t n_missing;     /* number of sources that must be found reachable before this node
                               * is */
        size_t depth;         /* number of environments before this one on the longest path */
        bool is_reachable;
        PromotionNode *next; /* next node in the queue of reachable nodes */
        /* a source that makes this node unreachable, because it is unreachable too; else NULL */
        PromotionNode *source;
        size_t walk; /* number of the last walk that visited this node; 0: none */
        bool is_ring;
};

/* Adds the edges from all sources to the node. A source that no spec declares counts as reachable;
 * another check reports it. */
static int add_edges(References *references, PromotionNode *node)
{
        const EnvironmentSpec *spec = node->spec;
        const Strings *names = model_sources(references->model, spec);
        size_t n = 0;

        for (size_t i = 0; i < names->n; i++) {
                const Object *object = model_find(references->model, KIND_ENVIRONMENT,
                                                  spec->object.meta.tenant, names->items[i]);
                PromotionNode *source =
                        object ? map_get(&references->promotions, object->id.text) : NULL;
                PromotionEdge *edge;

                if (!source)
                        continue;
                edge = arena_alloc(&references->arena, sizeof(*edge));
                if (!edge)
                        return -ENOMEM;
                *edge = (PromotionEdge){ .to = node, .next = source->first };
                source->first = edge;
                n++;
        }
        node->n_missing = n;
        if (spec->promotes_from.require == REQUIRE_ANY)
                node->n_missing = n > 0 && n == names->n;
        return 0;
}

/* Finds all reachable environments, starting with those that need no source. */
static void find_reachable(PromotionNode *nodes, size_t n)
{
        PromotionNode *first = NULL, **end = &first;

        for (size_t i = 0; i < n; i++) {
                if (nodes[i].n_missing > 0)
                        continue;
                nodes[i].is_reachable = true;
                *end = &nodes[i];
                end = &nodes[i].next;
        }
        for (PromotionNode *node = first; node; node = node->next)
                for (PromotionEdge *edge = node->first; edge; edge = edge->next) {
                        PromotionNode *to = edge->to;

                        if (to->is_reachable)
                                continue;
                        to->depth = MAX(to->depth, node->depth + 1);
                        if (--to->n_missing > 0)
                                continue;
                        to->is_reachable = true;
                        *end = to;
                        end = &to->next;
                }
}

/* Finds rings. Each unreachable environment has an unreachable source. A walk from source to source
 * therefore ends in a ring. */
static void find_rings(PromotionNode *nodes, size_t n)
{
        for (size_t i = 0; i < n; i++)
                for (PromotionEdge *edge = nodes[i].first; edge && !nodes[i].is_reachable;
                     edge = edge->next)
                        if (!edge->to->is_reachable)
                                edge->to->source = &nodes[i];
        for (size_t i = 0; i < n; i++) {
                PromotionNode *node = &nodes[i];

                while (node->source && node->walk == 0) {
                        node->walk = i + 1;
                        node = node->source;
                }
                while (node->source && node->walk == i + 1 && !node->is_ring) {
                        node->is_ring = true;
                        node = node->source;
                }
        }
}

static int read_promotions(References *references)
{
        const EnvironmentSpecs *all = &references->model->environments;
        PromotionNode *nodes = arena_alloc_array(&references->arena, all->n + 1, sizeof(*nodes));
        int r = nodes ? 0 : -ENOMEM;

        for (size_t i = 0; r >= 0 && i < all->n; i++) {
                nodes[i] = (PromotionNode){ .spec = all->items[i] };
                r = map_put(&references->promotions, all->items[i]->object.id.text, &nodes[i],
                            NULL);
        }
        for (size_t i = 0; r >= 0 && i < all->n; i++)
                r = add_edges(references, &nodes[i]);
        if (r < 0)
                return -ENOMEM;
        find_reachable(nodes, all->n);
        find_rings(nodes, all->n);
        references->has_promotions = true;
        return 0;
}

int check_promotions(References *references, const EnvironmentSpec *environment, DiagList *diags)
{
        const char *name = environment->object.meta.name;
        const PromotionNode *node;

        if (model_sources(references->model, environment)->n == 0)
                return 0;
        if (!references->has_promotions && read_promotions(references) < 0) {
                diags->failed = -ENOMEM;
                return -ENOMEM;
        }
        node = map_get(&references->promotions, environment->object.id.text);
        if (!node || node->spec != environment) /* the environment is not in the model */
                return 0;
        if (node->is_ring)
                diag_error(diags, environment->promotes_from_place,
                           "promotesFrom leads from environment '%s' back to itself: no release "
                           "could ever get there",
                           name);
        else if (node->depth > PROMOTIONS_MAX)
                diag_error(diags, environment->promotes_from_place,
                           "promotesFrom leads from environment '%s' through more than %d others "
                           "in a row",
                           name, PROMOTIONS_MAX);
        else
                return 0;
        return -EINVAL;
}

int check_follows(const References *references, const EnvironmentSpec *environment, DiagList *diags)
{
        const char *tenant = environment->object.meta.tenant, *name = environment->object.meta.name;
        const EnvironmentSpec *at = environment;
        size_t n = 0;

        while (at && at->follows && n <= PROMOTIONS_MAX) {
                if (streq(at->follows, name) && n > 0) {
                        diag_error(diags, environment->follows_place,
                                   "follows leads from environment '%s' back to itself: no release "
                                   "could ever get there",
                                   name);
                        return -EINVAL;
                }
                at = (const EnvironmentSpec *)model_find(references->model, KIND_ENVIRONMENT,
                                                         tenant, at->follows);
                n++;
        }
        if (n <= PROMOTIONS_MAX)
                return 0;
        diag_error(
                diags, environment->follows_place,
                "follows leads from environment '%s' into a ring, or through more than %d others "
                "in a row",
                name, PROMOTIONS_MAX);
        return -EINVAL;
}
