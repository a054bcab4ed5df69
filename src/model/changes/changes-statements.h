#pragma once

/* The change that stores a signed statement about what an environment has. */

#include "model/changes/changes.h"
#include "model/statement-row.h"

/* Adds a statement. It must follow all changes of the environment's deployment in the list. */
void changes_add_statement(Changes *changes, const StatementRow *row);
