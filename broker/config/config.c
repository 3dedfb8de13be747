/*
 * config.c - the configuration child: text in, typed records out, nothing else.
 *
 * The spawner opens the file and execs this with three descriptors: the text,
 * a memfd for the records, a memfd for the problems in words.  Whatever the
 * text makes of this process, all it has are those.  Exit code 0: the records
 * are good; 1: there are problems.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "broker/broker.h"
#include "broker/config/conf.h"

#define RECORDS_MAX  (16u * 1024 * 1024)
#define PROBLEMS_MAX (256u * 1024)
#define READ_SECONDS 20

struct config {
	struct conf_host host;
	const char *file; /* NULL: none, only words */
	int text, records, problems;
	char **words;
	size_t n_words;
};

static void
args_read(struct config *me, int argc, char **argv)
{
	if (argc < CONFIG_WORDS || strcmp(argv[CONFIG_END], "--") != 0)
		fatal("config is started by the broker itself");
	me->text	     = atoi(argv[CONFIG_TEXT]);
	me->records	     = atoi(argv[CONFIG_RECORDS]);
	me->problems	     = atoi(argv[CONFIG_PROBLEMS]);
	me->file	     = argv[CONFIG_FILE];
	me->host.name	     = argv[CONFIG_HOST];
	me->host.uid	     = (uid_t)strtoul(argv[CONFIG_UID], NULL, 10);
	me->host.gid	     = (gid_t)strtoul(argv[CONFIG_GID], NULL, 10);
	me->host.root	     = me->host.uid == 0;
	me->host.runtime_dir = argv[CONFIG_RUNTIME];
	me->host.state_dir   = argv[CONFIG_STATE];
	me->host.version     = argv[CONFIG_VERSION];
	me->words	     = argv + CONFIG_WORDS;
	me->n_words	     = (size_t)(argc - CONFIG_WORDS);
}

/* One byte more than is allowed, so that conf_read() can tell. */
static struct span
text_read(int fd)
{
	size_t n   = 0;
	char *text = xcalloc(CONF_TEXT_MAX + 1, 1);
	ssize_t got;

	while (n < CONF_TEXT_MAX + 1) {
		got = read(fd, text + n, CONF_TEXT_MAX + 1 - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	return SPAN(text, n);
}

static void
result_write(int fd, struct span s)
{
	while (s.n > 0) {
		ssize_t put = write(fd, s.p, s.n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			fatal("cannot write what I read: %s", strerror(errno));
		s.p += put;
		s.n -= (size_t)put;
	}
}

int
config_main(int argc, char **argv)
{
	struct config me = { 0 };
	struct conf c;
	char *problems = xcalloc(PROBLEMS_MAX, 1);
	struct wr w    = wr_init(xcalloc(RECORDS_MAX, 1), RECORDS_MAX);

	log_open("bulkhead-broker config");
	args_read(&me, argc, argv);
	(void)alarm(READ_SECONDS); /* whatever the text makes us do, it ends */
	config_confine(me.host.root);
	conf_init(&c, me.file, &me.host);
	if (me.text >= 0)
		conf_read(&c, text_read(me.text));
	conf_override(&c, me.words, me.n_words);
	conf_check(&c, &me.host);
	result_write(me.problems, SPAN(problems, conf_problems_print(&c, problems, PROBLEMS_MAX)));
	if (c.n_errors > 0)
		return EXIT_REFUSED;
	conf_emit(&c, &me.host, &w);
	if (!wr_ok(&w))
		fatal("the configuration is too large");
	result_write(me.records, wr_done(&w));
	return EXIT_OK;
}
