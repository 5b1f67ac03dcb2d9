/* ticker.c - a tick each 2 ms without drift, until a timer ends it; and a timer that is set anew before it fires. */
#include <penstock/chan.h>
#include <penstock/select.h>
#include <penstock/task.h>
#include <penstock/time.h>

#include "example.h"

#define PERIOD (2 * PEN_MS)

static int start(void *arg)
{
	struct pen_timer *ticker = MUST_HAVE(pen_ticker_new(PERIOD));
	struct pen_timer *watchdog = MUST_HAVE(pen_timer_new(3600 * PEN_SECOND));
	int64_t due_ns, first_ns = 0;
	int off = 0;

	(void)arg;
	for (int ticks = 0; ticks < 5; ticks++) {
		struct pen_case cases[] = {
			PEN_CASE_RECV(pen_timer_chan(ticker), &due_ns),
			PEN_CASE_RECV(pen_timer_chan(watchdog), NULL),
		};

		if (MUST(pen_select(NULL, cases, 2, PEN_SELECT_FAIR)) == 1)
			return 1;
		first_ns = first_ns ? first_ns : due_ns;
		off += (due_ns - first_ns) % PERIOD != 0; /* a late receiver misses ticks, none is shifted */
		pen_timer_reset(watchdog, 3600 * PEN_SECOND);
	}
	printf("5 ticks, %d of them off the beat\n", off);
	pen_timer_reset(watchdog, PEN_MS);
	MUST(pen_chan_recv(NULL, pen_timer_chan(watchdog), NULL));
	printf("the timer fired, it was %s\n",
		pen_timer_stop(watchdog) ? "still armed" : "not armed any more");
	pen_timer_free(watchdog);
	pen_timer_free(ticker);
	return 0;
}

int main(void)
{
	return MUST(pen_run(NULL, start, NULL));
}
