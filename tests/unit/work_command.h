/* work_command.h - command jobs for the tests of their attempts. */
#ifndef TESTS_WORK_COMMAND_H
#define TESTS_WORK_COMMAND_H

#include "work_trial.h"

enum { OUTPUT_MAX = 128 << 10 };

/* A command as an operator would allow it; arguments of its own, no template. */
struct allowed {
	struct command_def def;
	char *args[8];
};

#define ALLOW(path, ...) \
	{ \
		.def = {.name = (char *)"test", \
			.exec = (char *)(path), \
			.timeout_ns = 60 * PEN_SECOND, \
			.stdin_allowed = true, \
			.stdin_max = OUTPUT_MAX, \
			.output_max = OUTPUT_MAX}, \
		.args = { \
			__VA_ARGS__ \
		} \
	}
#define ALLOW_SH(script) ALLOW("/bin/sh", (char *)"-c", (char *)(script))

static const struct job no_input = {.kind = JOB_COMMAND, .spec.command.command = (char *)"test"};

static inline struct outcome command_job(struct work *work, struct allowed *allowed, const struct job *job)
{
	const struct work_terms terms = trial_terms_with(&allowed->def);
	struct outcome outcome = {0};

	allowed->def.args = allowed->args;
	work_run(NULL, work, job, &terms, &outcome);
	return outcome;
}

static inline struct outcome command(struct work *work, struct allowed *allowed)
{
	return command_job(work, allowed, &no_input);
}

static inline void ck_assert_output(const struct outcome *outcome, const char *text)
{
	ck_assert_msg(outcome->end == OUTCOME_SUCCEEDED, "%s: %s", outcome->code, outcome->message);
	ck_assert(outcome->has_result);
	ck_assert_str_eq(outcome->result.command.stdout_data, text);
	ck_assert_uint_eq(outcome->result.command.stdout_bytes, strlen(text));
}

#endif
