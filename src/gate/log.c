/* log.c - see log.h. */
#include "gate/log.h"

#include <errno.h>
#include <penstock/select.h>
#include <penstock/time.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "gate/inside.h"
#include "wire/log.h"
#include "work/kept.h"

#define LOOK_AGAIN_NS PEN_SECOND

enum { SLICE = 4096 }; /* bytes of a result's output that go into one record */

/* What an ended job has kept: the two outputs one after the other, as nobody knows any more how they came. */
struct told {
	struct outcome outcome;
	struct attempt attempt; /* that it is of; number 0: there was none */
	enum output output;     /* that is being told; OUTPUT_EITHER: the attempt is next */
	size_t at;              /* how far */
	bool told_omitted;
};

struct gate_log {
	struct gate *gate;
	struct uuid id;
	bool follow, given_up;
	int64_t wait_ns;
	int64_t until_ns; /* when it is given up, as nothing runs; 0: something runs, or nobody has looked */
	struct live_reader reader;
	struct results_watch watch;
	enum job_state state; /* as it was at the last look */
	bool ended;           /* before it was opened; then `told` has the log */
	struct told told;
	struct result *result; /* it has ended since */
};

/* The log of a running attempt, and the end of the job, are watched before the job is looked at: nothing is lost in between. */
static int begin_watch(struct gate_log *log)
{
	struct live *live = logs_take(log->gate->logs, &log->id);
	int r = live ? live_open(live, &log->reader) : -ENOMEM;

	if (live && r < 0)
		logs_put(log->gate->logs, &log->id);
	return r < 0 ? r : results_watch(log->gate->results, &log->id, &log->watch);
}

static int read_record(struct gate_log *log, const struct store_record *record, struct problem *reterr)
{
	const struct progress *progress = &record->progress;
	const struct result *result = record->result;

	if (record->job->kind != JOB_COMMAND)
		return problem_set(reterr, -EINVAL, PROBLEM_NO_LOG, NULL,
			"the job is of kind %s; only commands have a log", job_kind_name(record->job->kind));
	log->state = progress->state;
	log->ended = result != NULL;
	if (!result)
		return 0;
	if (progress->n_kept)
		log->told.attempt = progress->kept[progress->n_kept - 1];
	return wire_read_outputs(result->body, result->body_bytes, &log->told.outcome);
}

int gate_log_open(struct gate *gate, const struct uuid *id, bool follow, int64_t wait_ns,
	struct gate_log **ret_log, struct problem *reterr)
{
	CLEANUP(store_record_fini) struct store_record record = {0};
	struct gate_log *log = calloc(1, sizeof *log);
	int r;

	if (!log)
		return -ENOMEM;
	log->gate = gate;
	log->id = *id;
	log->follow = follow;
	log->wait_ns = wait_ns;
	r = begin_watch(log);
	if (r == 0)
		r = gate_look(gate, id, &record, reterr);
	if (r == 0)
		r = read_record(log, &record, reterr);
	if (r < 0)
		gate_log_close(log);
	else
		*ret_log = log;
	return r;
}

void gate_log_close(struct gate_log *log)
{
	if (!log)
		return;
	if (log->watch.arrived)
		results_unwatch(log->gate->results, &log->watch);
	if (log->reader.live) {
		live_close(&log->reader);
		logs_put(log->gate->logs, &log->id);
	}
	outcome_fini(&log->told.outcome);
	result_unref(log->result);
	free(log);
}

static int64_t finished_ms(const struct gate_log *log)
{
	return log->result ? log->result->finished_ms : clock_wall_ms();
}

/* Of a job that has begun since it was given up the output is not told, so neither is what has become of it: who asks again gets both. */
static bool may_look_again(const struct gate_log *log)
{
	return !log->given_up || job_state_ended(log->state);
}

void gate_log_end(struct gate_log *log, struct log_record *ret_record)
{
	CLEANUP(store_record_fini) struct store_record record = {0};
	int64_t at_ms = finished_ms(log);

	if (log->result) {
		log->state = log->result->state;
	} else if (may_look_again(log) && gate_look(log->gate, &log->id, &record, NULL) == 0) {
		log->state = record.progress.state;
		at_ms = record.progress.finished_ms ? record.progress.finished_ms : at_ms;
	}
	*ret_record = (struct log_record){.what = LOG_END, .at_ms = at_ms, .state = log->state};
}

static void tell_attempt(struct told *told, struct log_record *ret_record)
{
	*ret_record = (struct log_record){
		.what = LOG_ATTEMPT, .at_ms = told->attempt.started_ms, .attempt = told->attempt.number};
}

/* One output as it was kept. */
struct whole {
	const char *data;
	size_t bytes;
	const struct omitted *omitted;
};

static struct whole output_of(const struct told *told)
{
	const struct command_result *command = &told->outcome.result.command;

	if (!told->outcome.has_result)
		return (struct whole){.omitted = &command->stdout_omitted};
	if (told->output == OUTPUT_STDOUT)
		return (struct whole){command->stdout_data, command->stdout_bytes, &command->stdout_omitted};
	return (struct whole){command->stderr_data, command->stderr_bytes, &command->stderr_omitted};
}

/* A slice ends where a character does. */
static size_t slice(const struct whole *whole, size_t at)
{
	size_t left = whole->bytes - at, bytes = left < SLICE ? left : SLICE;

	if (at < whole->omitted->at && whole->omitted->at - at < bytes)
		bytes = whole->omitted->at - at;
	return bytes < left ? bytes - kept_divided(whole->data + at, bytes) : bytes;
}

/* False: this output has been told to its end. */
static bool tell_output(struct told *told, struct log_record *ret_record)
{
	const struct whole whole = output_of(told);

	*ret_record = (struct log_record){.what = LOG_OUTPUT, .output = told->output};
	if (whole.omitted->bytes > 0 && !told->told_omitted && told->at >= whole.omitted->at) {
		told->told_omitted = true;
		ret_record->what = LOG_MISSED;
		ret_record->missed = whole.omitted->bytes;
		return true;
	}
	if (told->at >= whole.bytes)
		return false;
	ret_record->data = whole.data + told->at;
	ret_record->bytes = slice(&whole, told->at);
	told->at += ret_record->bytes;
	return true;
}

static bool tell_kept(struct told *told, struct log_record *ret_record)
{
	for (;;) {
		if (told->output == OUTPUT_EITHER) {
			told->output = OUTPUT_STDOUT;
			tell_attempt(told, ret_record);
			if (told->attempt.number)
				return true;
		}
		if (tell_output(told, ret_record))
			return true;
		if (told->output == OUTPUT_STDERR)
			return false;
		told->output = OUTPUT_STDERR;
		told->at = 0;
		told->told_omitted = false;
	}
}

int gate_log_try(struct gate_log *log, struct log_record *ret_record)
{
	if (log->ended ? tell_kept(&log->told, ret_record) : live_next(&log->reader, ret_record))
		return 0;
	if (!log->ended && !log->result && !log->given_up && log->follow)
		return -EAGAIN;
	gate_log_end(log, ret_record);
	return 0;
}

/* An attempt may run for ever; but nobody is kept waiting so long for one to begin. */
static int64_t give_up_at(struct gate_log *log)
{
	if (live_runs(&log->reader))
		log->until_ns = 0;
	else if (!log->until_ns)
		log->until_ns = pen_now_ns() + log->wait_ns;
	return log->until_ns ? log->until_ns : PEN_NEVER;
}

/*
 * A job that is running though no attempt of it is heard is about to be started, or its end is being put on record: that is
 * waited for, however long a store takes.
 */
static void look_whether_to_give_up(struct gate_log *log)
{
	CLEANUP(store_record_fini) struct store_record record = {0};
	bool known = gate_look(log->gate, &log->id, &record, NULL) == 0;

	log->given_up =
		!known || (record.progress.state != JOB_RUNNING && record.progress.state != JOB_CANCELLING);
	if (known)
		log->state = record.progress.state;
	log->until_ns = pen_now_ns() + LOOK_AGAIN_NS;
}

static int wait_for_more(struct pen_ctx *ctx, struct gate_log *log)
{
	struct pen_case cases[] = {
		PEN_CASE_RECV(log->reader.news, NULL), PEN_CASE_RECV(log->watch.arrived, &log->result)};
	int r = pen_select_until(ctx, cases, ARRAY_LEN(cases), PEN_SELECT_FAIR, give_up_at(log));

	if (r == -ETIMEDOUT && pen_ctx_err(ctx) == 0)
		look_whether_to_give_up(log);
	else if (r < 0)
		return r;
	return 0;
}

int gate_log_next(struct pen_ctx *ctx, struct gate_log *log, struct log_record *ret_record)
{
	int r;

	while ((r = gate_log_try(log, ret_record)) == -EAGAIN)
		if ((r = wait_for_more(ctx, log)) < 0)
			break;
	return r;
}
