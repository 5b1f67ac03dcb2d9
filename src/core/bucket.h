/*
 * bucket.h - a token bucket: how often something may begin.  Pure; time is an argument.
 *
 * It holds up to `burst` tokens and is filled steadily at its rate; who begins takes one.  So in any time t there are at most
 * burst + rate * t beginnings.  All is reckoned in whole numbers, in parts of a token so small that every nanosecond brings a whole
 * number of them: nothing is rounded, and nothing drifts.
 */
#ifndef CORE_BUCKET_H
#define CORE_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

#define RATE_MAX 1000000  /* of `count` */
#define BURST_MAX 1000000 /* tokens */

/* So many in so many seconds: 1, 60 or 3600.  A count of 0: no rate, there is always a token. */
struct rate {
	uint32_t count, seconds;
};

/* "50/s", "300/m", "1000/h" or "none"; 0 or -EINVAL. */
int rate_parse(const char *text, struct rate *ret_rate);

#define RATE_TEXT 16
void rate_format(struct rate rate, char text[static RATE_TEXT]);

/* What a bucket is like.  A burst of 0: as many as come in a second, at least one. */
struct bucket_size {
	struct rate rate;
	uint32_t burst;
};

uint32_t bucket_burst(const struct bucket_size *size);

struct bucket {
	int64_t level; /* in parts: a token is as many as its rate's time has nanoseconds */
	int64_t at_ns; /* when it was so full */
};

/* Full. */
void bucket_init(struct bucket *bucket, const struct bucket_size *size, int64_t now_ns);

/* Take a token if there is one. */
bool bucket_take(struct bucket *bucket, const struct bucket_size *size, int64_t now_ns);

/* When there is a token (now, if there is one), and when it is full, if none is taken before. */
int64_t bucket_ready_ns(const struct bucket *bucket, const struct bucket_size *size, int64_t now_ns);
int64_t bucket_full_ns(const struct bucket *bucket, const struct bucket_size *size, int64_t now_ns);

/* It becomes another size: it keeps the tokens it has, as far as they fit.  One that had no rate is full. */
void bucket_resize(
	struct bucket *bucket, const struct bucket_size *from, const struct bucket_size *to, int64_t now_ns);

#endif
