#pragma once

/* Declarations that only the files of this folder share. */

#include "checks/check-runner.h"
#include "lock/lock.h"

/* checks that relmand runs at once, of all tenants and of one: each may be a process, and one
 * tenant must not make the checks of others late */
#define CHECK_RUNS_MAX        16
#define CHECK_RUNS_TENANT_MAX 8
/* bytes of the output of a check that are kept, against a program that writes without end */
#define CHECK_OUTPUT_MAX ((size_t)64 * 1024)

/* The result of a run. */
typedef struct CheckEnd {
        bool passed;
        const char *message; /* why it did not pass; NULL: it passed */
        const char *output;  /* NULL: none */
} CheckEnd;

/* A check that relmand runs: one stored result with the status `running`. */
struct CheckRun {
        CheckRun *next;
        CheckRunner *runner;
        Uuid environment_id, release_id;
        Uuid promotion_id; /* "": it is a check before the promotion */
        usec_t started_at; /* of the stored result: another attempt has another time */
        char *name;        /* of the check */
        char *tenant;
        char key[DIGEST_SIZE_MAX]; /* digest of the name */
        const CheckRunSpec *spec;
        bool is_stored;                                    /* the database has it as running */
        ProgramRun *program;                               /* NULL: it waits */
        void (*ended)(CheckRun *run, const CheckEnd *end); /* frees the run */
};

/* check-program.c: starts the program. Its end calls run->ended(). ERROR_INVALID: the
 * program cannot be run. Any other error is temporary. */
int check_program_start(CheckRun *run, Error *err);

/* check-output.c: returns the output as valid UTF-8 without control characters, at most
 * CHECK_OUTPUT_MAX bytes. NULL: no memory. */
const char *check_output_text(const ProgramEnd *end, Arena *arena);
/* Returns the last line of a text that is not blank, cut to a length that fits a message; "": there
 * is none. NULL: no memory. */
const char *check_output_line(const char *text, Arena *arena);
