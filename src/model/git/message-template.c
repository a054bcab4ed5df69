#include "model/git/message-template.h"

#include <errno.h>
#include <string.h>

const char *const message_placeholders[] = {
        [MESSAGE_ENVIRONMENT] = "{environment}",  [MESSAGE_RELEASE] = "{release}",
        [MESSAGE_DISPLAY_NAME] = "{displayName}", [MESSAGE_COMPONENTS] = "{components}",
        [MESSAGE_PREVIOUS] = "{previous}",        [MESSAGE_PROMOTED_BY] = "{promotedBy}",
        [MESSAGE_LOCK_DIGEST] = "{lockDigest}",   [MESSAGE_MAX_] = NULL,
};

int message_template_check(const char *text, Error *err)
{
        if (text[strspn(text, " \t\n")] == '\0')
                return error_set(err, ERROR_INVALID, -EINVAL, "a message cannot be empty");
        for (const char *open = strchr(text, '{'); open; open = strchr(open + 1, '{')) {
                size_t i = 0;

                while (i < MESSAGE_MAX_ &&
                       strncmp(open, message_placeholders[i], strlen(message_placeholders[i])) != 0)
                        i++;
                if (i == MESSAGE_MAX_)
                        return error_set(err, ERROR_INVALID, -EINVAL,
                                         "unknown placeholder at '%.40s'; there are {environment}, "
                                         "{release}, {displayName}, {components}, {previous}, "
                                         "{promotedBy} and {lockDigest}",
                                         open);
        }
        return 0;
}
