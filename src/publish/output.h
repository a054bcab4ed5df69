#pragma once

/* One output of an environment: a file, a program, both, or a file on a branch. */

#include "publish/output-hook.h"
#include "publish/output-memory.h"

/* A lock that an output is to have. */
typedef struct OutputCall {
        const Lock *lock;
        const Deployment *deployment;
        Arena *arena;
} OutputCall;

/* The functions of a kind of outputs. Their failures concern one output only. */
typedef struct OutputType {
        /* Brings the output what relmand can compare with it. Returns 1 if start is due now. */
        int (*want)(Output *output, const OutputCall *call, Error *err);
        /* Starts an attempt. Its result is recorded by output_ended(), also after a return. */
        int (*start)(Output *output, const OutputCall *call, Error *err);
        bool (*is_idle)(const Output *output); /* NULL: no program runs */
        void (*done)(Output *output);          /* ends what runs; NULL: nothing */
} OutputType;
extern const OutputType output_file_type;    /* output-file.c */
extern const OutputType output_program_type; /* output-hook.c */
extern const OutputType output_branch_type;  /* output-git.c */

struct Output {
        EnvironmentLock *environment;
        const OutputSpec *spec;
        const OutputType *type;
        Published file;
        OutputMemory memory; /* of a program or a branch */
        OutputHook hook;
};

/* output-file.c: writes the file, if the output has a path, and records the wanted lock. Returns 1
 * if a program or the memory lacks it. */
int output_want_file(Output *output, const OutputCall *call, Error *err);
/* Removes the file if the first promotion of the environment was canceled, so that nobody deploys
 * it. */
int output_remove(const Output *output, Arena *arena, Error *err);

/* Return texts in the arena; NULL: memory ran out. */
/* Returns the path of the file. An output without a configured path uses the file of its format in
 * the lock folder. Not for an output on a branch. */
const char *output_path(const Output *output, Arena *arena);
/* Returns the output in events: its branch, its program or its path. */
const char *output_target(const Output *output, Arena *arena);
