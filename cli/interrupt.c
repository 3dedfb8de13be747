/* interrupt.c - SIGINT sets a flag; twice in a row it kills. */
#include "cli/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t came;
static volatile time_t last;

static void
on_signal(int sig)
{
	time_t now = time(NULL);

	if (came && now - last <= 1) {
		(void)signal(sig, SIG_DFL);
		(void)raise(sig);
	}
	came = 1;
	last = now;
}

void
interrupt_catch(void)
{
	struct sigaction sa = { .sa_handler = on_signal };

	(void)sigemptyset(&sa.sa_mask);
	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
}

bool
interrupted(void)
{
	return came != 0;
}

void
interrupt_clear(void)
{
	came = 0;
}
