#pragma once

/* Explains why a tag was not selected, and why a version is the head. Lists every tag with the
 * decision about it. Pure. */

#include "model/component.h"
#include "version/policy.h"

/* Facts and decisions of relmand about a tag. Without a daemon there are no facts. */
typedef struct ExplainFact {
        const char *refused; /* why the tag is no version, although the rules read one; NULL: it is
                              * one */
        const char *waits;   /* why the version cannot be head yet; NULL: it can */
        /* why the version stays head although its tag moved or was deleted; NULL: neither
         * happened */
        const char *stays;
        /* what is wrong with the version, which may be head nevertheless; NULL: nothing */
        const char *tolerated;
        bool no_manifest; /* the manifest or its signatures are needed, but not known */
        const Classification *assigned; /* version assigned to the digest of the tag; NULL: none */
        /* build time in seconds, for `orderBy: created`; 0: not known */
        int64_t created;
} ExplainFact;

typedef struct ExplainedTag {
        const char *tag;
        Classification is;
        const ExplainFact *fact; /* NULL: not known */
        /* why the tag is not selected although it is eligible; NULL: it may be selected */
        const char *skipped;
        bool only_waits; /* the tag cannot be a head, but a range may select it */
} ExplainedTag;

typedef struct ExplainKnown {
        const ExplainFact *facts; /* one for each tag */
        Channels heads;           /* the stored heads */
} ExplainKnown;

typedef struct ExplainedHead {
        const char *channel;
        /* the head; if its tag is not listed, only tag, version and channel are set */
        const ExplainedTag *head;
        const ExplainedTag *next; /* the version after the head; NULL if there is none */
        size_t n_versions;        /* tags in this channel */
        const char *reason;       /* why this version is the head: a text for people */
} ExplainedHead;

typedef struct Explanation {
        const char *component;
        ExplainedTag *tags; /* eligible ones, newest first; then the others in input order */
        size_t n_tags;
        size_t n_eligible;
        ExplainedHead *heads; /* sorted by channel name */
        size_t n_heads;
        const ExplainedTag *selected; /* the tag that channel and range select; NULL if none */
        const char *selected_reason;  /* why no tag was selected; NULL if a tag was */
        /* if the patterns are too slow, so that the result is invalid: the reason; otherwise
         * NULL */
        const char *gave_up;
} Explanation;

/* The request. If channel is NULL, it is the default channel, or all channels with a range. If
 * range is NULL, there is no range. */
typedef struct ExplainOptions {
        const char *channel;
        const char *range;
        bool include_prerelease;
        const ExplainKnown *known; /* NULL: only the rules decide */
} ExplainOptions;

/* Classifies all tags and selects one. With known facts, the heads are the stored ones, and each
 * newer tag has the reason why it is not the head. Returns 0 or a negative errno: ERROR_INVALID for
 * a channel that the component does not have. Results are allocated from the arena. */
int explain_tags(const ComponentSpec *spec, const Strings *tags, const ExplainOptions *options,
                 Arena *arena, Explanation *ret, Error *err);
