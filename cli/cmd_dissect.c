/*
 * cmd_dissect.c - the packets of a capture, a line each, as trees or as JSON.
 *
 * The bytes are hostile and the parser runs in the user's own process: so the file
 * and the keys are opened first, then the walls come up, then it is read.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/secret.h"
#include "cli/cli.h"
#include "cli/confine.h"
#include "cli/dissect_input.h"
#include "cli/dissect_print.h"
#include "cli/traced.h"
#include "dissect/follow.h"
#include "dissect/link.h"
#include "proto/smb2/crypto.h"
#include "proto/transport.h"

struct dissect {
	const char *path;
	struct printer printer;
	struct keys *keys;
	struct input input;
};

/* ---- keys ---- */

static int
key_take(struct dissect *d, const char *text, const char *where)
{
	struct session_key k;

	if (!session_key_parse(text, &k))
		return cli_misused("%s: no SESSIONID:SESSIONKEY[:S2CKEY:C2SKEY]", where);
	if (!keys_add(d->keys, &k))
		return cli_misused("%s: more than %d session keys", where, KEYS_MAX);
	secret_wipe(&k, sizeof k);
	return EXIT_OK;
}

static int
key_file_take(struct dissect *d, const char *path)
{
	char line[512], where[300];
	unsigned number = 0;
	FILE *f		= fopen(path, "re");
	int rc		= EXIT_OK;

	if (!f)
		return cli_refused("%s: %s", path, strerror(errno));
	while (rc == EXIT_OK && fgets(line, sizeof line, f)) {
		size_t n = strcspn(line, "\r\n");

		line[n] = '\0';
		number++;
		(void)snprintf(where, sizeof where, "%.256s:%u", path, number);
		if (n > 0 && line[0] != '#')
			rc = key_take(d, line, where);
	}
	secret_wipe(line, sizeof line);
	(void)fclose(f);
	return rc;
}

static int
keys_take(struct dissect *d, const struct cli_args *a)
{
	int rc = EXIT_OK;

	for (size_t i = 0; i < a->n_given && rc == EXIT_OK; i++) {
		if (a->given[i].option == OPT_SESSION_KEY)
			rc = key_take(d, a->given[i].value, "--session-key");
		else if (a->given[i].option == OPT_SESSION_KEY_FILE)
			rc = key_file_take(d, a->given[i].value);
	}
	return rc;
}

/* ---- input ---- */

static int
capture_read(struct dissect *d, struct follow *follow, const uint8_t head[PCAP_HEAD])
{
	struct source source		      = { .read = input_read, .ctx = &d->input };
	CLEANUP(pcap_drop) struct pcap *pcap  = pcap_new(source, head);
	struct stream_sink sink		      = { follow_frame, follow_gone, follow };
	CLEANUP(streams_drop) struct streams *streams = streams_new(sink);
	uint64_t fragments		      = 0;
	enum pcap_result result;
	struct packet packet;
	struct segment segment;

	while ((result = pcap_next(pcap, &packet)) == PCAP_PACKET) {
		enum link_result link = link_segment(&packet, &segment);

		if (packet.number == 1)
			d->printer.start = packet.time;
		if (link == LINK_SEGMENT)
			streams_feed(streams, &packet, &segment);
		fragments += link == LINK_FRAGMENT;
	}
	streams_drop(STEAL(streams));
	(void)fflush(stdout);
	if (fragments > 0)
		(void)fprintf(stderr, "bulkhead: %" PRIu64 " IP fragments were not followed\n",
			      fragments);
	if (result == PCAP_BROKEN)
		return cli_refused("%s: %s", d->path, pcap_why(pcap));
	return EXIT_OK;
}

/* The transport's four bytes may stand before a message, or not. */
static struct span
transport_strip(struct span s)
{
	uint32_t len;

	if (s.n > TRANSPORT_HDR_SIZE && nt_ok(transport_decode(s.p, &len)) &&
	    len == s.n - TRANSPORT_HDR_SIZE)
		return SPAN(s.p + TRANSPORT_HDR_SIZE, len);
	return s;
}

static int
hex_read(struct dissect *d, struct follow *follow)
{
	uint8_t *bytes	   = xcalloc(1, TRANSPORT_LEN_MAX);
	void *user	   = NULL;
	struct frame frame = { .user = &user };
	unsigned line	   = 1;
	enum hex_result result;
	size_t n;

	while ((result = hex_next(&d->input, bytes, TRANSPORT_LEN_MAX, &n, &line)) == HEX_MESSAGE) {
		frame.number++;
		frame.bytes = transport_strip(SPAN(bytes, n));
		follow_frame(follow, &frame);
	}
	follow_gone(follow, user);
	free(bytes);
	if (result == HEX_BROKEN)
		return cli_refused("%s:%u: neither a capture nor hexadecimal digits", d->path, line);
	return EXIT_OK;
}

static int
read_all(struct dissect *d)
{
	struct follow_sink sink		     = { printer_message, &d->printer };
	CLEANUP(follow_drop) struct follow *f = follow_new(d->keys, sink);
	uint8_t head[PCAP_HEAD]		     = { 0 };
	size_t got			     = input_read(&d->input, head, sizeof head);
	int rc;

	if (got == sizeof head && memcmp(head, LIVE_HEAD, sizeof head) == 0) {
		live_read(&d->input, f, &d->printer);
		rc = EXIT_OK;
	} else if (got == sizeof head && pcap_is(head)) {
		rc = capture_read(d, f, head);
	} else {
		input_unread(&d->input, head, got);
		rc = hex_read(d, f);
	}
	if (d->input.failed)
		return cli_refused("%s: cannot be read", d->path);
	if (fflush(stdout) != 0 || ferror(stdout))
		return cli_refused("the output cannot be written");
	return rc;
}

static int
input_open(struct dissect *d)
{
	struct stat st;

	d->input.fd = STDIN_FILENO;
	if (strcmp(d->path, "-") != 0)
		d->input.fd = open(d->path, O_RDONLY | O_CLOEXEC);
	if (d->input.fd < 0)
		return cli_refused("%s: %s", d->path, strerror(errno));
	d->printer.live = fstat(d->input.fd, &st) != 0 || !S_ISREG(st.st_mode);
	return EXIT_OK;
}

int
cmd_dissect(struct cli *c)
{
	struct dissect *d = xcalloc(1, sizeof *d);
	int rc;

	d->path = c->args.operands[0];
	d->keys = keys_new();
	d->printer.form = printer_form(c);
	if (!nt_ok(smb2_crypto_init()))
		fatal("no cryptography");
	rc = keys_take(d, &c->args);
	if (rc == EXIT_OK)
		rc = input_open(d);
	if (rc == EXIT_OK) {
		cli_confine();
		rc = read_all(d);
	}
	keys_drop(d->keys);
	free(d);
	return rc;
}
