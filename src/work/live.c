/* live.c - see live.h. */
#include "work/live.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <utlist.h>

#include "base/clock.h"

struct live {
	pthread_mutex_t lock;
	struct ring ring;
	struct live_reader *readers;
	struct ring_place begin; /* of the latest attempt */
	uint32_t attempt;
	bool runs;
};

struct live *live_new(void)
{
	struct live *live = calloc(1, sizeof *live);

	if (live)
		pthread_mutex_init(&live->lock, NULL);
	return live;
}

void live_free(struct live *live)
{
	if (!live)
		return;
	ring_fini(&live->ring);
	pthread_mutex_destroy(&live->lock);
	free(live);
}

/* With the lock.  Who has not taken the last signal yet will see this too when it does. */
static void tell_readers(struct live *live)
{
	struct live_reader *reader;

	DL_FOREACH (live->readers, reader) {
		int r = pen_chan_try_send(reader->news, NULL);

		(void)r;
	}
}

static void add(struct live *live, enum output output, const char *data, size_t bytes)
{
	struct piece piece = {
		.at_ms = clock_wall_ms(), .output = output, .attempt = live->attempt, .bytes = bytes};

	ring_add(&live->ring, &piece, data);
}

void live_begin(struct live *live, uint32_t attempt, size_t max)
{
	if (!live)
		return;
	pthread_mutex_lock(&live->lock);
	if (!live->attempt)
		ring_init(&live->ring, max);
	live->attempt = attempt;
	live->runs = true;
	live->begin = ring_end(&live->ring);
	add(live, OUTPUT_EITHER, "", 0);
	tell_readers(live);
	pthread_mutex_unlock(&live->lock);
}

void live_add(struct live *live, enum output output, const char *data, size_t bytes)
{
	if (!live || bytes == 0)
		return;
	pthread_mutex_lock(&live->lock);
	add(live, output, data, bytes);
	tell_readers(live);
	pthread_mutex_unlock(&live->lock);
}

void live_end(struct live *live)
{
	if (!live)
		return;
	pthread_mutex_lock(&live->lock);
	live->runs = false;
	tell_readers(live);
	pthread_mutex_unlock(&live->lock);
}

int live_open(struct live *live, struct live_reader *reader)
{
	reader->news = pen_chan_new(0, 1);
	if (!reader->news)
		return -ENOMEM;
	reader->live = live;
	reader->attempt = 0;
	reader->has_pending = false;
	pthread_mutex_lock(&live->lock);
	reader->place = live->begin;
	DL_APPEND(live->readers, reader);
	pthread_mutex_unlock(&live->lock);
	return 0;
}

void live_close(struct live_reader *reader)
{
	struct live *live = reader->live;

	if (!live)
		return;
	pthread_mutex_lock(&live->lock);
	DL_DELETE(live->readers, reader);
	pthread_mutex_unlock(&live->lock);
	pen_chan_free(reader->news);
	reader->live = NULL;
}

/* A piece tells first of the attempt that it is of, as that one's beginning may be overwritten. */
static void tell_pending(struct live_reader *reader, struct log_record *ret_record)
{
	const struct piece *piece = &reader->pending;

	*ret_record = (struct log_record){.what = LOG_OUTPUT,
		.at_ms = piece->at_ms,
		.output = piece->output,
		.data = reader->data,
		.bytes = piece->bytes,
		.attempt = piece->attempt};
	if (piece->attempt != reader->attempt)
		ret_record->what = LOG_ATTEMPT;
	reader->has_pending = piece->attempt != reader->attempt && piece->bytes > 0;
	reader->attempt = piece->attempt;
}

bool live_next(struct live_reader *reader, struct log_record *ret_record)
{
	struct live *live = reader->live;
	uint64_t missed = 0;
	bool more = true;

	if (!reader->has_pending) {
		pthread_mutex_lock(&live->lock);
		more = ring_next(&live->ring, &reader->place, &reader->pending, reader->data, &missed);
		pthread_mutex_unlock(&live->lock);
	}
	if (missed)
		*ret_record =
			(struct log_record){.what = LOG_MISSED, .at_ms = clock_wall_ms(), .missed = missed};
	else if (more)
		tell_pending(reader, ret_record);
	return more;
}

bool live_runs(const struct live_reader *reader)
{
	struct live *live = reader->live;
	bool runs;

	pthread_mutex_lock(&live->lock);
	runs = live->runs;
	pthread_mutex_unlock(&live->lock);
	return runs;
}
