#pragma once

/* The parts of the verb explain: where the tags come from, what relmand decided of them, and how
 * what was found is printed. */

#include "base/buffer.h"
#include "base/map.h"
#include "ctl/client/client.h"
#include "ctl/options.h"
#include "model/component.h"
#include "version/explain.h"

/* A tag as relmand knows it; texts are borrowed from its answer. */
typedef struct KnownTag {
        const char *tag;
        const char *digest;  /* NULL: not known */
        const char *problem; /* why; NULL */
        const char *moved; /* its digest now: digest counts until a person allows the move; NULL */
        bool gone;
        usec_t since;             /* it has had the digest since then, wall */
        const Manifest *manifest; /* NULL: not read */
        const char *assigned;     /* a person assigned this version to the digest; NULL */
        const char *channel;      /* likewise: to this channel */
} KnownTag;

/* The facts that relmand has about a component's tags. Begins as {0}; known_tags_done() frees it.
 */
typedef struct KnownTags {
        KnownTag **items; /* those to explain */
        size_t n, capacity;
        Map oldest;     /* digest -> KnownTag * that has had it longest */
        Map assigned;   /* digest -> KnownTag * that a person assigned it under */
        Channels heads; /* as relmand has them */
        VersionPolicy *policy;
} KnownTags;
void known_tags_done(KnownTags *known);

/* Reads an answer about the component, then one about its assignments, before tags are added. */
int known_tags_read_heads(KnownTags *known, const Node *component, Arena *arena, Error *err);
int known_tags_add_manual(KnownTags *known, const Node *row, Arena *arena, Error *err);
/* Reads an answer about its tags. only: explained although it was deleted; NULL: none. */
int known_tags_add(KnownTags *known, const Node *row, const char *only, Arena *arena, Error *err);
/* Fills in the decision about each item. known must outlive it. */
int known_tags_decide(KnownTags *known, const ComponentSpec *component, usec_t now, Arena *arena,
                      ExplainKnown *ret, Error *err);

/* The component and every tag that the daemon knows of it; in the options' arena. */
int explain_ask(CtlOptions *options, const char *name, const ComponentSpec **ret, KnownTags *known,
                Error *err);

/* only: the one tag that is shown; NULL: all. */
void explain_write_json(const ComponentSpec *component, const Explanation *explanation,
                        const char *only, Buffer *out);
void explain_write_table(const Explanation *explanation, const char *only, Buffer *out);
