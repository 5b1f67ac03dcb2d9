/*
 * explain.c - why a job is not running now: the first reason that holds, with its numbers.
 *
 * Another reason is a row in `reasons` and its function; where many wait for it waits.c counts them.  What is asked about a job that is on record only is how many stand before it
 * there; the gate's task never reads the store, so its caller does.
 */
#include <errno.h>
#include <penstock/sem.h>
#include <penstock/time.h>
#include <stdarg.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fit.h"
#include "gate/inside.h"

enum { WALK_MAX = 10000, GAP_SHARE = 8 };

/* What is known of the job that is asked about; it waits. */
struct question {
	const struct gate *gate;
	const struct tenant *tenant; /* NULL: it has none here, for a moment */
	const struct job *job;
	const struct progress *progress;
	const struct entry *entry; /* NULL: it is on record only */
	size_t ahead,
		ahead_by_priority; /* of its tenant's, when queued; by priority: those of a higher one */
	bool at_least;
	int64_t now_ms;
};

static void tell(struct explanation *to, const char *name, enum explain_sort sort, int64_t value)
{
	if (to->n_numbers < EXPLAIN_NUMBERS_MAX)
		to->numbers[to->n_numbers++] =
			(struct explain_number){.name = name, .sort = sort, .value = value};
}

static void tell_words(struct explanation *to, const char *name, const char *words)
{
	fit_print(to->text, sizeof to->text, "%s", words);
	tell(to, name, EXPLAIN_WORDS, 0);
	to->numbers[to->n_numbers - 1].words = to->text;
}

__attribute__((format(printf, 2, 3))) static void say(struct explanation *to, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fit_vprint(to->detail, sizeof to->detail, format, args);
	va_end(args);
}

static bool is_draining(const struct question *about, struct explanation *to)
{
	if (!about->gate->draining)
		return false;
	say(to, "the daemon is shutting down and starts nothing; the job stays on record");
	return true;
}

static bool is_not_due(const struct question *about, struct explanation *to)
{
	const struct progress *progress = about->progress;

	if (progress->state != JOB_SCHEDULED || waits_put_off(progress))
		return false;
	tell(to, "due_at", EXPLAIN_TIME, progress->next_run_at_ms);
	tell(to, "attempts", EXPLAIN_COUNT, progress->attempts);
	say(to, progress->failures > 0 ? "it waits for the time of its next try"
				       : "its time has not come yet");
	return true;
}

static bool is_paused(const struct question *about, struct explanation *to)
{
	const struct pause *pause;

	pause = about->tenant ? tenant_pause(about->tenant) : NULL;
	if (!pause)
		return false;
	tell(to, "since", EXPLAIN_TIME, pause->since_ms);
	tell(to, "until", EXPLAIN_TIME, pause->until_ms);
	if (pause->reason[0])
		tell_words(to, "pause_reason", pause->reason);
	say(to, "tenant %s is paused%s%s", about->job->tenant, pause->reason[0] ? ": " : "", pause->reason);
	return true;
}

static bool is_at_limit(const struct question *about, struct explanation *to)
{
	const struct tenant *tenant = about->tenant;
	size_t taken = tenant ? pen_sem_taken(tenant->slots) : 0;

	if (!tenant || taken + tenant_slots(tenant, about->job) <= pen_sem_size(tenant->slots))
		return false;
	tell(to, "running", EXPLAIN_COUNT, (int64_t)tenant->running);
	tell(to, "max_running", EXPLAIN_COUNT, tenant->limits.max_running);
	if (about->job->slots > 1 || taken > tenant->running) {
		tell(to, "slots_taken", EXPLAIN_COUNT, (int64_t)taken);
		tell(to, "slots", EXPLAIN_COUNT, (int64_t)about->job->slots);
	}
	tell(to, "ahead", EXPLAIN_COUNT, (int64_t)about->ahead);
	if (tenant->limits.max_running == 0)
		say(to, "tenant %s may run no jobs", tenant->name);
	else
		say(to, "tenant %s runs as many jobs as it may: %zu", tenant->name, tenant->running);
	return true;
}

static bool is_above_rate(const struct question *about, struct explanation *to)
{
	const struct tenant *tenant = about->tenant;
	char rate[RATE_TEXT];

	if (!tenant || !heap_has(&tenant->wake))
		return false;
	rate_format(tenant->limits.starts.rate, rate);
	tell(to, "next_start_at", EXPLAIN_TIME, about->now_ms + (tenant->wake.key - pen_now_ns()) / PEN_MS);
	tell(to, "ahead", EXPLAIN_COUNT, (int64_t)about->ahead);
	tell_words(to, "rate", rate);
	say(to, "attempts of tenant %s begin no more often than %s", tenant->name, rate);
	return true;
}

/* At a limit by name; the first of the reasons that have one. */
static bool is_aside(const struct question *about, struct explanation *to, enum lane_sort sort)
{
	const struct lane *lane = about->entry ? lanes_waits_for(about->entry, sort) : NULL;

	if (!lane)
		return false;
	tell(to, "running", EXPLAIN_COUNT, lane->running);
	tell(to, "limit", EXPLAIN_COUNT, lane->limit);
	say(to, "as many jobs of its %s run as may: %u", lane_sort_name(sort), lane->running);
	return true;
}

static bool is_at_endpoint(const struct question *about, struct explanation *to)
{
	return is_aside(about, to, LANE_ENDPOINT);
}

static bool is_at_command(const struct question *about, struct explanation *to)
{
	return is_aside(about, to, LANE_COMMAND);
}

static bool is_at_key(const struct question *about, struct explanation *to)
{
	return is_aside(about, to, LANE_KEY);
}

static bool is_put_off(const struct question *about, struct explanation *to)
{
	if (!waits_put_off(about->progress))
		return false;
	tell(to, "until", EXPLAIN_TIME, about->progress->next_run_at_ms);
	say(to, "calls to its endpoint have failed or it asked to be left alone, so it is tried later");
	return true;
}

static bool is_behind(const struct question *about, struct explanation *to)
{
	if (about->ahead == 0)
		return false;
	tell(to, "ahead", EXPLAIN_COUNT, (int64_t)about->ahead);
	tell(to, "ahead_by_priority", EXPLAIN_COUNT, (int64_t)about->ahead_by_priority);
	say(to, "%s%zu jobs of tenant %s come before it", about->at_least ? "at least " : "", about->ahead,
		about->job->tenant);
	return true;
}

static bool has_no_worker(const struct question *about, struct explanation *to)
{
	const struct gate *gate = about->gate;

	if (gate->running < gate->n_workers)
		return false;
	tell(to, "workers", EXPLAIN_COUNT, (int64_t)gate->n_workers);
	tell(to, "tenants_waiting", EXPLAIN_COUNT, (int64_t)gate->share.ready.len);
	say(to, "all %zu workers are busy, and it is the first of its tenant to be next", gate->n_workers);
	return true;
}

static bool is_next(const struct question *about, struct explanation *to)
{
	(void)about;
	say(to, "nothing holds it back: it is about to start");
	return true;
}

static bool (*const reasons[WAIT_REASONS])(const struct question *about, struct explanation *to) = {
	[WAIT_NOT_DUE] = is_not_due,
	[WAIT_DRAIN] = is_draining,
	[WAIT_PAUSE] = is_paused,
	[WAIT_TENANT] = is_at_limit,
	[WAIT_RATE] = is_above_rate,
	[WAIT_ENDPOINT] = is_at_endpoint,
	[WAIT_COMMAND] = is_at_command,
	[WAIT_KEY] = is_at_key,
	[WAIT_BREAKER] = is_put_off,
	[WAIT_OTHERS] = is_behind,
	[WAIT_WORKER] = has_no_worker,
	[WAIT_NOTHING] = is_next,
};

/* Those of its tenant that have a higher priority, and those of its own line before `in_line`. */
static void count_ahead(struct question *about, size_t in_line)
{
	const struct tenant *tenant = about->tenant;

	for (int priority = about->job->priority + 1; tenant && priority < PRIORITIES; priority++)
		about->ahead_by_priority +=
			tenant->queue.lines[priority].len + tenant->queue.lines[priority].away;
	about->ahead = about->ahead_by_priority + in_line;
}

/* One that has come to the queue and is in no line goes behind its end. */
static size_t before_in_line(const struct entry *entry, bool *at_least)
{
	const struct queue_line *line = &entry->tenant->queue.lines[entry->job->priority];
	size_t n = 0;

	*at_least = lanes_is_aside(entry);
	if (*at_least)
		return 0;
	if (!entry->item.queue)
		return line->len + line->away;
	for (const struct queue_item *item = entry->item.prev; item && n < WALK_MAX; item = item->prev)
		n++;
	*at_least = n == WALK_MAX;
	return n;
}

void explain_note_start(struct tenant *tenant, int64_t ready_ns, int64_t now_ns)
{
	/* how long the tenant's next was kept waiting: not for what was not there yet */
	int64_t gap_ns = now_ns - (tenant->last_start_ns > ready_ns ? tenant->last_start_ns : ready_ns);

	tenant->start_gap_ns += tenant->last_start_ns ? (gap_ns - tenant->start_gap_ns) / GAP_SHARE : gap_ns;
	tenant->last_start_ns = now_ns;
}

/* By how far apart the tenant's latest starts were; one that is overdue shows that they are further apart now. */
static int64_t estimate_turn(const struct question *about, int64_t from_ms)
{
	const struct tenant *tenant = about->tenant;
	int64_t now_ns = pen_now_ns(), gap_ns, since_ns;

	if (!tenant || !tenant->last_start_ns || tenant->limits.max_running == 0)
		return 0;
	since_ns = now_ns - tenant->last_start_ns;
	gap_ns = tenant->start_gap_ns > since_ns ? tenant->start_gap_ns : since_ns;
	return from_ms + (gap_ns / PEN_MS + 1) * (int64_t)(about->ahead + 1);
}

static int64_t estimate(const struct question *about)
{
	const struct pause *pause = about->tenant ? tenant_pause(about->tenant) : NULL;
	int64_t from_ms = about->now_ms;

	if (about->gate->draining || (pause && !pause->until_ms))
		return 0;
	if (pause)
		from_ms = pause->until_ms;
	if (about->progress->state != JOB_SCHEDULED)
		return estimate_turn(about, from_ms);
	return about->progress->next_run_at_ms > from_ms ? about->progress->next_run_at_ms : from_ms;
}

static void give_reason(const struct question *about, struct explanation *to)
{
	enum wait_reason reason = 0;

	while (!reasons[reason](about, to))
		reason++; /* the last one holds always */
	to->reason = wait_reason_name(reason);
	to->waits = true;
	to->at_least = about->at_least;
	if (about->progress->state == JOB_QUEUED)
		to->position = (int64_t)about->ahead + 1;
	to->start_at_ms = estimate(about);
}

static void begin(const struct job *job, enum job_state state, struct explanation *to)
{
	*to = (struct explanation){.id = job->id, .state = state, .priority = job->priority};
	strncpy(to->tenant, job->tenant, sizeof to->tenant - 1);
}

/* It has left the queue. */
static void tell_underway(const struct progress *progress, struct explanation *to)
{
	const struct attempt *last = progress->n_kept > 0 ? &progress->kept[progress->n_kept - 1] : NULL;

	to->reason = to->state == JOB_CANCELLING ? "cancelling" : "running";
	tell(to, "attempt", EXPLAIN_COUNT, progress->attempts);
	if (last)
		tell(to, "started_at", EXPLAIN_TIME, last->started_ms);
	say(to, to->state == JOB_CANCELLING ? "it runs, and has been told to stop" : "it runs");
}

static void tell_ended(const struct progress *progress, struct explanation *to)
{
	to->reason = "ended";
	tell(to, "attempts", EXPLAIN_COUNT, progress->attempts);
	tell(to, "finished_at", EXPLAIN_TIME, progress->finished_ms);
	say(to, "it has ended: %s", job_state_name(to->state));
}

static void tell_ending(const struct entry *entry, struct explanation *to)
{
	to->reason = "ending";
	tell(to, "attempts", EXPLAIN_COUNT, entry->progress.attempts);
	say(to, "its end is on its way to the record");
}

static void explain_entry(const struct gate *gate, const struct entry *entry, struct explanation *to)
{
	enum job_state state = entry->progress.state;
	struct question about = {
		.gate = gate,
		.tenant = entry->tenant,
		.job = entry->job,
		.progress = &entry->progress,
		.entry = entry,
		.now_ms = clock_wall_ms(),
	};

	begin(entry->job, cancel_shown_state(entry), to);
	if (entry->ending) {
		tell_ending(entry, to);
	} else if (state == JOB_RUNNING || state == JOB_CANCELLING) {
		tell_underway(&entry->progress, to);
	} else {
		if (state == JOB_QUEUED)
			count_ahead(&about, before_in_line(entry, &about.at_least));
		give_reason(&about, to);
	}
}

static void explain_away(const struct gate *gate, const struct message *message, struct explanation *to)
{
	const struct store_record *record = message->record;
	struct question about = {
		.gate = gate,
		.job = record->job,
		.progress = &record->progress,
		.now_ms = clock_wall_ms(),
	};

	about.tenant = tenant_find(gate, record->job->tenant);
	begin(record->job, record->progress.state, to);
	if (record->progress.state == JOB_QUEUED)
		count_ahead(&about, message->ahead);
	give_reason(&about, to);
}

bool call_explain(struct gate *gate, struct message *message)
{
	const struct entry *entry = entry_find(gate, message->id);
	bool known = entry && !entry->submitter && !entry->arrives && !entry->retrier;

	message->result = 0;
	if (known || (entry && message->record))
		explain_entry(gate, entry, message->explanation);
	else if (message->record)
		explain_away(gate, message, message->explanation);
	else
		message->result = -ENOENT;
	return true;
}

/* Of a job that is not here. */
static int explain_record(struct gate *gate, struct message *message, struct store_record *record)
{
	const struct job *job = record->job;
	int r = 0;

	message->record = record;
	if (record->progress.state == JOB_QUEUED)
		r = store_count_before(
			gate->store, job->tenant, job->priority, job->sequence, &message->ahead);
	if (r == 0 && job_state_waits(record->progress.state))
		return gate_call(gate, message);
	begin(job, record->progress.state, message->explanation);
	if (job_state_ended(record->progress.state))
		tell_ended(&record->progress, message->explanation);
	else
		tell_underway(&record->progress, message->explanation);
	return r;
}

int gate_explain(
	struct gate *gate, const struct uuid *id, struct explanation *ret_explanation, struct problem *reterr)
{
	CLEANUP(store_record_fini) struct store_record record = {0};
	struct message message = {.call = CALL_EXPLAIN, .id = id, .explanation = ret_explanation};
	int r = gate_call(gate, &message);

	if (r == -ENOENT)
		r = store_read(gate->store, id, &record);
	if (r == 0 && record.job)
		r = explain_record(gate, &message, &record);
	return r < 0 ? gate_not_found(r, reterr) : 0;
}
