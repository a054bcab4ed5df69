#include "store/fault.h"

static const struct {
        ErrorKind kind;
        int code;
} faults[STORE_FAULT_MAX_] = {
        [STORE_FAULT_NONE] = { ERROR_INTERNAL, -EIO },
        [STORE_FAULT_FULL] = { ERROR_INTERNAL, -ENOSPC },
        [STORE_FAULT_FAILED] = { ERROR_INTERNAL, -EIO },
        [STORE_FAULT_DENIED] = { ERROR_INVALID, -EACCES },
        [STORE_FAULT_BUSY] = { ERROR_INTERNAL, -EBUSY },
        [STORE_FAULT_LOCKED] = { ERROR_CONFLICT, -EWOULDBLOCK },
        [STORE_FAULT_DAMAGED] = { ERROR_INTERNAL, -EBADMSG },
        [STORE_FAULT_NEWER] = { ERROR_INVALID, -EPROTONOSUPPORT },
        [STORE_FAULT_MOVED] = { ERROR_INTERNAL, -ESTALE },
};

StoreFault store_fault(const Error *err)
{
        for (StoreFault fault = STORE_FAULT_NONE + 1; fault < STORE_FAULT_MAX_; fault++)
                if (err->kind != ERROR_NONE && faults[fault].code == err->code)
                        return fault;
        return STORE_FAULT_NONE;
}

bool store_fault_may_pass(const Error *err)
{
        StoreFault fault = store_fault(err);

        return fault == STORE_FAULT_FULL || fault == STORE_FAULT_FAILED ||
               fault == STORE_FAULT_DENIED || fault == STORE_FAULT_BUSY || err->code == -ENOMEM;
}

ErrorKind store_fault_kind(StoreFault fault)
{
        return faults[fault].kind;
}

int store_fault_code(StoreFault fault)
{
        return faults[fault].code;
}
