/*
 * guard.h - which places the daemon may connect to for a job that calls a URL: public addresses at the usual ports, and what the
 * configuration opens.  Pure.
 */
#ifndef CORE_GUARD_H
#define CORE_GUARD_H

#include <stddef.h>
#include <stdint.h>

#include "core/address.h"

struct port_range {
	uint16_t first, last;
};

/* What is open besides; zeroed: nothing. */
struct guard {
	struct network *networks;
	size_t n_networks;
	char **hosts; /* names, or "*.name"; NULL-terminated, borrowed; NULL: none */
	struct port_range *ports;
	size_t n_ports;
};

/* The addresses of this machine. */
struct own_addresses {
	struct ip_address *addresses;
	size_t n;
};

/* Where a connection goes: the host is as the URL has it, address and port are those of the socket. */
struct guard_place {
	const char *host;
	struct ip_address address;
	uint16_t port;
};

enum guard_verdict { GUARD_OPEN, GUARD_ADDRESS, GUARD_PORT };

/*
 * Whether a connection may go there.  What the common guard or the tenant's opens by network or host is open at any port; else the
 * address must be public and not this machine's, and the port 80, 443 or one that the common guard has.  `*ret_class` is the
 * address's, whatever the verdict.
 */
enum guard_verdict guard_judge(const struct guard *common, const struct guard *tenant,
	const struct own_addresses *own, const struct guard_place *place, enum address_class *ret_class);

/* "8443" or "8000-8999". */
bool port_range_parse(const char *text, struct port_range *ret_range);

/* A host's name, or "*." and one: all below it.  Not an address, which networks are for. */
bool guard_host_valid(const char *text);

#endif
