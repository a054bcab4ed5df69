#pragma once

/* Kind Component: one image repository, and the rules that turn its tags into versions and
 * channels. */

#include "base/time.h"
#include "model/artifact.h"
#include "model/object.h"
#include "model/resolve.h"
#include "model/verify-rule.h"

typedef enum StrategyType {
        STRATEGY_SEMVER,
        STRATEGY_DATE,
        STRATEGY_SEQUENTIAL,
        STRATEGY_NUMERIC,
        STRATEGY_LEXICAL,
        STRATEGY_MANUAL,
        STRATEGY_TYPE_MAX_,
} StrategyType;

/* The order of versions, which decides what the newest version is. */
typedef enum VersionOrder {
        ORDER_BY_VERSION,
        ORDER_BY_CREATED, /* by `created` of the image configuration, then by version */
        VERSION_ORDER_MAX_,
} VersionOrder;

/* Decides whether a version keeps its digest when its tag moves. */
typedef enum ComponentTags {
        COMPONENT_TAGS_INHERIT, /* as the component's Registry says */
        COMPONENT_TAGS_IMMUTABLE,
        COMPONENT_TAGS_MUTABLE,
        COMPONENT_TAGS_MAX_,
} ComponentTags;

typedef struct VersionStrategy {
        /* must be the first member; its line is 0 if the document does not have the field */
        Place place;
        StrategyType type;
        VersionOrder order_by;
        /* strategy manual: the one tag whose digest is the version; NULL: none */
        const char *follow;
        const char *tag_pattern;    /* NULL: every tag */
        const char *date_format;    /* strategy date: a format in the terms of calver.org, such as
                                       "YYYY.0M.MICRO"; NULL: any date */
        const char *semver_extract; /* NULL: the group named "version", otherwise group 1, otherwise
                                       the complete match */
} VersionStrategy;

typedef struct VersionRule {
        Place place;
        const char *pattern;
        const char *channel;
        const char *prerelease_pattern; /* NULL: none */
} VersionRule;

typedef struct VersionRules {
        VersionRule *items;
        size_t n;
} VersionRules;

/* A version that the spec assigns to a tag: source "manual". */
typedef struct ManualVersion {
        Place place;
        const char *tag;
        const char *semver;
        const char *channel; /* NULL: the component's default channel */
} ManualVersion;

typedef struct ManualVersions {
        ManualVersion *items;
        size_t n;
} ManualVersions;

/* A version that relmand must never choose. Exactly one of digest and version is set; version may
 * be a range. */
typedef struct Denial {
        Place place;
        const char *digest;
        const char *version;
        const char *reason;
} Denial;

typedef struct Denials {
        Denial *items;
        size_t n;
} Denials;

typedef struct ComponentSpec {
        Object object; /* must be first */
        const char *image_repository;
        const char *registry; /* name of a Registry; NULL: the Registry with the host of
                                 image_repository */
        Place registry_place;
        ComponentArtifact artifact;
        Place artifact_place; /* its line is 0 if the document does not have the field */
        VersionStrategy versioning_strategy;
        ComponentTags tags;
        const char *default_channel;
        const char *deployment_template; /* NULL: none */
        VersionRules version_rules;
        Strings platforms;   /* an image is eligible only if it has all of them */
        Strings ignore_tags; /* patterns */
        Strings replaces;    /* model/replaces.h */
        Strings keep_labels; /* keys of labels that are stored besides those of OCI */
        Place keep_labels_place;
        ManualVersions versions;
        Denials deny;
        VerifyRules verify;   /* override `verify` of the Registry; see component_verify() */
        Place verify_place;   /* its line is 0 if the document does not have the field */
        usec_t minimum_age;   /* minimum age of a version at the head of a channel; 0: none */
        int64_t max_versions; /* maximum number of versions that are kept for each channel; 0: no
                                 limit */
        Resolve resolve;      /* overrides `resolve` of the Registry */
        usec_t interval;      /* 0: the daemon's poll interval */
        bool suspend;
        bool allow_downgrade;
} ComponentSpec;

typedef struct ComponentSpecs {
        const ComponentSpec **items;
        size_t n;
} ComponentSpecs;

const char *strategy_type_to_string(StrategyType type);
