#include "model/schema/component-check.h"

#include <errno.h>
#include <string.h>

#include "model/image-facts.h"
#include "model/schema/verify-check.h"

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

static int check_labels(const ComponentSpec *component, DiagList *diags)
{
        const Strings *keep = &component->keep_labels;

        if (keep->n > IMAGE_KEEP_MAX) {
                diag_error(diags, component->keep_labels_place,
                           "keepLabels names %zu labels; at most %d are valid", keep->n,
                           IMAGE_KEEP_MAX);
                return -EINVAL;
        }
        for (size_t i = 0; i < keep->n; i++) {
                if (*keep->items[i] && strlen(keep->items[i]) <= IMAGE_KEY_MAX)
                        continue;
                diag_error(diags, component->keep_labels_place,
                           "keepLabels: entry %zu has %zu bytes; the key of a label has 1 to %d",
                           i + 1, strlen(keep->items[i]), IMAGE_KEY_MAX);
                return -EINVAL;
        }
        return 0;
}

int component_check(const ComponentSpec *component, DiagList *diags)
{
        int worst = check_follow(component, diags), r;

        r = check_chart(component, diags);
        worst = MIN(worst, r);
        r = check_labels(component, diags);
        worst = MIN(worst, r);
        r = verify_rules_check(&component->verify, component->verify_place, diags);
        return MIN(worst, r);
}
