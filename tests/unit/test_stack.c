/* test_stack.c - stacks are apart, guarded, and clean again once they were given back. */
#define UNIT_FORKS 1
#include "lib/stack.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

enum { N = 300, BYTES = 16 << 10, DIRTY_MOST = 63 };

static struct pen__stacks stacks;
static struct pen__stack *all[N];

static void get_all(void)
{
	pen__stacks_init(&stacks, BYTES);
	for (int i = 0; i < N; i++) {
		all[i] = pen__stack_get(&stacks);
		ck_assert_ptr_nonnull(all[i]);
		memset(all[i]->base, i | 1, pen__stack_bytes(&stacks));
	}
}

static void assert_filled(int i)
{
	size_t k = 0;

	while (k < pen__stack_bytes(&stacks) && (unsigned char)all[i]->base[k] == ((i | 1) & 0xff))
		k++;
	ck_assert_uint_eq(k, pen__stack_bytes(&stacks)); /* one for all: to assert each byte takes a minute */
}

START_TEST(each_has_its_own_memory_of_at_least_the_size_asked_for)
{
	get_all();
	ck_assert_uint_ge(pen__stack_bytes(&stacks), BYTES);
	for (int i = 0; i < N; i++)
		assert_filled(i);
	pen__stacks_fini(&stacks);
}
END_TEST

START_TEST(those_in_use_stay_as_they_are_when_their_neighbours_go)
{
	get_all();
	for (int i = 0; i < N; i++)
		if (i % 5)
			pen__stack_put(&stacks, all[i]);
	for (int i = 0; i < N; i += 5)
		assert_filled(i);
	pen__stacks_fini(&stacks);
}
END_TEST

/* Each has been written to, so one that is all zero has been given to the system since. */
static bool is_clean(const struct pen__stack *stack)
{
	for (size_t k = 0; k < pen__stack_bytes(&stacks); k++)
		if (stack->base[k])
			return false;
	return true;
}

START_TEST(the_memory_of_all_but_a_batch_goes_back_in_whatever_order_they_come)
{
	int dirty = 0;

	get_all();
	for (int i = 0; i < N; i++)
		pen__stack_put(&stacks, all[i * 7 % N]);
	for (int i = 0; i < N; i++) {
		all[i] = pen__stack_get(&stacks);
		dirty += !is_clean(all[i]);
	}
	ck_assert_int_le(dirty, DIRTY_MOST);
	pen__stacks_fini(&stacks);
}
END_TEST

static void assert_guarded(const struct pen__stack *stack)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0});
		if (freopen("/dev/null", "w", stderr)) /* where a sanitizer would tell */
			*(volatile char *)(stack->base - 1) = 1;
		_exit(EXIT_SUCCESS);
	}
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(status != 0, "the page below a stack can be written to");
}

START_TEST(a_guard_lies_below_each_also_when_it_was_given_back)
{
	get_all();
	assert_guarded(all[0]);
	assert_guarded(all[N - 1]);
	for (int i = 0; i < N; i++)
		pen__stack_put(&stacks, all[i]);
	for (int i = 0; i < N; i += N / 6)
		assert_guarded(all[i]);
	pen__stacks_fini(&stacks);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("stack");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, each_has_its_own_memory_of_at_least_the_size_asked_for);
	tcase_add_test(tcase, those_in_use_stay_as_they_are_when_their_neighbours_go);
	tcase_add_test(tcase, the_memory_of_all_but_a_batch_goes_back_in_whatever_order_they_come);
	tcase_add_test(tcase, a_guard_lies_below_each_also_when_it_was_given_back);
	return unit_run("stack", tcase);
}
