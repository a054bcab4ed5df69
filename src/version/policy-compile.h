#pragma once

/* The members of a VersionPolicy. Private to this folder. */

#include "base/map.h"
#include "version/extract.h"
#include "version/policy.h"
#include "version/range.h"

/* Numbers of the named groups of a date; 0: the pattern has no group of that name. */
typedef struct DateGroups {
        unsigned year;
        unsigned month;
        unsigned day;
        unsigned seq;
} DateGroups;

/* A pattern that reads versions: the pattern of a rule, or tagPattern if there are no rules. */
typedef struct Reading {
        const char *name; /* "versionRules[0]", "tagPattern" */
        const char *pattern;
        Regex *regex;
        Extract extract;
        DateGroups date; /* groups of a date in the pattern; year 0: there are none */
        unsigned max_group;
} Reading;

typedef struct PolicyRule {
        Reading reading;
        Regex *prerelease; /* NULL if none */
        const char *channel;
        const char *reason; /* reason, for people, of the tags that the rule matches */
        size_t n_taken;
} PolicyRule;

typedef struct PolicyFilter {
        Regex *regex;
        const char *name;
        const char *reason; /* reason, for people, of the tags that the filter excludes */
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
        PolicyFilter tag_pattern; /* regex NULL: there is no tagPattern */
        /* reads the version by tagPattern; regex NULL: the complete tag is the version */
        Reading tag_reading;
        PolicyRule *rules;
        size_t n_rules;
        RegexSpan *spans;    /* buffer for the groups of any match */
        RegexBudget budget;  /* budget of the current run */
        char gave_up[640];   /* why relman gave up the patterns; "": it did not */
        const char *unruled; /* reason if no rule matches */
        const char *alone;   /* reason if the strategy alone reads a tag */
};
