#pragma once

/* The inside of a VersionPolicy. Private to version. */

#include "base/map.h"
#include "version/extract.h"
#include "version/policy.h"
#include "version/range.h"

/* Groups that take a date apart, 0 where the pattern has none of that name. */
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
        DateGroups date; /* year 0: not taken apart by named groups */
        unsigned max_group;
} Reading;

typedef struct PolicyRule {
        Reading reading;
        Regex *prerelease; /* NULL if none */
        const char *channel;
        const char *reason; /* that it took a tag */
        size_t n_taken;
} PolicyRule;

typedef struct PolicyFilter {
        Regex *regex;
        const char *name;
        const char *reason; /* that it leaves a tag out */
} PolicyFilter;

/* deny[] of versions: a range (semver), or a sort key to be equal to. */
typedef struct PolicyDenial {
        Range *range;       /* NULL: key decides */
        SortKey key;        /* empty: it is of a digest */
        const char *digest; /* NULL: it is of versions */
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
        Reading tag_reading;      /* of tagPattern; regex NULL: the whole tag is read */
        PolicyRule *rules;
        size_t n_rules;
        RegexSpan *spans;    /* room for the groups of any reading */
        RegexBudget budget;  /* of this run */
        char gave_up[640];   /* why; "" if not */
        const char *unruled; /* reason: no rule matches */
        const char *alone;   /* reason: the strategy took it */
};
