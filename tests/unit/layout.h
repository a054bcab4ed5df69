#pragma once

/* Writes a folder of images in the form of an OCI image layout, for tests that need a registry. */

#include <sys/stat.h>

#include "base/digest.h"
#include "unit.h"

#define LAYOUT_INDEX_MAX 4000

static inline void layout_write_file(const char *folder, const char *name, const char *text)
{
        char path[400];
        FILE *file;

        assert_true((size_t)snprintf(path, sizeof(path), "%s/images/%s", folder, name) <
                    sizeof(path));
        file = fopen(path, "we");
        assert_non_null(file);
        assert_true(fputs(text, file) >= 0);
        assert_int_equal(fclose(file), 0);
}

static inline void layout_write_blob(const char *folder, const char *text,
                                     char ret_digest[DIGEST_SIZE_MAX])
{
        char name[200];

        digest_sha256(text, strlen(text), ret_digest);
        (void)snprintf(name, sizeof(name), "blobs/sha256/%s", ret_digest + strlen("sha256:"));
        layout_write_file(folder, name, text);
}

/* Writes one image. Sets entry to its entry in the index; returns the length of the entry. */
static inline size_t layout_write_image(const char *folder, const char *name, size_t i, char *entry,
                                        size_t size)
{
        char config[300], manifest[600], digest[DIGEST_SIZE_MAX];

        (void)snprintf(config, sizeof(config),
                       "{\"architecture\":\"amd64\",\"os\":\"linux\",\"created\":\"2026-01-0%zu"
                       "T00:00:00Z\",\"n\":%zu}",
                       i + 1, i);
        layout_write_blob(folder, config, digest);
        (void)snprintf(manifest, sizeof(manifest),
                       "{\"schemaVersion\":2,\"mediaType\":"
                       "\"application/vnd.oci.image.manifest.v1+json\",\"config\":{\"mediaType\":"
                       "\"application/vnd.oci.image.config.v1+json\",\"digest\":\"%s\","
                       "\"size\":%zu},\"layers\":[]}",
                       digest, strlen(config));
        layout_write_blob(folder, manifest, digest);
        return (size_t)snprintf(entry, size,
                                "%s{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
                                "\"digest\":\"%s\",\"size\":%zu,\"annotations\":{"
                                "\"org.opencontainers.image.ref.name\":\"%s\"}}",
                                i > 0 ? "," : "", digest, strlen(manifest), name);
}

/* Writes the layout FOLDER/images with up to nine images. Each name has the form REPOSITORY:TAG. */
static inline void layout_write(const char *folder, const char *const *names, size_t n_names)
{
        static const char *const folders[] = { "", "/blobs", "/blobs/sha256" };
        char index[LAYOUT_INDEX_MAX], path[400];
        size_t n;

        for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
                (void)snprintf(path, sizeof(path), "%s/images%s", folder, folders[i]);
                assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
        }
        n = (size_t)snprintf(index, sizeof(index), "{\"schemaVersion\":2,\"manifests\":[");
        for (size_t i = 0; i < n_names; i++)
                n += layout_write_image(folder, names[i], i, index + n, sizeof(index) - n);
        assert_true(n + 2 < sizeof(index));
        (void)snprintf(index + n, sizeof(index) - n, "]}");
        layout_write_file(folder, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
        layout_write_file(folder, "index.json", index);
}
