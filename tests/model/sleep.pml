/*
 * sleep.pml - a loop goes to sleep while others push tasks on its inbox (src/lib/loop.c: go_to_sleep, push_inbox, poke).
 *
 * Proves: a pushed task is always taken, however pushes and the way to sleep interleave; and the poller is woken only by one who
 * turned `asleep` from 1 to 0.  With -DNO_SECOND_LOOK (the loop does not look at its inbox again once it has said that it
 * sleeps) a task is lost: the model can tell.
 */
#define PUSHERS 2
#define PUSHES 2

byte inbox;		/* tasks in it */
bit asleep;
byte wakes;		/* what the eventfd holds */
byte taken;

inline take_inbox()
{
	atomic { taken = taken + inbox; inbox = 0 }
}

active proctype loop()
{
	bit nothing;

	do
	:: taken == PUSHERS * PUSHES -> break
	:: else ->
		take_inbox();
		if
		:: taken == PUSHERS * PUSHES -> break
		:: else
		fi;
		asleep = 1;
#ifdef NO_SECOND_LOOK
		nothing = 1;
#else
		nothing = (inbox == 0);
#endif
		if
		:: nothing -> atomic { wakes > 0 -> wakes = 0 }	/* epoll_wait(); blocks */
		:: else
		fi;
		asleep = 0
	od
}

active [PUSHERS] proctype pusher()
{
	byte n;
	bit was;

	for (n : 1 .. PUSHES) {
		inbox++;			/* compare-and-swap on the head */
		if
		:: asleep ->			/* a load first, it is cheap */
			atomic { was = asleep; asleep = 0 }
			if
			:: was -> wakes++
			:: else
			fi
		:: else
		fi
	}
}

ltl all_are_taken { <> (taken == PUSHERS * PUSHES) }
