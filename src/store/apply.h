#pragma once

/* Each function writes one type of change. store_apply() calls them inside its transaction. */

#include "model/changes/changes.h"
#include "store/store.h"

typedef int (*ApplyChange)(Store *store, const Change *change, Error *err);

/* apply-versions.c */
int apply_put_tag(Store *store, const Change *change, Error *err);
int apply_put_tag_history(Store *store, const Change *change, Error *err);
int apply_put_version(Store *store, const Change *change, Error *err);
int apply_delete_version(Store *store, const Change *change, Error *err);
int apply_put_channel(Store *store, const Change *change, Error *err);
int apply_delete_channel(Store *store, const Change *change, Error *err);
int apply_put_sync(Store *store, const Change *change, Error *err);
int apply_put_manifest(Store *store, const Change *change, Error *err);
int apply_set_condition(Store *store, const Change *change, Error *err);
int apply_clear_condition(Store *store, const Change *change, Error *err);
int apply_add_event(Store *store, const Change *change, Error *err);
int apply_put_assignment(Store *store, const Change *change, Error *err);
int apply_delete_assignment(Store *store, const Change *change, Error *err);
int apply_put_tag_move(Store *store, const Change *change, Error *err);
int apply_delete_tag_move(Store *store, const Change *change, Error *err);
int apply_put_drift(Store *store, const Change *change, Error *err);
int apply_delete_drift(Store *store, const Change *change, Error *err);

/* query-images.c */
int apply_put_referrers(Store *store, const Change *change, Error *err);
int apply_put_image(Store *store, const Change *change, Error *err);
int apply_put_head_images(Store *store, const Change *change, Error *err);

/* receivers.c */
int apply_put_receiver(Store *store, const Change *change, Error *err);
int apply_add_dead_letter(Store *store, const Change *change, Error *err);
int apply_prune_events(Store *store, const Change *change, Error *err);

/* audit.c */
int apply_add_audit(Store *store, const Change *change, Error *err);

/* apply-deployments.c */
int apply_put_deployment(Store *store, const Change *change, Error *err);
int apply_delete_deployment(Store *store, const Change *change, Error *err);
int apply_add_statement(Store *store, const Change *change, Error *err); /* query-statements.c */
int apply_put_hold(Store *store, const Change *change, Error *err);
int apply_delete_hold(Store *store, const Change *change, Error *err);
int apply_put_closed_gate(Store *store, const Change *change, Error *err);
int apply_delete_closed_gate(Store *store, const Change *change, Error *err);
int apply_put_output_run(Store *store, const Change *change, Error *err);
int apply_add_approval(Store *store, const Change *change, Error *err);
int apply_delete_approval(Store *store, const Change *change, Error *err);
/* apply-checks.c */
int apply_put_check(Store *store, const Change *change, Error *err);
int apply_end_checks(Store *store, const Change *change, Error *err);
/* Sets *ret to the id of the row of a principal. Inserts the row if it does not exist. */
int apply_user(Store *store, const Uuid *tenant, const char *name, usec_t at, Uuid *ret,
               Error *err);
