#pragma once

/* The formats of lockfiles; lock_format_names. */
typedef enum LockFormat {
        LOCK_YAML, /* the native one */
        LOCK_JSON,
        LOCK_KUSTOMIZE,
        LOCK_COMPOSE,
        LOCK_HELM,
        LOCK_IMAGES_LOCK,
        LOCK_DOTENV,
        LOCK_QUADLET,
        LOCK_FLUX,
        LOCK_ARGOCD,
        LOCK_REGSYNC,
        LOCK_SKOPEO_SYNC,
        LOCK_POLICY_JSON,
        LOCK_KYVERNO,
        LOCK_VAP,
        LOCK_FORMAT_MAX_,
} LockFormat;

const char *lock_format_to_string(LockFormat format);
