/*
 * park.pml - one who waits on two queues, and all who may end the wait at once (src/lib/wait.c, select.c, chan.c, ctx.c).
 *
 * The waiter puts an entry on each of two queues under both locks, parks, and takes off what is left.  Two wakers each take
 * an entry off a queue, claim the wait, move a value if they won, and wake after they have unlocked; a cancel claims
 * through the context's list.  Proves: exactly one claim wins; a value is moved if and only if a waker won, once; the waiter always
 * wakes, and only once; nobody touches the wait after the waiter has gone on (it lives on its stack).
 *
 * -DTWO_WINNERS (a waker does not look whether it won), -DNO_DEQUEUE and -DNO_UNWATCH (the waiter leaves an entry behind) and
 * -DWAKE_EARLY (the value is moved after the wake) are found to be wrong: the model can tell.
 */
#define OPEN 255
#define CANCEL 254

byte won = OPEN;	/* the wait's ticket */
bit woken;		/* the task is made ready, or the futex set */
bit alive = 1;		/* the wait is still there to be touched */
bit queued[2];		/* the entry is on the queue */
bit lock[3];		/* of the two queues, and of the context */
#define CTX 2
bit watched;		/* the wait is on the context's list */
bit ended;		/* the context has */
byte moved;		/* values handed to the waiter */
byte result = OPEN;	/* what the waiter returned */

inline take(l) { atomic { lock[l] == 0 -> lock[l] = 1 } }
inline drop(l) { lock[l] = 0 }

inline claim(index, ok)
{
	atomic {
		assert(alive);
		if
		:: won == OPEN -> won = index; ok = 1
		:: else -> ok = 0
		fi
	}
#ifdef TWO_WINNERS
	ok = 1
#endif
}

inline wake()
{
	atomic { assert(alive); assert(!woken); woken = 1 }
}

active proctype waiter()
{
	bit ok;

	take(0); take(1);
	queued[0] = 1; queued[1] = 1;
	drop(0); drop(1);
	take(CTX);
	if
	:: ended -> claim(CANCEL, ok)
	:: else -> watched = 1
	fi;
	drop(CTX);
	if
	:: ok			/* its own claim: nobody will wake it */
	:: else -> woken	/* parked until somebody does */
	fi;
#ifndef NO_UNWATCH
	take(CTX); watched = 0; drop(CTX);
#endif
	result = won;
#ifndef NO_DEQUEUE
	take(0); take(1);
	queued[0] = 0; queued[1] = 0;
	drop(0); drop(1);
#endif
	alive = 0
}

/* A sender on queue `me`: where nobody waits it keeps its value. */
active [2] proctype waker()
{
	byte me = _pid - 1;
	bit ok;

	take(me);
	if
	:: queued[me] ->
		queued[me] = 0;		/* taken off, whoever has won */
		claim(me, ok);
		if
#ifdef WAKE_EARLY
		:: ok -> wake(); atomic { assert(alive); moved++ }
#else
		:: ok -> atomic { assert(alive); moved++ }
#endif
		:: else
		fi;
		drop(me);
#ifndef WAKE_EARLY
		if
		:: ok -> wake()
		:: else
		fi
#endif
	:: else -> drop(me)
	fi
}

/* The context ends.  It reaches the wait through its list of watches, which the waiter leaves, under the same lock, last. */
active proctype canceller()
{
	bit ok;

	take(CTX);
	if
	:: watched ->
		watched = 0;
		claim(CANCEL, ok)
	:: else ->
		ended = 1		/* who comes later is told when it wants to watch */
	fi;
	drop(CTX);
	if
	:: ok -> wake()
	:: else
	fi
}

ltl it_wakes { <> (result != OPEN) }
ltl a_value_comes_with_its_winner { [] ((result == 0 || result == 1) -> moved == 1) }
ltl a_cancel_moves_nothing { [] ((result == CANCEL) -> moved == 0) }
