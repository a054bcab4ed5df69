#pragma once

/* Tables of enum names, as used in specs, JSON and the database. The schema, the store and messages
 * share them. Each table is in the order of its enum and ends with NULL. */

extern const char *const registry_type_names[];
extern const char *const strategy_type_names[];
extern const char *const artifact_kind_names[];
extern const char *const component_artifact_names[];
extern const char *const component_tags_names[];
extern const char *const registry_tags_names[];
extern const char *const version_order_names[];
extern const char *const verify_type_names[];
extern const char *const verify_mode_names[];
extern const char *const verify_log_names[];
extern const char *const signature_result_names[];
extern const char *const release_mode_names[];
extern const char *const release_status_names[];
extern const char *const component_role_names[];
extern const char *const confirm_mode_names[];
extern const char *const failure_mode_names[];
extern const char *const require_mode_names[];
extern const char *const deployment_status_names[];
extern const char *const check_status_names[];
extern const char *const managed_by_names[];
extern const char *const lock_format_names[];
extern const char *const condition_type_names[];
extern const char *const condition_status_names[];
extern const char *const event_type_names[];
extern const char *const audit_outcome_names[];
extern const char *const version_source_names[];

/* Returns the index of text in names; -EINVAL if it is not among them. */
int names_find(const char *const *names, const char *text);
