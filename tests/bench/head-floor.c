/* Measures the lower bound of a first sync: head-floor URL N. Sends the same N HEAD requests as
 * relmand in a minimal loop of libcurl's multi interface, with 16 connections. Stores nothing. The
 * first tag is v1.0.100000. */

#include <curl/curl.h>
#include <stdio.h>

#include "base/parse.h"

#define N_CONNECTIONS 16
#define FIRST_TAG     100000

/* The same header as in src/registry/manifest.c. */
static const char accept_header[] =
        "Accept: application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, "
        "application/vnd.docker.distribution.manifest.list.v2+json, "
        "application/vnd.docker.distribution.manifest.v2+json";

static CURL *new_easy(struct curl_slist *headers)
{
        CURL *easy = curl_easy_init();

        if (easy && (curl_easy_setopt(easy, CURLOPT_NOBODY, 1L) != CURLE_OK ||
                     curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) != CURLE_OK ||
                     curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers) != CURLE_OK ||
                     curl_easy_setopt(easy, CURLOPT_USERAGENT, "relman/0") != CURLE_OK)) {
                curl_easy_cleanup(easy);
                return NULL;
        }
        return easy;
}

static int begin(CURLM *multi, CURL *easy, const char *url, uint64_t index)
{
        char text[512];

        (void)snprintf(text, sizeof(text), "%s/manifests/v1.0.%llu", url,
                       (unsigned long long)(FIRST_TAG + index));
        if (curl_easy_setopt(easy, CURLOPT_URL, text) != CURLE_OK)
                return -1;
        return curl_multi_add_handle(multi, easy) == CURLM_OK ? 0 : -1;
}

static int run(CURLM *multi, const char *url, uint64_t n)
{
        struct curl_slist *headers = curl_slist_append(NULL, accept_header);
        uint64_t n_begun = 0, n_done = 0;

        for (; n_begun < n && n_begun < N_CONNECTIONS; n_begun++) {
                CURL *easy = headers ? new_easy(headers) : NULL;

                if (!easy || begin(multi, easy, url, n_begun) < 0)
                        return -1;
        }
        while (n_done < n) {
                CURLMsg *message;
                int running, left;

                if (curl_multi_perform(multi, &running) != CURLM_OK)
                        return -1;
                while ((message = curl_multi_info_read(multi, &left))) {
                        CURL *easy = message->easy_handle;
                        bool failed = message->data.result != CURLE_OK;

                        /* cannot fail, because the handle was added */
                        (void)curl_multi_remove_handle(multi, easy);
                        if (failed)
                                return -1;
                        n_done++;
                        if (n_begun < n && begin(multi, easy, url, n_begun++) < 0)
                                return -1;
                }
                if (running > 0 && curl_multi_poll(multi, NULL, 0, 1000, NULL) != CURLM_OK)
                        return -1;
        }
        return 0;
}

int main(int argc, char **argv)
{
        CURLM *multi = curl_multi_init();
        uint64_t n;

        if (argc != 3 || !multi || parse_uint64(argv[2], &n) < 0)
                return 2;
        (void)curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)N_CONNECTIONS);
        return run(multi, argv[1], n) < 0 ? 1 : 0;
}
