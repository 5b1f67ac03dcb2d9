/*
 * address.h - IP addresses and networks of them, and what each kind of address is for.  Pure.
 *
 * An IPv4 address is kept as the IPv6 address that maps it (::ffff:a.b.c.d), since connecting to either is the same.
 */
#ifndef CORE_ADDRESS_H
#define CORE_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct ip_address {
	uint8_t bytes[16];
};

enum address_class {
	ADDRESS_PUBLIC,
	ADDRESS_UNSPECIFIED,
	ADDRESS_LOOPBACK,
	ADDRESS_PRIVATE,
	ADDRESS_SHARED, /* by customers behind their provider's translator ("CGNAT") */
	ADDRESS_LINK_LOCAL,
	ADDRESS_SITE_LOCAL,
	ADDRESS_UNIQUE_LOCAL,
	ADDRESS_MULTICAST,
	ADDRESS_BROADCAST,
	ADDRESS_DOCUMENTATION,
	ADDRESS_BENCHMARKING,
	ADDRESS_PLATFORM,   /* a cloud's own services, at an address that looks public */
	ADDRESS_COMPATIBLE, /* IPv4 in IPv6, in forms that are no longer used */
	ADDRESS_TRANSLATED, /* by a translator of the network's own */
	ADDRESS_6TO4,
	ADDRESS_TEREDO,
	ADDRESS_RESERVED,
	ADDRESS_OWN, /* of this machine; address_class() cannot know */
	ADDRESS_CLASSES
};

const char *address_class_name(enum address_class class);

/* By the longest prefix; an address that a translator everybody may use (64:ff9b::/96) turns into one of IPv4 is judged as that. */
enum address_class address_class(const struct ip_address *address);

/* In numbers, as inet_pton(3) reads them, without a zone.  False: it is none. */
bool address_parse(const char *text, struct ip_address *ret_address);

#define ADDRESS_TEXT INET6_ADDRSTRLEN
void address_format(const struct ip_address *address, char text[static ADDRESS_TEXT]);

/* Of AF_INET or AF_INET6.  False: it is of another family, or cut short. */
bool address_of_socket(
	const struct sockaddr *socket, socklen_t bytes, struct ip_address *ret_address, uint16_t *ret_port);

bool address_equal(const struct ip_address *a, const struct ip_address *b);

struct network {
	struct ip_address prefix; /* zero behind its bits */
	uint8_t bits;             /* 0..128; IPv4 is counted from 96 */
	bool v4;
};

/* "10.0.0.0/8", "fd00::/8", or one address.  False: it is none, or has bits behind its prefix. */
bool network_parse(const char *text, struct network *ret_network);

/* An IPv4 address is in no network of IPv6, so that ::/0 is all of IPv6 and nothing else. */
bool network_has(const struct network *network, const struct ip_address *address);

#endif
