/* Fuzzes lockfiles and lists of containers. If a lockfile is read without an error, writing it must
 * succeed. */

#include "base/buffer.h"
#include "base/digest.h"
#include "fuzz.h"
#include "lock/lock.h"
#include "lock/running.h"

static void check(Arena *arena, const char *text, size_t size)
{
        Lock lock;
        Buffer out;
        Error error = { 0 };

        if (lock_read_native("fuzz", text, size, arena, &lock, &error) == 0) {
                buffer_init(&out, 1024 * 1024);
                require(lock_write_native(&lock.release, lock.environment, &out, &error) == 0);
                buffer_done(&out);
        }
        error_done(&error);
}

static void check_containers(Arena *arena, const char *text, size_t size)
{
        const ReleaseComponents none = { 0 };
        const RunningWanted wanted = { .components = &none };
        RunningContainers containers;
        RunningReport report;
        Error error = { 0 };

        if (running_read("fuzz", text, size, arena, &containers, &error) == 0)
                (void)running_compare(&wanted, &containers, arena, &report, &error);
        error_done(&error);
}

/* Reads the input unchanged, then with a matching lock digest appended. Without a matching digest,
 * the reader would refuse nearly all inputs. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const char end[] = "lockDigest: ";
        char digest[DIGEST_SIZE_MAX];
        const char *whole;
        Arena arena;

        arena_init(&arena, FUZZ_ARENA_MAX);
        check(&arena, fuzz_text(&arena, data, size), size);
        check_containers(&arena, fuzz_text(&arena, data, size), size);
        digest_sha256(data, size, digest);
        whole = arena_printf(&arena, "%.*s%s%s\n", (int)size, (const char *)data, end, digest);
        if (whole && strlen(whole) == size + strlen(end) + strlen(digest) + 1)
                check(&arena, whole, strlen(whole));
        arena_done(&arena);
        return 0;
}
