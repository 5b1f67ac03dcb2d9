/*
 * memory.c - the store that forgets everything when the process ends: for trials and tests.
 *
 * One entry a job, found by id, never changed once it is in the table: an operation puts a new entry in the
 * old one's place, also in the order of acceptance.  So a commit allocates first, which may fail, and then only links,
 * which may not.  The lock is held for one entry at a time.  Ended jobs stand in a list by their end; a commit forgets a few that
 * are too old or too many, and leaves their ids among the tombs.
 *
 * What waited at a mark is counted a few at a time, from the last that was accepted then to the first.  Of a job that is changed before its turn has
 * come it is noted how it was.
 */
#include <penstock/task.h>
#include <penstock/time.h>

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "store/keys.h"
#include "store/kind.h"
#include "store/order.h"
#include "store/spread.h"
#include "store/tenants.h"
#include "store/tombs.h"

#define TABLE_BITS 18 /* a million jobs make chains of four */
#define FORGOTTEN_MAX 1000000
#define FORGET_A_STEP 64
#define COUNT_A_STEP 1024

struct entry {
	struct entry *below;       /* in the table's chain */
	struct entry *prev, *next; /* among the ended, oldest first */
	struct job *job;
	struct result *result;
	int64_t ended_ms; /* 0: not ended */
	int64_t place;    /* in the order of acceptance */
	size_t bytes;
	uint32_t mark; /* for which it is noted how it was */
	struct progress progress;
};

/* How a job was at the mark. */
struct before {
	struct job *job;
	enum job_state state;
};

struct mark {
	uint32_t number; /* 0: there was none */
	bool open;       /* there is something left to be counted */
	int64_t at;      /* all places from here on are counted, or came later */
	struct before *before;
	size_t n_before, before_max;
	bool no_memory; /* to note one */
};

/* What an operation puts in place. */
struct fresh {
	struct entry *entry;
	struct key *key;          /* NULL: none */
	struct tenant_note *note; /* of STORE_TENANT, with neither of the others */
};

struct memory {
	pthread_mutex_t lock; /* `table`, its chains, `order`, `forgotten`, `tenants`, and `mark` */
	struct entry **table;
	struct order order; /* of acceptance */
	struct tombs forgotten;
	struct tenant_notes tenants;
	struct mark mark;
	/* The committer's: */
	struct entry *ended;
	size_t n_ended, retention_jobs;
	size_t ended_bytes, retention_bytes;
	int64_t retention_ms;
	struct keys keys;
	struct fresh *fresh; /* of the group being committed */
};

static void free_entry(struct entry *entry)
{
	if (!entry)
		return;
	job_unref(entry->job);
	progress_fini(&entry->progress);
	result_unref(entry->result);
	free(entry);
}

static void free_fresh(struct fresh *fresh)
{
	free_entry(fresh->entry);
	key_free(fresh->key);
	tenant_note_free(fresh->note);
}

static struct entry *new_entry(const struct store_op *op)
{
	struct entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return NULL;
	if (progress_copy(&entry->progress, &op->progress) < 0) {
		free(entry);
		return NULL;
	}
	entry->job = job_ref(op->job);
	entry->result = op->result ? result_ref(op->result) : NULL;
	entry->bytes = job_bytes(op->job) + (op->result ? op->result->body_bytes : 0);
	entry->ended_ms = job_state_ended(op->progress.state) ? op->progress.finished_ms : 0;
	return entry;
}

static int make_fresh(const struct store_op *op, int64_t now_ms, struct fresh *fresh)
{
	bool keyed = op->type == STORE_ACCEPT && op->job->key;

	*fresh = (struct fresh){0};
	if (op->type == STORE_TENANT)
		return tenant_note_new(op, &fresh->note);
	fresh->entry = new_entry(op);
	fresh->key = keyed ? key_new(op, now_ms) : NULL;
	if (fresh->entry && (fresh->key || !keyed))
		return 0;
	free_fresh(fresh);
	return -ENOMEM;
}

/* The link that points to the entry of this id, or the end of the chain where it would be. */
static struct entry **find(const struct memory *memory, const struct uuid *id)
{
	struct entry **link = &memory->table[spread(id, TABLE_BITS)];

	while (*link && !uuid_equal(&(*link)->job->id, id))
		link = &(*link)->below;
	return link;
}

/* With the lock: the one becomes the other. */
static void note_before(struct mark *mark, const struct entry *old, struct entry *entry)
{
	struct before *more;

	entry->mark = mark->number;
	if (!mark->open || old->place >= mark->at || old->mark == mark->number ||
		!job_state_waits(old->progress.state))
		return;
	if (mark->n_before == mark->before_max) {
		mark->before_max = mark->before_max ? 2 * mark->before_max : COUNT_A_STEP;
		more = reallocarray(mark->before, mark->before_max, sizeof(*more));
		if (!more) {
			mark->no_memory = true;
			mark->before_max = mark->n_before;
			return;
		}
		mark->before = more;
	}
	mark->before[mark->n_before++] = (struct before){job_ref(old->job), old->progress.state};
}

/* Put it in the table, in place of the job's entry before. */
static void put(struct memory *memory, struct entry *entry)
{
	struct entry **link, *old;

	pthread_mutex_lock(&memory->lock);
	link = find(memory, &entry->job->id);
	old = *link;
	entry->below = old ? old->below : NULL;
	*link = entry;
	if (old) {
		order_set(&memory->order, entry->place = old->place, entry);
		note_before(&memory->mark, old, entry);
	} else {
		entry->place = order_add(&memory->order, entry);
	}
	pthread_mutex_unlock(&memory->lock);
}

static void leave_ended(struct memory *memory, struct entry *entry)
{
	DL_DELETE(memory->ended, entry);
	memory->n_ended--;
	memory->ended_bytes -= entry->bytes;
}

/* Fencing and keys; see store.h. */
static int refuse(const struct memory *memory, const struct entry *old, struct store_op *op, int64_t now_ms)
{
	if (op->type == STORE_ACCEPT &&
		(old || (op->job->key && keys_find(&memory->keys, op->job, now_ms, &op->receipt))))
		return -EEXIST;
	if (op->type == STORE_ACCEPT)
		return op->only_replay ? -ENOKEY : 0;
	if (!old)
		return -ESTALE;
	if (old->ended_ms)
		return op->type == STORE_CHANGE && op->progress.state == JOB_QUEUED ? 0 : -ESTALE;
	return op->progress.attempts < old->progress.attempts ? -ESTALE : 0;
}

static void set_tenant(struct memory *memory, struct store_op *op, struct fresh *fresh)
{
	pthread_mutex_lock(&memory->lock);
	op->error = tenant_notes_put(&memory->tenants, op, fresh->note);
	pthread_mutex_unlock(&memory->lock);
	if (op->error)
		free_fresh(fresh);
}

/* Only the committer changes the table, so it may look at it without the lock.  `before`: what it follows, or NULL. */
static void apply(struct memory *memory, struct store_op *op, const struct store_op *before,
	struct fresh *fresh, int64_t now_ms)
{
	struct entry *entry = fresh->entry, *old = *find(memory, &op->job->id);

	op->error = before && before->error ? -ECANCELED : refuse(memory, old, op, now_ms);
	if (!op->error && fresh->key)
		op->error = keys_add(&memory->keys, fresh->key);
	if (op->error) {
		free_fresh(fresh);
		return;
	}
	put(memory, entry);
	if (old && old->ended_ms)
		leave_ended(memory, old);
	free_entry(old);
	if (!entry->ended_ms)
		return;
	DL_APPEND(memory->ended, entry);
	memory->n_ended++;
	memory->ended_bytes += entry->bytes;
}

static bool is_too_old(const struct memory *memory, const struct entry *entry, int64_t now_ms)
{
	return entry->ended_ms && entry->ended_ms + memory->retention_ms < now_ms;
}

/* As one that was known once; where there is no memory to, it is as if it never was. */
static void remember_id(struct memory *memory, const struct uuid *id)
{
	if (memory->forgotten.max || tombs_init(&memory->forgotten, FORGOTTEN_MAX) == 0)
		tombs_add(&memory->forgotten, id);
}

static void forget(struct memory *memory, struct entry *entry)
{
	struct entry **link;

	leave_ended(memory, entry);
	pthread_mutex_lock(&memory->lock);
	link = find(memory, &entry->job->id);
	*link = entry->below;
	order_remove(&memory->order, entry->place);
	remember_id(memory, &entry->job->id);
	pthread_mutex_unlock(&memory->lock);
	free_entry(entry);
}

/* At most `steps` of the ended, the oldest first. */
static void forget_some(struct memory *memory, size_t steps)
{
	const int64_t now_ms = clock_wall_ms();

	while (steps-- > 0 && memory->ended) {
		if (memory->n_ended <= memory->retention_jobs &&
			memory->ended_bytes <= memory->retention_bytes &&
			!is_too_old(memory, memory->ended, now_ms))
			return;
		forget(memory, memory->ended);
	}
}

static int reserve(struct memory *memory, size_t n)
{
	int r;

	pthread_mutex_lock(&memory->lock);
	r = order_reserve(&memory->order, n);
	pthread_mutex_unlock(&memory->lock);
	return r;
}

static int memory_commit(void *state, struct store_op *const *ops, size_t n)
{
	const int64_t now_ms = clock_wall_ms();
	struct memory *memory = state;
	size_t i;

	if (reserve(memory, n) < 0)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		if (make_fresh(ops[i], now_ms, &memory->fresh[i]) < 0)
			goto free_fresh;
	for (i = 0; i < n; i++) {
		if (ops[i]->type == STORE_TENANT)
			set_tenant(memory, ops[i], &memory->fresh[i]);
		else
			apply(memory, ops[i], ops[i]->follows ? ops[i - 1] : NULL, &memory->fresh[i], now_ms);
	}
	forget_some(memory, 2 * n); /* more than can have been added */
	keys_forget(&memory->keys, now_ms, 2 * n);
	return 0;
free_fresh:
	while (i > 0)
		free_fresh(&memory->fresh[--i]);
	return -ENOMEM;
}

static int memory_tend(void *state)
{
	struct memory *memory = state;

	forget_some(memory, FORGET_A_STEP);
	keys_forget(&memory->keys, clock_wall_ms(), FORGET_A_STEP);
	return 0;
}

static int64_t memory_pause_ns(void *state)
{
	const struct memory *memory = state;
	int64_t until_ms = keys_first_ms(&memory->keys);

	if (memory->n_ended > memory->retention_jobs || memory->ended_bytes > memory->retention_bytes)
		return STORE_STEP_PAUSE_NS;
	if (memory->ended && memory->ended->ended_ms + memory->retention_ms < until_ms)
		until_ms = memory->ended->ended_ms + memory->retention_ms;
	return store_pause_ns(until_ms == INT64_MAX ? until_ms : until_ms + 1);
}

static int fill_record(const struct entry *entry, struct store_record *record)
{
	if (progress_copy(&record->progress, &entry->progress) < 0)
		return -ENOMEM;
	record->job = job_ref(entry->job);
	record->result = entry->result ? result_ref(entry->result) : NULL;
	return 0;
}

static int memory_read(void *state, const struct uuid *id, struct store_record *ret_record)
{
	struct memory *memory = state;
	const int64_t now_ms = clock_wall_ms();
	const struct entry *entry;
	int r;

	pthread_mutex_lock(&memory->lock);
	entry = *find(memory, id);
	if (!entry)
		r = memory->forgotten.max && tombs_has(&memory->forgotten, id) ? -ESTALE : -ENOENT;
	else if (is_too_old(memory, entry, now_ms))
		r = -ESTALE;
	else
		r = fill_record(entry, ret_record);
	pthread_mutex_unlock(&memory->lock);
	return r;
}

/* The next entry below, as a record if all that is cheap to tell says so; false: there is none, or the page ends above it. */
static bool look_below(struct memory *memory, struct listing *listing, int64_t now_ms,
	struct store_record *record, int *error)
{
	const struct entry *entry;
	int64_t place;
	bool goes_on;

	pthread_mutex_lock(&memory->lock);
	entry = order_below(&memory->order, listing->last, &place);
	goes_on = entry && listing_goes_on(listing, place);
	if (goes_on && !is_too_old(memory, entry, now_ms) &&
		listing_wants(listing, entry->job->tenant, entry->job->kind, entry->progress.state))
		*error = fill_record(entry, record);
	pthread_mutex_unlock(&memory->lock);
	return goes_on;
}

static int add_if_wanted(struct listing *listing, struct store_record *record)
{
	const char *request = record->job->request;
	int r;

	result_unref(TAKE_PTR(record->result));
	r = listing_wants_request(listing, request, strlen(request));
	if (r > 0)
		listing_add(listing, record);
	else
		store_record_fini(record);
	return r < 0 ? r : 0;
}

static int memory_list(void *state, const struct store_query *query, struct store_page *ret_page)
{
	const int64_t now_ms = clock_wall_ms();
	struct store_record record = {0};
	struct listing listing;
	int r = listing_init(&listing, query);

	while (r == 0 && look_below(state, &listing, now_ms, &record, &r))
		if (r == 0 && record.job)
			r = add_if_wanted(&listing, &record);
	return listing_end(&listing, r, ret_page);
}

/* With the lock. */
static void end_mark(struct mark *mark)
{
	while (mark->n_before > 0)
		job_unref(mark->before[--mark->n_before].job);
	free(mark->before);
	*mark = (struct mark){.number = mark->number};
}

static int memory_mark(void *state)
{
	struct memory *memory = state;

	pthread_mutex_lock(&memory->lock);
	end_mark(&memory->mark);
	if (++memory->mark.number == 0)
		memory->mark.number = 1;
	memory->mark.open = true;
	memory->mark.at = memory->order.last + 1;
	pthread_mutex_unlock(&memory->lock);
	return 0;
}

/* With the lock. */
static int count_before(const struct mark *mark, store_survey_fn fn, void *arg)
{
	int r = mark->no_memory ? -ENOMEM : 0;

	for (size_t i = 0; r == 0 && i < mark->n_before; i++) {
		const struct before *before = &mark->before[i];

		r = fn(arg, before->job->tenant, before->job->priority, before->state, 1);
	}
	return r;
}

/* A few of them; 1: these were the last. */
static int count_some(struct memory *memory, store_survey_fn fn, void *arg)
{
	struct mark *mark = &memory->mark;
	const struct entry *entry;
	int r = 0;

	pthread_mutex_lock(&memory->lock);
	for (int i = 0; r == 0 && i < COUNT_A_STEP; i++) {
		entry = order_below(&memory->order, mark->at, &mark->at);
		if (!entry) {
			r = count_before(mark, fn, arg);
			r = r == 0 ? 1 : r;
		} else if (entry->mark != mark->number && job_state_waits(entry->progress.state)) {
			r = fn(arg, entry->job->tenant, entry->job->priority, entry->progress.state, 1);
		}
	}
	pthread_mutex_unlock(&memory->lock);
	return r;
}

static void drop_mark(struct memory *memory)
{
	pthread_mutex_lock(&memory->lock);
	end_mark(&memory->mark);
	pthread_mutex_unlock(&memory->lock);
}

/* From then on nothing is noted any more, also if it was broken off. */
static int memory_survey_marked(void *state, struct pen_ctx *ctx, store_survey_fn fn, void *arg)
{
	int r;

	while ((r = pen_ctx_err(ctx)) == 0 && (r = count_some(state, fn, arg)) == 0)
		pen_yield();
	drop_mark(state);
	return r == 1 ? 0 : r;
}

static int memory_tenants(void *state, store_tenant_fn fn, void *arg)
{
	struct memory *memory = state;
	int r;

	pthread_mutex_lock(&memory->lock);
	r = tenant_notes_each(&memory->tenants, fn, arg);
	pthread_mutex_unlock(&memory->lock);
	return r;
}

static void memory_close(void *state)
{
	struct memory *memory = state;
	int64_t place = INT64_MAX;
	struct entry *entry;

	while ((entry = order_below(&memory->order, place, &place)))
		free_entry(entry);
	end_mark(&memory->mark);
	order_fini(&memory->order);
	tombs_fini(&memory->forgotten);
	keys_fini(&memory->keys);
	tenant_notes_fini(&memory->tenants);
	pthread_mutex_destroy(&memory->lock);
	free(memory->table);
	free(memory->fresh);
	free(memory);
}

static int memory_open(const struct store_options *options, void **ret_state, struct problem *reterr)
{
	struct memory *memory = calloc(1, sizeof(*memory));

	if (!memory)
		goto no_memory;
	pthread_mutex_init(&memory->lock, NULL);
	memory->retention_jobs = options->retention_jobs;
	memory->retention_bytes = options->retention_bytes;
	memory->retention_ms = options->retention_ns / 1000000;
	memory->table = calloc((size_t)1 << TABLE_BITS, sizeof(struct entry *));
	memory->fresh = calloc(store_group_room(options), sizeof(struct fresh));
	if (!memory->table || !memory->fresh)
		goto close;
	*ret_state = memory;
	return 0;
close:
	memory_close(memory);
no_memory:
	return store_no_memory(reterr);
}

const struct store_kind store_memory = {
	.name = "memory",
	.open = memory_open,
	.close = memory_close,
	.commit = memory_commit,
	.tend = memory_tend,
	.pause_ns = memory_pause_ns,
	.read = memory_read,
	.mark = memory_mark,
	.survey_marked = memory_survey_marked,
	.tenants = memory_tenants,
	.list = memory_list,
};
