#pragma once

/* The kinds of failures, which are the same for every database. Callers distinguish failures by
 * these kinds, not by error numbers or messages. */

#include "base/error.h"

typedef enum StoreFault {
        STORE_FAULT_NONE,    /* no failure of the database */
        STORE_FAULT_FULL,    /* the disk is full; the database is unchanged */
        STORE_FAULT_FAILED,  /* the disk or the database failed */
        STORE_FAULT_DENIED,  /* no permission */
        STORE_FAULT_BUSY,    /* another process is using the database now */
        STORE_FAULT_LOCKED,  /* another relmand has locked the database */
        STORE_FAULT_DAMAGED, /* the content of the database is invalid */
        STORE_FAULT_NEWER,   /* the schema is newer, or it is older and must be upgraded */
        STORE_FAULT_MOVED,   /* the database is no longer at the path where it was opened */
        STORE_FAULT_MAX_,
} StoreFault;

/* Returns the fault that caused an error of a store function. */
StoreFault store_fault(const Error *err);

/* True if the failure may be temporary, so that the caller may retry. Such failures are a full or
 * failing disk, a failing database, permissions, a lock of another process, and lack of memory. */
bool store_fault_may_pass(const Error *err);

/* The kind and the code of a fault, as arguments of error_set(). */
ErrorKind store_fault_kind(StoreFault fault);
int store_fault_code(StoreFault fault);

/* (err, fault, format, ...): fills err and returns the code of the fault. */
#define fault_set(err, fault, ...)                                                                 \
        error_set((err), store_fault_kind(fault), store_fault_code(fault), __VA_ARGS__)
