#pragma once

/* Changes of the results of checks, and of the gates that were reported as closed. */

#include "model/changes/changes.h"

/* Stores the state of a check. Replaces its earlier state. */
void changes_put_check(Changes *changes, const CheckResult *result);
/* Deletes the state of a running check, or of all running checks of that release and promotion if
 * the name is NULL. Reads only the ids and the name of the result. */
void changes_end_checks(Changes *changes, const CheckResult *result);

/* Stores that a gate was reported as closed. Replaces its earlier report. */
void changes_put_closed_gate(Changes *changes, const ClosedGate *closed);
/* Deletes that report. Reads only environment_id and gate of closed. */
void changes_delete_closed_gate(Changes *changes, const ClosedGate *closed);
