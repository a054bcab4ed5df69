/* The lockfiles of environments and releases: the bytes that relmand writes to disk. */

#include <errno.h>

#include "api/http/parameters.h"
#include "api/lock/held.h"
#include "api/lookup.h"
#include "api/page-rows.h"
#include "base/limits.h"
#include "lock/format.h"
#include "model/enum-names.h"
#include "model/environment.h"

#define LOCK_YAML_TYPE "application/yaml"
#define LOCK_JSON_TYPE "application/json"

/* True if the list in a header has the media type. Ignores parameters of media types. */
static bool accepts(const char *header, const char *type)
{
        size_t size = strlen(type);

        for (const char *p = header; *p; p += strcspn(p, ","), p += *p == ',') {
                p += strspn(p, " \t");
                if (strncasecmp(p, type, size) == 0 && (!p[size] || strchr(" \t;,", p[size])))
                        return true;
        }
        return false;
}

static int find_format(Request *request, LockFormat *ret)
{
        const char *accept = request_header(request, "Accept");

        *ret = LOCK_YAML;
        if (!accept || accepts(accept, LOCK_YAML_TYPE) || accepts(accept, "*/*") ||
            accepts(accept, "application/*"))
                return 0;
        *ret = LOCK_JSON;
        if (accepts(accept, LOCK_JSON_TYPE))
                return 0;
        request_problem(request, 406,
                        "a lockfile is " LOCK_YAML_TYPE " or " LOCK_JSON_TYPE
                        "; relmanctl lock --format writes the other formats");
        return -ENOTSUP;
}

/* True if the client has this lockfile already. If-None-Match takes the weak comparison (RFC 9110,
 * 13.1.2). */
static bool is_known(Request *request, const char *etag)
{
        const char *header = request_header(request, "If-None-Match");

        return header && etag_is_listed(header, etag, true);
}

/* Makes a separate arena for the release, which is freed when the handler returns. A request may be
 * held for minutes, and reads the release again after each change. */
static void lock_arena_init(Request *request, Arena *ret)
{
        arena_init(ret, API_REQUEST_MAX);
        ret->quota = &request->memory;
}

/* The object whose lockfile is requested. */
typedef struct LockOf {
        ObjectKind kind;
        const char *id;
        Arena *arena; /* memory of the lock */
} LockOf;

static int write_lock(Request *request, const LockOf *of, Lock *lock, Error *err)
{
        LockFormat format;
        LockFiles files;
        const char *etag;
        bool is_same;
        int r;

        if (find_format(request, &format) < 0)
                return 0; /* the answer is made */
        r = lock_digest(lock, of->arena, err);
        if (r < 0)
                return r;
        etag = arena_printf(&request->arena, "\"%s%s\"", lock->lock_digest,
                            format == LOCK_JSON ? "-json" : "");
        if (!etag)
                return error_oom(err);
        is_same = is_known(request, etag);
        if (is_same && request->as_of == 0) { /* a past lockfile does not change */
                r = held_begin(request, of->kind, of->id, err);
                if (r != 0)
                        return MIN(r, 0);
        }
        request_header_out(request, "ETag", etag);
        request_header_out(request, "Vary", "Accept");
        held_report(request);
        if (is_same) {
                request->answer.status = 304;
                return 0;
        }
        r = lock_format_write(lock, format, of->arena, &files, err);
        if (r < 0)
                return r;
        request->answer.type = format == LOCK_JSON ? LOCK_JSON_TYPE : LOCK_YAML_TYPE;
        (void)buffer_append(&request->answer.body, files.items[0].data, files.items[0].size);
        return of->arena->failed ? error_oom(err) : 0;
}

/* --- admission -------------------------------------------------------------------------------- */

/* Reads the query parameter format. Returns 0 if the request does not have it. */
static int find_admission(const Request *request, LockFormat *ret, Error *err)
{
        const char *text = request_query(request, "format");
        int r = text ? names_find(lock_format_names, text) : 0;

        if (!text)
                return 0;
        if (r >= 0 && lock_format_is_admission((LockFormat)r)) {
                *ret = (LockFormat)r;
                return 1;
        }
        return error_set(err, ERROR_INVALID, -EINVAL,
                         "parameter format: policy-json, kyverno or vap; the header Accept selects "
                         "%s and %s, and relmanctl lock --format writes the other formats",
                         LOCK_YAML_TYPE, LOCK_JSON_TYPE);
}

/* Writes what the environment admits: the images of the release, of the one before, and what
 * allowAlso names. */
static int write_admission(Request *request, const EnvironmentSpec *environment, LockFormat format,
                           Lock *lock, Arena *arena, Error *err)
{
        Store *store = reconciler_store(request->api->reconciler);
        Release *before = arena_alloc(arena, sizeof(*before));
        char digest[DIGEST_SIZE_MAX];
        LockFiles files;
        const char *etag;
        int r = before ? store_release_before(store, environment->object.id.text,
                                              lock->release.id.text, arena, before, err)
                       : error_oom(err);

        if (r >= 0) {
                lock->previous = r > 0 ? before : NULL;
                lock->allow_also = environment->allow_also;
                r = lock_digest(lock, arena, err);
        }
        if (r < 0)
                return r;
        lock_admission_digest(lock, digest);
        etag = arena_printf(&request->arena, "\"%s-%s\"", digest, lock_format_names[format]);
        if (!etag)
                return error_oom(err);
        request_header_out(request, "ETag", etag);
        if (is_known(request, etag)) {
                request->answer.status = 304;
                return 0;
        }
        r = lock_format_write(lock, format, arena, &files, err);
        if (r < 0)
                return r;
        request->answer.type = format == LOCK_POLICY_JSON ? LOCK_JSON_TYPE : LOCK_YAML_TYPE;
        (void)buffer_append(&request->answer.body, files.items[0].data, files.items[0].size);
        return 0;
}

/* --- environments and releases ---------------------------------------------------------------- */

/* Reports that the environment had no lockfile at the time request->as_of. */
static int had_nothing(const Request *request, const char *name, Error *err)
{
        char at[TIME_TEXT_SIZE];

        return error_set(err, ERROR_CONFLICT, -ENOENT,
                         "environment '%s' had no lockfile at %s; relmanctl history %s lists what "
                         "was deployed when",
                         name, time_format(request->as_of, at), name);
}

/* Writes the lockfile of an earlier time. If the environment was removed since, computes its id
 * from its name. */
static int write_past(Request *request, Error *err)
{
        Store *store = reconciler_store(request->api->reconciler);
        const char *tenant = request_tenant(request), *id = request_parameter(request, "id");
        const Object *object =
                catalog_object(request->api->reconciler, KIND_ENVIRONMENT, tenant, id);
        const char *name = object ? object->meta.name : id;
        const Uuid uuid = object ? object->id : object_id(KIND_ENVIRONMENT, tenant, name);
        _cleanup_(arena_done) Arena arena;
        Lock lock = { .environment = name };
        Deployment deployment;
        int r = known_deployment(request, uuid.text, &deployment, err);

        lock_arena_init(request, &arena);
        if (r == 0)
                return find_object(request, KIND_ENVIRONMENT, id, err)
                               ? had_nothing(request, name, err)
                               : -ENOENT;
        if (r > 0)
                r = store_release(store, deployment.release_id, &arena, &lock.release, err);
        if (r == 0)
                return error_set(err, ERROR_CONFLICT, -ENOENT,
                                 "environment '%s' had release '%s' then, which was removed since",
                                 name, deployment.release_name);
        return r < 0 ? r
                     : write_lock(request, &(LockOf){ KIND_ENVIRONMENT, uuid.text, &arena }, &lock,
                                  err);
}

int handle_environment_lock(Request *request, Error *err)
{
        Store *store = reconciler_store(request->api->reconciler);
        const Object *object;
        _cleanup_(arena_done) Arena arena;
        Lock lock = { 0 };
        Deployment deployment;
        LockFormat format = LOCK_YAML;
        int r = request_as_of(request, err), is_admission = 0;

        if (r >= 0)
                r = is_admission = find_admission(request, &format, err);
        lock_arena_init(request, &arena);
        if (r > 0 && request->as_of > 0)
                r = error_set(err, ERROR_INVALID, -EINVAL,
                              "parameter format: not with asOf; the past of allowAlso is not "
                              "stored");
        if (r < 0 || request->as_of > 0)
                return r < 0 ? r : write_past(request, err);
        object = find_object(request, KIND_ENVIRONMENT, request_parameter(request, "id"), err);
        if (!object)
                return -ENOENT;
        r = store_deployment(store, object->id.text, &arena, &deployment, err);
        if (r > 0)
                r = store_release(store, deployment.release_id, &arena, &lock.release, err);
        if (r == 0)
                return error_set(err, ERROR_CONFLICT, -ENOENT,
                                 "environment '%s' has no lockfile: nothing is deployed there; "
                                 "relmanctl promote RELEASE %s",
                                 object->meta.name, object->meta.name);
        lock.environment = object->meta.name;
        if (r >= 0 && is_admission)
                return write_admission(request, (const EnvironmentSpec *)object, format, &lock,
                                       &arena, err);
        return r < 0 ? r
                     : write_lock(request, &(LockOf){ KIND_ENVIRONMENT, object->id.text, &arena },
                                  &lock, err);
}

int handle_release_lock(Request *request, Error *err)
{
        _cleanup_(arena_done) Arena arena;
        Lock lock = { 0 };
        int r;

        lock_arena_init(request, &arena);
        r = find_release_into(request, request_parameter(request, "id"), &arena, &lock.release,
                              err);
        if (r < 0)
                return r;
        if (lock.release.status == RELEASE_DRAFT || lock.release.status == RELEASE_ARCHIVED)
                return error_set(err, ERROR_CONFLICT, -ENOENT,
                                 "release '%s' has no lockfile: its status is %s",
                                 lock.release.name, release_status_to_string(lock.release.status));
        return write_lock(request, &(LockOf){ KIND_RELEASE, lock.release.id.text, &arena }, &lock,
                          err);
}
