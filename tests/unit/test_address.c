/* test_address.c - what an address is for, at the borders of each prefix; networks, hosts and ports as they are written. */
#include <check.h>
#include <string.h>

#include "base/cleanup.h"
#include "core/guard.h"
#include "unit.h"

static struct ip_address address(const char *text)
{
	struct ip_address address;

	ck_assert_msg(address_parse(text, &address), "%s", text);
	return address;
}

static const struct {
	const char *text;
	enum address_class class;
} addresses[] = {
	{"0.0.0.0",			       ADDRESS_UNSPECIFIED  },
	{"0.255.255.255",                         ADDRESS_UNSPECIFIED  },
	{"1.0.0.0",			       ADDRESS_PUBLIC       },
	{"9.255.255.255",                         ADDRESS_PUBLIC       },
	{"10.0.0.0",			      ADDRESS_PRIVATE      },
	{"10.255.255.255",                        ADDRESS_PRIVATE      },
	{"11.0.0.0",			      ADDRESS_PUBLIC       },
	{"100.63.255.255",                        ADDRESS_PUBLIC       },
	{"100.64.0.0",			    ADDRESS_SHARED       },
	{"100.100.100.200",                       ADDRESS_SHARED       },
	{"100.127.255.255",                       ADDRESS_SHARED       },
	{"100.128.0.0",			   ADDRESS_PUBLIC       },
	{"126.255.255.255",                       ADDRESS_PUBLIC       },
	{"127.0.0.0",			     ADDRESS_LOOPBACK     },
	{"127.255.255.255",                       ADDRESS_LOOPBACK     },
	{"128.0.0.0",			     ADDRESS_PUBLIC       },
	{"168.63.129.15",                         ADDRESS_PUBLIC       },
	{"168.63.129.16",                         ADDRESS_PLATFORM     },
	{"169.253.255.255",                       ADDRESS_PUBLIC       },
	{"169.254.0.0",			   ADDRESS_LINK_LOCAL   },
	{"169.254.169.254",                       ADDRESS_LINK_LOCAL   },
	{"169.255.0.0",			   ADDRESS_PUBLIC       },
	{"172.15.255.255",                        ADDRESS_PUBLIC       },
	{"172.16.0.0",			    ADDRESS_PRIVATE      },
	{"172.31.255.255",                        ADDRESS_PRIVATE      },
	{"172.32.0.0",			    ADDRESS_PUBLIC       },
	{"192.0.0.192",			   ADDRESS_RESERVED     },
	{"192.0.1.0",			     ADDRESS_PUBLIC       },
	{"192.0.2.255",			   ADDRESS_DOCUMENTATION},
	{"192.88.99.1",			   ADDRESS_6TO4         },
	{"192.167.255.255",                       ADDRESS_PUBLIC       },
	{"192.168.0.0",			   ADDRESS_PRIVATE      },
	{"192.168.255.255",                       ADDRESS_PRIVATE      },
	{"192.169.0.0",			   ADDRESS_PUBLIC       },
	{"198.17.255.255",                        ADDRESS_PUBLIC       },
	{"198.18.0.0",			    ADDRESS_BENCHMARKING },
	{"198.19.255.255",                        ADDRESS_BENCHMARKING },
	{"198.20.0.0",			    ADDRESS_PUBLIC       },
	{"198.51.100.1",			  ADDRESS_DOCUMENTATION},
	{"203.0.113.1",			   ADDRESS_DOCUMENTATION},
	{"203.0.114.0",			   ADDRESS_PUBLIC       },
	{"223.255.255.255",                       ADDRESS_PUBLIC       },
	{"224.0.0.1",			     ADDRESS_MULTICAST    },
	{"239.255.255.255",                       ADDRESS_MULTICAST    },
	{"240.0.0.0",			     ADDRESS_RESERVED     },
	{"255.255.255.254",                       ADDRESS_RESERVED     },
	{"255.255.255.255",                       ADDRESS_BROADCAST    },
	{"8.8.8.8",			       ADDRESS_PUBLIC       },
	{"::",				    ADDRESS_UNSPECIFIED  },
	{"::1",				   ADDRESS_LOOPBACK     },
	{"::2",				   ADDRESS_COMPATIBLE   },
	{"::127.0.0.1",			   ADDRESS_COMPATIBLE   },
	{"::8.8.8.8",			     ADDRESS_COMPATIBLE   },
	{"::ffff:127.0.0.1",                      ADDRESS_LOOPBACK     },
	{"::ffff:10.1.2.3",                       ADDRESS_PRIVATE      },
	{"::ffff:8.8.8.8",                        ADDRESS_PUBLIC       },
	{"::ffff:0:127.0.0.1",                    ADDRESS_COMPATIBLE   },
	{"::1:0:0",			       ADDRESS_RESERVED     },
	{"64:ff9b::127.0.0.1",                    ADDRESS_LOOPBACK     },
	{"64:ff9b::169.254.169.254",              ADDRESS_LINK_LOCAL   },
	{"64:ff9b::8.8.8.8",                      ADDRESS_PUBLIC       },
	{"64:ff9b::1:8.8.8.8",                    ADDRESS_RESERVED     },
	{"64:ff9b:1::8.8.8.8",                    ADDRESS_TRANSLATED   },
	{"64:ff9b:1:ffff:ffff:ffff:ffff:ffff",    ADDRESS_TRANSLATED   },
	{"64:ff9b:2::",			   ADDRESS_RESERVED     },
	{"100::1",				ADDRESS_RESERVED     },
	{"1fff:ffff::",			   ADDRESS_RESERVED     },
	{"2000::",				ADDRESS_PUBLIC       },
	{"2001::1",			       ADDRESS_TEREDO       },
	{"2001:0:53aa:64c:0:7afb:80ff:fffe",      ADDRESS_TEREDO       },
	{"2001:1::1",			     ADDRESS_RESERVED     },
	{"2001:2::1",			     ADDRESS_BENCHMARKING },
	{"2001:10::1",			    ADDRESS_RESERVED     },
	{"2001:1ff:ffff::",                       ADDRESS_RESERVED     },
	{"2001:200::",			    ADDRESS_PUBLIC       },
	{"2001:db8::1",			   ADDRESS_DOCUMENTATION},
	{"2001:db9::1",			   ADDRESS_PUBLIC       },
	{"2002:7f00:1::1",                        ADDRESS_6TO4         },
	{"2002:808:808::1",                       ADDRESS_6TO4         },
	{"2003::1",			       ADDRESS_PUBLIC       },
	{"2606:4700:4700::1111",                  ADDRESS_PUBLIC       },
	{"3fff::1",			       ADDRESS_DOCUMENTATION},
	{"3fff:fff:ffff::",                       ADDRESS_DOCUMENTATION},
	{"3fff:1000::",			   ADDRESS_PUBLIC       },
	{"4000::",				ADDRESS_RESERVED     },
	{"5f00::1",			       ADDRESS_RESERVED     },
	{"fbff:ffff::",			   ADDRESS_RESERVED     },
	{"fc00::",				ADDRESS_UNIQUE_LOCAL },
	{"fd00:ec2::254",                         ADDRESS_UNIQUE_LOCAL },
	{"fdff:ffff::",			   ADDRESS_UNIQUE_LOCAL },
	{"fe00::",				ADDRESS_RESERVED     },
	{"fe80::1",			       ADDRESS_LINK_LOCAL   },
	{"febf:ffff::",			   ADDRESS_LINK_LOCAL   },
	{"fec0::1",			       ADDRESS_SITE_LOCAL   },
	{"feff:ffff::",			   ADDRESS_SITE_LOCAL   },
	{"ff02::1",			       ADDRESS_MULTICAST    },
	{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ff", ADDRESS_MULTICAST    },
};

START_TEST(each_address_is_of_the_class_that_its_longest_prefix_has)
{
	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		struct ip_address at = address(addresses[i].text);

		ck_assert_msg(address_class(&at) == addresses[i].class, "%s is %s", addresses[i].text,
			address_class_name(address_class(&at)));
	}
}
END_TEST

START_TEST(an_address_is_written_as_it_is_read_and_a_mapped_one_as_that_of_ipv4)
{
	static const char *const same[] = {
		"1.2.3.4", "255.255.255.255", "::1", "2001:db8::ff", "64:ff9b::808:808"};
	char text[ADDRESS_TEXT];
	struct ip_address mapped = address("::ffff:1.2.3.4"), v4 = address("1.2.3.4");

	for (size_t i = 0; i < ARRAY_LEN(same); i++) {
		struct ip_address at = address(same[i]);

		address_format(&at, text);
		ck_assert_str_eq(text, same[i]);
	}
	ck_assert(address_equal(&mapped, &v4));
	for (int class = 0; class < ADDRESS_CLASSES; class ++)
		ck_assert_str_ne(address_class_name((enum address_class) class), "");
}
END_TEST

START_TEST(what_is_no_address_in_numbers_is_not_read)
{
	static const char *const texts[] = {"", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "0x7f.0.0.1",
		"1.2.3.4 ", "::g", "fe80::1%eth0", "[::1]", "localhost", "1::2::3"};
	struct ip_address at;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		ck_assert_msg(!address_parse(texts[i], &at), "%s", texts[i]);
}
END_TEST

static const struct {
	const char *network, *address;
	bool has;
} members[] = {
	{"10.0.0.0/8",          "10.255.255.255",    true },
	{"10.0.0.0/8",          "11.0.0.0",          false},
	{"10.0.0.0/8",          "::ffff:10.0.0.1",   true },
	{"10.0.0.0/8",          "64:ff9b::10.0.0.1", false}, /* what its translator makes of it is not said */
	{"192.168.4.0/22",      "192.168.7.255",     true },
	{"192.168.4.0/22",      "192.168.8.0",       false},
	{"192.0.2.1",           "192.0.2.1",         true },
	{"192.0.2.1",           "192.0.2.2",         false},
	{"0.0.0.0/0",           "8.8.8.8",           true },
	{"0.0.0.0/0",           "::1",               false},
	{"::/0",                "::1",               true },
	{"::/0",                "127.0.0.1",         false},
	{"::ffff:10.0.0.0/104", "10.1.1.1",          true },
	{"fd00::/8",            "fdff::1",           true },
	{"fd00::/8",            "fe80::1",           false},
	{"2001:db8::/33",       "2001:db8:7fff::",   true },
	{"2001:db8::/33",       "2001:db8:8000::",   false},
	{"::1",		 "::1",               true },
	{"::1",		 "::",                false},
};

START_TEST(a_network_has_the_addresses_of_its_prefix_and_of_its_family)
{
	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		struct ip_address at = address(members[i].address);
		struct network network;

		ck_assert_msg(network_parse(members[i].network, &network), "%s", members[i].network);
		ck_assert_msg(network_has(&network, &at) == members[i].has, "%s, %s", members[i].network,
			members[i].address);
	}
}
END_TEST

START_TEST(a_network_that_is_not_meant_so_is_refused)
{
	static const char *const texts[] = {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/-1",
		"10.0.0.0/8 ", "10/8", "fd00::/129", "fd00::1/8", "2001:db8:8000::/32", "example.com", "*",
		"10.0.0.0/0x8", "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb/1"};
	struct network network;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		ck_assert_msg(!network_parse(texts[i], &network), "%s", texts[i]);
}
END_TEST

START_TEST(ports_are_one_or_a_range)
{
	static const char *const bad[] = {"", "0", "65536", "x", "80,443", "-1", "1-", "-", "90-80", "0-5",
		"1-65536", "http", "123456-7"};
	struct port_range range;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(!port_range_parse(bad[i], &range), "%s", bad[i]);
	ck_assert(port_range_parse("8443", &range) && range.first == 8443 && range.last == 8443);
	ck_assert(port_range_parse("1-65535", &range) && range.first == 1 && range.last == 65535);
}
END_TEST

START_TEST(a_host_is_a_name_and_no_address)
{
	static const char *const good[] = {
		"localhost", "a", "*.a", "intranet.example", "*.corp.example", "x_y.example", "a1-b.c2d"};
	static const char *const bad[] = {"", "*", "*.", ".a", "a.", "a..b", "a b", "*a.b", "a.*.b", "**.a",
		"127.0.0.1", "2130706433", "0x7f000001", "a.1", "::1", "[::1]", "a:80", "a/b",
		"b\xc3\xbc"
		"cher.example",
		"u@h"};

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		ck_assert_msg(guard_host_valid(good[i]), "%s", good[i]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(!guard_host_valid(bad[i]), "%s", bad[i]);
}
END_TEST

/* What a guard with nothing but these has to say. */
static enum guard_verdict judge(const struct guard *common, const struct guard *tenant, const char *host,
	const char *where, uint16_t port)
{
	struct ip_address ours = address("8.8.4.4");
	struct own_addresses own = {.addresses = &ours, .n = 1};
	struct guard_place place = {.host = host, .address = address(where), .port = port};
	enum address_class class;
	enum guard_verdict verdict = guard_judge(common, tenant, &own, &place, &class);

	ck_assert((class == ADDRESS_OWN) == (strcmp(where, "8.8.4.4") == 0));
	return verdict;
}

START_TEST(without_a_word_only_public_addresses_at_the_usual_ports_are_open)
{
	static const struct guard none;

	for (size_t i = 0; i < ARRAY_LEN(addresses); i++)
		ck_assert_msg((judge(&none, &none, "h", addresses[i].text, 443) == GUARD_OPEN) ==
				      (addresses[i].class == ADDRESS_PUBLIC),
			"%s", addresses[i].text);
	ck_assert_int_eq(judge(&none, &none, "h", "8.8.8.8", 80), GUARD_OPEN);
	ck_assert_int_eq(judge(&none, &none, "h", "8.8.8.8", 22), GUARD_PORT);
	ck_assert_int_eq(judge(&none, &none, "h", "8.8.4.4", 443), GUARD_ADDRESS);
	ck_assert_int_eq(judge(&none, &none, "h", "127.0.0.1", 22), GUARD_ADDRESS);
}
END_TEST

START_TEST(ports_open_public_addresses_only_and_networks_and_hosts_open_any_port)
{
	struct port_range range = {8000, 8999};
	struct network network;
	char *hosts[] = {(char *)"in.example", (char *)"*.Below.example", NULL};
	const struct guard none = {0}, ports = {.ports = &range, .n_ports = 1},
			   networks = {.networks = &network, .n_networks = 1}, named = {.hosts = hosts};

	ck_assert(network_parse("8.8.4.4", &network));
	ck_assert_int_eq(judge(&ports, &none, "h", "8.8.8.8", 8000), GUARD_OPEN);
	ck_assert_int_eq(judge(&ports, &none, "h", "8.8.8.8", 8999), GUARD_OPEN);
	ck_assert_int_eq(judge(&ports, &none, "h", "8.8.8.8", 9000), GUARD_PORT);
	ck_assert_int_eq(judge(&ports, &none, "h", "10.0.0.1", 8000), GUARD_ADDRESS);
	ck_assert_int_eq(
		judge(&none, &ports, "h", "8.8.8.8", 8000), GUARD_PORT); /* no tenant has ports of its own */
	ck_assert_int_eq(judge(&networks, &none, "h", "8.8.4.4", 22), GUARD_OPEN);
	ck_assert_int_eq(judge(&none, &networks, "h", "8.8.4.4", 22), GUARD_OPEN);
	ck_assert_int_eq(judge(&none, &named, "in.example", "10.0.0.1", 22), GUARD_OPEN);
	ck_assert_int_eq(judge(&named, &none, "IN.example.", "::1", 22), GUARD_OPEN);
	ck_assert_int_eq(judge(&named, &none, "a.b.below.EXAMPLE", "10.0.0.1", 22), GUARD_OPEN);
	ck_assert_int_eq(judge(&named, &none, "below.example", "10.0.0.1", 80), GUARD_ADDRESS);
	ck_assert_int_eq(judge(&named, &none, ".below.example", "10.0.0.1", 80), GUARD_ADDRESS);
	ck_assert_int_eq(judge(&named, &none, "xbelow.example", "10.0.0.1", 80), GUARD_ADDRESS);
	ck_assert_int_eq(judge(&named, &none, "in.example.evil.example", "10.0.0.1", 80), GUARD_ADDRESS);
	ck_assert_int_eq(judge(&named, &none, "xin.example", "10.0.0.1", 80), GUARD_ADDRESS);
	ck_assert_int_eq(judge(&named, &none, "in.example..", "10.0.0.1", 80), GUARD_ADDRESS);
	ck_assert_int_eq(judge(&named, &none, "", "10.0.0.1", 80), GUARD_ADDRESS);
}
END_TEST

START_TEST(a_sockets_address_is_read_whole_or_not_at_all)
{
	struct sockaddr_in v4 = {
		.sin_family = AF_INET, .sin_port = htons(8080), .sin_addr.s_addr = htonl(0x7f000001)};
	struct sockaddr_in6 v6 = {
		.sin6_family = AF_INET6, .sin6_port = htons(1), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr other = {.sa_family = AF_UNIX};
	struct ip_address at, want = address("127.0.0.1");
	uint16_t port;

	ck_assert(address_of_socket((struct sockaddr *)&v4, sizeof v4, &at, &port));
	ck_assert(address_equal(&at, &want) && port == 8080);
	ck_assert(!address_of_socket((struct sockaddr *)&v4, 4, &at, &port));
	ck_assert(address_of_socket((struct sockaddr *)&v6, sizeof v6, &at, &port));
	ck_assert_int_eq(address_class(&at), ADDRESS_LOOPBACK);
	ck_assert_uint_eq(port, 1);
	ck_assert(!address_of_socket((struct sockaddr *)&v6, sizeof v4, &at, &port));
	ck_assert(!address_of_socket(&other, sizeof other, &at, &port));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("address");

	tcase_add_test(tcase, each_address_is_of_the_class_that_its_longest_prefix_has);
	tcase_add_test(tcase, an_address_is_written_as_it_is_read_and_a_mapped_one_as_that_of_ipv4);
	tcase_add_test(tcase, what_is_no_address_in_numbers_is_not_read);
	tcase_add_test(tcase, a_network_has_the_addresses_of_its_prefix_and_of_its_family);
	tcase_add_test(tcase, a_network_that_is_not_meant_so_is_refused);
	tcase_add_test(tcase, ports_are_one_or_a_range);
	tcase_add_test(tcase, a_host_is_a_name_and_no_address);
	tcase_add_test(tcase, without_a_word_only_public_addresses_at_the_usual_ports_are_open);
	tcase_add_test(tcase, ports_open_public_addresses_only_and_networks_and_hosts_open_any_port);
	tcase_add_test(tcase, a_sockets_address_is_read_whole_or_not_at_all);
	return unit_run("address", tcase);
}
