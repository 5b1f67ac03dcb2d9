/*
 * select_priority.c - what is urgent goes first: among ready cases the first in order wins, where Go would choose by chance.
 */
#include <penstock/chan.h>
#include <penstock/select.h>
#include <penstock/task.h>

#include "example.h"

enum { EACH = 3 };

static int start(void *arg)
{
	struct pen_chan *urgent = MUST_HAVE(pen_chan_new(sizeof(int), EACH));
	struct pen_chan *normal = MUST_HAVE(pen_chan_new(sizeof(int), EACH));
	int value;
	struct pen_case cases[] = {PEN_CASE_RECV(urgent, &value), PEN_CASE_RECV(normal, &value)};

	(void)arg;
	for (int i = 1; i <= EACH; i++) {
		MUST(pen_chan_send(NULL, normal, &i));
		MUST(pen_chan_send(NULL, urgent, &i));
	}
	for (int i = 0; i < 2 * EACH; i++) {
		int which = MUST(pen_select(NULL, cases, 2, PEN_SELECT_PRIORITY));

		printf("%s %d\n", which == 0 ? "urgent" : "normal", value);
	}
	pen_chan_free(urgent);
	pen_chan_free(normal);
	return 0;
}

int main(void)
{
	return MUST(pen_run(NULL, start, NULL));
}
