/*
 * breaker.h - whether calls to one endpoint are worth making: a circuit breaker.  Pure; time is an argument.
 *
 *      closed ------- so many failures in a row, or a wish to be left alone -------> open
 *        ^                                                                          |   ^
 *        |                                                                 its time is over |
 *        |                                                                          v   |
 *        '----------------- a success ------------- half open ---- the trial fails -----'
 *
 * Half open, one call goes on trial and the others wait for what comes of it.
 */
#ifndef CORE_BREAKER_H
#define CORE_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

struct breaker_rules {
	uint32_t failures;      /* in a row that open it; 0: none do */
	int64_t min_ns, max_ns; /* how long it stays open: doubled each time in a row, up to the most */
};

/* Zeroed: closed. */
struct breaker {
	uint32_t failures, openings; /* in a row */
	int64_t until_ns;            /* open until then, half open after; 0: closed */
	bool on_trial;
};

enum breaker_event {
	BREAKER_SUCCESS,
	BREAKER_FAILURE,
	BREAKER_NEITHER, /* nothing was learned of the endpoint */
};

/* Whether a call may be made: 0, with `*ret_trial` whether it is the trial; else for how many ns it is to wait. */
int64_t breaker_admit(
	struct breaker *breaker, const struct breaker_rules *rules, int64_t now_ns, bool *ret_trial);

/* What came of a call that was admitted, and for how long the endpoint wants to be left alone (0: it does not say). */
void breaker_report(struct breaker *breaker, const struct breaker_rules *rules, int64_t now_ns, bool trial,
	enum breaker_event event, int64_t leave_alone_ns);

bool breaker_is_open(const struct breaker *breaker);

/* Whether it is as good as a new one, and need not be kept. */
bool breaker_is_blank(const struct breaker *breaker);

#endif
