#include "model/receiver.h"

#include <string.h>

const char *const receiver_format_names[RECEIVER_FORMAT_MAX_ + 1] = {
        [RECEIVER_CLOUDEVENTS] = "cloudevents",
        [RECEIVER_SLACK] = "slack",
        [RECEIVER_NTFY] = "ntfy",
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
