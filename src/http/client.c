/* Runs libcurl's multi interface on sd-event. Sockets and the timer are event sources. A defer
 * source calls the completions, so that none runs inside a callback of libcurl. */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "http/internal.h"

#define COMPLETIONS_PER_TURN 64
#define SOCKETS_PER_TURN     64
/* maximum time of one callback, so that other event sources run too */
#define SLICE (10 * USEC_PER_MSEC)

static int end_finished(HttpClient *client)
{
        usec_t until = time_monotonic() + SLICE;
        bool is_over = true;
        CURLMsg *message;
        int n_left, n = 0;

        while (n++ < COMPLETIONS_PER_TURN &&
               (message = curl_multi_info_read(client->multi, &n_left))) {
                HttpCall *call = NULL;

                if (message->msg != CURLMSG_DONE)
                        continue;
                (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&call);
                pool_transfer_ended(call, message->data.result);
        }
        for (HttpPool *pool = client->pools, *next; pool; pool = next) {
                next = pool->next;
                pool_complete_done(pool, until);
        }
        for (const HttpPool *pool = client->pools; pool; pool = pool->next)
                is_over = is_over && !pool_has_done(pool);
        if (n > COMPLETIONS_PER_TURN || !is_over)
                return sd_event_source_set_enabled(client->rest, SD_EVENT_ONESHOT);
        client->lacked_memory = false;
        return 0;
}

static int on_finished(sd_event_source *source, void *userdata)
{
        (void)source;
        return end_finished(userdata);
}

/* Continues in the next turn of the event loop: the timer has expired, so it fires then. A defer
 * source would run before all other sources. */
static int on_rest(sd_event_source *source, usec_t usec, void *userdata)
{
        (void)source, (void)usec;
        return end_finished(userdata);
}

/* Called by libcurl when it begins or stops watching a socket. */
static int socket_callback(CURL *easy, curl_socket_t fd, int what, void *userdata, void *assigned)
{
        HttpClient *client = userdata;

        (void)easy, (void)assigned;
        return sockets_watch(&client->watched, fd, what) < 0 ? -1 : 0;
}

/* Called by libcurl to set its timer. Never returns an error, because libcurl would then leave a
 * handle half added. If the timer cannot be set, the timer of the pool ends the transfer later. */
static int timer_callback(CURLM *multi, long timeout_ms, void *userdata)
{
        HttpClient *client = userdata;
        usec_t at = timeout_ms < 0 ? USEC_INFINITY
                                   : time_monotonic() + (usec_t)timeout_ms * USEC_PER_MSEC;

        (void)multi;
        if (timeout_ms != 0 || sd_event_source_set_enabled(client->now, SD_EVENT_ONESHOT) < 0)
                (void)lazy_timer_set(&client->timer, at);
        return 0;
}

static CURLM *new_multi(HttpClient *client)
{
        CURLM *multi = curl_multi_init();

        if (!multi)
                return NULL;
        (void)curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, socket_callback);
        (void)curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, client);
        (void)curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, timer_callback);
        (void)curl_multi_setopt(multi, CURLMOPT_TIMERDATA, client);
        (void)curl_multi_setopt(multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
        return multi;
}

/* Ends all transfers and replaces the multi handle, whose state is unknown after a failure. If
 * memory runs out, the old handle stays. */
static void replace_multi(HttpClient *client)
{
        CURLM *fresh;

        client->is_broken = true;
        for (HttpPool *pool = client->pools; pool; pool = pool->next)
                pool_end_running(pool);
        fresh = new_multi(client);
        if (fresh) {
                (void)curl_multi_cleanup(client->multi); /* the multi handle has no transfer now */
                client->multi = fresh;
        }
        client->is_broken = false;
        for (HttpPool *pool = client->pools; pool; pool = pool->next)
                pool_schedule(pool);
}

static void act(HttpClient *client, curl_socket_t fd, int mask)
{
        CURLMcode code;
        int running;

        errno = 0;
        code = curl_multi_socket_action(client->multi, fd, mask, &running);
        if (code != CURLM_OK || errno == ENOMEM)
                client->lacked_memory = true;
        /* this code is about the multi handle; the codes of transfers are in CURLMsg */
        if (code != CURLM_OK)
                replace_multi(client);
}

static int mask_of(uint32_t events)
{
        int mask = 0;

        if (events & EPOLLIN)
                mask |= CURL_CSELECT_IN;
        if (events & EPOLLOUT)
                mask |= CURL_CSELECT_OUT;
        if (events & (EPOLLERR | EPOLLHUP))
                mask |= CURL_CSELECT_ERR;
        return mask;
}

/* Serves many ready sockets in one turn, because a turn of the event loop is expensive. libcurl
 * ignores a descriptor that it has closed in the meantime. */
static int on_sockets(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        HttpClient *client = userdata;
        struct epoll_event events[SOCKETS_PER_TURN];
        usec_t until = time_monotonic() + SLICE;
        int n;

        (void)source, (void)fd, (void)revents;
        n = sockets_ready(&client->watched, events, SOCKETS_PER_TURN);
        /* the other sockets are reported again in the next turn */
        for (int i = 0; i < n && (i == 0 || time_monotonic() < until); i++)
                act(client, events[i].data.fd, mask_of(events[i].events));
        return sd_event_source_set_enabled(client->finished, SD_EVENT_ONESHOT);
}

static void on_timer(void *userdata)
{
        HttpClient *client = userdata;

        act(client, CURL_SOCKET_TIMEOUT, 0);
        /* cannot fail: the event source exists */
        (void)sd_event_source_set_enabled(client->finished, SD_EVENT_ONESHOT);
}

static int on_now(sd_event_source *source, void *userdata)
{
        (void)source;
        on_timer(userdata);
        return 0;
}

static int arm(HttpClient *client)
{
        int r;

        r = sockets_init(&client->watched);
        if (r < 0)
                return r;
        r = sd_event_add_io(client->event, &client->sockets, client->watched.epoll_fd, EPOLLIN,
                            on_sockets, client);
        if (r >= 0)
                r = lazy_timer_init(&client->timer, client->event, on_timer, client);
        if (r >= 0)
                r = sd_event_add_defer(client->event, &client->finished, on_finished, client);
        if (r >= 0)
                r = sd_event_source_set_enabled(client->finished, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_add_time(client->event, &client->rest, CLOCK_MONOTONIC, 0, 1, on_rest,
                                      client);
        if (r >= 0)
                r = sd_event_source_set_enabled(client->rest, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_add_defer(client->event, &client->now, on_now, client);
        if (r >= 0)
                r = sd_event_source_set_enabled(client->now, SD_EVENT_OFF);
        return r;
}

int http_client_new(sd_event *event, const char *user_agent, HttpClient **ret, Error *err)
{
        _cleanup_(http_client_freep) HttpClient *client = calloc(1, sizeof(*client));
        int r;

        if (!client)
                return error_oom(err);
        client->event = sd_event_ref(event);
        client->watched.epoll_fd = -1;
        client->on_lost = replace_multi;
        client->user_agent = strdup(user_agent);
        if (!client->user_agent || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
                return error_oom(err);
        client->multi = new_multi(client);
        if (!client->multi)
                return error_oom(err);
        r = arm(client);
        if (r < 0)
                return error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r));
        r = budget_new(event, &client->budget, err);
        if (r < 0)
                return r;
        *ret = TAKE(client);
        return 0;
}

HttpClient *http_client_free(HttpClient *client)
{
        if (!client)
                return NULL;
        assert(!client->pools);
        if (client->multi)
                (void)curl_multi_cleanup(client->multi); /* the multi handle has no transfer now */
        lazy_timer_done(&client->timer);
        sd_event_source_disable_unref(client->now);
        sd_event_source_disable_unref(client->sockets);
        sockets_done(&client->watched);
        sd_event_source_disable_unref(client->finished);
        sd_event_source_disable_unref(client->rest);
        budget_free(client->budget);
        sd_event_unref(client->event);
        free(client->user_agent);
        free(client);
        return NULL;
}

Budget *http_client_budget(const HttpClient *client)
{
        return client->budget;
}

sd_event *http_client_event(const HttpClient *client)
{
        return client->event;
}
