#include "model/changes/changes-statements.h"

#include "model/changes/internal.h"

void changes_add_statement(Changes *changes, const StatementRow *row)
{
        StatementRow *copy = copy_data(changes, row, sizeof(*row));

        if (!copy)
                return;
        copy->environment_id = copy_text(changes, row->environment_id);
        copy->digest = copy_text(changes, row->digest);
        copy->envelope = copy_text(changes, row->envelope);
        add(changes, (Change){ .type = CHANGE_ADD_STATEMENT,
                               .kind = KIND_ENVIRONMENT,
                               .object_id = copy->environment_id,
                               .at = copy->at,
                               .statement = copy });
}
