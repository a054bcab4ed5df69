/* Fuzzes requests of push webhooks. The first line of the input is the header that authenticates
 * the sender; the rest is the body. */

#include "api/hook/hook.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const char *secret = "secret";
        _cleanup_(arena_done) Arena arena;
        _cleanup_(error_done) Error error = { 0 };
        const uint8_t *line = memchr(data, '\n', size);
        size_t n = line ? (size_t)(line - data) : size;
        const char *code;
        char *shown, *body;
        Strings found;

        arena_init(&arena, 64 * 1024 * 1024);
        shown = arena_strndup(&arena, (const char *)data, n);
        body = arena_strndup(&arena, line ? (const char *)line + 1 : "", line ? size - n - 1 : 0);
        if (shown && body) {
                const HookProof proof = { .body = body,
                                          .body_size = strlen(body),
                                          .authorization = shown };
                const HookProof signature = { .body = body,
                                              .body_size = strlen(body),
                                              .hub_signature = shown };

                if (hook_is_authentic(&proof, secret))
                        require(strstr(shown, secret) || strncasecmp(shown, "Basic ", 6) == 0);
                require(!hook_is_authentic(&signature, secret));
                if (hook_repositories(body, strlen(body), &arena, &found, &error) == 0)
                        for (size_t i = 0; i < found.n; i++)
                                require(found.items[i][0] != '\0');
                code = hook_validation_code(body, strlen(body), &arena);
                require(!code || strstr(body, "validationCode") || strchr(body, '\\'));
        }
        return 0;
}
