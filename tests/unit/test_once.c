/* test_once.c - once is once, and nobody is through before it is done. */
#define UNIT_FORKS 1
#include <errno.h>
#include <penstock/chan.h>
#include <penstock/once.h>
#include <signal.h>

#include "crew.h"

enum { MEMBERS = 8 };

struct thing {
	struct pen_once *once;
	struct pen_chan *go_on; /* NULL: it is done at once */
	struct pen_chan *begun;
	int times, made;
};

static void make(void *arg)
{
	struct thing *thing = arg;

	thing->times++;
	if (thing->go_on)
		ck_assert_int_eq(pen_chan_recv(NULL, thing->go_on, NULL), -EPIPE);
	else
		pen_yield();
	thing->made = 1;
}

static void use(void *arg)
{
	struct thing *thing = arg;

	ck_assert_int_eq(pen_once_do(NULL, thing->once, make, thing), 0);
	ck_assert_int_eq(thing->made, 1);
}

KIND_TEST(of_many_one_does_it_and_all_see_it_done)
{
	for (int round = 0; round < 50; round++) {
		struct thing thing = {.once = pen_once_new()};
		struct crew crew;

		crew_init(&crew, kind);
		for (int i = 0; i < MEMBERS; i++)
			crew_go(&crew, use, &thing);
		crew_join(&crew);
		use(&thing);
		ck_assert_int_eq(thing.times, 1);
		pen_once_free(thing.once);
	}
	pen_once_free(NULL);
}

static void tell_and_make(void *arg)
{
	struct thing *thing = arg;

	ck_assert_int_eq(pen_chan_send(NULL, thing->begun, NULL), 0);
	make(thing);
}

static void use_told(void *arg)
{
	struct thing *thing = arg;

	ck_assert_int_eq(pen_once_do(NULL, thing->once, tell_and_make, thing), 0);
}

KIND_TEST(it_may_be_freed_by_one_who_waited_while_the_one_who_did_it_is_on_its_way_out)
{
	for (int round = 0; round < 200; round++) {
		struct thing thing = {.once = pen_once_new(), .begun = pen_chan_new(0, 0)};
		struct crew crew;

		crew_init(&crew, kind);
		crew_go(&crew, use_told, &thing);
		ck_assert_int_eq(pen_chan_recv(NULL, thing.begun, NULL), 0);
		use(&thing);
		pen_once_free(thing.once);
		crew_join(&crew);
		pen_chan_free(thing.begun);
	}
}

TASK_TEST(a_waiter_leaves_with_its_context)
{
	struct thing thing = {.once = pen_once_new(), .go_on = pen_chan_new(0, 0)};
	struct pen_ctx *ended = ctx_canceled(), *late = ctx_soon_late();

	ck_assert_int_eq(pen_go(use, &thing), 0);
	let_others_park();
	ck_assert_int_eq(pen_once_do(ended, thing.once, make, &thing), -ECANCELED);
	ck_assert_int_eq(pen_once_do(late, thing.once, make, &thing), -ETIMEDOUT);
	pen_chan_close(thing.go_on);
	ck_assert_int_eq(pen_once_do(NULL, thing.once, make, &thing), 0);
	ck_assert_int_eq(pen_once_do(ended, thing.once, make, &thing), 0);
	ck_assert_int_eq(thing.times, 1);
	let_others_park();
	pen_once_free(thing.once);
	pen_chan_free(thing.go_on);
	pen_ctx_unref(ended);
	pen_ctx_unref(late);
}

TASK_TEST(freeing_one_that_is_being_done_aborts)
{
	struct thing thing = {.once = pen_once_new(), .go_on = pen_chan_new(0, 0)};

	ck_assert_int_eq(pen_go(use, &thing), 0);
	let_others_park();
	pen_once_free(thing.once);
}

int main(void)
{
	TCase *tcase = tcase_create("once");

	tcase_add_kind_test(tcase, of_many_one_does_it_and_all_see_it_done);
	tcase_add_kind_test(
		tcase, it_may_be_freed_by_one_who_waited_while_the_one_who_did_it_is_on_its_way_out);
	tcase_add_test(tcase, a_waiter_leaves_with_its_context);
	tcase_add_abort_test(tcase, freeing_one_that_is_being_done_aborts);
	return crew_run_suite("once", tcase);
}
