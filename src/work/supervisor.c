/* supervisor.c - see supervisor.h. */
#include "work/supervisor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fit.h"
#include "base/list.h"

enum { OPTIONS_MAX = 24, NUMBERS_MAX = 64 };

#define NS_PER_SECOND INT64_C(1000000000)

static bool is_there(const char *path)
{
	return access(path, X_OK) == 0;
}

static bool beside_this(char path[static PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - sizeof "/penstock-exec");
	char *name;

	path[n > 0 ? n : 0] = '\0';
	name = strrchr(path, '/');
	if (!name)
		return false;
	strcpy(name, "/penstock-exec");
	return is_there(path);
}

int supervisor_find(char path[static PATH_MAX], struct problem *reterr)
{
	if (beside_this(path))
		return 0;
	fit_print(path, PATH_MAX, "%s", PENSTOCK_EXEC);
	if (is_there(path))
		return 0;
	return problem_set(reterr, -errno, PROBLEM_BAD_FIELD, "command",
		"commands cannot be run without %s: %s", path, strerror(errno));
}

/* The resources that a configuration may limit. */
#define AT(member) offsetof(struct command_def, limits.member)
static const struct {
	int resource;
	const char *key;
	size_t offset; /* of a uint64_t */
} limits[] = {
	{RLIMIT_NOFILE, "open-files-max", AT(open_files)  },
	{RLIMIT_NPROC,  "processes-max",  AT(processes)   },
	{RLIMIT_AS,     "memory-max",     AT(memory_bytes)},
	{RLIMIT_FSIZE,  "file-size-max",  AT(file_bytes)  },
};
#undef AT

/* The call in the making, in one allocation: argv, then the texts of numbers. */
struct call {
	char **argv;
	size_t n;
	char *text;
};

static void add(struct call *call, const char *text)
{
	call->argv[call->n++] = (char *)text; /* only read */
}

__attribute__((format(printf, 3, 4))) static void add_option(
	struct call *call, const char *option, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fit_vprint(call->text, NUMBERS_MAX, format, args);
	va_end(args);
	add(call, option);
	add(call, call->text);
	call->text += strlen(call->text) + 1;
}

static void add_given(struct call *call, const char *option, const char *value)
{
	if (!value)
		return;
	add(call, option);
	add(call, value);
}

static void add_limits(struct call *call, const struct command_def *def)
{
	int64_t seconds = (def->limits.cpu_ns + NS_PER_SECOND - 1) / NS_PER_SECOND;

	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		uint64_t most = *(const uint64_t *)((const char *)def + limits[i].offset);

		if (most > 0)
			add_option(call, "-l", "%d=%" PRIu64 ":%" PRIu64, limits[i].resource, most, most);
	}
	if (seconds > 0) /* SIGXCPU, which says why, and a second later SIGKILL */
		add_option(call, "-l", "%d=%" PRId64 ":%" PRId64, RLIMIT_CPU, seconds, seconds + 1);
}

char **supervisor_argv(const char *path, const struct process_plan *plan)
{
	const struct command_def *def = plan->def;
	size_t n_argv = list_length(plan->argv), n = OPTIONS_MAX + n_argv + 1;
	char **room = malloc(n * sizeof *room + (ARRAY_LEN(limits) + 1) * NUMBERS_MAX);
	struct call call = {.argv = room, .text = (char *)(room + n)};

	if (!room)
		return NULL;
	add(&call, path);
	add_given(&call, "-c", plan->cgroup);
	add_given(&call, "-d", def->directory);
	add_given(&call, "-m", def->umask);
	add_given(&call, "-u", def->identity);
	add_limits(&call, def);
	for (size_t i = 0; i <= n_argv; i++)
		add(&call, plan->argv[i]);
	return room;
}

static const char *limit_key(int resource)
{
	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		if (limits[i].resource == resource)
			return limits[i].key;
	return "cpu-max";
}

void supervisor_explain(
	const struct exec_report *report, const struct command_def *def, struct outcome *outcome)
{
	const struct {
		const char *before, *what, *behind;
	} steps[EXEC_STARTED] = {
		[EXEC_FORK] = {"",                       def->exec,                               " cannot be started"},
		[EXEC_CGROUP] = {"its control group ",     "",                                      "cannot be entered" },
		[EXEC_LIMIT] = {"its ",                   limit_key(report->detail),               " cannot be set"    },
		[EXEC_USER] = {"it cannot run as user ", def->user ? def->user : "of the daemon", ""                  },
		[EXEC_FOLDER] = {"the working folder ",    def->directory ? def->directory : "/",
			       " cannot be entered"								   },
		[EXEC_PROGRAM] = {"",                       def->exec,                               " cannot be started"},
	};
	int error = report->error;

	outcome->retryable = error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE;
	outcome_fail(outcome, OUTCOME_FAILED, "spawn", "%s%s%s: %s", steps[report->step].before,
		steps[report->step].what, steps[report->step].behind, strerror(error));
}
