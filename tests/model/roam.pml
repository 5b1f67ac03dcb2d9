/*
 * roam.pml - a task that roams is woken while it leaves its stack (src/lib/loop.c: may_come, ready; task.c: see_to_left, pen__task_roam_for).
 *
 * Two loops, on each of which a waker may be the running task, and a plain thread that wakes too.  Whoever has claimed the wait makes the task
 * ready: on its own loop if the task is at home there, else by taking it home if it is at rest, else through the inbox of the loop
 * that it is at.  Proves: nobody runs on the stack before the last one has left it, the task is on one run queue or in one inbox at
 * a time, and it always runs again.  With -DMOVE_AT_ONCE (a waker does not look whether it is at rest), -DREST_EARLY (it is
 * at rest before the switch) and -DNO_COME_BACK (it stays so when it runs again) a stack is run by two: the model can tell.
 */
#define ROUNDS 4
#define THREAD 2

byte home = 1;		/* the task's loop */
bit open;		/* its wait: nobody has claimed it */
bit at_rest;
bit on_stack;		/* somebody runs the task */
bit inbox[2];
bit ready[2];		/* run queues; the task is all that is in them */
byte rounds;

#ifdef MOVE_AT_ONCE
#define MAY_COME 1
#else
#define MAY_COME at_rest
#endif

inline make_ready(me)
{
	assert(!ready[0] && !ready[1] && !inbox[0] && !inbox[1]);
	if
	:: home == me -> ready[me] = 1
	:: home != me && me != THREAD ->
		if
		:: MAY_COME -> home = me; ready[me] = 1
		:: else -> inbox[home] = 1
		fi
	:: me == THREAD -> inbox[home] = 1
	fi
}

/* From one park to the next: the wait is in its queue, and may be claimed, before the stack has been left. */
inline run_task()
{
	assert(!on_stack);
	on_stack = 1;
#ifndef NO_COME_BACK
	at_rest = 0;
#endif
	rounds++;
	if
	:: rounds == ROUNDS -> break
	:: else ->
		open = 1;
#ifdef REST_EARLY
		at_rest = 1;
		on_stack = 0
#else
		on_stack = 0;
		at_rest = 1
#endif
	fi
}

active [2] proctype loop()
{
	byte me = _pid;

	if
	:: me == home -> ready[me] = 1
	:: else
	fi;
	do
	:: rounds == ROUNDS -> break
	:: inbox[me] -> atomic { inbox[me] = 0; ready[me] = 1 }
	:: ready[me] -> ready[me] = 0; run_task()
	:: atomic { open -> open = 0 }; make_ready(me)
	od
}

active proctype thread()
{
	do
	:: rounds == ROUNDS -> break
	:: atomic { open -> open = 0 }; make_ready(THREAD)
	od
}

ltl it_always_runs_again { <> (rounds == ROUNDS) }
