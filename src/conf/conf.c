/* conf.c - the configuration as a whole: loaded, counted, asked, compared. */
#include "conf/conf.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "conf/guards.h"
#include "conf/read.h"
#include "conf/value.h"

static const struct section *const top = &conf_sections[SECTION_TOP];

static void tenant_fini(struct conf_tenant *tenant)
{
	free(tenant->name);
	list_free(tenant->allow_networks);
	list_free(tenant->allow_hosts);
	guards_fini(&tenant->guard);
}

static void tenants_free(struct conf_tenant *tenants, size_t n)
{
	for (size_t i = 0; i < n; i++)
		tenant_fini(&tenants[i]);
	free(tenants);
}

static void commands_free(struct command_def *commands, size_t n)
{
	for (size_t i = 0; i < n; i++)
		command_def_fini(&commands[i]);
	free(commands);
}

static void signing_keys_free(struct signing_key *keys, size_t n)
{
	for (size_t i = 0; i < n; i++)
		signing_key_fini(&keys[i]);
	free(keys);
}

struct conf *conf_ref(struct conf *conf)
{
	pen_ref_get(&conf->refs);
	return conf;
}

void conf_unref(struct conf *conf)
{
	if (!conf || !pen_ref_put(&conf->refs))
		return;
	free(conf->listen);
	free(conf->state_dir);
	free(conf->store);
	free(conf->log_level);
	list_free(conf->allow_networks);
	list_free(conf->allow_hosts);
	list_free(conf->http_ports);
	free(conf->ca_file);
	free(conf->client_certificate);
	free(conf->client_key);
	guards_fini(&conf->guard);
	tenant_fini(&conf->tenant_defaults);
	tenants_free(conf->tenants, conf->n_tenants);
	commands_free(conf->commands, conf->n_commands);
	signing_keys_free(conf->signing_keys, conf->n_signing_keys);
	free(conf);
}

void conf_unrefp(struct conf **conf)
{
	conf_unref(*conf);
}

static struct conf *conf_new(void)
{
	CLEANUP(conf_unrefp) struct conf *conf = calloc(1, sizeof(*conf));

	if (!conf)
		return NULL;
	conf->refs = (struct pen_ref)PEN_REF_ONE;
	if (value_store_defaults(top, conf) < 0 ||
		value_store_defaults(&conf_sections[SECTION_TENANT_DEFAULTS], &conf->tenant_defaults) < 0)
		return NULL;
	return TAKE_PTR(conf);
}

_Static_assert(offsetof(struct conf_tenant, name) == 0 && offsetof(struct command_def, name) == 0 &&
		       offsetof(struct signing_key, name) == 0,
	"sections are sorted and found by their first member");

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_sections(void *sections, size_t n, size_t bytes)
{
	if (n > 0)
		qsort(sections, n, bytes, compare_names);
}

static void *find_section(const char *name, const void *sections, size_t n, size_t bytes)
{
	return n > 0 ? bsearch(&name, sections, n, bytes, compare_names) : NULL;
}

static int load_file(const char *path, struct conf *conf, struct problem *reterr)
{
	CLEANUP(source_fini) struct source source = {0};
	int r = source_read(path, &source, reterr);

	if (r == 0)
		r = read_conf(path, &source, conf, reterr);
	if (r < 0)
		return r;
	sort_sections(conf->tenants, conf->n_tenants, sizeof(*conf->tenants));
	sort_sections(conf->commands, conf->n_commands, sizeof(*conf->commands));
	sort_sections(conf->signing_keys, conf->n_signing_keys, sizeof(*conf->signing_keys));
	return 0;
}

static const struct option *option_named(const char *name)
{
	const struct option *option = top->options;

	while (strcmp(option->name, name) != 0)
		option++;
	return option;
}

/* One argument of the command line, whose option has the key's name; NULL: it was not given. */
static int override(struct conf *conf, const char *key, const char *text, struct problem *reterr)
{
	const struct option *option = option_named(key);
	struct problem why = {0};

	if (!text)
		return 0;
	if (value_check(option, text, &why) < 0)
		return problem_set(reterr, -EINVAL, PROBLEM_BAD_FIELD, key, "--%s", why.message);
	return value_store(option, text, conf);
}

static int override_all(struct conf *conf, const struct conf_overrides *overrides, struct problem *reterr)
{
	const struct {
		const char *key, *text;
	} given[] = {
		{"listen",        overrides->listen       },
		{"state-dir",     overrides->state_dir    },
		{"store",         overrides->store        },
		{"drain-timeout", overrides->drain_timeout},
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(given); i++)
		r = override(conf, given[i].key, given[i].text, reterr);
	return r;
}

int conf_load(const char *path, const struct conf_overrides *overrides, struct conf **ret_conf,
	struct problem *reterr)
{
	CLEANUP(conf_unrefp) struct conf *conf = conf_new();
	int r = conf ? 0 : -ENOMEM;

	if (r == 0 && path)
		r = load_file(path, conf, reterr);
	if (r == 0 && overrides)
		r = override_all(conf, overrides, reterr);
	if (r == 0)
		r = guards_make(conf);
	if (r == -ENOMEM)
		return problem_set(reterr, r, PROBLEM_MEMORY, NULL, "configuration: out of memory");
	if (r == 0)
		*ret_conf = TAKE_PTR(conf);
	return r;
}

const struct command_def *conf_command(const struct conf *conf, const char *name)
{
	return find_section(name, conf->commands, conf->n_commands, sizeof(*conf->commands));
}

static bool may_sign(const struct signing_key *key, const char *tenant)
{
	for (char **name = key->tenants; name && *name; name++)
		if (strcmp(*name, tenant) == 0)
			return true;
	return !key->tenants || !*key->tenants;
}

const struct signing_key *conf_signing_key(const struct conf *conf, const char *name, const char *tenant)
{
	const struct signing_key *found =
		find_section(name, conf->signing_keys, conf->n_signing_keys, sizeof(*conf->signing_keys));

	return found && may_sign(found, tenant) ? found : NULL;
}

const struct conf_tenant *conf_tenant(const struct conf *conf, const char *name)
{
	const struct conf_tenant *found =
		find_section(name, conf->tenants, conf->n_tenants, sizeof(*conf->tenants));

	return found ? found : &conf->tenant_defaults;
}

const struct limits *conf_limits(const struct conf *conf, const char *tenant)
{
	return &conf_tenant(conf, tenant)->limits;
}

const char *conf_needs_restart(const struct conf *from, const struct conf *to, size_t *at)
{
	while (*at < top->n_options) {
		const struct option *option = &top->options[(*at)++];

		if (option->restart && !value_equal(option, from, to))
			return option->name;
	}
	return NULL;
}
