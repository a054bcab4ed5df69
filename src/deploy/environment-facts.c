#include "deploy/environment-facts.h"

#include <errno.h>

#include "model/selection.h"
#include "store/checks.h"
#include "store/id-list.h"

static Store *facts_store(const EnvironmentState *environment)
{
        return environment->deployer->control->store;
}

/* --- one fact --------------------------------------------------------------------------------- */

int facts_hold(const EnvironmentState *environment, Arena *arena, Hold *ret, Error *err)
{
        const EnvironmentFacts *facts = environment->facts;

        if (!facts)
                return store_hold(facts_store(environment), environment->id.text, arena, ret, err);
        *ret = (Hold){ 0 };
        for (size_t i = 0; i < facts->holds.n; i++)
                if (streq(facts->holds.items[i].environment_id, environment->id.text)) {
                        *ret = facts->holds.items[i];
                        return 1;
                }
        return 0;
}

int facts_candidate(const EnvironmentState *environment, const char *stream_id, Arena *arena,
                    Release *ret, Error *err)
{
        const EnvironmentFacts *facts = environment->facts;

        if (!facts)
                return store_stream_candidate(facts_store(environment), stream_id, arena, ret, err);
        for (size_t i = 0; i < facts->candidates.n; i++)
                if (streq(facts->candidates.items[i].stream_id, stream_id)) {
                        *ret = facts->candidates.items[i];
                        return 1;
                }
        return 0;
}

int facts_followed(const EnvironmentState *environment, const char *environment_id, Arena *arena,
                   Deployment *ret, Error *err)
{
        const EnvironmentFacts *facts = environment->facts;

        if (!facts)
                return store_deployment(facts_store(environment), environment_id, arena, ret, err);
        *ret = (Deployment){ 0 };
        for (size_t i = 0; i < facts->deployments.n; i++)
                if (streq(facts->deployments.items[i].environment_id, environment_id)) {
                        *ret = facts->deployments.items[i];
                        return 1;
                }
        return 0;
}

int facts_deployment(const EnvironmentState *environment, Arena *arena, Deployment *ret, Error *err)
{
        return facts_followed(environment, environment->id.text, arena, ret, err);
}

int facts_release(const EnvironmentState *environment, const char *id, Arena *arena, Release *ret,
                  Error *err)
{
        const EnvironmentFacts *facts = environment->facts;

        if (!facts)
                return store_release(facts_store(environment), id, arena, ret, err);
        for (size_t i = 0; i < facts->releases.n; i++)
                if (streq(facts->releases.items[i].id.text, id)) {
                        *ret = facts->releases.items[i];
                        return 1;
                }
        return 0;
}

/* Reads the release that the followed environment runs, never one that is only being promoted. */
static int followed_candidate(EnvironmentState *environment, Arena *arena, Release *ret, Error *err)
{
        const EnvironmentSpec *spec = environment->spec;
        Uuid id = object_id(KIND_ENVIRONMENT, spec->object.meta.tenant, spec->follows);
        const char *release_id = NULL;
        Deployment deployment;
        int r;

        r = facts_followed(environment, id.text, arena, &deployment, err);
        if (r > 0)
                release_id = deployment_runs(&deployment);
        return release_id ? facts_release(environment, release_id, arena, ret, err) : MIN(r, 0);
}

int environment_candidate(EnvironmentState *environment, Arena *arena, Release *ret, Error *err)
{
        const EnvironmentSpec *spec = environment->spec;
        Uuid id;

        if (spec->follows)
                return followed_candidate(environment, arena, ret, err);
        if (!spec->stream)
                return 0;
        id = object_id(KIND_STREAM, spec->object.meta.tenant, spec->stream);
        return facts_candidate(environment, id.text, arena, ret, err);
}

const char *environment_candidate_missing(const EnvironmentState *environment, Arena *arena)
{
        const EnvironmentSpec *spec = environment->spec;

        return spec->stream
                       ? arena_printf(arena, "stream '%s' has no release that is ready",
                                      spec->stream)
                       : arena_printf(arena, "environment '%s' runs no release", spec->follows);
}

int facts_failure(const EnvironmentState *environment, const char *release_id, Arena *arena,
                  Failure *ret, Error *err)
{
        const EnvironmentFacts *facts = environment->facts;

        if (!facts)
                return store_failure(facts_store(environment), environment->id.text, release_id,
                                     arena, ret, err);
        *ret = (Failure){ 0 };
        for (size_t i = 0; i < facts->failures.n; i++) {
                const PairFailure *of = &facts->failures.items[i];

                if (streq(of->environment_id, environment->id.text) &&
                    streq(of->release_id, release_id))
                        *ret = of->failure;
        }
        return 0;
}

static int facts_was_deployed(void *from, const char *source_id, const char *release_id, Error *err)
{
        const EnvironmentState *environment = from;
        const EnvironmentFacts *facts = environment->facts;

        if (!facts)
                return store_was_deployed(facts_store(environment), source_id, release_id, err);
        for (size_t i = 0; i < facts->were_deployed.n; i++)
                if (streq(facts->were_deployed.items[i].environment_id, source_id) &&
                    streq(facts->were_deployed.items[i].release_id, release_id))
                        return 1;
        return 0;
}

static int facts_approvals(void *from, const char *environment_id, const char *release_id,
                           Arena *arena, Approvals *ret, Error *err)
{
        const EnvironmentState *environment = from;
        const EnvironmentFacts *facts = environment->facts;

        if (!facts)
                return store_approvals(facts_store(environment), environment_id, release_id, arena,
                                       ret, err);
        *ret = (Approvals){ 0 };
        /* approvals are sorted by release and environment */
        for (size_t i = 0; i < facts->approvals.n; i++) {
                Approval *approval = &facts->approvals.items[i];

                if (!streq(approval->environment_id, environment_id) ||
                    !streq(approval->release_id, release_id))
                        continue;
                if (ret->n++ == 0)
                        ret->items = approval;
        }
        return 0;
}

static int facts_runs(void *from, const char *source_id, const char *release_id, Arena *arena,
                      DeploymentRuns *ret, Error *err)
{
        const EnvironmentState *environment = from;
        const EnvironmentFacts *facts = environment->facts;

        if (!facts)
                return store_runs(facts_store(environment), source_id, release_id, arena, ret, err);
        ret->items = arena_alloc_array(arena, facts->runs.n + 1, sizeof(DeploymentRun));
        ret->n = 0;
        for (size_t i = 0; ret->items && i < facts->runs.n; i++) {
                const PairRun *of = &facts->runs.items[i];

                if (streq(of->environment_id, source_id) && streq(of->release_id, release_id))
                        ret->items[ret->n++] = of->run;
        }
        return ret->items ? 0 : error_oom(err);
}

int facts_checks(const EnvironmentState *environment, const char *release_id, Arena *arena,
                 CheckResults *ret, Error *err)
{
        const EnvironmentFacts *facts = environment->facts;

        if (!facts)
                return store_checks(facts_store(environment), environment->id.text, release_id,
                                    arena, ret, err);
        *ret = (CheckResults){ 0 };
        /* the results of one pair are adjacent */
        for (size_t i = 0; i < facts->checks.n; i++) {
                CheckResult *result = &facts->checks.items[i];

                if (!streq(result->environment_id, environment->id.text) ||
                    !streq(result->release_id, release_id))
                        continue;
                if (ret->n++ == 0)
                        ret->items = result;
        }
        return 0;
}

static int facts_gate_checks(void *from, const char *environment_id, const char *release_id,
                             Arena *arena, CheckResults *ret, Error *err)
{
        (void)environment_id; /* all facts are about this environment */
        return facts_checks(from, release_id, arena, ret, err);
}

const GateFacts environment_gate_facts = { .was_deployed = facts_was_deployed,
                                           .runs = facts_runs,
                                           .approvals = facts_approvals,
                                           .checks = facts_gate_checks };

/* --- many environments ------------------------------------------------------------------------ */

typedef struct FactsQuery {
        EnvironmentState *const *environments;
        size_t n;
        Arena *arena;
        EnvironmentFacts *facts;
} FactsQuery;

/* Reads the rows of the environments, and of the environments and streams that they follow. */
static int facts_read_own(Store *store, const FactsQuery *query, Error *err)
{
        EnvironmentFacts *facts = query->facts;
        _cleanup_(id_list_done) IdList ids, streams, deployed;
        const char *own, *of_streams, *of_deployed;
        int r;

        id_list_init(&ids);
        id_list_init(&streams);
        id_list_init(&deployed);
        for (size_t i = 0; i < query->n; i++) {
                const EnvironmentSpec *spec = query->environments[i]->spec;
                const char *tenant = spec->object.meta.tenant;
                Uuid id = query->environments[i]->id;

                id_list_add(&ids, id.text);
                id_list_add(&deployed, id.text);
                if (spec->stream) {
                        id = object_id(KIND_STREAM, tenant, spec->stream);
                        id_list_add(&streams, id.text);
                } else if (spec->follows) {
                        id = object_id(KIND_ENVIRONMENT, tenant, spec->follows);
                        id_list_add(&deployed, id.text);
                }
        }
        own = id_list_end(&ids, query->arena);
        of_streams = id_list_end(&streams, query->arena);
        of_deployed = id_list_end(&deployed, query->arena);
        if (!own || !of_streams || !of_deployed)
                return error_oom(err);
        r = store_page_holds(store, own, query->arena, &facts->holds, err);
        if (r >= 0)
                r = store_page_deployments(store, of_deployed, query->arena, &facts->deployments,
                                           err);
        return r < 0 ? r
                     : store_page_candidates(store, of_streams, query->arena, &facts->candidates,
                                             err);
}

static int facts_read_releases(Store *store, const FactsQuery *query, Error *err)
{
        EnvironmentFacts *facts = query->facts;
        _cleanup_(id_list_done) IdList ids;
        const char *text;

        id_list_init(&ids);
        for (size_t i = 0; i < query->n; i++) {
                const EnvironmentSpec *spec = query->environments[i]->spec;
                Uuid id = { 0 };

                if (spec->release)
                        id = object_id(KIND_RELEASE, spec->object.meta.tenant, spec->release);
                id_list_add(&ids, spec->release ? id.text : NULL);
        }
        for (size_t i = 0; i < facts->holds.n; i++)
                id_list_add(&ids, facts->holds.items[i].release_id);
        for (size_t i = 0; i < facts->deployments.n; i++) {
                id_list_add(&ids, facts->deployments.items[i].release_id);
                id_list_add(&ids, facts->deployments.items[i].deployed_release_id);
        }
        text = id_list_end(&ids, query->arena);
        return text ? store_page_release_heads(store, text, query->arena, &facts->releases, err)
                    : error_oom(err);
}

/* The releases that an environment may be about to get. */
typedef struct FactsWanted {
        const char *ids[3];
        size_t n;
        Uuid named;
} FactsWanted;

static int facts_wanted(const FactsQuery *query, const EnvironmentState *environment,
                        FactsWanted *ret, Error *err)
{
        EnvironmentState with = *environment;
        const EnvironmentSpec *spec = environment->spec;
        Release candidate;
        Hold hold;
        int r;

        with.facts = query->facts;
        ret->n = 0;
        if (spec->release) {
                ret->named = object_id(KIND_RELEASE, spec->object.meta.tenant, spec->release);
                ret->ids[ret->n++] = ret->named.text;
        }
        if (facts_hold(&with, query->arena, &hold, err) > 0 && hold.release_id)
                ret->ids[ret->n++] = hold.release_id;
        r = environment_candidate(&with, query->arena, &candidate, err);
        if (r > 0)
                ret->ids[ret->n++] = arena_strdup(query->arena, candidate.id.text);
        return r > 0 && !ret->ids[ret->n - 1] ? error_oom(err) : MIN(r, 0);
}

/* Lists of pairs under construction. */
typedef struct FactsPairs {
        IdList own;
        IdList deployed; /* pairs of a release with the environment itself, or with a source */
        IdList soaking;
        IdList checked;
} FactsPairs;

static void facts_pairs_done(FactsPairs *pairs)
{
        id_list_done(&pairs->own);
        id_list_done(&pairs->deployed);
        id_list_done(&pairs->soaking);
        id_list_done(&pairs->checked);
}

static void facts_add_pairs(FactsPairs *pairs, const EnvironmentState *environment,
                            const FactsWanted *wanted)
{
        const EnvironmentSpec *spec = environment->spec;
        const Strings *names = model_sources(environment->deployer->control->model, spec);

        for (size_t i = 0; i < wanted->n; i++) {
                id_list_add_pair(&pairs->own, environment->id.text, wanted->ids[i]);
                if (model_has_windows(environment->deployer->control->model, spec))
                        id_list_add_pair(&pairs->deployed, environment->id.text, wanted->ids[i]);
                for (size_t j = 0; j < names->n; j++) {
                        Uuid id = object_id(KIND_ENVIRONMENT, spec->object.meta.tenant,
                                            names->items[j]);

                        id_list_add_pair(&pairs->deployed, id.text, wanted->ids[i]);
                        if (spec->soak > 0)
                                id_list_add_pair(&pairs->soaking, id.text, wanted->ids[i]);
                }
        }
}

/* Adds the releases whose checks matter: those that the environment may be about to get, and the
 * one that is being promoted. Adds each pair once, and the pairs of one environment in a row. */
static int facts_add_checked(FactsPairs *pairs, const FactsQuery *query,
                             const EnvironmentState *environment, const FactsWanted *wanted,
                             Error *err)
{
        const CheckRules *checks = &environment->spec->checks;
        EnvironmentState with = *environment;
        size_t n = checks->before.n > 0 ? wanted->n : 0, i = 0;
        Deployment deployment;
        int r;

        for (size_t j = 0; j < n; j++)
                id_list_add_pair(&pairs->checked, environment->id.text, wanted->ids[j]);
        if (checks->after.n == 0)
                return 0;
        with.facts = query->facts;
        r = facts_deployment(&with, query->arena, &deployment, err);
        if (r <= 0 || deployment.status != DEPLOYMENT_PROMOTING)
                return MIN(r, 0);
        while (i < n && !streq(wanted->ids[i], deployment.release_id))
                i++;
        if (i == n)
                id_list_add_pair(&pairs->checked, environment->id.text, deployment.release_id);
        return 0;
}

static int facts_read_pairs(Store *store, const FactsQuery *query, Error *err)
{
        EnvironmentFacts *facts = query->facts;
        const char *own, *deployed, *soaking, *checked;
        _cleanup_(facts_pairs_done) FactsPairs pairs;
        Arena *arena = query->arena;
        int r = 0;

        id_list_init(&pairs.own);
        id_list_init(&pairs.deployed);
        id_list_init(&pairs.soaking);
        id_list_init(&pairs.checked);
        for (size_t i = 0; r >= 0 && i < query->n; i++) {
                FactsWanted wanted;

                r = facts_wanted(query, query->environments[i], &wanted, err);
                if (r < 0)
                        break;
                facts_add_pairs(&pairs, query->environments[i], &wanted);
                r = facts_add_checked(&pairs, query, query->environments[i], &wanted, err);
        }
        if (r < 0)
                return r;
        own = id_list_end(&pairs.own, arena);
        deployed = id_list_end(&pairs.deployed, arena);
        soaking = id_list_end(&pairs.soaking, arena);
        checked = id_list_end(&pairs.checked, arena);
        if (!own || !deployed || !soaking || !checked)
                return error_oom(err);
        r = store_page_failures(store, own, arena, &facts->failures, err);
        if (r >= 0)
                r = store_page_approvals(store, own, arena, &facts->approvals, err);
        if (r >= 0)
                r = store_page_were_deployed(store, deployed, arena, &facts->were_deployed, err);
        if (r >= 0)
                r = store_page_checks(store, checked, arena, &facts->checks, err);
        return r < 0 ? r : store_page_runs(store, soaking, arena, &facts->runs, err);
}

int facts_read(EnvironmentState *const *environments, size_t n, Arena *arena, EnvironmentFacts *ret,
               Error *err)
{
        const FactsQuery query = {
                .environments = environments, .n = n, .arena = arena, .facts = ret
        };
        Store *store;
        int r;

        *ret = (EnvironmentFacts){ 0 };
        if (n == 0)
                return 0;
        store = facts_store(environments[0]);
        r = facts_read_own(store, &query, err);
        if (r >= 0)
                r = facts_read_releases(store, &query, err);
        return r < 0 ? r : facts_read_pairs(store, &query, err);
}
