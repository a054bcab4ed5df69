#include "model/receiver.h"

#include <string.h>

#include "base/suggest.h"
#include "model/enum-names.h"

const char *const receiver_format_names[RECEIVER_FORMAT_MAX_ + 1] = {
        [RECEIVER_CLOUDEVENTS] = "cloudevents",
        [RECEIVER_SLACK] = "slack",
        [RECEIVER_NTFY] = "ntfy",
        [RECEIVER_TEAMS] = "teams",
        [RECEIVER_JSON] = "json",
        [RECEIVER_MAIL] = "mail",
        [RECEIVER_GITHUB_DEPLOYMENT] = "github-deployment",
};

const char *const event_threshold_names[EVENT_THRESHOLD_MAX_ + 1] = {
        [THRESHOLD_DIGEST] = "digest",
        [THRESHOLD_PATCH] = "patch",
        [THRESHOLD_MINOR] = "minor",
        [THRESHOLD_MAJOR] = "major",
};

bool event_type_matches(const char *type, const char *pattern)
{
        size_t size = strlen(pattern);

        if (size > 0 && pattern[size - 1] == '*')
                return strncmp(type, pattern, size - 1) == 0;
        return streq(type, pattern);
}

const char *event_type_nearest(const char *word)
{
        size_t n = 0;

        while (event_type_names[n])
                n++;
        return suggest_nearest(word, event_type_names, n);
}
