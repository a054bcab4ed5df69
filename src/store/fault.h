#pragma once

/* The kinds of failures of a database, the same for each database. Callers decide by these kinds,
 * never by error numbers or messages. */

#include "base/error.h"

typedef enum StoreFault {
        STORE_FAULT_NONE,    /* no failure, or another one */
        STORE_FAULT_FULL,    /* the disk is full; nothing was changed */
        STORE_FAULT_FAILED,  /* the disk, or the database itself, failed */
        STORE_FAULT_DENIED,  /* no permission */
        STORE_FAULT_BUSY,    /* another process is using it at the moment */
        STORE_FAULT_LOCKED,  /* another relmand has locked it */
        STORE_FAULT_DAMAGED, /* its content is invalid */
        STORE_FAULT_NEWER,   /* a newer relman made it, or an older one and it must be upgraded */
        STORE_FAULT_MOVED,   /* it is no longer at the path where it was opened */
        STORE_FAULT_MAX_,
} StoreFault;

/* Returns the fault behind an error of a store function. */
StoreFault store_fault(const Error *err);

/* True if the failure may be temporary, so that a retry is useful: disk full, a failing disk or
 * database, permissions, another process, lack of memory. */
bool store_fault_may_pass(const Error *err);

/* For error_set(): the kind and code of a fault, as two arguments. */
ErrorKind store_fault_kind(StoreFault fault);
int store_fault_code(StoreFault fault);

/* (err, fault, format, ...): fills err and returns the code of the fault. */
#define fault_set(err, fault, ...)                                                                 \
        error_set((err), store_fault_kind(fault), store_fault_code(fault), __VA_ARGS__)
