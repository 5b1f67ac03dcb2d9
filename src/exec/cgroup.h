/* cgroup.h - the control group of a command, by its folder. */
#ifndef EXEC_CGROUP_H
#define EXEC_CGROUP_H

/* The calling process enters it.  0, or -1 and errno. */
int cgroup_join(const char *folder);

/* All that are in it are killed, whatever they do meanwhile.  0, or -1 and errno. */
int cgroup_kill(const char *folder);

#endif
