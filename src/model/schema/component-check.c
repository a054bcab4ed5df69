#include "model/schema/component-check.h"

#include <errno.h>

#include "base/limits-trust.h"

static int check_follow(const ComponentSpec *component, DiagList *diags)
{
        const VersionStrategy *strategy = &component->versioning_strategy;
        Place place = strategy->place;

        if (!strategy->follow)
                return 0;
        if (strategy->type != STRATEGY_MANUAL)
                diag_error(diags, place,
                           "versioningStrategy: follow goes with type manual: rules would read "
                           "versions from other tags");
        else if (component->versions.n > 0)
                diag_error(diags, place,
                           "versioningStrategy: follow and versions exclude each other");
        else
                return 0;
        return -EINVAL;
}

/* Reports fields that a chart cannot have: a chart runs on no platform, and its configuration has
 * no build time. */
static int check_chart(const ComponentSpec *component, DiagList *diags)
{
        if (component->artifact != COMPONENT_ARTIFACT_CHART)
                return 0;
        if (component->platforms.n > 0)
                diag_error(diags, component->artifact_place,
                           "artifact: chart and platforms exclude each other: a chart has no "
                           "platform");
        else if (component->versioning_strategy.order_by == ORDER_BY_CREATED)
                diag_error(diags, component->artifact_place,
                           "artifact: chart and orderBy: created exclude each other: a chart has "
                           "no build time");
        else
                return 0;
        return -EINVAL;
}

static int check_verify(const ComponentSpec *component, DiagList *diags)
{
        int worst = 0;

        for (size_t i = 0; i < component->verify.n; i++) {
                const VerifyRule *rule = &component->verify.items[i];

                if (rule->keys.n > 0 && rule->keys.n <= TRUST_KEYS_MAX)
                        continue;
                if (rule->keys.n == 0)
                        diag_error(diags, rule->place,
                                   "verify: keys names no file; name one with a public key, such "
                                   "as cosign.pub");
                else
                        diag_error(diags, rule->place,
                                   "verify: keys names %zu files; at most %d are valid",
                                   rule->keys.n, TRUST_KEYS_MAX);
                worst = -EINVAL;
        }
        if (component->verify.n <= VERIFY_RULES_MAX)
                return worst;
        diag_error(diags, component->verify.items[VERIFY_RULES_MAX].place,
                   "verify has %zu entries; at most %d are valid", component->verify.n,
                   VERIFY_RULES_MAX);
        return -EINVAL;
}

int component_check(const ComponentSpec *component, DiagList *diags)
{
        int worst = check_follow(component, diags), r;

        r = check_chart(component, diags);
        worst = MIN(worst, r);
        r = check_verify(component, diags);
        return MIN(worst, r);
}
