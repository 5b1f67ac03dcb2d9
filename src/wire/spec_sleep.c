/* spec_sleep.c - sleep: {"for": duration} becomes {"slept": duration}. */
#include <penstock/base.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "wire/fields.h"
#include "wire/kinds.h"

#define SLEEP_MAX_NS (INT64_C(86400) * PEN_SECOND)

static const struct field members[] = {
	{"for", FIELD_DURATION, offsetof(struct sleep_spec, for_ns), true, 0, SLEEP_MAX_NS},
};

static int read_spec(const struct spec_in *in, struct job *job, struct problem *reterr)
{
	return fields_read(&in->where, in->json, members, ARRAY_LEN(members), &job->spec.sleep, reterr);
}

static void write_result(struct out *out, const struct job *job, const struct outcome *outcome)
{
	char slept[DURATION_TEXT];

	(void)outcome;
	format_duration(job->spec.sleep.for_ns, slept);
	out_open(out, "result", '{');
	out_string(out, "slept", slept);
	out_close(out, '}');
}

const struct wire_kind wire_sleep = {
	.needs_spec = true,
	.result_from_spec = true,
	.read_spec = read_spec,
	.write_result = write_result,
};
