/* address.c - see address.h; the table follows IANA's registries of special-purpose addresses (RFC 6890). */
#include "core/address.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"

#define MAPPED_BITS 96
#define V4(a, b, c, d) \
	{ \
		{ \
			0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d \
		} \
	}
#define WORD(w) (w) >> 8, (w)&0xff
#define V6(a, b, c, d, e, f) \
	{ \
		{ \
			WORD(a), WORD(b), WORD(c), WORD(d), WORD(e), WORD(f), 0, 0, 0, 0 \
		} \
	}
#define V4_BITS(n) (MAPPED_BITS + (n))

// clang-format off

/* The first that fits counts: a longer prefix stands before a shorter one that has it. */
static const struct {
	struct ip_address prefix;
	uint8_t bits;
	enum address_class class;
} classes[] = {
	{V4(0, 0, 0, 0),         V4_BITS(8),  ADDRESS_UNSPECIFIED},
	{V4(10, 0, 0, 0),        V4_BITS(8),  ADDRESS_PRIVATE},
	{V4(100, 64, 0, 0),      V4_BITS(10), ADDRESS_SHARED},
	{V4(127, 0, 0, 0),       V4_BITS(8),  ADDRESS_LOOPBACK},
	{V4(168, 63, 129, 16),   V4_BITS(32), ADDRESS_PLATFORM}, /* Azure's; other clouds use addresses that are refused anyway */
	{V4(169, 254, 0, 0),     V4_BITS(16), ADDRESS_LINK_LOCAL},
	{V4(172, 16, 0, 0),      V4_BITS(12), ADDRESS_PRIVATE},
	{V4(192, 0, 0, 0),       V4_BITS(24), ADDRESS_RESERVED},
	{V4(192, 0, 2, 0),       V4_BITS(24), ADDRESS_DOCUMENTATION},
	{V4(192, 88, 99, 0),     V4_BITS(24), ADDRESS_6TO4},
	{V4(192, 168, 0, 0),     V4_BITS(16), ADDRESS_PRIVATE},
	{V4(198, 18, 0, 0),      V4_BITS(15), ADDRESS_BENCHMARKING},
	{V4(198, 51, 100, 0),    V4_BITS(24), ADDRESS_DOCUMENTATION},
	{V4(203, 0, 113, 0),     V4_BITS(24), ADDRESS_DOCUMENTATION},
	{V4(224, 0, 0, 0),       V4_BITS(4),  ADDRESS_MULTICAST},
	{V4(255, 255, 255, 255), V4_BITS(32), ADDRESS_BROADCAST},
	{V4(240, 0, 0, 0),       V4_BITS(4),  ADDRESS_RESERVED},
	{V4(0, 0, 0, 0),         V4_BITS(0),  ADDRESS_PUBLIC},

	{{{0}},                              128, ADDRESS_UNSPECIFIED},
	{{{[15] = 1}},                       128, ADDRESS_LOOPBACK},
	{V6(0, 0, 0, 0, 0, 0),               96,  ADDRESS_COMPATIBLE},
	{V6(0, 0, 0, 0, 0xffff, 0),          96,  ADDRESS_COMPATIBLE}, /* "IPv4-translated" */
	{V6(0x64, 0xff9b, 1, 0, 0, 0),       48,  ADDRESS_TRANSLATED},
	{V6(0x2001, 0, 0, 0, 0, 0),          32,  ADDRESS_TEREDO},
	{V6(0x2001, 2, 0, 0, 0, 0),          48,  ADDRESS_BENCHMARKING},
	{V6(0x2001, 0xdb8, 0, 0, 0, 0),      32,  ADDRESS_DOCUMENTATION},
	{V6(0x2001, 0, 0, 0, 0, 0),          23,  ADDRESS_RESERVED},
	{V6(0x2002, 0, 0, 0, 0, 0),          16,  ADDRESS_6TO4},
	{V6(0x3fff, 0, 0, 0, 0, 0),          20,  ADDRESS_DOCUMENTATION},
	{V6(0x2000, 0, 0, 0, 0, 0),          3,   ADDRESS_PUBLIC},
	{V6(0xfc00, 0, 0, 0, 0, 0),          7,   ADDRESS_UNIQUE_LOCAL},
	{V6(0xfe80, 0, 0, 0, 0, 0),          10,  ADDRESS_LINK_LOCAL},
	{V6(0xfec0, 0, 0, 0, 0, 0),          10,  ADDRESS_SITE_LOCAL},
	{V6(0xff00, 0, 0, 0, 0, 0),          8,   ADDRESS_MULTICAST},
	{{{0}},                              0,   ADDRESS_RESERVED},
};

// clang-format on

static const struct ip_address mapped = V4(0, 0, 0, 0), translator = V6(0x64, 0xff9b, 0, 0, 0, 0);

const char *address_class_name(enum address_class class)
{
	static const char *const names[ADDRESS_CLASSES] = {
		[ADDRESS_PUBLIC] = "public",
		[ADDRESS_UNSPECIFIED] = "unspecified",
		[ADDRESS_LOOPBACK] = "loopback",
		[ADDRESS_PRIVATE] = "private",
		[ADDRESS_SHARED] = "shared (CGNAT)",
		[ADDRESS_LINK_LOCAL] = "link-local",
		[ADDRESS_SITE_LOCAL] = "site-local",
		[ADDRESS_UNIQUE_LOCAL] = "unique local",
		[ADDRESS_MULTICAST] = "multicast",
		[ADDRESS_BROADCAST] = "broadcast",
		[ADDRESS_DOCUMENTATION] = "documentation",
		[ADDRESS_BENCHMARKING] = "benchmarking",
		[ADDRESS_PLATFORM] = "cloud platform",
		[ADDRESS_COMPATIBLE] = "IPv4-compatible",
		[ADDRESS_TRANSLATED] = "locally translated (NAT64)",
		[ADDRESS_6TO4] = "6to4",
		[ADDRESS_TEREDO] = "Teredo",
		[ADDRESS_RESERVED] = "reserved",
		[ADDRESS_OWN] = "this machine's own",
	};

	return names[class];
}

static bool begins_with(const struct ip_address *address, const struct ip_address *prefix, size_t bits)
{
	size_t bytes = bits / 8;
	uint8_t mask = (uint8_t)(0xff00 >> bits % 8);

	return memcmp(address->bytes, prefix->bytes, bytes) == 0 &&
	       (bits % 8 == 0 || ((address->bytes[bytes] ^ prefix->bytes[bytes]) & mask) == 0);
}

static bool is_v4(const struct ip_address *address)
{
	return begins_with(address, &mapped, MAPPED_BITS);
}

enum address_class address_class(const struct ip_address *address)
{
	struct ip_address inner = *address;
	size_t row = 0;

	if (begins_with(address, &translator, MAPPED_BITS))
		memcpy(inner.bytes, mapped.bytes, MAPPED_BITS / 8);
	while (!begins_with(&inner, &classes[row].prefix, classes[row].bits))
		row++; /* the last fits all */
	return classes[row].class;
}

bool address_parse(const char *text, struct ip_address *ret_address)
{
	struct ip_address v4 = mapped;

	if (inet_pton(AF_INET, text, v4.bytes + MAPPED_BITS / 8) == 1) {
		*ret_address = v4;
		return true;
	}
	return inet_pton(AF_INET6, text, ret_address->bytes) == 1;
}

void address_format(const struct ip_address *address, char text[static ADDRESS_TEXT])
{
	if (is_v4(address))
		inet_ntop(AF_INET, address->bytes + MAPPED_BITS / 8, text, ADDRESS_TEXT);
	else
		inet_ntop(AF_INET6, address->bytes, text, ADDRESS_TEXT);
}

bool address_of_socket(
	const struct sockaddr *socket, socklen_t bytes, struct ip_address *ret_address, uint16_t *ret_port)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (bytes >= sizeof v4 && socket->sa_family == AF_INET) {
		memcpy(&v4, socket, sizeof v4);
		*ret_address = mapped;
		memcpy(ret_address->bytes + MAPPED_BITS / 8, &v4.sin_addr, sizeof v4.sin_addr);
		*ret_port = ntohs(v4.sin_port);
		return true;
	}
	if (bytes < sizeof v6 || socket->sa_family != AF_INET6)
		return false;
	memcpy(&v6, socket, sizeof v6);
	memcpy(ret_address->bytes, &v6.sin6_addr, sizeof ret_address->bytes);
	*ret_port = ntohs(v6.sin6_port);
	return true;
}

bool address_equal(const struct ip_address *a, const struct ip_address *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

static bool is_zero_behind(const struct ip_address *address, size_t bits)
{
	static const struct ip_address zero = {{0}};
	struct ip_address rest = *address;

	memset(rest.bytes, 0, bits / 8);
	if (bits % 8)
		rest.bytes[bits / 8] &= (uint8_t)(0xff >> bits % 8);
	return address_equal(&rest, &zero);
}

bool network_parse(const char *text, struct network *ret_network)
{
	const char *slash = strchr(text, '/');
	size_t bytes = slash ? (size_t)(slash - text) : strlen(text);
	struct network network;
	char address[ADDRESS_TEXT];
	uint64_t bits, most;

	if (bytes >= sizeof address)
		return false;
	memcpy(address, text, bytes);
	address[bytes] = '\0';
	if (!address_parse(address, &network.prefix))
		return false;
	network.v4 = !strchr(address, ':');
	most = network.v4 ? 32 : 128;
	bits = most;
	if (slash && parse_u64(slash + 1, most, &bits) < 0)
		return false;
	network.bits = (uint8_t)(network.v4 ? V4_BITS(bits) : bits);
	network.v4 = network.v4 || (is_v4(&network.prefix) && network.bits >= MAPPED_BITS);
	if (!is_zero_behind(&network.prefix, network.bits))
		return false;
	*ret_network = network;
	return true;
}

bool network_has(const struct network *network, const struct ip_address *address)
{
	return is_v4(address) == network->v4 && begins_with(address, &network->prefix, network->bits);
}
