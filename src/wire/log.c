/* log.c - see log.h. */
#include "wire/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "wire/json.h"
#include "wire/out.h"
#include "wire/wire.h"

static const char *const outputs[] = {[OUTPUT_STDOUT] = "stdout", [OUTPUT_STDERR] = "stderr"};

static void write_record(struct out *out, const struct log_record *record)
{
	if (record->output != OUTPUT_EITHER)
		out_string(out, "stream", outputs[record->output]);
	switch (record->what) {
	case LOG_ATTEMPT:
		out_int(out, "attempt", record->attempt);
		break;
	case LOG_OUTPUT:
		out_data(out, "text", "base64", record->data, record->bytes);
		break;
	case LOG_MISSED:
		out_int(out, "missed", (int64_t)record->missed);
		break;
	case LOG_END:
		out_string(out, "end", job_state_name(record->state));
		break;
	}
}

int wire_write_log(struct buf *buf, const struct log_record *record)
{
	struct out out = {.buf = buf};

	out_open(&out, NULL, '{');
	if (record->at_ms)
		out_time(&out, "at", record->at_ms);
	write_record(&out, record);
	out_close(&out, '}');
	return buf_add(buf, "\n", 1);
}

static int copy(const char *text, size_t bytes, char **ret_data, size_t *ret_bytes)
{
	char *data = malloc(bytes + 1);

	if (!data)
		return -ENOMEM;
	memcpy(data, text, bytes);
	data[bytes] = 0;
	*ret_data = data;
	*ret_bytes = bytes;
	return 0;
}

/* As out_data() wrote it; nothing where there is neither. */
static int read_data(
	const json_t *object, const char *name, const char *name_base64, char **ret_data, size_t *ret_bytes)
{
	const json_t *text = json_object_get(object, name), *base64 = json_object_get(object, name_base64);

	if (json_is_string(base64))
		return base64_decode(
			json_string_value(base64), json_string_length(base64), ret_data, ret_bytes);
	if (json_is_string(text))
		return copy(json_string_value(text), json_string_length(text), ret_data, ret_bytes);
	return 0;
}

static uint64_t read_count(const json_t *object, const char *name)
{
	json_int_t value = json_integer_value(json_object_get(object, name));

	return value > 0 ? (uint64_t)value : 0;
}

static void read_omitted(const json_t *result, const char *name, struct omitted *ret_omitted)
{
	const json_t *omitted = json_object_get(result, name);

	*ret_omitted = (struct omitted){
		.at = (size_t)read_count(omitted, "at"), .bytes = read_count(omitted, "bytes")};
}

int wire_read_outputs(const char *text, size_t bytes, struct outcome *outcome)
{
	struct command_result *command = &outcome->result.command;
	json_auto_t *json = NULL;
	json_t *result;
	int r = json_read((struct text){text, bytes}, WIRE_DEPTH_MAX, &json, NULL);

	result = r == 0 ? json_object_get(json, "result") : NULL;
	if (!json_is_object(result))
		return r;
	outcome->kind = JOB_COMMAND;
	outcome->has_result = true;
	read_omitted(result, "stdout_omitted", &command->stdout_omitted);
	read_omitted(result, "stderr_omitted", &command->stderr_omitted);
	r = read_data(result, "stdout", "stdout_base64", &command->stdout_data, &command->stdout_bytes);
	if (r == 0)
		r = read_data(
			result, "stderr", "stderr_base64", &command->stderr_data, &command->stderr_bytes);
	return r;
}

static enum log_what what_is(const json_t *json)
{
	static const char *const names[] = {
		[LOG_ATTEMPT] = "attempt", [LOG_MISSED] = "missed", [LOG_END] = "end"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i] && json_object_get(json, names[i]))
			return (enum log_what)i;
	return LOG_OUTPUT;
}

int wire_read_log(const char *text, size_t bytes, struct log_record *ret_record, char **ret_data)
{
	json_auto_t *json = NULL;
	const char *stream, *end;
	int r = json_read((struct text){text, bytes}, WIRE_DEPTH_MAX, &json, NULL);

	if (r < 0)
		return r;
	stream = json_string_value(json_object_get(json, "stream"));
	end = json_string_value(json_object_get(json, "end"));
	*ret_record = (struct log_record){
		.what = what_is(json),
		.output = !stream                                       ? OUTPUT_EITHER
			  : strcmp(stream, outputs[OUTPUT_STDERR]) == 0 ? OUTPUT_STDERR
									: OUTPUT_STDOUT,
		.missed = read_count(json, "missed"),
		.attempt = (uint32_t)read_count(json, "attempt"),
		.state = end ? job_state_parse(end) : JOB_STATES,
	};
	r = read_data(json, "text", "base64", ret_data, &ret_record->bytes);
	ret_record->data = *ret_data;
	return r;
}
