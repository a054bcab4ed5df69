#pragma once

/* A release and a component with its tags, for tests of the store and of lockfiles. */

#include "model/object.h"
#include "model/release.h"
#include "model/version-map.h"

#define DIGEST_A     "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define DIGEST_B     "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define DIGEST_C     "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define FIXTURE_TIME (1795453200 * USEC_PER_SEC) /* 2026-11-23T17:00:00Z */

_unused_ static PlatformDigest fixture_platforms[] = { { "linux/amd64", DIGEST_B },
                                                       { "linux/arm64", DIGEST_C } };

_unused_ static ReleaseComponent fixture_components[2];

static inline Release fixture_release(void)
{
        fixture_components[0] = (ReleaseComponent){
                .component_id = "8d1e0000-0000-5000-8000-000000000001",
                .component_name = "api",
                .role = ROLE_PRIMARY,
                .repository = "registry.example.com/myapp/api",
                .digest = DIGEST_A,
                .tag = "v2.3.1",
                .semver = "2.3.1",
                .channel = "stable",
                .media_type = "application/vnd.oci.image.index.v1+json",
                .size = 1609,
                .resolved_at = FIXTURE_TIME - 19 * USEC_PER_SEC,
                .platforms = { fixture_platforms, 2 },
        };
        fixture_components[1] = (ReleaseComponent){
                .component_id = "8d1e0000-0000-5000-8000-000000000002",
                .component_name = "migrate",
                .role = ROLE_MIGRATION,
                .repository = "registry.example.com/myapp/migrate",
                .digest = DIGEST_B,
                .media_type = "application/vnd.oci.image.manifest.v1+json",
                .size = 401,
                .resolved_at = FIXTURE_TIME,
        };
        return (Release){
                .id = { "5f0c0000-0000-5000-8000-000000000003" },
                .tenant = "default",
                .name = "myapp-v2.3.1",
                .display_name = "MyApp 2.3.1",
                .components = { fixture_components, 2 },
                .source_ref = { .commit_sha = "4f1c", .branch = "main", .build_id = "812" },
                .status = RELEASE_READY,
                .created_at = FIXTURE_TIME,
                .updated_at = FIXTURE_TIME,
                .spec_digest = DIGEST_C,
        };
}
