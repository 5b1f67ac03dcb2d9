/*
 * ctl.h - the `penstock` program: a command line over the HTTP API, which prints the server's documents as they come; and, beside
 * that, what is done to a state folder itself, whose daemon may not even start.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <stdio.h>

/* What the process ends with. */
enum ctl_exit {
	CTL_OK = 0,
	CTL_FAILED = 1,       /* the server said no, or could not be asked; the state folder is not whole */
	CTL_USAGE = 2,        /* the command line is wrong; nothing was sent */
	CTL_UNSUCCESSFUL = 3, /* the job ended, but not well */
	CTL_NOT_ENDED = 4     /* the job did not end in time */
};

struct ctl_command;

/* One run of the client. */
struct ctl {
	const char *url; /* of the server, without a slash at its end */
	FILE *in, *out, *err;
	const struct ctl_command *command;
};

/* One word that may follow `penstock`; `run` gets it as argv[0] and returns an enum ctl_exit. */
struct ctl_command {
	const char *name;
	const char *arguments; /* for the usage line */
	const char *summary;
	int (*run)(struct ctl *ctl, int argc, char **argv);
};

extern const struct ctl_command ctl_submit, ctl_get, ctl_wait, ctl_cancel, ctl_retry, ctl_list, ctl_logs,
	ctl_why, ctl_tenants, ctl_pause, ctl_resume, ctl_stats, ctl_audit, ctl_verify, ctl_export, ctl_import;

/* Do what the arguments say; returns the process's exit status. */
int ctl_run(int argc, char **argv, FILE *in, FILE *out, FILE *err);

/* Say what is wrong with the command line, and how the command is used; returns CTL_USAGE. */
int ctl_misused(struct ctl *ctl, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same of an option for which getopt_long() gave `c`: ':' or '?'. */
int ctl_bad_option(struct ctl *ctl, int c, char *const *argv);

/* Say what went wrong, control characters made harmless; returns CTL_FAILED. */
int ctl_fail(struct ctl *ctl, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
