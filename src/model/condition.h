#pragma once

/* Conditions as in Kubernetes: each states a current fact about an object, since when it holds, and
 * why. */

#include "base/time.h"
#include "model/object.h"

typedef enum ConditionType {
        CONDITION_READY,        /* the object is in the desired state */
        CONDITION_STALLED,      /* relmand cannot continue until a person changes something */
        CONDITION_DRIFT,        /* an environment runs a digest whose tag has another digest now */
        CONDITION_HEAD_MISSING, /* the tag of a channel's head was deleted in the registry */
        CONDITION_HELD,         /* a newer version waits for the minimum age */
        CONDITION_TAG_MOVED,    /* a version tag moved, and no person has allowed that */
        CONDITION_RESOLVING,    /* heads are current, but older versions have no digest yet */
        CONDITION_PLATFORM_MISMATCH, /* an image is for another platform than its index says */
        CONDITION_NO_ROLLBACK,       /* no earlier release of an environment can be pulled */
        CONDITION_PULL_REQUEST,      /* a pull request of an environment is not merged */
        CONDITION_WARNING,           /* the object works, but probably not as intended */
        CONDITION_TYPE_MAX_,
} ConditionType;

typedef enum ConditionStatus {
        CONDITION_TRUE,
        CONDITION_FALSE,
        CONDITION_UNKNOWN,
} ConditionStatus;

typedef struct Condition {
        ConditionType type;
        ConditionStatus status;
        const char *reason;  /* one CamelCase word */
        const char *message; /* a sentence for people */
        usec_t since;        /* when status last changed */
} Condition;

typedef struct Conditions {
        Condition *items;
        size_t n;
} Conditions;

/* Returns the condition of a type; NULL: there is none. */
static inline const Condition *conditions_find(const Conditions *conditions, ConditionType type)
{
        for (size_t i = 0; i < conditions->n; i++)
                if (conditions->items[i].type == type)
                        return &conditions->items[i];
        return NULL;
}

const char *condition_type_to_string(ConditionType type);
int condition_type_from_string(const char *text, ConditionType *ret);
const char *condition_status_to_string(ConditionStatus status);
int condition_status_from_string(const char *text, ConditionStatus *ret);
