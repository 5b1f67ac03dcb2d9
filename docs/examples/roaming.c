/*
 * roaming.c - a task that owns an account and answers who asks: begun on another loop, it comes to the one who asks it all the time.
 *
 * In Go any goroutine may move so.  Here it is asked for, as code in C may rely on its thread: this task keeps nothing of that.
 */
#include <errno.h>
#include <penstock/chan.h>
#include <penstock/task.h>

#include "example.h"

enum { DEPOSITS = 1000 };

struct answer {
	int balance;
	size_t loop; /* where it was given */
};

static struct pen_chan *amounts, *answers;

static void keep_account(void *arg)
{
	int balance = 0, amount;

	(void)arg;
	while (pen_chan_recv(NULL, amounts, &amount) == 0) {
		balance += amount;
		MUST(pen_chan_send(NULL, answers, &(struct answer){balance, pen_loop_self()}));
	}
	pen_chan_close(answers);
}

static struct answer deposit(int amount)
{
	struct answer answer;

	MUST(pen_chan_send(NULL, amounts, &amount));
	MUST(pen_chan_recv(NULL, answers, &answer));
	return answer;
}

static int start(void *arg)
{
	struct answer answer;
	int elsewhere = 0;

	(void)arg;
	amounts = MUST_HAVE(pen_chan_new(sizeof(int), 0));
	answers = MUST_HAVE(pen_chan_new(sizeof(struct answer), 0));
	MUST(pen_go_roam(1, keep_account, NULL));
	while (deposit(0).loop != pen_loop_self())
		; /* it stays where it is as long as it is not found at rest */
	puts("the account has come to who asks");
	for (int i = 0; i < DEPOSITS; i++) {
		answer = deposit(2);
		elsewhere += answer.loop != pen_loop_self();
	}
	printf("balance %d, %d answers from elsewhere\n", answer.balance, elsewhere);
	pen_chan_close(amounts);
	if (pen_chan_recv(NULL, answers, &answer) == -EPIPE)
		puts("the account is closed");
	pen_chan_free(amounts);
	pen_chan_free(answers);
	return 0;
}

int main(void)
{
	return MUST(pen_run(&(struct pen_run_options){.loops = 2}, start, NULL));
}
