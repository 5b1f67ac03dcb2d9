/*
 * network_stand_in.h - in place of the system's resolver, connect() and list of own addresses: names resolve to what a table says, and
 * no connection but to the loopback interface gets further than being noted.
 *
 * Numbers are read by the system's resolver, in all the forms that it knows.
 */
#ifndef TESTS_NETWORK_STAND_IN_H
#define TESTS_NETWORK_STAND_IN_H

#include <arpa/inet.h>
#include <check.h>
#include <dlfcn.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

enum { CONNECTS_MAX = 16, RESOLVED_MAX = 4 };

static const struct {
	const char *name, *addresses[RESOLVED_MAX];
} resolved[] = {
	{"public.test",     {"93.184.216.34"}                                },
	{"public6.test",    {"2606:2800:220:1::1"}                           },
	{"loopback.test",   {"127.0.0.1"}                                    },
	{"loopback6.test",  {"::1"}					  },
	{"private.test",    {"10.0.0.1"}				     },
	{"metadata.test",   {"169.254.169.254"}                              },
	{"metadata6.test",  {"fd00:ec2::254"}                                },
	{"mapped.test",     {"::ffff:192.168.1.1"}                           },
	{"translated.test", {"64:ff9b::7f00:1"}                              },
	{"zero.test",       {"0.0.0.0"}				      },
	{"inside.test",     {"10.0.0.1", "192.168.0.1", "::1", "fe80::1"}    },
	{"mixed.test",      {"10.0.0.1", "93.184.216.34", "::1", "127.0.0.1"}},
	{"own.test",        {"8.8.4.4"}				      },
	{"in.good.test",    {"127.0.0.1"}                                    },
	{"good.test",       {"127.0.0.1"}				    },
};

static pthread_mutex_t stand_in_lock = PTHREAD_MUTEX_INITIALIZER;
static char connects[CONNECTS_MAX][INET6_ADDRSTRLEN + 8];
static size_t n_connects;
static int n_rebound; /* how often rebind.test was asked for */
static bool own_fails;

static inline int real_getaddrinfo(
	const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **ret)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
	struct addrinfo numeric = *hints;

	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	numeric.ai_flags |= AI_NUMERICHOST;
	numeric.ai_family = AF_UNSPEC;
	return real(name, service, &numeric, ret);
}

static inline const char *const *find_addresses(const char *name)
{
	static const char *const first[] = {"93.184.216.34", NULL}, *const then[] = {"127.0.0.1", NULL};
	size_t bytes = strlen(name);

	if (bytes > 0 && name[bytes - 1] == '.')
		bytes--;
	if (bytes == strlen("rebind.test") && strncasecmp(name, "rebind.test", bytes) == 0)
		return n_rebound++ == 0 ? first : then;
	for (size_t i = 0; i < ARRAY_LEN(resolved); i++)
		if (strlen(resolved[i].name) == bytes && strncasecmp(resolved[i].name, name, bytes) == 0)
			return resolved[i].addresses;
	return NULL;
}

/* libcurl resolves names by this, in a thread of its own. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **ret)
{
	const char *const *addresses;
	struct addrinfo **end = ret;
	int r = 0;

	pthread_mutex_lock(&stand_in_lock);
	addresses = find_addresses(name);
	pthread_mutex_unlock(&stand_in_lock);
	if (!addresses)
		return real_getaddrinfo(name, service, hints, ret);
	for (size_t i = 0; r == 0 && i < RESOLVED_MAX && addresses[i]; i++) {
		r = real_getaddrinfo(addresses[i], service, hints, end);
		while (r == 0 && *end)
			end = &(*end)->ai_next;
	}
	return r;
}

int connect(int fd, const struct sockaddr *to, socklen_t bytes)
{
	int (*real)(int, const struct sockaddr *, socklen_t);
	char text[INET6_ADDRSTRLEN] = "";
	bool here = false;

	*(void **)&real = dlsym(RTLD_NEXT, "connect");
	if (to->sa_family == AF_INET) {
		const struct sockaddr_in *v4 = (const struct sockaddr_in *)to;

		here = ntohl(v4->sin_addr.s_addr) >> 24 == 127;
		inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text);
	} else if (to->sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)to)->sin6_addr, text, sizeof text);
	}
	pthread_mutex_lock(&stand_in_lock);
	if (n_connects < CONNECTS_MAX)
		snprintf(connects[n_connects++], sizeof connects[0], "%s", text);
	pthread_mutex_unlock(&stand_in_lock);
	if (here)
		return real(fd, to, bytes);
	errno = ECONNREFUSED;
	return -1;
}

/* This machine has 8.8.4.4. */
int getifaddrs(struct ifaddrs **ret)
{
	static struct sockaddr_in public = {.sin_family = AF_INET};
	static struct ifaddrs down = {.ifa_name = (char *)"down0"},
			      up = {.ifa_next = &down,
				      .ifa_name = (char *)"up0",
				      .ifa_addr = (struct sockaddr *)&public};

	if (own_fails) {
		errno = EMFILE;
		return -1;
	}
	inet_pton(AF_INET, "8.8.4.4", &public.sin_addr);
	*ret = &up;
	return 0;
}

void freeifaddrs(struct ifaddrs *list)
{
	(void)list;
}

/* Where connect() was called to since the last time this was asked, in one text. */
static inline const char *take_connects(void)
{
	static char all[CONNECTS_MAX * sizeof connects[0]];

	all[0] = '\0';
	pthread_mutex_lock(&stand_in_lock);
	for (size_t i = 0; i < n_connects; i++)
		strcat(strcat(all, i ? " " : ""), connects[i]);
	n_connects = 0;
	pthread_mutex_unlock(&stand_in_lock);
	return all;
}

#endif
