#pragma once

/* The parts of the verb explain: reading tags, deriving relmand's decision about each, and printing
 * the result. */

#include "base/buffer.h"
#include "base/map.h"
#include "ctl/client/client.h"
#include "ctl/options.h"
#include "model/component.h"
#include "version/explain.h"

/* A tag as relmand knows it. Texts are borrowed from its answer. */
typedef struct KnownTag {
        const char *tag;
        const char *digest;  /* NULL: not known */
        const char *problem; /* why the digest is not known; NULL: it is known */
        const char *moved;   /* digest that the tag has now; digest is the one that counts until a
                                person allows the move; NULL: no move */
        bool gone;
        usec_t since;             /* wall clock: when the tag got the digest */
        const Manifest *manifest; /* NULL: the manifest was not read */
        const char *assigned;     /* version that a person assigned to the digest; NULL: none */
        const char *channel;      /* channel of that version; NULL: none */
} KnownTag;

/* The facts that relmand has about a component's tags. Initialize with {0}; known_tags_done() frees
 * it. */
typedef struct KnownTags {
        KnownTag **items; /* tags to explain */
        size_t n, capacity;
        Map oldest;     /* digest -> the KnownTag * that has had it longest */
        Map assigned;   /* digest -> the KnownTag * under which a person assigned its version */
        Channels heads; /* the heads that relmand has */
        VersionPolicy *policy;
} KnownTags;
void known_tags_done(KnownTags *known);

/* Reads an answer about the component, then one about its assignments, before tags are added. */
int known_tags_read_heads(KnownTags *known, const Node *component, Arena *arena, Error *err);
int known_tags_add_manual(KnownTags *known, const Node *row, Arena *arena, Error *err);
/* Reads an answer about its tags. only: a tag to explain even if it was deleted; NULL: none. */
int known_tags_add(KnownTags *known, const Node *row, const char *only, Arena *arena, Error *err);
/* Sets the decision of each item. known must outlive it. */
int known_tags_decide(KnownTags *known, const ComponentSpec *component, usec_t now, Arena *arena,
                      ExplainKnown *ret, Error *err);

/* Gets the component and every tag that the daemon knows of it, in the arena of options. */
int explain_ask(CtlOptions *options, const char *name, const ComponentSpec **ret, KnownTags *known,
                Error *err);

/* Writes the result as JSON. only: the one tag to show; NULL: all tags. */
void explain_write_json(const ComponentSpec *component, const Explanation *explanation,
                        const char *only, Buffer *out);
void explain_write_table(const Explanation *explanation, const char *only, Buffer *out);
