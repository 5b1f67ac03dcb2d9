/*
 * lock.pml - the lock below every primitive, Drepper's mutex3 (src/lib/lock.h, lock.c).
 *
 * 0 free, 1 held, 2 held and somebody may sleep.  Proves: one holder at a time, and nobody sleeps for ever.  With -DTAKE_AS_ONE
 * (one who has slept takes the lock as 1) a second sleeper is forgotten: the model can tell.
 */
#define USERS 3

byte state;
byte inside;
byte sleeping;		/* in futex_wait(), to be woken one by one */
byte woken;		/* wakes that a sleeper may take */
byte finished;

#ifdef TAKE_AS_ONE
#define SLOW 1
#else
#define SLOW 2
#endif

inline take()
{
	atomic {
		if
		:: state == 0 -> state = 1; got = 1
		:: else -> got = 0
		fi
	}
	do
	:: got -> break
	:: else ->
		atomic { was = state; state = SLOW; got = (was == 0); if :: !got -> state = 2 :: else fi }
		if
		:: !got ->
			atomic {		/* futex_wait(): only if it is still 2 */
				if
				:: state == 2 -> sleeping++
				:: else -> goto again
				fi
			}
			atomic { woken > 0 -> woken--; sleeping-- }
again:			skip
		:: else
		fi
	od
}

inline drop()
{
	atomic { was = state; state = 0 }
	if
	:: was == 2 -> atomic { if :: sleeping > woken -> woken++ :: else fi }
	:: else
	fi
}

active [USERS] proctype user()
{
	bit got;
	byte was;

	take();
	inside++;
	assert(inside == 1);
	inside--;
	drop();
	finished++
}

ltl all_get_through { <> (finished == USERS) }
