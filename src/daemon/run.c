/*
 * run.c - the first task: start the parts from the bottom up, serve until told to stop, stop them from the top down.
 */
#include <errno.h>
#include <malloc.h>
#include <penstock/chan.h>
#include <penstock/ctx.h>
#include <signal.h>
#include <string.h>

#include "base/cleanup.h"
#include "daemon/daemon.h"
#include "gate/gate.h"
#include "http/http.h"
#include "log/log.h"
#include "store/store.h"
#include "wire/wire.h"

enum { STORE_QUEUE_MAX = 8192, STORE_GROUP_MAX = 1024, SIGNALS_MAX = 8 };
#define ANSWERS_GRACE_NS (300 * PEN_MS) /* for answers under way when the server stops */

static int failed(const char *part, int r, const struct problem *problem)
{
	log_error("daemon", "could not start", "part=%s error=%s detail=%s", part, strerror(-r),
		problem->code ? problem->message : "");
	return r;
}

static int start(struct pen_ctx *ctx, struct daemon *daemon)
{
	const struct conf *conf = daemon->conf;
	struct store_options store = {
		.kind = conf->store,
		.state_dir = conf->state_dir,
		.restore = wire_restore_job,
		.retention_ns = conf->retention_ns,
		.retention_jobs = conf->retention_jobs,
		.retention_bytes = conf->retention_bytes,
		.queue_max = STORE_QUEUE_MAX,
		.group_max = STORE_GROUP_MAX,
		.batch_max = conf->bulk_max,
	};
	struct problem problem = {0};
	int r;

	daemon->signals = pen_chan_new(sizeof(int), SIGNALS_MAX);
	if (!daemon->signals)
		return failed("signals", -ENOMEM, &problem);
	r = store_open(&store, &daemon->store, &problem);
	if (r < 0)
		return failed("store", r, &problem);
	r = gate_start(ctx, daemon->conf, daemon->store, &daemon->gate);
	if (r < 0)
		return failed("gate", r, &problem);
	r = http_start(ctx, daemon->conf, daemon->gate, daemon->listen_fd, &daemon->http);
	if (r < 0)
		return failed("http", r, &problem);
	daemon->listen_fd = -1;
	r = signals_start(ctx, daemon);
	return r < 0 ? failed("signals", r, &problem) : 0;
}

static void stop(struct daemon *daemon)
{
	if (daemon->http)
		http_stop(daemon->http, ANSWERS_GRACE_NS);
	/* a start that failed has not drained, and jobs of an earlier run go on */
	if (daemon->gate)
		gate_cancel_running(daemon->gate);
	gate_stop(daemon->gate);
	store_close(daemon->store);
}

/* The word is one of those that log knows: the configuration has no others. */
void daemon_set_log_level(const struct conf *conf)
{
	enum log_level level;

	if (log_level_parse(conf->log_level, &level) == 0)
		log_set_level(level);
}

/* A configuration that is not right changes nothing. */
static void reload(struct daemon *daemon)
{
	struct problem problem = {0};
	struct conf *conf;
	const char *key;
	size_t at = 0;
	int r = conf_load(daemon->conf_path, &daemon->overrides, &conf, &problem);

	if (r < 0) {
		log_error("daemon", "the new configuration is not right, the old one stays", "detail=%s",
			problem.message);
		return;
	}
	while ((key = conf_needs_restart(daemon->conf, conf, &at)))
		log_warning("daemon", "a change of this key waits for a restart", "key=%s", key);
	r = gate_reconfigure(daemon->gate, conf);
	if (r < 0) {
		log_error("daemon", "the new configuration could not be taken", "error=%s", strerror(-r));
		conf_unref(conf);
		return;
	}
	conf_unref(daemon->conf);
	daemon->conf = conf;
	daemon_set_log_level(conf);
	log_notice("daemon", "configuration reloaded", "tenants=%zu commands=%zu", conf->n_tenants,
		conf->n_commands);
}

static void serve(struct daemon *daemon)
{
	int number;

	log_notice("daemon", "serving", "address=%s store=%s workers=%zu", daemon->address,
		daemon->conf->store, daemon->conf->workers);
	malloc_trim(0); /* of what the start took and needs no more */
	notify_ready(daemon->address);
	while (pen_chan_recv(NULL, daemon->signals, &number) == 0 && number == SIGHUP)
		reload(daemon);
	daemon_drain(daemon);
}

int daemon_run(void *arg)
{
	struct daemon *daemon = arg;
	struct pen_ctx *root;
	int r = pen_ctx_with_cancel(&root, NULL);

	if (r == 0) {
		r = start(root, daemon);
		if (r == 0)
			serve(daemon);
		stop(daemon);
		pen_ctx_unrefp(&root);
	}
	if (r == 0)
		log_notice("daemon", "stopped", "address=%s", daemon->address);
	return r < 0 ? 1 : 0;
}
