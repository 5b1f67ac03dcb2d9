/*
 * conf.h - the configuration: text in, one immutable counted structure out.  One table (conf/options.c) gives each
 * key's name, kind, default, range and manual text.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <penstock/ref.h>

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/problem.h"
#include "core/command.h"
#include "core/guard.h"
#include "core/limits.h"
#include "core/signing.h"

struct conf_tenant {
	char *name; /* NULL: tenant-defaults */
	struct limits limits;
	uint32_t set; /* 1u << limit, for those that the file says, here or in tenant-defaults */
	char **allow_networks, **allow_hosts; /* besides those of all; NULL: none */
	struct guard guard;                   /* made of them */
};

struct conf {
	struct pen_ref refs;
	/* the daemon */
	char *listen;    /* "ADDR:PORT", "[V6]:PORT"; port 0: any free one */
	char *state_dir; /* absolute */
	char *store;     /* "sqlite", "memory" */
	char *log_level;
	size_t loops;             /* 0: one a processor */
	size_t workers;           /* 1..65536, default 256 */
	int64_t drain_timeout_ns; /* default 30s */
	int64_t command_grace_ns; /* from TERM to KILL; default 5s */
	/* HTTP */
	size_t body_max;            /* bytes of a request body; default 1MiB */
	size_t bulk_max;            /* jobs in one request; default 10000 */
	size_t bulk_bytes_max;      /* bytes of its body; default 64MiB */
	size_t json_depth_max;      /* default 64 */
	size_t connections_max;     /* default 16384 */
	size_t header_max;          /* bytes of a request's line and headers; default 8KiB */
	int64_t idle_timeout_ns;    /* a connection without a request; default 75s */
	int64_t request_timeout_ns; /* from a request's first byte to its last; default 10s */
	int64_t wait_max_ns;        /* the longest ?wait=; default 60s */
	/* jobs */
	int64_t timeout_ns;     /* of an attempt that names none; default 30s */
	int64_t timeout_max_ns; /* the most a job may ask for; default 1h */
	size_t jobs_max;        /* accepted and not ended, all tenants; default 1000000 */
	size_t jobs_bytes_max;  /* what those that are in memory may take; default 512MiB */
	size_t window;          /* of each line jobs in memory that wait; default 1000 */
	size_t window_bytes;    /* what jobs in memory may take when more come; default 64MiB */
	size_t tenants_max;     /* default 100000 */
	size_t crash_limit;     /* attempts of a job that may end with the daemon; default 3 */
	size_t result_max;      /* bytes of a captured HTTP body; default 64KiB */
	/* what http jobs may call */
	char **allow_networks, **allow_hosts; /* not public, or at any port */
	char **http_ports;                    /* besides 80 and 443 */
	struct guard guard;                   /* made of them */
	uint32_t breaker_failures; /* in a row, after which an endpoint is left alone; default 10 */
	int64_t breaker_min_ns, breaker_max_ns;          /* for how long; default 1s, 5m */
	char *ca_file, *client_certificate, *client_key; /* NULL: none */
	/* result cache and store retention */
	size_t cache_bytes;                 /* default 64MiB */
	int64_t cache_age_ns;               /* default 1h */
	int64_t retention_ns;               /* how long an ended job is known in full; default 24h */
	size_t retention_jobs;              /* and how many; default 100000 */
	size_t retention_bytes;             /* and how much they may take; default 512MiB */
	struct conf_tenant tenant_defaults; /* max-running 16, max-queued 100000, weight 1 */
	struct conf_tenant *tenants;        /* those with a section of their own, by name */
	size_t n_tenants;
	struct command_def *commands; /* by name */
	size_t n_commands;
	struct signing_key *signing_keys; /* by name */
	size_t n_signing_keys;
};

/* What the command line overrides; NULL: not given. */
struct conf_overrides {
	const char *listen, *state_dir, *store, *drain_timeout;
};

/*
 * Read `path` (NULL: only defaults) and the overrides.  Gives a configuration in `*ret_conf`, or -errno and in
 * `reterr->message` the whole text for people: "FILE:LINE: text".  One thread at a time (libconfuse's lexer is global).
 */
int conf_load(const char *path, const struct conf_overrides *overrides, struct conf **ret_conf,
	struct problem *reterr);

struct conf *conf_ref(struct conf *conf);
void conf_unref(struct conf *conf); /* NULL is allowed */
void conf_unrefp(struct conf **conf);

const struct command_def *conf_command(const struct conf *conf, const char *name); /* NULL: not allowed */
/* A key that jobs of the tenant may sign with; NULL: there is none of that name for it. */
const struct signing_key *conf_signing_key(const struct conf *conf, const char *name, const char *tenant);

/* A tenant's own section, or tenant-defaults. */
const struct conf_tenant *conf_tenant(const struct conf *conf, const char *name);
const struct limits *conf_limits(const struct conf *conf, const char *tenant);

/* The next key that differs and cannot change while running (listen, store, ...), for SIGHUP; NULL: no more.  `*at` begins at 0. */
const char *conf_needs_restart(const struct conf *from, const struct conf *to, size_t *at);

/* Write penstock.conf with every default, and the manual's option list (mdoc), from the one table. */
void conf_write_defaults(FILE *to);
void conf_write_manual(FILE *to);

#endif
