/* spec_echo.c - echo: the spec is anything, the result is the same, to the letter. */
#include <string.h>

#include "wire/json.h"
#include "wire/kinds.h"

static int read_spec(const struct spec_in *in, struct job *job, struct problem *reterr)
{
	job->spec.echo.json = in->json ? strndup(in->text.at, in->text.bytes) : strdup("null");
	return job->spec.echo.json ? 0 : json_no_memory(reterr);
}

static void write_result(struct out *out, const struct job *job, const struct outcome *outcome)
{
	const char *json = job->spec.echo.json;

	(void)outcome;
	out_raw(out, "result", json, strlen(json));
}

const struct wire_kind wire_echo = {
	.result_from_spec = true,
	.read_spec = read_spec,
	.write_result = write_result,
};
