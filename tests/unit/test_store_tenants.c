/* test_store_tenants.c - what is set for tenants, and how many stand before a job, in each kind of store. */
#include <errno.h>

#include "store_kinds.h"

/* What a store has for tenants, as text. */
struct seen {
	char text[256];
	size_t n;
	int stop_with;
};

static int see(void *arg, const char *tenant, const char *settings)
{
	struct seen *seen = arg;
	size_t len = strlen(seen->text);

	seen->n++;
	snprintf(seen->text + len, sizeof(seen->text) - len, "%s=%s;", tenant, settings ? settings : "?");
	return seen->stop_with;
}

static struct seen look_at_all(struct store *store)
{
	struct seen seen = {.stop_with = 0};

	ck_assert_int_eq(store_tenants(store, see, &seen), 0);
	return seen;
}

static void set(struct store *store, const char *tenant, const char *settings)
{
	struct store_op *op = store_tenant_op_new(tenant, settings);
	struct pen_chan *done = new_done();

	ck_assert_ptr_nonnull(op);
	op->done = done;
	ck_assert_int_eq(store_submit(NULL, store, op), 0);
	ck_assert_int_eq(come_back(done), 0);
	pen_chan_free(done);
}

STORE_TEST(the_last_that_was_set_for_a_tenant_is_what_is_there)
{
	struct store *store = open_store(&small);
	struct seen seen;

	(void)kind;
	ck_assert_uint_eq(look_at_all(store).n, 0);
	set(store, "a", "{\"weight\":1}");
	set(store, "b", "{}");
	set(store, "a", "{\"weight\":2}");
	seen = look_at_all(store);
	ck_assert_uint_eq(seen.n, 2);
	ck_assert_ptr_nonnull(strstr(seen.text, "a={\"weight\":2};"));
	ck_assert_ptr_nonnull(strstr(seen.text, "b={};"));
	set(store, "a", NULL);
	set(store, "nobody", NULL);
	ck_assert_str_eq(look_at_all(store).text, "b={};");
	store_close(store);
}

STORE_TEST(who_looks_at_tenants_may_stop)
{
	struct store *store = open_store(&small);
	struct seen seen = {.stop_with = -ECANCELED};

	(void)kind;
	set(store, "a", "1");
	set(store, "b", "2");
	ck_assert_int_eq(store_tenants(store, see, &seen), -ECANCELED);
	ck_assert_uint_eq(seen.n, 1);
	store_close(store);
}

/* In one group: the job must be there as well as the settings. */
STORE_TEST(what_is_set_goes_together_with_jobs)
{
	CLEANUP(job_unrefp) struct job *job = new_job(0);
	struct store *store = open_store(&small);
	struct pen_chan *done = new_done();
	struct store_op *op = new_op(STORE_ACCEPT, job, JOB_QUEUED, done);

	(void)kind;
	op->with = store_tenant_op_new("a", "x");
	ck_assert_int_eq(store_submit(NULL, store, op), 0);
	ck_assert_int_eq(come_back(done), 0);
	assert_state(store, &job->id, JOB_QUEUED);
	ck_assert_str_eq(look_at_all(store).text, "a=x;");
	pen_chan_free(done);
	store_close(store);
}

static void survives(enum kind kind)
{
	struct store *store = open_store(&small);

	(void)kind;
	set(store, "a", "{\"weight\":2}");
	store_close(store);
	store = open_store(&small);
	ck_assert_str_eq(look_at_all(store).text, "a={\"weight\":2};");
	store_close(store);
}

START_TEST(what_is_set_is_there_when_the_store_is_opened_again)
{
	begin(1);
	crew_run_place(TWO_LOOPS, survives);
	remove_store_folder();
}
END_TEST

static size_t before(struct store *store, const struct job *job)
{
	size_t jobs = 99;

	ck_assert_int_eq(store_count_before(store, job->tenant, job->priority, job->sequence, &jobs), 0);
	return jobs;
}

static void counts(enum kind kind)
{
	struct store *store = open_store(&small);
	struct job *jobs[6];

	(void)kind;
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
		jobs[i] = new_job(i % 2 ? 3 : 4);
		record(store, STORE_ACCEPT, jobs[i], JOB_QUEUED);
	}
	ck_assert_uint_eq(before(store, jobs[0]), 0);
	ck_assert_uint_eq(before(store, jobs[4]), 2);
	record(store, STORE_CHANGE, jobs[0], JOB_RUNNING);
	ck_assert_uint_eq(before(store, jobs[4]), 1);
	ck_assert_uint_eq(before(store, jobs[5]), 2);
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		job_unref(jobs[i]);
	store_close(store);
}

START_TEST(those_before_a_job_are_the_queued_ones_of_its_line)
{
	begin(1);
	crew_run_place(TWO_LOOPS, counts);
	remove_store_folder();
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("store_tenants");

	tcase_add_store_test(tcase, the_last_that_was_set_for_a_tenant_is_what_is_there);
	tcase_add_store_test(tcase, who_looks_at_tenants_may_stop);
	tcase_add_store_test(tcase, what_is_set_goes_together_with_jobs);
	tcase_add_test(tcase, what_is_set_is_there_when_the_store_is_opened_again);
	tcase_add_test(tcase, those_before_a_job_are_the_queued_ones_of_its_line);
	return unit_run("store_tenants", tcase);
}
