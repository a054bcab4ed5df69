/* Tests that a hook of an unknown registry costs the same work as a hook with a wrong secret. The
 * tests count reads of secrets and computations of digests; they do not measure time. */

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <unistd.h>

#include "api/handlers.h"
#include "base/digest.h"
#include "base/secret.h"
#include "unit.h"

/* --- counted work, and a request without a connection ----------------------------------------- */

typedef struct Work {
        unsigned n_reads, n_digests, n_macs;
} Work;

static Work work;
static RegistrySpec hooked, unhooked;
static const char *asked, *header_name, *header_value;

int __real_secret_read(const SecretPlace *place, char **ret, Error *err);
int __wrap_secret_read(const SecretPlace *place, char **ret, Error *err);
int __wrap_secret_read(const SecretPlace *place, char **ret, Error *err)
{
        work.n_reads++;
        return __real_secret_read(place, ret, err);
}

void __real_digest_sha256(const void *data, size_t size, char ret_digest[DIGEST_SIZE_MAX]);
void __wrap_digest_sha256(const void *data, size_t size, char ret_digest[DIGEST_SIZE_MAX]);
void __wrap_digest_sha256(const void *data, size_t size, char ret_digest[DIGEST_SIZE_MAX])
{
        work.n_digests++;
        __real_digest_sha256(data, size, ret_digest);
}

unsigned char *__real_HMAC(const EVP_MD *hash, const void *key, int key_size,
                           const unsigned char *data, size_t size, unsigned char *ret,
                           unsigned *ret_size);
unsigned char *__wrap_HMAC(const EVP_MD *hash, const void *key, int key_size,
                           const unsigned char *data, size_t size, unsigned char *ret,
                           unsigned *ret_size);
unsigned char *__wrap_HMAC(const EVP_MD *hash, const void *key, int key_size,
                           const unsigned char *data, size_t size, unsigned char *ret,
                           unsigned *ret_size)
{
        work.n_macs++;
        return __real_HMAC(hash, key, key_size, data, size, ret, ret_size);
}

const RegistrySpec *__wrap_reconciler_find_registry(const Reconciler *reconciler,
                                                    const char *tenant, const char *name);
const RegistrySpec *__wrap_reconciler_find_registry(const Reconciler *reconciler,
                                                    const char *tenant, const char *name)
{
        (void)reconciler, (void)tenant;
        return streq(name, "hooked") ? &hooked : streq(name, "unhooked") ? &unhooked : NULL;
}

const RegistrySpec *__wrap_reconciler_first_hook(const Reconciler *reconciler);
const RegistrySpec *__wrap_reconciler_first_hook(const Reconciler *reconciler)
{
        (void)reconciler;
        return &hooked;
}

const char *__wrap_request_header(Request *request, const char *name);
const char *__wrap_request_header(Request *request, const char *name)
{
        (void)request;
        return strcasecmp(name, header_name) == 0 ? header_value : NULL;
}

const char *__wrap_request_query(const Request *request, const char *name);
const char *__wrap_request_query(const Request *request, const char *name)
{
        (void)request, (void)name;
        return NULL;
}

const char *__wrap_request_parameter(const Request *request, const char *name);
const char *__wrap_request_parameter(const Request *request, const char *name)
{
        (void)request;
        return streq(name, "registry") ? asked : NULL;
}

void __wrap_request_challenge(Request *request);
void __wrap_request_challenge(Request *request)
{
        (void)request;
}

/* --- tests ------------------------------------------------------------------------------------ */

static char secret_path[] = "/tmp/relman-hook-XXXXXX";

static int set_up(void **state)
{
        int fd = mkstemp(secret_path);
        bool is_written = fd >= 0 && write(fd, "s3cret\n", 7) == 7;

        (void)state;
        hooked = (RegistrySpec){ .hook.secret_file = secret_path };
        return fd >= 0 && close(fd) == 0 && is_written ? 0 : -1;
}

static int tear_down(void **state)
{
        (void)state;
        return unlink(secret_path);
}

/* Sends a hook to the registry. Returns true if its sender is accepted. */
static bool send_hook(const char *name)
{
        static Api api;
        Request request = { .api = &api };
        Error error = { 0 };
        bool is_accepted;

        asked = name;
        work = (Work){ 0 };
        arena_init(&request.arena, 64 * 1024);
        buffer_init(&request.body, 1024);
        buffer_init(&request.answer.body, 4096);
        is_accepted = admit_hook(&request) && handle_hook_options(&request, &error) >= 0 &&
                      request.answer.status != 401;
        arena_done(&request.arena);
        buffer_done(&request.body);
        buffer_done(&request.answer.body);
        return is_accepted;
}

static void test_an_unknown_hook_costs_the_work_of_a_wrong_secret(void **state)
{
        static const struct {
                const char *name, *wrong;
        } headers[] = {
                { "Authorization", "Bearer wrong" },
                { "Authorization", "Basic dXNlcjp3cm9uZw==" },
                { "Authorization", "wrong" },
                { "X-Gitlab-Token", "wrong" },
                { "X-Hub-Signature-256", "sha256=00" },
                { "X-Nexus-Webhook-Signature", "00" },
                { "X-JFrog-Event-Auth", "wrong" },
                { "X-None", "no proof" },
        };
        static const char *const unknown[] = { "unhooked", "missing" };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
                Work known;

                header_name = headers[i].name;
                header_value = headers[i].wrong;
                assert_false(send_hook("hooked"));
                known = work;
                assert_case(known.n_reads > 0, "%s", header_name);
                for (size_t k = 0; k < ARRAY_SIZE(unknown); k++) {
                        assert_false(send_hook(unknown[k]));
                        assert_case(
                                memcmp(&known, &work, sizeof(work)) == 0,
                                "%s, %s: %u reads, %u digests, %u MACs; a wrong secret: %u, %u, "
                                "%u",
                                header_name, unknown[k], work.n_reads, work.n_digests, work.n_macs,
                                known.n_reads, known.n_digests, known.n_macs);
                }
        }
}

static void test_the_right_secret_opens_only_its_own_hook(void **state)
{
        (void)state;
        header_name = "Authorization";
        header_value = "Bearer s3cret";
        assert_true(send_hook("hooked"));
        assert_false(send_hook("unhooked"));
        assert_false(send_hook("missing"));
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_unknown_hook_costs_the_work_of_a_wrong_secret),
        cmocka_unit_test(test_the_right_secret_opens_only_its_own_hook),
};
TEST_PROGRAM("hook", tests, set_up, tear_down)
