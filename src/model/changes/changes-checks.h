#pragma once

/* Changes of the results of checks, and of the gates that were reported as closed. */

#include "model/changes/changes.h"

/* Stores the state of a check and replaces the earlier state. */
void changes_put_check(Changes *changes, const CheckResult *result);
/* Deletes the state of a running check. If result->name is NULL, deletes the states of all running
 * checks of that release and promotion. Reads only the ids and the name of the result. */
void changes_end_checks(Changes *changes, const CheckResult *result);

/* Stores that a gate was reported as closed. Replaces an earlier report of this gate. */
void changes_put_closed_gate(Changes *changes, const ClosedGate *closed);
/* Deletes the report of a closed gate. Reads only environment_id and gate of closed. */
void changes_delete_closed_gate(Changes *changes, const ClosedGate *closed);
