/* options.c - every key that penstock.conf may have. */
#include "conf/options.h"

#include "base/cleanup.h"
#include "conf/check.h"
#include "conf/conf.h"
#include "conf/identity.h"

/* clang-format 14 crashes on tables of this shape, so they are laid out by hand. */
// clang-format off

#define MEMBER(type, member) .offset = offsetof(type, member), .bytes = sizeof(((type *)0)->member)
#define IN_CONF(member) MEMBER(struct conf, member)
#define IN_TENANT(member) MEMBER(struct conf_tenant, member)
#define IN_KEY(member) MEMBER(struct signing_key, member)
#define IN_COMMAND(member) MEMBER(struct command_def, member)

static const struct option top[] = {
	{.name = "listen", .kind = OPTION_TEXT, IN_CONF(listen), .value = "127.0.0.1:7117",
		.check = check_listen, .restart = true, .heading = "The daemon",
		.manual = "The address and port of the HTTP interface, as in 127.0.0.1:7117 or [::1]:7117.\n"
			  "Port 0 is any free one.\n"
			  "Only loopback addresses can be used."},
	{.name = "state-dir", .kind = OPTION_TEXT, IN_CONF(state_dir), .value = "/var/lib/penstock",
		.check = check_absolute, .restart = true,
		.manual = "The folder for what must outlive the daemon.\n"
			  "It is made, with mode 0700, if it is not there; only one daemon can use it at a time.\n"
			  "The store memory has nothing to keep there."},
	{.name = "store", .kind = OPTION_WORD, IN_CONF(store), .value = "sqlite",
		.words = "sqlite memory", .restart = true,
		.manual = "Where accepted jobs and their results are kept.\n"
			  "With sqlite they are in the file jobs.db of the state folder, and on disk before anybody is told of them.\n"
			  "With memory they are lost when the daemon ends."},
	{.name = "log-level", .kind = OPTION_WORD, IN_CONF(log_level), .value = "info",
		.words = "error warning notice info debug",
		.manual = "The least important messages that are still logged."},
	{.name = "loops", .kind = OPTION_COUNT, IN_CONF(loops), .value = "0", .min = "0", .max = "256",
		.restart = true,
		.manual = "Event loops, each on a thread of its own.\n"
			  "With 0 there is one for each processor."},
	{.name = "workers", .kind = OPTION_COUNT, IN_CONF(workers), .value = "256", .min = "1",
		.max = "65536", .restart = true,
		.manual = "How many jobs of all tenants may run at one time."},
	{.name = "drain-timeout", .kind = OPTION_DURATION, IN_CONF(drain_timeout_ns), .value = "30s",
		.min = "0s", .max = "7d",
		.manual = "How long running jobs may go on after the daemon was told to stop.\n"
			  "After that they are cancelled and go back to the queue."},
	{.name = "command-grace", .kind = OPTION_DURATION, IN_CONF(command_grace_ns), .value = "5s",
		.min = "0s", .max = "10m", .restart = true,
		.manual = "How long a command that was sent SIGTERM has before it is sent SIGKILL."},

	{.name = "body-max", .kind = OPTION_SIZE, IN_CONF(body_max), .value = "1MiB", .min = "1KiB",
		.max = "1GiB", .restart = true, .heading = "HTTP",
		.manual = "The longest request body; longer ones are refused with status 413."},
	{.name = "bulk-max", .kind = OPTION_COUNT, IN_CONF(bulk_max), .value = "10000", .min = "1",
		.max = "100000", .restart = true,
		.manual = "The most jobs in one request, as application/x-ndjson; more are refused with status 413.\n"
			  "They are put on record in one transaction, for which all others wait."},
	{.name = "bulk-bytes-max", .kind = OPTION_SIZE, IN_CONF(bulk_bytes_max), .value = "64MiB",
		.min = "1KiB", .max = "1GiB", .restart = true,
		.manual = "The longest body of such a request; each of its jobs may have body-max.\n"
			  "All such requests together may have four times as much at one time; more are refused with status 503."},
	{.name = "json-depth-max", .kind = OPTION_COUNT, IN_CONF(json_depth_max), .value = "64",
		.min = "2", .max = "256", .restart = true,
		.manual = "How deep arrays and objects of a request may be nested."},
	{.name = "connections-max", .kind = OPTION_COUNT, IN_CONF(connections_max), .value = "16384",
		.min = "1", .max = "1000000", .restart = true,
		.manual = "Connections open at one time.\n"
			  "More wait until one of them ends."},
	{.name = "header-max", .kind = OPTION_SIZE, IN_CONF(header_max), .value = "8KiB", .min = "1KiB",
		.max = "1MiB", .restart = true,
		.manual = "The most that the first line and the headers of a request may have together.\n"
			  "Each connection holds twice that much memory."},
	{.name = "idle-timeout", .kind = OPTION_DURATION, IN_CONF(idle_timeout_ns), .value = "75s",
		.min = "1s", .max = "1h", .restart = true,
		.manual = "How long a connection may be open without a request, and how long an answer may take to go out."},
	{.name = "request-timeout", .kind = OPTION_DURATION, IN_CONF(request_timeout_ns), .value = "10s",
		.min = "1s", .max = "1h", .restart = true,
		.manual = "How long a request may take to come in, from its first byte to its last.\n"
			  "One whose first line does not end is cut off after at most three times as long."},
	{.name = "wait-max", .kind = OPTION_DURATION, IN_CONF(wait_max_ns), .value = "60s", .min = "0s",
		.max = "1h", .restart = true,
		.manual = "The longest that a request may wait for a result; who asks for more gets this.\n"
			  "Who follows a log waits so long for its job to begin."},

	{.name = "timeout", .kind = OPTION_DURATION, IN_CONF(timeout_ns), .value = "30s", .min = "1ms",
		.max = "365d", .heading = "Jobs",
		.manual = "The time for one attempt of a job that does not say.\n"
			  "It must not be more than timeout-max."},
	{.name = "timeout-max", .kind = OPTION_DURATION, IN_CONF(timeout_max_ns), .value = "1h",
		.min = "1ms", .max = "365d", .restart = true,
		.manual = "The most time for one attempt that a job may ask for."},
	{.name = "jobs-max", .kind = OPTION_COUNT, IN_CONF(jobs_max), .value = "1000000", .min = "1",
		.max = "100000000",
		.manual = "Jobs of all tenants that are accepted and not ended; more are refused with status 429."},
	{.name = "jobs-bytes-max", .kind = OPTION_SIZE, IN_CONF(jobs_bytes_max), .value = "512MiB",
		.min = "1MiB", .max = "1024GiB",
		.manual = "Memory for those of them that are in memory, about; more are refused with status 429."},
	{.name = "backlog-window", .kind = OPTION_COUNT, IN_CONF(window), .value = "1000", .min = "1",
		.max = "10000000",
		.manual = "How many waiting jobs of a tenant and priority are kept in memory.\n"
			  "The rest is on record only until its turn comes near, where the store can do so."},
	{.name = "backlog-window-bytes", .kind = OPTION_SIZE, IN_CONF(window_bytes), .value = "64MiB",
		.min = "0", .max = "1024GiB",
		.manual = "Memory for jobs, about, beyond which no more than one of each line is kept there."},
	{.name = "tenants-max", .kind = OPTION_COUNT, IN_CONF(tenants_max), .value = "100000", .min = "1",
		.max = "1000000",
		.manual = "Tenants known at one time.\n"
			  "A tenant need not be configured; it is known while it has jobs, and a little longer where it has a rate.\n"
			  "For as many something may be set while the daemon runs.\n"
			  "One that has no jobs takes 160 bytes of memory and its name."},
	{.name = "crash-limit", .kind = OPTION_COUNT, IN_CONF(crash_limit), .value = "3", .min = "1",
		.max = "100", .restart = true,
		.manual = "How many attempts of a job may end with the daemon, as in a crash or a power cut.\n"
			  "After that the job has failed, with the error crash-loop."},
	{.name = "result-max", .kind = OPTION_SIZE, IN_CONF(result_max), .value = "64KiB", .min = "0",
		.max = "64MiB", .restart = true,
		.manual = "What is kept of the body that an HTTP job is answered with, decoded from gzip; the rest is dropped.\n"
			  "A body that is 8 MiB longer is not read to its end."},

	{.name = "allow-networks", .kind = OPTION_LIST, IN_CONF(allow_networks), .check = check_network,
		.example = "{\"10.20.0.0/16\", \"fd00:20::/32\"}", .heading = "What HTTP jobs may call",
		.manual = "Networks, as in 10.0.0.0/8 or fd00::/8, whose addresses the HTTP jobs of all tenants may call, at any port.\n"
			  "Without it they may call public addresses only, and never this machine: not itself, not what is private, "
			  "local to the link or otherwise of a special kind.\n"
			  "The address is looked at that is connected to, whatever the host is called."},
	{.name = "allow-hosts", .kind = OPTION_LIST, IN_CONF(allow_hosts), .check = check_host,
		.example = "{\"intranet.example\", \"*.intranet.example\"}",
		.manual = "Hosts that the HTTP jobs of all tenants may call, whatever their addresses, at any port.\n"
			  "One that begins with *. is all that are below that name.\n"
			  "Who decides what such a name resolves to decides what jobs can reach."},
	{.name = "http-ports", .kind = OPTION_LIST, IN_CONF(http_ports), .check = check_ports,
		.example = "{\"8443\", \"8000-8099\"}",
		.manual = "Ports, as in 8443 or 8000-8999, that HTTP jobs may call besides 80 and 443."},
	{.name = "breaker-failures", .kind = OPTION_COUNT, IN_CONF(breaker_failures), .value = "10", .min = "0",
		.max = "1000000",
		.manual = "After how many failed calls in a row an endpoint (scheme, host and port) is left alone for a while by a tenant's HTTP jobs.\n"
			  "No answer, none in time, and a status of 500 or more are failures; then one call is tried, and the others wait for it.\n"
			  "A job that is put off so burns no attempt.\n"
			  "With 0 only an answer that asks for it (429 or 503 with Retry-After) has that effect."},
	{.name = "breaker-min", .kind = OPTION_DURATION, IN_CONF(breaker_min_ns), .value = "1s", .min = "1ms",
		.max = "1h",
		.manual = "How long it is left alone the first time; each time in a row it is twice as long."},
	{.name = "breaker-max", .kind = OPTION_DURATION, IN_CONF(breaker_max_ns), .value = "5m", .min = "1ms",
		.max = "1d",
		.manual = "The longest that it is left alone."},
	{.name = "ca-file", .kind = OPTION_TEXT, IN_CONF(ca_file), .check = check_readable,
		.absent = true, .example = "/etc/penstock/authorities.pem",
		.manual = "Certificates, in PEM, of the authorities that servers of https are to be certified by, in place of the system's."},
	{.name = "client-certificate", .kind = OPTION_TEXT, IN_CONF(client_certificate), .check = check_readable,
		.absent = true, .example = "/etc/penstock/client.pem",
		.manual = "A certificate, in PEM, that any server of https is given that asks for one, whosever job calls it."},
	{.name = "client-key", .kind = OPTION_TEXT, IN_CONF(client_key), .check = check_readable,
		.absent = true, .example = "/etc/penstock/client.key",
		.manual = "The private key of client-certificate, in PEM and without a password; needless where it is in the same file."},

	{.name = "cache-bytes", .kind = OPTION_SIZE, IN_CONF(cache_bytes), .value = "64MiB", .min = "0",
		.max = "1024GiB", .restart = true, .heading = "Results",
		.manual = "Memory for results that are answered without asking the store.\n"
			  "With 0 there is no such cache."},
	{.name = "cache-age", .kind = OPTION_DURATION, IN_CONF(cache_age_ns), .value = "1h", .min = "0s",
		.max = "365d", .restart = true,
		.manual = "How long a result may stay in the cache."},
	{.name = "retention", .kind = OPTION_DURATION, IN_CONF(retention_ns), .value = "24h",
		.min = "0s", .max = "3660d", .restart = true,
		.manual = "How long the store knows an ended job and its result."},
	{.name = "retention-jobs", .kind = OPTION_COUNT, IN_CONF(retention_jobs), .value = "100000",
		.min = "0", .max = "100000000", .restart = true,
		.manual = "How many ended jobs the store knows; the oldest are forgotten first."},
	{.name = "retention-bytes", .kind = OPTION_SIZE, IN_CONF(retention_bytes), .value = "512MiB",
		.min = "0", .max = "1024GiB", .restart = true,
		.manual = "How many bytes ended jobs and their results may take in the store; the oldest are forgotten first."},
};

static const struct option tenant[] = {
	{.name = "max-running", .kind = OPTION_COUNT, IN_TENANT(limits.max_running), .value = "16", .min = "0",
		.max = "65536",
		.manual = "Jobs of the tenant that may run at one time.\n"
			  "One that says slots counts as so many.\n"
			  "With 0 none may."},
	{.name = "max-queued", .kind = OPTION_COUNT, IN_TENANT(limits.max_queued), .value = "100000",
		.min = "0", .max = "100000000",
		.manual = "Jobs of the tenant that are accepted and not running; more are refused with status 429.\n"
			  "With 0 all are."},
	{.name = "weight", .kind = OPTION_COUNT, IN_TENANT(limits.weight), .value = "1", .min = "1",
		.max = "1000",
		.manual = "The tenant's share of the workers when there are too few for all: twice the weight, "
			  "twice the share."},
	{.name = "rate", .kind = OPTION_RATE, IN_TENANT(limits.starts.rate), .value = "none",
		.manual = "How often attempts of the tenant's jobs may begin: so many a second (50/s), a minute (300/m) or an hour (1000/h),\n"
			  "at most 1000000.\n"
			  "Jobs beyond wait, and hold up no other tenant.\n"
			  "With none there is no such limit.\n"
			  "A tenant with a rate is known until it could begin as many at once as burst says."},
	{.name = "burst", .kind = OPTION_COUNT, IN_TENANT(limits.starts.burst), .value = "0", .min = "0",
		.max = "1000000",
		.manual = "How many may begin at once, after a time with fewer.\n"
			  "In any time no more begin than these and what the rate gives in that time.\n"
			  "With 0 it is as many as the rate gives in a second, at least one."},
	{.name = "ageing", .kind = OPTION_DURATION, IN_TENANT(limits.ageing_ns), .value = "60s", .min = "0s",
		.max = "365d",
		.manual = "How much longer a job must have waited to go before one whose priority is a step higher.\n"
			  "So none of its jobs waits for ever.\n"
			  "With 0s the highest priority always goes first."},
	{.name = "timeout-max", .kind = OPTION_DURATION, IN_TENANT(limits.timeout_max_ns), .value = "0s",
		.min = "0s", .max = "365d",
		.manual = "The most time for one attempt of the tenant's jobs, where that is less than the daemon's timeout-max.\n"
			  "A job that asks for more is refused; one that does not say, or was accepted before, has no more.\n"
			  "With 0s it is the daemon's."},
	{.name = "durability", .kind = OPTION_CHOICE, IN_TENANT(limits.durability), .value = "sync",
		.words = DURABILITY_WORDS,
		.manual = "What jobs of the tenant that do not say outlive once they are accepted.\n"
			  "With sync that is a power cut: what is told was flushed to the disk before.\n"
			  "With relaxed it is the end of the daemon, however it ends; what is told was written, and is flushed "
			  "within 100 ms.\n"
			  "That is faster, and a power cut may take the latest jobs and results."},
	{.name = "host-connections", .kind = OPTION_COUNT, IN_TENANT(limits.host_connections), .value = "64",
		.min = "1", .max = "65536",
		.manual = "HTTP jobs of the tenant that may run at one time for one endpoint (scheme, host and port, as the URL has them).\n"
			  "More wait; those for other endpoints go on.\n"
			  "Where a redirect leads does not count."},
	{.name = "key-max-running", .kind = OPTION_COUNT, IN_TENANT(limits.key_max_running), .value = "1",
		.min = "1", .max = "65536",
		.manual = "Jobs of the tenant with the same limit_key that may run at one time."},
	{.name = "key-policy", .kind = OPTION_CHOICE, IN_TENANT(limits.key_policy), .value = "queue",
		.words = KEY_POLICY_WORDS,
		.manual = "What becomes of a job that comes when as many of its limit_key wait and run as may run.\n"
			  "With queue it waits for them.\n"
			  "With reject it is refused with status 429.\n"
			  "With cancel-oldest the oldest of them is cancelled, whether it waits or runs.\n"
			  "With cancel-newest the new one is accepted and cancelled at once.\n"
			  "A job that was submitted for a later time always waits, and counts from then on."},
	{.name = "allow-networks", .kind = OPTION_LIST, IN_TENANT(allow_networks), .check = check_network,
		.example = "{\"10.20.0.0/16\", \"fd00:20::/32\"}",
		.manual = "Networks that the tenant's HTTP jobs may call besides those of all."},
	{.name = "allow-hosts", .kind = OPTION_LIST, IN_TENANT(allow_hosts), .check = check_host,
		.example = "{\"intranet.example\", \"*.intranet.example\"}",
		.manual = "Hosts that the tenant's HTTP jobs may call besides those of all."},
};

static const struct option command[] = {
	{.name = "exec", .kind = OPTION_TEXT, IN_COMMAND(exec), .check = check_program, .required = true,
		.example = "/bin/echo",
		.manual = "The program to run, with its whole path.\n"
			  "It must be there."},
	{.name = "args", .kind = OPTION_LIST, IN_COMMAND(args), .check = check_argument,
		.example = "{\"-n\", \"hello\", \"{who}\"}",
		.manual =
			"The arguments for the program.\n"
			"Where one has {name}, the job's argument of that name is put in its place.\n"
			"What it may be is said by a type: {name:text 1..100} is a text of so many bytes,\n"
			"{name:int 1..4000} a whole number, {name:enum png,jpeg} one of these words, and\n"
			"{name:path under /srv/in} a path from that folder on, which does not leave it, not by links either;\n"
			"it becomes the whole path.\n"
			"No shell is involved, and an element is always exactly one argument.\n"
			"An element begins with a hyphen only by its own text, never by a job's values."},
	{.name = "env", .kind = OPTION_LIST, IN_COMMAND(env), .check = check_environment,
		.example = "{\"LANG=C\", \"PATH=/usr/bin:/bin\"}",
		.manual = "The whole environment of the program; nothing of the daemon's own is passed on."},
	{.name = "directory", .kind = OPTION_TEXT, IN_COMMAND(directory), .value = "/",
		.check = check_absolute,
		.manual = "The folder in which the program is started."},
	{.name = "timeout", .kind = OPTION_DURATION, IN_COMMAND(timeout_ns), .value = "30s",
		.min = "1ms", .max = "365d",
		.manual = "The time for one attempt, and the most that a job may ask for."},
	{.name = "max-running", .kind = OPTION_COUNT, IN_COMMAND(max_running), .min = "1", .max = "65536",
		.example = "4",
		.manual = "Jobs of the command that may run at one time, of all tenants; more wait.\n"
			  "Without it there may be as many as there are workers."},
	{.name = "stdin", .kind = OPTION_FLAG, IN_COMMAND(stdin_allowed), .value = "false",
		.manual = "Whether a job may send data to the program's standard input."},
	{.name = "stdin-max", .kind = OPTION_SIZE, IN_COMMAND(stdin_max), .value = "1MiB", .min = "0",
		.max = "1GiB",
		.manual = "The most that a job may send there; body-max is a limit too."},
	{.name = "output-max", .kind = OPTION_SIZE, IN_COMMAND(output_max), .value = "64KiB", .min = "0",
		.max = "64MiB",
		.manual = "What is kept of standard output and of standard error, each.\n"
			  "Of more, half is the beginning and half the end, and the result tells what was left out.\n"
			  "While it runs, its log has the latest of both, twice as much together."},
	{.name = "retryable-exit-codes", .kind = OPTION_LIST, IN_COMMAND(retryable_codes),
		.check = check_exit_code, .example = "{75, 111}",
		.manual = "With which exit codes, from 1 to 255, a job has failed for a reason that may pass.\n"
			  "It is tried again as its retry member says; with all others it is not."},
	{.name = "user", .kind = OPTION_TEXT, IN_COMMAND(user), .check = check_user, .example = "nobody",
		.manual = "The user that the program runs as, by name or number, with the groups that this user has.\n"
			  "The daemon must be allowed to change users: be root, or have the capabilities\n"
			  "CAP_SETUID, CAP_SETGID and CAP_KILL.\n"
			  "Without this it is the daemon's own user."},
	{.name = "group", .kind = OPTION_TEXT, IN_COMMAND(group), .check = check_group, .example = "users",
		.manual = "The group, by name or number, in place of the user's first one.\n"
			  "It takes a user."},
	{.name = "umask", .kind = OPTION_TEXT, IN_COMMAND(umask), .check = check_umask, .example = "0027",
		.manual = "Which permissions new files do not get, in octal."},
	{.name = "open-files-max", .kind = OPTION_COUNT, IN_COMMAND(limits.open_files), .min = "3",
		.max = "1000000", .example = "256",
		.manual = "Descriptors that a process may have open (RLIMIT_NOFILE).\n"
			  "This and the limits that follow are the daemon's own where they are not set."},
	{.name = "processes-max", .kind = OPTION_COUNT, IN_COMMAND(limits.processes), .min = "1",
		.max = "1000000", .example = "100",
		.manual = "Processes and threads that the user may have, in all of its commands and outside of them\n"
			  "(RLIMIT_NPROC).\n"
			  "It wants a user of its own, and does not hold root.\n"
			  "Where the command has a control group it is also the most that this command may have, be it root's."},
	{.name = "memory-max", .kind = OPTION_SIZE, IN_COMMAND(limits.memory_bytes), .min = "1MiB",
		.max = "1024GiB", .example = "1GiB",
		.manual = "Address space of a process (RLIMIT_AS)."},
	{.name = "cpu-max", .kind = OPTION_DURATION, IN_COMMAND(limits.cpu_ns), .min = "1s", .max = "365d",
		.example = "60s",
		.manual = "Processor time of a process, in whole seconds (RLIMIT_CPU); then it is sent SIGXCPU, and a second later\n"
			  "SIGKILL."},
	{.name = "file-size-max", .kind = OPTION_SIZE, IN_COMMAND(limits.file_bytes), .min = "1",
		.max = "1024GiB", .example = "1GiB",
		.manual = "The longest file that a process may write (RLIMIT_FSIZE)."},
};

static const struct option signing_key[] = {
	{.name = "secrets", .kind = OPTION_LIST, IN_KEY(secret_files), .check = check_secret, .required = true,
		.example = "{\"/etc/penstock/billing.key\"}",
		.manual = "Files with a secret each, by their whole paths, or credentials of the service manager by their names.\n"
			  "A secret has the form of Standard Webhooks: whsec_ and 24 to 64 bytes in base64; its file must not be open to all.\n"
			  "With several, as while one replaces another, a call bears a signature by each.\n"
			  "They are read again when the configuration is."},
	{.name = "tenants", .kind = OPTION_LIST, IN_KEY(tenants), .check = check_tenant,
		.example = "{\"acme\"}",
		.manual = "The tenants whose jobs may sign with it; without it all may."},
};

_Static_assert(ARRAY_LEN(top) <= SECTION_OPTIONS_MAX, "more rows than a section may have");

const struct section conf_sections[SECTIONS] = {
	[SECTION_TOP] = {.options = top, .n_options = ARRAY_LEN(top)},
	[SECTION_TENANT_DEFAULTS] = {.name = "tenant-defaults", .options = tenant, .n_options = ARRAY_LEN(tenant),
		.manual = "The limits of each tenant that has no section of its own."},
	[SECTION_TENANT] = {.name = "tenant", .options = tenant, .n_options = ARRAY_LEN(tenant),
		.title = "acme", .title_valid = tenant_name_valid,
		.title_form = "a name of letters, digits, '-', '_' and '.', at most 64, that begins with "
			      "a letter or digit",
		.manual = "The limits of one tenant.\n"
			  "A key that is not set is as in tenant-defaults.\n"
			  "Limits that are set while the daemon runs (PUT /tenants/NAME) override it."},
	[SECTION_COMMAND] = {.name = "command", .options = command, .n_options = ARRAY_LEN(command),
		.title = "hello", .title_valid = check_command_name,
		.title_form = "a name of letters, digits, '-' and '_', at most 64",
		.manual = "A program that jobs of kind command may run, by this name.\n"
			  "Jobs can run no other programs."},
	[SECTION_SIGNING_KEY] = {.name = "signing-key", .options = signing_key, .n_options = ARRAY_LEN(signing_key),
		.absent = true, .title = "billing", .title_valid = check_command_name,
		.title_form = "a name of letters, digits, '-' and '_', at most 64",
		.manual = "A key that calls of HTTP jobs are signed with, where they name it (Standard Webhooks, HMAC-SHA256)."},
};

// clang-format on
