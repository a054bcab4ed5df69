#include "model/image/mirror-name.h"

#include <errno.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/text.h"
#include "model/image/image.h"

#define MIRROR_NAME_MAX ((size_t)64 * 1024)

static const char *last_part(const char *repository)
{
        const char *slash = strrchr(repository, '/');

        return slash ? slash + 1 : repository;
}

/* Writes the value of the variable at the beginning of the text. Returns the size of the variable;
 * 0 if the text does not begin with one. */
static size_t put_variable(Buffer *out, const char *text, const char *repository)
{
        static const char all[] = "${repository}", last[] = "${name}";

        if (text_begins_with(text, all)) {
                (void)buffer_puts(out, repository);
                return strlen(all);
        }
        if (text_begins_with(text, last)) {
                (void)buffer_puts(out, last_part(repository));
                return strlen(last);
        }
        return 0;
}

char *mirror_name(const char *text, const char *repository)
{
        _cleanup_(buffer_done) Buffer out = { 0 };

        if (!text)
                return strdup(repository);
        buffer_init(&out, MIRROR_NAME_MAX);
        while (*text) {
                size_t n = put_variable(&out, text, repository);

                if (n == 0)
                        (void)buffer_putc(&out, *text);
                text += MAX(n, 1U);
        }
        return buffer_take(&out);
}

/* Checks the name of one example repository. This is enough, because the parts of every repository
 * begin and end with a letter or digit. Only the length of the name depends on the repository. */
int mirror_name_check(const char *text, Error *err)
{
        _cleanup_(freep) char *name = mirror_name(text, "a/b"), *reference = NULL;
        _cleanup_(error_done) Error own = { 0 };
        _cleanup_(arena_done) Arena arena = { 0 };
        ImageReference image;

        if (!name)
                return error_oom(err);
        if (strchr(name, '$'))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "'%s' has an unknown variable; ${repository} is the name at the "
                                 "registry (bitnami/redis), ${name} its last part (redis)",
                                 text);
        reference = text_printf("a.b/%s", name);
        if (!reference)
                return error_oom(err);
        arena_init(&arena, 16 * 1024);
        if (image_parse(reference, &arena, &image, &own) >= 0 && !image.tag && !image.digest)
                return 0;
        return error_set(err, ERROR_INVALID, -EINVAL,
                         "'%s' gives no name of a repository, such as '%s' for a/b; it may hold "
                         "a-z, 0-9, / and single . _ __ or - between them",
                         text, name);
}
