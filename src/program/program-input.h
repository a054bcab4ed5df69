#pragma once

/* The input of a program that the configuration names: a lock on its standard input, and
 * variables that describe the lock. */

#include "base/arena.h"
#include "base/process.h"
#include "lock/lock.h"

/* Writes the lock as JSON to a file in memory. Returns its descriptor, at position 0; the caller
 * closes it. */
int program_input(const Lock *lock, Arena *arena, Error *err);
/* Same, for any bytes. */
int program_input_of(const void *data, size_t size, Error *err);

/* An environment variable. A variable whose value is NULL is not set. */
typedef struct ProgramVariable {
        const char *name, *value;
} ProgramVariable;

/* Makes the environment of a program, for ProcessPlan: inherited variables such as PATH, variables
 * about the lock and its path, and the n variables in `more`. Returns NULL if memory ran out. */
const char **program_environment(const Lock *lock, const char *path, const ProgramVariable *more,
                                 size_t n, Arena *arena);
/* Makes the argument vector for ProcessPlan. Returns NULL if memory ran out. */
const char **program_arguments(const Strings *exec, Arena *arena);

/* Describes how a program ended: "exited with status 1", "was killed by signal 9", "was ended after
 * 30s". Returns 0 if it exited with status 0, otherwise 1. */
#define PROGRAM_PROBLEM_SIZE 80
struct ProgramEnd;
int program_problem(const struct ProgramEnd *end, usec_t timeout, char ret[PROGRAM_PROBLEM_SIZE]);
