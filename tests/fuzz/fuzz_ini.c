/*
 * fuzz_ini.c - a configuration file of any bytes.  Reaches ini_next, the key
 * table, every value's reader, the checks, the printing of problems, and for
 * what is good the records: each of those must decode.
 */
#include <stdlib.h>

#include "broker/config/conf.h"
#include "ipc/birth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct conf_host host = { .root	    = true,
				       .name	    = "BOX",
				       .runtime_dir = "/run/b",
				       .state_dir   = "/var/lib/b",
				       .version	    = "1" };

static uint8_t records[32u * 1024 * 1024];
static char problems[64u * 1024];

static void
records_check(struct span all)
{
	static uint64_t msg[1024];
	struct rd r = rd_init(all);
	struct span body;
	uint16_t id;

	while (conf_next(&r, &id, &body)) {
		const struct msg_desc *d = msg_desc_find(id);

		if (!d || d->req_size > sizeof msg ||
		    nt_failed(msg_decode(body, d->req(), d->n_req, msg)))
			abort();
	}
	if (!rd_ok(&r))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wr w = wr_init(records, sizeof records);
	struct conf c;

	conf_init(&c, "fuzz", &host);
	conf_read(&c, SPAN(data, size));
	conf_check(&c, &host);
	if (conf_problems_print(&c, problems, sizeof problems) >= sizeof problems)
		abort();
	if (c.n_errors == 0) {
		conf_emit(&c, &host, &w);
		if (wr_ok(&w))
			records_check(wr_done(&w));
	}
	conf_drop(&c);
	return 0;
}
