/* test_mutex.c - the mutex and the read-write mutex: who holds, who is next. */
#define UNIT_FORKS 1
#include <errno.h>
#include <penstock/mutex.h>
#include <signal.h>
#include <string.h>

#include "crew.h"

enum { MEMBERS = 6, ROUNDS = 300 };

/* Which names came to hold the lock, in order: for TASK_TESTs, where everything happens on one thread. */
struct diary {
	struct pen_mutex *mutex;
	struct pen_rwmutex *rwmutex;
	size_t n;
	char names[16];
};

/* A lower-case name reads, an upper-case one writes. */
struct visitor {
	struct diary *diary;
	char name;
	struct pen_ctx *ctx;
	int result;
};

static void note(struct visitor *visitor)
{
	if (visitor->result == 0)
		visitor->diary->names[visitor->diary->n++] = visitor->name;
}

static void come_to_mutex(void *arg)
{
	struct visitor *visitor = arg;

	visitor->result = pen_mutex_lock(visitor->ctx, visitor->diary->mutex);
	note(visitor);
}

static void come_to_rwmutex(void *arg)
{
	struct visitor *visitor = arg;
	bool writes = visitor->name < 'a';

	visitor->result =
		(writes ? pen_rwmutex_lock : pen_rwmutex_rlock)(visitor->ctx, visitor->diary->rwmutex);
	note(visitor);
}

static void queue_up(struct visitor *visitor)
{
	ck_assert_int_eq(pen_go(visitor->diary->mutex ? come_to_mutex : come_to_rwmutex, visitor), 0);
	let_others_park();
}

KIND_TEST(a_held_mutex_is_not_had_by_trying)
{
	struct pen_mutex *mutex = pen_mutex_new();

	ck_assert_int_eq(pen_mutex_try_lock(mutex), 0);
	ck_assert_int_eq(pen_mutex_try_lock(mutex), -EAGAIN);
	pen_mutex_unlock(mutex);
	ck_assert_int_eq(pen_mutex_lock(NULL, mutex), 0);
	pen_mutex_unlock(mutex);
	pen_mutex_free(mutex);
	pen_mutex_free(NULL);
}

KIND_TEST(a_wait_for_a_mutex_ends_with_its_context)
{
	struct pen_mutex *mutex = pen_mutex_new();
	struct pen_ctx *ended = ctx_canceled(), *late = ctx_soon_late();

	ck_assert_int_eq(pen_mutex_lock(ended, mutex), -ECANCELED);
	ck_assert_int_eq(pen_mutex_lock(NULL, mutex), 0);
	ck_assert_int_eq(pen_mutex_lock(late, mutex), -ETIMEDOUT);
	pen_mutex_unlock(mutex);
	ck_assert_int_eq(pen_mutex_try_lock(mutex), 0);
	pen_mutex_unlock(mutex);
	pen_mutex_free(mutex);
	pen_ctx_unref(ended);
	pen_ctx_unref(late);
}

TASK_TEST(a_mutex_is_handed_on_in_order_of_arrival)
{
	struct diary diary = {.mutex = pen_mutex_new()};
	struct visitor a = {&diary, 'a', NULL, 0}, b = {&diary, 'b', NULL, 0}, c = {&diary, 'c', NULL, 0};

	ck_assert_int_eq(pen_mutex_lock(NULL, diary.mutex), 0);
	queue_up(&a);
	queue_up(&b);
	queue_up(&c);
	for (int i = 0; i < 3; i++) {
		pen_mutex_unlock(diary.mutex);
		/* it has an owner already: nobody slips in between */
		ck_assert_int_eq(pen_mutex_try_lock(diary.mutex), -EAGAIN);
		let_others_park();
	}
	ck_assert_str_eq(diary.names, "abc");
	pen_mutex_unlock(diary.mutex);
	pen_mutex_free(diary.mutex);
}

TASK_TEST(a_canceled_waiter_is_passed_over)
{
	struct diary diary = {.mutex = pen_mutex_new()};
	struct visitor a = {&diary, 'a', NULL, 0}, b = {&diary, 'b', NULL, 0};

	ck_assert_int_eq(pen_ctx_with_cancel(&a.ctx, NULL), 0);
	ck_assert_int_eq(pen_mutex_lock(NULL, diary.mutex), 0);
	queue_up(&a);
	queue_up(&b);
	pen_ctx_cancel(a.ctx, NULL);
	pen_mutex_unlock(diary.mutex); /* while a is still in line */
	let_others_park();
	ck_assert_int_eq(a.result, -ECANCELED);
	ck_assert_str_eq(diary.names, "b");
	pen_mutex_unlock(diary.mutex);
	pen_ctx_unref(a.ctx);
	pen_mutex_free(diary.mutex);
}

TASK_TEST(one_handed_the_mutex_before_its_context_ends_holds_it)
{
	struct diary diary = {.mutex = pen_mutex_new()};
	struct visitor a = {&diary, 'a', NULL, -1};

	ck_assert_int_eq(pen_ctx_with_cancel(&a.ctx, NULL), 0);
	ck_assert_int_eq(pen_mutex_lock(NULL, diary.mutex), 0);
	queue_up(&a);
	pen_mutex_unlock(diary.mutex);
	pen_ctx_cancel(a.ctx, NULL);
	let_others_park();
	ck_assert_int_eq(a.result, 0);
	ck_assert_int_eq(pen_mutex_try_lock(diary.mutex), -EAGAIN);
	pen_mutex_unlock(diary.mutex);
	pen_ctx_unref(a.ctx);
	pen_mutex_free(diary.mutex);
}

struct guarded {
	struct pen_mutex *mutex;
	struct pen_rwmutex *rwmutex;
	long value, mirror;
};

static void add_under_mutex(void *arg)
{
	struct guarded *guarded = arg;

	for (int i = 0; i < ROUNDS; i++) {
		long before;

		ck_assert_int_eq(pen_mutex_lock(NULL, guarded->mutex), 0);
		before = guarded->value;
		pen_yield();
		guarded->value = before + 1;
		pen_mutex_unlock(guarded->mutex);
	}
}

KIND_TEST(one_at_a_time_holds_a_mutex)
{
	struct guarded guarded = {.mutex = pen_mutex_new()};
	struct crew crew;

	crew_init(&crew, kind);
	for (int i = 0; i < MEMBERS; i++)
		crew_go(&crew, add_under_mutex, &guarded);
	crew_join(&crew);
	ck_assert_int_eq(guarded.value, MEMBERS * ROUNDS);
	pen_mutex_free(guarded.mutex);
}

START_TEST(unlocking_a_free_mutex_aborts)
{
	pen_mutex_unlock(pen_mutex_new());
}
END_TEST

START_TEST(freeing_a_held_mutex_aborts)
{
	struct pen_mutex *mutex = pen_mutex_new();

	ck_assert_int_eq(pen_mutex_lock(NULL, mutex), 0);
	pen_mutex_free(mutex);
}
END_TEST

KIND_TEST(many_read_or_one_writes)
{
	struct pen_rwmutex *rwmutex = pen_rwmutex_new();

	ck_assert_int_eq(pen_rwmutex_rlock(NULL, rwmutex), 0);
	ck_assert_int_eq(pen_rwmutex_try_rlock(rwmutex), 0);
	ck_assert_int_eq(pen_rwmutex_try_lock(rwmutex), -EAGAIN);
	pen_rwmutex_runlock(rwmutex);
	ck_assert_int_eq(pen_rwmutex_try_lock(rwmutex), -EAGAIN);
	pen_rwmutex_runlock(rwmutex);
	ck_assert_int_eq(pen_rwmutex_lock(NULL, rwmutex), 0);
	ck_assert_int_eq(pen_rwmutex_try_rlock(rwmutex), -EAGAIN);
	ck_assert_int_eq(pen_rwmutex_try_lock(rwmutex), -EAGAIN);
	pen_rwmutex_unlock(rwmutex);
	pen_rwmutex_free(rwmutex);
	pen_rwmutex_free(NULL);
}

KIND_TEST(waits_for_a_read_write_mutex_end_with_their_context)
{
	struct pen_rwmutex *rwmutex = pen_rwmutex_new();
	struct pen_ctx *ended = ctx_canceled(), *late = ctx_soon_late();

	ck_assert_int_eq(pen_rwmutex_rlock(ended, rwmutex), -ECANCELED);
	ck_assert_int_eq(pen_rwmutex_lock(NULL, rwmutex), 0);
	ck_assert_int_eq(pen_rwmutex_rlock(late, rwmutex), -ETIMEDOUT);
	ck_assert_int_eq(pen_rwmutex_lock(late, rwmutex), -ETIMEDOUT);
	pen_rwmutex_unlock(rwmutex);
	pen_rwmutex_free(rwmutex);
	pen_ctx_unref(ended);
	pen_ctx_unref(late);
}

TASK_TEST(readers_behind_a_writer_wait_and_enter_together_after_it)
{
	struct diary diary = {.rwmutex = pen_rwmutex_new()};
	struct visitor w = {&diary, 'W', NULL, 0}, a = {&diary, 'a', NULL, 0}, b = {&diary, 'b', NULL, 0},
		       x = {&diary, 'X', NULL, 0}, c = {&diary, 'c', NULL, 0};

	ck_assert_int_eq(pen_rwmutex_rlock(NULL, diary.rwmutex), 0);
	queue_up(&w);
	queue_up(&a);
	queue_up(&b);
	queue_up(&x);
	queue_up(&c);
	ck_assert_int_eq(pen_rwmutex_try_rlock(diary.rwmutex), -EAGAIN);
	pen_rwmutex_runlock(diary.rwmutex);
	let_others_park();
	ck_assert_str_eq(diary.names, "W");
	pen_rwmutex_unlock(diary.rwmutex);
	let_others_park();
	ck_assert_str_eq(diary.names, "Wab");
	pen_rwmutex_runlock(diary.rwmutex);
	let_others_park();
	ck_assert_str_eq(diary.names, "Wab");
	pen_rwmutex_runlock(diary.rwmutex);
	let_others_park();
	ck_assert_str_eq(diary.names, "WabX");
	pen_rwmutex_unlock(diary.rwmutex);
	let_others_park();
	ck_assert_str_eq(diary.names, "WabXc");
	pen_rwmutex_runlock(diary.rwmutex);
	pen_rwmutex_free(diary.rwmutex);
}

TASK_TEST(a_canceled_writer_lets_in_the_readers_behind_it)
{
	struct diary diary = {.rwmutex = pen_rwmutex_new()};
	struct visitor w = {&diary, 'W', NULL, 0}, a = {&diary, 'a', NULL, 0}, b = {&diary, 'b', NULL, 0};

	ck_assert_int_eq(pen_ctx_with_cancel(&w.ctx, NULL), 0);
	ck_assert_int_eq(pen_rwmutex_rlock(NULL, diary.rwmutex), 0);
	queue_up(&w);
	queue_up(&a);
	queue_up(&b);
	pen_ctx_cancel(w.ctx, NULL);
	let_others_park();
	ck_assert_int_eq(w.result, -ECANCELED);
	ck_assert_str_eq(diary.names, "ab");
	for (int i = 0; i < 3; i++)
		pen_rwmutex_runlock(diary.rwmutex);
	pen_ctx_unref(w.ctx);
	pen_rwmutex_free(diary.rwmutex);
}

static void write_both(void *arg)
{
	struct guarded *guarded = arg;

	for (int i = 0; i < ROUNDS; i++) {
		ck_assert_int_eq(pen_rwmutex_lock(NULL, guarded->rwmutex), 0);
		guarded->value++;
		pen_yield();
		guarded->mirror++;
		pen_rwmutex_unlock(guarded->rwmutex);
	}
}

static void read_both(void *arg)
{
	struct guarded *guarded = arg;

	for (int i = 0; i < ROUNDS; i++) {
		ck_assert_int_eq(pen_rwmutex_rlock(NULL, guarded->rwmutex), 0);
		if (guarded->value != guarded->mirror)
			ck_abort_msg("a reader saw half a write");
		pen_yield();
		pen_rwmutex_runlock(guarded->rwmutex);
	}
}

KIND_TEST(no_reader_sees_half_a_write)
{
	struct guarded guarded = {.rwmutex = pen_rwmutex_new()};
	struct crew crew;

	crew_init(&crew, kind);
	for (int i = 0; i < MEMBERS; i++)
		crew_go(&crew, i % 3 ? read_both : write_both, &guarded);
	crew_join(&crew);
	ck_assert_int_eq(guarded.value, MEMBERS / 3 * ROUNDS);
	pen_rwmutex_free(guarded.rwmutex);
}

START_TEST(unlocking_for_a_writer_what_a_reader_holds_aborts)
{
	struct pen_rwmutex *rwmutex = pen_rwmutex_new();

	ck_assert_int_eq(pen_rwmutex_rlock(NULL, rwmutex), 0);
	pen_rwmutex_unlock(rwmutex);
}
END_TEST

START_TEST(unlocking_for_a_reader_what_a_writer_holds_aborts)
{
	struct pen_rwmutex *rwmutex = pen_rwmutex_new();

	ck_assert_int_eq(pen_rwmutex_lock(NULL, rwmutex), 0);
	pen_rwmutex_runlock(rwmutex);
}
END_TEST

START_TEST(unlocking_a_free_one_for_a_reader_aborts)
{
	pen_rwmutex_runlock(pen_rwmutex_new());
}
END_TEST

START_TEST(freeing_a_held_read_write_mutex_aborts)
{
	struct pen_rwmutex *rwmutex = pen_rwmutex_new();

	ck_assert_int_eq(pen_rwmutex_rlock(NULL, rwmutex), 0);
	pen_rwmutex_free(rwmutex);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("mutex");

	tcase_add_kind_test(tcase, a_held_mutex_is_not_had_by_trying);
	tcase_add_kind_test(tcase, a_wait_for_a_mutex_ends_with_its_context);
	tcase_add_test(tcase, a_mutex_is_handed_on_in_order_of_arrival);
	tcase_add_test(tcase, a_canceled_waiter_is_passed_over);
	tcase_add_test(tcase, one_handed_the_mutex_before_its_context_ends_holds_it);
	tcase_add_kind_test(tcase, one_at_a_time_holds_a_mutex);
	tcase_add_abort_test(tcase, unlocking_a_free_mutex_aborts);
	tcase_add_abort_test(tcase, freeing_a_held_mutex_aborts);
	tcase_add_kind_test(tcase, many_read_or_one_writes);
	tcase_add_kind_test(tcase, waits_for_a_read_write_mutex_end_with_their_context);
	tcase_add_test(tcase, readers_behind_a_writer_wait_and_enter_together_after_it);
	tcase_add_test(tcase, a_canceled_writer_lets_in_the_readers_behind_it);
	tcase_add_kind_test(tcase, no_reader_sees_half_a_write);
	tcase_add_abort_test(tcase, unlocking_for_a_writer_what_a_reader_holds_aborts);
	tcase_add_abort_test(tcase, unlocking_for_a_reader_what_a_writer_holds_aborts);
	tcase_add_abort_test(tcase, unlocking_a_free_one_for_a_reader_aborts);
	tcase_add_abort_test(tcase, freeing_a_held_read_write_mutex_aborts);
	return crew_run_suite("mutex", tcase);
}
