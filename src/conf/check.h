/* check.h - the form of values that are more than numbers and words.  Each: 0, or -EINVAL with "is not ..." in reterr. */
#ifndef CONF_CHECK_H
#define CONF_CHECK_H

#include <stdbool.h>

#include "base/problem.h"

int check_listen(const char *text, struct problem *reterr);   /* "ADDR:PORT" or "[V6]:PORT", all in numbers */
int check_absolute(const char *text, struct problem *reterr); /* a path that begins with '/' */
int check_program(const char *text, struct problem *reterr);  /* the whole path of a file we may execute */
int check_argument(const char *text, struct problem *reterr); /* one of args: a template */
int check_exit_code(const char *text, struct problem *reterr);   /* one of failure: 1 to 255 */
int check_umask(const char *text, struct problem *reterr);       /* octal, up to 0777 */
int check_environment(const char *text, struct problem *reterr); /* one of env: NAME=value */

int check_readable(const char *text, struct problem *reterr); /* the whole path of a file we may read */
int check_network(const char *text, struct problem *reterr);
int check_host(const char *text, struct problem *reterr);
int check_secret(const char *text, struct problem *reterr); /* a file with a secret, or a credential */
int check_tenant(const char *text, struct problem *reterr);
int check_ports(const char *text, struct problem *reterr);
bool check_command_name(const char *name);

#endif
