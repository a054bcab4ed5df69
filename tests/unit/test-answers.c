/* Tests the parsers of registry answers: Link, WWW-Authenticate, tokens, tag lists, manifests. */

#include <arpa/inet.h>

#include "base/limits.h"
#include "http/internal.h"
#include "http/rate-limit.h"
#include "registry/internal.h"
#include "registry/realm.h"
#include "registry/tag-collector.h"
#include "registry/wire/challenge.h"
#include "registry/wire/link-header.h"
#include "registry/wire/manifest-json.h"
#include "registry/wire/scope.h"
#include "unit.h"

TEST_ARENA(arena, set_up, tear_down)

static void test_announced_limits_are_respected(void **state)
{
        static const usec_t now = 1800000000 * USEC_PER_SEC;
        static const struct {
                RateHeaders headers;
                RatePause wanted; /* seconds */
        } cases[] = {
                { { .remaining = "76;w=21600" }, { 0, 0 } },
                { { .remaining = "0;w=21600" }, { 0, 900 } },
                { { .remaining = "0;w=60" }, { 0, 60 } },
                { { .remaining = "0" }, { 0, 60 } },
                { { .remaining = "0", .reset = "17" }, { 0, 17 } },
                { { .remaining = "00;w=999999999999" }, { 0, 60 } },
                { { .remaining = "-0" }, { 0, 0 } },
                { { .remaining = "0x" }, { 0, 0 } },
                { { .remaining = "" }, { 0, 0 } },
                { { .x_remaining = "0", .x_reset = "1800000030" }, { 30, 0 } },
                { { .x_remaining = "0", .x_reset = "45" }, { 45, 0 } },
                { { .x_remaining = "0", .x_reset = "1799999999" }, { 0, 0 } },
                { { .x_remaining = "0", .x_reset = "99999999999999999999" }, { 0, 0 } },
                { { .x_remaining = "0" }, { 0, 0 } },
                { { .x_remaining = "1", .x_reset = "45" }, { 0, 0 } },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                RatePause got = rate_limit_read(&cases[i].headers, now);

                assert_case(got.all == cases[i].wanted.all * USEC_PER_SEC &&
                                    got.counted == cases[i].wanted.counted * USEC_PER_SEC,
                            "case %zu: %lu, %lu", i, (unsigned long)got.all,
                            (unsigned long)got.counted);
        }
        assert_int_equal(rate_limit_retry_at("1800000007", now), 7 * USEC_PER_SEC);
        /* the text is a time, not a number of seconds */
        assert_int_equal(rate_limit_retry_at("30", now), 0);
        assert_int_equal(rate_limit_retry_at("soon", now), 0);
}

/* Uses the forms of RFC 8288, section 3, and texts of registries that are not valid Link
 * headers. */
static void test_the_next_link_is_found_in_any_spelling(void **state)
{
        static const struct {
                const char *header, *next, *unnamed;
                bool unreadable;
        } cases[] = {
                { "</v2/a/tags/list?last=x&n=5>; rel=\"next\"", "/v2/a/tags/list?last=x&n=5", NULL,
                  false },
                { "<https://r.example/v2/a?n=5>;rel=next", "https://r.example/v2/a?n=5", NULL,
                  false },
                { "<?n=5>; REL=\"NEXT\"", "?n=5", NULL, false },
                { "<?n=5> ; rel = \"next\" ", "?n=5", NULL, false },
                { "<?n=5>; rel='next'", "?n=5", NULL, false },
                { "/a?n=5; rel=\"next\"", "/a?n=5", NULL, false },
                { "r.example/a?n=5;rel=next", "r.example/a?n=5", NULL, false },
                { "</a>; rel=\"prev\", </b>; rel=\"next\"", "/b", NULL, false },
                { "</a>; rel=next, </b>; rel=next", "/a", NULL, false },
                { "</a>; title=\"x, y; rel=prev\"; rel=\"next\"", "/a", NULL, false },
                { "</a>; title=\"x; rel=next\"; rel=\"prev\"", NULL, NULL, false },
                { "</a>; title=\"x\\\"; rel=next\"; rel=\"prev\"", NULL, NULL, false },
                { "</a>; title*=UTF-8''n%20x; crossorigin; rel=next; type=\"a/b\"", "/a", NULL,
                  false },
                { "</a>; rel=\"prev next\"", "/a", NULL, false },
                { "</a>; rel=\"next prev\"", "/a", NULL, false },
                { "</a>; rel=\"nextish http://r.example/next\"", NULL, NULL, false },
                { "</a>; rel=prev; rel=next", NULL, NULL, false },
                { "</a>; xrel=next; relx=next", NULL, "/a", false },
                { "</a,b;c>; rel=next", "/a,b;c", NULL, false },
                { "<>; rel=next", NULL, NULL, false },
                { "</a>; rel=prev", NULL, NULL, false },
                { "</a>; rel", NULL, NULL, false },
                { "</a>", NULL, "/a", false },
                { "</a>, </b>; rel=next", "/b", "/a", false },
                { ", ,</a>; rel=next,,", "/a", NULL, false },
                { "", NULL, NULL, false },
                { "</a; rel=next", NULL, NULL, true },
                { "</a>; rel=prev </b>; rel=next", NULL, NULL, true },
                { "</a> rel=next", NULL, NULL, true },
                { "<", NULL, NULL, true },
                { ";;;,,,", NULL, NULL, true },
                { "\"/a\"; rel=next", NULL, NULL, true },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                LinkNext got = { 0 };

                assert_int_equal(link_read(cases[i].header, &arena, &got), 0);
                assert_case(str_equal(got.target, cases[i].next), "'%s': next '%s'",
                            cases[i].header, got.target ? got.target : "NULL");
                assert_case(str_equal(got.unnamed, cases[i].unnamed), "'%s': unnamed '%s'",
                            cases[i].header, got.unnamed ? got.unnamed : "NULL");
                assert_case(got.is_unreadable == cases[i].unreadable, "'%s': unreadable",
                            cases[i].header);
        }
}

static void test_only_the_query_of_a_link_is_taken(void **state)
{
        static const struct {
                const char *target, *query;
        } cases[] = {
                { "/v2/a/tags/list?last=x&n=5", "last=x&n=5" },
                { "?last=x", "last=x" },
                { "https://user:secret@inner:5000/v2/?last=x#part", "last=x" },
                { "last?a?b", "a?b" },
                { "/v2/a?last=%2B%3d&next_page=gAAA-_~", "last=%2B%3d&next_page=gAAA-_~" },
                { "/v2/a", NULL },
                { "/v2/a?", NULL },
                { "/v2/a?#last=x", NULL },
                { "/v2/a#part?last=x", NULL },
                { "/v2/a?last=x y", NULL },
                { "/v2/a?last=\"x\"", NULL },
                { "/v2/a?last=\x01", NULL },
                { "/v2/a?last=\xc3\xa4", NULL },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const char *got = link_query(cases[i].target, &arena);

                assert_case(str_equal(got, cases[i].query), "'%s': '%s'", cases[i].target,
                            got ? got : "NULL");
        }
}

static void test_a_query_gives_its_cursor_undecoded(void **state)
{
        (void)state;
        assert_string_equal(query_value("n=5&last=a%2Fb", "last", &arena), "a%2Fb");
        assert_string_equal(query_value("last=", "last", &arena), "");
        assert_null(query_value("xlast=1&la=2", "last", &arena));
        assert_null(query_value("", "last", &arena));
}

/* See RFC 9110, sections 5.6.4, 11.2, 11.3 and 11.6.1; RFC 6750, section 3; RFC 7617, section 2. */
static void test_challenges_are_distinguished(void **state)
{
        static const struct {
                const char *header;
                bool basic;
                const char *realm, *service, *scope;
        } cases[] = {
                { "Bearer realm=\"https://a.example/token\",service=\"s\",scope=\"repository:a/b:pull,push\"",
                  false, "https://a.example/token", "s", "repository:a/b:pull,push" },
                { "bearer REALM=https://a.example/token", false, "https://a.example/token", NULL,
                  NULL },
                { "Basic realm=\"x\"", true, NULL, NULL, NULL },
                { "Bearer realm=\"https://a.example/t\",scope=\"*\",Basic realm=\"https://a.example/v2\"",
                  true, "https://a.example/t", NULL, "*" },
                { "Basic realm=\"x\", Bearer realm=\"https://a.example/t\"", true,
                  "https://a.example/t", NULL, NULL },
                { "Bearer realm=\"a\\\"b\"", false, "a\"b", NULL, NULL },
                { "Bearer realm=\"https:\\/\\/a.example\\/t\",service=\"a\\\\b, Basic x\"", false,
                  "https://a.example/t", "a\\b, Basic x", NULL },
                { "BEARER Realm = \"https://a.example/t\" , SCOPE=\"\" , Service=s", false,
                  "https://a.example/t", "s", "" },
                { "Bearer realm=\"https://a.example/t\" service=\"s\"", false,
                  "https://a.example/t", "s", NULL }, /* the parameters have no commas */
                { "Bearer realm=\"https://a.example/t\",error=\"insufficient_scope\",scope=\"repository:a:pull repository:b:pull\"",
                  false, "https://a.example/t", NULL, "repository:a:pull repository:b:pull" },
                { "Bearer service=\"s\", Bearer realm=\"https://b.example/t\"", false,
                  "https://b.example/t", NULL, NULL },
                { "Bearer realm=\"https://a.example/t\", Bearer realm=\"https://b.example/t\"",
                  false, "https://a.example/t", NULL, NULL },
                /* unknown schemes before Bearer: alone, with parameters, with a token68 */
                { "Negotiate, Bearer realm=\"https://a.example/t\"", false, "https://a.example/t",
                  NULL, NULL },
                { "Digest realm=\"x\", nonce=\"a=b,c\", stale=true, Bearer realm=\"https://a.example/t\"",
                  false, "https://a.example/t", NULL, NULL },
                { "Negotiate YIIB+/w=, Bearer realm=\"https://a.example/t\"", false,
                  "https://a.example/t", NULL, NULL },
                { "NTLM TlRMTVNTUAACAAAA/AA==,Basic realm=\"x\",Bearer realm=\"https://a.example/t\"",
                  true, "https://a.example/t", NULL, NULL },
                { "NTLM a/b , Bearer realm=https://a.example/t", false, "https://a.example/t", NULL,
                  NULL },
                { "Negotiate YIIB/w==", false, NULL, NULL, NULL },
                { "Basic realm=Artifactory Realm, Bearer realm=\"https://a.example/t\"", true,
                  "https://a.example/t", NULL, NULL },
                { "Bearer realm=,service=s", false, NULL, NULL, NULL },
                { "Negotiate", false, NULL, NULL, NULL },
                { "Bearer", false, NULL, NULL, NULL },
                { "Bearer service=\"s\"", false, NULL, NULL, NULL },
                { "Bearer realm=\"unterminated", false, NULL, NULL, NULL },
                { "", false, NULL, NULL, NULL },
                { ",,, ,", false, NULL, NULL, NULL },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Challenge challenge = { 0 };

                assert_int_equal(challenge_parse(cases[i].header, &arena, &challenge), 0);
                assert_case(challenge.basic == cases[i].basic, "'%s': basic", cases[i].header);
                assert_case(challenge.bearer == (cases[i].realm != NULL), "'%s': bearer",
                            cases[i].header);
                if (!challenge.bearer)
                        continue;
                assert_case(str_equal(challenge.realm, cases[i].realm), "'%s': realm '%s'",
                            cases[i].header, challenge.realm);
                assert_case(str_equal(challenge.service, cases[i].service), "'%s': service",
                            cases[i].header);
                assert_case(str_equal(challenge.scope, cases[i].scope), "'%s': scope",
                            cases[i].header);
        }
}

static void test_a_challenge_with_many_values_is_read_to_its_end(void **state)
{
        static const char last[] = "realm=\"https://a.example/t\"";
        char header[64 * 1024] = "Bearer ";
        Challenge challenge = { 0 };
        size_t n = strlen(header);

        (void)state;
        for (; n + 5 + sizeof(last) < sizeof(header); n += 5)
                memcpy(header + n, "a=\"\",", 5);
        memcpy(header + n, last, sizeof(last));
        assert_int_equal(challenge_parse(header, &arena, &challenge), 0);
        assert_true(challenge.bearer);
        assert_string_equal(challenge.realm, "https://a.example/t");
}

static void test_only_reading_this_repository_is_asked_for(void **state)
{
        static const struct {
                const char *offered, *wanted;
        } cases[] = {
                { NULL, "repository:a/b:pull" },
                { "", "repository:a/b:pull" },
                { " ", "repository:a/b:pull" },
                { "*", "repository:a/b:pull" },   /* Forgejo */
                { "aws", "repository:a/b:pull" }, /* public ECR */
                { "repository:a/b:pull", "repository:a/b:pull" },
                { "repository:a/b:pull,push", "repository:a/b:pull" },
                { "repository:a/b:push,pull,delete", "repository:a/b:pull" },
                { "repository:a/b:*", "repository:a/b:pull" },
                { "repository:a/b:push", "repository:a/b:pull" },
                { "repository:a/b:", "repository:a/b:pull" },
                { "repository:a/b", "repository:a/b:pull" },
                { "repository:a/b:pull repository:prod/app:pull,push,delete registry:catalog:*",
                  "repository:a/b:pull" },
                { "repository:prod/app:metadata_read", "repository:a/b:pull" },
                { "repository:a/bc:metadata_read", "repository:a/b:pull" },
                { "repository:a:metadata_read", "repository:a/b:pull" },
                { "repository(plugin):a/b:metadata_read", "repository:a/b:pull" },
                { "registry:catalog:*", "repository:a/b:pull" },
                { "repository:a/b:metadata_read", "repository:a/b:metadata_read" }, /* Azure */
                { "repository:a/b:metadata_read,push", "repository:a/b:metadata_read" },
                { "repository:a/b:pull,metadata_read", "repository:a/b:metadata_read,pull" },
                { "repository:a/b:metadata_read repository:a/b:pull",
                  "repository:a/b:metadata_read,pull" },
                { "repository:a/b:pullmetadata_read", "repository:a/b:pull" },
        };
        static char huge[SCOPE_MAX + 64] = "repository:a/b:metadata_read";
        char *got;

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                got = scope_accept("a/b", cases[i].offered);
                assert_case(str_equal(got, cases[i].wanted), "'%s': '%s'",
                            cases[i].offered ? cases[i].offered : "NULL", got);
                free(got);
        }
        memset(huge + strlen(huge), ' ', SCOPE_MAX);
        huge[SCOPE_MAX + 1] = '\0';
        got = scope_accept("a/b", huge);
        assert_string_equal(got, "repository:a/b:pull");
        free(got);
}

static size_t count_tokens(const Registry *registry)
{
        size_t n = 0;

        for (const Token *token = registry->token_first; token; token = token->next)
                n++;
        assert_int_equal(n, registry->tokens.n);
        return n;
}

static void test_tokens_of_a_registry_are_bounded_and_the_used_ones_stay(void **state)
{
        enum {
                TOKENS = TOKENS_KEPT_MAX / TOKEN_VALUE_MAX * 2
        };
        Registry registry = { 0 };
        Token *busy = token_get(&registry, "busy");
        char scope[32];

        (void)state;
        busy->releasing = true; /* a token must not be dropped while its waiting calls are being
                                 * sent */
        for (size_t i = 0; i < TOKENS; i++) {
                char *value = malloc(TOKEN_VALUE_MAX + 1);

                memset(value, 'x', TOKEN_VALUE_MAX);
                value[TOKEN_VALUE_MAX] = '\0';
                (void)snprintf(scope, sizeof(scope), "scope %zu", i);
                token_set(token_get(&registry, scope), value, USEC_INFINITY);
                assert_true(registry.tokens_size <= TOKENS_KEPT_MAX);
                /* the most recently used token is never dropped */
                assert_non_null(token_get(&registry, "scope 0")->value);
        }
        assert_true(count_tokens(&registry) < TOKENS / 2 + 2);
        assert_true(count_tokens(&registry) > TOKENS / 4);
        assert_ptr_equal(token_get(&registry, "busy"), busy);
        /* the old token was dropped, so this is a new token */
        assert_null(token_get(&registry, "scope 1")->value);
        for (size_t i = 0; i < 100000; i++) { /* tokens that were never fetched */
                (void)snprintf(scope, sizeof(scope), "none %zu", i);
                (void)token_get(&registry, scope);
        }
        assert_true(registry.tokens_size <= TOKENS_KEPT_MAX);
        while (registry.token_first)
                token_free(registry.token_first);
        assert_int_equal(registry.tokens_size, 0);
        map_done(&registry.tokens);
}

static void test_a_token_of_great_size_is_refused(void **state)
{
        static char json[TOKEN_VALUE_MAX + 64];
        Error error = { 0 };
        const char *token;
        usec_t lifetime;
        int n;

        (void)state;
        for (int size = TOKEN_VALUE_MAX; size <= TOKEN_VALUE_MAX + 1; size++) {
                n = snprintf(json, sizeof(json), "{\"token\":\"%0*d\"}", size, 1);
                assert_int_equal(token_parse(json, (size_t)n, &arena, &token, &lifetime, &error),
                                 size > TOKEN_VALUE_MAX ? -EBADMSG : 0);
        }
        assert_int_equal(error.kind, ERROR_HOSTILE);
        assert_string_equal(error_message(&error), "the token has 16385 bytes, the limit is 16384");
        error_done(&error);
}

static void test_a_vendors_list_is_given_up_for_an_hour_after_three_refusals(void **state)
{
        static const usec_t start = 5 * USEC_PER_HOUR, end = start + USEC_PER_HOUR;
        Registry registry = { 0 };

        (void)state;
        fall_back_refused(&registry, "a", start);
        fall_back_refused(&registry, "a", start);
        assert_false(fall_back_is_on(&registry, "a", start));
        fall_back_worked(&registry, "a"); /* the count of refusals restarts */
        for (size_t i = 0; i < 2; i++)
                fall_back_refused(&registry, "a", start);
        assert_false(fall_back_is_on(&registry, "a", start));
        fall_back_refused(&registry, "a", start);
        assert_true(fall_back_is_on(&registry, "a", start));
        assert_true(fall_back_is_on(&registry, "a", end - 1));
        assert_false(fall_back_is_on(&registry, "a", end));
        assert_false(fall_back_is_on(&registry, "b", start));
        /* after the hour, one more refusal is enough for another hour */
        fall_back_refused(&registry, "a", end);
        assert_true(fall_back_is_on(&registry, "a", end + USEC_PER_HOUR - 1));
        fall_back_worked(&registry, "a");
        assert_false(fall_back_is_on(&registry, "a", end));
        fall_backs_free(&registry);
}

static void note_ready(void *userdata)
{
        *(bool *)userdata = true;
}

static void turn(sd_event *event)
{
        assert_true(sd_event_run(event, 0) >= 0);
}

static void test_one_share_at_a_time_goes_beyond_the_budget(void **state)
{
        BudgetShare a = { 0 }, b = { 0 }, c = { 0 }, d = { 0 }, e = { 0 };
        bool b_ready = false, c_ready = false, d_ready = false;
        sd_event *event = NULL;
        Budget *budget = NULL;
        Error error = { 0 };

        (void)state;
        assert_true(sd_event_new(&event) >= 0);
        assert_int_equal(budget_new(event, &budget, &error), 0);
        a.budget = b.budget = c.budget = d.budget = e.budget = budget;
        assert_int_equal(budget_take(&e, BUDGET_TOGETHER / 2), 0);
        assert_int_equal(budget_take(&a, BUDGET_TOGETHER / 2 + 1), 0);
        assert_true(a.alone && !e.alone);
        assert_int_equal(budget_take(&a, BUDGET_ALONE - a.used), 0);
        assert_int_equal(budget_take(&a, 1), -EFBIG);
        /* b fits into BUDGET_TOGETHER together with e; a runs alone and does not use that budget */
        assert_int_equal(budget_take(&b, BUDGET_TOGETHER / 2), 0);
        assert_int_equal(budget_take(&b, 1), -EAGAIN);
        assert_int_equal(b.used, BUDGET_TOGETHER / 2);
        budget_wait(&b, note_ready, &b_ready);
        assert_int_equal(budget_take(&c, 1), -EAGAIN);
        budget_wait(&c, note_ready, &c_ready);
        assert_int_equal(budget_take(&d, 1), -EAGAIN);
        budget_wait(&d, note_ready, &d_ready);
        turn(event);
        assert_false(b_ready || c_ready || d_ready);
        budget_share_done(&a);
        budget_share_done(&a);
        budget_share_done(&c); /* cancels c while it waits */
        turn(event);
        assert_true(b_ready && !c_ready && !d_ready);
        assert_int_equal(budget_take(&b, BUDGET_ALONE - b.used), 0);
        assert_int_equal(budget_replace(&b, 5, 6), -EFBIG);
        budget_share_done(&b);
        turn(event);
        assert_true(d_ready && !c_ready);
        budget_share_done(&d);
        budget_share_done(&e);
        a.budget = b.budget = budget;
        /* all memory was returned exactly once: a gets BUDGET_TOGETHER, but not one byte more */
        assert_int_equal(budget_take(&a, BUDGET_TOGETHER), 0);
        assert_false(a.alone);
        assert_int_equal(budget_take(&b, 1), 0);
        assert_true(b.alone);
        budget_share_done(&a);
        budget_share_done(&b);
        budget_free(budget);
        sd_event_unref(event);
}

static void test_where_credentials_may_go(void **state)
{
        static const struct {
                const char *registry, *realm, *pinned;
                bool allowed;
        } cases[] = {
                /* both hosts share only a public suffix */
                { "https://registry.example.com", "https://registry.example.com/token", NULL,
                  true },
                { "https://registry.example.com", "https://auth.example.com/token", NULL, true },
                { "https://registry-1.docker.io", "https://auth.docker.io/token", NULL, true },
                { "https://registry.example.com", "https://example.org/token", NULL, false },
                { "https://a.co.uk", "https://b.co.uk/token", NULL, false },
                { "https://one.github.io", "https://two.github.io/token", NULL,
                  false }, /* github.io is a public suffix too */
                { "https://REGISTRY.EXAMPLE.CO.UK", "https://EVIL.CO.UK/token", NULL, false },
                { "https://registry.example.co.uk", "https://EVIL.Co.Uk/token", NULL, false },
                { "https://REGISTRY.EXAMPLE.CO.UK", "https://auth.example.co.uk/token", NULL,
                  true },
                { "https://one.公司.cn", "https://two.公司.cn/token", NULL, false },
                { "https://one.xn--55qx5d.cn", "https://two.xn--55qx5d.cn/token", NULL, false },
                { "https://one.XN--55QX5D.cn", "https://two.xn--55qx5d.CN/token", NULL, false },
                { "https://registry.BÜCHER.example", "https://auth.bücher.example/token", NULL,
                  true },
                /* suffixes of customers' hosts that the public suffix list does not contain */
                { "https://one.azurecr.io", "https://one.azurecr.io/oauth2/token", NULL, true },
                { "https://one.azurecr.io", "https://two.azurecr.io/oauth2/token", NULL, false },
                { "https://one.azurecr.io", "https://two.AZURECR.io./oauth2/token", NULL, false },
                { "https://1.dkr.ecr.eu-west-1.amazonaws.com",
                  "https://2.dkr.ecr.eu-west-1.amazonaws.com/token", NULL, false },
                { "https://one.jfrog.io", "https://two.jfrog.io/token", NULL, false },
                { "https://registry.example.com", "http://registry.example.com/token", NULL,
                  false },
                { "http://registry.example.com", "https://registry.example.com/token", NULL, true },
                { "https://registry.example.com", "https://example.com.evil.org/token", NULL,
                  false },
                { "https://registry.example.com", "https://169.254.169.254/token", NULL, false },
                { "https://registry.example.com", "https://user:pw@registry.example.com/token",
                  NULL, false },
                { "https://registry.example.com", "file:///etc/passwd", NULL, false },
                { "https://registry.example.com", "https://login.other.org/t",
                  "https://login.other.org/t", true },
                { "https://registry.example.com", "https://login.evil.org/t",
                  "https://login.other.org/t", false },
                { "https://10.0.0.1", "https://10.0.0.2/token", NULL, false },
                { "http://127.0.0.1:5000", "http://127.0.0.1:5001/token", NULL, true },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Error error = { 0 };
                int r = realm_check(cases[i].registry, cases[i].realm, cases[i].pinned, true,
                                    &error);

                assert_case((r == 0) == cases[i].allowed, "'%s' of '%s': %s", cases[i].realm,
                            cases[i].registry, error_message(&error));
                if (r < 0)
                        assert_int_equal(error.kind, ERROR_DENIED);
                error_done(&error);
        }
}

static void test_an_anonymous_token_may_come_from_another_domain(void **state)
{
        static const struct {
                const char *registry, *realm, *pinned;
                bool allowed;
        } cases[] = {
                { "https://lscr.io", "https://ghcr.io/token", NULL, true },
                { "https://one.azurecr.io", "https://two.azurecr.io/oauth2/token", NULL, true },
                { "https://10.0.0.1", "https://10.0.0.2/token", NULL, true },
                { "http://registry.example.com", "http://other.example.org/token", NULL, true },
                { "https://registry.example.com", "http://registry.example.com/token", NULL,
                  false },
                { "https://registry.example.com", "http://example.org/token", NULL, false },
                { "https://registry.example.com", "https://user:pw@example.org/token", NULL,
                  false },
                { "https://registry.example.com", "file:///etc/passwd", NULL, false },
                { "https://registry.example.com", "/token", NULL, false },
                { "https://registry.example.com", "registry", NULL, false },
                { "https://registry.example.com", "", NULL, false },
                { "https://registry.example.com", "https://login.evil.org/t",
                  "https://login.other.org/t", false },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Error error = { 0 };
                int r = realm_check(cases[i].registry, cases[i].realm, cases[i].pinned, false,
                                    &error);

                assert_case((r == 0) == cases[i].allowed, "'%s' of '%s': %s", cases[i].realm,
                            cases[i].registry, error_message(&error));
                error_done(&error);
        }
}

#define USER           "{\"auth\":\"dXNlcjpwYXNz\"}" /* user:pass */
#define OTHER          "{\"auth\":\"b3RoZXI6eA==\"}" /* other:x */
#define AUTHS(members) "{\"auths\":{" members "}}"
#define KEY(key)       AUTHS("\"" key "\":" USER)
#define AUTH(text)     AUTHS("\"r.example\":{\"auth\":\"" text "\"}")

static void test_a_docker_config_is_read_as_docker_and_podman_read_it(void **state)
{
        static const struct {
                const char *host, *repository, *json;
                const char *username, *password, *helper; /* all NULL: no credentials */
                bool scoped;
        } cases[] = {
                /* keys */
                { "r.example", "a/b", KEY("r.example"), "user", "pass", NULL, false },
                { "r.example", "a/b", KEY("R.Example"), "user", "pass", NULL, false },
                { "r.example", "a/b", KEY("r.example."), "user", "pass", NULL, false },
                { "r.example", "a/b", KEY("r.example:443"), "user", "pass", NULL, false },
                { "r.example", "a/b", KEY("r.example:80"), NULL, NULL, NULL, false },
                { "r.example", "a/b", KEY("http://r.example:80"), "user", "pass", NULL, false },
                { "r.example:5000", "a/b", KEY("r.example"), NULL, NULL, NULL, false },
                { "r.example:5000", "a/b", KEY("https://r.example:5000/v2/"), "user", "pass", NULL,
                  false },
                { "r.example", "a/b", KEY("https://r.example"), "user", "pass", NULL, false },
                { "r.example", "a/b", KEY("https://r.example/"), "user", "pass", NULL, false },
                { "r.example", "a/b", KEY("https://r.example/v1"), "user", "pass", NULL, false },
                { "r.example", "a/b", KEY("https://r.example/api/v1/"), "user", "pass", NULL,
                  false },
                { "r.example", "a/b", KEY("https://r.example/project"), "user", "pass", NULL,
                  false },
                { "r.example", "a/b", KEY("r.example/"), "user", "pass", NULL, false },
                { "r.example", "a/b", KEY("r.example/v2/"), "user", "pass", NULL, false },
                { "[::1]:5000", "a/b", KEY("[0::1]:5000"), "user", "pass", NULL, false },
                { "r.example", "a/b", KEY("evil.r.example"), NULL, NULL, NULL, false },
                { "r.example", "a/b", KEY("r.example.evil"), NULL, NULL, NULL, false },
                { "r.example", "a/b", KEY("evil.example/r.example"), NULL, NULL, NULL, false },
                { "r.example", "a/b", KEY(""), NULL, NULL, NULL, false },
                { "r.example", "a/b", "{\"auths\":[]}", NULL, NULL, NULL, false },
                { "r.example", "a/b", "{\"auths\":[\"r.example\"]}", NULL, NULL, NULL, false },
                { "r.example", "a/b", "{\"auths\":[" USER "]}", NULL, NULL, NULL, false },
                { "r.example", "a/b", "{\"auths\":\"r.example\"}", NULL, NULL, NULL, false },
                { "r.example", "a/b", "{\"credHelpers\":[\"x\"]}", NULL, NULL, NULL, false },
                /* Docker Hub */
                { "docker.io", "a/b", KEY("https://index.docker.io/v1/"), "user", "pass", NULL,
                  false },
                { "docker.io", "a/b", KEY("https://index.docker.io/v1"), "user", "pass", NULL,
                  false },
                { "docker.io", "a/b", KEY("index.docker.io"), "user", "pass", NULL, false },
                { "docker.io", "a/b", KEY("docker.io"), "user", "pass", NULL, false },
                { "docker.io", "a/b", KEY("registry-1.docker.io"), "user", "pass", NULL, false },
                { "docker.io", "a/b", KEY("https://registry-1.docker.io/v2/"), "user", "pass", NULL,
                  false },
                { "docker.io", "library/nginx", KEY("docker.io/library"), "user", "pass", NULL,
                  true },
                { "r.example", "a/b", KEY("https://index.docker.io/v1/"), NULL, NULL, NULL, false },
                /* keys of podman with a namespace: the longest match is used */
                { "r.example", "a/b", KEY("r.example/a"), "user", "pass", NULL, true },
                { "r.example", "a/b", KEY("r.example/a/b"), "user", "pass", NULL, true },
                { "r.example", "a/b", KEY("r.example/a/b/c"), NULL, NULL, NULL, true },
                { "r.example", "a/b", KEY("r.example/a/bc"), NULL, NULL, NULL, true },
                { "r.example", "ab/c", KEY("r.example/a"), NULL, NULL, NULL, true },
                { "r.example", "a/b", AUTHS("\"r.example\":" OTHER ",\"r.example/a\":" USER),
                  "user", "pass", NULL, true },
                { "r.example", "a/b",
                  AUTHS("\"r.example/a/b\":" USER ",\"r.example/a\":" OTHER
                        ",\"r.example\":" OTHER),
                  "user", "pass", NULL, true },
                { "r.example", "c", AUTHS("\"r.example/a\":" OTHER ",\"r.example\":" USER), "user",
                  "pass", NULL, true },
                { "r.example", "a/b", AUTHS("\"r.example/a\":{},\"r.example\":" USER), NULL, NULL,
                  NULL, true },
                { "r.example", "a/b",
                  AUTHS("\"https://r.example/v1/\":" OTHER ",\"r.example\":" USER), "user", "pass",
                  NULL, false },
                /* values */
                { "r.example", "a/b", AUTH("dXNlcjpwYXNz\\n"), "user", "pass", NULL, false },
                { "r.example", "a/b", AUTH("dXNl\\r\\ncjpwYXNz"), "user", "pass", NULL, false },
                { "r.example", "a/b", AUTH("dTpwOnE="), "u", "p:q", NULL, false },
                { "r.example", "a/b", AUTH("dTpwAAAA"), "u", "p", NULL,
                  false }, /* the password is followed by NULs */
                { "r.example", "a/b", AUTH("dTo="), "u", "", NULL, false },
                { "r.example", "a/b", AUTH("dTp7CiAiYSI6IDEKfQ=="), "u", "{\n \"a\": 1\n}", NULL,
                  false },
                { "r.example", "a/b",
                  AUTHS("\"r.example\":{\"username\":\"u\",\"password\":\"{\\n}\"}"), "u", "{\n}",
                  NULL, false },
                { "r.example", "a/b",
                  AUTHS("\"r.example\":{\"username\":\"u\",\"password\":\"p\",\"auth\":"
                        "\"dXNlcjpwYXNz\"}"),
                  "user", "pass", NULL, false },
                { "r.example", "a/b",
                  AUTHS("\"r.example\":{\"username\":\"u\",\"password\":\"p\",\"auth\":\"\"}"), "u",
                  "p", NULL, false },
                { "r.example", "a/b", AUTHS("\"r.example\":{\"username\":\"u\"}"), NULL, NULL, NULL,
                  false },
                { "r.example", "a/b", AUTHS("\"r.example\":{}"), NULL, NULL, NULL, false },
                { "r.example", "a/b", AUTHS("\"r.example\":null"), NULL, NULL, NULL, false },
                /* credential helpers */
                { "r.example", "a/b",
                  "{\"credHelpers\":{\"r.example\":\"x\"},\"credsStore\":\"y\"}", NULL, NULL, "x",
                  false },
                { "r.example", "a/b", "{\"credHelpers\":{\"R.Example.:443\":\"x\"}}", NULL, NULL,
                  "x", false },
                { "r.example", "a/b",
                  "{\"credHelpers\":{\"https://r.example/v1/\":\"x\"},\"auths\":{\"r.example\":" USER
                  "}}",
                  "user", "pass", NULL, false },
                { "docker.io", "a/b", "{\"credHelpers\":{\"https://index.docker.io/v1/\":\"x\"}}",
                  NULL, NULL, "x", false },
                /* docker ignores the case of the names of members */
                { "r.example", "a/b", "{\"Auths\":{\"r.example\":{\"Auth\":\"dXNlcjpwYXNz\"}}}",
                  "user", "pass", NULL, false },
                { "r.example", "a/b",
                  AUTHS("\"r.example\":{\"Username\":\"u\",\"PASSWORD\":\"p\"}"), "u", "p", NULL,
                  false },
                { "r.example", "a/b", "{\"CredHelpers\":{\"r.example\":\"x\"}}", NULL, NULL, "x",
                  false },
                { "r.example", "a/b", "{\"credsstore\":\"y\"}", NULL, NULL, "y", false },
                { "docker.io", "a/b", "{\"credHelpers\":{\"index.docker.io\":\"x\"}}", NULL, NULL,
                  "x", false },
                { "r.example", "a/b", "{\"credHelpers\":{\"r.example/a\":\"x\"}}", NULL, NULL, NULL,
                  false },
                { "r.example", "a/b",
                  "{\"credHelpers\":{\"s.example\":\"x\"},\"credsStore\":\"y\"}", NULL, NULL, "y",
                  false },
                { "r.example", "a/b",
                  "{\"credHelpers\":{\"r.example\":\"\"},\"credsStore\":\"y\",\"auths\":{"
                  "\"r.example\":" USER "}}",
                  "user", "pass", NULL, false },
                { "r.example", "a/b", "{\"credsStore\":\"\",\"auths\":{\"r.example\":" USER "}}",
                  "user", "pass", NULL, false },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const CredentialsPlan plan = { .host = cases[i].host,
                                               .repository = cases[i].repository };
                Credentials got = { 0 };
                Error error = { 0 };
                int r = credentials_from_docker(cases[i].json, strlen(cases[i].json), &plan, &got,
                                                &error);

                assert_case(r == 0, "case %zu: %s", i, error_message(&error));
                assert_case(str_equal(got.username, cases[i].username) &&
                                    str_equal(got.password, cases[i].password) &&
                                    str_equal(got.helper, cases[i].helper) &&
                                    got.is_scoped == cases[i].scoped,
                            "case %zu, %s: '%s'", i, cases[i].json,
                            got.username ? got.username : "none");
                credentials_done(&got);
        }
}

static void test_what_could_end_a_header_is_no_token_of_a_docker_config(void **state)
{
        static const char *const cases[] = {
                AUTH("!!!!"),
                AUTH("dXNlcjpwYXN"), /* base64 without padding */
                AUTH("dXNlcg=="),    /* without a colon */
                AUTH("AAAA"),
                AUTH("dTpwAHE="), /* a NUL inside the password */
                AUTH("\\n"),
                AUTHS("\"r.example\":{\"registrytoken\":\"a\\r\\nX-Evil: 1\"}"),
                AUTHS("\"r.example\":{\"registrytoken\":\"a b\"}"),
                AUTHS("\"r.example\":{\"identitytoken\":\"a\\nb\"}"),
                "{\"credsStore\":\"../evil\"}",
                "{\"credHelpers\":{\"r.example\":\"a b\"}}",
        };
        const CredentialsPlan plan = { .host = "r.example", .repository = "a/b" };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Credentials got = { 0 };
                Error error = { 0 };

                assert_case(credentials_from_docker(cases[i], strlen(cases[i]), &plan, &got,
                                                    &error) < 0,
                            "%s was read", cases[i]);
                error_done(&error);
                credentials_done(&got);
        }
}

static void test_token_answers(void **state)
{
        static const struct {
                const char *json, *token;
                usec_t lifetime;
        } cases[] = {
                { "{\"token\":\"t\",\"expires_in\":300}", "t", 300 * USEC_PER_SEC },
                { "{\"access_token\":\"a\"}", "a", 60 * USEC_PER_SEC },
                { "{\"token\":\"t\",\"expires_in\":-1}", "t", 60 * USEC_PER_SEC },
                { "{\"token\":\"t\",\"expires_in\":1e12}", "t", 24 * USEC_PER_HOUR },
                { "{\"token\":\"t\",\"expires_in\":\"300\"}", "t", 0 },
                { "{\"token\":\"\"}", NULL, 0 },
                { "{\"token\":\"a\\r\\nX: y\"}", NULL, 0 },
                { "{\"token\":7}", NULL, 0 },
                { "{}", NULL, 0 },
                { "[]", NULL, 0 },
                { "<html>", NULL, 0 },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Error error = { 0 };
                const char *token;
                usec_t lifetime;
                int r = token_parse(cases[i].json, strlen(cases[i].json), &arena, &token, &lifetime,
                                    &error);

                assert_case((r == 0) == (cases[i].token != NULL), "%s: %s", cases[i].json,
                            error_message(&error));
                error_done(&error);
                if (r < 0)
                        continue;
                assert_string_equal(token, cases[i].token);
                if (cases[i].lifetime)
                        assert_int_equal(lifetime, cases[i].lifetime);
                assert_true(lifetime >= 60 * USEC_PER_SEC && lifetime <= 24 * USEC_PER_HOUR);
        }
}

static int parse_tags(const char *json, size_t size, TagCollector *collector)
{
        Error error = { 0 };
        int r = tags_parse(json, size, collector, &error);

        error_done(&error);
        return r;
}

static void test_a_tag_list_keeps_what_is_a_tag(void **state)
{
        static const char json[] =
                "{\"name\":\"x\",\"tags\":[\"v1\",\"../x\",null,3,\"v2\",\"v1\",\"a\\u0000b\",\"\",\"v3\"]}";
        TagCollector collector = { .arena = &arena };

        (void)state;
        assert_int_equal(parse_tags(json, sizeof(json) - 1, &collector), 0);
        assert_int_equal(collector.n, 3);
        assert_string_equal(collector.tags[0].tag, "v1");
        assert_string_equal(collector.tags[2].tag, "v3");
        assert_int_equal(collector.n_rejected, 5);
        assert_string_equal(collector.first_rejected, "../x");
        tag_collector_done(&collector);
}

static void test_json_is_checked_before_it_is_read(void **state)
{
        static const struct {
                const char *json;
                const char *message; /* NULL: valid */
        } cases[] = {
                { " {\"a\" : [1, -2.5e+3, \"\\u00e9\\\\\", true, false, null, {}, []] } \n", NULL },
                { "0", NULL },
                { "\"\"", NULL },
                { "\"\\\\\"", NULL },
                { "\"\\\"\"", NULL },
                { "", "not valid JSON at byte 0" },
                { "[1,]", "not valid JSON at byte 3" },
                { "[1 2]", "not valid JSON at byte 4" },
                { "[,1]", "not valid JSON at byte 1" },
                { "{\"a\"}", "not valid JSON at byte 5" },
                { "{a:1}", "not valid JSON at byte 1" },
                { "{\"a\":1,}", "not valid JSON at byte 7" },
                { "{\"a\":}", "not valid JSON at byte 5" },
                { "[1", "not valid JSON at byte 2" },
                { "[1}", "not valid JSON at byte 3" },
                { "\"a", "not valid JSON at byte 0" },
                { "{\"a\":1,\"\\u0061\":2}",
                  "repeated key \"a\" in JSON: clients differ in which value they take" },
                { "[{\"labels\":{\"Tag\":1,\"tag\":2}}]", NULL },
                { "\"a\\\"", "not valid JSON at byte 0" },
                { "\"\\x\"", "not valid JSON at byte 0" },
                { "\"\\u12g4\"", "not valid JSON at byte 0" },
                { "\"\\u123\"", "not valid JSON at byte 0" },
                { "-", "not valid JSON at byte 1" },
                { "1.", "not valid JSON at byte 2" },
                { "1e", "not valid JSON at byte 2" },
                { "tru", "not valid JSON at byte 0" },
                { "nullx", "more after the JSON value at byte 4" },
                { "[] []", "more after the JSON value at byte 3" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Error error = { 0 };
                JsonSpan span;
                int r = tags_read_page(cases[i].json, strlen(cases[i].json), &span, &error);

                assert_case(r < 0 ? str_equal(error_message(&error), cases[i].message)
                                  : !cases[i].message,
                            "%s: %s", cases[i].json, r < 0 ? error_message(&error) : "taken");
                assert_true(r == 0 || error.kind == ERROR_HOSTILE);
                error_done(&error);
        }
}

static void test_a_repeated_key_among_many_is_found(void **state)
{
        char json[32 * 1024];
        JsonSpan span;

        (void)state;
        for (int repeated = 0; repeated <= 1; repeated++) {
                Error error = { 0 };
                int n = snprintf(json, sizeof(json), "{");

                for (int i = 0; i < 1000; i++)
                        n += snprintf(json + n, sizeof(json) - (size_t)n, "\"k%d\":{\"k5\":%d},", i,
                                      i);
                n += snprintf(json + n, sizeof(json) - (size_t)n, "\"k%d\":0}",
                              repeated ? 5 : 1000);
                assert_int_equal(tags_read_page(json, (size_t)n, &span, &error),
                                 repeated ? -EBADMSG : 0);
                assert_true(!repeated || strstr(error_message(&error), "repeated key \"k5\""));
                error_done(&error);
        }
}

/* Many small objects may have many keys in total: each key is compared with only a few others. */
static void test_keys_of_large_objects_are_limited(void **state)
{
        enum {
                N_OBJECTS = 16,
                N_KEYS = JSON_KEYS_MAX / N_OBJECTS
        };
        static const struct {
                int n; /* keys of each object */
                int wanted;
        } cases[] = { { N_KEYS, 0 }, { N_KEYS + 16, -EBADMSG } };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_(buffer_done) Buffer text;
                _cleanup_(error_done) Error error = { 0 };
                JsonSpan span;

                buffer_init(&text, TAG_PAGE_MAX);
                (void)buffer_puts(&text, "[{}");
                for (int j = 0; j < N_OBJECTS; j++) {
                        (void)buffer_puts(&text, ",{\"\":0");
                        for (int k = 1; k < cases[i].n; k++)
                                (void)buffer_printf(&text, ",\"%x\":{\"a\":0}", (unsigned)k);
                        (void)buffer_puts(&text, "}");
                }
                (void)buffer_puts(&text, "]");
                assert_false(text.failed);
                assert_int_equal(tags_read_page(text.data, text.size, &span, &error),
                                 cases[i].wanted);
                assert_true(cases[i].wanted == 0 ||
                            strstr(error_message(&error), "more than 150000 keys in JSON"));
        }
}

static void test_json_is_read_in_place(void **state)
{
        static const char json[] =
                "{\"a\":{\"b]\":\"}\\\"{\",\"n\":-1.5e1},\"\\u0061b\":[\"x\", {\"c\":[]} ,3],"
                "\"t\":\"\\u0000\\n\\u00e9\\u20ac/\"}";
        Error error = { 0 };
        JsonSpan span, value;
        JsonCursor cursor = { 0 };
        char text[16];

        (void)state;
        assert_int_equal(tags_read_page(json, sizeof(json) - 1, &span, &error), 0);
        value = json_span_member(span, "a");
        assert_true(json_span_is_object(value));
        assert_true(json_span_text(json_span_member(value, "b]"), text, sizeof(text)));
        assert_string_equal(text, "}\"{");
        assert_true(json_span_number(json_span_member(value, "n")) < -14.9);
        assert_null(json_span_member(value, "x").data);
        value = json_span_member(span, "ab");
        assert_true(json_span_next(value, &cursor) && json_span_is_text(cursor.value));
        assert_true(json_span_next(value, &cursor) && json_span_is_object(cursor.value));
        assert_null(json_span_member(cursor.value, "d").data);
        assert_true(json_span_next(value, &cursor) && json_span_is(cursor.value, "3"));
        assert_false(json_span_next(value, &cursor));
        value = json_span_member(span, "t");
        assert_true(json_span_text(value, text, sizeof(text)));
        assert_string_equal(text, "\x01\n\u00e9\u20ac/");
        assert_false(json_span_text(value, text, 6)); /* does not fit */
        assert_string_equal(text, "\x01\n\u00e9");
        assert_false(json_span_text((JsonSpan){ 0 }, text, sizeof(text)));
}

static void test_a_text_of_escapes_is_read_in_linear_time(void **state)
{
        static char json[TAG_PAGE_MAX];
        Error error = { 0 };
        JsonSpan span;

        (void)state;
        for (size_t i = 0; i + 1 < sizeof(json); i += 2)
                memcpy(json + i, "\\\"", 2); /* with quadratic work this would take hours */
        json[0] = json[1] = ' ';
        json[2] = json[sizeof(json) - 1] = '"';
        json[3] = json[sizeof(json) - 2] = 'x';
        assert_int_equal(tags_read_page(json, sizeof(json), &span, &error), 0);
        assert_int_equal(span.size, sizeof(json) - 2);
}

static void test_what_is_no_tag_list_is_refused(void **state)
{
        static const struct {
                const char *json, *says; /* part of the message; NULL: the JSON is invalid */
        } cases[] = {
                { "", NULL },
                { "{", NULL },
                { "{\"tags\":[]}x", NULL },
                { "<html></html>", NULL },
                { "{\"tags\":[\"a\"", NULL },
                { "[]", "not a list of tags" },
                { "null", "not a list of tags" },
                { "\"tags\"", "not a list of tags" },
                { "{}", "not a list of tags" },
                { "{\"name\":\"a/b\"}", "not a list of tags" },
                { "{\"Tags\":[]}", "not a list of tags" },
                { "{\"tags\":{}}", "not a list of tags" },
                { "{\"tags\":\"v1\"}", "not a list of tags" },
                { "{\"tags\":false}", "not a list of tags" },
                { "{\"errors\":[]}", "not a list of tags" },
                { "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"log\\nin\"}]}",
                  "not a list of tags but an error: UNAUTHORIZED: log\\nin" },
                { "{\"errors\":[{\"message\":\"log in\"}]}",
                  "not a list of tags but an error: log in" },
                { "{\"code\":\"TOOMANYREQUESTS\",\"message\":\"slow down\"}",
                  "not a list of tags but an error: TOOMANYREQUESTS: slow down" },
                { "{\"message\":\"object not found\"}",
                  "not a list of tags but an error: object not found" },
        };
        char deep[10000];

        (void)state;
        memset(deep, '[', sizeof(deep));
        for (size_t i = 0; i <= ARRAY_SIZE(cases); i++) {
                TagCollector collector = { .arena = &arena };
                const char *json = i < ARRAY_SIZE(cases) ? cases[i].json : deep;
                size_t size = i < ARRAY_SIZE(cases) ? strlen(json) : sizeof(deep) - 1;
                Error error = { 0 };

                assert_case(tags_parse(json, size, &collector, &error) < 0, "case %zu was read", i);
                if (i < ARRAY_SIZE(cases) && cases[i].says)
                        assert_string_equal(error_message(&error), cases[i].says);
                error_done(&error);
                tag_collector_done(&collector);
        }
}

static void test_an_empty_tag_list_is_one(void **state)
{
        static const char *const cases[] = { "{\"name\":\"a\",\"tags\":[]}", "{\"tags\":null}" };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                TagCollector collector = { .arena = &arena };
                Error error = { 0 };

                assert_int_equal(tags_parse(cases[i], strlen(cases[i]), &collector, &error), 0);
                assert_int_equal(collector.n, 0);
                tag_collector_done(&collector);
        }
}

#define D1 "sha256:1111111111111111111111111111111111111111111111111111111111111111"
#define D2 "sha256:2222222222222222222222222222222222222222222222222222222222222222"

static void test_an_index_names_its_platforms_in_order(void **state)
{
        static const char json[] =
                "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":["
                "{\"digest\":\"" D2
                "\",\"size\":1,\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\",\"variant\":\"v8\"}},"
                "{\"digest\":\"" D1
                "\",\"size\":1,\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}},"
                "{\"digest\":\"" D1
                "\",\"size\":1,\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"}}]}";
        ParsedManifest manifest;
        Error error = { 0 };

        (void)state;
        assert_int_equal(manifest_parse(json, sizeof(json) - 1, &arena, &manifest, &error), 0);
        assert_true(manifest.is_index);
        assert_int_equal(manifest.platforms.n, 2); /* the entry unknown/unknown is an attestation */
        assert_string_equal(manifest.platforms.items[0].platform, "linux/amd64");
        assert_string_equal(manifest.platforms.items[1].platform, "linux/arm64");
}

static void test_what_is_no_manifest_is_refused(void **state)
{
        static const char *const cases[] = {
                "",
                "{",
                "[]",
                "{}",
                "{\"schemaVersion\":1,\"tag\":\"x\",\"fsLayers\":[]}",
                /* CVE-2021-41190 */
                "{\"schemaVersion\":2,\"manifests\":[],\"layers\":[],\"config\":{}}",
                "{\"schemaVersion\":2,\"manifests\":{}}",
                "{\"mediaType\":\"application/vnd.oci.image.index.v1+json\\u009b\",\"manifests\":[]}",
                "{\"mediaType\":\"application/vnd.oci.image.index.v1+json\xff\",\"manifests\":[]}",
                "{\"mediaType\":\"application\",\"manifests\":[]}",
                "{\"mediaType\":\"\",\"manifests\":[]}",
                "{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"sha256:../../x\",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}}]}",
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                ParsedManifest manifest;
                Error error = { 0 };

                assert_case(manifest_parse(cases[i], strlen(cases[i]), &arena, &manifest, &error) <
                                    0,
                            "%s", cases[i]);
                error_done(&error);
        }
}

typedef int (*Reader)(const char *json, size_t size, Error *err);

static int read_manifest(const char *json, size_t size, Error *err)
{
        ParsedManifest manifest;

        return manifest_parse(json, size, &arena, &manifest, err);
}

static int read_config(const char *json, size_t size, Error *err)
{
        ParsedConfig config;

        return config_parse(json, size, &arena, &config, err);
}

static int read_tags(const char *json, size_t size, Error *err)
{
        TagCollector collector = { .arena = &arena };
        int r = tags_parse(json, size, &collector, err);

        tag_collector_done(&collector);
        return r;
}

static int read_token(const char *json, size_t size, Error *err)
{
        const char *token;
        usec_t lifetime;

        return token_parse(json, size, &arena, &token, &lifetime, err);
}

static int read_docker_config(const char *json, size_t size, Error *err)
{
        Credentials credentials = { 0 };
        int r = credentials_from_docker(
                json, size, &(CredentialsPlan){ .host = "r.example", .repository = "a/b" },
                &credentials, err);

        credentials_done(&credentials);
        return r;
}

static int read_helper(const char *json, size_t size, Error *err)
{
        Credentials credentials = { 0 };
        int r = credentials_from_helper(json, size, &credentials, err);

        credentials_done(&credentials);
        return r;
}

#define GOOD "{\"digest\":\"" D1 "\",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}}"
#define EVIL "{\"digest\":\"" D2 "\",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}}"

static void test_a_repeated_key_is_not_believed_and_named(void **state)
{
        static const struct {
                Reader read;
                const char *json, *key; /* NULL: valid */
        } cases[] = {
                { read_manifest, "{\"manifests\":[" GOOD "]}", NULL },
                { read_manifest, "{\"manifests\":[" GOOD "],\"manifests\":[" EVIL "]}",
                  "manifests" },
                { read_manifest, "{\"manifests\":[" GOOD "],\"Manifests\":[" EVIL "]}",
                  "Manifests" },
                { read_manifest, "{\"manifests\":[" GOOD "],\"manife\u017fts\":[" EVIL "]}",
                  "manife\u017fts" },
                { read_manifest, "{\"manifests\":[" GOOD "],\"\\u006danifests\":[]}", "manifests" },
                { read_manifest, "{\"manifests\":[{\"digest\":\"" D1 "\",\"digest\":\"" D2 "\"}]}",
                  "digest" },
                /* relman ignores "Platform", but some clients read it and use the first entry */
                { read_manifest,
                  "{\"manifests\":[{\"digest\":\"" D2
                  "\",\"Platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}}," GOOD "]}",
                  "Platform" },
                { read_manifest,
                  "{\"manifests\":[" GOOD "],\"x\":{\"a\":1,\"b\":[{\"c\":1,\"c\":1}]}}", "c" },
                { read_manifest,
                  "{\"manifests\":[" GOOD "],\"annotations\":{\"OS\":\"a\",\"os\":\"b\"}}", NULL },
                { read_config, "{\"os\":\"linux\",\"architecture\":\"arm\",\"OS\":\"windows\"}",
                  "OS" },
                { read_config, "{\"created\":\"2026-01-01T00:00:00Z\",\"created\":\"2027\"}",
                  "created" },
                { read_config,
                  "{\"os\":\"linux\",\"config\":{\"Labels\":{\"Os\":\"a\",\"os\":\"b\"}}}", NULL },
                { read_tags, "{\"tags\":[\"v1\"],\"tags\":[\"v2\"]}", "tags" },
                { read_tags, "{\"tags\":[\"v1\"],\"TAGS\":[\"v2\"]}", "TAGS" },
                { read_tags, "{\"tags\":[\"v1\"],\"Name\":\"a\",\"NAME2\":1}", NULL },
                { read_token, "{\"token\":\"a\",\"Token\":\"b\"}", "Token" },
                { read_token, "{\"token\":\"a\",\"expires_in\":1,\"expires_in\":2}", "expires_in" },
                { read_docker_config,
                  "{\"auths\":{\"r.example\":{\"auth\":\"YTpi\",\"auth\":\"Yzpk\"}}}", "auth" },
                { read_docker_config, "{\"auths\":{},\"Auths\":{}}", "Auths" },
                { read_docker_config, "{\"auths\":{\"r.example\":{},\"r.example\":{}}}",
                  "r.example" },
                { read_docker_config, "{\"auths\":{\"r.example\":{},\"R.example\":{}}}", NULL },
                { read_helper, "{\"Username\":\"a\",\"Secret\":\"b\",\"secret\":\"c\"}", "secret" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Error error = { 0 };
                int r = cases[i].read(cases[i].json, strlen(cases[i].json), &error);

                if (!cases[i].key)
                        assert_case(r >= 0, "%s: %s", cases[i].json, error_message(&error));
                else {
                        char wanted[80];

                        (void)snprintf(wanted, sizeof(wanted), "key \"%s\"", cases[i].key);
                        assert_case(r < 0 && error.kind == ERROR_HOSTILE, "%s", cases[i].json);
                        assert_case(strstr(error_message(&error), wanted), "%s: %s", cases[i].json,
                                    error_message(&error));
                }
                error_done(&error);
        }
}

/* Reads an object with the maximum number of keys. Comparing all pairs of keys would take
 * minutes. */
static void test_an_object_of_many_keys_is_read(void **state)
{
        _cleanup_(buffer_done) Buffer json;
        Error error = { 0 };
        char item[32];

        (void)state;
        buffer_init(&json, MANIFEST_MAX);
        (void)buffer_puts(&json, "{\"manifests\":[]");
        for (int i = 0; i < JSON_KEYS_MAX - 2; i++) {
                (void)snprintf(item, sizeof(item), ",\"key%07d\":1", i);
                (void)buffer_puts(&json, item);
        }
        (void)buffer_puts(&json, "}");
        assert_int_equal(read_manifest(json.data, json.size, &error), 0);
        json.size--;
        (void)buffer_puts(&json, ",\"key0000000\":2}");
        assert_true(read_manifest(json.data, json.size, &error) < 0);
        assert_non_null(strstr(error_message(&error), "\"key0000000\""));
        error_done(&error);
}

/* Reads the largest index. Two entries have the same platform; all others have different
 * platforms. */
static void test_an_index_of_many_platforms_is_read(void **state)
{
        _cleanup_(buffer_done) Buffer json;
        ParsedManifest manifest;
        Error error = { 0 };
        char item[256];

        (void)state;
        buffer_init(&json, MANIFEST_MAX);
        (void)buffer_puts(&json, "{\"manifests\":[");
        for (int i = 0; i < MANIFEST_ENTRIES_MAX; i++) {
                bool repeated = i == MANIFEST_ENTRIES_MAX - 1;

                (void)snprintf(item, sizeof(item),
                               "%s{\"digest\":\"%s\",\"platform\":{\"os\":\"linux\","
                               "\"architecture\":\"a%04d\"}}",
                               i > 0 ? "," : "", repeated ? D2 : D1, repeated ? 0 : i);
                (void)buffer_puts(&json, item);
        }
        (void)buffer_puts(&json, "]}");
        assert_int_equal(manifest_parse(json.data, json.size, &arena, &manifest, &error), 0);
        assert_int_equal(manifest.platforms.n, MANIFEST_ENTRIES_MAX - 1);
        /* the first entry of a platform is used */
        assert_string_equal(manifest.platforms.items[0].digest, D1);
}

static void test_the_media_type_is_the_documents_where_the_header_says_nothing(void **state)
{
#define INDEX_TYPE    "application/vnd.oci.image.index.v1+json"
#define MANIFEST_TYPE "application/vnd.oci.image.manifest.v1+json"
        static const struct {
                const char *header, *body, *implied, *wanted; /* wanted: NULL if refused */
        } cases[] = {
                { MANIFEST_TYPE, MANIFEST_TYPE, NULL, MANIFEST_TYPE },
                { MANIFEST_TYPE "; charset=utf-8", MANIFEST_TYPE, NULL, MANIFEST_TYPE },
                { "Application/VND.OCI.Image.Manifest.v1+JSON", MANIFEST_TYPE, NULL,
                  MANIFEST_TYPE },
                { "Application/VND.OCI.Image.Manifest.v1+JSON", NULL, NULL, MANIFEST_TYPE },
                { "application/json", MANIFEST_TYPE, NULL, MANIFEST_TYPE },
                { "Application/JSON; charset=utf-8", MANIFEST_TYPE, NULL, MANIFEST_TYPE },
                { "text/plain", MANIFEST_TYPE, NULL, MANIFEST_TYPE },
                { "text/json", MANIFEST_TYPE, NULL, MANIFEST_TYPE },
                { "application/octet-stream", MANIFEST_TYPE, NULL, MANIFEST_TYPE },
                { "binary/octet-stream", MANIFEST_TYPE, NULL, MANIFEST_TYPE },
                { NULL, MANIFEST_TYPE, NULL, MANIFEST_TYPE },
                { "", MANIFEST_TYPE, NULL, MANIFEST_TYPE },
                { "application/json", NULL, INDEX_TYPE, INDEX_TYPE },
                { NULL, NULL, MANIFEST_TYPE, MANIFEST_TYPE },
                { INDEX_TYPE, NULL, NULL, INDEX_TYPE },
                { "application/json", NULL, NULL, NULL },
                { NULL, NULL, NULL, NULL },
                { INDEX_TYPE, MANIFEST_TYPE, NULL, NULL },
                { "text/html", MANIFEST_TYPE, NULL, NULL },
                { "json", MANIFEST_TYPE, NULL, NULL },
                { "application/json/x", MANIFEST_TYPE, NULL, NULL },
                { "application/json\x9b", MANIFEST_TYPE, NULL, NULL },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const ParsedManifest parsed = { .media_type = cases[i].body,
                                                .implied_type = cases[i].implied };
                const char *got = NULL;
                Error error = { 0 };
                int r = manifest_type(cases[i].header, &parsed, &arena, &got, &error);

                assert_case((r == 0) == (cases[i].wanted != NULL) &&
                                    str_equal(got, cases[i].wanted),
                            "case %zu: '%s' %s", i, got ? got : "NULL", error_message(&error));
                error_done(&error);
        }
        assert_null(manifest_header_type("application/json", &arena));
        assert_null(manifest_header_type("no type", &arena));
        assert_string_equal(manifest_header_type(MANIFEST_TYPE "; x=y", &arena), MANIFEST_TYPE);
}

static void test_a_document_without_a_media_type_implies_one_by_its_members(void **state)
{
        static const struct {
                const char *json, *wanted;
        } cases[] = {
                { "{\"manifests\":[]}", INDEX_TYPE },
                { "{\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"" D1
                  "\"},\"layers\":[]}",
                  MANIFEST_TYPE },
                { "{\"config\":{\"mediaType\":\"application/vnd.docker.container.image.v1+json\",\"digest\":\"" D1
                  "\"},\"layers\":[]}",
                  NULL },
                { "{\"config\":{},\"layers\":[]}", NULL },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                ParsedManifest manifest;

                assert_int_equal(manifest_parse(cases[i].json, strlen(cases[i].json), &arena,
                                                &manifest, NULL),
                                 0);
                assert_case(str_equal(manifest.implied_type, cases[i].wanted), "case %zu: %s", i,
                            manifest.implied_type ? manifest.implied_type : "NULL");
        }
}

static void test_get_is_tried_where_head_is_refused(void **state)
{
        static const struct {
                unsigned status;
                bool refused;
        } cases[] = {
                { 200, false }, { 204, true }, { 304, true },  { 400, true },  { 401, false },
                { 403, true },  { 404, true }, { 405, true },  { 406, true },  { 408, false },
                { 410, true },  { 411, true }, { 415, true },  { 422, true },  { 429, false },
                { 500, true },  { 501, true }, { 502, false }, { 503, false }, { 504, false },
                { 505, true },
        };
        static const usec_t start = 5 * USEC_PER_HOUR;
        Registry registry = { 0 };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
                assert_case(head_is_refused(&registry, "a", cases[i].status, start) ==
                                    cases[i].refused,
                            "status %u", cases[i].status);
        assert_true(head_works(&registry, start));
        for (size_t i = 0; i < VAIN_GETS_MAX; i++) { /* GET returns the same status as HEAD */
                assert_true(head_is_refused(&registry, "a", 403, start));
                /* not counted: the manifest does not exist */
                head_note_get(&registry, "a", 404, start);
                head_note_get(&registry, "a", 403, start);
        }
        assert_false(head_is_refused(&registry, "a", 403, start));
        assert_true(head_is_refused(&registry, "a", 404, start));
        assert_true(head_is_refused(&registry, "b", 403, start)); /* another repository */
        assert_false(head_is_refused(&registry, "a", 403, start + USEC_PER_HOUR - 1));
        assert_true(head_is_refused(&registry, "a", 403, start + USEC_PER_HOUR));
        assert_true(head_works(&registry, start));
        head_note_get(&registry, "a", 200, start);
        assert_false(head_works(&registry, start));
        assert_false(head_works(&registry, start + USEC_PER_HOUR - 1));
        /* after an hour relman tries HEAD again */
        assert_true(head_works(&registry, start + USEC_PER_HOUR));
        assert_true(head_is_refused(&registry, "a", 403, start));
        head_notes_free(&registry);
}

static void test_an_image_config_has_its_platform(void **state)
{
        static const char json[] =
                "{\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"v7\",\"created\":\"2026-01-01T00:00:00Z\"}";
        ParsedConfig config;
        Error error = { 0 };

        (void)state;
        assert_int_equal(config_parse(json, sizeof(json) - 1, &arena, &config, &error), 0);
        assert_string_equal(config.platform, "linux/arm/v7");
        assert_int_equal(config.created, 1767225600);
}

static void test_how_long_an_answer_asks_us_to_wait(void **state)
{
        static const struct {
                const char *text;
                usec_t wanted;
        } cases[] = {
                { "120", 120 * USEC_PER_SEC },
                { "0", USEC_PER_SEC },
                { "1.5", 2 * USEC_PER_SEC },
                { "Wed, 21 Oct 2015 07:28:00 GMT", 60 * USEC_PER_SEC },
                { "Wed, 21 Oct 2015 07:26:00 GMT", 0 }, /* a time in the past */
                { "soon", 0 },
                { "", 0 },
                { "-5", 0 },
        };
        const usec_t now = 1445412420 * USEC_PER_SEC; /* 2015-10-21T07:27:00Z */

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
                assert_case(retry_after_parse(cases[i].text, now) == cases[i].wanted, "'%s': %lu",
                            cases[i].text, (unsigned long)retry_after_parse(cases[i].text, now));
        /* the parser does not limit the time; its caller does */
        assert_true(retry_after_parse("99999999999999999999", now) > 0);
}

static void test_urls_are_resolved_and_compared(void **state)
{
        char *url;

        (void)state;
        assert_true(url_same_origin("https://a.example/x", "https://A.example:443/y"));
        assert_false(url_same_origin("https://a.example/x", "http://a.example/x"));
        assert_false(url_same_origin("https://a.example", "https://a.example:8443"));
        url = url_resolve("https://a.example/v2/x/tags/list", "?last=1");
        assert_string_equal(url, "https://a.example/v2/x/tags/list?last=1");
        free(url);
        url = url_resolve("https://a.example/v2/", "//b.example/c");
        assert_string_equal(url, "https://b.example/c");
        free(url);
        assert_null(url_resolve("https://a.example/", "https://user:pw@a.example/"));
        assert_null(url_resolve("https://a.example/", "https://user@a.example/"));
}

static void test_private_addresses_are_distinguished_from_public_ones(void **state)
{
        static const struct {
                const char *text;
                AddressKind kind;
        } cases[] = {
                { "8.8.8.8", ADDRESS_PUBLIC },
                { "172.15.0.1", ADDRESS_PUBLIC },
                { "172.32.0.1", ADDRESS_PUBLIC },
                { "100.63.255.255", ADDRESS_PUBLIC },
                { "2606:4700::1", ADDRESS_PUBLIC },
                { "127.0.0.1", ADDRESS_PRIVATE },
                { "10.255.0.1", ADDRESS_PRIVATE },
                { "172.31.255.255", ADDRESS_PRIVATE },
                { "192.168.1.1", ADDRESS_PRIVATE },
                { "100.64.0.1", ADDRESS_PRIVATE },
                { "0.0.0.0", ADDRESS_PRIVATE },
                { "224.0.0.1", ADDRESS_PRIVATE },
                { "255.255.255.255", ADDRESS_PRIVATE },
                { "::1", ADDRESS_PRIVATE },
                { "::", ADDRESS_PRIVATE },
                { "fd12::1", ADDRESS_PRIVATE },
                { "::ffff:10.0.0.1", ADDRESS_PRIVATE },
                { "64:ff9b::7f00:1", ADDRESS_PRIVATE },
                { "169.254.169.254", ADDRESS_LINK_LOCAL },
                { "::ffff:169.254.169.254", ADDRESS_LINK_LOCAL },
                { "64:ff9b::a9fe:a9fe", ADDRESS_LINK_LOCAL },
                { "fe80::1", ADDRESS_LINK_LOCAL },
                { "fd00:ec2::254", ADDRESS_LINK_LOCAL },
                { "fd20:ce::254", ADDRESS_LINK_LOCAL },
                { "100.100.100.200", ADDRESS_LINK_LOCAL },
                { "100.100.100.201", ADDRESS_PRIVATE },
                { "168.63.129.16", ADDRESS_LINK_LOCAL },
                { "168.63.129.17", ADDRESS_PUBLIC },
                { "2002:a9fe:a9fe::1", ADDRESS_LINK_LOCAL },
                { "2002:c0a8:101::1", ADDRESS_PRIVATE },
                { "2002:808:808::1", ADDRESS_PUBLIC },
                { "::169.254.169.254", ADDRESS_LINK_LOCAL },
                { "::ffff:0:10.0.0.1", ADDRESS_PRIVATE },
                { "64:ff9b:1::1", ADDRESS_PRIVATE },
                { "64:ff9b:2::1", ADDRESS_PUBLIC },
                { "fec0::1", ADDRESS_PRIVATE },
                { "2001::1", ADDRESS_PRIVATE },
                { "2001:1::1", ADDRESS_PUBLIC },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
                struct sockaddr_in four = { .sin_family = AF_INET };
                bool is_six = strchr(cases[i].text, ':');
                const void *address = is_six ? (const void *)&six : (const void *)&four;
                void *raw = is_six ? (void *)&six.sin6_addr : (void *)&four.sin_addr;

                assert_int_equal(inet_pton(is_six ? AF_INET6 : AF_INET, cases[i].text, raw), 1);
                assert_case(address_kind(address) == cases[i].kind, "%s", cases[i].text);
        }
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_announced_limits_are_respected),
        cmocka_unit_test(test_the_next_link_is_found_in_any_spelling),
        cmocka_unit_test(test_only_the_query_of_a_link_is_taken),
        cmocka_unit_test(test_a_query_gives_its_cursor_undecoded),
        cmocka_unit_test(test_challenges_are_distinguished),
        cmocka_unit_test(test_a_challenge_with_many_values_is_read_to_its_end),
        cmocka_unit_test(test_only_reading_this_repository_is_asked_for),
        cmocka_unit_test(test_tokens_of_a_registry_are_bounded_and_the_used_ones_stay),
        cmocka_unit_test(test_a_token_of_great_size_is_refused),
        cmocka_unit_test(test_a_vendors_list_is_given_up_for_an_hour_after_three_refusals),
        cmocka_unit_test(test_one_share_at_a_time_goes_beyond_the_budget),
        cmocka_unit_test(test_where_credentials_may_go),
        cmocka_unit_test(test_an_anonymous_token_may_come_from_another_domain),
        cmocka_unit_test(test_a_docker_config_is_read_as_docker_and_podman_read_it),
        cmocka_unit_test(test_what_could_end_a_header_is_no_token_of_a_docker_config),
        cmocka_unit_test(test_token_answers),
        cmocka_unit_test(test_a_tag_list_keeps_what_is_a_tag),
        cmocka_unit_test(test_json_is_checked_before_it_is_read),
        cmocka_unit_test(test_a_repeated_key_among_many_is_found),
        cmocka_unit_test(test_keys_of_large_objects_are_limited),
        cmocka_unit_test(test_json_is_read_in_place),
        cmocka_unit_test(test_a_text_of_escapes_is_read_in_linear_time),
        cmocka_unit_test(test_what_is_no_tag_list_is_refused),
        cmocka_unit_test(test_an_empty_tag_list_is_one),
        cmocka_unit_test(test_an_index_names_its_platforms_in_order),
        cmocka_unit_test(test_what_is_no_manifest_is_refused),
        cmocka_unit_test(test_a_repeated_key_is_not_believed_and_named),
        cmocka_unit_test(test_an_object_of_many_keys_is_read),
        cmocka_unit_test(test_an_index_of_many_platforms_is_read),
        cmocka_unit_test(test_the_media_type_is_the_documents_where_the_header_says_nothing),
        cmocka_unit_test(test_a_document_without_a_media_type_implies_one_by_its_members),
        cmocka_unit_test(test_get_is_tried_where_head_is_refused),
        cmocka_unit_test(test_an_image_config_has_its_platform),
        cmocka_unit_test(test_how_long_an_answer_asks_us_to_wait),
        cmocka_unit_test(test_urls_are_resolved_and_compared),
        cmocka_unit_test(test_private_addresses_are_distinguished_from_public_ones),
};

TEST_PROGRAM("answers", tests, set_up, tear_down)
