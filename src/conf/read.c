/*
 * read.c - the checked text of a configuration file -> struct conf.
 *
 * libconfuse sees every value as a string.  Its callbacks check each as it comes, while the line is known; when all of the
 * file is right, the tree it has built is stored.  Callbacks have no argument of ours, so the reader's address rides in
 * `def.number`, the default of an integer option, which strings and sections have no use for.
 */
#include "conf/read.h"

#include <confuse.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "conf/identity.h"
#include "conf/secrets.h"
#include "conf/suggest.h"
#include "conf/value.h"

#define LIST_MAX 256 /* elements of one list */

struct reader {
	const char *path;
	const struct source *source;
	struct problem problem;         /* the first one */
	const char *last;               /* the key that had a value last; NULL: none yet */
	size_t n_closed;                /* sections read so far */
	int top[SECTION_OPTIONS_MAX];   /* the line on which each key was set; 0: it was not */
	int inner[SECTION_OPTIONS_MAX]; /* the same in the section at hand */
	int defaults;                   /* the line of tenant-defaults; 0: not there yet */
};

_Static_assert(sizeof(((cfg_opt_t *)0)->def.number) >= sizeof(void *), "def.number cannot hold an address");

/* Note what is wrong on a line; 0 is success to libconfuse, anything else ends the parsing. */
#define refuse(reader, line, key, format, ...) \
	problem_set(&(reader)->problem, -EINVAL, PROBLEM_BAD_FIELD, key, "%s:%d: " format, (reader)->path, \
		line, ##__VA_ARGS__)

static struct reader *reader_of(const cfg_opt_t *opt)
{
	return (struct reader *)opt->def.number;
}

static const struct section *section_of(const cfg_t *cfg)
{
	for (size_t i = 0; i < SECTIONS; i++)
		if (conf_sections[i].name && strcmp(conf_sections[i].name, cfg->name) == 0)
			return &conf_sections[i];
	return &conf_sections[SECTION_TOP];
}

/* A value was read: of a key, or one more of a list. */
static int on_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	struct reader *reader = reader_of(opt);
	const struct section *section = section_of(cfg);
	size_t row = (size_t)(opt - cfg->opts);
	int *line = section->name ? &reader->inner[row] : &reader->top[row];
	bool more = (opt->flags & CFGF_LIST) && opt->nvalues > 1;
	struct problem why = {0};

	reader->last = section->options[row].name;
	if (*line != 0 && !more)
		return refuse(reader, cfg->line, reader->last, "%s is set twice, before on line %d",
			reader->last, *line);
	if (opt->nvalues > LIST_MAX)
		return refuse(reader, cfg->line, reader->last, "%s has more than %d elements", reader->last,
			LIST_MAX);
	if (value_check(&section->options[row], value, &why) < 0)
		return refuse(reader, cfg->line, reader->last, "%s", why.message);
	if (!more)
		*line = cfg->line;
	*(const char **)result = value;
	return 0;
}

static int check_title(struct reader *reader, const struct section *section, const char *title, int line)
{
	if (title && !section->title_valid(title))
		return refuse(reader, line, section->name, "%s: \"%s\" is not %s", section->name, title,
			section->title_form);
	if (!title && reader->defaults)
		return refuse(reader, line, section->name, "%s is there twice, before on line %d",
			section->name, reader->defaults);
	if (!title)
		reader->defaults = line;
	return 0;
}

/* The line on which a key of the section at hand was set; 0: it was not. */
static int inner_line(const struct reader *reader, const struct section *section, const char *key)
{
	for (size_t i = 0; i < section->n_options; i++)
		if (strcmp(section->options[i].name, key) == 0)
			return reader->inner[i];
	return 0;
}

/* A group alone would leave the daemon's user with rights of another. */
static int check_identity(struct reader *reader, const struct section *section)
{
	int group = inner_line(reader, section, "group");

	if (group && !inner_line(reader, section, "user"))
		return refuse(reader, group, "group", "group is set, but no user");
	return 0;
}

static int check_required(struct reader *reader, const struct section *section, const char *title, int line)
{
	for (size_t i = 0; i < section->n_options; i++)
		if (section->options[i].required && !reader->inner[i])
			return refuse(reader, line, section->options[i].name, "%s \"%s\" has no %s",
				section->name, title, section->options[i].name);
	return 0;
}

/* A section was read to its closing brace. */
static int on_section(cfg_t *cfg, cfg_opt_t *opt)
{
	struct reader *reader = reader_of(opt);
	const cfg_t *closed = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);
	const struct section *section = section_of(closed);
	int line = reader->source->opened[reader->n_closed++];
	int r = check_title(reader, section, closed->title, line);

	(void)cfg;
	if (r == 0)
		r = check_required(reader, section, closed->title, line);
	if (r == 0)
		r = check_identity(reader, section);
	memset(reader->inner, 0, sizeof(reader->inner));
	return r;
}

/* What an error without a name is about: the key that waits for its value (`=` has set its flag), else the last. */
static const char *near(const cfg_t *cfg, const struct reader *reader)
{
	for (const cfg_opt_t *opt = cfg->opts; opt->name; opt++)
		if (opt->type == CFGT_STR && (opt->flags & CFGF_RESET))
			return opt->name;
	return reader->last ? reader->last : "the beginning";
}

static int on_unknown(struct reader *reader, const cfg_t *cfg, const char *name)
{
	const char *nearest = suggest_name(section_of(cfg), name);

	if (nearest)
		return refuse(reader, cfg->line, name, "unknown key %s; did you mean %s?", name, nearest);
	return refuse(reader, cfg->line, name, "unknown key %s", name);
}

static int on_title(struct reader *reader, const cfg_t *cfg, const char *title)
{
	return refuse(reader, cfg->line, title, "another section of this kind is named \"%s\"", title);
}

static int on_token(struct reader *reader, const cfg_t *cfg, const char *token)
{
	const char *key = near(cfg, reader);

	return refuse(reader, cfg->line, key, "unexpected %s near %s", token, key);
}

static int on_end(struct reader *reader, const cfg_t *cfg, const char *nothing)
{
	const char *key = near(cfg, reader);

	(void)nothing;
	return refuse(reader, reader->source->last, key, "the file ends too early, near %s", key);
}

/* Complaints of libconfuse that we can word better; the others name what they are about. */
static const struct {
	const char *format;
	bool has_text; /* one %s */
	int (*reword)(struct reader *reader, const cfg_t *cfg, const char *text);
} complaints[] = {
	{"no such option '%s'",        true,  on_unknown},
	{"found duplicate title '%s'", true,  on_title  },
	{"unexpected token '%s'",      true,  on_token  },
	{"premature end of file",      false, on_end    },
};

__attribute__((format(printf, 2, 0))) static void on_error(cfg_t *cfg, const char *format, va_list args)
{
	struct reader *reader = reader_of(cfg->opts);
	char message[256];

	for (size_t i = 0; i < ARRAY_LEN(complaints); i++) {
		if (strcmp(complaints[i].format, format) == 0) {
			complaints[i].reword(
				reader, cfg, complaints[i].has_text ? va_arg(args, const char *) : NULL);
			return;
		}
	}
	vsnprintf(message, sizeof(message), format, args);
	refuse(reader, cfg->line, NULL, "%s", message);
}

/* What libconfuse is told about the keys; it makes copies. */
struct declarations {
	cfg_opt_t sections[SECTIONS][SECTION_OPTIONS_MAX + SECTIONS + 1];
};

static cfg_opt_t *declare_options(const struct section *section, struct reader *reader, cfg_opt_t *opts)
{
	for (size_t i = 0; i < section->n_options; i++, opts++) {
		bool list = section->options[i].kind == OPTION_LIST;

		*opts = (cfg_opt_t)CFG_STR_CB(
			section->options[i].name, NULL, CFGF_NODEFAULT | (list ? CFGF_LIST : 0), on_value);
		opts->def.number = (long)reader;
	}
	*opts = (cfg_opt_t)CFG_END();
	return opts;
}

static void declare(struct declarations *declarations, struct reader *reader)
{
	cfg_opt_t *opts =
		declare_options(&conf_sections[SECTION_TOP], reader, declarations->sections[SECTION_TOP]);

	for (size_t i = SECTION_TOP + 1; i < SECTIONS; i++, opts++) {
		const struct section *section = &conf_sections[i];
		int flags = section->title ? CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES : CFGF_NONE;

		declare_options(section, reader, declarations->sections[i]);
		*opts = (cfg_opt_t)CFG_SEC(section->name, declarations->sections[i], flags);
		opts->def.number = (long)reader;
		opts->validcb = on_section;
	}
	*opts = (cfg_opt_t)CFG_END();
}

static cfg_t *new_cfg(struct reader *reader)
{
	CLEANUP(freep) struct declarations *declarations = calloc(1, sizeof(*declarations));
	cfg_t *cfg;

	if (!declarations)
		return NULL;
	declare(declarations, reader);
	cfg = cfg_init(declarations->sections[SECTION_TOP], CFGF_NONE);
	if (cfg)
		cfg_set_error_function(cfg, on_error);
	return cfg;
}

static void cfg_freep(cfg_t **cfg)
{
	if (*cfg)
		cfg_free(*cfg);
}

static int parse(struct reader *reader, cfg_t *cfg)
{
	FILE *file = fmemopen(reader->source->data, reader->source->bytes, "r");
	int r;

	if (!file)
		return -ENOMEM;
	r = cfg_parse_fp(cfg, file);
	fclose(file);
	if (r == CFG_SUCCESS)
		return 0;
	return reader->problem.code ? -EINVAL : -ENOMEM;
}

static int top_line(const struct reader *reader, const char *key)
{
	const struct section *top = &conf_sections[SECTION_TOP];
	size_t row = 0;

	while (strcmp(top->options[row].name, key) != 0)
		row++;
	return reader->top[row];
}

/* Rules between keys; the line is that of the later of the two. */
static int check_together(struct reader *reader, const struct conf *conf)
{
	int timeout = top_line(reader, "timeout"), most = top_line(reader, "timeout-max");

	if (conf->timeout_ns > conf->timeout_max_ns)
		return refuse(reader, timeout > most ? timeout : most, "timeout",
			"timeout is more than timeout-max");
	if (conf->breaker_min_ns > conf->breaker_max_ns)
		return refuse(
			reader, reader->source->last, "breaker-min", "breaker-min is more than breaker-max");
	if (conf->client_key && !conf->client_certificate)
		return refuse(reader, top_line(reader, "client-key"), "client-key",
			"client-key is there without client-certificate");
	if (conf->n_tenants > conf->tenants_max)
		return refuse(reader, reader->source->opened[reader->n_closed - 1], "tenants-max",
			"tenants-max is %zu, less than the %zu tenants of this file", conf->tenants_max,
			conf->n_tenants);
	return 0;
}

static int store_section(const struct section *section, const cfg_t *cfg, void *base)
{
	for (size_t i = 0; i < section->n_options; i++) {
		cfg_opt_t *opt = &cfg->opts[i];

		for (unsigned j = 0; j < cfg_opt_size(opt); j++) {
			int r = value_store(&section->options[i], cfg_opt_getnstr(opt, j), base);

			if (r < 0)
				return r;
		}
	}
	return 0;
}

/* Those of the limits that the section sets. */
static uint32_t limits_set(const cfg_t *cfg)
{
	uint32_t set = 0;

	for (enum limit limit = 0; limit < LIMITS; limit++)
		if (cfg_size((cfg_t *)cfg, limit_fields[limit].key) > 0)
			set |= 1u << limit;
	return set;
}

/* A list that the section does not set is as in tenant-defaults; one that it sets begins empty, which takes no memory. */
static int copy_list(const cfg_t *cfg, const char *key, char *const *defaults, char ***ret_list)
{
	if (cfg_size((cfg_t *)cfg, key) > 0 || list_length(defaults) == 0)
		return 0;
	*ret_list = value_copy_list(defaults);
	return *ret_list ? 0 : -ENOMEM;
}

static int store_tenant(struct conf *conf, const cfg_t *cfg)
{
	const struct conf_tenant *defaults = &conf->tenant_defaults;
	struct conf_tenant *tenant = &conf->tenants[conf->n_tenants++];

	tenant->limits = conf->tenant_defaults.limits;
	tenant->set = conf->tenant_defaults.set | limits_set(cfg);
	tenant->name = strdup(cfg->title);
	if (!tenant->name ||
		copy_list(cfg, "allow-networks", defaults->allow_networks, &tenant->allow_networks) < 0 ||
		copy_list(cfg, "allow-hosts", defaults->allow_hosts, &tenant->allow_hosts) < 0)
		return -ENOMEM;
	return store_section(&conf_sections[SECTION_TENANT], cfg, tenant);
}

static int store_command(struct conf *conf, const cfg_t *cfg)
{
	struct command_def *command = &conf->commands[conf->n_commands++];
	int r = value_store_defaults(&conf_sections[SECTION_COMMAND], command);

	command->name = strdup(cfg->title);
	if (r < 0 || !command->name)
		return -ENOMEM;
	r = store_section(&conf_sections[SECTION_COMMAND], cfg, command);
	if (r == 0 && command->user) {
		command->identity = identity_resolve(command->user, command->group);
		r = command->identity ? 0 : -ENOMEM;
	}
	return r;
}

static int store_signing_key(struct conf *conf, const cfg_t *cfg)
{
	struct signing_key *key = &conf->signing_keys[conf->n_signing_keys++];
	int r = value_store_defaults(&conf_sections[SECTION_SIGNING_KEY], key);

	key->name = strdup(cfg->title);
	if (r < 0 || !key->name)
		return -ENOMEM;
	return store_section(&conf_sections[SECTION_SIGNING_KEY], cfg, key);
}

/* They were good when they were checked, a moment ago. */
static int load_secrets(struct reader *reader, struct conf *conf)
{
	struct problem why = {0};

	for (size_t i = 0; i < conf->n_signing_keys; i++) {
		int r = secrets_load(&conf->signing_keys[i], &why);

		if (r == -ENOMEM)
			return r;
		if (r < 0)
			return refuse(reader, reader->source->last, "secrets",
				"a secret of signing-key \"%s\" %s", conf->signing_keys[i].name, why.message);
	}
	return 0;
}

static int store_each(struct conf *conf, cfg_opt_t *opt, int (*store)(struct conf *conf, const cfg_t *cfg))
{
	int r = 0;

	for (unsigned i = 0; r == 0 && i < cfg_opt_size(opt); i++)
		r = store(conf, cfg_opt_getnsec(opt, i));
	return r;
}

static int store_all(struct conf *conf, cfg_t *cfg)
{
	const cfg_t *defaults = cfg_getsec(cfg, conf_sections[SECTION_TENANT_DEFAULTS].name);
	cfg_opt_t *tenants = cfg_getopt(cfg, conf_sections[SECTION_TENANT].name);
	cfg_opt_t *commands = cfg_getopt(cfg, conf_sections[SECTION_COMMAND].name);
	cfg_opt_t *keys = cfg_getopt(cfg, conf_sections[SECTION_SIGNING_KEY].name);
	int r = store_section(&conf_sections[SECTION_TOP], cfg, conf);

	if (r == 0)
		r = store_section(&conf_sections[SECTION_TENANT_DEFAULTS], defaults, &conf->tenant_defaults);
	conf->tenant_defaults.set = limits_set(defaults);
	conf->tenants = calloc(cfg_opt_size(tenants) + 1, sizeof(*conf->tenants));
	conf->commands = calloc(cfg_opt_size(commands) + 1, sizeof(*conf->commands));
	conf->signing_keys = calloc(cfg_opt_size(keys) + 1, sizeof(*conf->signing_keys));
	if (r < 0 || !conf->tenants || !conf->commands || !conf->signing_keys)
		return -ENOMEM;
	r = store_each(conf, tenants, store_tenant);
	if (r == 0)
		r = store_each(conf, commands, store_command);
	return r < 0 ? r : store_each(conf, keys, store_signing_key);
}

int read_conf(const char *path, const struct source *source, struct conf *conf, struct problem *reterr)
{
	struct reader reader = {.path = path, .source = source};
	CLEANUP(cfg_freep) cfg_t *cfg = new_cfg(&reader);
	int r = cfg ? parse(&reader, cfg) : -ENOMEM;

	if (r == 0)
		r = store_all(conf, cfg);
	if (r == 0)
		r = load_secrets(&reader, conf);
	if (r == 0)
		r = check_together(&reader, conf);
	if (r < 0 && r != -ENOMEM)
		return problem_set(
			reterr, r, reader.problem.code, reader.problem.field, "%s", reader.problem.message);
	return r;
}
