/* explain.c - why a job is not running now, in JSON. */
#include "wire/explain.h"

#include "wire/out.h"

static void write_number(struct out *out, const struct explain_number *number)
{
	switch (number->sort) {
	case EXPLAIN_COUNT:
		out_int(out, number->name, number->value);
		break;
	case EXPLAIN_TIME:
		out_time(out, number->name, number->value);
		break;
	case EXPLAIN_WORDS:
		out_string(out, number->name, number->words);
		break;
	}
}

static void write_position(struct out *out, const struct explanation *explanation)
{
	if (explanation->position > 0)
		out_int(out, "position", explanation->position);
	else
		out_null(out, "position");
	out_bool(out, "position_is_at_least", explanation->at_least);
	out_time(out, "estimated_start_at", explanation->start_at_ms);
}

int wire_write_explanation(struct buf *to, const struct explanation *explanation)
{
	struct out out = {.buf = to};
	char id[UUID_TEXT];

	uuid_format(&explanation->id, id);
	out_open(&out, NULL, '{');
	out_string(&out, "id", id);
	out_string(&out, "tenant", explanation->tenant);
	out_string(&out, "state", job_state_name(explanation->state));
	out_int(&out, "priority", explanation->priority);
	out_string(&out, "reason", explanation->reason);
	out_string(&out, "detail", explanation->detail);
	out_open(&out, "numbers", '{');
	for (size_t i = 0; i < explanation->n_numbers; i++)
		write_number(&out, &explanation->numbers[i]);
	out_close(&out, '}');
	if (explanation->waits)
		write_position(&out, explanation);
	out_close(&out, '}');
	return to->error;
}
