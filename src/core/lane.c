/* lane.c - see lane.h. */
#include "core/lane.h"

#include <utlist.h>

#include "core/queue.h"

const char *lane_sort_name(enum lane_sort sort)
{
	static const char *const names[LANE_SORTS] = {
		[LANE_ENDPOINT] = "endpoint",
		[LANE_COMMAND] = "command",
		[LANE_KEY] = "key",
	};

	return names[sort];
}

bool lane_has_room(const struct lane *lane)
{
	return lane->running < lane->limit;
}

void lane_enter(struct lane *lane)
{
	lane->running++;
}

void lane_leave(struct lane *lane)
{
	lane->running--;
}

bool lane_idle(const struct lane *lane)
{
	return lane->running == 0 && !lane->lines;
}

void lane_line_init(struct lane_line *line, struct lane *lane)
{
	*line = (struct lane_line){.lane = lane};
	DL_APPEND(lane->lines, line);
}

void lane_line_fini(struct lane_line *line)
{
	DL_DELETE(line->lane->lines, line);
	heap_fini(&line->aside);
}

bool lane_line_idle(const struct lane_line *line)
{
	return line->aside.len == 0 && !line->out;
}

/* 2^59 nanoseconds are 18 years. */
int64_t lane_rank(int priority, uint64_t turn)
{
	return (int64_t)(PRIORITIES - 1 - priority) << 59 | (int64_t)turn;
}

int lane_set_aside(struct lane_line *line, struct heap_item *item)
{
	return heap_push(&line->aside, item);
}

void lane_remove(struct lane_line *line, struct heap_item *item)
{
	heap_remove(&line->aside, item);
}

struct heap_item *lane_offer(struct lane_line *line)
{
	struct heap_item *item = !line->out && lane_has_room(line->lane) ? heap_pop(&line->aside) : NULL;

	line->out = line->out || item;
	return item;
}

void lane_offer_this(struct lane_line *line, struct heap_item *item)
{
	heap_remove(&line->aside, item);
	line->out = true;
}
