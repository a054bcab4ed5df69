#pragma once

/* Declarations that only the files of this folder share. */

#include "checks/check-runner.h"
#include "lock/lock.h"

/* maximum number of checks that run at the same time: of all tenants, and of one tenant. Each may
 * be a process, and one tenant must not delay the checks of others */
#define CHECK_RUNS_MAX        16
#define CHECK_RUNS_TENANT_MAX 8
/* bytes of the output of a check that are kept, against a program that writes without end */
#define CHECK_OUTPUT_MAX ((size_t)64 * 1024)

/* The result of a run. */
typedef struct CheckEnd {
        bool passed;
        const char *message; /* reason why the check did not pass; NULL: it passed */
        const char *output;  /* NULL: none */
} CheckEnd;

/* The output of a program, or the body of an answer: any bytes. */
typedef struct CheckOutput {
        const char *data;
        size_t size;
        bool is_end;           /* true: the end of a longer output; false: the beginning */
        bool begin_is_missing; /* the first character may have lost its beginning */
} CheckOutput;

typedef struct CheckHttp CheckHttp;

/* A check that relmand runs: one stored result with the status `running`. */
struct CheckRun {
        CheckRun *next;
        CheckRunner *runner;
        Uuid environment_id, release_id;
        Uuid promotion_id; /* "": a check before the promotion */
        usec_t started_at; /* start in the stored result, different for each attempt */
        char *name;        /* name of the check */
        char *tenant;
        char key[DIGEST_SIZE_MAX]; /* digest of the name */
        const CheckRunSpec *spec;
        bool is_stored;      /* the database has the check as running */
        ProgramRun *program; /* NULL: no program runs for the check */
        CheckHttp *http;     /* NULL: no request is sent for the check */
        void (*ended)(CheckRun *run, const CheckEnd *end); /* frees the run */
};

/* check-lock.c: reads the release and makes its lock, allocated from the arena. */
int check_lock(const CheckRun *run, Arena *arena, Lock *ret, Error *err);

/* check-program.c: starts the program, and calls run->ended() when the program has ended. Fails
 * with ERROR_INVALID if the program cannot be run; any other error is temporary. */
int check_program_start(CheckRun *run, Error *err);

/* check-http.c: sets run->http and sends the request, again if necessary. Calls run->ended() when
 * there is a result. Any error is temporary. */
int check_http_start(CheckRun *run, Error *err);
/* Cancels the request. run->ended() is not called. Safe on NULL; returns NULL. */
CheckHttp *check_http_leave(CheckHttp *http);
void check_pools_free(CheckRunner *runner); /* call this only after all requests have ended */

/* check-output.c: returns the output as valid UTF-8 without control characters, at most
 * CHECK_OUTPUT_MAX bytes. Returns NULL if memory ran out. */
const char *check_output_text(const CheckOutput *output, Arena *arena);
/* Returns the last line of a text that is not blank, cut to a length that fits a message; "" if all
 * lines are blank. Returns NULL if memory ran out. */
const char *check_output_line(const char *text, Arena *arena);
