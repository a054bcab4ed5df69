#pragma once

/* The section `webhooks` of the events: receivers of events. */

#include "base/diag.h"
#include "model/receiver.h"
#include "model/schema/schema.h"

extern const Schema config_webhook_schema;

/* Checks the rules that the schema cannot express, and sets what a format implies. Returns 0,
 * -EINVAL after adding diagnostics, or -ENOMEM. */
int config_check_webhooks(ReceiverSpecs *receivers, DiagList *diags);
