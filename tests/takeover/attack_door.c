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
#define TRIES	3

static int
door_connect(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd		      = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)snprintf(at.sun_path, sizeof at.sun_path, "%.90s/broker.sock", loot.runtime);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool
holds(const char *got, size_t n, const char *text)
{
	return memmem(got, n, text, strlen(text)) != NULL;
}

/* Reads until one of the words has come: its index, or -1 at the end. */
static int
door_wait(int fd, const char *const *words)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char got[4096];
	size_t n = 0;
	ssize_t k;

	while (n < sizeof got && poll(&p, 1, WAIT_MS) == 1 &&
	       (k = read(fd, got + n, sizeof got - n)) > 0) {
		n += (size_t)k;
		for (int i = 0; words[i]; i++) {
			if (holds(got, n, words[i]))
				return i;
		}
	}
	return -1;
}

static bool
door_send(int fd, const char *bytes, size_t n)
{
	return write(fd, bytes, n) == (ssize_t)n;
}

static nt
door_ask(int fd)
{
	static const char greeting[64]	= "\xff\0\0\0\0\0\0\0\1\x7f\3\0NULL";
	static const char ready[]	= "\x04\x1c\5READY\x0bSocket-Type\0\0\0\6DEALER";
	static const char ask[]		= "\1\3BH1\1\1"
					  "1\1\x09user.list\0\2{}";
	static const char *const let[]	= { "READY", NULL };
	static const char *const said[] = { "ACCESS_DENIED", "STATUS_SUCCESS", NULL };

	if (!door_send(fd, greeting, sizeof greeting) || !door_send(fd, ready, sizeof ready - 1) ||
	    door_wait(fd, let) < 0)
		return STATUS_CONNECTION_REFUSED;
	if (!door_send(fd, ask, sizeof ask - 1))
		return STATUS_PIPE_BROKEN;
	switch (door_wait(fd, said)) {
	case 0:
		return STATUS_ACCESS_DENIED;
	case 1:
		return STATUS_SUCCESS;
	default:
		return STATUS_PIPE_BROKEN; /* no answer is a refusal as well */
	}
}

nt
door_try(struct link *l)
{
	nt s = STATUS_PIPE_BROKEN;

	(void)l;
	/* The api may be a new one each time: other captured processes are at work as well. */
	for (int i = 0; i < TRIES && nt_is(s, STATUS_PIPE_BROKEN); i++) {
		int fd = door_connect();

		s = fd >= 0 ? door_ask(fd) : STATUS_OBJECT_NAME_NOT_FOUND;
		if (fd >= 0)
			close(fd);
	}
	if (nt_ok(s))
		attack_answered(s);
	return s;
}
