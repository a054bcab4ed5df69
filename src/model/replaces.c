#include "model/replaces.h"

#include <ctype.h>
#include <errno.h>

#include "base/macros.h"
#include "model/enum-names.h"

#define IDENTIFIER "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

const char *const replaces_placeholders[] = {
        [REPLACES_IMAGE] = "{image}",
        [REPLACES_REGISTRY] = "{registry}",
        [REPLACES_REPOSITORY] = "{repository}",
        [REPLACES_DIGEST] = "{digest}",
        [REPLACES_TAG] = "{tag}",
        [REPLACES_VERSION] = "{version}",
        [REPLACES_MAX_] = NULL,
};

bool replaces_is_path(const char *text)
{
        size_t size = strcspn(text, "="), i = text[0] == '.', n_dots = i;

        if (i == size)
                return false;
        for (size_t part; i < size; i += part + 1, n_dots += i <= size) {
                part = strspn(text + i, IDENTIFIER);
                if (part == 0 || i + part > size || isdigit((unsigned char)text[i]) ||
                    text[i] == '-' || (i + part < size && text[i + part] != '.') ||
                    i + part + 1 == size)
                        return false;
        }
        return n_dots > 0 || text[size] == '=';
}

static int check_template(const char *template, Error *err)
{
        for (const char *open = strchr(template, '{'); open; open = strchr(open + 1, '{')) {
                bool known = false;

                for (size_t i = 0; replaces_placeholders[i]; i++)
                        known = known || strncmp(open, replaces_placeholders[i],
                                                 strlen(replaces_placeholders[i])) == 0;
                if (!known)
                        return error_set(err, ERROR_INVALID, -EINVAL,
                                         "unknown placeholder at '%s'; there are {image}, "
                                         "{registry}, {repository}, {digest}, {tag} and {version}",
                                         open);
        }
        return 0;
}

int replaces_check(const char *text, Error *err)
{
        const char *template = strchr(text, '=');

        if (!text[0])
                return error_set(err, ERROR_INVALID, -EINVAL, "an empty text replaces nothing");
        for (const char *p = text; *p; p++)
                if (isspace((unsigned char)*p) || iscntrl((unsigned char)*p))
                        return error_set(err, ERROR_INVALID, -EINVAL,
                                         "\"%s\" has white space or a control character", text);
        if ((text[0] == '.' || template) && !replaces_is_path(text))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "\"%s\" is neither an image nor a path of Helm values", text);
        return template ? check_template(template + 1, err) : 0;
}
