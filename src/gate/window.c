/*
 * window.c - which of the jobs that wait are here, and which are on record only ("away").
 *
 * Here are the first of each line of a tenant's queue, and as many of the scheduled as there is room for.  What comes when there
 * is none is let go once it is on record (window_leave_out); it is read back when the line has become short, when it is due, when
 * it expires, or when a call asks for it.  One load is out at a time.
 *
 * Of each list the gate knows how far it has been read: all that are away stand behind that.  So a job that is let go draws it
 * back, and a load moves it on.  A load tells what was on record a moment ago: what is here is known better, and so is
 * what has left since the load was sent (`departed`); both are passed over.
 */
#include <errno.h>
#include <penstock/time.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "gate/inside.h"
#include "log/log.h"

enum {
	LOAD_JOBS = 256,     /* in one load, at most */
	LOAD_JOBS_FULL = 8,  /* when there is no room, but they must go on */
	SCHEDULED_LINES = 8, /* of the scheduled there may be here as many as in so many lines */
	DEPARTED_FIRST = 64,
	OPS_OUT_MANY = 1000, /* operations at the store, beyond which it does not keep up */
	OPS_OUT_FULL = 16,   /* the same when there is no room */
};

#define SOON_MS 1000 /* a scheduled job is fetched so long before it is due, if there is room */
#define RETRY_NS PEN_SECOND

static bool has_room(const struct gate *gate)
{
	return gate->entries_bytes < gate->conf->window_bytes;
}

/* In line, or set aside. */
static size_t here(const struct tenant *tenant, int priority)
{
	return tenant->queue.lines[priority].len + tenant->lines[priority].aside;
}

static bool line_admits(const struct gate *gate, const struct tenant *tenant, int priority)
{
	size_t len = here(tenant, priority);

	return tenant->queue.lines[priority].away == 0 && len < gate->conf->window &&
	       (len == 0 || has_room(gate));
}

static bool later_admits(const struct gate *gate)
{
	return gate->scheduled.len < SCHEDULED_LINES * gate->conf->window && has_room(gate);
}

bool window_admits(const struct gate *gate, const struct entry *entry)
{
	if (!store_has_lists(gate->store))
		return true;
	if (entry->progress.state == JOB_SCHEDULED)
		return later_admits(gate);
	return line_admits(gate, entry->tenant, entry->job->priority);
}

static bool place_behind(struct store_place place, struct store_place other)
{
	return place.ms != other.ms ? place.ms > other.ms : place.sequence > other.sequence;
}

static void draw_back(struct store_place *reach, struct store_place place)
{
	if (!place_behind(place, *reach))
		*reach = place_before(place);
}

/* So many more jobs of a tenant are away in this state. */
static void count_away(
	struct gate *gate, struct tenant *tenant, int priority, enum job_state state, ptrdiff_t change)
{
	if (state == JOB_QUEUED)
		queue_count_away(&tenant->queue, priority, change);
	else
		tenant->later_away += (size_t)change;
	gate->later_away += state == JOB_QUEUED ? 0 : (size_t)change;
	if (tenant->later_away == 0)
		tenant->put_off_away = 0;
	gate->away += (size_t)change;
}

/* As jobs that wait, too. */
static void count_waiting(
	struct gate *gate, struct tenant *tenant, int priority, enum job_state state, ptrdiff_t change)
{
	count_away(gate, tenant, priority, state, change);
	tenant->waiting += (size_t)change;
	gate->stats.jobs[state] += (size_t)change;
}

static size_t counted(const struct tenant *tenant, int priority, enum job_state state)
{
	return state == JOB_QUEUED ? tenant->queue.lines[priority].away : tenant->later_away;
}

/* So many of those that are away are none that wait, though they stay on record as they are. */
static void lose(struct gate *gate, struct tenant *tenant, int priority, enum job_state state, size_t jobs)
{
	count_waiting(gate, tenant, priority, state, -(ptrdiff_t)jobs);
	reconcile_lose(gate, tenant->name, priority, state, jobs);
}

/* So many jobs of an earlier daemon wait; nothing of theirs has been read. */
void window_begin(struct gate *gate, struct tenant *tenant, int priority, enum job_state state, size_t jobs)
{
	count_waiting(gate, tenant, priority, state, (ptrdiff_t)jobs);
	gate->later = gate->expiring = PLACE_FIRST;
	if (state == JOB_QUEUED)
		tenant->lines[priority].reach = PLACE_FIRST;
	window_review(gate, tenant);
}

/* Where those stand that were not counted nobody knows, so all is read again. */
void window_correct(
	struct gate *gate, struct tenant *tenant, int priority, enum job_state state, ptrdiff_t change)
{
	size_t away = counted(tenant, priority, state);

	if (change > 0)
		window_begin(gate, tenant, priority, state, (size_t)change);
	else
		count_waiting(
			gate, tenant, priority, state, (size_t)-change < away ? change : -(ptrdiff_t)away);
}

void window_leave_out(struct gate *gate, struct entry *entry)
{
	const struct job *job = entry->job;
	struct tenant *tenant = entry->tenant;

	count_away(gate, tenant, job->priority, entry->progress.state, 1);
	waits_note_away(gate, tenant, &entry->progress, 1);
	if (entry->progress.state == JOB_QUEUED)
		draw_back(&tenant->lines[job->priority].reach, (struct store_place){0, job->sequence});
	else
		draw_back(&gate->later, (struct store_place){entry->progress.next_run_at_ms, job->sequence});
	if (entry->progress.expires_at_ms)
		draw_back(
			&gate->expiring, (struct store_place){entry->progress.expires_at_ms, job->sequence});
	tenant_review(gate, tenant); /* the turn may be its own, which nobody can take now */
	entry_go(gate, entry);
}

/* Without memory to note it, nothing of the load counts. */
void window_departed(struct gate *gate, const struct uuid *id)
{
	struct uuid *more;

	if (!gate->loading)
		return;
	if (gate->n_departed == gate->departed_max) {
		size_t n = gate->departed_max ? 2 * gate->departed_max : DEPARTED_FIRST;

		more = reallocarray(gate->departed, n, sizeof *more);
		gate->departed_lost = gate->departed_lost || !more;
		if (!more)
			return;
		gate->departed = more;
		gate->departed_max = n;
	}
	gate->departed[gate->n_departed++] = *id;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct uuid));
}

static bool is_news(const struct gate *gate, const struct uuid *id)
{
	return !entry_find(gate, id) &&
	       (gate->n_departed == 0 || !bsearch(id, gate->departed, gate->n_departed, sizeof *id, compare));
}

/* A line is read on when half of it has gone. */
void window_review(struct gate *gate, struct tenant *tenant)
{
	if (tenant->queue.away == 0)
		return;
	for (int priority = 0; priority < PRIORITIES; priority++) {
		size_t len = here(tenant, priority);
		struct line *line = &tenant->lines[priority];

		if (line->hungry || tenant->queue.lines[priority].away == 0 || len > gate->conf->window / 2 ||
			(len > 0 && !has_room(gate)) || (gate->loading && gate->load.line == line))
			continue;
		line->hungry = true;
		DL_APPEND(gate->hungry, line);
	}
}

void window_forget(struct gate *gate, struct tenant *tenant)
{
	for (int priority = 0; priority < PRIORITIES; priority++)
		if (tenant->lines[priority].hungry)
			DL_DELETE(gate->hungry, &tenant->lines[priority]);
}

void window_ask(struct gate *gate, struct message *message)
{
	LL_APPEND2(gate->asked, message, next);
}

/* What to load; each says whether it has something, and which. */
static bool pick_asked(struct gate *gate, struct load *load)
{
	load->message = gate->asked;
	if (!load->message)
		return false;
	LL_DELETE2(gate->asked, load->message, next);
	load->scan.limit = 1;
	return true;
}

static bool pick_list(const struct gate *gate, struct load *load, enum store_list list,
	struct store_place *reach, int64_t until_ms)
{
	if (reach->ms > until_ms)
		return false;
	load->scan = (struct store_scan){
		.list = list, .after = *reach, .limit = has_room(gate) ? LOAD_JOBS : LOAD_JOBS_FULL};
	load->until_ms = until_ms;
	*reach = PLACE_LAST; /* who is let go meanwhile draws it back */
	return true;
}

/*
 * Jobs that come due or expire may all have to go on record, one by one, before they leave the memory; and loads are
 * faster than the store.
 */
static bool store_keeps_up(const struct gate *gate)
{
	return !gate->ops_first && gate->ops_out <= (has_room(gate) ? OPS_OUT_MANY : OPS_OUT_FULL);
}

static bool pick_expiring(struct gate *gate, struct load *load)
{
	return store_keeps_up(gate) &&
	       pick_list(gate, load, STORE_EXPIRING, &gate->expiring, clock_wall_ms());
}

static int64_t ahead_ms(const struct gate *gate)
{
	return later_admits(gate) ? SOON_MS : 0;
}

static bool pick_later(struct gate *gate, struct load *load)
{
	return store_keeps_up(gate) &&
	       pick_list(gate, load, STORE_LATER, &gate->later, clock_wall_ms() + ahead_ms(gate));
}

/* What was away may have come here by another way; then nothing would keep the tenant while the load is out. */
static struct line *next_hungry(struct gate *gate)
{
	struct line *line;

	while ((line = gate->hungry)) {
		DL_DELETE(gate->hungry, line);
		line->hungry = false;
		if (line->tenant->queue.lines[line->priority].away > 0)
			break;
	}
	return line;
}

static bool pick_line(struct gate *gate, struct load *load)
{
	struct line *line = next_hungry(gate);

	if (!line)
		return false;
	pick_list(gate, load, STORE_READY, &line->reach, INT64_MAX);
	load->line = line;
	load->scan.tenant = line->tenant->name;
	load->scan.priority = line->priority;
	return true;
}

/* A drain starts nothing, so it needs only what it is asked for. */
static bool pick(struct gate *gate, struct load *load)
{
	static bool (*const picks[LOAD_SORTS])(struct gate * gate, struct load * load) = {
		[LOAD_ASKED] = pick_asked,
		[LOAD_EXPIRING] = pick_expiring,
		[LOAD_LATER] = pick_later,
		[LOAD_LINE] = pick_line,
	};

	if (gate->draining)
		return pick_asked(gate, load);
	for (int i = 0; i < LOAD_SORTS; i++) {
		gate->load_sort = (gate->load_sort + 1) % LOAD_SORTS;
		if (picks[gate->load_sort](gate, load))
			return true;
	}
	return false;
}

void window_look(struct gate *gate, int64_t now_ns)
{
	struct load *load = &gate->load;

	if (gate->loading || gate->load_retry_ns > now_ns)
		return;
	*load = (struct load){0};
	gate->load_retry_ns = 0;
	if (!pick(gate, load))
		return;
	gate->loading = pen_chan_try_send(gate->loads, &load) == 0; /* there is room: none is out */
}

int64_t window_next_ms(const struct gate *gate)
{
	int64_t later_ms = gate->later.ms, expiring_ms = gate->expiring.ms;

	if (gate->draining || gate->loading || gate->load_retry_ns || !store_keeps_up(gate))
		return INT64_MAX; /* the end of what is under way is a reason to look */
	if (later_ms > INT64_MIN + SOON_MS && later_ms != INT64_MAX)
		later_ms -= ahead_ms(gate);
	return later_ms < expiring_ms ? later_ms : expiring_ms;
}

/* It was away, and is here.  What was damaged may have been counted as another's, or no longer. */
static struct entry *bring(struct gate *gate, struct store_record *record)
{
	enum job_state state = record->progress.state;
	struct entry *entry = entry_bring(gate, record);

	if (!entry)
		return NULL;
	if (damage_mended(gate, entry->job->sequence)) {
		reconcile_find(gate, entry->tenant->name, entry->job->priority, state, 1);
		entry_count_in(gate, entry);
	} else if (counted(entry->tenant, entry->job->priority, state) > 0) {
		waits_note_away(gate, entry->tenant, &entry->progress, -1);
		count_away(gate, entry->tenant, entry->job->priority, state, -1);
	} else {
		log_error(
			"gate", "a job is on record that was not counted", "tenant=%s", entry->tenant->name);
		entry_count_in(gate, entry);
	}
	return entry;
}

/* It is none that waits, as its row can no longer say what it is. */
void window_damaged(struct gate *gate, const struct store_found *found)
{
	struct tenant *tenant = tenant_find(gate, found->tenant);

	if (!tenant || !job_state_waits(found->state) || found->priority < 0 ||
		found->priority >= PRIORITIES || counted(tenant, found->priority, found->state) == 0)
		return;
	lose(gate, tenant, found->priority, found->state, 1);
	tenant_review(gate, tenant);
	tenant_put(gate, tenant);
}

static int take_in(struct gate *gate, struct load *load, struct store_found *found)
{
	static void (*const take[STORE_LISTS])(struct gate * gate, struct entry * entry) = {
		[STORE_READY] = entry_line_up,
		[STORE_LATER] = entry_stay,
		[STORE_EXPIRING] = entry_expire,
	};
	struct entry *entry;

	if (!is_news(gate, &found->id))
		return 0;
	if (!found->record.job)
		return damage_note(gate, found);
	entry = bring(gate, &found->record);
	if (!entry)
		return -ENOMEM;
	take[load->scan.list](gate, entry);
	return 0;
}

static struct store_place *reach_of(struct gate *gate, const struct load *load)
{
	if (load->line)
		return &load->line->reach;
	return load->scan.list == STORE_LATER ? &gate->later : &gate->expiring;
}

/* Gives how far it has been read, and whether it must be tried again. */
static int take_list(struct gate *gate, struct load *load, struct store_place *ret_last)
{
	int r = gate->departed_lost ? -ENOMEM : 0;

	*ret_last = load->scan.after;
	for (size_t i = 0; i < load->n && r == 0; i++) {
		r = take_in(gate, load, &load->found[i]);
		if (r == 0)
			*ret_last = load->found[i].place;
	}
	if (r == 0 && !load->error)
		*ret_last = load->last;
	return r < 0 ? r : load->error;
}

/* Nothing is away that stands nowhere; if it was counted, the count was wrong. */
static void settle(struct gate *gate, struct tenant *tenant, int priority, enum job_state state)
{
	size_t away = counted(tenant, priority, state);

	if (away == 0)
		return;
	log_error("gate", "jobs that were counted cannot be had from the record",
		"tenant=%s state=%s priority=%d jobs=%zu", tenant->name, job_state_name(state), priority,
		away);
	gate->stats.store_errors[STATS_STORE_RECOVER] += away;
	lose(gate, tenant, priority, state, away);
}

static bool at_end(const struct store_place *reach)
{
	return reach->ms == PLACE_LAST.ms && reach->sequence == PLACE_LAST.sequence;
}

static void settle_line(struct gate *gate, struct line *line)
{
	if (line->reach.sequence == PLACE_LAST.sequence)
		settle(gate, line->tenant, line->priority, JOB_QUEUED);
}

/* Of all tenants; to look at each is for when there is something wrong. */
static void settle_later(struct gate *gate)
{
	struct tenant *tenant, *next;

	if (gate->later_away == 0 || !at_end(&gate->later))
		return;
	HASH_ITER (hh, gate->tenants, tenant, next) {
		settle(gate, tenant, 0, JOB_SCHEDULED);
		tenant_put(gate, tenant);
	}
}

static void loaded_list(struct gate *gate, struct load *load)
{
	struct store_place *reach = reach_of(gate, load), last;
	struct line *line = load->line;
	int r = take_list(gate, load, &last);

	if (place_behind(*reach, last))
		*reach = last;
	if (r < 0) {
		log_error("store", "jobs that wait cannot be read and will be tried again", "error=%s",
			strerror(-r));
		gate->load_retry_ns = pen_now_ns() + RETRY_NS;
	}
	load->line = NULL;
	if (!line) {
		if (r == 0)
			settle_later(gate);
		return;
	}
	if (r == 0)
		settle_line(gate, line);
	tenant_review(gate, line->tenant);
	tenant_put(gate, line->tenant);
}

static bool cancel_away(struct gate *gate, struct message *message, struct store_record *record)
{
	bool waits = job_state_waits(record->progress.state);
	struct entry *entry = waits ? bring(gate, record) : NULL;

	if (entry)
		return cancel_begin(gate, entry, message);
	message->result = waits ? -ENOMEM : -EALREADY;
	return true;
}

/* Returns whether it can be answered now. */
static bool act_on(struct gate *gate, struct message *message, struct store_record *record)
{
	if (message->call == CALL_CANCEL)
		return cancel_away(gate, message, record);
	message->result = record->result ? entry_retry(gate, record, message) : -EBUSY;
	return message->result < 0;
}

/* If it has come here meanwhile by another way, or was here and left, it is asked for as if the call had just come. */
static bool loaded_one(struct gate *gate, struct load *load)
{
	struct message *message = load->message;

	if (gate->departed_lost || !is_news(gate, message->id))
		return call_handle(gate, message);
	message->result = load->error;
	return load->error || act_on(gate, message, &load->found[0].record);
}

void window_loaded(struct gate *gate, struct load *load)
{
	if (gate->n_departed > 0)
		qsort(gate->departed, gate->n_departed, sizeof *gate->departed, compare);
	gate->loading = false;
	if (!load->message)
		loaded_list(gate, load);
	else if (loaded_one(gate, load))
		call_answer(load->message);
	for (size_t i = 0; i < load->n; i++)
		store_record_fini(&load->found[i].record);
	free(load->found);
	gate->n_departed = 0;
	gate->departed_lost = false;
}
