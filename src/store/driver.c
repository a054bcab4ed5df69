#include "store/driver.h"

#include <stdlib.h>

void store_done(Store *store)
{
        error_done(&store->lost);
        free(store->notice);
        free(store->name);
}

int store_is_lost(const Store *store, Error *err)
{
        if (store->lost.kind == ERROR_NONE)
                return 0;
        return error_set(err, store->lost.kind, store->lost.code, "%s",
                         error_message(&store->lost));
}

void restored_done(Restored *restored)
{
        free(restored->kept);
        *restored = (Restored){ 0 };
}
