/* guards.c - see guards.h. */
#include "conf/guards.h"

#include <errno.h>
#include <stdlib.h>

#include "base/list.h"
#include "conf/value.h"

/* For so many; none for none, as there may be many tenants, and most have no lists. */
static void *room(size_t n, size_t bytes, int *error)
{
	void *room = n > 0 ? calloc(n, bytes) : NULL;

	if (n > 0 && !room)
		*error = -ENOMEM;
	return room;
}

static int make(struct guard *guard, char **networks, char **hosts, char **ports)
{
	int r = 0;

	guard->hosts = hosts;
	guard->networks = room(list_length(networks), sizeof *guard->networks, &r);
	guard->ports = room(list_length(ports), sizeof *guard->ports, &r);
	if (r < 0)
		return r;
	for (; networks && *networks; networks++)
		guard->n_networks += network_parse(*networks, &guard->networks[guard->n_networks]);
	for (; ports && *ports; ports++)
		guard->n_ports += port_range_parse(*ports, &guard->ports[guard->n_ports]);
	return 0;
}

static int make_tenants(struct conf_tenant *tenant)
{
	return make(&tenant->guard, tenant->allow_networks, tenant->allow_hosts, NULL);
}

int guards_make(struct conf *conf)
{
	int r = make(&conf->guard, conf->allow_networks, conf->allow_hosts, conf->http_ports);

	if (r == 0)
		r = make_tenants(&conf->tenant_defaults);
	for (size_t i = 0; r == 0 && i < conf->n_tenants; i++)
		r = make_tenants(&conf->tenants[i]);
	return r;
}

void guards_fini(struct guard *guard)
{
	free(guard->networks);
	free(guard->ports);
	*guard = (struct guard){0};
}
