/* test_lane.c - a lane: how many are in it, who is set aside, and who is offered to go on. */
#include "core/lane.h"

#include "base/cleanup.h"
#include "seeded.h"
#include "unit.h"

enum { JOBS = 12, LINES = 3, STEPS = 40000 };

static void set_aside(struct lane_line *line, struct heap_item *item, int priority, uint64_t turn)
{
	heap_item_init(item);
	item->key = lane_rank(priority, turn);
	if (lane_set_aside(line, item) != 0)
		ck_abort_msg("no memory to set it aside");
}

START_TEST(one_of_each_line_is_offered_at_a_time_and_only_where_there_is_room)
{
	struct lane lane = {.limit = 1};
	struct lane_line a, b;
	struct heap_item items[3];

	lane_enter(&lane);
	ck_assert(!lane_has_room(&lane));
	lane_line_init(&a, &lane);
	lane_line_init(&b, &lane);
	set_aside(&a, &items[0], 5, 1);
	set_aside(&a, &items[1], 5, 2);
	set_aside(&b, &items[2], 5, 3);
	ck_assert_ptr_null(lane_offer(&a));
	lane_leave(&lane);
	ck_assert(!lane_idle(&lane));
	ck_assert_ptr_eq(lane_offer(&a), &items[0]);
	ck_assert_ptr_null(lane_offer(&a));
	ck_assert_ptr_eq(lane_offer(&b), &items[2]);
	ck_assert(!lane_line_idle(&b));
	a.out = b.out = false;
	ck_assert(lane_line_idle(&b));
	lane_line_fini(&b);
	lane_remove(&a, &items[1]);
	ck_assert(lane_line_idle(&a));
	lane_line_fini(&a);
	ck_assert(lane_idle(&lane));
}
END_TEST

START_TEST(who_is_set_aside_goes_by_priority_and_then_by_turn_wherever_it_came_back)
{
	static const struct {
		int priority;
		uint64_t turn;
	} jobs[] = {
		{5, 3                },
                {0, 1                },
                {9, UINT64_C(1) << 55},
                {5, 2                },
                {9, 7                }
        };
	static const size_t order[] = {4, 2, 3, 0, 1};
	struct lane lane = {.limit = 1};
	struct lane_line line;
	struct heap_item items[ARRAY_LEN(jobs)];

	lane_line_init(&line, &lane);
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		set_aside(&line, &items[i], jobs[i].priority, jobs[i].turn);
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		struct heap_item *first = lane_offer(&line);

		ck_assert_ptr_eq(first, &items[order[i]]);
		ck_assert_int_eq(lane_set_aside(&line, first), 0);
		line.out = false;
		ck_assert_ptr_eq(lane_offer(&line), first);
		line.out = false;
	}
	lane_line_fini(&line);
}
END_TEST

START_TEST(each_sort_of_limit_has_a_name_of_its_own)
{
	ck_assert_str_eq(lane_sort_name(LANE_ENDPOINT), "endpoint");
	ck_assert_str_eq(lane_sort_name(LANE_COMMAND), "command");
	ck_assert_str_eq(lane_sort_name(LANE_KEY), "key");
}
END_TEST

/* Where a job of the trial below is. */
enum place { NOWHERE, ASIDE, OFFERED, IN };

static struct trial {
	struct lane lane;
	struct lane_line lines[LINES];
	struct heap_item items[JOBS];
	enum place places[JOBS];
	uint64_t turn;
} trial;

static void offer(struct lane_line *line)
{
	struct heap_item *item = lane_offer(line);

	if (item)
		trial.places[item - trial.items] = OFFERED;
}

static void offer_all(void)
{
	for (size_t i = 0; i < LINES; i++)
		offer(&trial.lines[i]);
}

/* Its turn has come: for the first time, or as it was offered. */
static void take_turn(size_t job)
{
	struct lane_line *line = &trial.lines[job % LINES];

	if (trial.places[job] == OFFERED)
		line->out = false;
	if (lane_has_room(&trial.lane)) {
		lane_enter(&trial.lane);
		trial.places[job] = IN;
	} else {
		set_aside(line, &trial.items[job], (int)(job % 2), ++trial.turn);
		trial.places[job] = ASIDE;
	}
	offer(line);
}

/* It has run, or it does not want to any more. */
static void go(size_t job)
{
	struct lane_line *line = &trial.lines[job % LINES];

	if (trial.places[job] == IN)
		lane_leave(&trial.lane);
	else if (trial.places[job] == ASIDE)
		lane_remove(line, &trial.items[job]);
	else
		line->out = false;
	trial.places[job] = NOWHERE;
	offer_all();
}

/* That is all right; asked for so often that it must not cost what an assertion does. */
static bool all_is_counted(void)
{
	size_t n[LINES][IN + 1] = {{0}}, in = 0;

	for (size_t job = 0; job < JOBS; job++) {
		n[job % LINES][trial.places[job]]++;
		in += trial.places[job] == IN;
	}
	for (size_t i = 0; i < LINES; i++) {
		bool for_nothing = lane_has_room(&trial.lane) && n[i][ASIDE] > 0 && n[i][OFFERED] == 0;

		if (n[i][OFFERED] > 1 || trial.lines[i].aside.len != n[i][ASIDE] || for_nothing)
			return false;
	}
	return trial.lane.running == in;
}

START_TEST(whatever_happens_no_line_is_aside_while_there_is_room_and_the_limit_holds)
{
	uint64_t seed = 7;

	trial.lane.limit = 1;
	for (size_t i = 0; i < LINES; i++)
		lane_line_init(&trial.lines[i], &trial.lane);
	for (int step = 0; step < STEPS; step++) {
		size_t job = seeded_below(&seed, JOBS);
		uint32_t before = trial.lane.running;

		if (seeded_below(&seed, 50) == 0)
			trial.lane.limit = 1 + (uint32_t)seeded_below(&seed, 4);
		if (trial.places[job] == NOWHERE || (trial.places[job] == OFFERED && step % 2))
			take_turn(job);
		else
			go(job);
		offer_all();
		if (!all_is_counted() ||
			(trial.lane.running > trial.lane.limit && trial.lane.running > before))
			ck_abort_msg("step %d is wrong", step);
	}
	for (size_t i = 0; i < LINES; i++)
		heap_fini(&trial.lines[i].aside);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("lane");

	tcase_add_test(tcase, one_of_each_line_is_offered_at_a_time_and_only_where_there_is_room);
	tcase_add_test(tcase, who_is_set_aside_goes_by_priority_and_then_by_turn_wherever_it_came_back);
	tcase_add_test(tcase, each_sort_of_limit_has_a_name_of_its_own);
	tcase_add_test(tcase, whatever_happens_no_line_is_aside_while_there_is_room_and_the_limit_holds);
	return unit_run("lane", tcase);
}
