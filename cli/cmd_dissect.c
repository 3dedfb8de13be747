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
#include "dissect/follow.h"
#include "dissect/json.h"
#include "dissect/link.h"
#include "dissect/text.h"
#include "proto/smb2/crypto.h"
#include "proto/transport.h"

#define LINE_BYTES 16	/* of a value that is bytes, in a line */
#define TREE_BYTES 32

enum form { FORM_LINE, FORM_TREE, FORM_JSON };

struct dissect {
	const char *path;
	enum form form;
	bool live;	/* somebody may be waiting at the end of a pipe */
	uint64_t start;	/* time of the first packet */
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

/* ---- output ---- */

static void
out(void *ctx, const char *s, size_t n)
{
	(void)ctx;
	(void)fwrite(s, 1, n, stdout);
}

static uint64_t
number_of(const struct node *frame, const char *name)
{
	const struct node *n = node_child(frame, name);

	return n ? n->number : 0;
}

static void
endpoint_put(const struct text *t, const struct node *frame, const char *address, const char *port)
{
	const struct node *a = node_child(frame, address);

	text_put(t, a->bytes.n == 16 ? "[" : "");
	text_value(t, a, true);
	text_put(t, "%s:%" PRIu64 " ", a->bytes.n == 16 ? "]" : "", number_of(frame, port));
}

/* Number, seconds since the first packet, who to whom. */
static void
prefix_put(struct dissect *d, const struct text *t, const struct node *frame)
{
	uint64_t time  = number_of(frame, "Time");
	uint64_t since = time > d->start ? time - d->start : 0;

	text_put(t, "%5" PRIu64 " ", number_of(frame, "Number"));
	if (!node_child(frame, "Source"))
		return;
	text_put(t, "%" PRIu64 ".%06" PRIu64 " ", since / 1000000000, since / 1000 % 1000000);
	endpoint_put(t, frame, "Source", "SourcePort");
	text_put(t, "> ");
	endpoint_put(t, frame, "Destination", "DestinationPort");
}

static void
json_out(const struct tree *tree)
{
	json_t *j = dissect_json(tree_root(tree));
	char *text;

	if (tree->lost > 0)
		json_object_set_new(j, "MoreFields", json_integer((json_int_t)tree->lost));
	text = json_dumps(j, JSON_COMPACT | JSON_ENSURE_ASCII);
	if (!text)
		fatal("out of memory");
	(void)puts(text);
	free(text);
	json_decref(j);
}

static void
message_out(void *ctx, const struct tree *tree)
{
	struct dissect *d	   = ctx;
	const struct node *message = tree_root(tree);
	struct text t		   = { .put = out, .bytes_max = LINE_BYTES };

	if (d->form == FORM_JSON) {
		json_out(tree);
	} else {
		prefix_put(d, &t, node_child(message, "Frame"));
		text_line(&t, message);
		text_put(&t, "\n");
	}
	t.bytes_max = TREE_BYTES;
	if (d->form == FORM_TREE) {
		text_tree(&t, message, 1);
		if (tree->lost > 0)
			text_put(&t, "  [%zu more fields]\n", tree->lost);
	}
	if (d->live)
		(void)fflush(stdout);
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
			d->start = packet.time;
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
	struct follow_sink sink		     = { message_out, d };
	CLEANUP(follow_drop) struct follow *f = follow_new(d->keys, sink);
	uint8_t head[PCAP_HEAD]		     = { 0 };
	size_t got			     = input_read(&d->input, head, sizeof head);
	int rc;

	if (got == sizeof head && pcap_is(head)) {
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
	d->live = fstat(d->input.fd, &st) != 0 || !S_ISREG(st.st_mode);
	return EXIT_OK;
}

int
cmd_dissect(struct cli *c)
{
	struct dissect *d = xcalloc(1, sizeof *d);
	int rc;

	d->path = c->args.operands[0];
	d->keys = keys_new();
	d->form = c->json ? FORM_JSON : options_has(&c->args, OPT_TREE) ? FORM_TREE : FORM_LINE;
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
