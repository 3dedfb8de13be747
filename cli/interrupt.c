/* interrupt.c - Ctrl-C and its like set a flag; twice in a row they kill. */
#include "cli/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t came, end;
static volatile time_t last;

static void
on_signal(int sig)
{
	time_t now = time(NULL);

	/* A terminal that is closed says so twice: itself, and by its shell. */
	if (came && sig != SIGHUP && now - last <= 1) {
		(void)signal(sig, SIG_DFL);
		(void)raise(sig);
	}
	came = 1;
	end  = end || sig != SIGINT;
	last = now;
}

void
interrupt_catch(void)
{
	struct sigaction sa = { .sa_handler = on_signal }, before;

	(void)sigemptyset(&sa.sa_mask);
	if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
		(void)sigaction(SIGHUP, &sa, NULL);	/* not under nohup */
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

bool
interrupt_ends(void)
{
	return end != 0;
}
