#pragma once

/* The ways in which a database fails, the same for each database. Callers decide by them, never by
 * error numbers or messages. */

#include "base/error.h"

typedef enum StoreFault {
        STORE_FAULT_NONE,    /* no failure, or one of no kind below */
        STORE_FAULT_FULL,    /* no room on the disk; nothing was changed */
        STORE_FAULT_FAILED,  /* the disk, or the database itself */
        STORE_FAULT_DENIED,  /* permissions */
        STORE_FAULT_BUSY,    /* another process uses it just now */
        STORE_FAULT_LOCKED,  /* another relmand has it */
        STORE_FAULT_DAMAGED, /* what is in it cannot be right */
        STORE_FAULT_NEWER,   /* a newer relman made it, or an older one that has to be upgraded */
        STORE_FAULT_MOVED,   /* it is no longer where it was opened */
        STORE_FAULT_MAX_,
} StoreFault;

/* The fault behind an error that a function of the store returned. */
StoreFault store_fault(const Error *err);

/* May pass by itself, so that the same call is worth another try: no room, a disk or a database
 * that failed, permissions, another process, a lack of memory. */
bool store_fault_may_pass(const Error *err);

/* For error_set(): the kind and the code of a fault, as the two arguments. */
ErrorKind store_fault_kind(StoreFault fault);
int store_fault_code(StoreFault fault);

/* (err, fault, format, ...): fills err and returns the code of the fault. */
#define fault_set(err, fault, ...)                                                                 \
        error_set((err), store_fault_kind(fault), store_fault_code(fault), __VA_ARGS__)
