/* time.h - sleep, timers and tickers over each loop's timer heap; all on CLOCK_MONOTONIC. */
#ifndef PENSTOCK_TIME_H
#define PENSTOCK_TIME_H

#include <penstock/base.h>

PEN_BEGIN

/* Now, in ns of CLOCK_MONOTONIC. */
PEN_API int64_t pen_now_ns(void);

/*
 * Wait `ns` (<= 0: not at all) or until `ctx` ends.  0, -ECANCELED, -ETIMEDOUT (the context's deadline), or in a task -ENOMEM.
 */
PEN_API PEN_MUST_CHECK int pen_sleep(struct pen_ctx *ctx, int64_t ns);

struct pen_timer;

/*
 * A timer sends its due time (int64_t ns) once to its channel, which holds one element.  One of ten seconds and more may be due up
 * to 10 ms late, as it is set by the kernel's coarse clock.  Needs a runtime.
 * Gives NULL when out of memory or no runtime is running.
 */
PEN_API struct pen_timer *pen_timer_new(int64_t after_ns);

/* Ticks every `period_ns` (> 0) from the first one on without drift; a slow receiver misses ticks, never queues them. */
PEN_API struct pen_timer *pen_ticker_new(int64_t period_ns);

/* Stop and free; NULL is allowed. */
PEN_API void pen_timer_free(struct pen_timer *timer);

/* The channel, borrowed, never closed. */
PEN_API struct pen_chan *pen_timer_chan(struct pen_timer *timer);

/*
 * Stop, or start anew `after_ns` from now (a ticker: with that period).  Returns whether the timer was armed.  Once the
 * call returns no value of the former setting can be received (Go 1.23's rule).
 */
PEN_API bool pen_timer_stop(struct pen_timer *timer);
PEN_API bool pen_timer_reset(struct pen_timer *timer, int64_t after_ns);

PEN_END

#endif
