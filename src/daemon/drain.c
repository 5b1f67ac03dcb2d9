/*
 * drain.c - from the first SIGTERM to the last job's end: a walk over the context tree.
 *
 *   1. STOPPING=1; the gate takes and starts no more jobs.
 *   2. Those running have drain-timeout to end; each second the status says how many and how long.
 *   3. Then, or at a second SIGTERM, the jobs' context is cancelled with cause "shutdown": transfers abort, commands
 *      get TERM and then KILL, and what was cancelled goes back to the queue.
 */
#include <penstock/chan.h>
#include <penstock/select.h>
#include <penstock/time.h>
#include <signal.h>

#include "base/cleanup.h"
#include "daemon/daemon.h"
#include "gate/gate.h"
#include "log/log.h"

/* For the store to take what came of the jobs, once they have ended; and how long a notice must hold, though the next one is due sooner. */
#define RECORDS_GRACE_NS (5 * PEN_SECOND)
#define NOTICE_HOLDS_NS (10 * PEN_SECOND)

/* How long the end may take once drain-timeout is over. */
static int64_t grace_ns(const struct daemon *daemon)
{
	return daemon->conf->command_grace_ns + RECORDS_GRACE_NS;
}

/* Whether the jobs ended by themselves, before the time was over and before a second signal.  Without any time it is told too. */
static bool ended_in_time(struct daemon *daemon, struct pen_chan *done)
{
	int64_t now_ns = pen_now_ns(), deadline_ns = now_ns + daemon->conf->drain_timeout_ns;
	int number = 0;
	struct pen_case cases[] = {PEN_CASE_RECV(done, NULL), PEN_CASE_RECV(daemon->signals, &number)};

	do {
		int64_t left_ns = deadline_ns - now_ns;
		int64_t look_ns = now_ns + (left_ns < PEN_SECOND ? left_ns : PEN_SECOND);

		notify_stopping(gate_running(daemon->gate), left_ns, grace_ns(daemon) + NOTICE_HOLDS_NS);
		switch (pen_select_until(NULL, cases, ARRAY_LEN(cases), PEN_SELECT_PRIORITY, look_ns)) {
		case 0:
			return true;
		case 1: /* SIGHUP has nothing to say any more */
			if (cases[1].result == 0 && number != SIGHUP)
				return false;
			break;
		default:
			break;
		}
	} while ((now_ns = pen_now_ns()) < deadline_ns);
	return false;
}

/* Nothing that runs outlasts the cancel of its context by more than the grace of commands; but the store may fail for ever. */
static void end_all(struct daemon *daemon, struct pen_chan *done)
{
	struct pen_case cases[] = {PEN_CASE_RECV(done, NULL)};
	int64_t until_ns = pen_now_ns() + grace_ns(daemon);

	log_warning("daemon", "ending what still runs", "running=%zu", gate_running(daemon->gate));
	notify_status("ending what still runs");
	gate_cancel_running(daemon->gate);
	if (pen_select_until(NULL, cases, ARRAY_LEN(cases), PEN_SELECT_FAIR, until_ns) < 0)
		log_error("daemon", "stopping though not all that ended is on record", "running=%zu",
			gate_running(daemon->gate));
}

void daemon_drain(struct daemon *daemon)
{
	struct pen_chan *done = gate_drained_chan(daemon->gate);

	log_notice("daemon", "draining", "running=%zu timeout_s=%zu", gate_running(daemon->gate),
		(size_t)(daemon->conf->drain_timeout_ns / PEN_SECOND));
	gate_drain(daemon->gate);
	if (!ended_in_time(daemon, done))
		end_all(daemon, done);
}
