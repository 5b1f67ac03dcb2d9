/*
 * test_store_no_memory.c - every allocation of the store in memory may fail: then nothing of a group is on
 * record.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "scarce.h"
#include "store/kind.h"
#include "unit.h"

enum { OPS = 3 };

static const struct store_options options = {.retention_ns = 1000000000,
	.retention_jobs = 10,
	.retention_bytes = 1 << 20,
	.group_max = OPS};

static struct trial {
	void *memory;
	struct store_op *ops[OPS];
} trial;

static int open_and_close(void *arg)
{
	void *memory;
	int r = store_memory.open(&options, &memory, NULL);

	(void)arg;
	if (r == 0)
		store_memory.close(memory);
	return r;
}

START_TEST(a_store_is_opened_whole_or_not_at_all)
{
	scarce_try(open_and_close, NULL);
}
END_TEST

static struct store_op *new_op(enum store_op_type type)
{
	CLEANUP(job_unrefp) struct job *job = job_new(JOB_SLEEP);
	struct store_op *op;

	ck_assert_ptr_nonnull(job);
	uuid_new(&job->id, 1);
	job->request = strdup("{}");
	ck_assert_ptr_nonnull(job->request);
	op = store_op_new(type, job);
	ck_assert_ptr_nonnull(op);
	ck_assert_int_eq(progress_started(&op->progress, 1), 0);
	return op;
}

static void set_up(void)
{
	ck_assert_int_eq(store_memory.open(&options, &trial.memory, NULL), 0);
	for (size_t i = 0; i < OPS; i++)
		trial.ops[i] = new_op(STORE_ACCEPT);
}

static void tear_down(void)
{
	for (size_t i = 0; i < OPS; i++)
		store_op_free(trial.ops[i]);
	store_memory.close(trial.memory);
}

/* How many of the group are on record. */
static size_t on_record(void)
{
	size_t n = 0;

	for (size_t i = 0; i < OPS; i++) {
		CLEANUP(store_record_fini) struct store_record record = {0};

		n += store_memory.read(trial.memory, &trial.ops[i]->job->id, &record) == 0;
	}
	return n;
}

START_TEST(a_group_is_committed_whole_or_not_at_all)
{
	long room = 0;
	int r = -ENOMEM;

	set_up();
	for (; r != 0; room++) {
		ck_assert_uint_eq(on_record(), 0);
		scarce_left = room;
		r = store_memory.commit(trial.memory, trial.ops, OPS);
		scarce_left = -1;
		ck_assert(r == 0 || r == -ENOMEM);
	}
	ck_assert_int_gt(room, OPS);
	ck_assert_uint_eq(on_record(), OPS);
	tear_down();
}
END_TEST

static int read_first(void *arg)
{
	CLEANUP(store_record_fini) struct store_record record = {0};

	(void)arg;
	return store_memory.read(trial.memory, &trial.ops[0]->job->id, &record);
}

START_TEST(a_record_is_read_whole_or_not_at_all)
{
	set_up();
	ck_assert_int_eq(store_memory.commit(trial.memory, trial.ops, OPS), 0);
	scarce_try(read_first, NULL);
	tear_down();
}
END_TEST

int main(void)
{
	TCase *tcase;

	if (scarce_is_skipped())
		return EXIT_SUCCESS;
	tcase = tcase_create("store_no_memory");
	tcase_add_test(tcase, a_store_is_opened_whole_or_not_at_all);
	tcase_add_test(tcase, a_group_is_committed_whole_or_not_at_all);
	tcase_add_test(tcase, a_record_is_read_whole_or_not_at_all);
	return unit_run("store_no_memory", tcase);
}
