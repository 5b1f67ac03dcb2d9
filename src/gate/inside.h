/*
 * inside.h - the gate's own state and how its parts know each other.
 *
 * All of it but `results`, `calls` and what is passed through channels is touched by the gate's task only (turn.c), which is
 * why nothing here has a lock.
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
 *   recover.c the jobs of an earlier daemon
 *   worker.c  the workers: receive, run, send back
 *   results.c the result cache and who waits for results
 */
#ifndef GATE_INSIDE_H
#define GATE_INSIDE_H

#include <penstock/chan.h>
#include <penstock/sem.h>
#include <penstock/waitgroup.h>

#include "base/hash_table.h"
#include "base/heap.h"
#include "core/lane.h"
#include "core/outcome.h"
#include "core/queue.h"
#include "core/share.h"
#include "gate/gate.h"
#include "gate/logs.h"
#include "gate/results.h"
#include "work/work.h"

/* What is set for a tenant, with or without jobs; of those without there may be many, so it is small. */
struct setting {
	UT_hash_handle hh;
	struct paused *paused; /* NULL: it is not */
	uint32_t set;          /* 1u << limit, for each that is */
	bool changing;         /* a change of it is on its way to the record */
	struct limits limits;
	char name[];
};

/* A pause of one. */
struct paused {
	struct heap_item until; /* in gate->pauses, always; INT64_MAX: it does not end by itself */
	struct setting *setting;
	struct pause pause;
};

/* What the jobs themselves say, in an audit. */
struct audit_tally {
	size_t waiting, entries, running, slots, put_off;
	size_t lines[PRIORITIES], aside[PRIORITIES], aside_at[LANE_SORTS];
};

/* The same of lanes, by their sorts, or of one. */
struct lane_tally {
	size_t running[LANE_SORTS], members, arriving;
};

struct audit_sums {
	size_t running, underway, asking, bytes, away;
	size_t jobs[JOB_STATES], aside_at[LANE_SORTS];
	struct lane_tally lanes;
};

/* What one entry adds to them. */
struct share_of {
	size_t bytes;
	enum job_state state;
	int line, aside; /* -1: it stands in none, and is not set aside */
	int aside_at;    /* the sort of the lane that it waits for */
	size_t slots;    /* 0: it does not run */
	struct lane_tally lanes;
	bool waits, underway, asks, put_off;
};

/* A line of a tenant's queue, for what of it is away: on record only. */
struct line {
	struct tenant *tenant;
	int priority;
	size_t aside;             /* jobs of it that wait for a lane */
	struct store_place reach; /* all that are away stand behind this */
	bool hungry;              /* in gate->hungry: to be read on */
	struct line *prev, *next;
};

struct tenant {
	struct share_runner runner; /* first: share_next() gives it back */
	char name[TENANT_NAME_MAX + 1];
	struct limits limits;
	struct pen_sem *slots; /* as many units as the running jobs have slots */
	struct bucket starts;  /* a token a start */
	struct heap_item wake; /* in gate->waking: when there is a token for it, or it may be forgotten */
	int64_t idle_ns;       /* since when it has no jobs; 0: it has, or did not look */
	struct pen_ctx *ctx;   /* above its jobs' contexts */
	struct queue queue;    /* jobs that may run */
	struct line lines[PRIORITIES];
	size_t waiting;           /* jobs accepted and not running: queued and scheduled, here and away */
	size_t running;           /* jobs that workers have */
	size_t entries;           /* of all that are not on record as ended those that are here */
	size_t later_away;        /* of the scheduled those that are on record only */
	size_t aside[LANE_SORTS]; /* jobs that wait for a lane, by its sort */
	size_t put_off; /* of the scheduled that are here those that wait as their endpoint is left alone */
	struct setting *setting;             /* NULL: nothing is set for it */
	int64_t last_start_ns, start_gap_ns; /* explain.c */
	struct audit_tally tally;
	struct berth *offered; /* where one of its jobs was offered room, and has not had its turn */
	bool looks;            /* in gate->looks */
	struct tenant *looks_prev, *looks_next;
	struct named_lane *held_at; /* that its first job wants, which waits for slots; NULL: none */
	struct tenant *held_prev, *held_next;
	UT_hash_handle hh;
};

enum {
	ENTRY_LANES = 2,  /* that a job may have to go into: of what it does, and of its limit_key */
	LANE_ID_MAX = 400 /* bytes; of longer names only the beginning counts */
};

/* A lane, found by what it is of. */
struct named_lane {
	struct lane lane;
	enum lane_sort sort;
	struct tenant *tenant; /* NULL: of all */
	/* LANE_KEY: its jobs, see limit_key.c */
	struct entry *members;
	size_t n_members, arriving; /* arriving: not on record yet */
	struct tenant *held;        /* to be looked at when it is full */
	struct lane_tally tally;    /* where a difference is looked for */
	UT_hash_handle hh;
	char id[];
};

/* A job that has not ended, or whose end is not on record yet. */
struct entry {
	struct queue_item item;  /* in the tenant's queue; first: queue_pop() gives it back */
	struct heap_item due;    /* in gate->scheduled: wall ms of next_run_at */
	struct heap_item expiry; /* in gate->expiries: wall ms of expires_at */
	struct job *job;
	size_t bytes; /* what it takes, about */
	struct progress progress;
	struct tenant *tenant;
	uint64_t turn; /* in which order those came that wait for their turn; CLOCK_MONOTONIC, about */
	struct heap_item aside; /* where it is set aside: at `berth` */
	struct berth *berth;    /* not aside: from there it was put in line again; NULL: neither */
	struct named_lane *lanes[ENTRY_LANES]; /* those that it runs in; NULL: no more */
	struct named_lane *key_lane;           /* that of its limit_key, if it counts there */
	bool is_member;                        /* of key_lane; else it arrives */
	struct entry *key_prev, *key_next;     /* there */
	bool asks; /* it has no room, and is only to be told whether its key is in use; counted in gate->asking */
	bool arrives;               /* with another's end, and is not on record yet */
	struct message *submitter;  /* who waits for the job to be on record; NULL: it is */
	struct store_op *latest;    /* the last operation sent, until it is on record */
	struct pen_ctx *ctx;        /* while running: above the attempt's */
	struct conf *conf;          /* while running: the configuration it was started under */
	int64_t timeout_max_ns;     /* while running: the most its tenant allowed then; 0: not said */
	size_t slots;               /* while running: those that it has */
	bool underway;              /* counted in gate->underway */
	bool put_off;               /* counted in tenant->put_off */
	bool logged;                /* its log is held, until the end of its attempt is on record */
	bool ending;                /* its end is on the way to the store */
	bool cancel_asked;          /* by a client, while running */
	bool cancel_recorded;       /* that it is cancelling */
	struct message *cancellers; /* who waits for that, or for its end, to be on record */
	bool restored;           /* of an earlier daemon: a start is on record before a worker hears of it */
	bool held;               /* started, and waits for that */
	struct message *retrier; /* who asked for it again, until that is on record */
	bool leaves;             /* goes away as soon as it is on record that it is queued */
	int64_t accepted_ns, ready_ns, started_ns; /* CLOCK_MONOTONIC, for the histograms */
	struct share_of share_of;                  /* as it was counted in audit pass `audited` */
	uint32_t audited;                          /* 0: in none */
	bool comes_again;                          /* in gate->audit.again */
	struct entry *again_prev, *again_next;
	char *arriving; /* its name in gate->arrivals; NULL: it is not there */
	UT_hash_handle hh, by_key;
};

enum call {
	CALL_SUBMIT,
	CALL_SUBMIT_MANY,
	CALL_LOOK,
	CALL_CANCEL,
	CALL_RETRY,
	CALL_TENANT,
	CALL_TENANTS,
	CALL_CHANGE_TENANT,
	CALL_EXPLAIN,
	CALL_AUDIT,
	CALL_DRAIN,
	CALL_RECONFIGURE,
	CALL_READY,
	CALL_STATS,
	CALL_STOP,
	CALLS
};

/* A call of gate.h on its way to the gate's task and back; lives on the caller's stack until answered. */
struct message {
	enum call call;
	struct job *job;
	struct gate_line *lines; /* CALL_SUBMIT_MANY: of many jobs, what it is about them */
	size_t n_lines;
	size_t at, left; /* the next line to hear of, and how many there are */
	bool atomic;
	const struct uuid *id;
	struct conf *conf;
	struct gate_receipt receipt;
	enum job_state state;
	struct store_record *record;
	struct gate_stats *stats;
	const char *tenant; /* CALL_TENANT; CALL_TENANTS: begin behind this, NULL: at the first */
	struct tenant_view *views;
	const char **names; /* CALL_TENANTS: room for `names_max` and one more */
	size_t n_names, names_max;
	bool more;
	const struct tenant_change *change;
	struct settings *next_settings; /* CALL_CHANGE_TENANT: as it is to be */
	struct explanation *explanation;
	size_t ahead; /* CALL_EXPLAIN, of a job that is on record only: as many stand before it in its line */
	struct gate_audit *audit;
	struct problem problem;
	int result;
	struct pen_waitgroup *answered; /* done when it is */
	struct message
		*next; /* in gate->asked, gate->changes, gate->audit.askers, or an entry's `cancellers` */
};

/* What the gate has the loader read: a part of a list, or the job that a call is about. */
struct load {
	struct store_scan scan;
	int64_t until_ms;        /* no further than this, by place */
	struct line *line;       /* STORE_READY */
	struct message *message; /* the call; NULL: it is a list */
	/* Set by the loader: */
	struct store_found *found;
	size_t n, bytes;
	struct store_place last; /* behind this there may be more */
	int error;
};

/* What a worker sends back. */
struct finished {
	struct entry *entry;
	struct outcome *outcome; /* from malloc; NULL when there was no memory for one */
	bool logged;             /* the job's log was taken, and is to be put back */
};

/* What can be loaded; each has its turn. */
enum load_sort { LOAD_ASKED, LOAD_EXPIRING, LOAD_LATER, LOAD_LINE, LOAD_SORTS };

struct audit {
	bool underway;
	uint32_t pass;
	int64_t next_ns;     /* 0: there is nothing to check */
	struct entry *at;    /* the next to be counted */
	struct entry *again; /* changed since they were */
	struct audit_sums sums;
	struct message *askers;
	size_t doubts; /* how often all had to be added up again */
};

struct gate {
	struct conf *conf;
	struct store *store;
	struct work *work;
	struct results *results;
	struct logs *logs;        /* of the commands that run */
	struct pen_ctx *jobs_ctx; /* above every tenant's */

	struct pen_chan *calls;          /* of struct message * */
	struct pen_chan *ready;          /* of struct entry *, to the workers; has room for all that run */
	struct pen_chan *done;           /* of struct finished */
	struct pen_chan *committed;      /* of struct store_op *; has room for LEDGER_MAX */
	struct pen_waitgroup *workers;   /* done when all that were started are */
	size_t n_workers, n_started;     /* how many there may be, and are */
	struct pen_chan *loads, *loaded; /* of struct load *, to the loader and back; one place each */
	struct pen_waitgroup *loader;    /* done when it is */
	int64_t retention_ms;            /* the store's */
	struct pen_chan *drained;        /* closed when it is draining and nothing is underway */
	struct pen_chan *ended;          /* closed when the gate's task is done */

	struct entry *entries;    /* by id */
	size_t asking;            /* those of them that only ask */
	size_t entries_bytes;     /* what they take, about */
	struct entry *arrivals;   /* by tenant and idempotency key: those that are not on record yet */
	struct tenant *tenants;   /* by name */
	struct setting *settings; /* by the tenant's name */
	struct heap pauses;
	struct message *
		changes; /* to settings of which another change is on its way to the record, in their order */
	struct resting *resting; /* by the tenant's name */
	struct heap filling;     /* those by when their buckets are full; CLOCK_MONOTONIC */
	struct audit audit;
	struct tenant *looks; /* whose first jobs may have to make way, see tenant.c */
	int64_t tenants_look_ns; /* when to look at all of them, as there was no memory for one's turn; 0: never */
	struct named_lane *lanes; /* by their ids */
	struct berth *berths;     /* by lane and tenant */
	uint64_t last_turn;
	struct share share; /* tenants that have a job that may run */
	struct heap waking; /* tenants by when there is a token for them; CLOCK_MONOTONIC */
	struct heap scheduled, expiries;
	uint64_t last_sequence, last_restored; /* the last that was given; that an earlier daemon gave */

	size_t away; /* jobs that are on record only */
	struct store_place later,
		expiring;    /* those that are away stand behind, by when they are due and expire */
	struct line *hungry; /* to be read on */
	struct message *asked, *asked_last; /* calls about jobs that are not here */
	struct load load;                   /* the one that is out */
	bool loading;                       /* whether it is */
	enum load_sort load_sort;           /* the last that was sent */
	int64_t load_retry_ns;              /* none before; 0: at once */
	struct uuid *departed;              /* jobs that left while it is out */
	size_t n_departed, departed_max;
	bool departed_lost; /* there was no memory to note one */
	size_t running;     /* jobs that workers have */
	size_t underway;    /* jobs from their start until their attempt's end is on record */
	bool draining, stopping;

	size_t ops_out;                        /* operations at the store */
	struct store_op *ops_first, *ops_last; /* waiting for room there, or to be tried again */
	int64_t ops_retry_ns;                  /* not before; 0: at once */
	size_t ops_given_up;                   /* when the gate was stopped */
	struct gate_stats stats;
};

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
	const struct entry *first); /* which waits for slots; NULL: none does */
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
void waits_note(struct entry *entry);
void waits_count(const struct gate *gate, struct gate_stats *stats);

/*
 * audit.c: something of the entry has changed, or will before this turn ends; it goes away; there will be something to check.
 */
void audit_touch(struct gate *gate, struct entry *entry);
void audit_forget(struct gate *gate, struct entry *entry);
void audit_expect(struct gate *gate, int64_t now_ns);
void audit_look(struct gate *gate, int64_t now_ns); /* nothing else may be half done */
int64_t audit_next_ns(const struct gate *gate, int64_t now_ns);
bool call_audit(struct gate *gate, struct message *message);

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
void window_leave_out(struct gate *gate, struct entry *entry);
void window_departed(struct gate *gate, const struct uuid *id);
void window_review(struct gate *gate, struct tenant *tenant);
void window_forget(struct gate *gate, struct tenant *tenant); /* it is being freed */
void window_ask(
	struct gate *gate, struct message *message); /* about a job that is not here; answered later */
void window_look(struct gate *gate, int64_t now_ns);
void window_loaded(struct gate *gate, struct load *load);
int64_t window_next_ms(const struct gate *gate); /* wall time of the next look; INT64_MAX: none */

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
