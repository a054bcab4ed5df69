#pragma once

/* The parts of the verb explain: they read tags, derive relmand's decision about each tag, and
 * print the result. */

#include "base/buffer.h"
#include "base/map.h"
#include "ctl/client/client.h"
#include "ctl/options.h"
#include "model/component.h"
#include "version/explain.h"

/* The facts that relmand has about a tag. Texts are borrowed from the answer. */
typedef struct KnownTag {
        const char *tag;
        const char *digest;  /* NULL: not known */
        const char *problem; /* why the digest is not known; NULL: the digest is known */
        const char *moved;   /* digest that the tag has now; until a person allows the move, relmand
                                uses `digest`; NULL: no move */
        bool gone;
        usec_t since;             /* wall clock: when the tag got the digest */
        const Manifest *manifest; /* NULL: the manifest was not read */
        const char *assigned;     /* version that a person assigned to the digest; NULL: none */
        const char *channel;      /* channel of that version; NULL: none */
} KnownTag;

/* The facts that relmand has about the tags of a component. Initialize with {0}; free with
 * known_tags_done(). */
typedef struct KnownTags {
        KnownTag **items; /* tags to explain */
        size_t n, capacity;
        Map oldest;        /* digest -> the KnownTag * that has had it longest */
        Map assigned;      /* digest -> the KnownTag * of the version that a person assigned */
        Channels heads;    /* the heads that relmand has */
        bool are_verified; /* relmand verifies the signatures of images */
        VersionPolicy *policy;
} KnownTags;
void known_tags_done(KnownTags *known);

/* Read the answer about the component, and a row of the list of its assigned versions. Call them in
 * this order, before known_tags_add(). */
int known_tags_read_heads(KnownTags *known, const Node *component, Arena *arena, Error *err);
int known_tags_add_manual(KnownTags *known, const Node *row, Arena *arena, Error *err);
/* Reads a row of the list of tags. only: a tag to explain even if it was deleted; NULL: none. */
int known_tags_add(KnownTags *known, const Node *row, const char *only, Arena *arena, Error *err);
/* Sets *ret to the decisions about all tags. known must outlive *ret. */
int known_tags_decide(KnownTags *known, const ComponentSpec *component, usec_t now, Arena *arena,
                      ExplainKnown *ret, Error *err);

/* Gets the component and all of its tags that the daemon knows. The results are in the arena of
 * options. */
int explain_ask(CtlOptions *options, const char *name, const ComponentSpec **ret, KnownTags *known,
                Error *err);

/* Writes the result as JSON. only: show only this tag; NULL: all tags. */
void explain_write_json(const ComponentSpec *component, const Explanation *explanation,
                        const char *only, Buffer *out);
void explain_write_table(const Explanation *explanation, const char *only, Buffer *out);
