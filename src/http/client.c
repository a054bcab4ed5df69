/* libcurl's multi interface on sd-event: sockets and the timer hang on the loop; completions are
 * told from a defer source, so that nobody's code ever runs inside a callback of libcurl. */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "http/internal.h"

#define COMPLETIONS_PER_TURN 64

static int on_finished(sd_event_source *source, void *userdata)
{
        HttpClient *client = userdata;
        CURLMsg *message;
        int n_left, n = 0;

        (void)source;
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
                pool_tell_done(pool);
        }
        for (HttpPool *pool = client->pools; pool; pool = pool->next)
                if (pool_has_done(pool))
                        n = COMPLETIONS_PER_TURN + 1;
        if (n > COMPLETIONS_PER_TURN)
                return sd_event_source_set_enabled(client->finished, SD_EVENT_ONESHOT);
        return 0;
}

static int act(HttpClient *client, curl_socket_t fd, int mask)
{
        int running;

        (void)curl_multi_socket_action(client->multi, fd, mask,
                                       &running); /* failures end as messages */
        return sd_event_source_set_enabled(client->finished, SD_EVENT_ONESHOT);
}

static int on_socket(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        int mask = 0;

        (void)source;
        if (revents & EPOLLIN)
                mask |= CURL_CSELECT_IN;
        if (revents & EPOLLOUT)
                mask |= CURL_CSELECT_OUT;
        if (revents & (EPOLLERR | EPOLLHUP))
                mask |= CURL_CSELECT_ERR;
        return act(userdata, fd, mask);
}

static int on_timer(sd_event_source *source, usec_t usec, void *userdata)
{
        (void)source, (void)usec;
        return act(userdata, CURL_SOCKET_TIMEOUT, 0);
}

/* libcurl wants a socket watched, or no longer: then it may never have been announced, and may be
 * closed already. */
static int socket_callback(CURL *easy, curl_socket_t fd, int what, void *userdata, void *assigned)
{
        HttpClient *client = userdata;
        sd_event_source *source = assigned;
        uint32_t events =
                (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);

        (void)easy;
        if (what == CURL_POLL_REMOVE) {
                sd_event_source_disable_unref(source);
                (void)curl_multi_assign(client->multi, fd, NULL); /* unknown is fine */
                return 0;
        }
        if (client->closing)
                return 0;
        if (source)
                return sd_event_source_set_io_events(source, events) < 0 ? -1 : 0;
        if (sd_event_add_io(client->event, &source, fd, events, on_socket, client) < 0)
                return -1;
        return curl_multi_assign(client->multi, fd, source) == CURLM_OK ? 0 : -1;
}

static int timer_callback(CURLM *multi, long timeout_ms, void *userdata)
{
        HttpClient *client = userdata;

        (void)multi;
        if (client->closing)
                return 0;
        if (timeout_ms < 0)
                return sd_event_source_set_enabled(client->timer, SD_EVENT_OFF) < 0 ? -1 : 0;
        if (sd_event_source_set_time_relative(client->timer, (uint64_t)timeout_ms * USEC_PER_MSEC) <
            0)
                return -1;
        return sd_event_source_set_enabled(client->timer, SD_EVENT_ONESHOT) < 0 ? -1 : 0;
}

static int arm(HttpClient *client)
{
        int r;

        r = sd_event_add_time_relative(client->event, &client->timer, CLOCK_MONOTONIC, 0, 1,
                                       on_timer, client);
        if (r >= 0)
                r = sd_event_source_set_enabled(client->timer, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_add_defer(client->event, &client->finished, on_finished, client);
        if (r >= 0)
                r = sd_event_source_set_enabled(client->finished, SD_EVENT_OFF);
        return r;
}

int http_client_new(sd_event *event, const char *user_agent, HttpClient **ret, Error *err)
{
        _cleanup_(http_client_freep) HttpClient *client = calloc(1, sizeof(*client));
        int r;

        if (!client)
                return error_oom(err);
        client->event = sd_event_ref(event);
        client->user_agent = strdup(user_agent);
        if (!client->user_agent || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
                return error_oom(err);
        client->multi = curl_multi_init();
        if (!client->multi)
                return error_oom(err);
        r = arm(client);
        if (r < 0)
                return error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r));
        (void)curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, socket_callback);
        (void)curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
        (void)curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, timer_callback);
        (void)curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
        (void)curl_multi_setopt(client->multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
        *ret = TAKE(client);
        return 0;
}

HttpClient *http_client_free(HttpClient *client)
{
        if (!client)
                return NULL;
        assert(!client->pools);
        client->closing = true;
        if (client->multi)
                (void)curl_multi_cleanup(client->multi); /* no transfer is left in it */
        sd_event_source_disable_unref(client->timer);
        sd_event_source_disable_unref(client->finished);
        sd_event_unref(client->event);
        free(client->user_agent);
        free(client);
        return NULL;
}

sd_event *http_client_event(const HttpClient *client)
{
        return client->event;
}
