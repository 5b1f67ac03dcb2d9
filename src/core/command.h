/*
 * command.h - a command as the operator allows it, and how a job's arguments become its argv.  Pure.
 *
 * A template is a list of argv elements; `{name}` in one stands for the job's argument of that name,
 * `{name:int 1..9}` for one that must be of that type.  An
 * element never becomes more than one argv entry.  A value that would make an element begin with '-', be it by
 * being empty, is refused unless the template's own text comes before it, so that data cannot turn into an
 * option.
 */
#ifndef CORE_COMMAND_H
#define CORE_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/problem.h"
#include "core/job.h"

struct command_def {
	char *name;         /* letters, digits, '-', '_'; at most 64 bytes; names of parameters too */
	char *exec;         /* absolute path */
	char **args;        /* the template, without argv[0]; NULL-terminated */
	char **env;         /* "NAME=value", NULL-terminated: the whole environment */
	char *directory;    /* absolute; the working folder; NULL: "/" */
	char *user, *group; /* names or numbers that it runs as; NULL: the daemon's own */
	char *identity;     /* what they were resolved to, "UID:GID:GROUP,..."; NULL: the daemon's own */
	char *umask;        /* octal; NULL: the daemon's own */
	struct {            /* as of setrlimit(2); 0: the daemon's own */
		uint64_t open_files, processes, memory_bytes, file_bytes;
		int64_t cpu_ns;
	} limits;
	uint32_t max_running; /* of its jobs at one time, of all tenants; 0: as many as there are */
	int64_t timeout_ns;   /* of an attempt whose job names none, and the most a job may ask for */
	bool stdin_allowed;
	size_t stdin_max;
	char **retryable_codes; /* exit codes after which another attempt may help; NULL-terminated */
	size_t output_max;      /* bytes kept of stdout and of stderr, each */
};

void command_def_fini(struct command_def *def);

/* 0, or -EINVAL and what is wrong with the template ("{", "{}", a character no name has) in reterr. */
int command_template_check(const struct command_def *def, struct problem *reterr);

/* A path that a job names, below a folder that the operator names; borrows both texts. */
struct command_path {
	const char *name;
	size_t name_len;
	const char *folder; /* without a slash at its end, so empty for the root */
	size_t folder_len;
	const char *value;
};

/* The `n`th path (from 0) in the argv of a spec that passed command_check(); false: there are fewer. */
bool command_path(const struct command_def *def, const struct command_spec *spec, size_t n,
	struct command_path *ret_path);

/*
 * Check a job's spec against the definition: every parameter given and of its type (core/parameter.h), none unknown,
 * stdin only where allowed.  0 or -EINVAL with a pointer below "/spec" in reterr.
 */
int command_check(const struct command_def *def, const struct command_spec *spec, struct problem *reterr);

/*
 * Give argv (exec first, NULL last) of a spec that passed command_check(), in one allocation to be freed with
 * free(); NULL when out of memory.
 */
char **command_argv(const struct command_def *def, const struct command_spec *spec);

#endif
