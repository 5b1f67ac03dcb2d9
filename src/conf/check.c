/* check.c - the form of values that are more than numbers and words: addresses, paths, programs, environments. */
#include "conf/check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/parse.h"
#include "conf/secrets.h"
#include "core/command.h"
#include "core/guard.h"

#define ARGUMENT_MAX 4096 /* bytes of one argument's template, or of one variable */
#define COMMAND_NAME_MAX 64

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
#define DIGITS "0123456789"

/* A reason, to follow the key and its value in a message. */
#define wrong(reterr, ...) problem_set(reterr, -EINVAL, PROBLEM_BAD_FIELD, NULL, __VA_ARGS__)

union address {
	struct in_addr v4;
	struct in6_addr v6;
};

/* `text` has room for the brackets' inside or the dotted form; the port is right behind the last colon. */
static bool read_address(const char *from, size_t bytes, bool v6, union address *ret_address)
{
	char text[INET6_ADDRSTRLEN];

	if (v6) {
		from++;
		bytes -= 2;
	}
	if (bytes >= sizeof(text))
		return false;
	memcpy(text, from, bytes);
	text[bytes] = '\0';
	return inet_pton(v6 ? AF_INET6 : AF_INET, text, ret_address) == 1;
}

static bool is_loopback(const union address *address, bool v6)
{
	if (v6)
		return IN6_IS_ADDR_LOOPBACK(&address->v6);
	return ntohl(address->v4.s_addr) >> 24 == IN_LOOPBACKNET;
}

int check_listen(const char *text, struct problem *reterr)
{
	const char *colon = strrchr(text, ':');
	size_t bytes = colon ? (size_t)(colon - text) : 0;
	bool v6 = bytes >= 2 && text[0] == '[' && text[bytes - 1] == ']';
	union address address;
	uint64_t port;

	if (!colon || !read_address(text, bytes, v6, &address) || parse_u64(colon + 1, UINT16_MAX, &port) < 0)
		return wrong(reterr, "is not ADDRESS:PORT in numbers, as in 127.0.0.1:7117 or [::1]:7117");
	if (!is_loopback(&address, v6))
		return wrong(
			reterr, "is not a loopback address; others need keys, which this version has not");
	return 0;
}

int check_absolute(const char *text, struct problem *reterr)
{
	if (text[0] != '/')
		return wrong(reterr, "is not a path that begins with /");
	if (strlen(text) >= PATH_MAX)
		return wrong(reterr, "is not a path of less than %d bytes", PATH_MAX);
	return 0;
}

int check_program(const char *text, struct problem *reterr)
{
	struct stat status;
	int r = check_absolute(text, reterr);

	if (r < 0)
		return r;
	if (stat(text, &status) < 0)
		return wrong(reterr, "is not a program: %s", strerror(errno));
	if (!S_ISREG(status.st_mode))
		return wrong(reterr, "is not a program: it is no regular file");
	if (faccessat(AT_FDCWD, text, X_OK, AT_EACCESS) < 0)
		return wrong(reterr, "is not a program that may be executed: %s", strerror(errno));
	return 0;
}

int check_readable(const char *text, struct problem *reterr)
{
	struct stat status;
	int r = check_absolute(text, reterr);

	if (r < 0)
		return r;
	if (stat(text, &status) < 0 || faccessat(AT_FDCWD, text, R_OK, AT_EACCESS) < 0)
		return wrong(reterr, "is not a file that can be read: %s", strerror(errno));
	if (!S_ISREG(status.st_mode))
		return wrong(reterr, "is not a file that can be read: it is no regular file");
	return 0;
}

static int check_length(const char *text, struct problem *reterr)
{
	if (strlen(text) > ARGUMENT_MAX)
		return wrong(reterr, "is not a text of at most %d bytes", ARGUMENT_MAX);
	return 0;
}

/* By itself, so that the line of a bad element in a long list is known. */
int check_argument(const char *text, struct problem *reterr)
{
	char *element = (char *)text; /* only read */
	struct command_def alone = {
		.args = (char *[]){element, NULL}
        };
	struct problem why = {0};
	int r = check_length(text, reterr);

	if (r == 0 && command_template_check(&alone, &why) < 0)
		return wrong(reterr, "is not a template: %s", why.message);
	return r;
}

int check_environment(const char *text, struct problem *reterr)
{
	size_t name = strspn(text, LETTERS DIGITS);

	if (name == 0 || text[name] != '=' || strchr(DIGITS, text[0]))
		return wrong(reterr, "is not NAME=value with a name of letters, digits and _");
	return check_length(text, reterr);
}

int check_network(const char *text, struct problem *reterr)
{
	struct network network;

	return network_parse(text, &network)
		       ? 0
		       : wrong(reterr, "is not a network, as in 10.0.0.0/8, fd00::/8 or 192.0.2.1");
}

int check_host(const char *text, struct problem *reterr)
{
	return guard_host_valid(text)
		       ? 0
		       : wrong(reterr, "is not a host, as in intranet.example or *.intranet.example");
}

int check_secret(const char *text, struct problem *reterr)
{
	struct secret secret = {0};
	int r = secret_read(text, &secret, reterr);

	secret_fini(&secret);
	return r == -ENOMEM ? wrong(reterr, "is not read: out of memory") : r;
}

int check_tenant(const char *text, struct problem *reterr)
{
	return tenant_name_valid(text) ? 0 : wrong(reterr, "is not the name of a tenant");
}

int check_ports(const char *text, struct problem *reterr)
{
	struct port_range range;

	return port_range_parse(text, &range)
		       ? 0
		       : wrong(reterr, "is not a port or a range of them, as in 8443 or 8000-8999");
}

int check_exit_code(const char *text, struct problem *reterr)
{
	uint64_t code;

	if (parse_u64(text, UINT8_MAX, &code) < 0 || code == 0)
		return wrong(reterr, "is not an exit code of a failure, from 1 to 255");
	return 0;
}

int check_umask(const char *text, struct problem *reterr)
{
	size_t digits = strspn(text, "01234567");

	if (digits < 3 || digits > 4 || text[digits] || (digits == 4 && text[0] != '0'))
		return wrong(reterr, "is not three digits from 0 to 7, as in 027 or 0027");
	return 0;
}

bool check_command_name(const char *name)
{
	size_t bytes = strlen(name);

	return bytes > 0 && bytes <= COMMAND_NAME_MAX && strspn(name, LETTERS DIGITS "-") == bytes;
}
