/* stats.h - the numbers of /stats, as plain storage, and their text. */
#ifndef WIRE_STATS_H
#define WIRE_STATS_H

#include "base/buf.h"
#include "core/explanation.h"
#include "core/job.h"
#include "core/lane.h"
#include "core/outcome.h"

#define STATS_BUCKETS 20

/* Of durations (bounds from 100 us to 1 h) or of counts (bounds are the powers of two); never both in one. */
struct stats_histogram {
	uint64_t bucket[STATS_BUCKETS + 1]; /* not cumulative; the last is +Inf */
	double sum;                         /* seconds, or the counts */
};

void stats_observe(struct stats_histogram *histogram, int64_t ns);
void stats_observe_count(struct stats_histogram *histogram, uint64_t count);

enum stats_submitted { SUBMITTED_ACCEPTED, SUBMITTED_REFUSED, SUBMITTED_REPLAYED, SUBMITTED_RESULTS };

enum stats_store_op {
	STATS_STORE_ACCEPT,
	STATS_STORE_CHANGE,
	STATS_STORE_FINISH,
	STATS_STORE_TENANT,
	STATS_STORE_RECOVER, /* jobs that wait or were running, and cannot be read back */
	STATS_STORE_READ,    /* whatever was asked for */
	STATS_STORE_OPS
};

/* What the gate counts; it owns one and gives copies. */
struct gate_stats {
	uint64_t submitted[JOB_KINDS][SUBMITTED_RESULTS];
	uint64_t finished[JOB_KINDS][JOB_STATES]; /* only the ends are in use */
	uint64_t attempts[JOB_KINDS][OUTCOME_ENDS];
	uint64_t jobs[JOB_STATES]; /* now, of those not ended */
	struct stats_histogram wait[JOB_KINDS], run[JOB_KINDS], total[JOB_KINDS];
	uint64_t workers_busy, workers_idle;
	uint64_t tenants;
	uint64_t limit_waiting;         /* queued jobs whose tenant is at a limit */
	uint64_t limited[LANE_SORTS];   /* queued jobs that were set aside, by the limit that they wait for */
	uint64_t waiting[WAIT_REASONS]; /* queued and scheduled jobs, by why they wait */
	double oldest_ready_age_seconds;
	uint64_t cache_entries, cache_bytes, cache_hits, cache_misses, cache_evictions;
	struct stats_histogram store_commit;     /* durations, one a group */
	struct stats_histogram store_group_jobs; /* counts, one a group */
	uint64_t store_errors[STATS_STORE_OPS];
	uint64_t finishes_refused; /* ends of attempts that were not their job's latest */
	uint64_t slots_reconciled; /* corrections of a tenant's count of running jobs; must stay 0 */
	uint64_t audits,
		audit_differences; /* counts that were not what the jobs themselves said; must stay 0 */
	uint64_t tenants_paused;
	uint64_t endpoints_known, endpoints_open; /* of those with which something is wrong */
	uint64_t endpoint_openings, calls_put_off;
	int drain_state; /* 0 serving, 1 draining, 2 cancelling */
};

/* What one HTTP server counts, by row of its route table. */
#define STATS_ROUTES 32
#define STATS_CODES 24
struct route_stats {
	const char *route; /* "/jobs/{id}" */
	struct {
		int code;
		uint64_t count;
	} codes[STATS_CODES];
	struct stats_histogram seconds;
};

struct stats {
	struct gate_stats gate;
	struct route_stats routes[STATS_ROUTES];
	size_t n_routes;
	uint64_t tasks, loops, connections;
	int64_t started_ms;
};

/* Append Prometheus text 0.0.4, OpenMetrics 1.0 or JSON, with process_* from /proc/self.  0 or -ENOMEM. */
enum stats_format { STATS_PROMETHEUS, STATS_OPENMETRICS, STATS_JSON };
int stats_write(struct buf *out, const struct stats *stats, enum stats_format format);

#endif
