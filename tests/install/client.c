/* client.c - a program outside the tree that uses the installed library: two tasks and a channel. */
#include <penstock/chan.h>
#include <penstock/task.h>
#include <stdio.h>

static void send_answer(void *arg)
{
	int answer = 42;

	if (pen_chan_send(NULL, arg, &answer) == 0)
		pen_chan_close(arg);
}

static int receive_answer(void *arg)
{
	struct pen_chan *chan = pen_chan_new(sizeof(int), 0);
	int answer = 0;

	(void)arg;
	if (!chan || pen_go(send_answer, chan) < 0 || pen_chan_recv(NULL, chan, &answer) < 0)
		return 1;
	while (pen_chan_recv(NULL, chan, NULL) == 0)
		;
	pen_chan_free(chan);
	return answer == 42 ? 0 : 1;
}

int main(void)
{
	int r = pen_run(NULL, receive_answer, NULL);

	printf("%d\n", r);
	return r == 0 ? 0 : 1;
}
