#include "ctl/input.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int read_stream(FILE *stream, Buffer *out)
{
        char block[64 * 1024];
        size_t n;

        while ((n = fread(block, 1, sizeof(block), stream)) > 0)
                if (buffer_append(out, block, n) < 0)
                        return out->failed;
        return ferror(stream) ? -EIO : 0;
}

int ctl_read_input(const char *path, Buffer *out, Error *err)
{
        FILE *stream = streq(path, "-") ? stdin : fopen(path, "re");
        int r;

        if (!stream)
                return error_set(err, ERROR_INVALID, -errno, "cannot read '%s': %s", path,
                                 strerror(errno));
        r = read_stream(stream, out);
        if (stream != stdin)
                (void)fclose(stream); /* only read */
        return r < 0 ? error_set(err, ERROR_INVALID, r, "cannot read '%s': %s", path, strerror(-r))
                     : 0;
}
