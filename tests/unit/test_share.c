/* test_share.c - fair share: by weight at any moment, never idle while someone waits, and nothing gained by going away. */
#include "core/share.h"

#include "base/cleanup.h"
#include "seeded.h"
#include "unit.h"

enum { RUNNERS = 12, TURNS = 140000 };

/* Runners with their weights, the turns they had, and whether they take part. */
static struct trial {
	struct share share;
	struct share_runner runners[RUNNERS];
	uint64_t turns[RUNNERS];
	bool in[RUNNERS];
} trial;

static void join(size_t i)
{
	if (share_join(&trial.share, &trial.runners[i]) != 0)
		ck_abort_msg("no memory to join");
	trial.in[i] = true;
}

static void leave(size_t i)
{
	share_leave(&trial.share, &trial.runners[i]);
	trial.in[i] = false;
}

static void begin(const uint32_t *weights, size_t n)
{
	trial = (struct trial){0};
	for (size_t i = 0; i < n; i++) {
		share_runner_init(&trial.runners[i], weights[i]);
		join(i);
	}
}

static void end(void)
{
	share_fini(&trial.share);
}

/* Who had it; it must be one who takes part. */
static size_t turn(void)
{
	struct share_runner *runner = share_next(&trial.share);
	size_t i = (size_t)(runner - trial.runners);

	if (!runner || !trial.in[i])
		ck_abort_msg("a turn went to nobody, or to one who takes no part");
	trial.turns[i]++;
	return i;
}

static const uint32_t few[] = {1, 3, 10}, equal[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
		      extreme[] = {1, 1000}, primes[] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 997};

static const struct weights {
	const uint32_t *of;
	size_t n;
} all_weights[] = {
	{few,     ARRAY_LEN(few)    },
	{equal,   ARRAY_LEN(equal)  },
	{extreme, ARRAY_LEN(extreme)},
	{primes,  ARRAY_LEN(primes) },
};

static double sum_of(const struct weights *weights)
{
	double sum = 0;

	for (size_t i = 0; i < weights->n; i++)
		sum += weights->of[i];
	return sum;
}

START_TEST(turns_are_by_weight_within_3_percent)
{
	const struct weights *weights = &all_weights[_i];

	begin(weights->of, weights->n);
	for (int n = 0; n < TURNS; n++)
		turn();
	for (size_t i = 0; i < weights->n; i++) {
		double due = TURNS * weights->of[i] / sum_of(weights);

		ck_assert_msg((double)trial.turns[i] > 0.97 * due && (double)trial.turns[i] < 1.03 * due,
			"weight %u: %llu turns instead of %f", weights->of[i],
			(unsigned long long)trial.turns[i], due);
	}
	end();
}
END_TEST

/* Not only in the long run: nobody is ever more than a round of single turns off. */
START_TEST(turns_are_by_weight_at_any_moment)
{
	const struct weights *weights = &all_weights[_i];

	begin(weights->of, weights->n);
	for (int n = 1; n <= 20000; n++) {
		turn();
		for (size_t i = 0; i < weights->n; i++) {
			double due = n * weights->of[i] / sum_of(weights), had = (double)trial.turns[i];

			if (had - due > (double)weights->n || due - had > (double)weights->n)
				ck_abort_msg("weight %u: %f turns of %d instead of %f", weights->of[i], had,
					n, due);
		}
	}
	end();
}
END_TEST

START_TEST(turns_are_by_weight_still_after_decades)
{
	begin(few, ARRAY_LEN(few));
	for (size_t i = 0; i < ARRAY_LEN(few); i++)
		leave(i);
	trial.share.now = (INT64_C(1) << 62) + (INT64_C(1) << 61);
	for (size_t i = 0; i < ARRAY_LEN(few); i++)
		join(i);
	for (int n = 0; n < 14000; n++)
		turn();
	for (size_t i = 0; i < ARRAY_LEN(few); i++) {
		ck_assert_uint_gt(trial.turns[i], 970 * few[i]);
		ck_assert_uint_lt(trial.turns[i], 1030 * few[i]);
	}
	end();
}
END_TEST

START_TEST(a_turn_is_wasted_only_when_nobody_takes_part)
{
	uint64_t random = 11;
	size_t n_in = 0, none = 0;

	begin(equal, 0);
	for (size_t i = 0; i < RUNNERS; i++)
		share_runner_init(&trial.runners[i], 1 + (uint32_t)seeded_below(&random, 1000));
	for (int n = 0; n < TURNS; n++) {
		size_t i = seeded_below(&random, RUNNERS);

		n_in -= trial.in[i];
		if (seeded_below(&random, 10) < (n / 10000 % 2 ? 2 : 7))
			join(i); /* also one who is in */
		else
			leave(i); /* also one who is out */
		n_in += trial.in[i];
		if (n_in > 0) {
			turn();
			continue;
		}
		none++;
		if (share_next(&trial.share))
			ck_abort_msg("a turn went to one who takes no part");
	}
	ck_assert_uint_gt(none, 100);
	ck_assert_uint_lt(none, TURNS / 2);
	end();
}
END_TEST

START_TEST(one_alone_has_every_turn)
{
	begin(few, 1);
	for (int n = 0; n < 1000; n++)
		ck_assert_uint_eq(turn(), 0);
	end();
}
END_TEST

START_TEST(to_join_and_to_leave_twice_is_once)
{
	begin(few, 2);
	join(0);
	ck_assert_uint_eq(trial.share.ready.len, 2);
	leave(0);
	leave(0);
	for (int n = 0; n < 100; n++)
		ck_assert_uint_eq(turn(), 1);
	leave(1);
	ck_assert_ptr_null(share_next(&trial.share));
	end();
}
END_TEST

START_TEST(one_who_was_away_has_saved_up_nothing)
{
	begin(equal, 3);
	leave(0);
	for (int n = 0; n < 10000; n++)
		turn();
	join(0);
	for (int n = 0; n < 300; n++)
		turn();
	ck_assert_uint_ge(trial.turns[0], 99);
	ck_assert_uint_le(trial.turns[0], 102);
	end();
}
END_TEST

START_TEST(one_who_is_new_gets_its_share_and_no_more)
{
	begin(equal, 2);
	for (int n = 0; n < 10000; n++)
		turn();
	share_runner_init(&trial.runners[2], 1);
	join(2);
	for (int n = 0; n < 300; n++)
		turn();
	ck_assert_uint_ge(trial.turns[2], 98);
	ck_assert_uint_le(trial.turns[2], 101);
	end();
}
END_TEST

/* Whenever it goes and comes, of two equals the one who stays has no fewer turns. */
START_TEST(going_and_coming_gains_no_turns)
{
	uint64_t random = 12 + (uint64_t)_i;

	begin(equal, 2);
	for (int n = 0; n < 20000; n++) {
		if (seeded_below(&random, 10) < (uint64_t)_i) {
			leave(0);
			if (seeded(&random) % 2)
				join(0);
		} else {
			join(0);
		}
		turn();
		if (trial.turns[0] > trial.turns[1] + 1)
			ck_abort_msg("after %d turns %llu for the one who goes and comes", n,
				(unsigned long long)trial.turns[0]);
	}
	ck_assert_uint_gt(trial.turns[0], 0);
	end();
}
END_TEST

/* As a tenant is whose only job has ended, and who then has another. */
START_TEST(to_be_forgotten_and_come_back_gains_no_turns)
{
	begin(few, 2); /* the one of weight 1 */
	for (int n = 1; n <= 4000; n++) {
		if (turn() != 0)
			continue;
		leave(0);
		share_runner_init(&trial.runners[0], 1);
		join(0);
	}
	ck_assert_uint_ge(trial.turns[0], 970);
	ck_assert_uint_le(trial.turns[0], 1001);
	end();
}
END_TEST

/* There is always one who has never had a turn; those who stay are not kept waiting for it. */
START_TEST(a_stream_of_new_ones_starves_nobody)
{
	enum { STAYING = 2, NEW = RUNNERS - STAYING };

	begin(equal, RUNNERS);
	for (int n = 0; n < 12000; n++) {
		size_t i = turn();

		if (i < STAYING)
			continue;
		leave(i);
		share_runner_init(&trial.runners[i], 1);
		join(i);
	}
	for (size_t i = 0; i < STAYING; i++)
		ck_assert_msg(trial.turns[i] >= 970, "%llu", (unsigned long long)trial.turns[i]);
	end();
}
END_TEST

START_TEST(a_new_weight_counts_from_the_next_turn_on)
{
	begin(equal, 2);
	for (int n = 0; n < 1000; n++)
		turn();
	trial.runners[0].weight = 4;
	trial.turns[0] = trial.turns[1] = 0;
	for (int n = 0; n < 1000; n++)
		turn();
	ck_assert_uint_ge(trial.turns[0], 798);
	ck_assert_uint_le(trial.turns[0], 802);
	end();
}
END_TEST

START_TEST(a_turn_that_came_to_nothing_is_not_charged)
{
	int64_t before;

	begin(equal, 2);
	for (int n = 0; n < 101; n++)
		turn();
	for (int n = 0; n < 10; n++) {
		struct share_runner *next = share_next(&trial.share);

		before = trial.share.now;
		share_give_back(&trial.share, next);
		ck_assert(!heap_has(&next->item));
		ck_assert_int_eq(next->item.key, before);
		ck_assert_int_eq(share_join(&trial.share, next), 0);
	}
	trial.turns[0] = trial.turns[1] = 0;
	for (int n = 0; n < 1000; n++)
		turn();
	ck_assert_uint_ge(trial.turns[0], 499);
	ck_assert_uint_le(trial.turns[0], 501);
	end();
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("share");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, turns_are_by_weight_within_3_percent, 0, (int)ARRAY_LEN(all_weights));
	tcase_add_loop_test(tcase, turns_are_by_weight_at_any_moment, 0, (int)ARRAY_LEN(all_weights));
	tcase_add_test(tcase, turns_are_by_weight_still_after_decades);
	tcase_add_test(tcase, a_turn_is_wasted_only_when_nobody_takes_part);
	tcase_add_test(tcase, one_alone_has_every_turn);
	tcase_add_test(tcase, to_join_and_to_leave_twice_is_once);
	tcase_add_test(tcase, one_who_was_away_has_saved_up_nothing);
	tcase_add_test(tcase, one_who_is_new_gets_its_share_and_no_more);
	tcase_add_loop_test(tcase, going_and_coming_gains_no_turns, 0, 10);
	tcase_add_test(tcase, to_be_forgotten_and_come_back_gains_no_turns);
	tcase_add_test(tcase, a_stream_of_new_ones_starves_nobody);
	tcase_add_test(tcase, a_turn_that_came_to_nothing_is_not_charged);
	tcase_add_test(tcase, a_new_weight_counts_from_the_next_turn_on);
	return unit_run("share", tcase);
}
