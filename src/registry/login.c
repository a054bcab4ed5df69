/* Finds the credentials of a registry. relman reads files immediately. With a credential helper,
 * calls wait for the answer of the helper. */

#include <errno.h>
#include <stdlib.h>

#include "registry/internal.h"

/* time for which relman uses the result of a lookup again */
#define HELPED_FOR (5 * USEC_PER_MIN)
#define HUB_HOST   "docker.io"
#define HUB_SERVER "https://index.docker.io/v1/" /* the URL of Docker Hub for helpers */

static CredentialsPlan plan_of(const Registry *registry, const char *repository)
{
        return (CredentialsPlan){ .auth = &registry->auth,
                                  .folder = registry->credentials_folder,
                                  .host = registry->host,
                                  .repository = repository };
}

int login_read(Registry *registry, const char *repository, Credentials *ret, Error *err)
{
        CredentialsPlan plan = plan_of(registry, repository);
        int r;

        r = credentials_read(&plan, ret, err);
        if (r < 0 || !ret->helper)
                return r;
        credentials_done(ret);
        return credentials_copy(&registry->helped, ret) < 0 ? error_oom(err) : 0;
}

void login_leave(RegistryCall *call)
{
        Registry *registry = call->registry;
        RegistryCall **at, *last = NULL;

        if (!call->waits_for_login)
                return;
        for (at = &registry->login_first; *at != call; at = &(*at)->waiting_next)
                last = *at;
        *at = call->waiting_next;
        if (registry->login_last == call)
                registry->login_last = last;
        call->waits_for_login = false;
}

/* Calls ready for all calls that wait. ready may cancel waiting calls. Calls that begin to wait in
 * the meantime have a later round, and wait for the next answer. */
static void release(Registry *registry, const Error *error)
{
        unsigned round = registry->login_round++;

        while (registry->login_first && registry->login_first->waiting_round == round) {
                RegistryCall *call = registry->login_first;

                login_leave(call);
                call->ready(call, NULL, error);
        }
}

static void on_helper(const Credentials *credentials, const Error *error, void *userdata)
{
        Registry *registry = userdata;
        Error own = { 0 };

        if (!error) {
                credentials_done(&registry->helped);
                if (credentials_copy(credentials, &registry->helped) < 0)
                        (void)error_oom(&own);
                else {
                        registry->helped_at = time_monotonic();
                        registry->is_anonymous = !credentials_are_secret(credentials);
                }
        }
        registry->helper_ended = true; /* not freed here: this function is a callback of the
                                        * helper */
        if (error)
                (void)error_set(&own, error->kind, error->code, "registry '%s': %s", registry->name,
                                error_message(error));
        release(registry, own.kind == ERROR_NONE ? NULL : &own);
        error_done(&own);
}

static int ask(Registry *registry, const char *name, Error *err)
{
        const HelperPlan plan = { .name = name,
                                  .server = streq(registry->host, HUB_HOST) ? HUB_SERVER
                                                                            : registry->host,
                                  .done = on_helper,
                                  .userdata = registry };

        if (registry->helper_ended) {
                registry->helper = helper_free(registry->helper);
                registry->helper_ended = false;
        }
        if (registry->helper)
                return 0;
        return helper_start(http_client_event(registry->http), &plan, &registry->helper, err);
}

/* Records what kind of credentials the files have. Unless they depend on the repository, relman
 * does not read the files again for HELPED_FOR. */
static void note_login(RegistryCall *call, const Credentials *credentials)
{
        Registry *registry = call->registry;

        registry->has_token = credentials->token;
        registry->is_scoped = credentials->is_scoped;
        registry->is_anonymous = !credentials->token && !credentials_are_secret(credentials);
        registry->helped_at = registry->is_scoped ? 0 : time_monotonic();
}

static void take_login(RegistryCall *call)
{
        call->has_token = call->registry->has_token;
        call->is_anonymous = call->registry->is_anonymous;
}

int login_wait(RegistryCall *call, LoginReady ready, Error *err)
{
        Registry *registry = call->registry;
        CredentialsPlan plan = plan_of(registry, call->repository);
        Credentials credentials;
        int r;

        if ((!registry->auth.helper && !registry->auth.docker_config) ||
            (registry->helped_at > 0 && registry->helped_at + HELPED_FOR > time_monotonic())) {
                take_login(call);
                return 0;
        }
        r = credentials_read(&plan, &credentials, err);
        if (r < 0 || !credentials.helper) {
                if (r >= 0)
                        note_login(call, &credentials);
                take_login(call);
                credentials_done(&credentials);
                return r;
        }
        r = ask(registry, credentials.helper, err);
        credentials_done(&credentials);
        if (r < 0)
                return r;
        call->waits_for_login = true;
        call->ready = ready;
        call->waiting_round = registry->login_round;
        call->waiting_next = NULL;
        if (registry->login_last)
                registry->login_last->waiting_next = call;
        else
                registry->login_first = call;
        registry->login_last = call;
        return 1;
}
