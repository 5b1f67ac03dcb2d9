/*
 * audit.c - the gate's counts compared with the jobs themselves, once a minute and when it is asked for.
 *
 * A pass goes over all entries, AUDIT_STEP in a turn, and adds up what each says of itself.  One that changes while a pass is under way
 * (audit_touch) is taken out of the sums and comes again at the end, so the sums are of the moment in which the pass ends.  What differs then
 * is not believed at once: all is added up again in one go, and what differs still is told, counted, and put right.  That may stall the gate
 * for a tenth of a second for a million jobs, but only where there is a fault.
 *
 * Lanes are compared all together; which of them is wrong is looked for where they differ.
 *
 * Jobs that are on record only have counts of their own.  Here they must add up; with the record they are compared by reconcile.c, for which
 * the pass ends at a mark: what it has summed up then is what is to be on record.  Until the record is counted nobody is answered, and none
 * begins.  What differs is not believed at once either: there is another mark, at which all is added up in one go.
 */
#include <penstock/sem.h>
#include <penstock/time.h>
#include <string.h>
#include <utlist.h>

#include "gate/inside.h"
#include "log/log.h"

enum { AUDIT_STEP = 4096 };

#define AUDIT_PERIOD_NS (60 * PEN_SECOND)
#define AUDIT_PAUSE_NS PEN_MS /* between the steps of an idle gate */

static bool waits(const struct entry *entry)
{
	return !entry->asks && !entry->ending && job_state_waits(entry->progress.state);
}

/* What it adds to the counts of its lanes. */
static struct lane_tally look_at_lanes(const struct entry *entry)
{
	struct lane_tally lanes = {
		.members = entry->is_member,
		.arriving = entry->key_lane && !entry->is_member,
	};

	for (size_t i = 0; i < ENTRY_LANES && entry->lanes[i]; i++)
		lanes.running[entry->lanes[i]->sort]++;
	return lanes;
}

/* What an entry adds to the counts. */
static struct share_of look(const struct entry *entry)
{
	return (struct share_of){
		.bytes = entry->bytes,
		.state = entry->progress.state,
		.recorded = entry->recorded == JOB_QUEUED ? entry->job->priority : -1,
		.recorded_later = entry->recorded == JOB_SCHEDULED,
		.line = entry->item.queue ? entry->item.priority : -1,
		.aside = lanes_is_aside(entry) ? entry->job->priority : -1,
		.aside_at = lanes_is_aside(entry) ? (int)lanes_aside_at(entry) : 0,
		.lanes = look_at_lanes(entry),
		.put_off = entry->put_off,
		.waits = waits(entry),
		.slots = entry->ctx ? entry->slots : 0,
		.underway = entry->underway,
		.asks = entry->asks,
	};
}

static void add_lanes(struct lane_tally *to, const struct lane_tally *lanes, size_t one)
{
	for (int sort = 0; sort < LANE_SORTS; sort++)
		to->running[sort] += one * lanes->running[sort];
	to->members += one * lanes->members;
	to->arriving += one * lanes->arriving;
}

static void add(struct gate *gate, struct tenant *tenant, const struct share_of *share, size_t one)
{
	struct audit_sums *sums = &gate->audit.sums;
	struct audit_tally *tally = &tenant->tally;

	tally->entries += one;
	tally->waiting += share->waits ? one : 0;
	tally->running += share->slots ? one : 0;
	tally->slots += one * share->slots;
	if (share->line >= 0)
		tally->lines[share->line] += one;
	if (share->aside >= 0) {
		tally->aside[share->aside] += one;
		tally->aside_at[share->aside_at] += one;
		sums->aside_at[share->aside_at] += one;
	}
	tally->put_off += share->put_off ? one : 0;
	if (share->recorded >= 0)
		tally->recorded[share->recorded] += one;
	tally->recorded_later += share->recorded_later ? one : 0;
	add_lanes(&sums->lanes, &share->lanes, one);
	sums->running += share->slots ? one : 0;
	sums->underway += share->underway ? one : 0;
	sums->asking += share->asks ? one : 0;
	sums->bytes += one * share->bytes;
	if (!share->asks)
		sums->jobs[share->state] += one;
}

static void count(struct gate *gate, struct entry *entry)
{
	entry->share_of = look(entry);
	entry->audited = gate->audit.pass;
	add(gate, entry->tenant, &entry->share_of, 1);
}

static void uncount(struct gate *gate, struct entry *entry)
{
	entry->audited = 0;
	add(gate, entry->tenant, &entry->share_of, (size_t)-1);
}

static bool is_counted(const struct gate *gate, const struct entry *entry)
{
	return gate->audit.underway && entry->audited == gate->audit.pass;
}

static void come_again(struct gate *gate, struct entry *entry)
{
	entry->comes_again = true;
	DL_APPEND2(gate->audit.again, entry, again_prev, again_next);
}

void audit_touch(struct gate *gate, struct entry *entry)
{
	if (!is_counted(gate, entry))
		return;
	uncount(gate, entry);
	come_again(gate, entry);
}

void audit_forget(struct gate *gate, struct entry *entry)
{
	if (is_counted(gate, entry))
		uncount(gate, entry);
	if (entry->comes_again)
		DL_DELETE2(gate->audit.again, entry, again_prev, again_next);
	if (gate->audit.at == entry)
		gate->audit.at = entry->hh.next;
}

/* As the last of all, so who goes over them comes to it, unless that is over. */
void audit_arrive(struct gate *gate, struct entry *entry, int64_t now_ns)
{
	if (!gate->audit.next_ns)
		gate->audit.next_ns = now_ns + AUDIT_PERIOD_NS;
	if (gate->audit.underway && !gate->audit.at)
		come_again(gate, entry);
}

static void begin(struct gate *gate)
{
	struct audit *audit = &gate->audit;

	audit->underway = true;
	audit->pass++;
	if (audit->pass == 0) /* which is of none */
		audit->pass++;
	audit->sums = (struct audit_sums){0};
	audit->at = gate->entries;
	for (struct tenant *tenant = gate->tenants; tenant; tenant = tenant->hh.next)
		tenant->tally = (struct audit_tally){0};
}

/* Whether all have been counted. */
static bool step(struct gate *gate, size_t most)
{
	struct audit *audit = &gate->audit;

	for (; most > 0 && audit->at; most--) {
		struct entry *entry = audit->at;

		audit->at = entry->hh.next;
		if (!entry->comes_again && entry->audited != audit->pass)
			count(gate, entry);
	}
	for (; most > 0 && audit->again; most--) {
		struct entry *entry = audit->again;

		DL_DELETE2(audit->again, entry, again_prev, again_next);
		entry->comes_again = false;
		count(gate, entry);
	}
	return !audit->at && !audit->again;
}

/* What is compared, and whether it is put right. */
struct findings {
	struct gate *gate;
	bool final;
	size_t differences;
};

static bool differs(
	struct findings *findings, const char *what, const char *tenant, size_t count, size_t right)
{
	if (count == right)
		return false;
	findings->differences++;
	if (findings->final)
		log_error("gate", "a count is not what the jobs say, and is put right",
			"count=%s tenant=%s was=%zu is=%zu", what, tenant, count, right);
	return findings->final;
}

static void compare(
	struct findings *findings, const char *what, const char *tenant, size_t *count, size_t right)
{
	if (differs(findings, what, tenant, *count, right))
		*count = right;
}

/* A number of the gate's. */
static void compare_number(struct findings *findings, const char *what, uint64_t *number, size_t right)
{
	if (differs(findings, what, "", (size_t)*number, right))
		*number = right;
}

/* Slots that are taken by nobody are given back, and those that were forgotten are taken where there is room. */
static void compare_slots(struct findings *findings, struct tenant *tenant)
{
	size_t taken = pen_sem_taken(tenant->slots), right = tenant->tally.slots;

	if (!differs(findings, "slots", tenant->name, taken, right))
		return;
	findings->gate->stats.slots_reconciled++;
	if (taken > right)
		pen_sem_release(tenant->slots, taken - right);
	else if (pen_sem_try_acquire(tenant->slots, right - taken) < 0)
		log_error("gate", "more jobs run than may", "tenant=%s", tenant->name);
}

static void compare_queue(struct findings *findings, struct tenant *tenant)
{
	struct queue *queue = &tenant->queue;
	size_t len = 0, away = 0;

	for (int priority = 0; priority < PRIORITIES; priority++) {
		compare(findings, "line", tenant->name, &queue->lines[priority].len,
			tenant->tally.lines[priority]);
		compare(findings, "aside", tenant->name, &tenant->lines[priority].aside,
			tenant->tally.aside[priority]);
		len += tenant->tally.lines[priority];
		away += queue->lines[priority].away;
	}
	for (int sort = 0; sort < LANE_SORTS; sort++)
		compare(findings, "aside-at", tenant->name, &tenant->aside[sort],
			tenant->tally.aside_at[sort]);
	compare(findings, "queue", tenant->name, &queue->len, len);
	compare(findings, "queue-away", tenant->name, &queue->away, away);
}

static void compare_tenant(struct findings *findings, struct tenant *tenant)
{
	struct gate *gate = findings->gate;
	const struct audit_tally *tally = &tenant->tally;
	size_t before = findings->differences;

	compare_queue(findings, tenant);
	compare_slots(findings, tenant);
	compare(findings, "running", tenant->name, &tenant->running, tally->running);
	compare(findings, "entries", tenant->name, &tenant->entries, tally->entries);
	compare(findings, "put-off", tenant->name, &tenant->put_off, tally->put_off);
	compare(findings, "waiting", tenant->name, &tenant->waiting,
		tally->waiting + tenant->queue.away + tenant->later_away);
	gate->audit.sums.away += tenant->queue.away + tenant->later_away;
	gate->audit.sums.later_away += tenant->later_away;
	gate->audit.sums.jobs[JOB_QUEUED] += tenant->queue.away;
	gate->audit.sums.jobs[JOB_SCHEDULED] += tenant->later_away;
	if (!findings->final || findings->differences == before)
		return;
	tenant_review(gate, tenant);
	tenant_put(gate, tenant);
}

static struct lane_tally tally_of(const struct named_lane *lane)
{
	struct lane_tally tally = {.members = lane->n_members, .arriving = lane->arriving};

	tally.running[lane->sort] = lane->lane.running;
	return tally;
}

/* Of all together, as a lane may come and go during a pass. */
static void compare_lanes(struct findings *findings)
{
	const struct lane_tally *right = &findings->gate->audit.sums.lanes;
	struct lane_tally all = {0};

	for (const struct named_lane *lane = findings->gate->lanes; lane; lane = lane->hh.next) {
		const struct lane_tally tally = tally_of(lane);

		add_lanes(&all, &tally, 1);
	}
	for (int sort = 0; sort < LANE_SORTS; sort++)
		differs(findings, "lanes", lane_sort_name(sort), all.running[sort], right->running[sort]);
	differs(findings, "members", "", all.members, right->members);
	differs(findings, "arriving", "", all.arriving, right->arriving);
}

/* Nothing happens meanwhile, so each lane is there of which an entry is. */
static void tally_lanes(struct gate *gate)
{
	for (struct named_lane *lane = gate->lanes; lane; lane = lane->hh.next)
		lane->tally = (struct lane_tally){0};
	for (const struct entry *entry = gate->entries; entry; entry = entry->hh.next) {
		for (size_t i = 0; i < ENTRY_LANES && entry->lanes[i]; i++)
			entry->lanes[i]->tally.running[entry->lanes[i]->sort]++;
		if (entry->key_lane) {
			entry->key_lane->tally.members += entry->is_member;
			entry->key_lane->tally.arriving += !entry->is_member;
		}
	}
}

static void compare_each_lane(struct findings *findings)
{
	struct gate *gate = findings->gate;
	struct named_lane *lane, *next;
	size_t before = findings->differences;

	tally_lanes(gate);
	HASH_ITER (hh, gate->lanes, lane, next) {
		const char *tenant = lane->tenant ? lane->tenant->name : "";
		size_t right = lane->tally.running[lane->sort];

		if (differs(findings, "lane", tenant, lane->lane.running, right))
			lane->lane.running = (uint32_t)right;
		compare(findings, "members", tenant, &lane->n_members, lane->tally.members);
		compare(findings, "arriving", tenant, &lane->arriving, lane->tally.arriving);
	}
	if (findings->differences != before)
		lanes_reconfigure(gate); /* which offers what room there is */
}

/* How many counts differ; where it is final they are right then. */
static size_t compare_all(struct gate *gate, bool final)
{
	struct findings findings = {.gate = gate, .final = final};
	struct audit_sums *sums = &gate->audit.sums;
	struct tenant *tenant, *next;

	HASH_ITER (hh, gate->tenants, tenant, next)
		compare_tenant(&findings, tenant);
	compare(&findings, "running", "", &gate->running, sums->running);
	compare(&findings, "underway", "", &gate->underway, sums->underway);
	compare(&findings, "asking", "", &gate->asking, sums->asking);
	compare(&findings, "bytes", "", &gate->entries_bytes, sums->bytes);
	compare(&findings, "away", "", &gate->away, sums->away);
	compare(&findings, "later-away", "", &gate->later_away, sums->later_away);
	for (enum job_state state = 0; state < JOB_STATES; state++)
		if (!job_state_ended(state))
			compare_number(&findings, job_state_name(state), &gate->stats.jobs[state],
				sums->jobs[state]);
	for (int sort = 0; sort < LANE_SORTS; sort++)
		compare_number(
			&findings, lane_sort_name(sort), &gate->stats.limited[sort], sums->aside_at[sort]);
	if (final)
		compare_each_lane(&findings);
	else
		compare_lanes(&findings);
	return findings.differences;
}

static void answer_all(struct gate *gate)
{
	struct audit *audit = &gate->audit;

	while (audit->answering) {
		struct message *message = audit->answering;

		LL_DELETE2(audit->answering, message, next);
		message->audit->jobs = HASH_COUNT(gate->entries) + gate->away;
		message->audit->tenants = HASH_COUNT(gate->tenants);
		message->audit->differences = audit->differences;
		message->result = audit->error;
		call_answer(message);
	}
}

/* Who asks from now on asks for the next. */
static void hear_no_more(struct audit *audit)
{
	LL_CONCAT2(audit->answering, audit->askers, next);
	audit->askers = NULL;
}

static void finish(struct gate *gate, int64_t now_ns)
{
	struct audit *audit = &gate->audit;

	audit->next_ns = gate->entries || gate->away ? now_ns + AUDIT_PERIOD_NS : 0;
	gate->stats.audits++;
	gate->stats.audit_differences += audit->differences;
	answer_all(gate);
	audit->differences = 0;
	audit->from_scratch = false;
}

/* All have been counted, and nothing has happened since. */
static void conclude(struct gate *gate, int64_t now_ns)
{
	struct audit *audit = &gate->audit;
	size_t differences = compare_all(gate, false);

	if (differences > 0) {
		audit->doubts++;
		begin(gate);
		step(gate, SIZE_MAX);
		differences = compare_all(gate, true);
	}
	audit->underway = false;
	audit->differences += differences;
	if (gate->reconcile.counting)
		return;
	hear_no_more(audit);
	finish(gate, now_ns);
}

/* Whether it is on its way; else the pass ends without one. */
static bool send_mark(struct gate *gate)
{
	struct store_op *op = reconcile_may(gate) ? store_mark_op_new() : NULL;

	gate->audit.marking = op;
	if (op)
		ledger_send_mark(gate, op);
	return op;
}

/* In the midst of a turn: of what is on record nothing is half done, all else waits for the turn's end. */
void audit_marked(struct gate *gate, int error)
{
	struct audit *audit = &gate->audit;

	audit->marking = false;
	audit->marked = true;
	if (audit->from_scratch)
		begin(gate);
	step(gate, SIZE_MAX);
	audit->error = error;
	if (!error && reconcile_may(gate))
		audit->error = reconcile_begin(gate);
	if (audit->error)
		log_error("store", "the jobs that wait on record cannot be compared", "error=%s",
			strerror(-audit->error));
	if (gate->reconcile.counting)
		hear_no_more(audit);
}

void audit_surveyed(struct gate *gate, int error)
{
	struct audit *audit = &gate->audit;
	size_t differences;

	if (audit->underway) { /* more has changed since the mark than a step takes */
		step(gate, SIZE_MAX);
		conclude(gate, pen_now_ns());
	}
	differences = reconcile_end(gate, &error, audit->from_scratch);
	audit->error = error;
	if (differences > 0 && !audit->from_scratch) {
		audit->doubts++;
		audit->from_scratch = true;
		return;
	}
	audit->differences += differences;
	finish(gate, pen_now_ns());
}

static bool is_due(const struct gate *gate, int64_t now_ns)
{
	return gate->audit.askers || (gate->audit.next_ns && gate->audit.next_ns <= now_ns);
}

void audit_look(struct gate *gate, int64_t now_ns)
{
	struct audit *audit = &gate->audit;

	if (!audit->underway) {
		if (gate->reconcile.counting || !(is_due(gate, now_ns) || audit->from_scratch))
			return;
		audit->error = 0;
		audit->marked = false;
		begin(gate);
	}
	if (!step(gate, AUDIT_STEP) || audit->marking)
		return;
	if (audit->marked || !send_mark(gate))
		conclude(gate, now_ns);
}

int64_t audit_next_ns(const struct gate *gate, int64_t now_ns)
{
	if (gate->reconcile.counting)
		return PEN_NEVER;
	if (gate->audit.underway && !(gate->audit.marking && !gate->audit.again))
		return now_ns + AUDIT_PAUSE_NS;
	if (gate->audit.underway)
		return PEN_NEVER;
	return gate->audit.next_ns ? gate->audit.next_ns : PEN_NEVER;
}

bool call_audit(struct gate *gate, struct message *message)
{
	LL_APPEND2(gate->audit.askers, message, next);
	return false;
}

int gate_audit(struct gate *gate, struct gate_audit *ret_audit)
{
	struct message message = {.call = CALL_AUDIT, .audit = ret_audit};

	return gate_call(gate, &message);
}
