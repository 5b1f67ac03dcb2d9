/* ctl.c - the command line up to the command's name, help, and how errors are told. */
#include "ctl/ctl.h"

#include <ctype.h>
#include <curl/curl.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define URL_DEFAULT "http://127.0.0.1:7117"
#define URL_BYTES_MAX 1024
#define MESSAGE_MAX 2048

static const struct ctl_command *const commands[] = {&ctl_submit, &ctl_get, &ctl_wait, &ctl_cancel,
	&ctl_retry, &ctl_list, &ctl_logs, &ctl_why, &ctl_tenants, &ctl_pause, &ctl_resume, &ctl_stats,
	&ctl_audit, &ctl_verify, &ctl_export, &ctl_import};

__attribute__((format(printf, 2, 0))) static void say(struct ctl *ctl, const char *format, va_list args)
{
	char message[MESSAGE_MAX];

	vsnprintf(message, sizeof(message), format, args);
	for (char *at = message; *at; at++)
		if (iscntrl((unsigned char)*at))
			*at = '?';
	fprintf(ctl->err, "penstock: %s\n", message);
}

int ctl_fail(struct ctl *ctl, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(ctl, format, args);
	va_end(args);
	return CTL_FAILED;
}

static void print_usage(const struct ctl *ctl, FILE *to)
{
	if (ctl->command)
		fprintf(to, "usage: penstock [-s URL] %s %s\n", ctl->command->name, ctl->command->arguments);
	else
		fprintf(to, "usage: penstock [-s URL] COMMAND ...; penstock --help tells more\n");
}

int ctl_misused(struct ctl *ctl, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(ctl, format, args);
	va_end(args);
	if (ctl->command)
		fprintf(ctl->err, "usage: penstock [-s URL] %s %s\n", ctl->command->name,
			ctl->command->arguments);
	else
		fprintf(ctl->err, "usage: penstock [-s URL] COMMAND ...; penstock --help tells more\n");
	return CTL_USAGE;
}

int ctl_bad_option(struct ctl *ctl, int c, char *const *argv)
{
	if (c == ':')
		return ctl_misused(ctl, "%s needs a value", argv[optind - 1]);
	if (optopt) /* a letter, which may stand among others */
		return ctl_misused(ctl, "unknown option -%c", optopt);
	return ctl_misused(ctl, "unknown option %s", argv[optind - 1]);
}

static int help(struct ctl *ctl)
{
	fprintf(ctl->out, "usage: penstock [-s URL] COMMAND ...\n\n");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		fprintf(ctl->out, "  %s %s\n        %s\n", commands[i]->name, commands[i]->arguments,
			commands[i]->summary);
	fprintf(ctl->out,
		"\n"
		"  -s, --server URL  where penstockd listens; else PENSTOCK_URL, else " URL_DEFAULT "\n"
		"  -h, --help        this text\n"
		"  -V, --version     the version\n"
		"\n"
		"Exit status: 0 done, 1 failed, 2 used wrongly, 3 the job did not succeed, 4 it did not end in time.\n");
	return CTL_OK;
}

static int version(struct ctl *ctl)
{
	fprintf(ctl->out, "penstock %s\n", PENSTOCK_VERSION);
	return CTL_OK;
}

/* Check the server's URL and cut the slashes at its end; `text` is where it is kept. */
static int set_url(struct ctl *ctl, const char *url, char text[static URL_BYTES_MAX])
{
	size_t bytes = strlen(url);

	if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
		return ctl_misused(ctl, "\"%s\" is not a URL that begins with http:// or https://", url);
	while (bytes > 0 && url[bytes - 1] == '/')
		bytes--;
	if (bytes >= URL_BYTES_MAX)
		return ctl_misused(ctl, "the server's URL is too long");
	memcpy(text, url, bytes);
	text[bytes] = '\0';
	ctl->url = text;
	return CTL_OK;
}

static bool asks_for_help(int argc, char **argv)
{
	return argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
}

static int run_command(struct ctl *ctl, int argc, char **argv)
{
	if (argc == 0)
		return ctl_misused(ctl, "no command");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (strcmp(commands[i]->name, argv[0]) == 0)
			ctl->command = commands[i];
	if (!ctl->command)
		return ctl_misused(ctl, "there is no command \"%s\"", argv[0]);
	if (asks_for_help(argc, argv)) {
		print_usage(ctl, ctl->out);
		return CTL_OK;
	}
	optind = 0; /* glibc's way to begin anew */
	return ctl->command->run(ctl, argc, argv);
}

/* What was printed must have arrived: a full disk is no success. */
static int finish(struct ctl *ctl, int status)
{
	if (fflush(ctl->out) == 0 && !ferror(ctl->out))
		return status;
	return ctl_fail(ctl, "the output cannot be written: %m");
}

static int with_curl(struct ctl *ctl, int argc, char **argv)
{
	int status;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return ctl_fail(ctl, "libcurl cannot be used");
	status = run_command(ctl, argc, argv);
	curl_global_cleanup();
	return finish(ctl, status);
}

int ctl_run(int argc, char **argv, FILE *in, FILE *out, FILE *err)
{
	static const struct option options[] = {
		{"server",  required_argument, NULL, 's'},
                {"help",    no_argument,       NULL, 'h'},
		{"version", no_argument,       NULL, 'V'},
                {NULL,      0,                 NULL, 0  }
        };
	struct ctl ctl = {.in = in, .out = out, .err = err};
	const char *url = getenv("PENSTOCK_URL");
	char text[URL_BYTES_MAX];
	int c;

	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:s:hV", options, NULL)) != -1) {
		switch (c) {
		case 's':
			url = optarg;
			break;
		case 'h':
			return finish(&ctl, help(&ctl));
		case 'V':
			return finish(&ctl, version(&ctl));
		case ':':
			return ctl_misused(&ctl, "%s needs a URL", argv[optind - 1]);
		default:
			return ctl_misused(&ctl, "unknown option %s", argv[optind - 1]);
		}
	}
	if (set_url(&ctl, url && *url ? url : URL_DEFAULT, text) != CTL_OK)
		return CTL_USAGE;
	return with_curl(&ctl, argc - optind, argv + optind);
}
