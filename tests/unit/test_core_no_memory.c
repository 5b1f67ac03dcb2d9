/*
 * test_core_no_memory.c - every allocation of base and core may fail: it says so, changes nothing and leaves
 * nothing behind.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/heap.h"
#include "core/command.h"
#include "core/job.h"
#include "core/result.h"
#include "core/share.h"
#include "scarce.h"
#include "unit.h"

enum { ITEMS = 40 };

static int fill_buf(void *arg)
{
	CLEANUP(buf_fini) struct buf buf = {0};
	size_t before = 0;
	int r = 0;

	for (int i = 0; i < ITEMS && r == 0; i++) {
		before = buf.len;
		r = i % 2 ? buf_add(&buf, arg, strlen(arg)) : buf_addf(&buf, "%s%1000d", (char *)arg, i);
	}
	if (r < 0 && (buf.error != r || buf.len != before || buf_add(&buf, "", 0) != r))
		return -EPROTO;
	if (r < 0 && buf.data && (buf.data[buf.len] || buf_take(&buf, &before)))
		return -EPROTO;
	return r;
}

static int take_buf(void *arg)
{
	CLEANUP(buf_fini) struct buf buf = {0};
	CLEANUP(freep) char *taken = NULL;
	size_t bytes;

	(void)arg;
	taken = buf_take(&buf, &bytes);
	return taken ? 0 : -ENOMEM;
}

START_TEST(a_buffer_grows_or_stays_as_it_is)
{
	scarce_try(fill_buf, "some text");
	scarce_try(take_buf, NULL);
}
END_TEST

static int fill_heap(void *arg)
{
	struct heap_item items[ITEMS];
	struct heap heap = {0};
	size_t n = 0, popped = 0;
	int r = 0;

	(void)arg;
	for (; n < ITEMS; n++) {
		heap_item_init(&items[n]);
		items[n].key = (int64_t)(n * 7 % ITEMS);
		r = heap_push(&heap, &items[n]);
		if (r < 0)
			break;
	}
	if (r < 0 && heap_has(&items[n]))
		r = -EPROTO;
	while (heap_pop(&heap))
		popped++;
	heap_fini(&heap);
	return popped == n ? r : -EPROTO;
}

START_TEST(an_item_is_in_the_heap_or_is_not)
{
	scarce_try(fill_heap, NULL);
}
END_TEST

/* Those who are in have their turns, and only they. */
static int share_turns(void *arg)
{
	struct share_runner runners[ITEMS];
	struct share share = {0};
	size_t n = 0, turns = 0;
	int r = 0;

	(void)arg;
	for (; n < ITEMS; n++) {
		share_runner_init(&runners[n], 1);
		r = share_join(&share, &runners[n]);
		if (r < 0)
			break;
	}
	while (turns < n && share_next(&share) < &runners[n])
		turns++;
	if (r < 0) {
		share_leave(&share, &runners[n]);
		r = heap_has(&runners[n].item) ? -EPROTO : r;
	}
	share_fini(&share);
	return turns == n ? r : -EPROTO;
}

START_TEST(one_who_cannot_join_disturbs_nobody)
{
	scarce_try(share_turns, NULL);
}
END_TEST

static int make_attempts(void *arg)
{
	CLEANUP(progress_fini) struct progress progress = {0}, copy = {0};
	int r = 0;

	(void)arg;
	for (uint32_t n = 1; n <= ITEMS && r == 0; n++) {
		r = progress_started(&progress, n);
		if (r < 0 && (progress.attempts != n - 1 || progress.n_kept != n - 1))
			return -EPROTO;
		progress_ended(&progress, n, "code", "message");
	}
	if (r == 0)
		r = progress_copy(&copy, &progress);
	if (r < 0 && (copy.kept || copy.attempts))
		return -EPROTO;
	return r;
}

START_TEST(an_attempt_is_noted_and_copied_whole_or_not_at_all)
{
	scarce_try(make_attempts, NULL);
}
END_TEST

static int make_job(void *arg)
{
	CLEANUP(job_unrefp) struct job *job = job_new(JOB_HTTP);

	(void)arg;
	return job ? 0 : -ENOMEM;
}

static int make_result(void *arg)
{
	static const struct uuid id = {0};
	CLEANUP(result_unrefp) struct result *result = result_new(&id, JOB_FAILED, 1, arg, strlen(arg));

	return result ? 0 : -ENOMEM;
}

static int make_argv(void *arg)
{
	struct command_def def = {
		.exec = "/bin/c", .args = (char *[]){arg, "x{a}", NULL}
        };
	struct command_arg args[] = {
		{"a", "value"}
        };
	const struct command_spec spec = {.args = args, .n_args = 1};
	CLEANUP(freep) char **argv = command_argv(&def, &spec);

	return argv ? 0 : -ENOMEM;
}

START_TEST(jobs_results_and_arguments_are_made_or_are_not)
{
	scarce_try(make_job, NULL);
	scarce_try(make_result, "{}");
	scarce_try(make_argv, "{a}");
}
END_TEST

int main(void)
{
	TCase *tcase;

	if (scarce_is_skipped())
		return EXIT_SUCCESS;
	tcase = tcase_create("core_no_memory");
	tcase_add_test(tcase, a_buffer_grows_or_stays_as_it_is);
	tcase_add_test(tcase, an_item_is_in_the_heap_or_is_not);
	tcase_add_test(tcase, one_who_cannot_join_disturbs_nobody);
	tcase_add_test(tcase, an_attempt_is_noted_and_copied_whole_or_not_at_all);
	tcase_add_test(tcase, jobs_results_and_arguments_are_made_or_are_not);
	return unit_run("core_no_memory", tcase);
}
