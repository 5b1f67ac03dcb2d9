/*
 * store.c - the committer and its channels, whatever the kind of store.
 *
 * The committer takes one operation, then what else has gathered, commits them as one group and sends each
 * back.  While it commits, the next group gathers: that is all there is to group commit.  When nothing gathers it tends the store, at
 * the times that the kind wants, and each second after a commit has failed, to see whether it still does.
 */
#include "store/store.h"

#include <penstock/select.h>
#include <penstock/task.h>
#include <penstock/time.h>
#include <penstock/waitgroup.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "log/log.h"
#include "store/kind.h"
#include "store/thread.h"

#define QUEUE_MAX 1048576 /* also of a group */
#define TROUBLE_LOOK_NS PEN_SECOND

struct store {
	const struct store_kind *kind;
	void *state;
	struct pen_chan *ops; /* struct store_op *, lists */
	struct pen_waitgroup *committer;
	pthread_t thread;    /* the committer's, when the kind blocks */
	struct aside *aside; /* where it is asked all else, when it blocks */
	size_t group_max;
	pthread_mutex_t lock; /* `trouble`, `failed_reads` */
	int trouble;
	uint64_t failed_reads;
	/* The committer's: */
	struct store_op **group; /* all operations of it */
	struct store_op *
		*taken; /* those of them that came through the channel, with the others behind them */
	size_t n, n_taken;
	struct store_op *rest; /* of a list, for the next group */
	int64_t tend_ns;       /* when; PEN_NEVER */
};

/* A mark changes nothing. */
static void put_in_group(struct store *store, struct store_op *op)
{
	for (; op && op->type != STORE_MARK; op = op->with)
		store->group[store->n++] = op;
}

static void take_first(struct store *store)
{
	struct store_op *op = store->rest;

	store->rest = op->next;
	store->taken[store->n_taken++] = op;
	put_in_group(store, op);
}

/* The last that was taken is one. */
static bool is_marked(const struct store *store)
{
	return store->taken[store->n_taken - 1]->type == STORE_MARK;
}

/* What goes together is never parted, so the last to be taken may bring more than group_max.  Nothing comes behind a mark. */
static void gather(struct store *store)
{
	store->n = store->n_taken = 0;
	do
		take_first(store);
	while (store->n < store->group_max && !is_marked(store) &&
		(store->rest || pen_chan_try_recv(store->ops, &store->rest) == 0));
}

static void free_list(struct store_op *first)
{
	while (first) {
		struct store_op *next = first->next;

		store_op_free(first);
		first = next;
	}
}

static void send_back(struct store_op *first)
{
	if (pen_chan_send(NULL, first->done, &first) < 0) /* closed: nobody wants it any more */
		free_list(first);
}

/* Those side by side that go the same way, at once. */
static void send_all_back(struct store *store)
{
	struct store_op **taken = store->taken, *first;
	size_t i = 0;

	while (i < store->n_taken) {
		first = taken[i++];
		while (i < store->n_taken && taken[i]->done == first->done) {
			taken[i - 1]->next = taken[i];
			i++;
		}
		taken[i - 1]->next = NULL;
		send_back(first);
	}
}

static void tell_trouble(struct store *store, int error)
{
	int before;

	pthread_mutex_lock(&store->lock);
	before = store->trouble;
	store->trouble = error;
	pthread_mutex_unlock(&store->lock);
	if (error && !before)
		log_error("store", "nothing can be put on record", "error=%s", strerror(-error));
	else if (before && !error)
		log_notice("store", "jobs can be put on record again", "");
}

/* After a commit, or a step. */
static void settle(struct store *store, int error)
{
	int64_t pause_ns;

	if (!store->kind->tend)
		return;
	tell_trouble(store, error);
	pause_ns = error ? TROUBLE_LOOK_NS : store->kind->pause_ns(store->state);
	store->tend_ns = pause_ns == PEN_NEVER ? PEN_NEVER : pen_now_ns() + pause_ns;
}

/* The group as it is. */
static int commit_group(struct store *store)
{
	const int64_t begin = pen_now_ns();
	const int error = store->kind->commit(store->state, store->group, store->n);
	const int64_t took = pen_now_ns() - begin;

	for (size_t i = 0; i < store->n; i++) {
		store->group[i]->error = error ? error : store->group[i]->error;
		store->group[i]->group_jobs = i == 0 ? store->n : 0;
		store->group[i]->commit_ns = took;
	}
	return error;
}

/* What goes together by itself, so that one row that is damaged keeps no other back. */
static int commit_apart(struct store *store)
{
	int error = 0;

	for (size_t i = 0; i < store->n_taken; i++) {
		int r;

		store->n = 0;
		put_in_group(store, store->taken[i]);
		for (size_t j = 0; j < store->n; j++)
			store->group[j]->error = 0;
		r = store->n > 0 ? commit_group(store) : 0;
		error = error ? error : r;
	}
	return error;
}

static void commit(struct store *store)
{
	int error = 0;

	if (store->n > 0) {
		error = commit_group(store);
		if (error == -EBADMSG && store->n_taken > 1)
			error = commit_apart(store);
		settle(store, error);
	}
	if (is_marked(store))
		store->taken[store->n_taken - 1]->error = store->kind->mark(store->state);
	send_all_back(store);
	if (store->kind->after)
		store->kind->after(store->state);
}

/* Something of the next group is there: 0; -ETIMEDOUT: it is time to tend the store; -EPIPE: it is closed. */
static int await_group(struct store *store)
{
	struct pen_case cases[] = {PEN_CASE_RECV(store->ops, &store->rest)};
	int r;

	if (store->rest)
		return 0;
	r = pen_select_until(NULL, cases, ARRAY_LEN(cases), PEN_SELECT_FAIR, store->tend_ns);
	return r == 0 ? cases[0].result : r;
}

static void run_committer(void *arg)
{
	struct store *store = arg;
	int r;

	while ((r = await_group(store)) != -EPIPE) {
		if (r == 0) {
			gather(store);
			commit(store);
		} else {
			settle(store, store->kind->tend(store->state));
		}
		if (!store->kind->blocks)
			pen_yield(); /* it may never find its channel empty, and others share the loop */
	}
	pen_waitgroup_done(store->committer);
}

/* Whoever waits for a commit waits for this thread to run again after its fsync, while the loops are busy with those that come. */
static void *run_thread(void *arg)
{
	thread_take_short_turns();
	run_committer(arg);
	return NULL;
}

static int start_committer(struct store *store)
{
	int r;

	settle(store, 0);
	pen_waitgroup_add(store->committer, 1);
	r = store->kind->blocks ? thread_start(&store->thread, "store", run_thread, store)
				: pen_go(run_committer, store);
	if (r < 0)
		pen_waitgroup_done(store->committer);
	return r;
}

static void free_store(struct store *store)
{
	pen_chan_free(store->ops);
	pen_waitgroup_free(store->committer);
	free(store->group);
	pthread_mutex_destroy(&store->lock);
	free(store->taken);
	free(store);
}

static struct store *new_store(const struct store_kind *kind, const struct store_options *options)
{
	struct store *store = calloc(1, sizeof(*store));

	if (!store)
		return NULL;
	pthread_mutex_init(&store->lock, NULL);
	store->kind = kind;
	store->tend_ns = PEN_NEVER;
	store->group_max = options->group_max;
	store->ops = pen_chan_new(sizeof(struct store_op *), options->queue_max);
	store->committer = pen_waitgroup_new();
	store->group = calloc(store_group_room(options), sizeof(struct store_op *));
	store->taken = calloc(options->group_max, sizeof(struct store_op *));
	if (store->ops && store->committer && store->group && store->taken)
		return store;
	free_store(store);
	return NULL;
}

static int check_options(const struct store_options *options, struct problem *reterr)
{
	if (options->queue_max < 1 || options->queue_max > QUEUE_MAX || options->group_max < 1 ||
		options->group_max > QUEUE_MAX || options->batch_max > QUEUE_MAX)
		return problem_set(reterr, -EINVAL, PROBLEM_BAD_FIELD, "store",
			"the store's queue and groups must be between 1 and %d", QUEUE_MAX);
	return 0;
}

/* What the kind's functions are asked, to be carried to its thread. */
struct question {
	struct store *store;
	const struct store_options *options;
	const struct uuid *id;
	struct store_record *record;
	const struct store_scan *scan;
	store_found_fn found;
	store_survey_fn survey;
	store_tenant_fn tenant;
	void *arg; /* of any */
	uint64_t last;
	const char *name; /* of a tenant */
	int priority;
	uint64_t sequence;
	size_t jobs;
	const struct store_query *query;
	struct store_page *page;
	struct pen_ctx *ctx;
	struct problem *reterr;
	int result;
};

/* On that thread, or where there is none here. */
static int ask_at(
	struct aside *aside, struct store *store, void (*fn)(void *question), struct question *question)
{
	int r = 0;

	question->store = store;
	if (aside)
		r = aside_run(aside, fn, question);
	else
		fn(question);
	return r < 0 ? r : question->result;
}

static int ask(struct store *store, void (*fn)(void *question), struct question *question)
{
	return ask_at(store->aside, store, fn, question);
}

static void ask_open(void *arg)
{
	struct question *question = arg;
	struct store *store = question->store;

	question->result = store->kind->open(question->options, &store->state, question->reterr);
}

static void ask_scan(void *arg)
{
	struct question *question = arg;
	struct store *store = question->store;

	question->result = store->kind->scan(store->state, question->scan, question->found, question->arg);
}

static void ask_survey(void *arg)
{
	struct question *question = arg;
	struct store *store = question->store;

	question->result =
		store->kind->survey(store->state, question->survey, question->arg, &question->last);
}

static void ask_survey_marked(void *arg)
{
	struct question *question = arg;
	struct store *store = question->store;

	question->result =
		store->kind->survey_marked(store->state, question->ctx, question->survey, question->arg);
}

static void ask_tenants(void *arg)
{
	struct question *question = arg;
	struct store *store = question->store;

	question->result = store->kind->tenants(store->state, question->tenant, question->arg);
}

static void ask_count(void *arg)
{
	struct question *question = arg;
	struct store *store = question->store;

	question->result = store->kind->count_before(
		store->state, question->name, question->priority, question->sequence, &question->jobs);
}

static void ask_read(void *arg)
{
	struct question *question = arg;
	struct store *store = question->store;

	question->result = store->kind->read(store->state, question->id, question->record);
}

static void ask_list(void *arg)
{
	struct question *question = arg;
	struct store *store = question->store;

	question->result = store->kind->list(store->state, question->query, question->page);
}

static void ask_close(void *arg)
{
	struct store *store = arg;

	store->kind->close(store->state);
}

static void close_kind(struct store *store)
{
	if (store->aside)
		aside_free(store->aside, ask_close, store);
	else
		ask_close(store);
}

static int open_kind(struct store *store, const struct store_options *options, struct problem *reterr)
{
	struct question question = {.options = options, .reterr = reterr};
	int r;

	if (store->kind->blocks) {
		store->aside = aside_new("store-read");
		if (!store->aside)
			return store_no_memory(reterr);
	}
	r = ask(store, ask_open, &question);
	if (r < 0)
		aside_free(store->aside, NULL, NULL);
	return r;
}

int store_open_kind(const struct store_kind *kind, const struct store_options *options,
	struct store **ret_store, struct problem *reterr)
{
	struct store *store;
	int r = check_options(options, reterr);

	if (r < 0)
		return r;
	store = new_store(kind, options);
	if (!store)
		return store_no_memory(reterr);
	r = open_kind(store, options, reterr);
	if (r < 0)
		goto free_store;
	r = start_committer(store);
	if (r < 0) {
		problem_set(
			reterr, r, PROBLEM_STORE, "store", "cannot start the committer: %s", strerror(-r));
		goto close_kind;
	}
	*ret_store = store;
	return 0;
close_kind:
	close_kind(store);
free_store:
	free_store(store);
	return r;
}

int store_open(const struct store_options *options, struct store **ret_store, struct problem *reterr)
{
	static const struct store_kind *const kinds[] = {&store_sqlite, &store_memory};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(options->kind, kinds[i]->name) == 0)
			return store_open_kind(kinds[i], options, ret_store, reterr);
	return problem_set(reterr, -EINVAL, PROBLEM_BAD_FIELD, "store",
		"there is no store of kind \"%s\"; there are \"sqlite\" and \"memory\"", options->kind);
}

void store_close(struct store *store)
{
	int r;

	if (!store)
		return;
	pen_chan_close(store->ops);
	r = pen_waitgroup_wait(NULL, store->committer);
	(void)r; /* without a context it ends in no other way */
	if (store->kind->blocks)
		pthread_join(store->thread, NULL);
	close_kind(store);
	free_store(store);
}

int store_trouble(struct store *store)
{
	int error;

	pthread_mutex_lock(&store->lock);
	error = store->trouble;
	pthread_mutex_unlock(&store->lock);
	return error;
}

uint64_t store_failed_reads(struct store *store)
{
	uint64_t n;

	pthread_mutex_lock(&store->lock);
	n = store->failed_reads;
	pthread_mutex_unlock(&store->lock);
	return n;
}

static void add_failed_reads(struct store *store, size_t n)
{
	pthread_mutex_lock(&store->lock);
	store->failed_reads += n;
	pthread_mutex_unlock(&store->lock);
}

/* That a job is not there is an answer.  Gives what came of the reading. */
static int count_read(struct store *store, int r)
{
	if (r < 0 && r != -ENOENT && r != -ESTALE)
		add_failed_reads(store, 1);
	return r;
}

int store_submit(struct pen_ctx *ctx, struct store *store, struct store_op *first)
{
	return pen_chan_send(ctx, store->ops, &first);
}

bool store_has_lists(const struct store *store)
{
	return store->kind->scan;
}

int store_scan(struct store *store, const struct store_scan *scan, store_found_fn fn, void *arg)
{
	struct question question = {.scan = scan, .found = fn, .arg = arg};

	return store->kind->scan ? count_read(store, ask(store, ask_scan, &question)) : 0;
}

int store_survey(struct store *store, store_survey_fn fn, void *arg, uint64_t *ret_last)
{
	struct question question = {.survey = fn, .arg = arg};
	int r = store->kind->scan ? count_read(store, ask(store, ask_survey, &question)) : 0;

	if (r == 0)
		*ret_last = question.last;
	return r;
}

bool store_has_marks(const struct store *store)
{
	return store->kind->mark;
}

int store_survey_marked(struct pen_ctx *ctx, struct store *store, store_survey_fn fn, void *arg)
{
	struct question question = {.ctx = ctx, .survey = fn, .arg = arg};
	struct aside *aside = store->kind->blocks ? aside_new("store-survey") : NULL;
	int r = -ENOMEM;

	if (aside || !store->kind->blocks)
		r = ask_at(aside, store, ask_survey_marked, &question);
	aside_free(aside, NULL, NULL);
	return pen_ctx_err(ctx) ? r : count_read(store, r);
}

int store_tenants(struct store *store, store_tenant_fn fn, void *arg)
{
	struct question question = {.tenant = fn, .arg = arg};

	return count_read(store, ask(store, ask_tenants, &question));
}

int store_count_before(
	struct store *store, const char *tenant, int priority, uint64_t sequence, size_t *ret_jobs)
{
	struct question question = {.name = tenant, .priority = priority, .sequence = sequence};
	int r = store->kind->count_before ? count_read(store, ask(store, ask_count, &question)) : 0;

	if (r == 0)
		*ret_jobs = question.jobs;
	return r;
}

int store_read(struct store *store, const struct uuid *id, struct store_record *ret_record)
{
	struct question question = {.id = id, .record = ret_record};

	return count_read(store, ask(store, ask_read, &question));
}

int store_list(struct store *store, const struct store_query *query, struct store_page *ret_page)
{
	struct question question = {.query = query, .page = ret_page};

	int r = count_read(store, ask(store, ask_list, &question));

	if (r == 0 && ret_page->damaged > 0)
		add_failed_reads(store, ret_page->damaged);
	return r;
}
