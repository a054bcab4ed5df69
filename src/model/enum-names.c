#include "model/enum-names.h"

#include <errno.h>

#include "base/macros.h"
#include "model/artifact.h"
#include "model/audit.h"
#include "model/component.h"
#include "model/condition.h"
#include "model/environment.h"
#include "model/event.h"
#include "model/lock-format.h"
#include "model/registry.h"
#include "model/release.h"
#include "model/signature.h"
#include "model/version-map.h"

const char *const registry_type_names[REGISTRY_TYPE_MAX_ + 1] = {
        [REGISTRY_AUTO] = "auto",
        [REGISTRY_OCI] = "oci",
        [REGISTRY_DOCKERHUB] = "dockerhub",
        [REGISTRY_GAR] = "gar",
        [REGISTRY_ECR] = "ecr",
        [REGISTRY_ACR] = "acr",
        [REGISTRY_GHCR] = "ghcr",
        [REGISTRY_QUAY] = "quay",
        [REGISTRY_HARBOR] = "harbor",
        [REGISTRY_GITLAB] = "gitlab",
        [REGISTRY_OCI_LAYOUT] = "oci-layout",
};

const char *const strategy_type_names[STRATEGY_TYPE_MAX_ + 1] = {
        [STRATEGY_SEMVER] = "semver",         [STRATEGY_DATE] = "date",
        [STRATEGY_SEQUENTIAL] = "sequential", [STRATEGY_NUMERIC] = "numeric",
        [STRATEGY_LEXICAL] = "lexical",       [STRATEGY_MANUAL] = "manual",
};

const char *const artifact_kind_names[ARTIFACT_KIND_MAX_ + 1] = {
        [ARTIFACT_IMAGE] = "image",
        [ARTIFACT_CHART] = "chart",
        [ARTIFACT_OTHER] = "other",
};

const char *const component_artifact_names[COMPONENT_ARTIFACT_MAX_ + 1] = {
        [COMPONENT_ARTIFACT_IMAGE] = "image",
        [COMPONENT_ARTIFACT_CHART] = "chart",
        [COMPONENT_ARTIFACT_ANY] = "any",
};

const char *const verify_type_names[VERIFY_TYPE_MAX_ + 1] = {
        [VERIFY_COSIGN] = "cosign",
        [VERIFY_ATTESTATION] = "attestation",
        [VERIFY_NOTATION] = "notation",
};

const char *const verify_log_names[VERIFY_LOG_MAX_ + 1] = {
        [VERIFY_LOG_REQUIRED] = "required",
        [VERIFY_LOG_OPTIONAL] = "optional",
};

const char *const verify_mode_names[VERIFY_MODE_MAX_ + 1] = {
        [VERIFY_ENFORCE] = "enforce",
        [VERIFY_WARN] = "warn",
};

const char *const signature_result_names[SIGNATURE_RESULT_MAX_ + 1] = {
        [SIGNATURE_VALID] = "valid",
        [SIGNATURE_MISSING] = "missing",
        [SIGNATURE_INVALID] = "invalid",
};

const char *const component_tags_names[COMPONENT_TAGS_MAX_ + 1] = {
        [COMPONENT_TAGS_INHERIT] = "inherit",
        [COMPONENT_TAGS_IMMUTABLE] = "immutable",
        [COMPONENT_TAGS_MUTABLE] = "mutable",
};

const char *const registry_tags_names[REGISTRY_TAGS_MAX_ + 1] = {
        [REGISTRY_TAGS_IMMUTABLE] = "immutable",
        [REGISTRY_TAGS_MUTABLE] = "mutable",
};

const char *const version_order_names[VERSION_ORDER_MAX_ + 1] = {
        [ORDER_BY_VERSION] = "version",
        [ORDER_BY_CREATED] = "created",
};

const char *const release_mode_names[RELEASE_MODE_MAX_ + 1] = {
        [RELEASE_PINNED] = "pinned",
        [RELEASE_FULL] = "full",
        [RELEASE_CHANNEL] = "channel",
        [RELEASE_PARTIAL] = "partial",
};

const char *const release_status_names[RELEASE_STATUS_MAX_ + 1] = {
        [RELEASE_DRAFT] = "draft",           [RELEASE_READY] = "ready",
        [RELEASE_PROMOTING] = "promoting",   [RELEASE_DEPLOYED] = "deployed",
        [RELEASE_DEPRECATED] = "deprecated", [RELEASE_ARCHIVED] = "archived",
};

const char *const component_role_names[COMPONENT_ROLE_MAX_ + 1] = {
        [ROLE_PRIMARY] = "primary",
        [ROLE_SIDECAR] = "sidecar",
        [ROLE_INIT] = "init",
        [ROLE_MIGRATION] = "migration",
};

const char *const confirm_mode_names[CONFIRM_MODE_MAX_ + 1] = {
        [CONFIRM_AUTO] = "auto",
        [CONFIRM_MANUAL] = "manual",
        [CONFIRM_PULL_REQUEST] = "pullRequest",
};

const char *const failure_mode_names[FAILURE_MODE_MAX_ + 1] = {
        [FAILURE_ROLLBACK] = "rollback",
        [FAILURE_HOLD] = "hold",
};

const char *const require_mode_names[REQUIRE_MODE_MAX_ + 1] = {
        [REQUIRE_ALL] = "all",
        [REQUIRE_ANY] = "any",
};

const char *const deployment_status_names[DEPLOYMENT_STATUS_MAX_ + 1] = {
        [DEPLOYMENT_PROMOTING] = "promoting",
        [DEPLOYMENT_DEPLOYED] = "deployed",
        [DEPLOYMENT_FAILED] = "failed",
        [DEPLOYMENT_CANCELED] = "canceled",
};

const char *const check_status_names[CHECK_STATUS_MAX_ + 1] = {
        [CHECK_RUNNING] = "running",
        [CHECK_PASSED] = "passed",
        [CHECK_FAILED] = "failed",
        [CHECK_CANCELED] = "canceled",
};

const char *const managed_by_names[MANAGED_BY_MAX_ + 1] = {
        [MANAGED_BY_SPEC] = "spec",
        [MANAGED_BY_API] = "api",
        [MANAGED_BY_STREAM] = "stream",
};

const char *const lock_format_names[LOCK_FORMAT_MAX_ + 1] = {
        [LOCK_YAML] = "yaml",
        [LOCK_JSON] = "json",
        [LOCK_KUSTOMIZE] = "kustomize",
        [LOCK_COMPOSE] = "compose",
        [LOCK_HELM] = "helm",
        [LOCK_IMAGES_LOCK] = "images-lock",
        [LOCK_DOTENV] = "dotenv",
        [LOCK_QUADLET] = "quadlet",
        [LOCK_FLUX] = "flux",
        [LOCK_ARGOCD] = "argocd",
        [LOCK_REGSYNC] = "regsync",
        [LOCK_SKOPEO_SYNC] = "skopeo-sync",
        [LOCK_POLICY_JSON] = "policy-json",
        [LOCK_KYVERNO] = "kyverno",
        [LOCK_VAP] = "vap",
};

const char *const condition_type_names[CONDITION_TYPE_MAX_ + 1] = {
        [CONDITION_READY] = "Ready",
        [CONDITION_STALLED] = "Stalled",
        [CONDITION_DRIFT] = "Drift",
        [CONDITION_HEAD_MISSING] = "HeadMissing",
        [CONDITION_HELD] = "Held",
        [CONDITION_TAG_MOVED] = "TagMoved",
        [CONDITION_RESOLVING] = "Resolving",
        [CONDITION_NO_ROLLBACK] = "NoRollback",
        [CONDITION_PLATFORM_MISMATCH] = "PlatformMismatch",
        [CONDITION_PULL_REQUEST] = "PullRequest",
        [CONDITION_WARNING] = "Warning",
};

const char *const condition_status_names[] = {
        [CONDITION_TRUE] = "True",
        [CONDITION_FALSE] = "False",
        [CONDITION_UNKNOWN] = "Unknown",
        NULL,
};

const char *const event_type_names[EVENT_TYPE_MAX_ + 1] = {
        [EVENT_COMPONENT_CREATED] = "component.created",
        [EVENT_COMPONENT_UPDATED] = "component.updated",
        [EVENT_COMPONENT_DELETED] = "component.deleted",
        [EVENT_VERSION_RESOLVED] = "version.resolved",
        [EVENT_VERSION_UPDATED] = "version.updated",
        [EVENT_VERSIONS_RESOLVED] = "versions.resolved",
        [EVENT_RELEASE_CREATED] = "release.created",
        [EVENT_RELEASE_READY] = "release.ready",
        [EVENT_RELEASE_PROMOTED] = "release.promoted",
        [EVENT_RELEASE_DEPLOYED] = "release.deployed",
        [EVENT_RELEASE_FAILED] = "release.failed",
        [EVENT_RELEASE_DEPRECATED] = "release.deprecated",
        [EVENT_RELEASE_ARCHIVED] = "release.archived",
        [EVENT_RELEASE_REJECTED] = "release.rejected",
        [EVENT_RELEASE_ROLLED_BACK] = "release.rolledBack",
        [EVENT_TAG_MOVED] = "tag.moved",
        [EVENT_TAG_BLOCKED] = "tag.blocked",
        [EVENT_TAG_ALLOWED] = "tag.allowed",
        [EVENT_DRIFT_DETECTED] = "drift.detected",
        [EVENT_ENVIRONMENT_HELD] = "environment.held",
        [EVENT_ENVIRONMENT_RESUMED] = "environment.resumed",
        [EVENT_APPROVAL_GIVEN] = "approval.given",
        [EVENT_APPROVAL_WITHDRAWN] = "approval.withdrawn",
        [EVENT_CHECK_PASSED] = "check.passed",
        [EVENT_CHECK_FAILED] = "check.failed",
        [EVENT_GATE_CLOSED] = "gate.closed",
        [EVENT_GATE_OPENED] = "gate.opened",
        [EVENT_OUTPUT_WRITTEN] = "output.written",
        [EVENT_OUTPUT_FAILED] = "output.failed",
        [EVENT_REGISTRY_UNREACHABLE] = "registry.unreachable",
        [EVENT_REGISTRY_RECOVERED] = "registry.recovered",
};

const char *const audit_outcome_names[AUDIT_OUTCOME_MAX_ + 1] = {
        [AUDIT_ACCEPTED] = "accepted",
        [AUDIT_REFUSED] = "refused",
        [AUDIT_FAILED] = "failed",
};

const char *const version_source_names[] = {
        [VERSION_AUTO] = "auto",
        [VERSION_MANUAL] = "manual",
        NULL,
};

int names_find(const char *const *names, const char *text)
{
        for (int i = 0; names[i]; i++)
                if (streq(names[i], text))
                        return i;
        return -EINVAL;
}

/* clang-format off */
#define TO_STRING(type, function, names) \
        const char *function(type value) { return names[value]; }
#define FROM_STRING(type, function, names)                       \
        int function(const char *text, type *ret)                \
        {                                                        \
                int i = names_find(names, text);                 \
                                                                 \
                if (i < 0)                                       \
                        return i;                                \
                *ret = (type)i;                                  \
                return 0;                                        \
        }
/* clang-format on */

TO_STRING(RegistryType, registry_type_to_string, registry_type_names)
TO_STRING(StrategyType, strategy_type_to_string, strategy_type_names)
TO_STRING(ReleaseMode, release_mode_to_string, release_mode_names)
TO_STRING(ReleaseStatus, release_status_to_string, release_status_names)
FROM_STRING(ReleaseStatus, release_status_from_string, release_status_names)
TO_STRING(ArtifactKind, artifact_kind_to_string, artifact_kind_names)
FROM_STRING(ArtifactKind, artifact_kind_from_string, artifact_kind_names)
TO_STRING(ComponentRole, component_role_to_string, component_role_names)
FROM_STRING(ComponentRole, component_role_from_string, component_role_names)
TO_STRING(ConditionType, condition_type_to_string, condition_type_names)
FROM_STRING(ConditionType, condition_type_from_string, condition_type_names)
TO_STRING(ConditionStatus, condition_status_to_string, condition_status_names)
FROM_STRING(ConditionStatus, condition_status_from_string, condition_status_names)
TO_STRING(EventType, event_type_to_string, event_type_names)
FROM_STRING(EventType, event_type_from_string, event_type_names)
TO_STRING(VersionSource, version_source_to_string, version_source_names)
TO_STRING(LockFormat, lock_format_to_string, lock_format_names)
TO_STRING(ConfirmMode, confirm_mode_to_string, confirm_mode_names)
TO_STRING(FailureMode, failure_mode_to_string, failure_mode_names)
TO_STRING(RequireMode, require_mode_to_string, require_mode_names)
TO_STRING(DeploymentStatus, deployment_status_to_string, deployment_status_names)
FROM_STRING(DeploymentStatus, deployment_status_from_string, deployment_status_names)
TO_STRING(CheckStatus, check_status_to_string, check_status_names)
FROM_STRING(CheckStatus, check_status_from_string, check_status_names)
TO_STRING(ManagedBy, managed_by_to_string, managed_by_names)
FROM_STRING(ManagedBy, managed_by_from_string, managed_by_names)
TO_STRING(AuditOutcome, audit_outcome_to_string, audit_outcome_names)
FROM_STRING(AuditOutcome, audit_outcome_from_string, audit_outcome_names)
