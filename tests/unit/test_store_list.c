/* test_store_list.c - pages of jobs, as every kind of store gives them. */
#define UNIT_FORKS 1
#include <errno.h>

#include "store/list.h"
#include "store_kinds.h"

enum { JOBS = 25 };

static const struct store_query all = {.kind = JOB_KINDS, .below = STORE_NEWEST, .jobs_max = STORE_PAGE_MAX};

/* Jobs on record, the number of each as its priority; tens of them by tenant. */
static void put_on_record(struct store *store, struct job **jobs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		jobs[i] = new_job((int)(i % 10));
		if (i >= 10) {
			free(jobs[i]->tenant);
			jobs[i]->tenant = strdup(i < 20 ? "ten" : "twenty");
		}
		record(store, STORE_ACCEPT, jobs[i], JOB_QUEUED);
	}
}

static void drop(struct job **jobs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		job_unref(jobs[i]);
}

static struct store_page list(struct store *store, const struct store_query *query)
{
	struct store_page page;

	ck_assert_int_eq(store_list(store, query, &page), 0);
	return page;
}

/* The page must be these jobs, from the last to the first; gives where the next begins. */
static int64_t assert_page(
	struct store *store, const struct store_query *query, struct job *const *jobs, size_t n)
{
	CLEANUP(store_page_fini) struct store_page page = list(store, query);

	ck_assert_uint_eq(page.n, n);
	for (size_t i = 0; i < n; i++)
		ck_assert(uuid_equal(&page.records[i].job->id, &jobs[n - 1 - i]->id));
	return page.next;
}

STORE_TEST(jobs_are_listed_from_the_newest_to_the_oldest)
{
	struct store *store = open_store(&small);
	struct job *jobs[JOBS];

	ck_assert_int_eq(assert_page(store, &all, NULL, 0), 0);
	put_on_record(store, jobs, JOBS);
	ck_assert_int_eq(assert_page(store, &all, jobs, JOBS), 0);
	store_close(store);
	drop(jobs, JOBS);
}

STORE_TEST(pages_go_on_where_the_last_one_ended_though_jobs_come_in)
{
	struct store *store = open_store(&small);
	struct store_query query = all;
	struct job *jobs[JOBS];

	put_on_record(store, jobs, 20);
	query.jobs_max = 10;
	query.below = assert_page(store, &query, jobs + 10, 10);
	ck_assert_int_gt(query.below, 0);
	put_on_record(store, jobs + 20, JOBS - 20);
	record(store, STORE_CHANGE, jobs[3], JOB_RUNNING);
	record(store, STORE_FINISH, jobs[4], JOB_FAILED);
	ck_assert_int_eq(assert_page(store, &query, jobs, 10), 0); /* a full page, and nothing is left */
	store_close(store);
	drop(jobs, JOBS);
}

STORE_TEST(a_listed_job_has_all_but_its_result)
{
	struct store *store = open_store(&small);
	CLEANUP(job_unrefp) struct job *job = new_job(7);
	CLEANUP(store_page_fini) struct store_page page = {0};

	record(store, STORE_ACCEPT, job, JOB_QUEUED);
	record(store, STORE_FINISH, job, JOB_SUCCEEDED);
	page = list(store, &all);
	ck_assert_uint_eq(page.n, 1);
	ck_assert_int_eq(page.records[0].progress.state, JOB_SUCCEEDED);
	ck_assert_int_gt(page.records[0].progress.finished_ms, 0);
	ck_assert_int_eq(page.records[0].job->priority, 7);
	ck_assert_str_eq(page.records[0].job->request, job->request);
	ck_assert_ptr_null(page.records[0].result);
	store_close(store);
}

static int has_priority(void *arg, const char *request, size_t bytes)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "\"priority\":%d,", *(int *)arg);

	return memmem(request, bytes, text, (size_t)n) != NULL;
}

static int has_no_memory(void *arg, const char *request, size_t bytes)
{
	(void)arg, (void)request, (void)bytes;
	return -ENOMEM;
}

STORE_TEST(a_list_for_which_there_is_no_memory_is_not_given)
{
	struct store *store = open_store(&small);
	struct store_query query = all;
	struct store_page page;
	struct job *jobs[JOBS];

	put_on_record(store, jobs, JOBS);
	query.wanted = has_no_memory;
	ck_assert_int_eq(store_list(store, &query, &page), -ENOMEM);
	assert_page(store, &all, jobs, JOBS);
	store_close(store);
	drop(jobs, JOBS);
}

STORE_TEST(only_what_is_asked_for_is_listed)
{
	struct store *store = open_store(&small);
	struct store_query query = all;
	struct job *jobs[JOBS], *third[3];
	int three = 3;

	put_on_record(store, jobs, JOBS);
	for (size_t i = 0; i < ARRAY_LEN(third); i++)
		third[i] = jobs[10 * i + 3];
	query.tenant = "ten";
	assert_page(store, &query, jobs + 10, 10);
	query.kind = JOB_ECHO;
	assert_page(store, &query, NULL, 0);
	query.kind = JOB_SLEEP;
	query.states = 1u << JOB_RUNNING | 1u << JOB_FAILED;
	assert_page(store, &query, NULL, 0);
	record(store, STORE_CHANGE, jobs[11], JOB_RUNNING);
	record(store, STORE_FINISH, jobs[12], JOB_FAILED);
	assert_page(store, &query, jobs + 11, 2);
	query = all;
	query.wanted = has_priority;
	query.arg = &three;
	assert_page(store, &query, third, 3);
	store_close(store);
	drop(jobs, JOBS);
}

STORE_TEST(what_is_forgotten_is_not_listed)
{
	struct store *store = open_store(&small);
	struct job *jobs[JOBS];

	clock_wall_set(NOW_MS);
	put_on_record(store, jobs, JOBS);
	for (size_t i = 0; i < 10; i++)
		record(store, STORE_FINISH, jobs[i], JOB_SUCCEEDED);
	assert_page(store, &all, jobs, JOBS);
	clock_wall_set(NOW_MS + HOUR_MS + 1); /* too old, but on record still */
	assert_page(store, &all, jobs + 10, JOBS - 10);
	record(store, STORE_FINISH, jobs[10], JOB_SUCCEEDED);
	assert_page(store, &all, jobs + 10, JOBS - 10);
	clock_wall_set(NOW_MS);
	assert_page(store, &all, jobs + 2, JOBS - 2); /* that commit has thrown two out */
	store_close(store);
	drop(jobs, JOBS);
}

/* For what is the same in every place, and takes its time. */
#define ONE_PLACE_TEST(name) CREW_TEST(name, try_store(_i *PLACES, name##_body))

#define tcase_add_one_place_test(tcase, name) tcase_add_loop_test(tcase, name, 0, (int)ARRAY_LEN(kinds))

static struct job *large_job(size_t bytes)
{
	CLEANUP(buf_fini) struct buf text = {0};
	const struct job_stamp stamp = new_stamp();
	struct job *job;

	buf_addf(&text, "{\"kind\":\"echo\",\"spec\":\"%*s\"}", (int)bytes, "x");
	ck_assert_int_eq(wire_restore_job(text.data, text.len, &stamp, &job, NULL), 0);
	return job;
}

/* `n` of them, in few commits. */
static struct store *open_with(size_t n, size_t bytes)
{
	enum { AT_ONCE = 128 };
	struct store_options options = small;
	struct pen_chan *done = new_done();
	struct store *store;

	options.queue_max = options.group_max = AT_ONCE;
	store = open_store(&options);
	for (size_t i = 1; i <= n; i++) {
		CLEANUP(job_unrefp) struct job *job = bytes ? large_job(bytes) : new_job(1);

		ck_assert_int_eq(store_submit(NULL, store, new_op(STORE_ACCEPT, job, JOB_QUEUED, done)), 0);
		for (size_t back = i % AT_ONCE == 0 ? AT_ONCE : i == n ? n % AT_ONCE : 0; back > 0; back--)
			ck_assert_int_eq(come_back(done), 0);
	}
	pen_chan_free(done);
	return store;
}

/* Nothing of it is wanted, and yet it takes so many pages. */
static void assert_pages(struct store *store, struct store_query query, size_t pages)
{
	for (size_t i = 1; i <= pages; i++) {
		CLEANUP(store_page_fini) struct store_page page = list(store, &query);

		ck_assert_uint_eq(page.n, 0);
		ck_assert_int_eq(page.next > 0, i < pages);
		query.below = page.next;
	}
}

ONE_PLACE_TEST(a_page_looks_at_so_many_jobs_at_most)
{
	struct store *store = open_with(2 * STORE_LOOK_MAX, 0);
	struct store_query query = all;
	int nine = 9;

	query.tenant = "nobody";
	assert_pages(store, query, 2);
	query.tenant = NULL;
	query.wanted = has_priority;
	query.arg = &nine;
	assert_pages(store, query, 2);
	store_close(store);
}

ONE_PLACE_TEST(a_page_looks_at_so_many_bytes_at_most)
{
	struct store *store = open_with(20, STORE_LOOK_BYTES / 10);
	struct store_query query = all;
	int nine = 9;

	query.wanted = has_priority;
	query.arg = &nine;
	assert_pages(store, query, 2);
	query = all;
	for (size_t left = 20; left > 0;) {
		CLEANUP(store_page_fini) struct store_page page = list(store, &query);

		ck_assert_uint_le(page.n, 10);
		ck_assert_uint_ge(page.n, 1);
		left -= page.n;
		ck_assert_int_eq(page.next > 0, left > 0);
		query.below = page.next;
	}
	store_close(store);
}

int main(void)
{
	TCase *tcase = tcase_create("store_list");

	tcase_add_store_test(tcase, jobs_are_listed_from_the_newest_to_the_oldest);
	tcase_add_store_test(tcase, pages_go_on_where_the_last_one_ended_though_jobs_come_in);
	tcase_add_store_test(tcase, a_listed_job_has_all_but_its_result);
	tcase_add_store_test(tcase, only_what_is_asked_for_is_listed);
	tcase_add_store_test(tcase, a_list_for_which_there_is_no_memory_is_not_given);
	tcase_add_store_test(tcase, what_is_forgotten_is_not_listed);
	if (!UNIT_SANITIZER) {
		tcase_add_one_place_test(tcase, a_page_looks_at_so_many_jobs_at_most);
		tcase_add_one_place_test(tcase, a_page_looks_at_so_many_bytes_at_most);
	}
	return crew_run_suite("store_list", tcase);
}
