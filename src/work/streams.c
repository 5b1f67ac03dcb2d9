/* streams.c - see streams.h. */
#include "work/streams.h"

#include <errno.h>
#include <penstock/io.h>
#include <penstock/task.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

enum { PIECE = 4096 };

_Static_assert(PIECE + KEPT_DIVIDED_MAX <= PIECE_MAX, "what was held back goes with the next piece");

static void stream_over(struct stream *stream)
{
	*stream->fd = fd_close(*stream->fd);
	pen_waitgroup_done(stream->all->moving);
}

/* After a call that moved nothing: whether to try again, once the pipe is ready. */
static bool again(struct stream *stream, enum pen_io_events event)
{
	if (errno == EINTR)
		return true;
	return errno == EAGAIN && pen_io_wait(stream->all->ctx, *stream->fd, event) == 0;
}

/* Who listens hears of whole characters: the beginning of one waits for the rest.  Gives how much waits, now at the start of `piece`. */
static size_t tell(struct stream *stream, char *piece, size_t bytes)
{
	size_t divided = kept_divided(piece, bytes);

	live_add(stream->all->live, stream->output, piece, bytes - divided);
	memmove(piece, piece + bytes - divided, divided);
	return divided;
}

/* What is not kept has still been read, so that the command can go on.  Yields after each piece: a command may write faster than this reads, and others want their turn. */
static void read_output(void *arg)
{
	struct stream *stream = arg;
	char piece[PIECE + KEPT_DIVIDED_MAX];
	size_t before = 0; /* bytes that wait for the rest of their character */
	ssize_t n = -1;

	while (pen_ctx_err(stream->all->ctx) == 0) {
		n = read(*stream->fd, piece + before, PIECE);
		if (n > 0) {
			kept_add(&stream->kept, piece + before, (size_t)n);
			before = tell(stream, piece, before + (size_t)n);
			pen_yield();
		} else if (n == 0 || !again(stream, PEN_IO_READ)) {
			break;
		}
	}
	if (n < 0 && pen_ctx_err(stream->all->ctx) == 0)
		stream->kept.broken = true;
	live_add(stream->all->live, stream->output, piece, before);
	stream_over(stream);
}

/* A command may end or close its input before it has read all: that is its right. */
static void write_input(void *arg)
{
	struct stream *stream = arg;

	while (stream->bytes > 0) {
		ssize_t n = write(*stream->fd, stream->data, stream->bytes);

		if (n > 0) {
			stream->data += n;
			stream->bytes -= (size_t)n;
		} else if (!again(stream, PEN_IO_WRITE)) {
			break;
		}
	}
	stream_over(stream);
}

static int start(struct stream *stream, void (*move)(void *stream))
{
	int r;

	pen_waitgroup_add(stream->all->moving, 1);
	r = pen_go_named("command_stream", move, stream);
	if (r < 0)
		pen_waitgroup_done(stream->all->moving);
	return r;
}

int streams_start(struct streams *streams, struct process *process, const struct streams_ends *ends)
{
	int r;

	*streams = (struct streams){
		.live = ends->live,
		.in = {.all = streams, .fd = &process->in, .data = ends->data, .bytes = ends->bytes},
		.out = {.all = streams,              .fd = &process->out,                   .output = OUTPUT_STDOUT    },
		.err = {.all = streams,              .fd = &process->err,                   .output = OUTPUT_STDERR},
	};
	kept_init(&streams->out.kept, ends->output_max);
	kept_init(&streams->err.kept, ends->output_max);
	streams->moving = pen_waitgroup_new();
	r = streams->moving ? pen_ctx_with_cancel(&streams->ctx, NULL) : -ENOMEM;
	if (r == 0)
		r = start(&streams->out, read_output);
	if (r == 0)
		r = start(&streams->err, read_output);
	if (r == 0 && process->in >= 0)
		r = start(&streams->in, write_input);
	return r;
}

bool streams_ended(struct streams *streams, int64_t deadline_ns)
{
	struct pen_ctx *ctx;
	int r = pen_ctx_with_deadline(&ctx, NULL, deadline_ns);

	if (r == 0) {
		r = pen_waitgroup_wait(ctx, streams->moving);
		pen_ctx_unrefp(&ctx);
	}
	return r == 0;
}

void streams_finish(struct streams *streams)
{
	int r = 0;

	if (streams->ctx) {
		pen_ctx_cancel(streams->ctx, "the command has ended");
		r = pen_waitgroup_wait(NULL, streams->moving);
	}
	if (r == 0) {
		pen_ctx_unref(TAKE_PTR(streams->ctx));
		pen_waitgroup_free(TAKE_PTR(streams->moving));
	}
}

void streams_forget(struct streams *streams)
{
	kept_fini(&streams->out.kept);
	kept_fini(&streams->err.kept);
}
