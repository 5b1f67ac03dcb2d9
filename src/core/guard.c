/* guard.c - see guard.h. */
#include "core/guard.h"

#include <string.h>
#include <strings.h>

#include "base/parse.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"
#define HOST_MAX 253 /* bytes of a name, by the DNS */

/* A dot at a host's end says no more than that the name is whole. */
static size_t host_bytes(const char *host)
{
	size_t bytes = strlen(host);

	return bytes > 1 && host[bytes - 1] == '.' ? bytes - 1 : bytes;
}

static bool host_matches(const char *pattern, const char *host)
{
	size_t bytes = host_bytes(host), wanted = strlen(pattern);

	if (pattern[0] != '*')
		return bytes == wanted && strncasecmp(host, pattern, bytes) == 0;
	pattern++; /* what is left begins with the dot, before which there must be something */
	wanted--;
	return bytes > wanted && strncasecmp(host + bytes - wanted, pattern, wanted) == 0;
}

static bool opens(const struct guard *guard, const struct guard_place *place)
{
	for (size_t i = 0; i < guard->n_networks; i++)
		if (network_has(&guard->networks[i], &place->address))
			return true;
	for (char **host = guard->hosts; host && *host; host++)
		if (host_matches(*host, place->host))
			return true;
	return false;
}

static bool port_is_open(const struct guard *guard, uint16_t port)
{
	for (size_t i = 0; i < guard->n_ports; i++)
		if (port >= guard->ports[i].first && port <= guard->ports[i].last)
			return true;
	return port == 80 || port == 443;
}

static bool is_own(const struct own_addresses *own, const struct ip_address *address)
{
	for (size_t i = 0; i < own->n; i++)
		if (address_equal(&own->addresses[i], address))
			return true;
	return false;
}

enum guard_verdict guard_judge(const struct guard *common, const struct guard *tenant,
	const struct own_addresses *own, const struct guard_place *place, enum address_class *ret_class)
{
	enum address_class class = address_class(&place->address);

	if (class == ADDRESS_PUBLIC && is_own(own, &place->address))
		class = ADDRESS_OWN;
	*ret_class = class;
	if (opens(common, place) || opens(tenant, place))
		return GUARD_OPEN;
	if (class != ADDRESS_PUBLIC)
		return GUARD_ADDRESS;
	return port_is_open(common, place->port) ? GUARD_OPEN : GUARD_PORT;
}

static bool port_parse(const char *text, uint16_t *ret_port)
{
	uint64_t port;

	if (parse_u64(text, UINT16_MAX, &port) < 0 || port == 0)
		return false;
	*ret_port = (uint16_t)port;
	return true;
}

bool port_range_parse(const char *text, struct port_range *ret_range)
{
	const char *hyphen = strchr(text, '-');
	char first[6] = "";
	struct port_range range;

	if (!hyphen) {
		if (!port_parse(text, &range.first))
			return false;
		range.last = range.first;
	} else {
		if ((size_t)(hyphen - text) >= sizeof first)
			return false;
		memcpy(first, text, (size_t)(hyphen - text));
		if (!port_parse(first, &range.first) || !port_parse(hyphen + 1, &range.last))
			return false;
	}
	if (range.first > range.last)
		return false;
	*ret_range = range;
	return true;
}

/* What ends in a number is an address to a resolver, in one of many forms. */
static bool ends_in_number(const char *name)
{
	const char *dot = strrchr(name, '.'), *last = dot ? dot + 1 : name;

	return last[0] >= '0' && last[0] <= '9';
}

bool guard_host_valid(const char *text)
{
	const char *name = strncmp(text, "*.", 2) == 0 ? text + 2 : text;
	size_t bytes = strlen(name);

	return bytes > 0 && bytes <= HOST_MAX && strspn(name, LETTERS DIGITS "-_.") == bytes &&
	       name[0] != '.' && name[bytes - 1] != '.' && !strstr(name, "..") && !ends_in_number(name);
}
