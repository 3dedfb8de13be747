/*
 * notify.c - sd_notify(3): a datagram to the service manager that started us.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "broker/spawner/spawner.h"

static int manager = -1; /* connected, or nobody asked */
static uint64_t watchdog_ms;

static void
watchdog_feed(void *ctx)
{
	struct spawner *sp = ctx;

	notify_say("WATCHDOG=1");
	loop_timer_set(sp->loop, &sp->watchdog, watchdog_ms, watchdog_feed, sp);
}

void
notify_open(struct spawner *sp)
{
	const char *path      = getenv("NOTIFY_SOCKET");
	const char *usec      = getenv("WATCHDOG_USEC");
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	size_t n	      = path ? strlen(path) : 0;

	if (n < 2 || n >= sizeof un.sun_path || !strchr("/@", path[0]))
		return;
	memcpy(un.sun_path, path, n);
	if (path[0] == '@')
		un.sun_path[0] = '\0'; /* the abstract name space */
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (manager < 0 || connect(manager, (struct sockaddr *)&un,
				   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) != 0) {
		log_warn("the service manager cannot be reached path=%s", log_qs(path));
		return;
	}
	watchdog_ms = usec ? strtoull(usec, NULL, 10) / 2000 : 0;
	if (watchdog_ms > 0)
		watchdog_feed(sp);
}

void
notify_say(const char *text)
{
	if (manager >= 0 && send(manager, text, strlen(text), MSG_NOSIGNAL) < 0)
		log_debug("the service manager did not hear %s", text);
}
