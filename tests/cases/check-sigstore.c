/* Checks relman with bundles of Sigstore's conformance suite: check-sigstore SEEDS FOLDER. Each
 * folder in FOLDER is a case: relman must refuse it if its name ends in _fail, and accept it
 * otherwise. SEEDS is seeds.json of the npm package @sigstore/tuf, which has the trusted root of
 * the public instance. README.md in FOLDER has the other rules. */

#include <cjson/cJSON.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/limits-trust.h"
#include "base/time.h"
#include "trust/base64.h"
#include "trust/sigstore.h"

#define ARENA_MAX ((size_t)128 * 1024 * 1024)
#define FILE_MAX  ((size_t)16 * 1024 * 1024)

#define INSTANCE "https://tuf-repo-cdn.sigstore.dev"
#define ISSUER   "https://token.actions.githubusercontent.com"
#define IDENTITY                                                                                   \
        "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/"          \
        ".github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main"

typedef struct Suite {
        const char *folder;
        TrustedRoot *root; /* of the public instance */
        usec_t now;
        size_t n_passed, n_failed;
} Suite;

typedef struct Inputs {
        char *bundle, *artifact, *root, *key, *identity, *issuer; /* owned; NULL: no such file */
        size_t bundle_size, artifact_size, root_size, key_size, ignored;
} Inputs;

static void inputs_done(Inputs *in)
{
        free(in->bundle);
        free(in->artifact);
        free(in->root);
        free(in->key);
        free(in->identity);
        free(in->issuer);
}

/* Reads a file of a case; leaves *ret NULL if it does not exist. */
static void read_file(const Suite *suite, const char *name, const char *file, char **ret,
                      size_t *ret_size)
{
        _cleanup_(error_done) Error error = { 0 };
        char path[4096];

        (void)snprintf(path, sizeof(path), "%s/%s%s%s", suite->folder, name, *name ? "/" : "",
                       file);
        (void)file_read(path, FILE_MAX, ret, ret_size, &error); /* else it stays NULL */
}

static int verify(const Suite *suite, const Inputs *in, Arena *arena, Error *err)
{
        _cleanup_(trusted_root_freep) TrustedRoot *own = NULL;
        _cleanup_(trust_keys_done) TrustKeys keys = { 0 };
        const IdentityRule rule = { .issuer = in->issuer ? in->issuer : ISSUER,
                                    .subject = in->identity ? in->identity : IDENTITY };
        SigstorePolicy policy = { .identities = &rule, .n_identities = 1, .now = suite->now };
        SigstoreArtifact artifact = { .data = { (void *)in->artifact, in->artifact_size } };
        char digest[DIGEST_SIZE_MAX];
        SigstoreSigner signer;
        Bundle bundle;
        int r = bundle_read(in->bundle, in->bundle_size, arena, &bundle, err);

        if (r >= 0 && in->root)
                r = trusted_root_read(in->root, in->root_size, &own, err);
        if (r >= 0 && in->key)
                r = trust_keys_read(&keys, "key.pub", in->key, in->key_size, err);
        if (r < 0)
                return r;
        policy.root = own ? own : suite->root;
        policy.keys = in->key ? &keys : NULL;
        digest_sha256(in->artifact, in->artifact_size, digest);
        artifact.digest = digest;
        return sigstore_verify(&bundle, &artifact, &policy, arena, &signer, err);
}

static void run_case(Suite *suite, const char *name)
{
        static const char fails[] = "_fail";
        const size_t length = strlen(name);
        const bool is_refused_wanted =
                length > strlen(fails) && streq(name + length - strlen(fails), fails);
        _cleanup_(inputs_done) Inputs in = { 0 };
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(arena_done) Arena arena;
        int r;

        arena_init(&arena, ARENA_MAX);
        read_file(suite, name, "bundle.sigstore.json", &in.bundle, &in.bundle_size);
        if (!in.bundle)
                return; /* not a case */
        read_file(suite, name, "artifact", &in.artifact, &in.artifact_size);
        if (!in.artifact)
                read_file(suite, "", "a.txt", &in.artifact, &in.artifact_size);
        read_file(suite, name, "trusted_root.json", &in.root, &in.root_size);
        read_file(suite, name, "key.pub", &in.key, &in.key_size);
        read_file(suite, name, "identity", &in.identity, &in.ignored);
        read_file(suite, name, "issuer", &in.issuer, &in.ignored);
        if (in.identity)
                in.identity[strcspn(in.identity, "\r\n")] = '\0';
        if (in.issuer)
                in.issuer[strcspn(in.issuer, "\r\n")] = '\0';
        r = verify(suite, &in, &arena, &error);
        suite->n_passed += (r < 0) == is_refused_wanted;
        suite->n_failed += (r < 0) != is_refused_wanted;
        printf("%s: %s: %s\n", (r < 0) == is_refused_wanted ? "ok" : "FAILED", name,
               r < 0 ? error_message(&error) : "accepted");
}

/* Reads the trusted root out of seeds.json. */
static int read_seeds(const char *path, TrustedRoot **ret, Error *err)
{
        _cleanup_(freep) char *text = NULL;
        _cleanup_(arena_done) Arena arena;
        const cJSON *targets, *root;
        unsigned char *data;
        cJSON *json;
        size_t size;
        int r;

        arena_init(&arena, FILE_MAX);
        r = file_read(path, FILE_MAX, &text, &size, err);
        if (r < 0)
                return r;
        json = cJSON_ParseWithLength(text, size);
        targets = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(json, INSTANCE),
                                                   "targets");
        root = cJSON_GetObjectItemCaseSensitive(targets, "trusted_root.json");
        r = cJSON_IsString(root) ? base64_decode(root->valuestring, strlen(root->valuestring),
                                                 &arena, &data, &size)
                                 : -EINVAL;
        cJSON_Delete(json);
        if (r < 0)
                return error_set(err, ERROR_INVALID, r, "'%s' has no trusted root", path);
        return trusted_root_read((const char *)data, size, ret, err);
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
        return strcmp((*a)->d_name, (*b)->d_name);
}

int main(int argc, char **argv)
{
        _cleanup_(trusted_root_freep) TrustedRoot *root = NULL;
        _cleanup_(error_done) Error error = { 0 };
        Suite suite = { .now = time_wall() };
        struct dirent **names = NULL;
        int n;

        if (argc != 3) {
                (void)fputs("usage: check-sigstore SEEDS FOLDER\n", stderr);
                return 2;
        }
        if (read_seeds(argv[1], &root, &error) < 0) {
                (void)fprintf(stderr, "check-sigstore: %s\n", error_message(&error));
                return 2;
        }
        suite.root = root;
        suite.folder = argv[2];
        n = scandir(suite.folder, &names, NULL, compare_names);
        for (int i = 0; i < n; i++) {
                if (names[i]->d_name[0] != '.')
                        run_case(&suite, names[i]->d_name);
                free(names[i]);
        }
        free(names);
        printf("%zu passed, %zu failed\n", suite.n_passed, suite.n_failed);
        return suite.n_failed > 0 || suite.n_passed == 0;
}
