/*
 * inside.h - how the gate's parts know each other; all of them but where it says so are called by the gate's task only.
 *
 *   gate.c    start, stop, and the calls of gate.h, each a message to the gate's task
 *   turn.c    the gate's task: hear what happened, then start what may run
 *   calls.c   what each message does
 *   bulk.c    many jobs in one message
 *   entry.c   one job: here, waiting, ended
 *   accept.c  jobs that clients bring
 *   attempt.c one run of a job
 *   arrivals.c  idempotency keys on their way into the store
 *   lanes.c   limits by name: of an endpoint, a command, a limit_key
 *   limit_key.c  what becomes of a job whose limit_key is full
 *   audit.c   counts compared with the jobs themselves
 *   control.c what is set for tenants while it runs
 *   explain.c why a job does not run
 *   settings.c  what is set for them, in memory
 *   resting.c what is to be known of tenants without jobs
 *   tenant.c  one tenant: its queue, its slots, whether it takes part in the fair share
 *   waits.c   how many jobs wait for what
 *   list.c    pages of jobs on record
 *   ledger.c  operations on their way to the store and back
 *   window.c  which jobs that wait are here, and which on record only
 *   loader.c  reads them for it
 *   reconcile.c  counts compared with the record
 *   recover.c the jobs of an earlier daemon
 *   worker.c  the workers: receive, run, send back
 *   results.c the result cache and who waits for results
 */
#ifndef GATE_INSIDE_H
#define GATE_INSIDE_H

#include "gate/state.h"

enum { LEDGER_MAX = 8192 }; /* operations at the store at one time */

/* turn.c */
void gate_turn(void *gate);

/* calls.c: do it; true if it can be answered now, false if the entry answers later. */
bool call_handle(struct gate *gate, struct message *message);

/* gate.c: send a message and wait until it is answered; gives its result.  And words for what the store says of a job. */
int gate_call(struct gate *gate, struct message *message);
int gate_not_found(int error, struct problem *reterr);
void call_answer(struct message *message);

/*
 * cancel.c: cancel a job for a client; true if that can be answered now, else it is when it is on record.  What has come back
 * of the store; answer all who wait, with an error or 0; and the state as others may know it.
 */
bool cancel_begin(struct gate *gate, struct entry *entry, struct message *message);
void cancel_settle(struct entry *entry, const struct store_op *op);
void cancel_answer(struct entry *entry, int error);
enum job_state cancel_shown_state(const struct entry *entry);

/* calls.c: -ESHUTDOWN, with words in reterr. */
int call_draining(struct problem *reterr);

/* bulk.c */
bool call_submit_many(struct gate *gate, struct message *message);
void bulk_accepted(struct gate *gate, struct message *submitter, const struct store_op *op);

/* entry.c: what an entry is and where it waits. */
struct entry *entry_find(const struct gate *gate, const struct uuid *id);
struct entry *entry_new(struct gate *gate, struct job *job, struct tenant *tenant,
	const struct progress *progress); /* takes what progress owns */
struct entry *entry_bring(
	struct gate *gate, struct store_record *record);     /* takes what it wants of it; NULL: no memory */
void entry_count_in(struct gate *gate, struct entry *entry); /* as waiting, in its state */
void entry_go(struct gate *gate, struct entry *entry);       /* out of here, but not ended: on record only */
void entry_free(struct gate *gate, struct entry *entry);     /* and counted in its state no longer */
void entry_drop(struct gate *gate, struct entry *entry);     /* the same for one that waits */
void entries_free(struct gate *gate);
void entry_set_state(struct gate *gate, struct entry *entry, enum job_state state);
struct store_op *entry_op(struct entry *entry, enum store_op_type type, enum job_state state);
void entry_weigh(struct gate *gate, struct entry *entry);  /* after it has grown */
bool entry_record(struct gate *gate, struct entry *entry); /* its progress; false: no memory to */

void entry_wait(struct gate *gate, struct entry *entry); /* as entry_stay() if it may, else away */
void entry_stay(struct gate *gate, struct entry *entry); /* here, for its time or for its turn */
void entry_enqueue(struct gate *gate, struct entry *entry, bool in_front);
void entry_await_expiry(struct gate *gate, struct entry *entry);
void entry_line_up(struct gate *gate, struct entry *entry); /* it is queued, and was brought for its turn */
void entries_due(struct gate *gate, int64_t wall_ms);

void entry_end(struct gate *gate, struct entry *entry, enum job_state state, const struct outcome *outcome);
void entry_end_bare(struct gate *gate, struct entry *entry,
	const struct store_op *whole); /* as `whole`, which was too large, but for its result */
void entry_expire(struct gate *gate, struct entry *entry); /* it waits */
void entry_cancel(struct gate *gate, struct entry *entry);
void entry_leave_underway(struct gate *gate, struct entry *entry);
void entry_ended(struct gate *gate, struct entry *entry, struct result *result);
void entry_refused(struct gate *gate, struct entry *entry);

/*
 * accept.c: entry_admit() finds a place for a job and gives the operation that puts it on record, to be sent or withdrawn; 0, or -errno
 * with words in reterr.  entry_settle() does what follows from how that came back.
 */
int entry_admit(struct gate *gate, struct message *submitter, struct job *job, struct store_op **ret_op,
	struct problem *reterr);
void entry_withdraw(struct gate *gate, struct store_op *op); /* takes it */
int entry_settle(struct gate *gate, struct entry *entry, const struct store_op *op,
	struct gate_receipt *ret_receipt, struct problem *reterr);

/* 0 (the message is answered when it is on record) or -errno with words in it. */
int entry_accept(struct gate *gate, struct message *submitter);
void entry_accepted(struct gate *gate, struct entry *entry, const struct store_op *op);
int entry_retry(struct gate *gate, struct store_record *record, struct message *message);
void entry_retried(struct gate *gate, struct entry *entry, int error);

/*
 * callback.c: where a job that ends has a callback, give the operation that accepts it, which goes with that of the end: 0 or -errno.
 * And what follows from how it came back, which takes it.
 */
int callback_begin(
	struct gate *gate, const struct job *job, const struct result *result, struct store_op **ret_op);
void callback_accepted(struct gate *gate, struct store_op *op);

/* attempt.c: 0: it has started; -EAGAIN: it was set aside; -ENOMEM: it is before its equals again. */
int entry_start(struct gate *gate, struct entry *entry);
void entry_change_recorded(struct gate *gate, struct entry *entry,
	const struct store_op *op); /* whose error is 0 or -ESTALE; of a retry: any */
void entry_finished(struct gate *gate, struct entry *entry, const struct outcome *outcome);
void entry_broken_off(
	struct gate *gate, struct entry *entry); /* go on after the daemon that ran it has ended */

/*
 * lanes.c: whose turn has come goes into its lanes: 0; or it is set aside (-EAGAIN), or nothing has changed (-ENOMEM).  When it has run, or
 * does not start after all, it leaves them.  lanes_unqueue() is for who waits no longer, in its tenant's queue or aside.
 */
int lanes_enter(struct gate *gate, struct entry *entry);
void lanes_leave(struct gate *gate, struct entry *entry);
void lanes_unqueue(struct gate *gate, struct entry *entry);
bool lanes_set_aside(
	struct gate *gate, struct entry *entry); /* the first in line, if one is full: whether it was */
bool lanes_unblock(struct gate *gate, struct tenant *tenant,
	int priority); /* nobody of this line is in line, and all below wait for it: whether somebody is now */
void lanes_hold(struct gate *gate, struct tenant *tenant,
	const struct entry *first);                              /* which waits for slots; NULL: none does */
void lanes_rank(struct gate *gate, const struct tenant *tenant); /* whose ageing has changed */
bool lanes_is_aside(const struct entry *entry);
enum lane_sort lanes_aside_at(const struct entry *entry); /* which is aside */
const struct lane *lanes_waits_for(
	const struct entry *entry, enum lane_sort sort); /* NULL: it is not aside at one of that sort */
void lanes_reconfigure(struct gate *gate);
struct named_lane *lanes_key(
	struct gate *gate, struct tenant *tenant, const char *limit_key); /* NULL: no memory */
struct named_lane *lanes_find_key(const struct gate *gate, struct tenant *tenant, const char *limit_key);
void lanes_put(struct gate *gate, struct named_lane *lane); /* frees it when nothing of it is left */

/*
 * limit_key.c: whether the policy refuses a job: 0, or -EAGAIN with words in reterr.  One that is to be put on record arrives (0 or
 * -ENOMEM), and joins when it waits for its turn.  What has just been put on record may have to yield: true, its end is on the way.
 */
int limit_key_refuse(
	const struct gate *gate, struct tenant *tenant, const struct job *job, struct problem *reterr);
int limit_key_arrive(struct gate *gate, struct entry *entry);
void limit_key_join(struct gate *gate, struct entry *entry);
void limit_key_leave(struct gate *gate, struct entry *entry);
bool limit_key_yields(struct gate *gate, struct entry *entry);

/* arrivals.c: 0, or -EINPROGRESS or -ENOMEM with words in reterr; without a key nothing is done. */
int arrivals_add(struct gate *gate, struct entry *entry, struct problem *reterr);
void arrivals_remove(struct gate *gate, struct entry *entry);

/*
 * settings.c: before there are tenants (0 or -errno), and when there are none any more.  What is set for one (NULL: nothing); it is
 * made (NULL: no memory); and goes where nothing is set and no change needs it.  A pause has a place (0 or -ENOMEM) before it is set.
 */
int settings_restore(struct gate *gate);
void settings_free(struct gate *gate);
void settings_count(const struct gate *gate, struct gate_stats *stats);
struct setting *setting_find(const struct gate *gate, const char *name);
struct setting *setting_new(struct gate *gate, const char *name);
struct settings setting_read(const struct setting *setting); /* of NULL: nothing is set */
void setting_tidy(struct gate *gate, struct setting *setting);
int setting_make_pause(struct gate *gate, struct setting *setting);
void setting_set_pause(struct gate *gate, struct setting *setting, const struct pause *pause);
struct setting *setting_of_pause(const struct heap_item *item); /* in gate->pauses */
const struct pause *tenant_pause(const struct tenant *tenant);  /* NULL: it is not paused */

/* control.c */
void control_attach(struct gate *gate, struct tenant *tenant); /* a new one: with what is set for it */
void control_apply(
	struct gate *gate, struct tenant *tenant); /* something is set, or the configuration is another */
void control_recorded(struct gate *gate, struct store_op *op);                             /* takes it */
void control_limits(const struct gate *gate, const char *name, struct limits *ret_limits); /* as they hold */
void control_look(struct gate *gate, int64_t wall_ms); /* pauses that are over */
bool call_tenant(struct gate *gate, struct message *message);
bool call_tenants(struct gate *gate, struct message *message);
bool call_change_tenant(struct gate *gate, struct message *message);

/* explain.c */
void explain_note_start(struct tenant *tenant, int64_t ready_ns, int64_t now_ns); /* a job of its has begun */
bool call_explain(struct gate *gate, struct message *message);

/*
 * waits.c: whether the job waits as its endpoint is left alone; whether it does may have changed.  And how many wait for what.
 */
bool waits_put_off(const struct progress *progress);
void waits_note_away(const struct gate *gate, struct tenant *tenant, const struct progress *progress,
	int change); /* it is let go: 1, or comes back: -1 */
void waits_note(struct entry *entry);
void waits_count(const struct gate *gate, struct gate_stats *stats);

/*
 * audit.c: something of the entry has changed, or will before this turn ends; it goes away; it is new.
 */
void audit_touch(struct gate *gate, struct entry *entry);
void audit_forget(struct gate *gate, struct entry *entry);
void audit_arrive(struct gate *gate, struct entry *entry, int64_t now_ns);
void audit_look(struct gate *gate, int64_t now_ns); /* nothing else may be half done */
void audit_marked(struct gate *gate, int error);    /* the mark is back */
void audit_surveyed(struct gate *gate, int error);
int64_t audit_next_ns(const struct gate *gate, int64_t now_ns);
bool call_audit(struct gate *gate, struct message *message);

/*
 * reconcile.c: whether the record can be counted now; begin to, at a mark, when an audit has tallied all (0 or -errno); come to an
 * end early; and what came of it: how many counts differ, which are right now if it is final, and why it failed, if that is worth telling.
 */
bool reconcile_may(const struct gate *gate);
int reconcile_begin(struct gate *gate);
void reconcile_stop(struct gate *gate);
size_t reconcile_end(struct gate *gate, int *error, bool final);
void reconcile_free(struct gate *gate);

/* So many jobs that are on record cannot be had from there; and of those as many as these can, or are there no longer: gives how many. */
void reconcile_lose(struct gate *gate, const char *tenant, int priority, enum job_state state, size_t jobs);
size_t reconcile_find(struct gate *gate, const char *tenant, int priority, enum job_state state, size_t jobs);

/*
 * resting.c: the tenant is about to be forgotten, and its bucket is not full; false: no memory.  It is known again, with that bucket.
 */
bool resting_begin(struct gate *gate, const struct tenant *tenant, int64_t now_ns);
void resting_end(struct gate *gate, struct tenant *tenant);
bool resting_is(const struct gate *gate, const char *name);
size_t resting_count(const struct gate *gate);
void resting_set_limits(struct gate *gate, const char *name); /* other limits hold, if it rests */
void resting_reconfigure(struct gate *gate);
void resting_look(struct gate *gate, int64_t now_ns); /* those whose buckets are full */
void resting_free(struct gate *gate);

/* tenant.c */
size_t tenants_known(const struct gate *gate);
struct tenant *tenant_find(const struct gate *gate, const char *name); /* NULL: nothing of it is here */
struct tenant *tenant_get(struct gate *gate, const char *name, struct problem *reterr);
struct tenant *tenant_restore(struct gate *gate, const char *name); /* however many there are */
void tenant_put(struct gate *gate, struct tenant *tenant);          /* frees it when nothing of it is left */
void tenant_is_used(struct gate *gate, struct tenant *tenant);      /* it has a job, again */
bool tenant_may_start(
	struct gate *gate, struct tenant *tenant); /* its first job, but for workers and lanes */
void tenant_review(
	struct gate *gate, struct tenant *tenant); /* join or leave the fair share, after any change */
void tenant_look_later(struct gate *gate, struct tenant *tenant); /* whether its first job must make way */
void tenants_make_way(struct gate *gate);                         /* no lane may be half done */
void tenants_free(struct gate *gate);                             /* when no entry is left */
void tenant_set_limits(struct gate *gate, struct tenant *tenant,
	const struct limits *limits); /* it may be gone after that */
size_t tenant_slots(
	const struct tenant *tenant, const struct job *job); /* that the job takes when it starts */
bool tenant_at_limit(const struct tenant *tenant);           /* for which its jobs wait */
void tenants_wake(struct gate *gate, int64_t now_ns);
void tenants_reconfigure(struct gate *gate);
void tenants_look_again(struct gate *gate); /* in a second: there was no memory */
void tenants_look(struct gate *gate, int64_t now_ns);

/* ledger.c: takes the operation; it comes back through `committed`. */
void ledger_send(struct gate *gate, struct store_op *op);
void ledger_send_mark(struct gate *gate, struct store_op *op);
void ledger_flush(struct gate *gate, int64_t now_ns);
void ledger_back(struct gate *gate, struct store_op *op);
void ledger_abandon(struct gate
		*gate); /* wait for what is at the store, and forget all; for a gate that does not start */

/*
 * window.c: may a job that has come to wait in this state wait here; if not, let it go, which it may when it is on record.
 * Look what should be here; take in what was read.
 */
bool window_admits(const struct gate *gate, const struct entry *entry);
void window_begin(struct gate *gate, struct tenant *tenant, int priority, enum job_state state, size_t jobs);
void window_correct(struct gate *gate, struct tenant *tenant, int priority, enum job_state state,
	ptrdiff_t change); /* so many more wait on record only than were counted, or fewer */
void window_leave_out(struct gate *gate, struct entry *entry);
void window_departed(struct gate *gate, const struct uuid *id);
void window_review(struct gate *gate, struct tenant *tenant);
void window_forget(struct gate *gate, struct tenant *tenant); /* it is being freed */
void window_ask(
	struct gate *gate, struct message *message); /* about a job that is not here; answered later */
void window_damaged(
	struct gate *gate, const struct store_found *found); /* it was away, and is no job any more */
void window_look(struct gate *gate, int64_t now_ns);
void window_loaded(struct gate *gate, struct load *load);
int64_t window_next_ms(const struct gate *gate); /* wall time of the next look; INT64_MAX: none */

/* damage.c: tell of a job that cannot be read back, once (0 or -ENOMEM); whether it was told of, and now can be. */
int damage_note(struct gate *gate, const struct store_found *found);
bool damage_mended(struct gate *gate, uint64_t sequence);
void damage_free(struct gate *gate);

/* loader.c: a task; reads what is sent to it. */
void loader(void *gate);
void loader_tell_damage(const struct store_found *found);

/* Just before a place: all from the place on stands behind it. */
static inline struct store_place place_before(struct store_place place)
{
	return (struct store_place){place.ms, place.sequence - 1};
}

/* recover.c: before the gate's task is started.  0 or -errno. */
int gate_recover(struct gate *gate);

/*
 * worker.c: start the first worker (0 or -errno); another where more jobs run than there are, if there may be more, before a worker is to
 * hear of the job; and end all, none of which has a job.
 */
int workers_start(struct gate *gate);
void workers_suffice(struct gate *gate);
void workers_stop(struct gate *gate);

#endif
