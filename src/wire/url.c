/* url.c - see url.h; only what a wrong answer would cost an attempt for.  The rest is libcurl's to judge. */
#include "wire/url.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/parse.h"

static bool has_bad_character(const char *url)
{
	for (; *url; url++)
		if ((unsigned char)*url <= ' ' || *url == 0x7f)
			return true;
	return false;
}

/* "user:password@host:port", NULL when the scheme is not ours. */
static const char *authority(const char *url, size_t *ret_bytes)
{
	const char *from;

	if (strncasecmp(url, "http://", 7) == 0)
		from = url + 7;
	else if (strncasecmp(url, "https://", 8) == 0)
		from = url + 8;
	else
		return NULL;
	*ret_bytes = strcspn(from, "/?#");
	return from;
}

const char *url_userinfo(const char *url, size_t *ret_bytes)
{
	size_t bytes = 0;
	const char *from = authority(url, &bytes), *at = from ? memrchr(from, '@', bytes) : NULL;

	*ret_bytes = at ? (size_t)(at - from) : 0;
	return from;
}

/* ":port", or nothing. */
static bool port_is_good(const char *at, size_t bytes)
{
	char digits[6] = "";
	uint64_t port;

	if (bytes <= 1)
		return bytes == 0 || *at == ':';
	if (*at != ':' || bytes - 1 >= sizeof(digits))
		return false;
	memcpy(digits, at + 1, bytes - 1);
	return parse_u64(digits, UINT16_MAX, &port) == 0 && port > 0;
}

/* The bytes of the host, brackets included; 0: there is none. */
static size_t host_bytes(const char *host, size_t bytes)
{
	const char *end = memchr(host, *host == '[' ? ']' : ':', bytes);

	if (*host != '[')
		return end ? (size_t)(end - host) : bytes;
	return end && end > host + 1 ? (size_t)(end - host) + 1 : 0;
}

/* "host:port", NULL when the scheme is not ours. */
static const char *host_and_port(const char *url, size_t *ret_bytes)
{
	size_t user_bytes;
	const char *from = authority(url, ret_bytes);

	if (!from)
		return NULL;
	url_userinfo(url, &user_bytes);
	if (from[user_bytes] == '@')
		user_bytes++;
	*ret_bytes -= user_bytes;
	return from + user_bytes;
}

char *url_endpoint(const char *url)
{
	size_t bytes = 0;
	const char *from = host_and_port(url, &bytes);
	const int host = (int)host_bytes(from, bytes), port = (int)bytes - host;
	const bool secure = url[4] == 's' || url[4] == 'S';
	char *endpoint = NULL;

	if (port > 1 ? asprintf(&endpoint, "http%s://%.*s", secure ? "s" : "", (int)bytes, from) < 0
		     : asprintf(&endpoint, "http%s://%.*s:%s", secure ? "s" : "", host, from,
			       secure ? "443" : "80") < 0)
		return NULL;
	for (char *at = endpoint; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	return endpoint;
}

const char *url_fault(const char *url)
{
	size_t bytes, host;
	const char *from;

	if (has_bad_character(url))
		return "must not have spaces or control characters; write them as %20 and the like";
	from = host_and_port(url, &bytes);
	if (!from)
		return "must be absolute and begin with http:// or https://";
	host = host_bytes(from, bytes);
	if (bytes == 0 || host == 0)
		return "must name a host";
	return port_is_good(from + host, bytes - host) ? NULL : "must have a port from 1 to 65535, or none";
}
