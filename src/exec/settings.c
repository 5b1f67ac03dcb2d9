/* settings.c - what is to be started, out of the words in which it was told.  Reads nothing that another init might write: see serve.c. */
#include <stdlib.h>

#include "exec/exec.h"

/* How the numbers of an argument are divided; moves behind the divider. */
static unsigned long number(const char **at, int base, char divider)
{
	char *end;
	unsigned long value = strtoul(*at, &end, base);

	*at = *end == divider && divider ? end + 1 : end;
	return value;
}

static bool read_limit(struct settings *settings, const char *text)
{
	struct limit *limit = &settings->limits[settings->n_limits];

	if (settings->n_limits == LIMITS_MAX)
		return false;
	limit->resource = (int)number(&text, 10, '=');
	limit->value.rlim_cur = number(&text, 10, ':');
	limit->value.rlim_max = number(&text, 10, '\0');
	settings->n_limits++;
	return !*text;
}

static bool read_user(struct settings *settings, const char *text)
{
	settings->has_user = true;
	settings->user = (uid_t)number(&text, 10, ':');
	settings->group = (gid_t)number(&text, 10, ':');
	while (*text && settings->n_groups < GROUPS_MAX)
		settings->groups[settings->n_groups++] = (gid_t)number(&text, 10, ',');
	return !*text;
}

static bool read_option(struct settings *settings, char option, const char *text)
{
	switch (option) {
	case 'c':
		settings->cgroup = text;
		return true;
	case 'd':
		settings->folder = text;
		return true;
	case 'm':
		settings->has_umask = true;
		settings->umask = (mode_t)number(&text, 8, '\0');
		return !*text;
	case 'l':
		return read_limit(settings, text);
	case 'u':
		return read_user(settings, text);
	default:
		return false;
	}
}

bool settings_read(char **argv, char **env, struct settings *settings)
{
	*settings = (struct settings){.folder = "/", .env = env};
	for (argv++; argv[0] && argv[0][0] == '-'; argv += 2)
		if (!argv[1] || !read_option(settings, argv[0][1], argv[1]))
			return false;
	settings->argv = argv;
	return argv[0] != NULL;
}
