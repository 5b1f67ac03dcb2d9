/* select_default.c - a select that never waits: take what is there, send where there is room, else go on. */
#include <errno.h>
#include <penstock/chan.h>
#include <penstock/select.h>
#include <penstock/task.h>

#include "example.h"

static const char *try(struct pen_case *cases, size_t n)
{
	static const char *const names[] = {"received", "sent"};
	int r = pen_select(NULL, cases, n, PEN_SELECT_DEFAULT);

	return r == -EAGAIN ? "neither" : names[MUST(r)];
}

static int start(void *arg)
{
	struct pen_chan *in = MUST_HAVE(pen_chan_new(sizeof(int), 1));
	struct pen_chan *out = MUST_HAVE(pen_chan_new(sizeof(int), 1));
	int value = 1;
	struct pen_case cases[] = {PEN_CASE_RECV(in, &value), PEN_CASE_SEND(out, &value)};

	(void)arg;
	puts(try(cases, 2)); /* `in` is empty, `out` has room */
	puts(try(cases, 2)); /* `out` is full now */
	MUST(pen_chan_send(NULL, in, &value));
	puts(try(cases, 2));
	pen_chan_free(in);
	pen_chan_free(out);
	return 0;
}

int main(void)
{
	return MUST(pen_run(NULL, start, NULL));
}
