/* stream.c - see stream.h.  All of it is on the connection's loop, so it needs no lock. */
#include "http/stream.h"

#include <errno.h>
#include <penstock/ctx.h>
#include <penstock/io.h>
#include <penstock/task.h>
#include <penstock/time.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"

/* Held by the response and by its tasks. */
struct stream {
	struct server *server;
	struct MHD_Connection *connection; /* until it is gone, and `client` too */
	struct client *client;
	const struct stream_source *source;
	void *arg;
	struct pen_ctx *ctx;     /* ends with the response, or the server */
	struct pen_chan *wanted; /* a signal when the piece has been taken */
	struct buf piece;
	size_t taken; /* bytes of it */
	size_t holders;
	bool suspended;
	bool over;   /* nothing comes after the piece */
	bool broken; /* and that is not its end */
	bool gone;   /* there is no response any more */
};

static void let_go(struct stream *stream)
{
	if (--stream->holders > 0)
		return;
	stream->source->close(stream->arg);
	pen_ctx_unrefp(&stream->ctx);
	pen_chan_free(stream->wanted);
	buf_fini(&stream->piece);
	free(stream);
}

/* The response has ended, in whatever way. */
static void release(void *arg)
{
	struct stream *stream = arg;

	stream->gone = true;
	pen_ctx_cancel(stream->ctx, "the answer is over");
	let_go(stream);
}

static void resume(struct stream *stream)
{
	if (!stream->suspended)
		return;
	stream->suspended = false;
	MHD_resume_connection(stream->connection);
	server_resume(stream->server);
}

static void task_over(struct stream *stream)
{
	stream->server->running--;
	let_go(stream);
}

/* Piece after piece.  1 is never given: there would be more. */
static int make_all(struct stream *stream)
{
	int r;

	while ((r = stream->source->make(stream->ctx, stream->arg, &stream->piece)) > 0) {
		resume(stream);
		r = pen_chan_recv(stream->ctx, stream->wanted, NULL);
		if (r < 0)
			break;
	}
	return r;
}

static void stream_make(void *arg)
{
	struct stream *stream = arg;
	int r = make_all(stream);

	if (r < 0 && !stream->gone && !stream->over && pen_ctx_err(stream->server->http->ctx)) {
		stream->source->stop(stream->arg, &stream->piece);
		r = 0;
	}
	stream->broken |= r < 0 || stream->piece.error;
	stream->over = true;
	if (!stream->gone)
		resume(stream);
	task_over(stream);
}

/* It has sent its end of stream, or is lost. */
static bool hung_up(int fd)
{
	char c;
	ssize_t n = recv(fd, &c, 1, MSG_PEEK | MSG_DONTWAIT);

	return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

static bool sends_more(int fd)
{
	char c;

	return recv(fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/*
 * Of a client that has sent another request already the end is not seen behind it; that one is noticed when something is sent to it.  When
 * this task is woken late, the response, and with it the descriptor, may be gone.
 */
static void stream_watch(void *arg)
{
	struct stream *stream = arg;
	int fd = stream->client->fd;

	while (pen_io_wait(stream->ctx, fd, PEN_IO_READ) == 0 && !stream->gone && !sends_more(fd)) {
		if (!hung_up(fd))
			continue;
		stream->over = stream->broken = true;
		pen_ctx_cancel(stream->ctx, "the client has gone");
		resume(stream);
		break;
	}
	task_over(stream);
}

/* The task has until the piece is wanted, and the client until idle-timeout to take one. */
static ssize_t rest(struct stream *stream)
{
	int r;

	if (stream->over)
		return stream->broken ? MHD_CONTENT_READER_END_WITH_ERROR : MHD_CONTENT_READER_END_OF_STREAM;
	slow_forget(&stream->server->slow, stream->client);
	stream->suspended = true;
	MHD_suspend_connection(stream->connection);
	r = pen_chan_try_send(stream->wanted, NULL);
	(void)r; /* it was asked already */
	return 0;
}

static ssize_t take(void *arg, uint64_t at, char *to, size_t max)
{
	struct stream *stream = arg;
	struct buf *piece = &stream->piece;
	size_t n = piece->len - stream->taken;

	(void)at;
	if (n == 0 || (stream->broken && stream->over))
		return rest(stream);
	if (stream->taken == 0)
		slow_enter(&stream->server->slow, stream->client, SLOW_ANSWER, pen_now_ns());
	n = n < max ? n : max;
	memcpy(to, piece->data + stream->taken, n);
	stream->taken += n;
	stream->server->stirred = true;
	if (stream->taken == piece->len)
		piece->len = stream->taken = 0;
	return (ssize_t)n;
}

static int start(struct stream *stream, const char *name, void (*fn)(void *stream))
{
	int r = pen_go_named(name, fn, stream);

	if (r == 0) {
		stream->holders++;
		stream->server->running++;
	}
	return r;
}

static struct stream *stream_new(const struct request *request, const struct stream_source *source, void *arg)
{
	struct stream *stream = calloc(1, sizeof *stream);

	if (!stream) {
		source->close(arg);
		return NULL;
	}
	stream->server = request->server;
	stream->connection = request->connection;
	stream->client = request->client;
	stream->source = source;
	stream->arg = arg;
	stream->holders = 1;
	stream->wanted = pen_chan_new(0, 1);
	if (stream->wanted && pen_ctx_with_cancel(&stream->ctx, request_ctx(request)) == 0)
		return stream;
	let_go(stream);
	return NULL;
}

int stream_answer(struct request *request, struct reply *reply, const struct stream_source *source, void *arg,
	bool waits)
{
	struct stream *stream = stream_new(request, source, arg);
	int r = stream ? start(stream, "stream_make", stream_make) : -ENOMEM;

	if (r == 0 && waits)
		r = start(stream, "stream_watch", stream_watch);
	if (r < 0) {
		if (stream)
			release(stream);
		return r;
	}
	reply->status = MHD_HTTP_OK;
	reply->take = take;
	reply->owner = stream;
	reply->release = release;
	return 0;
}
