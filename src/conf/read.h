/* read.h - the checked text of a configuration file -> struct conf, by libconfuse, which is known to read.c alone. */
#ifndef CONF_READ_H
#define CONF_READ_H

#include "conf/conf.h"
#include "conf/source.h"

/*
 * Read `source` into `conf`, which has the defaults.  0, -ENOMEM, or -EINVAL with "PATH:LINE: ..." in reterr; after
 * an error `conf` is partly filled and fit to be freed.  One thread at a time: the lexer is global.
 */
int read_conf(const char *path, const struct source *source, struct conf *conf, struct problem *reterr);

#endif
