/*
 * state.h - what the gate knows: jobs, their tenants and lanes, and what is on its way to it and from it.
 *
 * All of it but `results`, `calls` and what is passed through channels is touched by the gate's task only (turn.c), which is
 * why nothing here has a lock.
 */
#ifndef GATE_STATE_H
#define GATE_STATE_H

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
	size_t recorded[PRIORITIES],
		recorded_later; /* queued and scheduled on record, whatever they are here */
};

/* The same of lanes, by their sorts, or of one. */
struct lane_tally {
	size_t running[LANE_SORTS], members, arriving;
};

struct audit_sums {
	size_t running, underway, asking, bytes, away, later_away;
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
	int recorded; /* the line that it is queued in on record; -1: none */
	bool waits, underway, asks, put_off, recorded_later;
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

/* What each step of each job looks at stands first, and together: of thousands of tenants none is in the processor's cache. */
struct tenant {
	struct share_runner runner; /* first: share_next() gives it back */
	struct setting *setting;    /* NULL: nothing is set for it */
	struct pen_sem *slots;      /* as many units as the running jobs have slots */
	struct heap_item
		wake; /* in gate->waking: when there is a token for it, or, of an idle one, it may be forgotten */
	int64_t idle_ns;      /* since when it has no jobs; 0: it has, or did not look */
	struct bucket starts; /* a token a start */
	struct limits limits;
	struct queue queue;  /* jobs that may run */
	size_t waiting;      /* jobs accepted and not running: queued and scheduled, here and away */
	size_t running;      /* jobs that workers have */
	size_t entries;      /* of all that are not on record as ended those that are here */
	size_t later_away;   /* of the scheduled those that are on record only */
	struct pen_ctx *ctx; /* above its jobs' contexts */
	int64_t last_start_ns, start_gap_ns; /* explain.c */
	struct berth *offered;      /* where one of its jobs was offered room, and has not had its turn */
	struct named_lane *held_at; /* that its first job wants, which waits for slots; NULL: none */
	bool looks;                 /* in gate->looks */
	char name[TENANT_NAME_MAX + 1];
	UT_hash_handle hh;
	size_t aside[LANE_SORTS]; /* jobs that wait for a lane, by its sort */
	size_t put_off; /* of the scheduled that are here those that wait as their endpoint is left alone */
	size_t put_off_away; /* the same of those that are on record only, as far as this daemon has put them off */
	struct tenant *looks_prev, *looks_next;
	struct tenant *held_prev, *held_next;
	struct line lines[PRIORITIES];
	struct audit_tally tally;
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
	bool arrives;              /* with another's end, and is not on record yet */
	struct message *submitter; /* who waits for the job to be on record; NULL: it is */
	struct store_op *latest;   /* the last operation sent, until it is on record */
	enum job_state
		recorded; /* its state there, as the last that came back has left it; JOB_STATES: it is not there */
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
	bool marking;              /* all are counted, and the pass ends when a mark comes back */
	bool marked;               /* it has */
	struct message *answering; /* who is answered when the jobs on record have been counted too */
	size_t differences;        /* found until then */
	int error;                 /* why those on record cannot be counted */
	bool from_scratch;         /* they were counted, and differ: once more, and then it is believed */
	size_t doubts;             /* how often all had to be added up again */
};

/* What waits on record, see reconcile.c. */
struct reconcile {
	bool counting;            /* it is out, and the task has all of this */
	struct reckoned *tenants; /* by name */
	struct pen_ctx *ctx;      /* NULL: none is out */
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
	struct pen_waitgroup *loader;    /* done when it is, and who counts for reconcile.c */
	struct pen_chan *surveyed;       /* of int: how that has ended */
	int64_t retention_ms;            /* the store's */
	int64_t began_ms;                /* by the wall's clock */
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
	struct reconcile reconcile;
	struct reckoned
		*lost; /* expected are jobs that are on record, but cannot be had from there; by tenant */
	struct tenant *looks; /* whose first jobs may have to make way, see tenant.c */
	int64_t tenants_look_ns; /* when to look at all of them, as there was no memory for one's turn; 0: never */
	struct named_lane *lanes; /* by their ids */
	struct berth *berths;     /* by lane and tenant */
	uint64_t last_turn;
	struct share share; /* tenants that have a job that may run */
	struct heap waking; /* tenants by when there is a token for them; CLOCK_MONOTONIC */
	struct heap scheduled, expiries;
	uint64_t last_sequence, last_restored; /* the last that was given; that an earlier daemon gave */

	size_t away;             /* jobs that are on record only */
	size_t later_away;       /* those of them that are scheduled */
	struct damaged *damaged; /* jobs that cannot be read back, by their sequences */
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

#endif
