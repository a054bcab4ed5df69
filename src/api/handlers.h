#pragma once

/* Handlers of routes, and functions that answer with the changed object. */

#include "api/http/parameters.h"
#include "api/internal.h"

/* handle-*.c */
int handle_releases(Request *request, Error *err);
int handle_release(Request *request, Error *err);
int handle_release_state(Request *request, Error *err);
int handle_lineage(Request *request, Error *err);
int handle_digest(Request *request, Error *err);
int handle_digests(Request *request, Error *err);
int handle_compare(Request *request, Error *err);
int handle_promote(Request *request, Error *err);
int handle_deprecate(Request *request, Error *err);
int handle_archive(Request *request, Error *err);
int handle_create_release(Request *request, Error *err);
int handle_from_latest(Request *request, Error *err);
int handle_put_release(Request *request, Error *err);
int handle_delete_release(Request *request, Error *err);
int handle_components(Request *request, Error *err);
int handle_component(Request *request, Error *err);
int handle_create_component(Request *request, Error *err);
int handle_put_component(Request *request, Error *err);
int handle_delete_component(Request *request, Error *err);
int handle_component_releases(Request *request, Error *err);
int handle_tags(Request *request, Error *err);
int handle_assignments(Request *request, Error *err);
int handle_tag(Request *request, Error *err);
int handle_tag_history(Request *request, Error *err);
int handle_versions(Request *request, Error *err);
int handle_version_maps(Request *request, Error *err);
int handle_create_version_map(Request *request, Error *err);
int handle_delete_version_map(Request *request, Error *err);
int handle_allow_move(Request *request, Error *err);
int handle_sync_versions(Request *request, Error *err);
int handle_registries(Request *request, Error *err);
int handle_registry(Request *request, Error *err);
int handle_calendars(Request *request, Error *err);
int handle_calendar(Request *request, Error *err);
int handle_groups(Request *request, Error *err);
int handle_group(Request *request, Error *err);
int handle_streams(Request *request, Error *err);
int handle_stream(Request *request, Error *err);
int handle_tenant(Request *request, Error *err);
int handle_tenants(Request *request, Error *err);
int handle_keys(Request *request, Error *err);
int handle_events(Request *request, Error *err);
int handle_receivers(Request *request, Error *err);
int handle_outputs(Request *request, Error *err);
int handle_environment_outputs(Request *request, Error *err);
int handle_receiver(Request *request, Error *err);
int handle_replay(Request *request, Error *err);
int handle_audit(Request *request, Error *err);
int handle_environments(Request *request, Error *err);
int handle_environment_lock(Request *request, Error *err);
int handle_release_lock(Request *request, Error *err);
int handle_approvals(Request *request, Error *err);
int handle_checks(Request *request, Error *err);
int handle_report_check(Request *request, Error *err);
int handle_withdraw(Request *request, Error *err);
int handle_reject(Request *request, Error *err);
int handle_why(Request *request, Error *err);
int handle_rollback(Request *request, Error *err);
int handle_gates(Request *request, Error *err);
int handle_environment(Request *request, Error *err);
int handle_history(Request *request, Error *err);
int handle_statements(Request *request, Error *err);
int handle_changes(Request *request, Error *err);
int handle_confirm(Request *request, Error *err);
int handle_approve(Request *request, Error *err);
int handle_hold(Request *request, Error *err);
int handle_cancel(Request *request, Error *err);
int handle_resume(Request *request, Error *err);
int handle_confirm_prune(Request *request, Error *err);
bool admit_hook(Request *request);
int handle_hook(Request *request, Error *err);
int handle_hook_options(Request *request, Error *err);
int handle_healthz(Request *request, Error *err);
int handle_readyz(Request *request, Error *err);
int handle_metrics(Request *request, Error *err);
int handle_backup(Request *request, Error *err);
int handle_plan(Request *request, Error *err);
int handle_plan_replay(Request *request, Error *err);
int handle_openapi(Request *request, Error *err);
int handle_status(Request *request, Error *err);
int handle_session(Request *request, Error *err);
int handle_login(Request *request, Error *err);
int handle_logout(Request *request, Error *err);
int handle_matrix(Request *request, Error *err);
int handle_web(Request *request, Error *err);

int show_component(Request *request, const char *id, Error *err);
int show_environment(Request *request, const char *id, Error *err);
int show_receiver(Request *request, const char *id, Error *err);
int show_release(Request *request, const char *id, Error *err);
int show_version_map(Request *request, const char *id, Error *err);
