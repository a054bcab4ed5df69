#include <curl/curl.h>
#include <stdlib.h>

#include "http/http.h"

static void free_url(CURLU **url)
{
        curl_url_cleanup(*url);
}

static void free_text(char **text)
{
        curl_free(*text);
}

static CURLU *parse(const char *text)
{
        CURLU *url = curl_url();

        if (url && curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
                curl_url_cleanup(url);
                return NULL;
        }
        return url;
}

static bool same_part(CURLU *a, CURLU *b, CURLUPart part)
{
        _cleanup_(free_text) char *x = NULL, *y = NULL;

        return curl_url_get(a, part, &x, CURLU_DEFAULT_PORT) == CURLUE_OK &&
               curl_url_get(b, part, &y, CURLU_DEFAULT_PORT) == CURLUE_OK && strcasecmp(x, y) == 0;
}

bool url_same_origin(const char *a, const char *b)
{
        _cleanup_(free_url) CURLU *x = parse(a), *y = parse(b);

        return x && y && same_part(x, y, CURLUPART_SCHEME) && same_part(x, y, CURLUPART_HOST) &&
               same_part(x, y, CURLUPART_PORT);
}

static char *part_of(const char *text, CURLUPart part, unsigned flags)
{
        _cleanup_(free_url) CURLU *url = parse(text);
        _cleanup_(free_text) char *value = NULL;

        if (!url || curl_url_get(url, part, &value, flags) != CURLUE_OK)
                return NULL;
        return strdup(value);
}

char *url_host(const char *url)
{
        return part_of(url, CURLUPART_HOST, 0);
}

char *url_port(const char *url)
{
        return part_of(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
}

char *url_resolve(const char *base, const char *reference)
{
        _cleanup_(free_url) CURLU *url = parse(base);
        _cleanup_(free_text) char *user = NULL, *result = NULL;

        /* refuses a URL with a user */
        if (!url ||
            curl_url_set(url, CURLUPART_URL, reference, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK ||
            curl_url_get(url, CURLUPART_USER, &user, 0) == CURLUE_OK ||
            curl_url_get(url, CURLUPART_URL, &result, CURLU_NO_DEFAULT_PORT) != CURLUE_OK)
                return NULL;
        return strdup(result);
}

char *url_escape(const char *text)
{
        _cleanup_(free_text) char *escaped = curl_easy_escape(NULL, text, 0);

        return escaped ? strdup(escaped) : NULL;
}
