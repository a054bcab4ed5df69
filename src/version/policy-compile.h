#pragma once

/* The internals of a VersionPolicy. Private to version. */

#include "base/map.h"
#include "version/extract.h"
#include "version/policy.h"
#include "version/range.h"

/* The named groups of a date; 0 if the pattern has no group of that name. */
typedef struct DateGroups {
        unsigned year;
        unsigned month;
        unsigned day;
        unsigned seq;
} DateGroups;

/* A pattern that gives a version text: of a rule, or tagPattern where there are no rules. */
typedef struct Reading {
        const char *name; /* "versionRules[0]", "tagPattern" */
        const char *pattern;
        Regex *regex;
        Extract extract;
        DateGroups date; /* year 0: no named groups */
        unsigned max_group;
} Reading;

typedef struct PolicyRule {
        Reading reading;
        Regex *prerelease; /* NULL if none */
        const char *channel;
        const char *reason; /* why it took a tag */
        size_t n_taken;
} PolicyRule;

typedef struct PolicyFilter {
        Regex *regex;
        const char *name;
        const char *reason; /* why it excludes a tag */
} PolicyFilter;

/* One entry of deny[]. */
typedef struct PolicyDenial {
        const char *digest; /* NULL: the entry has a version or a range */
        VersionWish wish;
        const char *reason;
} PolicyDenial;

struct VersionPolicy {
        const ComponentSpec *spec;
        Arena arena; /* all arrays and texts of the policy */
        Map manual;  /* tag -> ManualVersion */
        PolicyFilter *ignore;
        size_t n_ignore;
        PolicyDenial *deny;
        size_t n_deny;
        PolicyFilter tag_pattern; /* regex NULL if none */
        Reading tag_reading;      /* how tagPattern reads a tag; regex NULL: the complete tag */
        PolicyRule *rules;
        size_t n_rules;
        RegexSpan *spans;    /* room for the groups of any reading */
        RegexBudget budget;  /* budget of the current run */
        char gave_up[640];   /* why; "" if it did not */
        const char *unruled; /* reason: no rule matches */
        const char *alone;   /* reason: the strategy took it */
};
