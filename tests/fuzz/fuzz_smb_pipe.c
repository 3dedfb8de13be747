/*
 * fuzz_smb_pipe.c - what a controller can say where its NETLOGON is reached by a
 * named pipe.  The input is a run of answers: the status (one of eight), two bytes
 * of length, and a body that follows a header which is as it should be, so that
 * the steps behind the first are reached; status 7 makes the length's bytes a
 * whole frame, header and all.  Reaches smb_feed, smb_negotiated, smb_challenged,
 * smb_proved, smb_tree_stands, smb_pipe_stands, smb_written, smb_came, smb_was_read.
 */
#include <stdlib.h>

#include "proto/smb2/crypto.h"
#include "tests/unit/authd/smb_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t hash[NTLM_KEY_SIZE];
static const struct smb_who who = { .host = "dc1", .pipe = "netlogon", .user = "FS1$",
				    .domain = "AD", .workstation = "FS1", .hash = hash };
static const nt statuses[] = { { NT_SUCCESS },	     { NT_MORE_PROCESSING_REQUIRED },
			       { NT_BUFFER_OVERFLOW }, { NT_ACCESS_DENIED },
			       { NT_LOGON_FAILURE },   { NT_PENDING },
			       { NT_SUCCESS } };
static uint8_t out[SMB_OUT_ROOM], in[80 * 1024];

/* One answer to the request in out; false: it is over. */
static bool
turn(struct smb *s, size_t *out_n, uint8_t kind, struct span body)
{
	struct wr w = wr_init(in, sizeof in), o = wr_init(out, sizeof out);
	const struct smb2_hdr h = server_heard(SPAN(out, *out_n));
	struct span bytes;
	enum smb_event event;

	if (transport_begin(&w) != 0)
		abort();
	if (kind < 7)
		(void)server_begin(&w, &h, &(struct answer){ .status = statuses[kind],
			.flags = kind == 5 ? SMB2_FLAGS_ASYNC_COMMAND : 0 });
	wr_span(&w, body);
	transport_end(&w, 0);
	bytes = wr_done(&w);
	if (nt_failed(smb_feed(s, &bytes, &o, &event)))
		return false;
	if (event == SMB_BYTES && smb_bytes(s).n > SMB_IN_MAX)
		abort();
	if (event == SMB_OPEN || event == SMB_READY)
		(void)smb_put(s, &o, SPAN("abcd", 4), event == SMB_READY).code;
	else if (event == SMB_BYTES)
		(void)smb_get(s, &o).code;
	*out_n = o.pos > 0 ? o.pos : *out_n;
	return bytes.n == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct smb s;
	struct rd r = rd_init(SPAN(data, size));
	struct wr o = wr_init(out, sizeof out);
	size_t out_n;
	bool on = true;

	if (nt_failed(smb2_crypto_init()))
		abort();
	smb_init(&s, &who);
	if (nt_failed(smb_begin(&s, &o)))
		abort();
	out_n = o.pos;
	while (on && rd_left(&r) > 3) {
		uint8_t kind = rd_u8(&r) & 7;
		size_t n     = rd_u16(&r);

		on = turn(&s, &out_n, kind, rd_bytes(&r, n < rd_left(&r) ? n : rd_left(&r)));
	}
	smb_drop(&s);
	return 0;
}
