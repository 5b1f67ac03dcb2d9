/* socket.c - the listening socket: opened as the configuration says, or adopted from the service manager. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/parse.h"
#include "http/http.h"

enum { BACKLOG = 4096 };

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static int refuse(struct problem *reterr, const char *listen, const char *why)
{
	return problem_set(reterr, -EINVAL, PROBLEM_BAD_FIELD, "listen", "%s: %s", listen, why);
}

/* "ADDR:PORT" or "[V6]:PORT" */
static int read_address(const char *listen, union address *ret_address, struct problem *reterr)
{
	const char *colon = strrchr(listen, ':');
	union address address = {0};
	char host[64] = "";
	uint64_t port;
	size_t len;

	if (!colon || parse_u64(colon + 1, UINT16_MAX, &port) < 0)
		return refuse(reterr, listen, "must be ADDR:PORT or [V6]:PORT");
	len = (size_t)(colon - listen);
	if (len >= 2 && listen[0] == '[' && listen[len - 1] == ']' && len - 2 < sizeof host) {
		memcpy(host, listen + 1, len - 2);
		address.v6.sin6_family = AF_INET6;
		address.v6.sin6_port = htons((uint16_t)port);
		if (inet_pton(AF_INET6, host, &address.v6.sin6_addr) != 1)
			return refuse(reterr, listen, "is not an IPv6 address and a port");
	} else if (len < sizeof host) {
		memcpy(host, listen, len);
		address.v4.sin_family = AF_INET;
		address.v4.sin_port = htons((uint16_t)port);
		if (inet_pton(AF_INET, host, &address.v4.sin_addr) != 1)
			return refuse(reterr, listen, "is not an IPv4 address and a port");
	} else {
		return refuse(reterr, listen, "is too long for an address and a port");
	}
	*ret_address = address;
	return 0;
}

static bool is_loopback(const union address *address)
{
	switch (address->any.sa_family) {
	case AF_INET:
		return ntohl(address->v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	case AF_INET6:
		return IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr);
	default:
		return address->any.sa_family == AF_UNIX;
	}
}

static int require_loopback(const union address *address, struct problem *reterr)
{
	if (is_loopback(address))
		return 0;
	return problem_set(reterr, -EACCES, PROBLEM_BAD_FIELD, "listen",
		"without keys only loopback addresses may be listened on, and this version knows no keys");
}

/* The address with the port that the system chose. */
static int tell_address(int fd, char text[static HTTP_ADDRESS_TEXT], union address *ret_address)
{
	socklen_t size = sizeof *ret_address;
	char host[INET6_ADDRSTRLEN] = "";

	if (getsockname(fd, &ret_address->any, &size) < 0)
		return -errno;
	if (ret_address->any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &ret_address->v4.sin_addr, host, sizeof host);
		snprintf(text, HTTP_ADDRESS_TEXT, "%s:%u", host, ntohs(ret_address->v4.sin_port));
	} else if (ret_address->any.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &ret_address->v6.sin6_addr, host, sizeof host);
		snprintf(text, HTTP_ADDRESS_TEXT, "[%s]:%u", host, ntohs(ret_address->v6.sin6_port));
	} else {
		snprintf(text, HTTP_ADDRESS_TEXT, "a passed socket");
	}
	return 0;
}

static int open_socket(const union address *address)
{
	socklen_t size = address->any.sa_family == AF_INET ? sizeof address->v4 : sizeof address->v6;
	int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (bind(fd, &address->any, size) < 0 || listen(fd, BACKLOG) < 0) {
		int r = -errno;

		fd_close(fd);
		return r;
	}
	return fd;
}

int http_listen(const char *listen, int *ret_fd, char text[static HTTP_ADDRESS_TEXT], struct problem *reterr)
{
	union address address;
	int r = read_address(listen, &address, reterr), fd;

	if (r == 0)
		r = require_loopback(&address, reterr);
	if (r < 0)
		return r;
	fd = open_socket(&address);
	if (fd < 0)
		return problem_set(reterr, fd == -EINVAL ? -EIO : fd, PROBLEM_BAD_FIELD, "listen", "%s: %s",
			listen, strerror(-fd));
	r = tell_address(fd, text, &address);
	if (r < 0) {
		fd_close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}

int http_adopt(int fd, char text[static HTTP_ADDRESS_TEXT], struct problem *reterr)
{
	union address address = {0};
	int listening = 0;
	socklen_t size = sizeof listening;

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) < 0 || !listening)
		return problem_set(reterr, -EINVAL, PROBLEM_BAD_FIELD, "listen",
			"the passed descriptor is no listening socket");
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0 || tell_address(fd, text, &address) < 0)
		return problem_set(reterr, -errno, PROBLEM_INTERNAL, "listen", "%s", strerror(errno));
	return require_loopback(&address, reterr);
}
