/*
 * configure.c - runs the configuration child and takes what it made.
 *
 * The spawner opens the file, as it may be readable by root alone, and never
 * looks into it.  Of the records it reads two kinds, which speak of itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fatal.h"
#include "broker/broker.h"
#include "broker/config/conf.h"
#include "broker/spawner/spawner.h"
#include "ipc/msg/conf.msg.h"

#define DEFAULTS_MAX 65536u

/* -1 and *ret_err 0: there is none, and nobody insisted. */
static int
file_open(const struct options *o, int *ret_err)
{
	int fd = open(o->config, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	*ret_err = 0;
	if (fd < 0 && errno == ENOENT && !o->config_named)
		return -1;
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	*ret_err = fd < 0 ? errno : EINVAL;
	fprintf(stderr, "bulkhead: %s: %s\n", o->config,
		fd < 0 ? strerror(*ret_err) : "not a regular file");
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Descriptors start at 3 there: text (if any), records, problems. */
static pid_t
child_run(const struct options *o, const char *home, int text, const struct configuring *c)
{
	char uid[16], gid[16];
	int fds[3];
	size_t n	      = 0;
	static char records[] = "3", problems[] = "4", third[] = "5", none[] = "-1";
	char *argv[CONFIG_WORDS + OPTIONS_WORDS + 1] = { 0 };

	fds[n++] = c->records;
	fds[n++] = c->problems;
	if (text >= 0)
		fds[n++] = text;
	(void)snprintf(uid, sizeof uid, "%u", (unsigned)o->uid);
	(void)snprintf(gid, sizeof gid, "%u", (unsigned)o->gid);
	argv[0]		      = (char *)(uintptr_t) "bulkhead-broker";
	argv[1]		      = (char *)(uintptr_t) "config";
	argv[CONFIG_TEXT]     = text >= 0 ? third : none;
	argv[CONFIG_RECORDS]  = records;
	argv[CONFIG_PROBLEMS] = problems;
	argv[CONFIG_FILE]     = (char *)(uintptr_t)o->config;
	argv[CONFIG_HOST]     = (char *)(uintptr_t)o->host;
	argv[CONFIG_UID]      = uid;
	argv[CONFIG_GID]      = gid;
	argv[CONFIG_RUNTIME]  = (char *)(uintptr_t)o->default_runtime;
	argv[CONFIG_STATE]    = (char *)(uintptr_t)o->default_state;
	argv[CONFIG_VERSION]  = (char *)(uintptr_t)BULKHEAD_VERSION;
	argv[CONFIG_END]      = (char *)(uintptr_t) "--";
	memcpy(argv + CONFIG_WORDS, o->words, o->n_words * sizeof *argv);
	return spawn_program(home, "bulkhead-broker", argv, fds, n);
}

/* Nobody has said anything: there is no text that could do us harm, and no child is needed for it. */
static void
defaults_write(const struct options *o, const struct configuring *c)
{
	static uint8_t room[DEFAULTS_MAX];
	const struct conf_host host = { .root	     = o->uid == 0,
					.uid	     = o->uid,
					.gid	     = o->gid,
					.name	     = o->host,
					.runtime_dir = o->default_runtime,
					.state_dir   = o->default_state,
					.version     = BULKHEAD_VERSION };
	struct wr w		    = wr_init(room, sizeof room);
	struct conf conf;

	conf_init(&conf, o->config, &host);
	conf_check(&conf, &host);
	ENSURE(conf.n_errors == 0);
	conf_emit(&conf, &host, &w);
	conf_drop(&conf);
	ENSURE(wr_ok(&w) && write(c->records, w.base, w.pos) == (ssize_t)w.pos);
}

bool
configure_start(const struct options *o, const char *home, struct configuring *ret)
{
	int err;
	int text = file_open(o, &err);

	*ret = (struct configuring){ .records = -1, .problems = -1 };
	if (err != 0)
		return false;
	ret->records  = memfd_create("bulkhead-conf", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	ret->problems = memfd_create("bulkhead-problems", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (ret->records < 0 || ret->problems < 0)
		fatal("memfd_create: %s", strerror(errno));
	if (text < 0 && o->n_words == 0) {
		defaults_write(o, ret);
		return true;
	}
	ret->pid = child_run(o, home, text, ret);
	if (text >= 0)
		close(text);
	if (ret->pid > 0)
		return true;
	configure_done(ret);
	return false;
}

bool
configure_wait(struct configuring *c)
{
	int status = 0;

	while (c->pid > 0 && waitpid(c->pid, &status, 0) < 0) {
		if (errno != EINTR)
			fatal("waitpid: %s", strerror(errno));
	}
	c->pid = 0;
	configure_seal(c);
	if (WIFSIGNALED(status))
		fprintf(stderr, "bulkhead: the reader of the configuration died of signal %d\n",
			WTERMSIG(status));
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Nobody who gets a copy changes what the others read. */
void
configure_seal(const struct configuring *c)
{
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;

	if (fcntl(c->records, F_ADD_SEALS, seals) != 0 ||
	    fcntl(c->problems, F_ADD_SEALS, seals) != 0)
		fatal("F_ADD_SEALS: %s", strerror(errno));
}

void
configure_done(struct configuring *c)
{
	if (c->records >= 0)
		close(c->records);
	if (c->problems >= 0)
		close(c->problems);
	*c = (struct configuring){ .records = -1, .problems = -1 };
}

void
configure_tell(const struct configuring *c)
{
	char buf[4096];
	ssize_t n;

	if (lseek(c->problems, 0, SEEK_SET) != 0)
		return;
	while ((n = read(c->problems, buf, sizeof buf)) > 0)
		(void)fwrite(buf, 1, (size_t)n, stderr);
	(void)fflush(stderr);
}

/* ---- the records about ourselves ---- */

static bool
string_take(char *dst, size_t cap, struct str s)
{
	return s.n > 0 && (size_t)snprintf(dst, cap, "%s", s.s) < cap;
}

static bool
instance_take(struct span body, struct instance *inst)
{
	struct conf_instance_req r;

	if (nt_failed(conf_instance_req_decode(body, &r)))
		return false;
	inst->uid_first	      = r.worker_uid_first;
	inst->uid_last	      = r.worker_uid_last;
	inst->max_workers     = r.max_workers;
	inst->external	      = r.external;
	inst->wanted	      = r.wanted;
	inst->storages	      = r.storages;
	inst->watchdog_ms     = r.watchdog_ms;
	inst->require_sandbox = r.require_sandbox;
	inst->serves	      = r.serves;
	if (inst->uid_last > 0 && inst->uid_last - inst->uid_first - CONF_ROLE_UIDS < r.max_workers)
		inst->max_workers = inst->uid_last - inst->uid_first - CONF_ROLE_UIDS + 1;
	if (r.join_key.n > 0 &&
	    !string_take(inst->join_key, sizeof inst->join_key, r.join_key))
		return false;
	return string_take(inst->runtime, sizeof inst->runtime, r.runtime_dir) &&
	       string_take(inst->state, sizeof inst->state, r.state_dir);
}

static bool
listen_take(struct span body, struct instance *inst)
{
	struct conf_listen_req r;

	if (nt_failed(conf_listen_req_decode(body, &r)) || inst->n_listen == BIRTH_LISTENERS)
		return false;
	inst->listen[inst->n_listen++] = r.addr;
	return true;
}

static bool
api_listen_take(struct span body, struct instance *inst)
{
	struct conf_api_listen_req r;

	if (nt_failed(conf_api_listen_req_decode(body, &r)) || inst->n_api_listen == API_LISTENERS)
		return false;
	inst->api_listen[inst->n_api_listen++] = r.addr;
	return true;
}

static bool
storage_listen_take(struct span body, struct instance *inst)
{
	struct conf_storage_listen_req r;

	if (nt_failed(conf_storage_listen_req_decode(body, &r)) ||
	    inst->n_storage_listen == STORAGE_LISTENERS)
		return false;
	inst->storage_listen[inst->n_storage_listen++] = r.addr;
	return true;
}

static bool
records_take(struct span all, struct instance *inst)
{
	struct rd r = rd_init(all);
	struct span body;
	uint16_t id;
	bool ok = true;

	while (ok && conf_next(&r, &id, &body)) {
		if (id == part_conf_instance)
			ok = instance_take(body, inst);
		else if (id == part_conf_listen)
			ok = listen_take(body, inst);
		else if (id == part_conf_api_listen)
			ok = api_listen_take(body, inst);
		else if (id == part_conf_storage_listen)
			ok = storage_listen_take(body, inst);
	}
	return ok && rd_ok(&r) && inst->runtime[0] && inst->state[0];
}

bool
configure_instance(int records, struct instance *ret)
{
	struct instance inst = { 0 };
	struct stat st;
	void *mem;
	bool ok;

	if (fstat(records, &st) != 0 || st.st_size <= 0)
		return false;
	mem = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, records, 0);
	if (mem == MAP_FAILED)
		return false;
	ok = records_take(SPAN(mem, (size_t)st.st_size), &inst);
	(void)munmap(mem, (size_t)st.st_size);
	if (ok)
		*ret = inst;
	return ok;
}
