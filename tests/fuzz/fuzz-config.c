/* Fuzzes relmand.yaml. */

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "spec/config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_(config_freep) Config *config = NULL;
        _cleanup_(diag_list_done) DiagList diags;
        _cleanup_(error_done) Error error = { 0 };
        int fd = memfd_create("relmand.yaml", MFD_CLOEXEC);
        char path[64];
        int r;

        require(fd >= 0 && write(fd, data, size) == (ssize_t)size);
        (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        diag_list_init(&diags);
        r = config_load(path, &config, &diags, &error);
        require(r >= 0 ? config != NULL : error.message != NULL);
        (void)close(fd);
        return 0;
}
