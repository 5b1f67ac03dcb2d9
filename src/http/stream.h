/*
 * stream.h - an answer that comes in pieces, as they are there: its body is made by a task while it is sent.
 *
 *   the task     makes a piece, and waits until it is wanted to go on
 *   libmicrohttpd    takes the piece; when it is empty the connection is suspended, and resumed by the task with the next
 *
 * Nothing is looked at from time to time, and no more is made than the client takes.  A client that goes away while nothing comes is
 * noticed by another task, which waits for its end of stream: a suspended connection is read by nobody.
 */
#ifndef HTTP_STREAM_H
#define HTTP_STREAM_H

#include "http/inside.h"

/* Where the pieces come from; all three with the `arg` that they were given with. */
struct stream_source {
	/*
	 * Append the next piece, waiting for it until `ctx` ends.  More than 0: there may be another; 0: that was the last; or -errno,
	 * and the answer is cut off so that the client sees it.
	 */
	int (*make)(struct pen_ctx *ctx, void *arg, struct buf *out);
	void (*stop)(void *arg, struct buf *out); /* append what there is to say as the server stops */
	void (*close)(void *arg);
};

/*
 * Answer with status 200 and what the source makes.  `waits`: it may be long until something comes, so a client that ends its
 * sending is taken to be gone.  Takes `arg`, also when it fails.  0 or -ENOMEM.
 */
int stream_answer(struct request *request, struct reply *reply, const struct stream_source *source, void *arg,
	bool waits);

#endif
