/* spec_command.c - command: the name of an allowed command with arguments, and what became of the process. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "wire/fields.h"
#include "wire/json.h"
#include "wire/kinds.h"

enum { COMMAND_NAME_MAX = 64, ARGS_MAX = 100 };

struct command_members {
	const char *command, *stdin_text;
	json_t *args;
};

#define AT(member) offsetof(struct command_members, member)
static const struct field members[] = {
	{"command", FIELD_STRING, AT(command),    true,  1, COMMAND_NAME_MAX},
	{"args",    FIELD_OBJECT, AT(args),       false, 0, ARGS_MAX        },
	{"stdin",   FIELD_STRING, AT(stdin_text), false, 0, 0               },
};
#undef AT

static bool is_scalar(const json_t *value)
{
	return json_is_string(value) || json_is_number(value) || json_is_boolean(value);
}

/* A string's characters; a number or boolean as it was sent: 0.10 stays 0.10. */
static char *arg_text(const json_t *value, struct text sent)
{
	return json_is_string(value) ? strdup(json_string_value(value)) : strndup(sent.at, sent.bytes);
}

static int read_arg(const struct where *where, const json_t *value, struct text sent,
	struct command_spec *spec, struct problem *reterr)
{
	struct command_arg *arg = &spec->args[spec->n_args];

	if (!is_scalar(value))
		return where_problem(where, reterr, "must be a string, a number or a boolean, not %s",
			fields_type_name(value));
	spec->n_args++;
	arg->name = strdup(where->name);
	arg->value = arg_text(value, sent);
	return arg->name && arg->value ? 0 : json_no_memory(reterr);
}

static int read_args(
	const struct spec_in *in, json_t *args, struct command_spec *spec, struct problem *reterr)
{
	const struct where where = {.up = &in->where, .name = "args"};
	struct text rest = {0}, sent_name, sent = {0};
	const char *name;
	json_t *value;

	if (json_object_size(args) == 0)
		return 0;
	spec->args = calloc(json_object_size(args), sizeof(*spec->args));
	if (!spec->args)
		return json_no_memory(reterr);
	text_member(in->text, "args", &rest);
	json_object_foreach (args, name, value) { /* in the order of the text */
		const struct where here = {.up = &where, .name = name};
		int r;

		text_next(&rest, &sent_name, &sent);
		r = read_arg(&here, value, sent, spec, reterr);
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_stdin(const char *text, struct command_spec *spec, struct problem *reterr)
{
	if (!text)
		return 0;
	spec->stdin_bytes = strlen(text);
	spec->stdin_data = strdup(text);
	return spec->stdin_data ? 0 : json_no_memory(reterr);
}

static int read_spec(const struct spec_in *in, struct job *job, struct problem *reterr)
{
	struct command_spec *spec = &job->spec.command;
	struct command_members command = {0};
	int r = fields_read(&in->where, in->json, members, ARRAY_LEN(members), &command, reterr);

	if (r < 0)
		return r;
	spec->command = strdup(command.command);
	if (!spec->command)
		return json_no_memory(reterr);
	r = read_args(in, command.args, spec, reterr);
	return r < 0 ? r : read_stdin(command.stdin_text, spec, reterr);
}

/* "TERM"; a real-time one has no name but its number. */
static void write_signal(struct out *out, int signal)
{
	const char *name = signal ? sigabbrev_np(signal) : NULL;
	char number[12];

	snprintf(number, sizeof(number), "%d", signal);
	if (signal)
		out_string(out, "signal", name ? name : number);
	else
		out_null(out, "signal");
}

static void write_omitted(struct out *out, const char *name, const struct omitted *omitted)
{
	if (omitted->bytes == 0)
		return;
	out_open(out, name, '{');
	out_int(out, "at", (int64_t)omitted->at);
	out_int(out, "bytes", (int64_t)omitted->bytes);
	out_close(out, '}');
}

static void write_rusage(struct out *out, const struct command_result *command)
{
	out_open(out, "rusage", '{');
	out_thousandths(out, "user_ms", command->user_us);
	out_thousandths(out, "system_ms", command->system_us);
	out_int(out, "max_resident_bytes", command->max_resident_bytes);
	out_close(out, '}');
}

/* Nothing is told where there was no control group. */
static void write_cgroup(struct out *out, const struct cgroup_usage *usage)
{
	if (!usage->known)
		return;
	out_open(out, "cgroup", '{');
	out_thousandths(out, "user_ms", usage->user_us);
	out_thousandths(out, "system_ms", usage->system_us);
	if (usage->memory_peak_bytes >= 0)
		out_int(out, "memory_peak_bytes", usage->memory_peak_bytes);
	if (usage->processes_peak >= 0)
		out_int(out, "processes_peak", usage->processes_peak);
	out_close(out, '}');
}

static void write_result(struct out *out, const struct job *job, const struct outcome *outcome)
{
	const struct command_result *command = &outcome->result.command;

	(void)job;
	out_open(out, "result", '{');
	out_int(out, "exit_code", command->exit_code);
	write_signal(out, command->signal);
	out_data(out, "stdout", "stdout_base64", command->stdout_data ? command->stdout_data : "",
		command->stdout_bytes);
	out_data(out, "stderr", "stderr_base64", command->stderr_data ? command->stderr_data : "",
		command->stderr_bytes);
	out_bool(out, "truncated", command->truncated);
	write_omitted(out, "stdout_omitted", &command->stdout_omitted);
	write_omitted(out, "stderr_omitted", &command->stderr_omitted);
	write_rusage(out, command);
	write_cgroup(out, &command->cgroup);
	out_close(out, '}');
}

const struct wire_kind wire_command = {
	.needs_spec = true,
	.read_spec = read_spec,
	.write_result = write_result,
};
