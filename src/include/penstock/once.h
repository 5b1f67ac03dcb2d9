/* once.h - do a thing once, however many ask.  After Go's sync.Once. */
#ifndef PENSTOCK_ONCE_H
#define PENSTOCK_ONCE_H

#include <penstock/base.h>

PEN_BEGIN

struct pen_once;

/* Gives a fresh one, or NULL when out of memory; freeing aborts while somebody is inside. */
PEN_API struct pen_once *pen_once_new(void);
PEN_API void pen_once_free(struct pen_once *once);

/*
 * The first caller runs `fn(arg)`; the others wait until it is done, or their `ctx` ends.  fn may block; calling
 * pen_once_do() on the same object from within fn waits for itself, for ever.
 * Returns 0 once fn is done, -ECANCELED or -ETIMEDOUT for a waiter whose context ended.
 */
PEN_API PEN_MUST_CHECK int pen_once_do(
	struct pen_ctx *ctx, struct pen_once *once, void (*fn)(void *arg), void *arg);

PEN_END

#endif
