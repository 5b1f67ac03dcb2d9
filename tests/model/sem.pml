/*
 * sem.pml - the semaphore's line (src/lib/sem.c): a large request at its head, small ones behind it, and its context may end.
 *
 * Each step is done under the lock, so each is atomic here.  Proves: never more taken than there is; nobody waits while the
 * first in line could go in; a large request is not overtaken; when the one at the head gives up, those behind it
 * that fit go in.  With -DNO_SERVE_ON_LEAVE (one who leaves the line does not serve it) the small ones are stuck, and with
 * -DBARGE (who finds units free takes them, line or not) the large one is overtaken: the model can tell.
 */
#define SIZE 2
#define SMALL 2			/* of them; the large one asks for SIZE */
#define WAITERS 3		/* 0: the large one */

byte taken;
bit in_line[WAITERS];
byte ticket[WAITERS];		/* the order of arrival */
byte next_ticket = 1;
bit granted[WAITERS];
bit cancelled;			/* the large one's context */
bit held;			/* one unit is taken for ever: the large one cannot go in */
byte finished;

#define WANTS(i) (i == 0 -> SIZE : 1)
#define FITS(i) (taken + WANTS(i) <= SIZE)

inline first(ret)
{
	ret = WAITERS;
	for (k : 0 .. WAITERS - 1) {
		if
		:: in_line[k] && (ret == WAITERS || ticket[k] < ticket[ret]) -> ret = k
		:: else
		fi
	}
}

inline serve()
{
	first(f);
	do
	:: f < WAITERS && FITS(f) ->
		in_line[f] = 0; granted[f] = 1; taken = taken + WANTS(f);
		first(f)
	:: else -> break
	od;
	skip
}

inline acquire(i)
{
	d_step {
		behind = in_line[0];
		first(f);
		if
#ifdef BARGE
		:: FITS(i) -> taken = taken + WANTS(i); granted[i] = 1
#else
		:: f == WAITERS && FITS(i) -> taken = taken + WANTS(i); granted[i] = 1
#endif
		:: else -> in_line[i] = 1; ticket[i] = next_ticket; next_ticket++
		fi
	}
}

inline release(i)
{
	d_step {
		taken = taken - WANTS(i); granted[i] = 0;
		serve();
		assert(taken <= SIZE)
	}
}

proctype small(byte me)
{
	byte f, k;
	bit behind;

	acquire(me);
	granted[me];
	assert(!behind || !in_line[0]);	/* who stood before it has gone in or away */
	release(me);
	finished++
}

proctype large()
{
	byte f, k;
	bit behind;

	acquire(0);
	do
	:: granted[0] -> release(0); break
	:: cancelled ->
		d_step {
			if
			:: in_line[0] ->	/* its claim came first */
				in_line[0] = 0
			:: else
			fi
		}
		if
		:: granted[0] -> release(0)
		:: else ->
#ifndef NO_SERVE_ON_LEAVE
			d_step { serve() }
#else
			skip
#endif
		fi;
		break
	od;
	finished++
}

proctype context()
{
	if
	:: cancelled = 1
	:: !held -> skip		/* or never, where the large one can go in without */
	fi
}

init
{
	atomic {
		if
		:: held = 1; taken = 1
		:: skip
		fi;
		run large();
		run context();
		run small(1);
		run small(2)
	}
}

ltl all_get_through { <> (finished == WAITERS) }
