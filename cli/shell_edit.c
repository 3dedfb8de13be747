/*
 * shell_edit.c - the prompt: libedit reads the line, keeps the history (0600) and
 * asks us what TAB means.  Ctrl-C throws the line away, not the shell.
 */
#include <errno.h>
#include <fcntl.h>
#include <histedit.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

#include "base/nt.h"
#include "cli/interrupt.h"
#include "cli/shell_tab.h"

#define HISTORY_LINES 1000

#ifdef BH_SANITIZE
/* libedit keeps the names of added functions for ever. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:wcsdup";
}
#endif

struct edit {
	struct cli *c;
	EditLine *el;
	History *history;
	HistEvent event;
	char file[4096];
	char prompt[URL_TEXT];
	sigset_t signals;	/* the mask while it is not reading a line */
};

static struct edit *
edit_of(EditLine *el)
{
	void *e = NULL;

	(void)el_get(el, EL_CLIENTDATA, &e);
	return e;
}

static char *
prompt(EditLine *el)
{
	struct edit *e = edit_of(el);

	(void)shell_prompt(e->c, e->prompt);
	return e->prompt;
}

/* Those that were held back come now. */
static bool
was_interrupted(const struct edit *e)
{
	sigset_t reading;

	(void)pthread_sigmask(SIG_SETMASK, &e->signals, &reading);
	(void)pthread_sigmask(SIG_SETMASK, &reading, NULL);
	return interrupted();
}

/*
 * Signals are held back but for here, so that Ctrl-C counts for what was typed before it
 * and not for what comes after.  ppoll() alone would let them wait while there is input.
 */
static ssize_t
get_byte(const struct edit *e, char *ret)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	int n;

	do
		n = ppoll(&p, 1, NULL, &e->signals);
	while (n < 0 && errno == EINTR && !interrupted());
	return was_interrupted(e) || n < 0 ? -1 : read(STDIN_FILENO, ret, 1);
}

/* A character of the terminal.  Ctrl-C reads as the end of a line that nobody wants. */
static int
get_char(EditLine *el, wchar_t *ret)
{
	mbstate_t state = { 0 };

	for (;;) {
		char byte;
		ssize_t n = get_byte(edit_of(el), &byte);

		if (interrupted()) {
			*ret = L'\n';
			return 1;
		}
		if (n <= 0)
			return (int)n;
		switch (mbrtowc(ret, &byte, 1, &state)) {
		case (size_t)-2:
			continue;
		case (size_t)-1:
			memset(&state, 0, sizeof state);
			continue;
		default:
			return 1;
		}
	}
}

/* ---- TAB ---- */

static unsigned char
complete(EditLine *el, int ch)
{
	struct edit *e       = edit_of(el);
	const LineInfo *line = el_line(el);
	size_t n             = (size_t)(line->cursor - line->buffer);
	char *before         = strndup(line->buffer, n);
	struct candidates cs = { 0 };
	unsigned char rc     = CC_ERROR;
	sigset_t reading;

	(void)ch;
	(void)pthread_sigmask(SIG_SETMASK, &e->signals, &reading);
	if (before)
		shell_complete(e->c, before, &cs);
	(void)pthread_sigmask(SIG_SETMASK, &reading, NULL);
	free(before);
	if (cs.n > 0)
		rc = shell_tab(el, &cs);
	candidates_free(&cs);
	return rc;
}

/* ---- history ---- */

static void
history_path(struct edit *e)
{
	const char *file = getenv("BULKHEAD_HISTORY"), *home = getenv("HOME");

	if (file)
		(void)snprintf(e->file, sizeof e->file, "%s", file);
	else if (home && home[0] == '/')
		(void)snprintf(e->file, sizeof e->file, "%s/.bulkhead_history", home);
}

/* It is there with its mode before anything is in it. */
static void
history_keep(struct edit *e)
{
	int fd = e->file[0] ? open(e->file, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;

	if (fd < 0)
		return;
	(void)fchmod(fd, 0600);
	(void)close(fd);
	(void)history(e->history, &e->event, H_SAVE, e->file);
}

static void
edit_open(struct edit *e)
{
	e->el      = el_init("bulkhead", stdin, stdout, stderr);
	e->history = history_init();
	(void)history(e->history, &e->event, H_SETSIZE, HISTORY_LINES);
	(void)history(e->history, &e->event, H_SETUNIQUE, 1);
	history_path(e);
	if (e->file[0])
		(void)history(e->history, &e->event, H_LOAD, e->file);
	(void)el_set(e->el, EL_CLIENTDATA, e);
	(void)el_set(e->el, EL_PROMPT, prompt);
	(void)el_set(e->el, EL_EDITOR, "emacs");
	(void)el_set(e->el, EL_HIST, history, e->history);
	(void)el_set(e->el, EL_GETCFN, get_char);
	(void)el_set(e->el, EL_ADDFN, "complete", "complete the word", complete);
	(void)el_set(e->el, EL_BIND, "^I", "complete", NULL);
}

/* Did it hold anything but blanks? */
static bool
is_line(const char *line)
{
	return line[strspn(line, " \t\r\n")] != '\0';
}

static char *
line_of(const char *read, int n)
{
	char *line = strndup(read, (size_t)n);

	if (line)
		line[strcspn(line, "\r\n")] = '\0';
	return line;
}

/* NULL: the end of what is typed.  Interrupted: whatever it was, nobody wants it. */
static const char *
edit_read(struct edit *e, int *ret_n)
{
	sigset_t block;
	const char *read;

	(void)sigemptyset(&block);
	(void)sigaddset(&block, SIGINT);
	(void)sigaddset(&block, SIGTERM);
	(void)sigaddset(&block, SIGHUP);
	interrupt_clear();
	(void)pthread_sigmask(SIG_BLOCK, &block, &e->signals);
	read = el_gets(e->el, ret_n);
	(void)pthread_sigmask(SIG_SETMASK, &e->signals, NULL);
	return read;
}

int
shell_edit(struct cli *c)
{
	struct edit e = { .c = c };
	const char *read;
	int n;

	edit_open(&e);
	while (!c->client->quit && !interrupt_ends()) {
		char *line;

		read = edit_read(&e, &n);
		if (interrupted())
			continue;
		if (!read || n <= 0)
			break;
		line = line_of(read, n);
		if (line && is_line(line)) {
			(void)history(e.history, &e.event, H_ENTER, line);
			(void)shell_line(c, line, true);
			history_keep(&e);
		}
		free(line);
	}
	if (!c->client->quit)
		(void)putchar('\n');
	history_end(e.history);
	el_end(e.el);
	return EXIT_OK;
}
