/* tree.c - see tree.h. */
#include "exec/tree.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { STOP_ROUNDS_MAX = 100, PATH_BYTES = 64, PIECE = 4096 };

struct tree {
	pid_t *pids; /* the first is this process; then in the order of their depth */
	size_t n, size;
	int signal;
	pid_t except; /* members of this group have been sent it */
};

/* Past the C library's heap, whose locks others hold too, and which they do not let go when they are killed. */
static bool grow(struct tree *tree)
{
	size_t bytes = tree->size * sizeof(pid_t), more = bytes ? 2 * bytes : PIECE;
	void *pids = bytes ? mremap(tree->pids, bytes, more, MREMAP_MAYMOVE)
			   : mmap(NULL, more, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pids == MAP_FAILED)
		return false;
	tree->pids = pids;
	tree->size = more / sizeof(pid_t);
	return true;
}

static bool add(struct tree *tree, pid_t pid)
{
	if (tree->n == tree->size && !grow(tree))
		return false;
	tree->pids[tree->n++] = pid;
	return true;
}

static pid_t parent_of(pid_t pid)
{
	char path[PATH_BYTES], text[512];
	const char *behind_name;
	int fd, parent = -1;
	ssize_t n;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof text - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	behind_name = strrchr(text, ')');
	if (!behind_name || sscanf(behind_name, ") %*c %d", &parent) != 1)
		return -1;
	return parent;
}

/*
 * Only this process takes its own children away, so their numbers stay theirs.  The number of one below may be another's
 * by now; then that has another parent.
 */
static void send_to(pid_t pid, pid_t parent, int number)
{
	pid_t self = getpid(), now;
	int fd;

	if (parent == self) {
		kill(pid, number);
		return;
	}
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (fd < 0)
		return;
	now = parent_of(pid);
	if (now == parent || now == self)
		syscall(SYS_pidfd_send_signal, fd, number, NULL, 0);
	close(fd);
}

static void take_child(struct tree *tree, pid_t parent, pid_t pid)
{
	if (!tree->except || getpgid(pid) != tree->except)
		send_to(pid, parent, tree->signal);
	add(tree, pid); /* without memory those below are seen when they have become our own */
}

/* Numbers with a blank behind each; one may lie across two pieces. */
static void read_children(struct tree *tree, pid_t parent, int fd)
{
	char piece[PIECE];
	ssize_t n;
	pid_t pid = 0;

	while ((n = read(fd, piece, sizeof piece)) > 0)
		for (ssize_t i = 0; i < n; i++) {
			if (isdigit((unsigned char)piece[i])) {
				pid = pid * 10 + (piece[i] - '0');
			} else if (pid > 0) {
				take_child(tree, parent, pid);
				pid = 0;
			}
		}
}

static void visit_thread(struct tree *tree, pid_t parent, int folder, const char *thread)
{
	char path[NAME_MAX + sizeof "/children"];
	int fd;

	if (!isdigit((unsigned char)thread[0]))
		return;
	snprintf(path, sizeof path, "%s/children", thread);
	fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	read_children(tree, parent, fd);
	close(fd);
}

/* Each thread has the children that it has started. */
static void visit(struct tree *tree, pid_t parent)
{
	char path[PATH_BYTES];
	_Alignas(struct dirent64) char piece[PIECE];
	ssize_t n;
	int folder;

	snprintf(path, sizeof path, "/proc/%d/task", (int)parent);
	folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return;
	while ((n = getdents64(folder, piece, sizeof piece)) > 0)
		for (ssize_t at = 0; at < n;) {
			const struct dirent64 *thread = (const struct dirent64 *)(piece + at);

			visit_thread(tree, parent, folder, thread->d_name);
			at += thread->d_reclen;
		}
	close(folder);
}

size_t tree_signal(int number, pid_t except)
{
	struct tree tree = {.signal = number, .except = except};
	size_t n = 0;

	if (add(&tree, getpid())) {
		for (size_t i = 0; i < tree.n; i++)
			visit(&tree, tree.pids[i]);
		n = tree.n - 1;
	}
	if (tree.pids)
		munmap(tree.pids, tree.size * sizeof(pid_t));
	return n;
}

size_t tree_kill(void)
{
	size_t before = 0, n = tree_signal(SIGSTOP, 0);

	for (int round = 1; n != before && round < STOP_ROUNDS_MAX; round++) {
		before = n;
		n = tree_signal(SIGSTOP, 0);
	}
	return tree_signal(SIGKILL, 0);
}
