/*
 * attack_door.c - a captured process at the scripting socket, whose owner is
 * admin: a DEALER's half of ZMTP 3.0 by hand, then `user.list`.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/takeover/twin.h"

#define WAIT_MS 3000

static int
door_connect(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd                = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)snprintf(at.sun_path, sizeof at.sun_path, "%.90s/broker.sock", loot.runtime);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Greeting, READY, and a request of four frames. */
static bool
door_ask(int fd)
{
	static const char greeting[64] = "\xff\0\0\0\0\0\0\0\1\x7f\3\0NULL";
	static const char rest[]       = "\x04\x1c\5READY\x0bSocket-Type\0\0\0\6DEALER"
					 "\1\3BH1\1\1"
					 "1\1\x09user.list\0\2{}";

	return write(fd, greeting, sizeof greeting) == (ssize_t)sizeof greeting &&
	    write(fd, rest, sizeof rest - 1) == (ssize_t)sizeof rest - 1;
}

static bool
holds(const char *got, size_t n, const char *text)
{
	return memmem(got, n, text, strlen(text)) != NULL;
}

/* Nothing, or an end, is a refusal as well. */
static nt
door_answer(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char got[4096];
	size_t n = 0;
	ssize_t k;

	while (n < sizeof got && poll(&p, 1, WAIT_MS) == 1 &&
	       (k = read(fd, got + n, sizeof got - n)) > 0) {
		n += (size_t)k;
		if (holds(got, n, "ACCESS_DENIED"))
			return STATUS_ACCESS_DENIED;
		if (holds(got, n, "STATUS_SUCCESS") || holds(got, n, loot.user))
			return STATUS_SUCCESS;
	}
	return n == 0 ? STATUS_CONNECTION_REFUSED : STATUS_PIPE_BROKEN;
}

nt
door_try(struct link *l)
{
	int fd = door_connect();
	nt s   = STATUS_OBJECT_NAME_NOT_FOUND;

	(void)l;
	if (fd >= 0) {
		s = door_ask(fd) ? door_answer(fd) : STATUS_PIPE_BROKEN;
		close(fd);
	}
	if (nt_ok(s))
		attack_answered(s);
	return s;
}
