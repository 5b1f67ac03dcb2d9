/* main.c - penstockd: the command line, the configuration, the socket; then the runtime with daemon_run() in it. */
#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <penstock/chan.h>
#include <penstock/task.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/fd.h"
#include "daemon/daemon.h"
#include "log/log.h"
#include "work/work.h"

enum { FREED_KEPT = 2 << 20 /* bytes an arena, at most */ };

enum exit_code { EXIT_STOPPED = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const char usage[] =
	"Usage: penstockd [--config FILE] [--listen ADDR:PORT] [--state-dir DIR] [--store KIND]\n"
	"                 [--drain-timeout DURATION] [--check]\n"
	"\n"
	"  -c, --config FILE         configuration; without one, the defaults\n"
	"  -l, --listen ADDR:PORT    where to listen (127.0.0.1:7117); port 0: any free one\n"
	"  -d, --state-dir DIR       where the store keeps its files\n"
	"  -s, --store KIND          sqlite or memory\n"
	"  -t, --drain-timeout TIME  how long running jobs may go on after SIGTERM (30s)\n"
	"      --check               read the configuration, say what is wrong with it, and exit\n"
	"      --version, --help\n"
	"\n"
	"Signals: TERM or INT drains and stops, a second one hurries; HUP reads the configuration anew.\n"
	"Exit: 0 clean stop, 1 failed, 2 usage or configuration.\n";

enum option_value { OPTION_CHECK = 256, OPTION_VERSION, OPTION_HELP };

static const struct option options[] = {
	{"config",           required_argument, NULL, 'c'},
	{"listen",              required_argument, NULL, 'l'},
	{"state-dir",                  required_argument, NULL, 'd'},
	{"store",required_argument, NULL, 's'},
	{"drain-timeout",               required_argument, NULL, 't'},
	{"check",        no_argument, NULL, OPTION_CHECK},
	{"version",              no_argument, NULL, OPTION_VERSION},
	{"help",		  no_argument, NULL, OPTION_HELP},
	{0	     },
};

struct arguments {
	bool check, done; /* done: nothing but the exit is left to do */
	enum exit_code code;
};

static void take_option(struct daemon *daemon, struct arguments *arguments, int option)
{
	switch (option) {
	case 'c':
		daemon->conf_path = optarg;
		break;
	case 'l':
		daemon->overrides.listen = optarg;
		break;
	case 'd':
		daemon->overrides.state_dir = optarg;
		break;
	case 's':
		daemon->overrides.store = optarg;
		break;
	case 't':
		daemon->overrides.drain_timeout = optarg;
		break;
	case OPTION_CHECK:
		arguments->check = true;
		break;
	case OPTION_VERSION:
		puts("penstockd " PENSTOCK_VERSION);
		arguments->done = true;
		break;
	case OPTION_HELP:
		fputs(usage, stdout);
		arguments->done = true;
		break;
	default:
		fputs(usage, stderr);
		*arguments = (struct arguments){.done = true, .code = EXIT_USAGE};
		break;
	}
}

static struct arguments read_arguments(struct daemon *daemon, int argc, char **argv)
{
	struct arguments arguments = {.code = EXIT_STOPPED};
	int option;

	while (!arguments.done && (option = getopt_long(argc, argv, "c:l:d:s:t:", options, NULL)) != -1)
		take_option(daemon, &arguments, option);
	if (!arguments.done && optind < argc) {
		fprintf(stderr, "penstockd: unexpected argument: %s\n%s", argv[optind], usage);
		arguments = (struct arguments){.done = true, .code = EXIT_USAGE};
	}
	return arguments;
}

/* Each connection and each transfer is a descriptor; the soft limit's default of 1024 is for programs that use select(2). */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/*
 * Most of what one thread frees another asks for a moment later; by default the C library gives all but 128 KiB of it back to the system
 * meanwhile, for a sixth of the processor's time under load.
 */
static void keep_freed_memory(void)
{
	mallopt(M_TRIM_THRESHOLD, FREED_KEPT);
	mallopt(M_MMAP_THRESHOLD, FREED_KEPT / 2);
}

static void tell_leak(const char *task, void *arg)
{
	(void)arg;
	log_error("daemon", "a task was left behind", "task=%s", task);
}

static enum exit_code fail(const char *what, int r, const struct problem *problem)
{
	log_error("daemon", what, "error=%s detail=%s", strerror(-r), problem->code ? problem->message : "");
	return EXIT_FAILED;
}

static enum exit_code run(struct daemon *daemon)
{
	struct pen_run_options runtime = {
		.loops = daemon->conf->loops, .on_leak = tell_leak, .tell_overflow = true};
	struct problem problem = {0};
	int r;

	raise_descriptor_limit();
	keep_freed_memory();
	r = signals_open(&daemon->signal_fd);
	if (r < 0)
		return fail("signals cannot be read", r, &problem);
	r = socket_open(daemon, &problem);
	if (r < 0) {
		fail("cannot listen", r, &problem);
		return r == -EINVAL || r == -EACCES ? EXIT_USAGE : EXIT_FAILED;
	}
	r = pen_run(&runtime, daemon_run, daemon);
	if (r < 0)
		return fail("the runtime could not start", r, &problem);
	return r == 0 ? EXIT_STOPPED : EXIT_FAILED;
}

int main(int argc, char **argv)
{
	struct daemon daemon = {.listen_fd = -1, .signal_fd = -1};
	struct arguments arguments = read_arguments(&daemon, argc, argv);
	struct problem problem = {0};
	enum exit_code code = EXIT_STOPPED;

	if (arguments.done)
		return (int)arguments.code;
	if (conf_load(daemon.conf_path, &daemon.overrides, &daemon.conf, &problem) < 0 ||
		(daemon.conf->n_commands > 0 && work_can_run_commands(&problem) < 0)) {
		fprintf(stderr, "penstockd: %s\n", problem.message);
		conf_unref(daemon.conf);
		return EXIT_USAGE;
	}
	daemon_set_log_level(daemon.conf);
	if (arguments.check)
		puts(daemon.conf_path ? "penstockd: the configuration is right"
				      : "penstockd: no file was given, the defaults are right");
	else
		code = run(&daemon);
	fd_close(daemon.listen_fd);
	fd_close(daemon.signal_fd);
	pen_chan_free(daemon.signals);
	conf_unref(daemon.conf);
	return (int)code;
}
